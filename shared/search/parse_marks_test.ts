// Unit tests of reading marked text.
import { deepStrictEqual } from "node:assert/strict";
import { parseMarks } from "./parse_marks.ts";

Deno.test("parseMarks() gives plain text and the places of the matches", () => {
  deepStrictEqual(parseMarks("the \uE000pricing\uE001 and \uE000prices\uE001"), {
    text: "the pricing and prices",
    highlights: [{ start: 4, end: 11 }, { start: 16, end: 22 }],
  });
  deepStrictEqual(parseMarks("nothing"), { text: "nothing", highlights: [] });
});

Deno.test("parseMarks() survives marks that don't pair up", () => {
  deepStrictEqual(parseMarks("a\uE001b\uE000c"), { text: "abc", highlights: [] });
  deepStrictEqual(parseMarks("\uE000\uE001x"), { text: "x", highlights: [] });
});

Deno.test("U60-092 parseMarks() leaves markup as the text it is", () => {
  deepStrictEqual(parseMarks("<img onerror=\uE000alert\uE001>"), {
    text: "<img onerror=alert>",
    highlights: [{ start: 13, end: 18 }],
  });
});
