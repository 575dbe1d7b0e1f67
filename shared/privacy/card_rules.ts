// What makes digits a card number: length, issuer prefix, check digit.

/** Shortest and longest card number (ISO/IEC 7812). */
export const MIN_CARD_DIGITS = 13;
/** See `MIN_CARD_DIGITS`. */
export const MAX_CARD_DIGITS = 19;

/** First and last prefix of a range, and the lengths its cards have. */
type IssuerRange = readonly [first: string, last: string, lengths: readonly number[]];

const LONG: readonly number[] = [16, 17, 18, 19];

const ISSUERS: readonly IssuerRange[] = [
  ["4", "4", [13, 16, 19]], // Visa
  ["51", "55", [16]], // Mastercard
  ["2221", "2720", [16]],
  ["34", "34", [15]], // American Express
  ["37", "37", [15]],
  ["300", "305", [14, 16, 19]], // Diners Club
  ["3095", "3095", [14, 16, 19]],
  ["36", "36", [14, 16, 19]],
  ["38", "39", [14, 16, 19]],
  ["3528", "3589", LONG], // JCB
  ["6011", "6011", LONG], // Discover
  ["644", "649", LONG],
  ["65", "65", LONG],
  ["62", "62", LONG], // UnionPay
  ["81", "81", [16, 17, 18, 19]],
  ["50", "50", [13, 14, 15, 16, 17, 18, 19]], // Maestro, Elo, Verve
  ["56", "58", [13, 14, 15, 16, 17, 18, 19]],
  ["60", "60", [16]], // RuPay
  ["63", "63", [16, 17, 18, 19]],
  ["67", "67", [13, 14, 15, 16, 17, 18, 19]],
  ["82", "82", [16]],
  ["2200", "2205", [16, 17, 18, 19]], // Mir
  ["9792", "9792", [16]], // Troy
];

/**
 * Says whether an issuer gives out numbers that begin so and are so long.
 *
 * @param prefix At least the first four digits.
 * @param length Of the whole number.
 * @returns True when there is such an issuer.
 */
export function isIssued(prefix: string, length: number): boolean {
  return ISSUERS.some(([first, last, lengths]) => {
    const head = prefix.slice(0, first.length);
    return head >= first && head <= last && lengths.includes(length);
  });
}

/** Answers for any stretch of digits in constant time whether its check digit is right. */
export class CheckDigits {
  /** Sums up to each place, counting the places of one parity twice. */
  readonly #sums: readonly [Float64Array, Float64Array];

  /** @param digits The digits that stretches will be taken from. */
  constructor(digits: string) {
    const even = new Float64Array(digits.length + 1);
    const odd = new Float64Array(digits.length + 1);
    for (let place = 0; place < digits.length; place++) {
      const single = digits.charCodeAt(place) - 48;
      const double = single > 4 ? 2 * single - 9 : 2 * single;
      const isEven = place % 2 === 0;
      even[place + 1] = (even[place] ?? 0) + (isEven ? double : single);
      odd[place + 1] = (odd[place] ?? 0) + (isEven ? single : double);
    }
    this.#sums = [even, odd];
  }

  /**
   * The Luhn check of `digits.slice(start, end)`.
   *
   * @param start First place.
   * @param end Place after the last; its digit is the check digit.
   * @returns True when the check digit is right.
   */
  isValid(start: number, end: number): boolean {
    // The last place counts once: the doubled ones are of the other parity
    const [even, odd] = this.#sums;
    const sums = (end - 1) % 2 === 0 ? odd : even;
    return ((sums[end] ?? 0) - (sums[start] ?? 0)) % 10 === 0;
  }
}
