// JSON from strangers. Refuses what is legal but only ever sent to break something: nesting without
// end, keys that name an object's prototype, text that Postgres cannot store.
import { AppError } from "@shared/errors/app_error.ts";

const MAX_DEPTH = 64;
const PROTOTYPE_KEYS: ReadonlySet<string> = new Set(["__proto__", "constructor", "prototype"]);

/**
 * Decodes and parses a JSON body.
 *
 * @param bytes The body.
 * @returns The value.
 * @throws {AppError} `invalid_json`.
 */
export function parseJson(bytes: Uint8Array): unknown {
  const value = parseText(decodeUtf8(bytes));
  checkValue(value);
  return value;
}

/**
 * Decodes a body, refusing anything that is not UTF-8.
 *
 * @param bytes The body.
 * @returns Its text.
 * @throws {AppError} `invalid_json`.
 */
export function decodeUtf8(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new AppError("invalid_json", { cause });
  }
}

/**
 * Parses a text as JSON.
 *
 * @param text The text.
 * @returns The value, of any depth and content.
 * @throws {AppError} `invalid_json`.
 */
export function parseText(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new AppError("invalid_json", { cause });
  }
}

/**
 * Says whether a value is nested deeper than anything honest.
 *
 * @param value A parsed value.
 * @returns True beyond 64 levels.
 */
export function isTooDeep(value: unknown): boolean {
  // A list of levels instead of recursion, so that the check itself cannot run out of stack
  let level: unknown[] = [value];
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > MAX_DEPTH) return true;
    const next: unknown[] = [];
    for (const item of level) {
      if (typeof item === "object" && item !== null) {
        for (const child of Object.values(item)) {
          if (typeof child === "object" && child !== null) next.push(child);
        }
      }
    }
    level = next;
  }
  return false;
}

function checkValue(value: unknown): void {
  if (isTooDeep(value)) throw new AppError("invalid_json");
  const pending: unknown[] = [value];
  while (pending.length > 0) {
    const item = pending.pop();
    if (typeof item === "string") checkText(item);
    if (typeof item !== "object" || item === null) continue;
    for (const [key, child] of Object.entries(item)) {
      if (PROTOTYPE_KEYS.has(key) && !Array.isArray(item)) throw new AppError("invalid_json");
      checkText(key);
      pending.push(child);
    }
  }
}

/** Postgres stores neither NUL nor half a character. */
function checkText(text: string): void {
  if (text.includes("\0") || !text.isWellFormed()) throw new AppError("invalid_json");
}
