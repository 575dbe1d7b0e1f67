// What words mean to somebody who listens for card numbers. Everything is folded: lower case, plain
// letters. A word that is not here is an ordinary word.

/** What a word is good for. */
export type WordRole =
  | "unit"
  | "oh"
  | "homophone"
  | "teen"
  | "tens"
  | "hundred"
  | "thousand"
  | "repeat"
  | "count"
  | "pause"
  | "ordinal"
  | "card"
  | "brand"
  | "payment"
  | "unpaid"
  | "label"
  | "secret"
  | "secretPart"
  | "expiry"
  | "month"
  | "plain";

/** One word of the vocabulary. */
export interface Word {
  readonly role: WordRole;
  /** The number that a number word says; how often a `repeat` repeats. */
  readonly value: number;
  /** Said between digits without ending the number. */
  readonly isFiller: boolean;
  /** May stand between a label and its number: "order number is …". */
  readonly isLink: boolean;
}

const UNITS: readonly string[] = [
  // As they are spoken; then Spanish, French, German, Portuguese, Italian and Dutch
  "zero nought naught aught nil cero null nul",
  "one uno un une eins ein een",
  "two dos deux zwei zwo dois duas twee",
  "three tres trois drei tre drie",
  "four cuatro quatre vier quatro quattro",
  "five cinco cinq funf cinque vijf",
  "six seis sechs sei zes",
  "seven siete sept sieben sete sette zeven",
  "eight ocho huit acht oito otto",
  "nine niner nueve neuf neun nove negen",
];

const TEENS = "ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen"
  .split(" ");
const TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split(" ");

/** Heard where a digit was said; a digit only between two others. */
const HOMOPHONES: Readonly<Record<string, number>> = {
  won: 1,
  to: 2,
  too: 2,
  for: 4,
  fore: 4,
  ate: 8,
};

const FILLERS = `
  uh uhh um umm er err erm ah ahh hm hmm mm mmm mhm mmhm mhmm eh okay ok k so then and yes yeah yep yup
  right sure sorry wait again like please now next got it go ahead on continue is it's its that's thats
  the this was are that finally lastly after ends ending with dash hyphen space comma dot period stop slash followed by perfect great good thanks
  thank you alright cool correct exactly gotcha well uhm huh`;
const LINKS =
  "number numbers no nr num is was the it's its # reads called called our your my new old";

/** Told apart from unknown words because what they stand beside tells something. */
const KNOWN = "long back thru details value code a an as god well hang hold";

const VOCABULARY: readonly (readonly [WordRole, string])[] = [
  ["hundred", "hundred"],
  ["thousand", "thousand"],
  ["count", "digit digits figures numerals characters"],
  ["pause", "second seconds sec secs moment minute min more time bit"],
  ["ordinal", "first next last final other remaining"],
  [
    "brand",
    "visa mastercard amex maestro unionpay diners jcb discover rupay creditcard debitcard kreditkarte tarjeta",
  ],
  ["card", "card cards cardnumber cc karte carte"],
  ["payment", "credit debit bank payment"],
  [
    "unpaid",
    "gift loyalty sim business report library sd graphics memory video sound rewards membership greeting",
  ],
  [
    "label",
    `order orders ticket meeting invoice tracking reference ref case booking reservation confirmation
    conference webinar serial imei sku policy claim shipment parcel waybill container batch lot asset job
    contract po purchase project licence license barcode ean upc gtin isbn iccid iban bic vat siren siret
    device session phone telephone tel mobile fax id ids uuid guid message event record campaign opportunity
    deal quote estimate build version commit txn transaction epoch timestamp room passcode voucher rma
    part item product model article issue bug task incident zoom log trace span request account_id`,
  ],
  ["secret", "cvv cvv2 cvc cvc2 csc cvn cav"],
  ["secretPart", "security verification"],
  ["expiry", "exp expiry expires expire expiring expiration"],
  [
    "month",
    "january february march april june july august september october november december",
  ],
];

const REPEATS: Readonly<Record<string, number>> = {
  double: 2,
  triple: 3,
  treble: 3,
  quadruple: 4,
};

function buildVocabulary(): ReadonlyMap<string, Word> {
  const words = new Map<string, Word>();
  const fillers = new Set(split(FILLERS));
  const links = new Set(split(LINKS));
  const add = (text: string, role: WordRole, value = 0): void => {
    words.set(text, { role, value, isFiller: fillers.has(text), isLink: links.has(text) });
  };
  for (const text of [...split(KNOWN), ...fillers, ...links]) add(text, "plain");
  for (const [role, list] of VOCABULARY) for (const text of split(list)) add(text, role);
  for (const [value, list] of UNITS.entries()) {
    for (const text of split(list)) add(text, "unit", value);
  }
  for (const [index, text] of TEENS.entries()) add(text, "teen", 10 + index);
  for (const [index, text] of TENS.entries()) add(text, "tens", 20 + 10 * index);
  add("fourty", "tens", 40);
  for (const [text, value] of Object.entries(REPEATS)) add(text, "repeat", value);
  for (const [text, value] of Object.entries(HOMOPHONES)) add(text, "homophone", value);
  add("oh", "oh");
  add("o", "oh");
  return words;
}

function split(list: string): string[] {
  return list.trim().split(/\s+/);
}

const WORDS = buildVocabulary();

const LONGEST = Math.max(...[...WORDS.keys()].map((word) => word.length));
const LETTERS = 32;
const OUTLINES = outlinesOfWords();

function outlinesOfWords(): Uint8Array {
  const outlines = new Uint8Array(LETTERS * LETTERS * (LONGEST + 1));
  for (const word of WORDS.keys()) {
    outlines[outlineOf(word.charCodeAt(0), word.charCodeAt(word.length - 1), word.length)] = 1;
  }
  return outlines;
}

function outlineOf(first: number, last: number, length: number): number {
  return (length * LETTERS + first % LETTERS) * LETTERS + last % LETTERS;
}

/**
 * Says quickly whether a word may be one of the vocabulary: most are not.
 *
 * @param first Code of its first character, of either case.
 * @param last Code of its last.
 * @param length How many it has.
 * @returns False when it is an ordinary word.
 */
export function maybeWord(first: number, last: number, length: number): boolean {
  return length <= LONGEST && OUTLINES[outlineOf(first, last, length)] === 1;
}

/**
 * Looks a word up.
 *
 * @param text The word, folded.
 * @returns What it is good for; undefined for an ordinary word.
 */
export function findWord(text: string): Word | undefined {
  return WORDS.get(text);
}
