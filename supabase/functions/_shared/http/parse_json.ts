// JSON from strangers. Refuses what is legal but only ever sent to break something: nesting without
// end, keys that name an object's prototype, text that Postgres cannot store.
import { AppError } from "@shared/errors/app_error.ts";

const MAX_DEPTH = 64;
const UTF8 = new TextDecoder("utf-8", { fatal: true });
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
    return UTF8.decode(bytes);
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
 * @param depth How deep it stands itself.
 * @returns True beyond 64 levels.
 */
export function isTooDeep(value: unknown, depth = 0): boolean {
  if (typeof value !== "object" || value === null) return false;
  // Stops there, so the check itself cannot run out of stack
  if (depth >= MAX_DEPTH) return true;
  for (const child of Object.values(value)) {
    if (isTooDeep(child, depth + 1)) return true;
  }
  return false;
}

function checkValue(value: unknown, depth = 0): void {
  if (typeof value === "string") return checkText(value);
  if (typeof value !== "object" || value === null) return;
  if (depth >= MAX_DEPTH) throw new AppError("invalid_json");
  if (Array.isArray(value)) {
    for (const child of value) checkValue(child, depth + 1);
    return;
  }
  for (const [key, child] of Object.entries(value)) {
    if (PROTOTYPE_KEYS.has(key)) throw new AppError("invalid_json");
    checkText(key);
    checkValue(child, depth + 1);
  }
}

/** Postgres stores neither NUL nor half a character. */
function checkText(text: string): void {
  if (text.includes("\0") || !text.isWellFormed()) throw new AppError("invalid_json");
}
