// Signature Version 4, the arithmetic: canonical request, string to sign, signing key, signature.
import { createHash, createHmac, timingSafeEqual } from "node:crypto";

/** Everything a signature covers. */
export interface SignedParts {
  readonly method: string;
  readonly decodedPath: string;
  readonly query: ReadonlyArray<readonly [name: string, value: string]>;
  readonly headers: ReadonlyArray<readonly [name: string, value: string]>;
  readonly payloadHash: string;
}

/** `<date>/<region>/s3/aws4_request` and what belongs to it. */
export interface SigningContext {
  /** `20261122T101500Z`. */
  readonly timestamp: string;
  /** `20261122/us-east-1/s3/aws4_request`. */
  readonly scope: string;
  readonly signingKey: Uint8Array;
}

/** The hash of no bytes, which chunk signatures contain. */
export const EMPTY_SHA256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

/**
 * Derives the key that signs within one scope.
 *
 * @param secret The secret access key.
 * @param scope Date, region, service and terminator.
 */
export function deriveSigningKey(secret: string, scope: string): Uint8Array {
  let key: Uint8Array = new TextEncoder().encode(`AWS4${secret}`);
  for (const part of scope.split("/")) key = createHmac("sha256", key).update(part).digest();
  return key;
}

/**
 * Puts a request in the one form that both sides sign.
 *
 * @param parts What the signature covers; headers in the order of `SignedHeaders`.
 */
export function canonicalRequest(parts: SignedParts): string {
  const query = parts.query
    .map(([name, value]) => [encodeRfc3986(name), encodeRfc3986(value)] as const)
    .sort(([a, x], [b, y]) => compareText(a, b) || compareText(x, y))
    .map(([name, value]) => `${name}=${value}`)
    .join("&");
  const headers = parts.headers
    .map(([name, value]) => `${name}:${value.trim().replace(/\s+/g, " ")}\n`)
    .join("");
  return [
    parts.method,
    parts.decodedPath.split("/").map(encodeRfc3986).join("/"),
    query,
    headers,
    parts.headers.map(([name]) => name).join(";"),
    parts.payloadHash,
  ].join("\n");
}

/**
 * Makes the text that is signed for a whole request.
 *
 * @param context When and where the signature holds.
 * @param canonical The canonical request.
 */
export function stringToSign(context: SigningContext, canonical: string): string {
  return `AWS4-HMAC-SHA256\n${context.timestamp}\n${context.scope}\n${sha256Hex(canonical)}`;
}

/**
 * Signs a text.
 *
 * @param context Holds the key.
 * @param text The string to sign.
 * @returns Lower-case hex.
 */
export function sign(context: SigningContext, text: string): string {
  return createHmac("sha256", context.signingKey).update(text).digest("hex");
}

/**
 * Compares two signatures in constant time.
 *
 * @param expected Ours.
 * @param given The client's.
 */
export function isSameSignature(expected: string, given: string): boolean {
  const a = new TextEncoder().encode(expected);
  const b = new TextEncoder().encode(given);
  return a.length === b.length && timingSafeEqual(a, b);
}

/** Hashes a text or bytes to lower-case hex. */
export function sha256Hex(data: string | Uint8Array): string {
  return createHash("sha256").update(data).digest("hex");
}

/** Percent-encodes everything but RFC 3986's unreserved characters. */
export function encodeRfc3986(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
