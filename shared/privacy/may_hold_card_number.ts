// The quick look before the careful one: most texts have too few digits, and too few words that say
// digits, for a card number. Runs on every string of every webhook, so it only counts.
import { MIN_CARD_DIGITS } from "./card_rules.ts";
import { findWord, maybeWord } from "./card_words.ts";
import type { Piece } from "./number_token.ts";

/** "Thousand" makes four digits of one; nothing makes more. */
const WORD_MAX_DIGITS = 4;

/**
 * Says whether texts that follow each other may hold a card number or a security code.
 *
 * @param pieces The texts.
 * @returns False when there is certainly none.
 */
export function mayHoldCardNumber(pieces: readonly Piece[]): boolean {
  let digits = 0;
  for (const { text, label } of pieces) {
    if (label !== undefined) digits += countDigits(label, MIN_CARD_DIGITS - digits);
    digits += countDigits(text, MIN_CARD_DIGITS - digits);
    if (digits >= MIN_CARD_DIGITS) return true;
  }
  return false;
}

/** Digits that a text may hold; counts no further than enough. */
function countDigits(text: string, enough: number): number {
  let digits = 0;
  let at = 0;
  while (at < text.length && digits < enough) {
    const code = text.charCodeAt(at);
    if (isLetter(code)) {
      const start = at;
      while (isLetter(text.charCodeAt(at))) at++;
      digits += digitsOfWord(text, start, at);
      continue;
    }
    // Of another script: perhaps a digit
    if (code > 127 || code >= 48 && code <= 57) digits++;
    at++;
  }
  return digits;
}

function isLetter(code: number): boolean {
  const lower = code | 32;
  return lower >= 97 && lower <= 122;
}

function digitsOfWord(text: string, start: number, end: number): number {
  const length = end - start;
  if (!maybeWord(text.charCodeAt(start), text.charCodeAt(end - 1), length)) return 0;
  switch (findWord(text.slice(start, end).toLowerCase())?.role) {
    case "unit":
    case "oh":
    case "homophone":
      return 1;
    case "teen":
    case "tens":
      return 2;
    case "hundred":
    case "thousand":
    case "repeat":
      return WORD_MAX_DIGITS;
    case "secret":
      return MIN_CARD_DIGITS;
    default:
      return 0;
  }
}
