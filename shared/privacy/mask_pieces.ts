// Listens to texts that follow each other, all together and each speaker alone, and says what to put
// in the place of card numbers, security codes and expiry dates.
import { type Atom, composeNumbers } from "./compose_numbers.ts";
import { type AtomRange, findCardNumbers } from "./find_card_numbers.ts";
import { findCardSecrets } from "./find_card_secrets.ts";
import { MIN_CARD_DIGITS } from "./card_rules.ts";
import type { NumberToken, Piece, Span, Tokens } from "./number_token.ts";
import { MASKS } from "./masks.ts";
import { mayHoldCardNumber } from "./may_hold_card_number.ts";
import { readTokens } from "./read_tokens.ts";

type Kind = keyof typeof MASKS;

interface Found extends Span {
  readonly kind: Kind;
}

/** Within so many words all digits of a number are said. */
const NEAR_WORDS = 300;
/**
 * Masks pieces.
 *
 * @param pieces The texts, in the order they were said.
 * @returns New texts by index; pieces that keep theirs are not in it.
 */
export function maskPieces(pieces: readonly Piece[]): Map<number, string> {
  const masked = new Map<number, string>();
  if (!mayHoldCardNumber(pieces)) return masked;
  const tokens = readTokens(pieces);
  const found = findIn(tokens);
  for (const indexes of piecesOfSpeakers(pieces, tokens.numbers)) {
    const own = readTokens(indexes.flatMap((index) => pieces[index] ?? []));
    for (const span of findIn(own)) found.push({ ...span, piece: indexes[span.piece] ?? 0 });
  }
  const byPiece = Map.groupBy(found, ({ piece }) => piece);
  for (const [index, spans] of byPiece) {
    const text = pieces[index]?.text;
    if (text !== undefined) masked.set(index, replaceSpans(text, spans));
  }
  return masked;
}

/**
 * A number may be said while others talk between, so each speaker is listened to alone: those who say
 * as many digits as a card has, within some minutes.
 */
function piecesOfSpeakers(pieces: readonly Piece[], numbers: readonly NumberToken[]): number[][] {
  const tokensBySpeaker = Map.groupBy(numbers, ({ piece }) => pieces[piece]?.speaker ?? null);
  const speakers = new Set(pieces.map(({ speaker }) => speaker ?? null));
  if (speakers.size < 2) return [];
  const wanted = new Set<string | null>();
  for (const [speaker, tokens] of tokensBySpeaker) {
    if (speaker !== null && isDense(tokens)) wanted.add(speaker);
  }
  const indexes = [...pieces.keys()].filter((index) => wanted.has(pieces[index]?.speaker ?? null));
  return [...Map.groupBy(indexes, (index) => pieces[index]?.speaker).values()];
}

function isDense(tokens: readonly NumberToken[]): boolean {
  let first = 0;
  let digits = 0;
  for (const token of tokens) {
    digits += digitsOf(token);
    while (token.place - (tokens[first]?.place ?? 0) > NEAR_WORDS) {
      const left = tokens[first++];
      if (left !== undefined) digits -= digitsOf(left);
    }
    if (digits >= MIN_CARD_DIGITS) return true;
  }
  return false;
}

/** At most; a word that repeats the next one counts as three more. */
function digitsOf({ role, digits }: NumberToken): number {
  if (role === "written") return digits.length;
  return role === "repeat" || role === "thousand" ? 3 : role === "unit" || role === "oh" ? 1 : 2;
}

function findIn(tokens: Tokens): Found[] {
  const found = findAmong(tokens, composeNumbers(tokens.numbers, false));
  // Heard either way
  const isAmbiguous = tokens.numbers.some(({ isInterjection }) => isInterjection);
  if (!isAmbiguous) return found;
  return found.concat(findAmong(tokens, composeNumbers(tokens.numbers, true)));
}

function findAmong({ numbers: tokens, cues }: Tokens, atoms: readonly Atom[]): Found[] {
  const hasSecret = cues.some(({ kind, isStrong }) => kind === "secret" && isStrong);
  const digits = atoms.reduce((sum, atom) => sum + atom.digits.length, 0);
  if (digits < MIN_CARD_DIGITS && !hasSecret) return [];
  const numbers = findCardNumbers(atoms, tokens, cues);
  if (numbers.length === 0 && !hasSecret) return [];
  const { codes, expiries, months } = findCardSecrets(atoms, tokens, cues, numbers);
  return [
    ...spansOf("number", numbers, atoms, tokens),
    ...spansOf("code", codes, atoms, tokens),
    ...spansOf("expiry", expiries, atoms, tokens),
    ...months.map(({ piece, start, end }): Found => ({ kind: "expiry", piece, start, end })),
  ];
}

function spansOf(
  kind: Kind,
  ranges: readonly AtomRange[],
  atoms: readonly Atom[],
  tokens: readonly NumberToken[],
): Found[] {
  const found: Found[] = [];
  for (const { first, last } of ranges) {
    const begin = atoms[first]?.first ?? 0;
    const end = atoms[last]?.last ?? -1;
    for (let index = begin; index <= end; index++) {
      const token = tokens[index];
      if (token === undefined) continue;
      const before = found.at(-1);
      // Lines and what others say between stay; the digits on both sides go
      const isSame = index > begin && before?.piece === token.piece &&
        token.gap.others === 0 && !token.gap.isBroken;
      if (isSame) found[found.length - 1] = { ...before, end: token.end };
      else found.push({ kind, piece: token.piece, start: token.start, end: token.end });
    }
  }
  return found;
}

function replaceSpans(text: string, spans: readonly Found[]): string {
  const sorted = [...spans].sort((a, b) => a.start - b.start || b.end - a.end);
  let result = "";
  let at = 0;
  let last: Found | null = null;
  for (const span of sorted) {
    if (last !== null && span.start < at) {
      at = Math.max(at, span.end);
      continue;
    }
    result += text.slice(at, span.start) + MASKS[span.kind];
    at = span.end;
    last = span;
  }
  return result + text.slice(at);
}
