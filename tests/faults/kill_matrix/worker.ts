// A worker: one function in a process of its own, with its real surroundings. Before each call to the
// outside, and after its answer, it says so and waits for a word: whoever is to be killed there is
// killed while it waits.
//
// More time may have to pass than a test has: how much more stands in a file, which is read whenever the
// process looks how much has passed, so that it knows from the first moment after a sleep on.
//
// Lines of JSON. In: first the settings, then `{"call", "do", "skewMs"?}`. Out: `{"port"}`,
// `{"call", "phase", "method", "url", "status"?, "isEmpty"?}`, `{"idleAfter"}`.
import { readPlatformEnv } from "../../../supabase/functions/_shared/env/platform_env.ts";
import type { FunctionDeps } from "../../../supabase/functions/_shared/http/function_deps.ts";
import type { Call, CallPhase, Order } from "./call.ts";
import { readLines } from "./read_lines.ts";

const [name = "", passedFile = ""] = Deno.args;
const lines = readLines(Deno.stdin.readable);
const encoder = new TextEncoder();
const waiting = new Map<string, (order: Order) => void>();
const settings: Readonly<Record<string, string>> = JSON.parse(
  (await lines.next()).value ?? "{}",
);
let calls = 0;
let served = 0;
let busy = 0;
let skewMs = 0;

// This clock does not stand still while the process sleeps, and no setting turns it back
const elapsedMs = performance.now.bind(performance);
Object.defineProperty(performance, "now", {
  value: () => elapsedMs() + Number(Deno.readTextFileSync(passedFile)),
});

// Leases are renewed so often that a test can wait for it
const setIntervalAsIs = globalThis.setInterval;
const HURRY = 40;
Object.defineProperty(globalThis, "setInterval", {
  value: (work: () => void, ms: number) => setIntervalAsIs(work, ms > 2_000 ? ms / HURRY : ms),
});

function say(message: unknown): void {
  Deno.stdout.writeSync(encoder.encode(`${JSON.stringify(message)}\n`));
}

async function hear(): Promise<void> {
  for await (const line of lines) {
    const order: Order & { call: number; phase: CallPhase } = JSON.parse(line);
    waiting.get(`${order.call} ${order.phase}`)?.(order);
    waiting.delete(`${order.call} ${order.phase}`);
  }
  // Whoever started this process is gone
  Deno.exit(0);
}

async function ask(call: Call): Promise<Order> {
  const { promise, resolve } = Promise.withResolvers<Order>();
  waiting.set(`${call.call} ${call.phase}`, resolve);
  say(call);
  const order = await promise;
  skewMs += order.skewMs ?? 0;
  return order;
}

const fetchOrAsk: typeof globalThis.fetch = async (input, init) => {
  const call = ++calls;
  const url = input instanceof Request ? input.url : String(input);
  const method = init?.method ?? (input instanceof Request ? input.method : "GET");
  const before = await ask({ call, phase: "before", method, url });
  if (before.do === "fail") throw new TypeError("connection reset");
  let answer: Response;
  let isEmpty: boolean;
  try {
    ({ answer, isEmpty } = await callOutside(url, input, init));
  } catch (error) {
    // A call that broke by itself is over too: whoever waits for its end has to hear of it
    await ask({ call, phase: "after", method, url, status: 0 });
    throw error;
  }
  const { status } = answer;
  const after = await ask({ call, phase: "after", method, url, status, isEmpty });
  if (after.do !== "fail") return answer;
  await answer.body?.cancel();
  throw new TypeError("connection reset");
};

/** Of the database's answers everything is read, so that it is known whether they hold anything. */
async function callOutside(
  url: string,
  ...call: Parameters<typeof globalThis.fetch>
): Promise<{ answer: Response; isEmpty: boolean }> {
  const response = await fetch(...call);
  if (url.includes("/rest/v1/")) return await readWhole(response);
  return { answer: response, isEmpty: false };
}

async function readWhole(response: Response): Promise<{ answer: Response; isEmpty: boolean }> {
  const text = await response.text();
  const { status, headers } = response;
  return {
    answer: new Response(status === 204 ? null : text, { status, headers }),
    isEmpty: ["", "[]", "null"].includes(text),
  };
}

async function track(work: Promise<unknown>): Promise<void> {
  busy += 1;
  await work.catch(() => undefined);
  busy -= 1;
  if (busy === 0) say({ idleAfter: served });
}

const deps: FunctionDeps = {
  env: readPlatformEnv((variable) => settings[variable]),
  readVariable: (variable) => settings[variable],
  fetch: fetchOrAsk,
  clock: { now: () => new Date(Date.now() + skewMs) },
  writeLine: (line) => {
    if (!line.includes('"level":"info"')) say({ line });
  },
  runInBackground: (work) => void track(work),
};
const { createApp } = await import(`../../../supabase/functions/${name}/app.ts`);
const app: { fetch(request: Request): Promise<Response> } = createApp(deps);
const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, (request) => {
  served += 1;
  const answer = app.fetch(request);
  void track(answer);
  return answer;
});
say({ port: server.addr.port });
await hear();
