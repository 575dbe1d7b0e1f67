// Puts number words together the way they are meant: "double four" is 44, "forty-one" is 41, "ten
// thousand and five" is 10005. What turns out to be no number goes into the gap.
import type { Gap, NumberToken } from "./number_token.ts";
import { mergeGaps } from "./token_collector.ts";

/** Digits that were written or said in one go. */
export interface Atom {
  readonly digits: string;
  readonly isSpoken: boolean;
  /** First and last of the tokens it was made of, of those given. */
  readonly first: number;
  readonly last: number;
  /** Between it and the atom before. */
  readonly gap: Gap;
  readonly isAmount: boolean;
  readonly isLabelled: boolean;
  readonly isLabelledAfter: boolean;
}

const MAX_WRITTEN_REPEAT = 2;

/**
 * Composes numbers.
 *
 * @param tokens Numbers as they were read.
 * @param isOhAlwaysZero "Oh, okay" may be a zero after all.
 * @returns Atoms in the same order.
 */
export function composeNumbers(tokens: readonly NumberToken[], isOhAlwaysZero: boolean): Atom[] {
  const atoms: Atom[] = [];
  let carried: Gap | null = null;
  let index = 0;
  while (index < tokens.length) {
    const token = tokens[index];
    if (token === undefined) break;
    const gap: Gap = carried === null ? token.gap : mergeGaps(carried, token.gap);
    const read = readAtom(tokens, index, isOhAlwaysZero);
    if (read === null) {
      carried = { ...gap };
      if (token.role === "oh" || token.isAfterOrdinal) carried.fillers++;
      else carried.others++;
      index++;
      continue;
    }
    const last = tokens[read.next - 1] ?? token;
    atoms.push({
      digits: read.digits,
      isSpoken: token.role !== "written",
      first: index,
      last: read.next - 1,
      gap,
      isAmount: token.isAmount,
      isLabelled: token.isLabelled,
      isLabelledAfter: last.isLabelledAfter,
    });
    carried = null;
    index = read.next;
  }
  return atoms;
}

interface Read {
  readonly digits: string;
  /** Index of the first token that is not part of it. */
  readonly next: number;
}

function readAtom(
  tokens: readonly NumberToken[],
  index: number,
  isOhAlwaysZero: boolean,
): Read | null {
  const token = tokens[index];
  if (token === undefined) return null;
  switch (token.role) {
    case "written":
      return isCount(tokens, index) ? null : { digits: token.digits, next: index + 1 };
    case "repeat":
      return readRepeat(tokens, index, token.value);
    case "oh":
      return isOhAlwaysZero || isZero(tokens, index) ? { digits: "0", next: index + 1 } : null;
    case "homophone":
      return isMisheard(tokens, index) ? { digits: String(token.value), next: index + 1 } : null;
    case "hundred":
    case "thousand":
      return null;
    default:
      return isCount(tokens, index) ? null : readSpoken(tokens, index);
  }
}

/** "The last four": how many; followed by another digit only "last" and "final" would mean that. */
function isCount(tokens: readonly NumberToken[], index: number): boolean {
  const token = tokens[index];
  if (token === undefined || !token.isAfterOrdinal || token.gap.isBroken) return false;
  if (token.digits.length > 1 || token.role === "tens") return false;
  const next = tokens[index + 1];
  return next === undefined || !isTight(next.gap);
}

function isTight(gap: Gap): boolean {
  return gap.others === 0 && gap.fillers === 0 && !gap.isHard && !gap.hasComma;
}

function readRepeat(tokens: readonly NumberToken[], index: number, times: number): Read | null {
  const next = tokens[index + 1];
  if (next === undefined || !isTight(next.gap)) return null;
  let digits: string;
  if (next.role === "unit" || next.role === "teen") digits = String(next.value);
  else if (next.role === "oh") digits = "0";
  else if (next.role === "homophone") digits = String(next.value);
  else if (next.role === "written" && next.digits.length <= MAX_WRITTEN_REPEAT) {
    digits = next.digits;
  } else return null;
  return { digits: digits.repeat(times), next: index + 2 };
}

function isZero(tokens: readonly NumberToken[], index: number): boolean {
  const token = tokens[index];
  if (token === undefined || token.isInterjection) return false;
  const next = tokens[index + 1];
  return next !== undefined && isTight(next.gap) || index > 0 && token.gap.others === 0;
}

/** "Four one to one": only between two digits that were said. */
function isMisheard(tokens: readonly NumberToken[], index: number): boolean {
  const token = tokens[index];
  const before = tokens[index - 1];
  const after = tokens[index + 1];
  return token !== undefined && before !== undefined && after !== undefined &&
    isSaidDigit(before) && isSaidDigit(after) && isTight(token.gap) && isTight(after.gap);
}

function isSaidDigit({ role }: NumberToken): boolean {
  return role === "unit" || role === "oh";
}

/** A number below a million, as far as it goes on. */
function readSpoken(tokens: readonly NumberToken[], index: number): Read | null {
  const head = readBelowThousand(tokens, index);
  if (head === null) return null;
  const { next } = head;
  if (head.value === 0 || !isNext(tokens, next, "thousand")) {
    return { digits: String(head.value), next };
  }
  const tail = continues(tokens, next + 1) ? readBelowThousand(tokens, next + 1) : null;
  const thousands = head.value * 1000;
  if (tail === null || tail.value === 0) return { digits: String(thousands), next: next + 1 };
  return { digits: String(thousands + tail.value), next: tail.next };
}

interface Value {
  readonly value: number;
  readonly next: number;
}

function readBelowThousand(tokens: readonly NumberToken[], index: number): Value | null {
  const head = readBelowHundred(tokens, index);
  if (head === null || head.value === 0 || !isNext(tokens, head.next, "hundred")) return head;
  const hundreds = head.value * 100;
  const tail = continues(tokens, head.next + 1) ? readBelowHundred(tokens, head.next + 1) : null;
  if (tail === null || tail.value === 0) return { value: hundreds, next: head.next + 1 };
  return { value: hundreds + tail.value, next: tail.next };
}

function readBelowHundred(tokens: readonly NumberToken[], index: number): Value | null {
  const token = tokens[index];
  if (token === undefined) return null;
  if (token.role === "unit" || token.role === "teen") {
    return { value: token.value, next: index + 1 };
  }
  if (token.role !== "tens") return null;
  const unit = tokens[index + 1];
  if (unit?.role === "unit" && unit.value > 0 && isTight(unit.gap)) {
    return { value: token.value + unit.value, next: index + 2 };
  }
  return { value: token.value, next: index + 1 };
}

function isNext(
  tokens: readonly NumberToken[],
  index: number,
  role: "hundred" | "thousand",
): boolean {
  const token = tokens[index];
  return token?.role === role && isTight(token.gap);
}

/** After "hundred" an "and" may stand. */
function continues(tokens: readonly NumberToken[], index: number): boolean {
  const gap = tokens[index]?.gap;
  return gap !== undefined && gap.others === 0 && gap.fillers <= 1 && !gap.isHard && !gap.hasComma;
}
