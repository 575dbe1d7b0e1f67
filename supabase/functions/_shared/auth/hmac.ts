// Keyed digests, and their comparison in constant time. Taken from node:crypto: the web's own makes
// two trips to another thread for each call, which costs eight times as much.
import { Buffer } from "node:buffer";
import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";

const encoder = new TextEncoder();

/** A digest algorithm that a caller may be proved by. */
export type HmacHash = "SHA-256" | "SHA-1";

const NODE_NAMES: Readonly<Record<HmacHash, string>> = { "SHA-256": "sha256", "SHA-1": "sha1" };

/**
 * Says whether a digest belongs to a message. The comparison is the platform's, in constant time.
 *
 * @param hash The algorithm.
 * @param key The shared key; an empty one never matches.
 * @param digest The digest that came with the message.
 * @param message The signed bytes.
 * @returns True when they belong together.
 */
export function isHmacOf(
  hash: HmacHash,
  key: Uint8Array<ArrayBuffer>,
  digest: Uint8Array<ArrayBuffer>,
  message: Uint8Array<ArrayBuffer>,
): boolean {
  if (key.byteLength === 0) return false;
  return isSame(createHmac(NODE_NAMES[hash], key).update(message).digest(), digest);
}

/**
 * Says whether a secret that was given is the one that was expected, in constant time: what is
 * compared are digests under a key of the moment, so neither length nor beginnings show.
 *
 * @param given What the caller sent.
 * @param expected The secret; an empty one never matches.
 * @returns True when they are the same.
 */
export function isSameSecret(given: string, expected: string): boolean {
  if (expected === "") return false;
  const key = randomBytes(32);
  const digestOf = (text: string): Buffer => createHmac("sha256", key).update(text).digest();
  return isSame(digestOf(given), digestOf(expected));
}

function isSame(digest: Uint8Array, expected: Uint8Array): boolean {
  // A digest's length is no secret
  return digest.byteLength === expected.byteLength && timingSafeEqual(digest, expected);
}

/**
 * Joins a signed prefix and a raw body without decoding the body.
 *
 * @param prefix What stands before the body in the signed text.
 * @param body The body as it came.
 * @returns The signed bytes.
 */
export function signedBytes(
  prefix: string,
  body: Uint8Array<ArrayBuffer>,
): Uint8Array<ArrayBuffer> {
  const head = encoder.encode(prefix);
  const bytes = new Uint8Array(head.byteLength + body.byteLength);
  bytes.set(head);
  bytes.set(body, head.byteLength);
  return bytes;
}

/**
 * Reads lower-case hexadecimal digits.
 *
 * @param text The digits.
 * @param length How many bytes they must make.
 * @returns The bytes, or null when the text is anything else.
 */
export function fromHex(text: string, length: number): Uint8Array<ArrayBuffer> | null {
  if (text.length !== length * 2 || !/^[0-9a-f]+$/.test(text)) return null;
  const bytes = new Uint8Array(length);
  for (let index = 0; index < length; index += 1) {
    bytes[index] = Number.parseInt(text.slice(index * 2, index * 2 + 2), 16);
  }
  return bytes;
}

/**
 * Reads base64 with its padding, as signatures are written.
 *
 * @param text The text.
 * @returns The bytes, or null when the text is not the one way to write them.
 */
export function fromBase64(text: string): Uint8Array<ArrayBuffer> | null {
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(text)) return null;
  try {
    const binary = atob(text);
    // Two texts must not stand for the same bytes
    if (btoa(binary) !== text) return null;
    return Uint8Array.from(binary, (character) => character.charCodeAt(0));
  } catch {
    return null;
  }
}
