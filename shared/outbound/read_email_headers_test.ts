import { strictEqual } from "node:assert/strict";
import { addressOf, readEmailHeaders } from "./read_email_headers.ts";

function raw(lines: readonly string[]): string {
  return btoa(lines.join("\r\n")).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}

Deno.test("readEmailHeaders() reads unfolded headers of any case, and nothing of the body", () => {
  const headers = readEmailHeaders(raw([
    "From: Ann@Home.test",
    "Subject: one",
    "\ttwo",
    "X: first",
    "x: second",
    "",
    "To: body@elsewhere.test",
  ]));
  strictEqual(headers.get("from"), "Ann@Home.test");
  strictEqual(headers.get("SUBJECT"), "one two");
  strictEqual(headers.get("X"), "first");
  strictEqual(headers.get("To"), null);
});

Deno.test("addressOf() gives the address of a From header, with and without a name", () => {
  strictEqual(addressOf("Ann@Home.test"), "ann@home.test");
  strictEqual(addressOf('"Lee, Ann" <ann@home.test>'), "ann@home.test");
  strictEqual(addressOf("nobody"), null);
  strictEqual(addressOf(null), null);
});
