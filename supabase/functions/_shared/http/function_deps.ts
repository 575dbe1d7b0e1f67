// What a function takes from its surroundings. Production reads them once, when the function starts;
// tests pass their own.
import { type Clock, systemClock } from "@shared/platform/clock.ts";
import { EnvironmentError, readPlatformEnv } from "../env/platform_env.ts";
import type { PlatformEnv, ReadVariable } from "../env/platform_env.ts";
import { type WriteLine, writeLine } from "../logging/write_line.ts";

/** The surroundings of one function. */
export interface FunctionDeps {
  readonly env: PlatformEnv;
  /** For settings that only this function needs. */
  readonly readVariable: ReadVariable;
  /** The network. */
  readonly fetch: typeof globalThis.fetch;
  readonly clock: Clock;
  readonly writeLine: WriteLine;
  /** Keeps the worker alive until the work is done; the answer does not wait for it. */
  readonly runInBackground: (work: Promise<unknown>) => void;
}

interface EdgeRuntimeGlobal {
  readonly EdgeRuntime?: { waitUntil(work: Promise<unknown>): void };
}

/** A named place for the one cast: the platform adds a global that Deno's types do not know. */
function edgeRuntime(): EdgeRuntimeGlobal["EdgeRuntime"] {
  return (globalThis as EdgeRuntimeGlobal).EdgeRuntime;
}

/**
 * The surroundings in production and in the local stack.
 *
 * @returns The dependencies.
 * @throws {EnvironmentError} When a setting is missing or malformed; the function must not start.
 */
export function productionDeps(): FunctionDeps {
  const readVariable: ReadVariable = (name) => Deno.env.get(name);
  return {
    env: readEnvOrExplain(readVariable),
    readVariable,
    fetch: globalThis.fetch,
    clock: systemClock,
    writeLine,
    runInBackground: (work) => edgeRuntime()?.waitUntil(work),
  };
}

function readEnvOrExplain(readVariable: ReadVariable): PlatformEnv {
  try {
    return readPlatformEnv(readVariable);
  } catch (error) {
    if (error instanceof EnvironmentError) {
      writeLine(JSON.stringify({
        level: "error",
        event: "function_not_started",
        function: readVariable("SUPABASE_FUNCTION_SLUG") ?? "unknown",
        reason: error.message,
      }));
    }
    throw error;
  }
}
