// A verified body, made fit to be kept. What the provider signed is not thrown away for being odd:
// characters that Postgres cannot store are replaced, and only what is no JSON document, or one
// nested beyond reason, is refused. Card numbers that somebody said in a meeting are taken out here,
// before anything is written anywhere.
import { AppError } from "@shared/errors/app_error.ts";
import type { Json } from "@shared/database/database.types.ts";
import { maskJson } from "@shared/privacy/mask_json.ts";
import { decodeUtf8, isTooDeep, parseText } from "../http/parse_json.ts";

/** NUL and surrogates can only come in as escapes, since the bytes are valid UTF-8. */
const SUSPECT = /\\u(?:0000|[dD][89a-fA-F])|\0/;

/**
 * Reads a verified webhook body.
 *
 * @param body The body, byte for byte.
 * @returns The value to store, without card numbers.
 * @throws {AppError} `invalid_json`.
 */
export function readWebhookPayload(body: Uint8Array): Json {
  const text = decodeUtf8(body);
  const value = parseText(text);
  // The database would take a bare null for no payload at all, again and again
  if (value === null || isTooDeep(value)) throw new AppError("invalid_json");
  // Parsed from text, so it is JSON and nothing else
  return maskJson(SUSPECT.test(text) ? makeStorable(value) : value) as Json;
}

function makeStorable(value: unknown): unknown {
  if (typeof value === "string") return storableText(value);
  if (Array.isArray(value)) return value.map(makeStorable);
  if (typeof value !== "object" || value === null) return value;
  // Defined one by one, so that a key named `__proto__` stays a key
  const copy: object = Object.create(null);
  for (const [key, child] of Object.entries(value)) {
    Object.defineProperty(copy, storableText(key), {
      value: makeStorable(child),
      enumerable: true,
    });
  }
  return copy;
}

function storableText(text: string): string {
  return text.toWellFormed().replaceAll("\0", "\ufffd");
}
