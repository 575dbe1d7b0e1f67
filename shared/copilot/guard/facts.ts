// Whether a sentence states only what was read: its numbers, days, hours, amounts and names.
import { readNumbers } from "../../words/number_words.ts";
import { OPENING_WORDS, STOP_WORDS } from "../../words/word_lists.ts";
import type { Evidence } from "./evidence.ts";
import { GENERAL_WORDS, OPENING_ADVICE } from "./general_words.ts";

const WORD = /[\p{L}\p{M}\p{N}]+(?:['’-][\p{L}\p{M}\p{N}]+)*/gu;
const SENTENCE_START = /(?:^|[.!?:\n…]["'’”)]*\s+|^[\s•*#>–—"'‘“([\d.)-]*)$/u;
const CURRENCIES: ReadonlyArray<readonly [RegExp, readonly string[]]> = [
  [/\$|\bdollars?\b|\busd\b/i, ["USD", "CAD", "AUD", "NZD", "SGD"]],
  [/€|\beuros?\b|\beur\b/i, ["EUR"]],
  [/£|\bpounds?\b|\bgbp\b/i, ["GBP"]],
  [/¥|\byen\b|\bjpy\b/i, ["JPY", "CNY"]],
];
const HEADING_MAX_WORDS = 6;

/**
 * Says whether evidence bears out every fact of a sentence.
 *
 * @param sentence Plain text.
 * @param evidence What was read.
 */
export function areFactsBorneOut(sentence: string, evidence: Evidence): boolean {
  const plain = sentence.normalize("NFKC").replaceAll("’", "'");
  // Markers of a list count nothing
  const unnumbered = plain.replace(/^\s*(?:[•*-]\s*)?\d{1,2}[.)]\s/gm, " ").toLowerCase();
  const rest = evidence.times.takeKnown(unnumbered);
  return rest !== null && areNumbersKnown(rest, evidence) &&
    areCurrenciesKnown(plain, evidence) && areNamesKnown(plain, evidence);
}

function areNumbersKnown(text: string, { numbers, addresses, words }: Evidence): boolean {
  // Numbers in known addresses and in names with digits are part of those
  const rest = text.replace(
    /[\p{L}\p{N}._%+-]+@[\p{L}\p{N}.-]+/gu,
    (address) => addresses.has(address.replace(/\.$/, "")) ? " " : address,
  )
    .replace(
      /(?<![\p{L}\p{N}])(?:\p{L}+\d[\p{L}\d]*)/gu,
      (word) => words.has(word) || GENERAL_WORDS.has(word) ? " " : word,
    );
  return readNumbers(rest).every(({ value, isWritten, isOrdinal }) =>
    numbers.has(value) || numbers.has(-value) ||
    // "One of them" and "the second call" count nothing
    !isWritten && (isOrdinal || value <= 1)
  );
}

function areCurrenciesKnown(text: string, { currencies }: Evidence): boolean {
  if (currencies.size === 0) return true;
  return CURRENCIES.every(([sign, codes]) =>
    !sign.test(text) || codes.some((code) => currencies.has(code))
  );
}

/** A word with a capital is a name, unless it is one that anybody writes so. */
function areNamesKnown(text: string, { words }: Evidence): boolean {
  if (isHeading(text)) return true;
  for (const match of text.matchAll(WORD)) {
    const [word] = match;
    if (!/\p{Lu}/u.test(word) || /^I(?:'\p{L}+)?$/u.test(word)) continue;
    const plain = word.toLowerCase();
    const forms = [plain, plain.replace(/'s$|'$/u, ""), ...plain.split(/['-]/u)];
    if (forms.some((form) => words.has(form) || GENERAL_WORDS.has(form))) continue;
    if (/^\d/.test(word)) continue;
    const isFirst = SENTENCE_START.test(text.slice(0, match.index));
    if (isFirst && isOpening(plain)) continue;
    return false;
  }
  return true;
}

/** "Talking Points:" and the like: capitals without names, by their form. */
function isHeading(text: string): boolean {
  const words = text.match(WORD) ?? [];
  return words.length <= HEADING_MAX_WORDS && /^[\s#*_•-]*[\p{L}' &/-]+:?[*_\s]*$/u.test(text) &&
    /:[*_\s]*$|^\s*(?:#|\*\*)/.test(text);
}

function isOpening(word: string): boolean {
  const bare = word.replace(/'\p{L}+$/u, "");
  return OPENING_ADVICE.has(word) || OPENING_WORDS.has(word) || STOP_WORDS.has(word) ||
    OPENING_WORDS.has(bare) ||
    STOP_WORDS.has(bare) || /(?:ly|ing|ed)$/u.test(bare);
}
