// Keyed digests, and their comparison in constant time.

const encoder = new TextEncoder();

/** A digest algorithm that a caller may be proved by. */
export type HmacHash = "SHA-256" | "SHA-1";

/**
 * Says whether a digest belongs to a message. The comparison is the platform's, in constant time.
 *
 * @param hash The algorithm.
 * @param key The shared key; an empty one never matches.
 * @param digest The digest that came with the message.
 * @param message The signed bytes.
 * @returns True when they belong together.
 */
export async function isHmacOf(
  hash: HmacHash,
  key: Uint8Array<ArrayBuffer>,
  digest: Uint8Array<ArrayBuffer>,
  message: Uint8Array<ArrayBuffer>,
): Promise<boolean> {
  if (key.byteLength === 0) return false;
  const imported = await crypto.subtle.importKey("raw", key, { name: "HMAC", hash }, false, [
    "verify",
  ]);
  return await crypto.subtle.verify("HMAC", imported, digest, message);
}

/**
 * Says whether a secret that was given is the one that was expected, in constant time: what is
 * compared are digests under a key of the moment, so neither length nor beginnings show.
 *
 * @param given What the caller sent.
 * @param expected The secret; an empty one never matches.
 * @returns True when they are the same.
 */
export async function isSameSecret(given: string, expected: string): Promise<boolean> {
  if (expected === "") return false;
  const key = crypto.getRandomValues(new Uint8Array(32));
  const imported = await crypto.subtle.importKey(
    "raw",
    key,
    { name: "HMAC", hash: "SHA-256" },
    false,
    ["sign", "verify"],
  );
  const digest = await crypto.subtle.sign("HMAC", imported, encoder.encode(expected));
  return await crypto.subtle.verify("HMAC", imported, digest, encoder.encode(given));
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
