// The figures behind the masking of card numbers, on generated corpora; they are printed.
import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { maskCardNumbers, maskSegments } from "@shared/privacy/mask_card_numbers.ts";
import { makeBusinessLines } from "./business_lines.ts";
import { type CardMention, makeMentions, MENTION_STYLES } from "./card_mentions.ts";

const MENTIONS = 5_000;
const LINES = 100_000;
const MIN_RECALL = 0.995;
const MAX_FALSE = 0.003;

/** Nothing of a number may be left: no digit of any script, no word that says one. */
const LEFT =
  /\p{Nd}|\b(?:zero|oh|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|\w+teen|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety|double|triple)\b/iu;

function isGone({ segments }: CardMention): boolean {
  return maskSegments(segments).every(({ text }) => !LEFT.test(text));
}

function percent(share: number): string {
  return `${(100 * share).toFixed(2)} %`;
}

Deno.test("COP-022 V-15 at least 99.5 % of card numbers are gone whole, in each style", () => {
  const shares = new Map<string, number>();
  for (const [index, style] of Object.keys(MENTION_STYLES).entries()) {
    let gone = 0;
    for (const mention of makeMentions(style, MENTIONS, 1000 + index)) {
      if (isGone(mention)) gone++;
    }
    shares.set(style, gone / MENTIONS);
  }
  ok(shares.size >= 12);
  for (const [style, share] of shares) console.log(`recall ${percent(share)}  ${style}`);
  for (const [style, share] of shares) ok(share >= MIN_RECALL, `${style}: ${percent(share)}`);
});

Deno.test("V-15 at most 0.3 % of business lines without a card number are changed", () => {
  let changed = 0;
  const lines = [...makeBusinessLines(LINES, 7)];
  for (const line of lines) if (maskCardNumbers(line) !== line) changed++;
  const masked = maskSegments(lines.map((text) => ({ text })));
  const inOne = masked.filter(({ text }, index) => text !== lines[index]).length;
  console.log(`false positives ${percent(changed / LINES)} of ${LINES} lines, each alone`);
  console.log(`false positives ${percent(inOne / LINES)} of the same lines as one conversation`);
  ok(changed / LINES <= MAX_FALSE, percent(changed / LINES));
  ok(inOne / LINES <= MAX_FALSE, percent(inOne / LINES));
});

Deno.test("V-15 card numbers are found among those lines, and the lines are left", () => {
  const lines = [...makeBusinessLines(2_000, 11)].map((text) => ({ speaker: "Cleo", text }));
  const [mention] = makeMentions("over speakers", 1, 5);
  ok(mention !== undefined);
  const masked = maskSegments([...lines, ...mention.segments, ...lines]);
  const middle = masked.slice(lines.length, lines.length + mention.segments.length);
  ok(middle.every(({ text }) => !LEFT.test(text)), JSON.stringify(middle));
});

Deno.test("COP-022 masking twice is masking once", () => {
  for (const style of Object.keys(MENTION_STYLES)) {
    for (const { segments } of makeMentions(style, 200, 3)) {
      const once = maskSegments(segments);
      deepStrictEqual(maskSegments(once), once);
      strictEqual(once.length, segments.length);
    }
  }
});
