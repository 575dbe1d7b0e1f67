// Finds what is said beside a card number and must not be kept either: its security code and when it
// expires.
import type { Atom } from "./compose_numbers.ts";
import type { AtomRange } from "./find_card_numbers.ts";
import type { Cue, NumberToken } from "./number_token.ts";

/** Words between a card number and what belongs to it. */
const REACH = 120;
/** Words between "security code" and the code. */
const CUE_REACH = 10;
const EXPIRY_MAX_DIGITS = 6;
/** Expiry and security code, right after the number and without a word. */
const TRAILING_MAX_DIGITS = 10;

/** What was found beside card numbers. */
export interface CardSecrets {
  readonly codes: readonly AtomRange[];
  readonly expiries: readonly AtomRange[];
  /** Names of months in expiries. */
  readonly months: readonly Cue[];
}

/**
 * Finds security codes and expiry dates.
 *
 * @param atoms Numbers in the order they were said.
 * @param tokens What the atoms were made of.
 * @param cues Words about cards.
 * @param numbers Where the card numbers are.
 * @returns Ranges of atoms.
 */
export function findCardSecrets(
  atoms: readonly Atom[],
  tokens: readonly NumberToken[],
  cues: readonly Cue[],
  numbers: readonly AtomRange[],
): CardSecrets {
  const codes: AtomRange[] = [];
  const expiries: AtomRange[] = numbers.flatMap((range) => trailing(atoms, range));
  const months: Cue[] = [];
  const places = atoms.map(({ first }) => tokens[first]?.place ?? 0);
  const isTaken = new Set<number>();
  for (const { first, last } of numbers) {
    for (let index = first; index <= last; index++) isTaken.add(index);
  }
  const ends = numbers.flatMap(({ first, last }) => [places[first] ?? 0, places[last] ?? 0])
    .sort((a, b) => a - b);
  for (const [index, cue] of cues.entries()) {
    if (cue.kind !== "secret" && cue.kind !== "expiry") continue;
    const isNear = isWithin(ends, cue.place, REACH);
    // "CVV 123" is one wherever it is said
    if (!isNear && !(cue.kind === "secret" && cue.isStrong)) continue;
    const max = cue.kind === "secret" ? 4 : EXPIRY_MAX_DIGITS;
    const after = rangeAfter(atoms, places, isTaken, cue.place, max);
    if (cue.kind === "expiry") {
      if (after !== null) expiries.push(after);
      months.push(...monthsAfter(cues, index));
      continue;
    }
    const range = after ?? rangeBefore(atoms, places, isTaken, cue.place);
    if (range !== null) codes.push(range);
  }
  return { codes, expiries, months };
}

function trailing(atoms: readonly Atom[], { last }: AtomRange): AtomRange[] {
  let digits = 0;
  let end = last;
  for (let index = last + 1; index < atoms.length; index++) {
    const atom = atoms[index];
    if (atom === undefined || atom.gap.others > 0 || atom.gap.isHard || atom.isLabelled) break;
    digits += atom.digits.length;
    if (digits > TRAILING_MAX_DIGITS) return [];
    end = index;
  }
  return digits >= 3 ? [{ first: last + 1, last: end }] : [];
}

function isWithin(sorted: readonly number[], place: number, reach: number): boolean {
  const index = firstAtLeast(sorted, place - reach);
  return index < sorted.length && (sorted[index] ?? Infinity) <= place + reach;
}

function firstAtLeast(sorted: readonly number[], value: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle] ?? 0) < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

function rangeAfter(
  atoms: readonly Atom[],
  places: readonly number[],
  isTaken: ReadonlySet<number>,
  place: number,
  maxDigits: number,
): AtomRange | null {
  const first = firstAtLeast(places, place);
  if (first >= atoms.length || (places[first] ?? Infinity) > place + CUE_REACH) return null;
  let digits = 0;
  let last = first - 1;
  for (let index = first; index < atoms.length; index++) {
    const atom = atoms[index];
    if (atom === undefined || isTaken.has(index)) break;
    if (index > first && (atom.gap.others > 0 || atom.gap.isHard)) break;
    digits += atom.digits.length;
    if (digits > maxDigits) break;
    last = index;
  }
  const size = digitsIn(atoms, first, last);
  return size >= 3 || size > 0 && maxDigits > 4 ? { first, last } : null;
}

/** "One two three is the security code". */
function rangeBefore(
  atoms: readonly Atom[],
  places: readonly number[],
  isTaken: ReadonlySet<number>,
  place: number,
): AtomRange | null {
  const last = firstAtLeast(places, place) - 1;
  if (last < 0 || (places[last] ?? -Infinity) < place - CUE_REACH) return null;
  let first = last + 1;
  let digits = 0;
  for (let index = last; index >= 0; index--) {
    const atom = atoms[index];
    if (atom === undefined || isTaken.has(index)) break;
    digits += atom.digits.length;
    // The end of a longer number
    if (digits > 4) return null;
    first = index;
    if (atom.gap.others > 0 || atom.gap.isHard) break;
  }
  const size = digitsIn(atoms, first, last);
  return size === 3 || size === 4 ? { first, last } : null;
}

function digitsIn(atoms: readonly Atom[], first: number, last: number): number {
  let digits = 0;
  for (let index = first; index <= last; index++) digits += atoms[index]?.digits.length ?? 0;
  return digits;
}

function monthsAfter(cues: readonly Cue[], index: number): Cue[] {
  const cue = cues[index];
  const next = cues[index + 1];
  const isMonth = cue !== undefined && next?.kind === "month" &&
    next.place <= cue.place + CUE_REACH;
  return isMonth ? [next] : [];
}
