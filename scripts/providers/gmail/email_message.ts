// An email as it came over the wire: its headers read, its bytes kept.
import { createHash } from "node:crypto";

/** A header, with the name as it was written. */
export interface Header {
  readonly name: string;
  readonly value: string;
}

/** A message that was read. */
export interface ParsedEmail {
  readonly bytes: Uint8Array;
  /** SHA-256 of the bytes, in hex. */
  readonly sha256: string;
  readonly headers: readonly Header[];
  readonly to: readonly string[];
  readonly body: string;
}

/**
 * Reads a message.
 *
 * @param raw RFC 5322 in base64url, padded or not.
 * @returns The message; a text that says what is wrong with it otherwise.
 */
export function parseEmail(raw: string): ParsedEmail | string {
  if (!/^[\w-]+={0,2}$/.test(raw)) return "Invalid value for ByteString";
  const bytes = new Uint8Array(Buffer.from(raw, "base64url"));
  const text = new TextDecoder("latin1").decode(bytes);
  const end = /\r?\n\r?\n/.exec(text);
  const head = end === null ? text : text.slice(0, end.index);
  const headers = head.replaceAll(/\r?\n[ \t]+/g, " ").split(/\r?\n/).flatMap(readHeader);
  const to = ["to", "cc", "bcc"].flatMap((name) =>
    addressesIn(headers.filter((header) => header.name.toLowerCase() === name))
  );
  if (to.length === 0) return "Recipient address required";
  return {
    bytes,
    sha256: createHash("sha256").update(bytes).digest("hex"),
    headers,
    to,
    body: end === null ? "" : text.slice(end.index + end[0].length),
  };
}

/** The first value of a header. */
export function headerOf(headers: readonly Header[], name: string): string | undefined {
  return headers.find((header) => header.name.toLowerCase() === name.toLowerCase())?.value;
}

/** The subject without the marks of answers and forwards, encoded or not. */
export function plainSubject(headers: readonly Header[]): string {
  return decodeWords(headerOf(headers, "Subject") ?? "").replace(/^((re|fwd?|aw|wg):\s*)+/i, "")
    .trim();
}

/** Encoded words as text (RFC 2047), which is how Gmail compares subjects. */
function decodeWords(value: string): string {
  return value.replaceAll(/\?=\s+=\?/g, "?==?").replaceAll(
    /=\?utf-8\?([bq])\?([^?]*)\?=/gi,
    (_, kind: string, text: string) =>
      kind.toLowerCase() === "b"
        ? Buffer.from(text, "base64").toString("utf8")
        : decodeURIComponent(text.replaceAll("%", "%25").replaceAll("_", " ").replaceAll("=", "%")),
  );
}

function readHeader(line: string): Header[] {
  const colon = line.indexOf(":");
  if (colon <= 0) return [];
  return [{ name: line.slice(0, colon), value: line.slice(colon + 1).trim() }];
}

function addressesIn(headers: readonly Header[]): string[] {
  return headers.flatMap(({ value }) => value.split(","))
    .map((one) => (/<([^<>]+)>/.exec(one)?.[1] ?? one).trim().toLowerCase())
    .filter((address) => address.includes("@"));
}
