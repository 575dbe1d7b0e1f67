// First module of a function's process: recreates the hosted runtime's globals, then loads the
// function. Nothing here may import a package, since its weight would be added to every boot.
//
// The supervisor talks to this process by its standard input: `beforeunload <reason>` is a warning,
// `retire <reason>` asks it to finish what is under way and leave; the end of the input means that
// the supervisor is gone.

type Handler = Deno.ServeHandler;
type ServeOptions = {
  readonly handler?: Handler;
  readonly onError?: (error: unknown) => Response | Promise<Response>;
};

const [socketPath = "", entrypoint = ""] = Deno.args;

// What only the launch of this process needed. The platform shows a function none of it.
const LAUNCH_VARIABLES = [
  "DENO_DIR",
  "DENO_NO_UPDATE_CHECK",
  "DENO_NODE_SHIM_ACTIVE",
  "NO_COLOR",
  "PATH",
];
for (const name of LAUNCH_VARIABLES) Deno.env.delete(name);

const background = new Set<Promise<unknown>>();
let server: Deno.HttpServer | undefined;
const serve = Deno.serve;

Object.defineProperty(globalThis, "EdgeRuntime", {
  configurable: true,
  value: Object.freeze({ waitUntil }),
});
Object.defineProperty(Deno, "serve", { configurable: true, value: registerServer });
// The hosted runtime has no Web Worker API, so a function must not come to rely on one here.
Reflect.deleteProperty(globalThis, "Worker");

void listenToSupervisor(Deno.stdin.readable);
await loadFunction(entrypoint);

/** Keeps the process alive until the promise settles, as `EdgeRuntime.waitUntil` does. */
function waitUntil<T>(task: T): T {
  if (task instanceof Promise) void track(task);
  return task;
}

async function track(task: Promise<unknown>): Promise<void> {
  background.add(task);
  try {
    await task;
  } catch (error) {
    console.error("Background task failed:", error);
  } finally {
    background.delete(task);
  }
}

async function loadFunction(url: string): Promise<void> {
  const module: { readonly default?: unknown } = await import(url);
  const exported = module.default;
  if (typeof exported !== "object" || exported === null || !("fetch" in exported)) return;
  const { fetch } = exported;
  if (typeof fetch !== "function") {
    throw new TypeError("Invalid type for fetch: must be a function with a single or no parameter");
  }
  registerServer((request) => fetch.call(exported, request));
}

function registerServer(first: Handler | ServeOptions, second?: Handler): Deno.HttpServer {
  if (server) throw new Error("Cannot serve twice: a function has one handler");
  const options: ServeOptions = typeof first === "function" ? {} : first;
  const handler = typeof first === "function" ? first : second ?? first.handler;
  if (!handler) throw new TypeError("A handler function must be provided.");
  server = serve(
    {
      path: socketPath,
      onListen: () => {},
      ...(options.onError && { onError: options.onError }),
    },
    // Only the request is passed, as on the platform.
    (request: Request) => Reflect.apply(handler, undefined, [request]),
  );
  return server;
}

async function listenToSupervisor(input: ReadableStream<Uint8Array<ArrayBuffer>>): Promise<void> {
  let pendingLine = "";
  for await (const text of input.pipeThrough(new TextDecoderStream())) {
    const lines = (pendingLine + text).split("\n");
    pendingLine = lines.pop() ?? "";
    for (const line of lines) {
      const [order, reason = ""] = line.split(" ");
      if (order === "beforeunload") announce(reason);
      if (order === "retire") void retire(reason);
    }
  }
  Deno.exit(0);
}

function announce(reason: string): void {
  globalThis.dispatchEvent(new CustomEvent("beforeunload", { detail: { reason } }));
}

async function retire(reason: string): Promise<void> {
  announce(reason);
  await server?.shutdown();
  while (background.size > 0) await Promise.allSettled(background);
  Deno.exit(0);
}
