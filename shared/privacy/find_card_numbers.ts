// Decides which of the numbers that were heard are card numbers. Works on atoms (digits said or
// written in one go); time is proportional to their digits.
import { CheckDigits, isIssued, MAX_CARD_DIGITS, MIN_CARD_DIGITS } from "./card_rules.ts";
import type { Atom } from "./compose_numbers.ts";
import type { Cue, NumberToken } from "./number_token.ts";

/** Atoms from the first to the last, both included. */
export interface AtomRange {
  readonly first: number;
  readonly last: number;
}

/** Words said between digits without ending a number. */
const MAX_FILLERS = 12;
/** Ordinary words between its digits, where cards are talked about. */
const MAX_OTHERS = 8;
/** How far off a word about cards may be said: before and after. */
const CUE_REACH = { before: 25, after: 12 };
/** Nearer than that, digits of a card's length are one even if misheard. */
const STRONG_REACH = 14;
/** More than that, a number is not interrupted. */
const MAX_PARTS = 6;
/** "I have two" is no part of a number. */
const MIN_PART_DIGITS = 2;
const MISHEARD_MAX_DIGITS = 24;
/** Groups in which American Express and Diners Club print theirs. */
const PRINTED: ReadonlySet<string> = new Set(["4,6,5", "4,6,4"]);

/**
 * Finds card numbers.
 *
 * @param atoms Numbers in the order they were said.
 * @param tokens What the atoms were made of.
 * @param cues Words about cards.
 * @returns Ranges of atoms; they may overlap.
 */
export function findCardNumbers(
  atoms: readonly Atom[],
  tokens: readonly NumberToken[],
  cues: readonly Cue[],
): AtomRange[] {
  const cards = cues.filter(({ kind }) => kind === "card");
  const found: AtomRange[] = [];
  for (const run of splitRuns(atoms, isSameNumber)) {
    if (run.digits < MIN_CARD_DIGITS) continue;
    const near = nearCards(run, atoms, tokens, cards);
    findInRun(atoms, run, near, found);
  }
  if (cards.length === 0) return found;
  for (const run of splitRuns(atoms, isPerhapsSameNumber)) {
    if (run.digits < MIN_CARD_DIGITS) continue;
    const near = nearCards(run, atoms, tokens, cards);
    if (near.isNear) findInterrupted(atoms, run, found);
  }
  return found;
}

/** Parts of a number with talk between: whole stretches of digits only, whatever is said around them. */
function findInterrupted(atoms: readonly Atom[], run: Run, found: AtomRange[]): void {
  const parts = splitRuns(atoms.slice(run.first, run.last + 1), isSameNumber);
  for (const [index, part] of parts.entries()) {
    let digits = "";
    for (let next = index; next < parts.length && next < index + MAX_PARTS; next++) {
      const last = parts[next];
      if (last === undefined || last.digits < MIN_PART_DIGITS) break;
      if (digits.length + last.digits > MAX_CARD_DIGITS) break;
      const atomsOfPart = atoms.slice(run.first + last.first, run.first + last.last + 1);
      if (atomsOfPart.some((atom) => atom.isLabelled || atom.isLabelledAfter)) break;
      // The minutes of a time
      if (atomsOfPart[0]?.gap.isTime) break;
      digits += atomsOfPart.map((atom) => atom.digits).join("");
      if (next === index || digits.length < MIN_CARD_DIGITS) continue;
      const isCard = isIssued(digits.slice(0, 4), digits.length) &&
        new CheckDigits(digits).isValid(0, digits.length);
      if (isCard) add(found, { first: run.first + part.first, last: run.first + last.last });
    }
  }
}

/** Ranges that overlap become one: which of them was meant does not matter, all digits go. */
function add(found: AtomRange[], range: AtomRange): void {
  const before = found.at(-1);
  if (before === undefined || range.first < before.first || range.first > before.last) {
    found.push(range);
  } else if (range.last > before.last) {
    found[found.length - 1] = { first: before.first, last: range.last };
  }
}

interface Run extends AtomRange {
  readonly digits: number;
}

function splitRuns(atoms: readonly Atom[], goesOn: (atom: Atom) => boolean): Run[] {
  const runs: Run[] = [];
  let first = 0;
  let digits = 0;
  for (const [index, atom] of atoms.entries()) {
    if (index > first && (atom.isAmount || !goesOn(atom))) {
      runs.push({ first, last: index - 1, digits });
      [first, digits] = [index, 0];
    }
    if (atom.isAmount) [first, digits] = [index + 1, 0];
    else digits += atom.digits.length;
  }
  if (first < atoms.length) runs.push({ first, last: atoms.length - 1, digits });
  return runs;
}

function isSameNumber({ gap }: Atom): boolean {
  return gap.others === 0 && gap.fillers <= MAX_FILLERS && !gap.isHard;
}

function isPerhapsSameNumber({ gap }: Atom): boolean {
  return gap.others <= MAX_OTHERS && gap.fillers <= MAX_FILLERS && !gap.isHard;
}

/** What was said about cards near a run. */
interface NearCards {
  readonly isNear: boolean;
  /** Right before it, and unmistakably. */
  readonly isStrong: boolean;
}

function nearCards(
  run: Run,
  atoms: readonly Atom[],
  tokens: readonly NumberToken[],
  cards: readonly Cue[],
): NearCards {
  const start = tokens[atoms[run.first]?.first ?? 0]?.place ?? 0;
  const end = tokens[atoms[run.last]?.last ?? 0]?.place ?? 0;
  let low = 0;
  let high = cards.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((cards[middle]?.place ?? 0) < start - CUE_REACH.before) low = middle + 1;
    else high = middle;
  }
  let isNear = false;
  let isStrong = false;
  for (let index = low; index < cards.length; index++) {
    const cue = cards[index];
    if (cue === undefined || cue.place > end + CUE_REACH.after) break;
    isNear = true;
    if (cue.isStrong && cue.place < start && cue.place >= start - STRONG_REACH) isStrong = true;
  }
  return { isNear, isStrong };
}

function findInRun(
  atoms: readonly Atom[],
  run: Run,
  { isNear, isStrong }: NearCards,
  found: AtomRange[],
): void {
  const digits = atoms.slice(run.first, run.last + 1).map((atom) => atom.digits).join("");
  const check = new CheckDigits(digits);
  const labels = labelsOf(atoms, run);
  let start = 0;
  for (let first = run.first; first <= run.last; first++) {
    let end = start;
    for (let last = first; last <= run.last; last++) {
      end += atoms[last]?.digits.length ?? 0;
      const length = end - start;
      if (length > MAX_CARD_DIGITS) {
        if (last === first && isNear && hasCardInside(digits, check, start, end)) {
          add(found, { first, last });
        }
        break;
      }
      if (length < MIN_CARD_DIGITS || !check.isValid(start, end)) continue;
      if (labels[first - run.first] || atoms[last]?.isLabelledAfter) continue;
      const range = { first, last };
      const isIssuedSo = isIssued(digits.slice(start, start + 4), length);
      if (isStrong || isIssuedSo && looksLikeCard(atoms, run, range, isNear)) add(found, range);
    }
    start += atoms[first]?.digits.length ?? 0;
  }
  const isMisheard = isStrong && run.digits <= MISHEARD_MAX_DIGITS && !labels[0] &&
    looksLikeCard(atoms, run, run, true) &&
    /^[2-6]/.test(digits) && !atoms[run.last]?.isLabelledAfter;
  if (isMisheard) add(found, { first: run.first, last: run.last });
}

/** "4111111111111111123": with the security code behind it, where cards are talked about. */
function hasCardInside(digits: string, check: CheckDigits, start: number, end: number): boolean {
  for (let from = start; from + MIN_CARD_DIGITS <= end; from++) {
    const prefix = digits.slice(from, from + 4);
    for (
      let length = MIN_CARD_DIGITS;
      length <= MAX_CARD_DIGITS && from + length <= end;
      length++
    ) {
      if (isIssued(prefix, length) && check.isValid(from, from + length)) return true;
    }
  }
  return false;
}

/** Which atoms are another thing's number: a label holds for the groups that follow it closely. */
function labelsOf(atoms: readonly Atom[], run: Run): boolean[] {
  const labels: boolean[] = [];
  for (let index = run.first; index <= run.last; index++) {
    const atom = atoms[index];
    if (atom === undefined) break;
    const { gap } = atom;
    const isClose = gap.others + gap.fillers === 0 && !gap.hasComma && !gap.isBroken;
    const follows = index > run.first && labels[index - run.first - 1] === true && isClose;
    labels.push(atom.isLabelled || follows || gap.isTime);
  }
  return labels;
}

/**
 * Numbers that nobody called a card number are one when they are written as those are: in one piece,
 * in fours, pairs or digit by digit; or said, which no other long number often is.
 */
function looksLikeCard(
  atoms: readonly Atom[],
  run: Run,
  { first, last }: AtomRange,
  isNear: boolean,
): boolean {
  if (first === last) return true;
  const lengths: number[] = [];
  let isInFours = true;
  let total = 0;
  let hasComma = false;
  for (let index = first; index <= last; index++) {
    const atom = atoms[index];
    if (atom === undefined || atom.isSpoken) return true;
    if (index > first && total % 4 !== 0) isInFours = false;
    if (index > first && atom.gap.hasComma && !atom.gap.isBroken) hasComma = true;
    total += atom.digits.length;
    lengths.push(atom.digits.length);
  }
  const [size = 0] = lengths;
  const isEven = size <= 2 &&
    lengths.every((length, index) => length === size || index === lengths.length - 1);
  if (isInFours || isEven || PRINTED.has(lengths.join())) return true;
  return (isNear || !hasComma) && first === run.first && last === run.last;
}
