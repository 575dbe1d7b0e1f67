// Unit tests of segments: joined within limits, in order, storable whatever a provider sends, and
// without card numbers wherever these are cut.
import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import fc from "fast-check";
import { composeSegments } from "./compose_segments.ts";
import type { SpokenLine } from "./provider_transcript.ts";

const said = (
  startMs: number,
  endMs: number,
  text: string,
  speaker: string | null = "Ann",
): SpokenLine => ({ startMs, endMs, text, speaker });

Deno.test("U60-122 composeSegments() joins what one person says in one go", () => {
  const segments = composeSegments([
    said(0, 1_000, "First"),
    said(1_200, 2_000, "second."),
    said(2_100, 3_000, "Then Bo.", "Bo"),
    said(4_600, 5_000, "After a pause."),
  ], [{ name: "Ann", email: "ann@acme.test" }]);
  deepStrictEqual(segments, [
    {
      seq: 0,
      speaker_name: "Ann",
      speaker_email: "ann@acme.test",
      start_ms: 0,
      end_ms: 2_000,
      text: "First second.",
    },
    {
      seq: 1,
      speaker_name: "Bo",
      speaker_email: null,
      start_ms: 2_100,
      end_ms: 3_000,
      text: "Then Bo.",
    },
    {
      seq: 2,
      speaker_name: "Ann",
      speaker_email: "ann@acme.test",
      start_ms: 4_600,
      end_ms: 5_000,
      text: "After a pause.",
    },
  ]);
});

Deno.test("U60-122 composeSegments() joins nothing over a pause, a minute or 600 characters", () => {
  const count = (...lines: SpokenLine[]): number => composeSegments(lines, []).length;
  strictEqual(count(said(0, 1_000, "a"), said(2_500, 3_000, "b")), 1);
  strictEqual(count(said(0, 1_000, "a"), said(2_501, 3_000, "b")), 2);
  strictEqual(count(said(0, 59_000, "a"), said(59_000, 60_000, "b")), 1);
  strictEqual(count(said(0, 59_000, "a"), said(59_000, 60_001, "b")), 2);
  strictEqual(count(said(0, 1_000, "a".repeat(299)), said(1_000, 2_000, "b".repeat(300))), 1);
  strictEqual(count(said(0, 1_000, "a".repeat(300)), said(1_000, 2_000, "b".repeat(300))), 2);
});

Deno.test("COP-022 composeSegments() masks a card number that two segments share", () => {
  const segments = composeSegments([
    said(0, 1_000, "The card is 4539 1488"),
    said(1_500, 2_000, "Go on.", "Bo"),
    said(2_500, 4_000, "0343 6467, that is it."),
  ], []);
  const text = segments.map((segment) => segment.text).join(" ");
  ok(!/1488|0343/.test(text), text);
  ok(text.includes("Go on.") && text.includes("that is it."), "control: the rest is there");
});

Deno.test("U60-122 composeSegments() makes what the database takes, of whatever is sent", () => {
  const anyLine = fc.record({
    startMs: fc.oneof(fc.integer(), fc.double()),
    endMs: fc.oneof(fc.integer(), fc.double()),
    text: fc.oneof(
      fc.string({ unit: "binary" }),
      fc.constantFrom("\0", "\ud83d", "x".repeat(20_001)),
    ),
    speaker: fc.option(
      fc.oneof(fc.string({ unit: "binary" }), fc.constant("\ud83d".repeat(201))),
    ),
  });
  fc.assert(fc.property(fc.array(anyLine, { maxLength: 8 }), (lines) => {
    const segments = composeSegments(lines, []);
    for (const [index, segment] of segments.entries()) {
      strictEqual(segment.seq, index);
      ok(segment.text.length > 0 && segment.text.length <= 20_000);
      ok(segment.text.isWellFormed() && !segment.text.includes("\0"));
      ok(Number.isInteger(segment.start_ms) && segment.start_ms >= 0);
      ok(segment.end_ms >= segment.start_ms && segment.end_ms <= 2_147_483_647);
      ok(segment.start_ms >= (segments[index - 1]?.start_ms ?? 0));
      const name = segment.speaker_name;
      ok(name === null || (name.length <= 200 && name.isWellFormed() && !name.includes("\0")));
    }
  }));
});

Deno.test("U60-122 composeSegments() loses no word", () => {
  const word = fc.stringMatching(/^[a-z]{1,8}$/);
  const lines = fc.array(fc.tuple(fc.nat(60_000), word, fc.constantFrom("Ann", "Bo", null)));
  fc.assert(fc.property(lines, (heard) => {
    const spoken = heard.map(([at, text, speaker]) => said(at, at + 400, text, speaker));
    const words = composeSegments(spoken, []).flatMap(({ text }) => text.split(" "));
    deepStrictEqual(words.toSorted(), spoken.map(({ text }) => text).toSorted());
  }));
});
