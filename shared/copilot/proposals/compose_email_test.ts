import { deepStrictEqual, match, ok, strictEqual, throws } from "node:assert/strict";
import { Buffer } from "node:buffer";
import fc from "fast-check";
import { cleanLine, cleanText } from "./clean_text.ts";
import { composeEmail, type EmailParts } from "./compose_email.ts";
import { SendEmail } from "./effect.ts";
import { newEventId, newMessageId } from "./sending_ids.ts";

const PARTS: EmailParts = {
  from: "sarah@fernhollow.test",
  to: ["dana@techcorp.test"],
  cc: [],
  subject: "Next steps",
  body: "Hello Dana,\nsee you on Friday.",
  messageId: "<sixty.1@fernhollow.test>",
  date: new Date("2026-11-22T16:00:00Z"),
};

interface Read {
  readonly lines: readonly string[];
  readonly headers: Readonly<Record<string, string>>;
  readonly names: readonly string[];
  readonly body: string;
}

/** Reads a message back by the rules, not by our composer. */
function read(raw: string): Read {
  const text = Buffer.from(raw, "base64url").toString("latin1");
  const end = text.indexOf("\r\n\r\n");
  const head = text.slice(0, end);
  const pairs = head.replaceAll(/\r\n[ \t]/g, (fold) => fold.slice(2)).split(
    "\r\n",
  ).map((line) => {
    const colon = line.indexOf(":");
    return [line.slice(0, colon), line.slice(colon + 1).trimStart()] as const;
  });
  return {
    lines: head.split("\r\n"),
    headers: Object.fromEntries(pairs),
    names: pairs.map(([name]) => name),
    body: Buffer.from(text.slice(end + 4), "base64").toString().replaceAll(
      "\r\n",
      "\n",
    ),
  };
}

/** Decodes a header by RFC 2047: white space between encoded words is none. */
function decodeHeader(value: string): string {
  return value.replaceAll(/\?=\s+=\?/g, "?==?").replaceAll(
    /=\?utf-8\?B\?([^?]*)\?=/g,
    (_, word: string) =>
      new TextDecoder("utf-8", { fatal: true }).decode(
        Buffer.from(word, "base64"),
      ),
  );
}

Deno.test("composeEmail() writes a plain email with our id and date", () => {
  const { headers, names, body } = read(
    composeEmail({ ...PARTS, cc: ["victor@techcorp.test"] }),
  );
  deepStrictEqual(names, [
    "From",
    "To",
    "Cc",
    "Subject",
    "Message-ID",
    "X-Sixty-Message-ID",
    "Date",
    "MIME-Version",
    "Content-Type",
    "Content-Transfer-Encoding",
  ]);
  strictEqual(headers.To, "dana@techcorp.test");
  strictEqual(headers.Cc, "victor@techcorp.test");
  strictEqual(headers.Subject, "Next steps");
  strictEqual(headers["Message-ID"], "<sixty.1@fernhollow.test>");
  strictEqual(headers["X-Sixty-Message-ID"], "<sixty.1@fernhollow.test>");
  strictEqual(headers.Date, "Sun, 22 Nov 2026 16:00:00 +0000");
  strictEqual(body, PARTS.body);
});

Deno.test("an answer names what it answers, and how the thread came to it", () => {
  const references = ["<one@techcorp.test>", `<${"two".repeat(60)}@techcorp.test>`];
  const { headers, names, lines } = read(composeEmail({ ...PARTS, references }));
  deepStrictEqual(names.slice(2, 6), ["Subject", "In-Reply-To", "References", "Message-ID"]);
  strictEqual(headers["In-Reply-To"], references[1]);
  strictEqual(headers["References"], references.join(" "));
  ok(lines.every((line) => line.length <= 998));
  throws(() => composeEmail({ ...PARTS, references: ["<a@b>\r\nBcc: <c@d>"] }), TypeError);
});

const words = fc.string({ unit: "binary", maxLength: 300 }).map(cleanLine)
  .filter((text) => text !== "");

Deno.test("U60-089 any subject and any text come out of the bytes as they went in", () => {
  fc.assert(
    fc.property(
      words,
      fc.string({ unit: "binary", maxLength: 2_000 }),
      (subject, text) => {
        const body = cleanText(text);
        const found = read(composeEmail({ ...PARTS, subject, body }));
        strictEqual(decodeHeader(found.headers.Subject ?? ""), subject);
        strictEqual(found.body, body);
        for (const line of found.lines) {
          ok(
            line.length <= 998 && /^[\x20-\x7e]*$/.test(line),
          );
        }
      },
    ),
    { numRuns: 1_000 },
  );
});

Deno.test("a long subject is folded, and no line is longer than RFC 2047 allows", () => {
  for (
    const subject of [
      "word ".repeat(50).trim(),
      "naïve ☕ ".repeat(30).trim(),
      "😀".repeat(100),
    ]
  ) {
    const { lines, headers } = read(composeEmail({ ...PARTS, subject }));
    ok(lines.every((line) => line.length <= 76), subject);
    strictEqual(decodeHeader(headers.Subject ?? ""), subject);
  }
});

Deno.test("V-09 no part of an email can begin another header, receiver or body", () => {
  const attacks = [
    "\r\nBcc: evil@outside.test",
    "\nBcc: evil@outside.test",
    "\rBcc: evil@outside.test",
  ];
  for (
    const attack of [
      ...attacks,
      "\r\n\r\nAnother body",
      ", evil@outside.test",
      "> <evil@outside.test",
    ]
  ) {
    throws(
      () => composeEmail({ ...PARTS, to: [`dana@techcorp.test${attack}`] }),
      TypeError,
      attack,
    );
    throws(
      () => composeEmail({ ...PARTS, cc: [`dana@techcorp.test${attack}`] }),
      TypeError,
      attack,
    );
    throws(
      () => composeEmail({ ...PARTS, from: `dana@techcorp.test${attack}` }),
      TypeError,
      attack,
    );
  }
  for (const attack of attacks) {
    throws(
      () => composeEmail({ ...PARTS, subject: `Hello${attack}` }),
      TypeError,
      attack,
    );
    throws(
      () => composeEmail({ ...PARTS, messageId: `<a@b>${attack}` }),
      TypeError,
      attack,
    );
    deepStrictEqual(
      read(composeEmail({ ...PARTS, body: `Hello${attack}` })).headers.Bcc,
      undefined,
    );
    // A subject from outside is one line before it is anything else
    strictEqual(cleanLine(`Hello${attack}`), "Hello Bcc: evil@outside.test");
  }
  throws(
    () => composeEmail({ ...PARTS, to: ["Dana <dana@techcorp.test>"] }),
    TypeError,
  );
  throws(
    () => composeEmail({ ...PARTS, to: ["däna@techcorp.test"] }),
    TypeError,
  );
});

Deno.test("V-09 a subject that looks encoded is encoded again, and says what it shows", () => {
  const subject = "=?utf-8?B?ZXZpbA==?=";
  const found = read(composeEmail({ ...PARTS, subject }));
  match(found.headers.Subject ?? "", /^=\?utf-8\?B\?PT91/);
});

Deno.test("cleanText() leaves nothing that a preview would not show", () => {
  strictEqual(
    cleanText("a\u202etxt.exe\u0000\u0007\r\nb\u2028c\ud800"),
    "atxt.exe\nb\nc\ufffd",
  );
  strictEqual(cleanLine(" a\n\tb  c "), "a b c");
});

Deno.test("ids of our own have the shape that their services take, and never repeat", () => {
  const ids = Array.from(
    { length: 100 },
    () => newMessageId("sarah@fernhollow.test"),
  );
  strictEqual(new Set(ids).size, 100);
  for (const id of ids) {
    ok(SendEmail.shape.message_id.safeParse(id).success, id);
  }
  ok(SendEmail.shape.message_id.safeParse(newMessageId("nobody")).success);
  match(newEventId(), /^[a-v0-9]{32}$/);
});
