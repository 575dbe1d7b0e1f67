// The function room: answers /<name>/… as the platform's gateway does, with one process a function.

import { join } from "node:path";
import type { HttpRoom } from "../contracts.ts";
import { startWarden, type Warden } from "../warden.ts";
import { discoverFunctions, type FunctionSpec } from "./discover_functions.ts";
import { FunctionSlot, type FunctionSlotOptions } from "./function_slot.ts";
import { type FunctionLimits, type FunctionLogLine, HOSTED_LIMITS } from "./function_worker.ts";
import { functionNotFound, shuttingDown, unauthorized } from "./platform_answers.ts";
import { watchSources } from "./watch_sources.ts";

/** What the function room is made of. */
export interface FunctionsOptions {
  /** The folder that holds `supabase/`. */
  readonly projectDir: string;
  /** What every function gets to see, the function's own slug aside. */
  readonly env: Readonly<Record<string, string>>;
  /** Accepts a token of this project, or throws. */
  readonly verify: (jwt: string) => Promise<unknown>;
  readonly onLog?: (line: FunctionLogLine) => void;
  readonly limits?: Partial<FunctionLimits>;
  /** Whether a changed source file is loaded without being asked to; it is, by default. */
  readonly watch?: boolean;
  /** Ends the processes with the stack; the room starts one of its own when none is given. */
  readonly warden?: Warden;
}

/** The function room of a stack. */
export interface FunctionsRoom extends HttpRoom {
  /** The functions that are served, by name. */
  list(): readonly FunctionSpec[];
  /** Numbers of the processes of a function that are alive. */
  pidsOf(slug: string): readonly number[];
}

const SOCKET_ROOT = "/tmp";
const SOCKET_PREFIX = "sixty-functions-";

/**
 * Serves every function of a project. A function's process starts with its first request, so a stack
 * with many functions boots as fast as one with none.
 *
 * @param options The project and what its functions see.
 * @returns The room; a request's path begins with the function's name.
 */
export async function createFunctionsHandler(options: FunctionsOptions): Promise<FunctionsRoom> {
  const { projectDir, verify, onLog = () => {} } = options;
  const warden = options.warden ?? startWarden();
  await removeAbandonedSockets();
  const socketDir = await Deno.makeTempDir({
    dir: SOCKET_ROOT,
    prefix: `${SOCKET_PREFIX}${Deno.pid}-`,
  });
  const slots = new FunctionSlots({
    projectDir,
    socketDir,
    env: options.env,
    limits: { ...HOSTED_LIMITS, ...options.limits },
    warden,
    onLog,
  });
  await slots.refresh(null);
  const watch = options.watch === false
    ? null
    : watchSources(projectDir, (slugs) => void slots.refresh(slugs));
  let isClosed = false;

  return {
    async fetch(request) {
      if (isClosed) return shuttingDown();
      const slot = slots.find(new URL(request.url).pathname.split("/")[1] ?? "");
      if (!slot) return functionNotFound();
      if (slot.spec.verifyJwt && request.method !== "OPTIONS") {
        const refusal = await refuseCaller(request.headers.get("authorization"), verify);
        if (refusal) return refusal;
      }
      return await slot.fetch(request);
    },
    list: () => slots.list(),
    pidsOf: (slug) => slots.find(slug)?.pids ?? [],
    async close() {
      isClosed = true;
      watch?.close();
      await slots.close();
      if (!options.warden) await warden.close();
      await Deno.remove(socketDir, { recursive: true }).catch(() => undefined);
    },
  };
}

/** The functions of a project, kept in step with its files. */
class FunctionSlots {
  readonly #options: FunctionSlotOptions;
  readonly #slots = new Map<string, FunctionSlot>();

  constructor(options: FunctionSlotOptions) {
    this.#options = options;
  }

  find(slug: string): FunctionSlot | undefined {
    return this.#slots.get(slug);
  }

  list(): FunctionSpec[] {
    return [...this.#slots.values()].map((slot) => slot.spec);
  }

  async refresh(changed: ReadonlySet<string> | null): Promise<void> {
    const specs = await this.#discover();
    if (!specs) return;
    for (const [slug, slot] of this.#slots) {
      if (!changed || changed.has(slug) || !specs.has(slug)) slot.replace("early_drop");
      if (!specs.has(slug)) this.#slots.delete(slug);
    }
    for (const [slug, spec] of specs) {
      const slot = this.#slots.get(slug);
      if (slot) slot.spec = spec;
      else this.#slots.set(slug, new FunctionSlot(spec, this.#options));
    }
  }

  async close(): Promise<void> {
    await Promise.all([...this.#slots.values()].map((slot) => slot.close()));
  }

  // A file that is being edited may be unreadable for a moment: what was served goes on being served.
  async #discover(): Promise<Map<string, FunctionSpec> | null> {
    try {
      return await discoverFunctions(this.#options.projectDir);
    } catch (error) {
      if (this.#slots.size === 0) throw error;
      this.#options.onLog({ slug: "config.toml", level: "error", text: String(error) });
      return null;
    }
  }
}

async function refuseCaller(
  authorization: string | null,
  verify: (jwt: string) => Promise<unknown>,
): Promise<Response | null> {
  if (!authorization) return unauthorized("Error: Missing authorization header");
  const [scheme, token] = authorization.split(" ");
  if (scheme !== "Bearer") return unauthorized("Error: Auth header is not 'Bearer {token}'");
  try {
    await verify(token ?? "");
    return null;
  } catch {
    return unauthorized("Invalid JWT");
  }
}

/** Removes the socket folders of stacks that were killed. */
async function removeAbandonedSockets(): Promise<void> {
  for await (const entry of Deno.readDir(SOCKET_ROOT)) {
    if (!entry.name.startsWith(SOCKET_PREFIX)) continue;
    const pid = Number.parseInt(entry.name.slice(SOCKET_PREFIX.length), 10);
    if (isAlive(pid)) continue;
    await Deno.remove(join(SOCKET_ROOT, entry.name), { recursive: true }).catch(() => undefined);
  }
}

function isAlive(pid: number): boolean {
  try {
    Deno.kill(pid, "SIGCONT");
    return true;
  } catch (error) {
    return !(error instanceof Deno.errors.NotFound) && !String(error).includes("ESRCH");
  }
}
