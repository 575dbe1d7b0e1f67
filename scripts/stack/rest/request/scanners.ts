// Parsers of runs of characters, read in one go: names make up most of a query string.
import { foundAt, type Parser, type ParserMessage } from "./parser.ts";

/** Whether a run goes on with this character, given by its code. */
type Accepts = (code: number) => boolean;

function scan(
  accepts: Accepts,
  minimum: 0 | 1,
  expected: readonly ParserMessage[],
): Parser<string> {
  return (input, start) => {
    let position = start;
    for (;;) {
      const code = input.codePointAt(position);
      if (code === undefined || !accepts(code)) break;
      position += code > 0xffff ? 2 : 1;
    }
    const consumed = position > start;
    const trace = { position, messages: [...expected, foundAt(input, position)] };
    if (!consumed && minimum > 0) return { ok: false, consumed, trace };
    return { ok: true, consumed, value: input.slice(start, position), position, trace };
  };
}

function without(excluded: string): Accepts {
  const codes = new Set(Array.from(excluded, (character) => character.codePointAt(0)));
  return (code) => !codes.has(code);
}

const LETTER = /[\p{L}\p{M}]/u;

function isNameCharacter(code: number): boolean {
  if (code > 127) return LETTER.test(String.fromCodePoint(code));
  const lower = code | 32;
  return (lower >= 97 && lower <= 122) || (code >= 48 && code <= 57) ||
    code === 95 || code === 36 || code === 32;
}

/** Letters, digits, `_`, `$` and blanks: one at least. */
export const nameCharacters: Parser<string> = scan(isNameCharacter, 1, [
  { kind: "expected", text: "letter" },
  { kind: "expected", text: "digit" },
]);

/** Blanks and tabs, if any. */
export const blanks: Parser<string> = scan((code) => code === 32 || code === 9, 0, []);

/** Everything up to one of these characters, if anything. */
export function upTo(excluded: string): Parser<string> {
  return scan(without(excluded), 0, []);
}

/** Everything up to one of these characters: one at least. */
export function someUpTo(excluded: string): Parser<string> {
  return scan(without(excluded), 1, []);
}

/** Everything that is left, if anything. */
export const everything: Parser<string> = scan(() => true, 0, []);
