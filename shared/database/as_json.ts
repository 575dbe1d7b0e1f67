// A named place for one cast: our own types are JSON already, but a compiler can't see that an
// interface has no other keys.
import type { Json } from "./database.types.ts";

/**
 * Passes a value of plain data to a database function.
 *
 * @param value Strings, numbers, booleans, null, lists and objects of these, and nothing else.
 * @returns The same value.
 */
export function asJson(value: object): Json {
  return value as Json;
}
