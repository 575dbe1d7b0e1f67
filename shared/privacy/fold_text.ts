// Text as a listener hears it: full-width, circled, superscript and foreign digits become digits,
// accents go, invisible characters vanish. Remembers where each character came from.

/** Folded text and the way back. */
export interface FoldedText {
  /** ASCII, but for letters that have no plain form. */
  readonly text: string;
  /** Offset in the original per folded character, and one more for the end; null: the same offsets. */
  readonly offsets: Int32Array | null;
}

// deno-lint-ignore no-control-regex -- the range is ASCII itself
const BEYOND_ASCII = /[^\x00-\x7f]/;
const INVISIBLE = /^[\p{M}\p{Cf}]$/u;
const DIGIT = /^\p{Nd}$/u;
const LETTER = /^\p{L}$/u;
const DASH = /^\p{Pd}$/u;
const CURRENCY = /^\p{Sc}$/u;
const UTF16 = new TextDecoder("utf-16le", { ignoreBOM: true });
const QUOTES = "\u2018\u2019\u02bc\uff07";
/** What one character may become: "⑯" is two digits, nothing sensible is more. */
const MAX_FOLDED = 2;

/**
 * Folds a text. Takes time proportional to its length, whatever is in it.
 *
 * @param original The text.
 * @returns The folded text; the original itself when it is ASCII.
 */
export function foldText(original: string): FoldedText {
  if (!BEYOND_ASCII.test(original)) return { text: original, offsets: null };
  const known = new Map<string, string>();
  const capacity = foldedLength(original, known);
  // Arrays of numbers, as a string a character would take many times its size
  const codes = new Uint16Array(capacity);
  const offsets = new Int32Array(capacity + 1);
  let length = 0;
  let offset = 0;
  for (const character of original) {
    const folded = foldOnce(character, known);
    for (let index = 0; index < folded.length; index++) {
      codes[length] = folded.charCodeAt(index);
      offsets[length++] = offset;
    }
    offset += character.length;
  }
  offsets[length] = offset;
  return { text: UTF16.decode(codes), offsets };
}

function foldedLength(original: string, known: Map<string, string>): number {
  let length = 0;
  for (const character of original) length += foldOnce(character, known).length;
  return length;
}

function foldOnce(character: string, known: Map<string, string>): string {
  if (character <= "\x7f") return character;
  let folded = known.get(character);
  if (folded === undefined) {
    folded = foldCharacter(character);
    known.set(character, folded);
  }
  return folded;
}

function foldCharacter(character: string): string {
  if (INVISIBLE.test(character)) return "";
  if (DASH.test(character)) return "-";
  if (QUOTES.includes(character)) return "'";
  if (CURRENCY.test(character)) return "$";
  const plain = character.normalize("NFKD").replace(/\p{M}/gu, "");
  if (!BEYOND_ASCII.test(plain) && plain.length > 0 && plain.length <= MAX_FOLDED) return plain;
  if (DIGIT.test(character)) return digitOf(character.codePointAt(0) ?? 0);
  if (!LETTER.test(character)) return " ";
  const lower = plain.toLowerCase();
  return lower.length === 1 ? lower : "\u00df";
}

/** Digits of a script stand in tens, so a digit's value is how many stand before it. */
function digitOf(codePoint: number): string {
  let before = 0;
  while (before < 10 && DIGIT.test(String.fromCodePoint(codePoint - before - 1))) before++;
  return String(before % 10);
}
