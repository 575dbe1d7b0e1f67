// What the reader of tokens hands on: numbers as they were written or said, and the words around
// them that tell what they are.

/** Several texts that follow each other: what one person says, or one string of a document. */
export interface Piece {
  readonly text: string;
  /** Whose it is, when known. */
  readonly speaker?: string | null;
  /** The field's name, when it says something about a number in it. */
  readonly label?: string;
}

/** A stretch of one piece; offsets in its original text. */
export interface Span {
  readonly piece: number;
  readonly start: number;
  readonly end: number;
}

/** What stands between a number and the one before it. */
export interface Gap {
  /** Ordinary words. */
  others: number;
  /** Words said without ending a number. */
  fillers: number;
  /** Something that numbers of one card never have between them: a colon, a currency, a bracket. */
  isHard: boolean;
  hasComma: boolean;
  /** A colon right between two digits, as in times. */
  isTime: boolean;
  /** A line or piece ended. */
  isBroken: boolean;
}

/** A number, written (`digits`) or said (`word`). */
export interface NumberToken extends Span {
  /** As written; empty for a word. */
  readonly digits: string;
  /** The word's role; `written` for digits. */
  readonly role:
    | "written"
    | "unit"
    | "oh"
    | "homophone"
    | "teen"
    | "tens"
    | "hundred"
    | "thousand"
    | "repeat";
  readonly value: number;
  /** Which word of all it is. */
  readonly place: number;
  readonly gap: Gap;
  /** Money, a share, a phone number with its plus: complete as it is. */
  isAmount: boolean;
  /** "Order number 123": something else's number. */
  readonly isLabelled: boolean;
  /** "123 is the order number". */
  isLabelledAfter: boolean;
  /** "Next four": perhaps how many, not which. */
  readonly isAfterOrdinal: boolean;
  /** "Oh, sorry". */
  isInterjection: boolean;
}

/** A word that says what a number near it is. */
export interface Cue extends Span {
  readonly kind: "card" | "secret" | "expiry" | "month";
  readonly place: number;
  /** "Credit card number", not just "card". */
  isStrong: boolean;
}

/** All that was heard. */
export interface Tokens {
  readonly numbers: readonly NumberToken[];
  readonly cues: readonly Cue[];
}
