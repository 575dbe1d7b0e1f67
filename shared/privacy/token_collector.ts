// Remembers what was said between numbers: how far apart they are, and whether a word before or
// after them says whose numbers they are.
import { findWord, type Word } from "./card_words.ts";
import type { Cue, Gap, NumberToken, Tokens } from "./number_token.ts";

/** Words between a label and its number. */
const LABEL_REACH = 5;
/** "Card is 123": words between them. */
const CARD_REACH = 2;
const LABEL_ENDS = ".,;?!";
const HARD_MARKS = ":=%$+@<>|{}()[]";
const SHORTENED: ReadonlySet<string> = new Set(["no", "nr", "num", "ref", "id"]);
const LINKING: ReadonlySet<string> = new Set(["is", "was", "as"]);
const DETERMINERS: ReadonlySet<string> = new Set(["the", "your", "our", "my", "a", "an", "this"]);
/** "Oh sorry" is no zero. */
const AFTER_OH: ReadonlySet<string> = new Set(
  "sorry wait yeah yes no right okay ok sure my god well hang hold".split(" "),
);
const CARD_DETAILS: ReadonlySet<string> = new Set(["number", "numbers", "no", "details", "is"]);
const SECRET_NOUNS: ReadonlySet<string> = new Set(["code", "number", "value", "digits"]);

/** Collects the tokens of pieces that follow each other. */
export class TokenCollector {
  readonly #numbers: NumberToken[] = [];
  readonly #cues: Cue[] = [];
  #gap: Gap = newGap();
  #piece = 0;
  #place = 0;
  #wordsInPiece = 0;
  /** Words that may still stand before the labelled number; 0: no label. */
  #labelReach = 0;
  /** 1 after a number, 2 after "… is the". */
  #afterNumber = 0;
  #lastText = "";
  #lastRole = "";
  #lastNumberPlace = -9;

  /**
   * Goes on to the next piece.
   *
   * @param piece Its index.
   * @param label Name of the field that holds it.
   */
  startPiece(piece: number, label: string | undefined): void {
    // Of words that are a piece each, a label holds for the next; of whole sentences it does not
    if (this.#wordsInPiece > 1) this.#labelReach = 0;
    this.#piece = piece;
    this.#wordsInPiece = 0;
    if (piece > 0) this.addLineEnd();
    for (const text of label?.split(" ") ?? []) {
      const word = findWord(text);
      if (word === undefined) this.addUnknown();
      else this.addWord(word, text, 0, 0);
    }
    if (label !== undefined) this.#gap.isHard = true;
  }

  /** A line ended. */
  addLineEnd(): void {
    this.#gap.isBroken = true;
  }

  /** Something that is not said, such as who speaks. */
  addFiller(): void {
    this.#gap.fillers++;
    this.#labelReach = 0;
  }

  /** Adds a character that is no letter, digit or space. */
  addMark(mark: string): void {
    if (mark === ",") this.#gap.hasComma = true;
    if (HARD_MARKS.includes(mark)) this.#gap.isHard = true;
    // "Serial no. 123" is one sentence
    if (LABEL_ENDS.includes(mark) && !(mark === "." && SHORTENED.has(this.#lastText))) {
      this.#labelReach = 0;
      this.#afterNumber = 0;
    } else if ((mark === "(" || mark === "=") && this.#afterNumber === 1) this.#afterNumber = 2;
  }

  /** Adds what stands between hours and minutes. */
  addTimeMark(): void {
    this.#gap.isTime = true;
  }

  /** Adds a number in digits. */
  addDigits(digits: string, isAmount: boolean, start: number, end: number): void {
    this.#addNumber({ digits, role: "written", value: 0, isAmount }, start, end);
  }

  /** Adds an ordinary word. */
  addUnknown(): void {
    this.#gap.others++;
    this.#labelReach = 0;
    this.#afterNumber = 0;
    this.#lastText = "";
    this.#lastRole = "";
    this.#place++;
    this.#wordsInPiece++;
  }

  /**
   * Adds a word of the vocabulary.
   *
   * @param word What it is good for.
   * @param text Itself, folded.
   * @param start Where it starts.
   * @param end Where it ends.
   */
  addWord(word: Word, text: string, start: number, end: number): void {
    const last = this.#numbers.at(-1);
    const isRightAfterNumber = last !== undefined && last.place === this.#lastNumberPlace &&
      this.#lastNumberPlace === this.#place - 1;
    if (isRightAfterNumber && last.role === "oh" && AFTER_OH.has(text)) last.isInterjection = true;
    switch (word.role) {
      case "homophone":
        // Most are what they seem to be
        if (!isRightAfterNumber || last.role !== "unit" && last.role !== "oh") {
          this.#gap.others++;
          break;
        }
      // falls through
      case "unit":
      case "oh":
      case "teen":
      case "tens":
      case "hundred":
      case "thousand":
      case "repeat": {
        const { role, value } = word;
        this.#addNumber({ digits: "", role, value, isAmount: false }, start, end);
        this.#lastText = text;
        return;
      }
      case "count":
      case "pause":
        // "Four digits", "one moment": said about numbers, and no part of one
        if (isRightAfterNumber && isSmall(last, word.role)) this.#takeBack();
        else this.#gap.others++;
        break;
      default:
        this.#noteCue(word, text, start, end);
        if (word.isFiller || word.role === "ordinal") this.#gap.fillers++;
        else this.#gap.others++;
    }
    this.#noteLabel(word, text);
    this.#lastText = text;
    this.#lastRole = word.role;
    this.#place++;
    this.#wordsInPiece++;
  }

  /** @returns All tokens. */
  finish(): Tokens {
    return { numbers: this.#numbers, cues: this.#cues };
  }

  #addNumber(
    number: Pick<NumberToken, "digits" | "role" | "value" | "isAmount">,
    start: number,
    end: number,
  ): void {
    const lastCue = this.#cues.at(-1);
    if (lastCue?.kind === "card" && this.#place - lastCue.place <= CARD_REACH) {
      lastCue.isStrong = true;
    }
    this.#numbers.push({
      ...number,
      piece: this.#piece,
      start,
      end,
      place: this.#place,
      gap: this.#gap,
      isLabelled: this.#labelReach > 0,
      isLabelledAfter: false,
      isAfterOrdinal: this.#lastRole === "ordinal",
      isInterjection: false,
    });
    this.#lastNumberPlace = this.#place++;
    this.#wordsInPiece++;
    this.#gap = newGap();
    this.#labelReach = 0;
    this.#afterNumber = 1;
    this.#lastRole = number.role;
    this.#lastText = "";
  }

  #takeBack(): void {
    const taken = this.#numbers.pop();
    if (taken === undefined) return;
    this.#gap = mergeGaps(taken.gap, this.#gap);
    this.#gap.fillers += 2;
  }

  #noteLabel(word: Word, text: string): void {
    if (word.role === "label") {
      const last = this.#numbers.at(-1);
      if (this.#afterNumber === 2 && last !== undefined) last.isLabelledAfter = true;
      this.#labelReach = LABEL_REACH;
      this.#afterNumber = 0;
      return;
    }
    this.#labelReach = this.#labelReach > 0 && word.isLink ? this.#labelReach - 1 : 0;
    if (this.#afterNumber > 0 && LINKING.has(text)) this.#afterNumber = 2;
    else if (this.#afterNumber !== 2 || !DETERMINERS.has(text)) this.#afterNumber = 0;
  }

  #noteCue(word: Word, text: string, start: number, end: number): void {
    const lastCue = this.#cues.at(-1);
    const followsCard = lastCue?.kind === "card" && lastCue.place === this.#place - 1;
    if (followsCard && CARD_DETAILS.has(text)) lastCue.isStrong = true;
    let kind: Cue["kind"] | null = null;
    let isStrong = false;
    if (word.role === "brand") [kind, isStrong] = ["card", true];
    else if (word.role === "card" && this.#lastRole !== "unpaid") {
      [kind, isStrong] = ["card", text === "cardnumber"];
    } else if (text === "number" && this.#lastText === "long") [kind, isStrong] = ["card", true];
    else if (word.role === "secret") [kind, isStrong] = ["secret", true];
    else if (SECRET_NOUNS.has(text) && this.#lastRole === "secretPart") kind = "secret";
    else if (text === "back" && this.#lastText === "the") kind = "secret";
    else if (word.role === "expiry" || word.role === "month") kind = word.role;
    else if (text === "thru") kind = "expiry";
    if (kind !== null) {
      this.#cues.push({ kind, isStrong, place: this.#place, piece: this.#piece, start, end });
    }
  }
}

function newGap(): Gap {
  return { others: 0, fillers: 0, isHard: false, hasComma: false, isTime: false, isBroken: false };
}

/**
 * Joins the gaps before and after something that turned out to be no number.
 *
 * @param a The gap before it.
 * @param b The gap after it.
 * @returns One gap.
 */
export function mergeGaps(a: Gap, b: Gap): Gap {
  return {
    others: a.others + b.others,
    fillers: a.fillers + b.fillers,
    isHard: a.isHard || b.isHard,
    hasComma: a.hasComma || b.hasComma,
    isTime: a.isTime || b.isTime,
    isBroken: a.isBroken || b.isBroken,
  };
}

function isSmall({ role, value, digits }: NumberToken, follower: "count" | "pause"): boolean {
  if (follower === "pause") return role === "unit" && value === 1;
  return role === "unit" || role === "teen" || digits.length > 0 && digits.length <= 2;
}
