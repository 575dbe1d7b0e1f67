// Signature Version 4 from the specification, written apart from the server, to test it with.
import { createHash, createHmac } from "node:crypto";
import { CREDENTIALS } from "./start_storage.ts";

/** A request before it is signed. */
export interface PlainRequest {
  readonly method: string;
  /** `http://host:port/path?query`, already encoded. */
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** A hash, `UNSIGNED-PAYLOAD` or `STREAMING-…`. */
  readonly payloadHash?: string;
  readonly date?: Date;
  readonly accessKeyId?: string;
  readonly secret?: string;
  readonly scope?: string;
}

/** A request with its signature. */
export interface SignedRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: Record<string, string>;
  readonly signature: string;
  readonly timestamp: string;
  readonly scope: string;
}

const EMPTY_HASH = createHash("sha256").digest("hex");

/** Signs by `Authorization` header. */
export function signRequest(plain: PlainRequest): SignedRequest {
  const url = new URL(plain.url);
  const timestamp = compactDate(plain.date ?? new Date());
  const scope = plain.scope ?? `${timestamp.slice(0, 8)}/us-east-1/s3/aws4_request`;
  const payloadHash = plain.payloadHash ?? "UNSIGNED-PAYLOAD";
  const headers: Record<string, string> = {
    ...plain.headers,
    "x-amz-date": timestamp,
    "x-amz-content-sha256": payloadHash,
  };
  const signed = { ...headers, host: url.host };
  const names = Object.keys(signed).sort();
  const canonical = [
    plain.method,
    url.pathname,
    canonicalQuery(url),
    ...names.map((name) => `${name}:${(signed as Record<string, string>)[name]?.trim()}`),
    "",
    names.join(";"),
    payloadHash,
  ].join("\n");
  const signature = hmacHex(
    signingKey(plain.secret, scope),
    textToSign(timestamp, scope, canonical),
  );
  headers.authorization = `AWS4-HMAC-SHA256 Credential=${
    plain.accessKeyId ?? CREDENTIALS.accessKeyId
  }/${scope}, SignedHeaders=${names.join(";")}, Signature=${signature}`;
  return { method: plain.method, url: plain.url, headers, signature, timestamp, scope };
}

/** Signs by query: a presigned URL. */
export function presign(plain: PlainRequest & { readonly expiresIn?: number | string }): string {
  const url = new URL(plain.url);
  const timestamp = compactDate(plain.date ?? new Date());
  const scope = plain.scope ?? `${timestamp.slice(0, 8)}/us-east-1/s3/aws4_request`;
  const signed = { ...plain.headers, host: url.host };
  const names = Object.keys(signed).sort();
  url.searchParams.set("X-Amz-Algorithm", "AWS4-HMAC-SHA256");
  url.searchParams.set(
    "X-Amz-Credential",
    `${plain.accessKeyId ?? CREDENTIALS.accessKeyId}/${scope}`,
  );
  url.searchParams.set("X-Amz-Date", timestamp);
  url.searchParams.set("X-Amz-Expires", String(plain.expiresIn ?? 60));
  url.searchParams.set("X-Amz-SignedHeaders", names.join(";"));
  const canonical = [
    plain.method,
    url.pathname,
    canonicalQuery(url),
    ...names.map((name) => `${name}:${(signed as Record<string, string>)[name]?.trim()}`),
    "",
    names.join(";"),
    "UNSIGNED-PAYLOAD",
  ].join("\n");
  const signature = hmacHex(
    signingKey(plain.secret, scope),
    textToSign(timestamp, scope, canonical),
  );
  return `${url.origin}${url.pathname}?${canonicalQuery(url)}&X-Amz-Signature=${signature}`;
}

/** A body in signed chunks, with or without signed trailers. */
export function signedChunks(
  seed: SignedRequest,
  chunks: readonly Uint8Array[],
  trailers: Readonly<Record<string, string>> = {},
): Uint8Array<ArrayBuffer> {
  const key = signingKey(undefined, seed.scope);
  const parts: Uint8Array[] = [];
  let previous = seed.signature;
  for (const chunk of [...chunks, new Uint8Array()]) {
    const hash = createHash("sha256").update(chunk).digest("hex");
    previous = hmacHex(
      key,
      ["AWS4-HMAC-SHA256-PAYLOAD", seed.timestamp, seed.scope, previous, EMPTY_HASH, hash].join(
        "\n",
      ),
    );
    parts.push(latin(`${chunk.length.toString(16)};chunk-signature=${previous}\r\n`), chunk);
    if (chunk.length > 0) parts.push(latin("\r\n"));
  }
  const lines = Object.entries(trailers).map(([name, value]) => `${name}:${value}`);
  if (lines.length > 0) {
    const hash = createHash("sha256").update(lines.map((line) => `${line}\n`).join("")).digest(
      "hex",
    );
    const signature = hmacHex(
      key,
      ["AWS4-HMAC-SHA256-TRAILER", seed.timestamp, seed.scope, previous, hash].join("\n"),
    );
    parts.push(latin([...lines, `x-amz-trailer-signature:${signature}`].join("\r\n") + "\r\n"));
  }
  return concatenate([...parts, latin("\r\n")]);
}

/** A body in chunks without signatures. */
export function plainChunks(
  chunks: readonly Uint8Array[],
  trailers: Readonly<Record<string, string>> = {},
): Uint8Array<ArrayBuffer> {
  const parts = chunks.flatMap((chunk) => [
    latin(`${chunk.length.toString(16)}\r\n`),
    chunk,
    latin("\r\n"),
  ]);
  const lines = Object.entries(trailers).map(([name, value]) => `${name}:${value}\r\n`);
  return concatenate([...parts, latin(`0\r\n${lines.join("")}\r\n`)]);
}

/** Hashes bytes to hex. */
export function sha256(data: string | Uint8Array): string {
  return createHash("sha256").update(data).digest("hex");
}

function textToSign(timestamp: string, scope: string, canonical: string): string {
  return ["AWS4-HMAC-SHA256", timestamp, scope, sha256(canonical)].join("\n");
}

function signingKey(secret: string | undefined, scope: string): Uint8Array {
  let key: Uint8Array = new TextEncoder().encode(`AWS4${secret ?? CREDENTIALS.secretAccessKey}`);
  for (const part of scope.split("/")) key = createHmac("sha256", key).update(part).digest();
  return key;
}

function hmacHex(key: Uint8Array, text: string): string {
  return createHmac("sha256", key).update(text).digest("hex");
}

function canonicalQuery(url: URL): string {
  return [...url.searchParams]
    .map(([name, value]) => `${encode(name)}=${encode(value)}`)
    .sort()
    .join("&");
}

function encode(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

function compactDate(date: Date): string {
  return date.toISOString().replace(/[-:]|\.\d{3}/g, "");
}

function latin(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

function concatenate(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
