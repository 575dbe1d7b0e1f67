// A project of fixture functions, served by the real supervisor.

import { join } from "node:path";
import type {
  FunctionLimits,
  FunctionLogLine,
} from "../../../scripts/stack/functions/function_worker.ts";
import {
  createFunctionsHandler,
  type FunctionsRoom,
} from "../../../scripts/stack/functions/supervisor.ts";

/** What to serve. */
export interface FixtureOptions {
  /** Sources by path below `supabase/functions`. */
  readonly files: Readonly<Record<string, string>>;
  /** `supabase/config.toml`; by default no function asks for a token. */
  readonly config?: string;
  readonly limits?: Partial<FunctionLimits>;
  readonly env?: Readonly<Record<string, string>>;
  readonly watch?: boolean;
}

/** A served project; disposing of it ends all processes and removes the files. */
export interface Fixture extends AsyncDisposable {
  readonly projectDir: string;
  readonly room: FunctionsRoom;
  readonly log: readonly FunctionLogLine[];
  /** Calls a function by its path, such as `hello/world`. */
  call(path: string, init?: RequestInit): Promise<Response>;
  write(path: string, source: string): Promise<void>;
}

/** The only token that the fixture's verifier accepts. */
export const VALID_TOKEN = "valid.token.here";

/** Writes a project to a temporary folder and serves it. */
export async function serveFixture(options: FixtureOptions): Promise<Fixture> {
  const projectDir = await Deno.makeTempDir({ prefix: "functions-" });
  const functionsDir = join(projectDir, "supabase", "functions");
  const log: FunctionLogLine[] = [];

  async function write(path: string, source: string): Promise<void> {
    const file = join(functionsDir, path);
    await Deno.mkdir(join(file, ".."), { recursive: true });
    await Deno.writeTextFile(file, source);
  }
  for (const [path, source] of Object.entries(options.files)) await write(path, source);
  const slugs = new Set(Object.keys(options.files).map((path) => path.split("/")[0] ?? ""));
  const open = [...slugs].map((slug) => `[functions.${slug}]\nverify_jwt = false\n`).join("\n");
  await Deno.writeTextFile(
    join(projectDir, "supabase", "config.toml"),
    options.config ?? open,
  );
  const room = await createFunctionsHandler({
    projectDir,
    env: options.env ?? {},
    watch: options.watch ?? false,
    verify: (jwt) =>
      jwt === VALID_TOKEN ? Promise.resolve({}) : Promise.reject(new Error("bad token")),
    onLog: (line) => log.push(line),
    ...(options.limits && { limits: options.limits }),
  });
  return {
    projectDir,
    room,
    log,
    write,
    call: (path, init) => room.fetch(new Request(`http://127.0.0.1:54321/${path}`, init)),
    async [Symbol.asyncDispose]() {
      await room.close();
      await Deno.remove(projectDir, { recursive: true });
    },
  };
}

/**
 * Waits until something holds.
 *
 * @throws When it doesn't within the limit.
 */
export async function until(
  holds: () => boolean | Promise<boolean>,
  what: string,
  limitMs = 5_000,
): Promise<void> {
  const deadline = Date.now() + limitMs;
  while (!await holds()) {
    if (Date.now() > deadline) throw new Error(`Waited ${limitMs} ms in vain: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** Whether a process with this number runs. */
export async function isAlive(pid: number): Promise<boolean> {
  try {
    const stat = await Deno.readTextFile(`/proc/${pid}/stat`);
    return !/\) Z /.test(stat);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
