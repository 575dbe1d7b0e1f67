// Listens to texts that follow each other, all together and each speaker alone, and says what to put
// in the place of card numbers, security codes and expiry dates.
import { type Atom, composeNumbers } from "./compose_numbers.ts";
import { type AtomRange, findCardNumbers } from "./find_card_numbers.ts";
import { findCardSecrets } from "./find_card_secrets.ts";
import { MIN_CARD_DIGITS } from "./card_rules.ts";
import type { NumberToken, Piece, Span, Tokens } from "./number_token.ts";
import { MASKS } from "./masks.ts";
import { readTokens } from "./read_tokens.ts";

type Kind = keyof typeof MASKS;

interface Found extends Span {
  readonly kind: Kind;
}

/** A digit, or the beginnings and ends of words that say one. */
const MAYBE_NUMBER =
  /\d|[^\x20-\x7e\s]|\b(?:zero|one|two|three|four|five|six|seven|eight|nine|oh|double|triple|hundred|un[oe]?|cero|null|nul)\b|t(?:y|een)\b|cv[vc]/i;

/**
 * Masks pieces.
 *
 * @param pieces The texts, in the order they were said.
 * @returns New texts by index; pieces that keep theirs are not in it.
 */
export function maskPieces(pieces: readonly Piece[]): Map<number, string> {
  const masked = new Map<number, string>();
  if (!pieces.some(({ text }) => MAYBE_NUMBER.test(text))) return masked;
  const found = findIn(pieces);
  for (const indexes of piecesBySpeaker(pieces)) {
    const own = indexes.flatMap((index) => pieces[index] ?? []);
    for (const span of findIn(own)) found.push({ ...span, piece: indexes[span.piece] ?? 0 });
  }
  const byPiece = Map.groupBy(found, ({ piece }) => piece);
  for (const [index, spans] of byPiece) {
    const text = pieces[index]?.text;
    if (text !== undefined) masked.set(index, replaceSpans(text, spans));
  }
  return masked;
}

/** A number may be said while others talk between. Nothing when all is one speaker's. */
function piecesBySpeaker(pieces: readonly Piece[]): number[][] {
  const bySpeaker = Map.groupBy(pieces.keys(), (index) => pieces[index]?.speaker ?? null);
  if (bySpeaker.size < 2) return [];
  return [...bySpeaker].filter(([speaker]) => speaker !== null).map(([, indexes]) => indexes);
}

function findIn(pieces: readonly Piece[]): Found[] {
  const tokens = readTokens(pieces);
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
