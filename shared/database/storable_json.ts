// Plain data in a form that the database can keep: jsonb takes neither the character zero nor halves of
// a character, and one of them in what a model says would make it refuse all that is kept with it.
import { asJson } from "./as_json.ts";
import type { Json } from "./database.types.ts";

/** What may be one of them, as JSON writes it. */
const SUSPECT = /\\u(?:0000|d[89a-f])/i;

/**
 * Passes a value that somebody else has made to a database function.
 *
 * @param value Strings, numbers, booleans, null, lists and objects of these, and nothing else.
 * @returns The same value; where a text holds what can't be kept, a copy without it.
 */
export function storableJson(value: object): Json {
  return SUSPECT.test(JSON.stringify(value)) ? clean(asJson(value)) : asJson(value);
}

function clean(value: Json): Json {
  if (typeof value === "string") return cleanText(value);
  if (Array.isArray(value)) return value.map(clean);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [cleanText(key), clean(inner ?? null)]),
  );
}

function cleanText(text: string): string {
  return text.replaceAll("\0", "").toWellFormed();
}
