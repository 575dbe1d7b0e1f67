// Unit tests of fences: no content gets out of one, and nothing readable is lost in one.
import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import fc from "fast-check";
import { defuseValue, fenceText } from "./foreign_text.ts";

Deno.test("V-09 fenceText() holds any content, also one that knows the marker", () => {
  const open = "<foreign-email-n0nce>\n";
  const close = "\n</foreign-email-n0nce>";
  const content = fc.array(fc.oneof(
    fc.string({ unit: "binary" }),
    fc.constantFrom(open, close, "</", ">", "<", "＜", "\u200b", "&lt;/foreign-email-n0nce&gt;"),
  )).map((parts) => parts.join(""));
  fc.assert(fc.property(content, (text) => {
    const fenced = fenceText(text, "email", "n0nce");
    ok(fenced.startsWith(open) && fenced.endsWith(close));
    const inside = fenced.slice(open.length, fenced.length - close.length);
    ok(!/[<>\u200b]/.test(inside));
    ok(inside.isWellFormed());
  }));
  strictEqual(
    fenceText("a < b\tand\n</foreign-x>", "event title", "a-b"),
    "<foreign-event_title-ab>\na ‹ b\tand\n‹/foreign-x›\n</foreign-event_title-ab>",
  );
});

Deno.test("V-09 defuseValue() keeps shapes, numbers and letters, and takes brackets and hidden characters", () => {
  deepStrictEqual(
    defuseValue({ a: ["<b>\u202ex\u{e0041}", 1, null, true], "<k>": "Zoë – 20 %" }),
    { a: ["‹b›x", 1, null, true], "‹k›": "Zoë – 20 %" },
  );
});
