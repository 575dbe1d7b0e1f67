// Unit tests of naming voices: by whom most of a voice's time belongs to, and never by guessing.
import { deepStrictEqual, strictEqual } from "node:assert/strict";
import fc from "fast-check";
import { nameVoices } from "./name_voices.ts";
import type { SpokenTurn } from "./provider_transcript.ts";
import type { HeardLine } from "./transcription_provider.ts";

const line = (startMs: number, endMs: number, voice: number | null): HeardLine => ({
  startMs,
  endMs,
  voice,
  text: `${startMs}`,
});
const turn = (speaker: string, startMs: number, endMs: number): SpokenTurn => ({
  speaker,
  startMs,
  endMs,
});
const names = (lines: readonly HeardLine[], turns: readonly SpokenTurn[]): (string | null)[] =>
  nameVoices(lines, turns).map(({ speaker }) => speaker);

Deno.test("U60-122 nameVoices() gives a voice the name that most of its time falls to", () => {
  const turns = [turn("Ann", 0, 1_000), turn("Bo", 1_000, 2_100), turn("Ann", 2_100, 3_000)];
  deepStrictEqual(
    names([line(0, 1_050, 0), line(1_050, 2_000, 1), line(2_000, 3_000, 0)], turns),
    ["Ann", "Bo", "Ann"],
  );
});

Deno.test("U60-122 nameVoices() lets a short line follow its voice, also where another talks over it", () => {
  const turns = [turn("Ann", 0, 10_000), turn("Bo", 10_000, 20_000), turn("Bo", 21_000, 21_400)];
  const lines = [line(0, 10_000, 0), line(10_000, 20_000, 1), line(21_000, 21_400, 0)];
  deepStrictEqual(names(lines, turns), ["Ann", "Bo", "Ann"]);
});

Deno.test("U60-122 nameVoices() names a voice that two people share line by line", () => {
  const turns = [turn("Ann", 0, 1_000), turn("Bo", 1_000, 2_000)];
  deepStrictEqual(names([line(0, 1_000, 0), line(1_000, 2_000, 0)], turns), ["Ann", "Bo"]);
});

Deno.test("U60-122 nameVoices() leaves a voice its number where the turns don't tell", () => {
  const turns = [turn("Ann", 0, 1_000), turn("Bo", 0, 1_000)];
  deepStrictEqual(names([line(0, 1_000, 0), line(5_000, 6_000, 1)], turns), [
    "Speaker 1",
    "Speaker 2",
  ]);
  deepStrictEqual(names([line(0, 1_000, 4)], []), ["Speaker 5"]);
  deepStrictEqual(names([line(0, 1_000, null)], []), [null], "nobody told voices apart");
  deepStrictEqual(names([line(0, 1_000, null)], [turn("Ann", 0, 900)]), ["Ann"]);
});

Deno.test("U60-122 nameVoices() allows two voices at one device", () => {
  const turns = [turn("Room 4", 0, 5_000)];
  deepStrictEqual(names([line(0, 2_000, 0), line(2_000, 5_000, 1)], turns), ["Room 4", "Room 4"]);
});

Deno.test("U60-122 nameVoices() measures what comparing every line with every turn measures", () => {
  const span = fc.tuple(fc.nat(500), fc.integer({ min: 1, max: 200 }));
  const property = fc.property(
    fc.array(fc.tuple(span, fc.option(fc.nat(2))), { maxLength: 12 }),
    fc.array(fc.tuple(span, fc.constantFrom("Ann", "Bo", "Cy")), { maxLength: 12 }),
    (heard, spoken) => {
      const lines = heard.map(([[at, length], voice]) => line(at, at + length, voice));
      const turns = spoken.map(([[at, length], name]) => turn(name, at, at + length))
        .sort((a, b) => a.startMs - b.startMs);
      const overlap = (one: HeardLine, name: string): number =>
        turns.filter(({ speaker }) => speaker === name).reduce(
          (sum, each) =>
            sum +
            Math.max(0, Math.min(one.endMs, each.endMs) - Math.max(one.startMs, each.startMs)),
          0,
        );
      const best = (those: readonly HeardLine[]): string | null => {
        const sums = ["Ann", "Bo", "Cy"].map((name) =>
          [name, those.reduce((sum, one) => sum + overlap(one, name), 0)] as const
        );
        const total = sums.reduce((sum, [, ms]) => sum + ms, 0);
        // More than half of all: there is no second one
        return sums.find(([, ms]) => ms > 0 && ms >= total * 0.6)?.[0] ?? null;
      };
      const named = nameVoices(lines, turns);
      strictEqual(named.length, lines.length);
      for (const [index, one] of lines.entries()) {
        const { voice } = one;
        const expected = (voice === null ? null : best(lines.filter((l) => l.voice === voice))) ??
          best([one]) ?? (voice === null ? null : `Speaker ${voice + 1}`);
        strictEqual(named[index]?.speaker, expected);
      }
    },
  );
  fc.assert(property, { numRuns: 500 });
});
