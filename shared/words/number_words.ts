// Numbers as people say and write them, so that "fifteen thousand" and "15,000" are found to be one.

const UNITS: Readonly<Record<string, number>> = {
  zero: 0,
  one: 1,
  two: 2,
  three: 3,
  four: 4,
  five: 5,
  six: 6,
  seven: 7,
  eight: 8,
  nine: 9,
  ten: 10,
  eleven: 11,
  twelve: 12,
  thirteen: 13,
  fourteen: 14,
  fifteen: 15,
  sixteen: 16,
  seventeen: 17,
  eighteen: 18,
  nineteen: 19,
  twenty: 20,
  thirty: 30,
  forty: 40,
  fifty: 50,
  sixty: 60,
  seventy: 70,
  eighty: 80,
  ninety: 90,
};
const ORDINALS: Readonly<Record<string, number>> = {
  first: 1,
  second: 2,
  third: 3,
  fourth: 4,
  fifth: 5,
  sixth: 6,
  seventh: 7,
  eighth: 8,
  ninth: 9,
  tenth: 10,
  eleventh: 11,
  twelfth: 12,
  thirteenth: 13,
  fourteenth: 14,
  fifteenth: 15,
  sixteenth: 16,
  seventeenth: 17,
  eighteenth: 18,
  nineteenth: 19,
  twentieth: 20,
  thirtieth: 30,
};
const SCALES: Readonly<Record<string, number>> = {
  hundred: 100,
  thousand: 1e3,
  k: 1e3,
  million: 1e6,
  m: 1e6,
  billion: 1e9,
  bn: 1e9,
};
const TOKEN = /\d+(?:[.,]\d+)*|\p{L}+/gu;

/** A number in a text. */
export interface SaidNumber {
  readonly value: number;
  /** Written with digits, or said in words. */
  readonly isWritten: boolean;
  /** A place in an order, as in "third". */
  readonly isOrdinal: boolean;
}

/**
 * Finds the numbers of a text, in digits and in English words.
 *
 * @param text Any text.
 */
export function readNumbers(text: string): SaidNumber[] {
  const found: SaidNumber[] = [];
  let open: OpenNumber | null = null;
  const close = (): void => {
    if (open !== null) {
      found.push({
        value: open.total + open.part,
        isWritten: open.isWritten,
        isOrdinal: open.isOrdinal,
      });
    }
    open = null;
  };
  for (const token of text.normalize("NFKC").toLowerCase().match(TOKEN) ?? []) {
    const next = extend(open, token);
    if (next !== null) {
      open = next;
      continue;
    }
    if (token === "and" && open !== null) continue;
    close();
    open = begin(token);
  }
  close();
  return found;
}

interface OpenNumber {
  readonly total: number;
  readonly part: number;
  readonly isWritten: boolean;
  readonly isOrdinal: boolean;
}

function begin(token: string): OpenNumber | null {
  if (/^\d/.test(token)) {
    return { total: 0, part: toNumber(token), isWritten: true, isOrdinal: false };
  }
  const ordinal = ORDINALS[token];
  if (ordinal !== undefined) return { total: 0, part: ordinal, isWritten: false, isOrdinal: true };
  const unit = UNITS[token];
  return unit === undefined ? null : { total: 0, part: unit, isWritten: false, isOrdinal: false };
}

/** The number that a token goes on; null where it does not. */
function extend(open: OpenNumber | null, token: string): OpenNumber | null {
  if (open === null || open.isOrdinal) return null;
  const scale = SCALES[token];
  if (scale === 100) return { ...open, part: open.part * 100 };
  if (scale !== undefined) return { ...open, total: open.total + open.part * scale, part: 0 };
  const ordinal = ORDINALS[token];
  const unit = UNITS[token] ?? ordinal;
  if (unit === undefined || open.isWritten && open.part !== 0) return null;
  const isTensAndUnits = open.part % 100 >= 20 && open.part % 10 === 0 && unit < 10 && unit > 0;
  const isAfterScale = open.part === 0 && open.total > 0 ||
    open.part >= 100 && open.part % 100 === 0;
  if (!isTensAndUnits && !isAfterScale) return null;
  return { ...open, part: open.part + unit, isOrdinal: ordinal !== undefined };
}

/** A comma or point before three digits, more than once or a comma at all, separates thousands. */
function toNumber(token: string): number {
  const isGrouped = /^\d{1,3}(?:,\d{3})+(?:\.\d+)?$/.test(token);
  if (isGrouped) return Number(token.replaceAll(",", ""));
  if (/^\d{1,3}(?:\.\d{3}){2,}$/.test(token)) return Number(token.replaceAll(".", ""));
  return Number(token.replace(",", "."));
}
