// Writes an email down as the bytes that leave (RFC 5322, UTF-8 text in base64). Whatever is confirmed
// was composed here, so nothing of a name, subject or body can become a header of its own.

/** Somebody in a header. */
export interface Mailbox {
  readonly email: string;
  readonly name?: string | null;
}

/** An email before it is written down. */
export interface EmailDraft {
  readonly from: Mailbox;
  readonly to: readonly string[];
  readonly cc: readonly string[];
  readonly subject: string;
  /** Plain text. */
  readonly body: string;
  readonly date: Date;
  /** Ours, with its brackets. */
  readonly messageId: string;
  /** The email that it answers: its Message-ID, and those that it names itself, oldest first. */
  readonly answers?: { readonly messageId: string; readonly references: readonly string[] } | null;
}

/**
 * Header that repeats our Message-ID. Gmail's interface gives what it sends a Message-ID of its own, as
 * several projects found (it is not documented either way), and keeps other headers: by this one a
 * sent email is known again.
 */
export const MARKER_HEADER = "X-Sixty-Message-ID";

const ADDRESS = /^[^\s<>(),:;"\\[\]@]+@[^\s<>(),:;"\\[\]@]+$/;
const MESSAGE_ID = /^<[^\s<>]+@[^\s<>]+>$/;
const PRINTABLE = /^[\x20-\x7e]*$/;
/** Bytes of text in one encoded word: with its frame it stays below 75 characters. */
const WORD_BYTES = 42;
const LINE = "\r\n";

/**
 * Writes an email down.
 *
 * @param draft The email; control characters in names and subjects become spaces.
 * @returns The whole message in base64url without padding, as Gmail takes it.
 * @throws {RangeError} When an address or a message id is none.
 */
export function composeEmail(draft: EmailDraft): string {
  const { messageId, answers } = draft;
  const headers = [
    `From: ${formatMailbox(draft.from)}`,
    `To: ${formatAddresses(draft.to)}`,
    ...(draft.cc.length > 0 ? [`Cc: ${formatAddresses(draft.cc)}`] : []),
    `Subject: ${encodeText(draft.subject)}`,
    `Date: ${formatDate(draft.date)}`,
    `Message-ID: ${checkId(messageId)}`,
    `${MARKER_HEADER}: ${messageId}`,
    ...(answers
      ? [
        `In-Reply-To: ${checkId(answers.messageId)}`,
        `References: ${[...answers.references, answers.messageId].map(checkId).join(`${LINE} `)}`,
      ]
      : []),
    "MIME-Version: 1.0",
    'Content-Type: text/plain; charset="utf-8"',
    "Content-Transfer-Encoding: base64",
  ];
  const body = toBase64(draft.body.replace(/\r\n|\r|\n/g, LINE));
  const lines = body.match(/.{1,76}/g) ?? [];
  const message = [...headers, "", ...lines, ""].join(LINE);
  // Headers and base64 are ASCII by now
  return btoa(message).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}

function formatAddresses(addresses: readonly string[]): string {
  if (addresses.length === 0) throw new RangeError("An email needs somebody to go to");
  return addresses.map(checkAddress).join(`,${LINE} `);
}

function formatMailbox({ email, name }: Mailbox): string {
  const address = checkAddress(email);
  if (!name) return address;
  const shown = cleanLine(name);
  const phrase = PRINTABLE.test(shown)
    ? `"${shown.replaceAll(/["\\]/g, (sign) => `\\${sign}`)}"`
    : encodeWords(shown);
  return `${phrase} <${address}>`;
}

function checkAddress(address: string): string {
  if (!ADDRESS.test(address) || !PRINTABLE.test(address)) {
    throw new RangeError("Not an address that an email can go to");
  }
  return address;
}

function checkId(id: string): string {
  if (!MESSAGE_ID.test(id) || !PRINTABLE.test(id)) throw new RangeError("Not a message id");
  return id;
}

/** Header fields end with their line, so no part of a value may end one. */
function cleanLine(text: string): string {
  // deno-lint-ignore no-control-regex -- control characters are what is looked for
  return text.replaceAll(/[\x00-\x1f\x7f\u2028\u2029]+/g, " ").trim();
}

function encodeText(text: string): string {
  const line = cleanLine(text);
  const isPlain = PRINTABLE.test(line) && !line.includes("=?") && line.length <= 66;
  return isPlain ? line : encodeWords(line);
}

/** RFC 2047: each word holds whole characters. */
function encodeWords(text: string): string {
  const encoder = new TextEncoder();
  const words: string[] = [];
  let word = "";
  for (const sign of text) {
    if (encoder.encode(word + sign).length > WORD_BYTES) {
      words.push(word);
      word = "";
    }
    word += sign;
  }
  words.push(word);
  return words.map((part) => `=?utf-8?B?${toBase64(part)}?=`).join(`${LINE} `);
}

function formatDate(date: Date): string {
  return date.toUTCString().replace("GMT", "+0000");
}

function toBase64(text: string): string {
  const bytes = new TextEncoder().encode(text);
  let binary = "";
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return btoa(binary);
}
