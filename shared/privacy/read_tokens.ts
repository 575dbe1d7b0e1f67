// Reads texts word by word, keeping only numbers and what tells something about them. One pass, each
// character looked at a bounded number of times.
import { findWord, maybeWord } from "./card_words.ts";
import { type FoldedText, foldText } from "./fold_text.ts";
import { maskLengthAt } from "./masks.ts";
import type { Piece, Tokens } from "./number_token.ts";
import { TokenCollector } from "./token_collector.ts";

const LETTER = 1;
const DIGIT = 2;
const SPACE = 3;
/** Of a script that may do without spaces: a number that touches it is still a number. */
const FOREIGN = 4;
const CLASSES = classesOfAscii();

/** A subtitle's cue, or the time at the start of a transcript's line. */
const LINE_TIME =
  /(?:\d{1,5}\r?\n)?\d{1,2}:\d{2}(?::\d{2})?[.,]\d{1,3} --> [^\n]*|[[(]?\d{1,2}:\d{2}(?::\d{2})?(?:[.,]\d{1,3})?[\])]?(?=\s)/y;
/** Who speaks, at the start of a transcript's line. */
const LINE_SPEAKER = /[A-Za-z][A-Za-z.'-]{0,30}(?: [A-Za-z0-9.'-]{1,30}){0,2}:(?=\s)/y;
/** Who speaks, in subtitles; or markup. */
const TAG = /<\/?[A-Za-z][^<>\n]{0,80}>/y;
const THOUSANDS = /(?:,\d{3})+(?!,?\d)/y;
/** An account number of a bank, as it is printed. */
const IBAN = /[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){3,7}(?: ?[A-Z0-9]{1,3})?(?![A-Za-z0-9])/y;
const ADDRESS = /https?:\/\/\S{1,2000}/iy;
/** Addresses are left whole, but for those that carry a card number by their own words. */
const CARD_ADDRESS = /card|pan=|cc=/i;
const DECIMALS = /\.\d{1,2}(?![\d]|\.\d)/y;
const TELLING: ReadonlySet<string> = new Set([
  "card",
  "brand",
  "label",
  "secret",
  "expiry",
  "payment",
  "secretPart",
]);
const SPLIT_BEFORE_DIGITS: ReadonlySet<string> = new Set(["card", "brand", "secret", "expiry"]);

function classesOfAscii(): Uint8Array {
  const classes = new Uint8Array(128);
  for (let code = 0; code < 128; code++) {
    const character = String.fromCharCode(code);
    if (/[A-Za-z]/.test(character)) classes[code] = LETTER;
    else if (/\d/.test(character)) classes[code] = DIGIT;
    else if (/\s/.test(character)) classes[code] = SPACE;
  }
  return classes;
}

/**
 * Reads pieces that follow each other.
 *
 * @param pieces The texts.
 * @returns Their numbers and telling words.
 */
export function readTokens(pieces: readonly Piece[]): Tokens {
  const collector = new TokenCollector();
  for (const [index, piece] of pieces.entries()) {
    collector.startPiece(index, piece.label);
    new PieceReader(foldText(piece.text), collector).read();
  }
  return collector.finish();
}

class PieceReader {
  readonly #text: string;
  readonly #offsets: Int32Array | null;
  readonly #collector: TokenCollector;
  #at = 0;

  constructor({ text, offsets }: FoldedText, collector: TokenCollector) {
    this.#text = text;
    this.#offsets = offsets;
    this.#collector = collector;
  }

  read(): void {
    const text = this.#text;
    this.#skipLineHead();
    while (this.#at < text.length) {
      const code = text.charCodeAt(this.#at);
      const kind = code < 128 ? CLASSES[code] : FOREIGN;
      if (kind === LETTER || kind === FOREIGN) this.#readWord();
      else if (kind === DIGIT) this.#readDigits();
      else if (kind === SPACE) {
        this.#at++;
        if (code === 10) {
          this.#collector.addLineEnd();
          this.#skipLineHead();
        }
      } else this.#readMark();
    }
  }

  #readMark(): void {
    const mark = this.#text.charAt(this.#at);
    const length = mark === "["
      ? maskLengthAt(this.#text, this.#at)
      : mark === "<"
      ? this.#match(TAG, this.#at)
      : 0;
    if (length > 0) this.#collector.addFiller();
    if (length === 0 || mark === "[") this.#collector.addMark(mark);
    const isBetweenDigits = this.#kindAt(this.#at - 1) === DIGIT &&
      this.#kindAt(this.#at + 1) === DIGIT;
    if (mark === ":" && isBetweenDigits) this.#collector.addTimeMark();
    this.#at += Math.max(length, 1);
  }

  /** When and who at the start of a line is not part of what is said. */
  #skipLineHead(): void {
    const time = this.#match(LINE_TIME, this.#at);
    if (time > 0) {
      this.#at += time;
      while (this.#text.charAt(this.#at) === " ") this.#at++;
      this.#collector.addFiller();
    }
    const speaker = this.#match(LINE_SPEAKER, this.#at);
    if (speaker === 0) return;
    const words = this.#text.slice(this.#at, this.#at + speaker).toLowerCase().split(/[^a-z]+/);
    // "Card number: 4111 …" names what follows, not who says it
    if (words.some((word) => TELLING.has(findWord(word)?.role ?? ""))) return;
    this.#at += speaker;
    this.#collector.addFiller();
  }

  #match(pattern: RegExp, at: number): number {
    pattern.lastIndex = at;
    return pattern.exec(this.#text)?.[0].length ?? 0;
  }

  #kindAt(at: number): number {
    if (at < 0 || at >= this.#text.length) return 0;
    const code = this.#text.charCodeAt(at);
    return code < 128 ? CLASSES[code] ?? 0 : FOREIGN;
  }

  #readWord(): void {
    const start = this.#at;
    const name = this.#nameLength();
    if (name > 0) {
      this.#at += name;
      this.#collector.addUnknown();
      return;
    }
    let end = start + 1;
    while (this.#isLetterAt(end) || this.#isApostropheAt(end)) end++;
    const lettersEnd = end;
    if (this.#kindAt(end) === DIGIT && this.#kindAt(end - 1) === LETTER) {
      end = this.#identifierEnd(end);
      const role = this.#wordIn(start, end)?.role ?? this.#wordIn(start, lettersEnd)?.role ?? "";
      if (
        role !== "secret" && SPLIT_BEFORE_DIGITS.has(role) || this.#isGlued(start, lettersEnd, role)
      ) {
        end = lettersEnd;
      }
    } else if (this.#isCodePrefix(start, end)) end = this.#identifierEnd(end + 1);
    this.#at = end;
    const word = this.#wordIn(start, end);
    if (word === undefined) this.#collector.addUnknown();
    else {
      const text = this.#fold(start, end);
      this.#collector.addWord(word, text, this.#offsetOf(start), this.#offsetOf(end));
    }
  }

  /** Of an address or account that starts here; 0 when none does. */
  #nameLength(): number {
    // Most words are neither, which their second letter tells
    const second = this.#text.charCodeAt(this.#at + 1) | 32;
    if (second === 116 && (this.#text.charCodeAt(this.#at) | 32) === 104) {
      const length = this.#match(ADDRESS, this.#at);
      return CARD_ADDRESS.test(this.#text.slice(this.#at, this.#at + length)) ? 0 : length;
    }
    const isIban = this.#kindAt(this.#at + 2) === DIGIT && this.#kindAt(this.#at + 1) === LETTER;
    return isIban ? this.#match(IBAN, this.#at) : 0;
  }

  /** "CVV123", unlike "CVV2". */
  #isGlued(start: number, lettersEnd: number, role: string): boolean {
    return role === "secret" && this.#wordIn(start, this.#identifierEnd(lettersEnd)) === undefined;
  }

  #isLetterAt(at: number): boolean {
    const kind = this.#kindAt(at);
    return kind === LETTER || kind === FOREIGN;
  }

  #isApostropheAt(at: number): boolean {
    return this.#text.charCodeAt(at) === 39 && this.#kindAt(at + 1) === LETTER;
  }

  /** "INV-20261122" is one name. */
  #isCodePrefix(start: number, end: number): boolean {
    const mark = this.#text.charCodeAt(end);
    return (mark === 45 || mark === 95) && end - start <= 6 && this.#kindAt(end + 1) === DIGIT &&
      /^[A-Z]+$/.test(this.#text.slice(start, end)) && this.#wordIn(start, end) === undefined;
  }

  #identifierEnd(from: number): number {
    let at = from;
    while (true) {
      const kind = this.#kindAt(at);
      if (kind === LETTER || kind === DIGIT) at++;
      else {
        const mark = this.#text.charAt(at);
        if (mark !== "-" && mark !== "_") return at;
        const next = this.#kindAt(at + 1);
        if (next !== LETTER && next !== DIGIT) return at;
        at += 2;
      }
    }
  }

  #fold(start: number, end: number): string {
    return this.#text.slice(start, end).toLowerCase();
  }

  #wordIn(start: number, end: number): ReturnType<typeof findWord> {
    const first = this.#text.charCodeAt(start);
    const last = this.#text.charCodeAt(end - 1);
    return maybeWord(first, last, end - start) ? findWord(this.#fold(start, end)) : undefined;
  }

  #readDigits(): void {
    const start = this.#at;
    let end = start + 1;
    while (this.#kindAt(end) === DIGIT) end++;
    if (this.#kindAt(end) === LETTER) {
      this.#at = this.#identifierEnd(end);
      this.#collector.addUnknown();
      return;
    }
    const before = this.#text.charAt(start - 1);
    const beforeThat = this.#text.charAt(start - 2);
    const isGroup = before === "." && this.#kindAt(start - 2) === DIGIT;
    const thousands = end - start <= 3 ? this.#match(THOUSANDS, end) : 0;
    const numberEnd = end + (end - start + thousands < 17 ? thousands : 0);
    const decimals = isGroup ? 0 : this.#match(DECIMALS, numberEnd);
    const isAmount = numberEnd > end || decimals > 0 || before === "$" || before === "+" ||
      before === " " && beforeThat === "$" || this.#text.charAt(numberEnd) === "%";
    this.#at = isAmount ? numberEnd + decimals : end;
    const digits = this.#text.slice(start, this.#at);
    this.#collector.addDigits(digits, isAmount, this.#offsetOf(start), this.#offsetOf(this.#at));
  }

  /** In the original text. */
  #offsetOf(at: number): number {
    return this.#offsets === null ? at : this.#offsets[at] ?? 0;
  }
}
