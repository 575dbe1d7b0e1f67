// An email as the bytes that leave (RFC 5322, 2045, 2047). Its form is the strictest there is, so that
// the database can read it back and refuse one whose bytes say something else than its fields.
import { MARKER_HEADER } from "../../outbound/email_marker.ts";

/** What an email is composed of. */
export interface EmailParts {
  readonly from: string;
  readonly to: readonly string[];
  readonly cc: readonly string[];
  readonly subject: string;
  /** Plain text; lines end with a line feed. */
  readonly body: string;
  /** Message-IDs of the thread that it joins, the oldest first; it answers the last one. */
  readonly references?: readonly string[];
  /** With angle brackets. */
  readonly messageId: string;
  readonly date: Date;
}

/** Header lines are no longer than this where they can be broken. */
const LINE_MAX = 76;
/** Bytes in one encoded word: with `Subject: ` in front it still fits the line. */
const WORD_BYTES = 39;
/** A bare address: no name, no quotes, nothing that could begin another header or receiver. */
const ADDRESS = /^[^\s@,;:<>()[\]"\\]+@[^\s@,;:<>()[\]"\\]+$/;
const ASCII = /^[\x20-\x7e]*$/;
const UTF8 = new TextEncoder();

/**
 * Composes an email.
 *
 * @param parts What it says.
 * @returns The whole message in base64url without padding, as Gmail's `raw` takes it.
 * @throws {TypeError} When a part could be read as another header: then nothing is composed.
 */
export function composeEmail(parts: EmailParts): string {
  const headers = [
    header("From", addresses([parts.from])),
    header("To", addresses(parts.to)),
    ...(parts.cc.length > 0 ? [header("Cc", addresses(parts.cc))] : []),
    header("Subject", encodeSubject(parts.subject)),
    ...answering(parts.references ?? []),
    header("Message-ID", parts.messageId),
    header(MARKER_HEADER, parts.messageId),
    header("Date", parts.date.toUTCString().replace("GMT", "+0000")),
    "MIME-Version: 1.0",
    "Content-Type: text/plain; charset=utf-8",
    "Content-Transfer-Encoding: base64",
  ];
  const body = toBase64(parts.body.replaceAll("\n", "\r\n"));
  const message = [...headers, "", ...(body.match(/.{1,76}/g) ?? [])].join(
    "\r\n",
  );
  return toBase64(`${message}\r\n`).replaceAll("+", "-").replaceAll("/", "_")
    .replace(/=+$/, "");
}

function header(name: string, value: string): string {
  // A fold is the only line break that stays within a header
  if (/[\r\n]/.test(value.replaceAll("\r\n ", ""))) {
    throw new TypeError(`The header ${name} has a line break in it`);
  }
  return `${name}: ${value}`;
}

/** Without these no client, and no Gmail, takes an email for an answer (RFC 5322, 3.6.4). */
function answering(references: readonly string[]): string[] {
  const answered = references.at(-1);
  if (answered === undefined) return [];
  return [header("In-Reply-To", answered), header("References", references.join("\r\n "))];
}

function addresses(list: readonly string[]): string {
  for (const address of list) {
    if (!ADDRESS.test(address) || !ASCII.test(address)) {
      throw new TypeError("An address of the email is more than an address");
    }
  }
  return list.join(",\r\n ");
}

function encodeSubject(subject: string): string {
  if (/[\r\n\0]/.test(subject)) {
    throw new TypeError("The subject has more than one line");
  }
  const isPlain = ASCII.test(subject) && subject === subject.trim() &&
    !subject.includes("=?");
  return isPlain ? foldWords(subject) : encodeWords(subject);
}

/** Breaks lines where a single space stands between words: read back, the break is that space. */
function foldWords(text: string): string {
  let line = "Subject: ".length;
  return text.split(/(?<=\S) (?=\S)/).map((word, index) => {
    const isBroken = index > 0 && line + 1 + word.length > LINE_MAX;
    line = isBroken ? 1 + word.length : line + word.length + (index > 0 ? 1 : 0);
    return (index === 0 ? "" : isBroken ? "\r\n " : " ") + word;
  }).join("");
}

/** Encoded words hold whole characters (RFC 2047, 5). */
function encodeWords(text: string): string {
  const words: string[] = [""];
  for (const character of text) {
    const word = words.at(-1) ?? "";
    if (UTF8.encode(word + character).length > WORD_BYTES) {
      words.push(character);
    } else words[words.length - 1] = word + character;
  }
  return words.map((word) => `=?utf-8?B?${toBase64(word)}?=`).join("\r\n ");
}

function toBase64(text: string): string {
  return btoa(
    Array.from(UTF8.encode(text), (byte) => String.fromCharCode(byte)).join(""),
  );
}
