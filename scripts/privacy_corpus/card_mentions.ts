// Ways in which people give a card number in a meeting, as transcribers write them down. Made
// without the scanner's own vocabulary or rules, so that both can be wrong separately.
import { Dice } from "./dice.ts";

/** What one speaker said without a break. */
export interface SaidSegment {
  readonly speaker: string;
  readonly text: string;
}

/** A number that was given, and everything that was said with it: no other digit, no other number. */
export interface CardMention {
  readonly pan: string;
  readonly segments: readonly SaidSegment[];
}

/** Says a number in one way. */
export type MentionStyle = (pan: string, dice: Dice) => SaidSegment[];

const ISSUERS: readonly (readonly [prefix: string, length: number])[] = [
  ["4", 16],
  ["4", 16],
  ["4", 13],
  ["4", 19],
  ["51", 16],
  ["53", 16],
  ["55", 16],
  ["2221", 16],
  ["2540", 16],
  ["2720", 16],
  ["34", 15],
  ["37", 15],
  ["6011", 16],
  ["65", 16],
  ["3530", 16],
  ["36", 14],
  ["305", 14],
  ["62", 16],
  ["62", 19],
  ["5018", 16],
  ["6759", 18],
  ["2200", 16],
];

/** Makes up a card number that a check would take for real. */
export function makePan(dice: Dice): string {
  const [prefix, length] = dice.pick(ISSUERS);
  const body = prefix + dice.digits(length - prefix.length - 1);
  let sum = 0;
  for (let index = 0; index < body.length; index++) {
    const digit = Number(body[body.length - 1 - index]);
    const doubled = index % 2 === 0 ? digit * 2 : digit;
    sum += doubled > 9 ? doubled - 9 : doubled;
  }
  return body + (10 - sum % 10) % 10;
}

const OPENINGS = [
  "",
  "Sure, it's ",
  "My card number is ",
  "Okay so that would be ",
  "You can charge it to ",
  "Let me read it out: ",
  "The number on the company card is ",
  "I have it here, ",
  "We always pay with ",
  "Please use ",
];
const CLOSINGS = [
  "",
  ".",
  " and that's it.",
  ", did you get that?",
  " thanks.",
  ", please charge it today.",
];
const NODS = ["Okay.", "Mm-hmm.", "Got it.", "Yes.", "Uh-huh, go on.", "Right.", "Yeah, next."];
const PAUSES = ["um", "uh", "and then", "okay", "er", "so", "dash", "comma", "right", "yeah"];
const DIGIT_NAMES = [
  "zero",
  "one",
  "two",
  "three",
  "four",
  "five",
  "six",
  "seven",
  "eight",
  "nine",
];
const TEEN_NAMES = [
  ..."ten eleven twelve thirteen fourteen".split(" "),
  ..."fifteen sixteen seventeen eighteen nineteen".split(" "),
];
const TENS_NAMES = [
  "",
  "",
  "twenty",
  "thirty",
  "forty",
  "fifty",
  "sixty",
  "seventy",
  "eighty",
  "ninety",
];

function sayDigit(digit: string, dice: Dice): string {
  return digit === "0" && dice.below(2) === 0 ? "oh" : DIGIT_NAMES[Number(digit)] ?? "";
}

function sayDigits(digits: string, dice: Dice): string {
  return [...digits].map((digit) => sayDigit(digit, dice)).join(" ");
}

/** As it is printed: four and four, or the way of American Express. */
function printedGroups(pan: string): string[] {
  const sizes = pan.length === 15 ? [4, 6, 5] : pan.length === 14 ? [4, 6, 4] : [4, 4, 4, 4, 4];
  const groups: string[] = [];
  let at = 0;
  for (const size of sizes) {
    if (at < pan.length) groups.push(pan.slice(at, at + size));
    at += size;
  }
  return groups;
}

function alone(text: string, dice: Dice): SaidSegment[] {
  return [{ speaker: "Ana", text: dice.pick(OPENINGS) + text + dice.pick(CLOSINGS) }];
}

function joined(separators: readonly string[]): MentionStyle {
  return (pan, dice) => alone(printedGroups(pan).join(dice.pick(separators)), dice);
}

function sayWithRepeats(pan: string, dice: Dice): SaidSegment[] {
  const words: string[] = [];
  for (const [repeat] of pan.matchAll(/(\d)\1{0,2}/g)) {
    const name = sayDigit(repeat[0] ?? "", dice);
    if (repeat.length === 3) words.push(`triple ${name}`);
    else words.push(repeat.length === 2 ? `double ${name}` : name);
  }
  return alone(words.join(" "), dice);
}

function sayPair(pair: string, dice: Dice): string {
  const value = Number(pair);
  if (value < 10) return sayDigits(pair, dice);
  if (value < 20) return TEEN_NAMES[value - 10] ?? "";
  const unit = value % 10;
  const tens = TENS_NAMES[Math.floor(value / 10)] ?? "";
  return unit === 0 ? tens : `${tens}${dice.pick(["-", " "])}${DIGIT_NAMES[unit]}`;
}

function sayInPairs(pan: string, dice: Dice): SaidSegment[] {
  const pairs = pan.match(/\d\d/g) ?? [];
  const words = pairs.map((pair) => sayPair(pair, dice)).join(" ");
  const rest = pan.length % 2 === 1 ? `, ${DIGIT_NAMES[Number(pan.at(-1))]}` : "";
  return alone(words + rest, dice);
}

function sayHesitating(pan: string, dice: Dice): SaidSegment[] {
  const words: string[] = [];
  for (const digit of pan) {
    if (words.length > 0 && dice.below(3) === 0) words.push(`${dice.pick(PAUSES)},`);
    words.push(dice.below(4) === 0 ? digit : sayDigit(digit, dice));
  }
  return alone(words.join(dice.pick([" ", ", "])), dice);
}

const ZEROS = [0xff10, 0x0660, 0x06f0, 0x0966, 0x1d7ce, 0x1d7ec];

function writeForeign(pan: string, dice: Dice): SaidSegment[] {
  const zero = dice.pick(ZEROS);
  const separator = dice.pick(["", " ", "\u3000", "\u00a0", "\u2011", "\u200b", "\uff0d"]);
  const write = (group: string): string =>
    [...group].map((digit) => String.fromCodePoint(zero + Number(digit))).join(
      dice.pick(["", "\u200d"]),
    );
  return alone(printedGroups(pan).map(write).join(separator), dice);
}

function writeMixed(pan: string, dice: Dice): SaidSegment[] {
  const groups = printedGroups(pan).map((group) =>
    dice.below(2) === 0 ? group : sayDigits(group, dice)
  );
  return alone(groups.join(dice.pick([" ", ", ", " - "])), dice);
}

function sayPart(digits: string, dice: Dice): string {
  return dice.below(2) === 0 ? digits : sayDigits(digits, dice);
}

/** Two to four parts, cut anywhere. */
function cut(pan: string, dice: Dice): string[] {
  const parts = dice.between(2, 4);
  const size = Math.ceil(pan.length / parts);
  return Array.from({ length: parts }, (_, part) => pan.slice(part * size, (part + 1) * size))
    .filter((part) => part !== "");
}

function splitOverSegments(pan: string, dice: Dice): SaidSegment[] {
  const parts = cut(pan, dice);
  return parts.map((part, index) => ({
    speaker: "Ana",
    text: (index === 0 ? dice.pick(OPENINGS) : "") + sayPart(part, dice) +
      (index === parts.length - 1 ? dice.pick(CLOSINGS) : dice.pick(["", ".", ","])),
  }));
}

/** The other one nods, or repeats each part. */
function splitOverSpeakers(pan: string, dice: Dice): SaidSegment[] {
  const isRepeating = dice.below(3) === 0;
  return cut(pan, dice).flatMap((part, index) => [
    { speaker: "Ana", text: (index === 0 ? dice.pick(OPENINGS) : "") + sayPart(part, dice) },
    { speaker: "Ben", text: isRepeating ? `${sayPart(part, dice)}.` : dice.pick(NODS) },
  ]);
}

/** Both read from the same card. */
function takeTurns(pan: string, dice: Dice): SaidSegment[] {
  return cut(pan, dice).map((part, index) => ({
    speaker: index % 2 === 0 ? "Ana" : "Ben",
    text: sayPart(part, dice),
  }));
}

/** As transcribers list words, one each. */
function wordByWord(pan: string, dice: Dice): SaidSegment[] {
  const [{ text } = { text: "" }] = sayHesitating(pan, dice);
  return text.split(" ").filter((word) => word !== "").map((word) => ({
    speaker: "Ana",
    text: word,
  }));
}

/** Every way, by name. */
export const MENTION_STYLES: Readonly<Record<string, MentionStyle>> = {
  "in one piece": (pan, dice) => alone(pan, dice),
  "groups with spaces": joined([" ", "  ", "\t"]),
  "groups with hyphens": joined(["-", " - ", "\u2013"]),
  "groups with commas and stops": joined([", ", ". ", ".", " / ", "\n"]),
  "digit by digit": (pan, dice) => alone(sayDigits(pan, dice), dice),
  "double and triple": sayWithRepeats,
  "in pairs": sayInPairs,
  "with hesitation": sayHesitating,
  "other digits": writeForeign,
  "digits and words": writeMixed,
  "over segments": splitOverSegments,
  "over speakers": splitOverSpeakers,
  "taking turns": takeTurns,
  "word by word": wordByWord,
};

/**
 * Makes mentions of one style.
 *
 * @param style Its name.
 * @param count How many.
 * @param seed Where chance starts.
 * @returns The mentions.
 */
export function* makeMentions(style: string, count: number, seed: number): Generator<CardMention> {
  const say = MENTION_STYLES[style];
  if (say === undefined) throw new RangeError(`Unknown style "${style}"`);
  const dice = new Dice(seed);
  for (let index = 0; index < count; index++) {
    const pan = makePan(dice);
    yield { pan, segments: say(pan, dice) };
  }
}
