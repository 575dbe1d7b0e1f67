// The in-isolate mode: a function's handler in the caller's own process, for unit tests and
// measurements. No isolation, no limits; the handler is the same.

import { pathToFileURL } from "node:url";
import { discoverFunctions } from "./discover_functions.ts";

/** Answers a request whose path begins with the function's name. */
export type FunctionHandler = (request: Request) => Promise<Response>;

/**
 * Loads one function into this process.
 *
 * @param projectDir The folder that holds `supabase/`.
 * @param slug The function's name.
 * @returns Its `fetch`.
 * @throws When the project has no such function, or it does not export `default { fetch }`.
 */
export async function loadFunctionInIsolate(
  projectDir: string,
  slug: string,
): Promise<FunctionHandler> {
  const spec = (await discoverFunctions(projectDir)).get(slug);
  if (!spec) throw new Error(`Cannot load "${slug}": the project has no such function`);
  const module: { readonly default?: unknown } = await import(pathToFileURL(spec.entrypoint).href);
  const exported = module.default;
  if (
    typeof exported !== "object" || exported === null || !("fetch" in exported) ||
    typeof exported.fetch !== "function"
  ) {
    throw new TypeError(`Cannot load "${slug}": it does not export default { fetch }`);
  }
  const { fetch } = exported;
  return async (request) => await fetch.call(exported, request);
}
