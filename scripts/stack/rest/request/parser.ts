// Backtracking parser combinators whose failure texts read like the ones that API clients already
// know: what was found, and every alternative that would have been accepted at the furthest place.

/** What a parser met or would have liked to meet at one place of its input. */
export interface ParserMessage {
  readonly kind: "found" | "unexpected" | "expected";
  readonly text: string;
}

/** A failure, or the alternatives still open after a success. */
export interface ParserTrace {
  readonly position: number;
  readonly messages: readonly ParserMessage[];
}

/** The outcome of running a parser at a position. */
export type Reply<T> =
  | {
    readonly ok: true;
    readonly consumed: boolean;
    readonly value: T;
    readonly position: number;
    readonly trace: ParserTrace;
  }
  | { readonly ok: false; readonly consumed: boolean; readonly trace: ParserTrace };

/** A parser is a function of the input and a position. */
export type Parser<T> = (input: string, position: number) => Reply<T>;

const NO_MESSAGES: readonly ParserMessage[] = [];

function succeed<T>(value: T, position: number, consumed: boolean): Reply<T> {
  return { ok: true, consumed, value, position, trace: { position, messages: NO_MESSAGES } };
}

function mergeTraces(first: ParserTrace, second: ParserTrace): ParserTrace {
  if (second.messages.length === 0 && first.messages.length > 0) return first;
  if (first.messages.length === 0 && second.messages.length > 0) return second;
  if (first.position !== second.position) return first.position > second.position ? first : second;
  if (second.messages.length === 0) return first;
  return { position: first.position, messages: [...first.messages, ...second.messages] };
}

function showCharacter(character: string, quote: string): string {
  const code = character.codePointAt(0) ?? 0;
  if (character === quote || character === "\\") return `${quote}\\${character}${quote}`;
  if (character === "\n") return `${quote}\\n${quote}`;
  if (character === "\t") return `${quote}\\t${quote}`;
  return code < 32 || code > 126 ? `${quote}\\${code}${quote}` : `${quote}${character}${quote}`;
}

function showText(text: string): string {
  return `"${Array.from(text, (c) => showCharacter(c, '"').slice(1, -1)).join("")}"`;
}

function characterAt(input: string, position: number): string | undefined {
  const code = input.codePointAt(position);
  return code === undefined ? undefined : String.fromCodePoint(code);
}

/** What a parser that accepts nothing more met at a place. */
export function foundAt(input: string, position: number): ParserMessage {
  const character = characterAt(input, position);
  return {
    kind: "found",
    text: character === undefined ? "" : showCharacter(character, '"'),
  };
}

/** Accepts one character that passes the test. */
export function satisfy(test: (character: string) => boolean): Parser<string> {
  return (input, position) => {
    const character = characterAt(input, position);
    if (character !== undefined && test(character)) {
      return succeed(character, position + character.length, true);
    }
    const messages = [foundAt(input, position)];
    return { ok: false, consumed: false, trace: { position, messages } };
  };
}

/** Names what a parser accepts, for the failure text. */
export function label<T>(parser: Parser<T>, name: string): Parser<T> {
  const expected: ParserMessage = { kind: "expected", text: name };
  return (input, position) => {
    const reply = parser(input, position);
    if (reply.consumed || (reply.ok && reply.trace.messages.length === 0)) return reply;
    const rest = reply.trace.messages.filter((message) => message.kind !== "expected");
    return { ...reply, trace: { position: reply.trace.position, messages: [expected, ...rest] } };
  };
}

/** Accepts exactly this character. */
export function char(wanted: string): Parser<string> {
  return label(satisfy((character) => character === wanted), showText(wanted));
}

/** Accepts exactly this text; having met its beginning counts as having consumed. */
export function text(wanted: string): Parser<string> {
  const expected: ParserMessage = { kind: "expected", text: showText(wanted) };
  return (input, position) => {
    let at = 0;
    while (at < wanted.length && input[position + at] === wanted[at]) at += 1;
    if (at === wanted.length) return succeed(wanted, position + at, wanted.length > 0);
    const messages = [expected, foundAt(input, position + at)];
    return { ok: false, consumed: at > 0, trace: { position, messages } };
  };
}

/** Succeeds without looking at the input. */
export function pure<T>(value: T): Parser<T> {
  return (_input, position) => succeed(value, position, false);
}

/** Turns a parser's value into another. */
export function map<T, U>(parser: Parser<T>, change: (value: T) => U): Parser<U> {
  return (input, position) => {
    const reply = parser(input, position);
    return reply.ok ? { ...reply, value: change(reply.value) } : reply;
  };
}

/** Fails when the value is not acceptable, as if the input had ended the alternative. */
export function check<T>(parser: Parser<T>, accept: (value: T) => boolean): Parser<T> {
  return (input, position) => {
    const reply = parser(input, position);
    if (!reply.ok || accept(reply.value)) return reply;
    return { ok: false, consumed: reply.consumed, trace: reply.trace };
  };
}

type Values<P extends readonly Parser<unknown>[]> = {
  [K in keyof P]: P[K] extends Parser<infer T> ? T : never;
};

/** Runs parsers one after the other. */
export function sequence<P extends readonly Parser<unknown>[]>(...parsers: P): Parser<Values<P>> {
  return (input, start) => {
    const values: unknown[] = [];
    let position = start;
    let consumed = false;
    let trace: ParserTrace = { position: start, messages: NO_MESSAGES };
    for (const parser of parsers) {
      const reply = parser(input, position);
      trace = reply.consumed ? reply.trace : mergeTraces(trace, reply.trace);
      consumed ||= reply.consumed;
      if (!reply.ok) return { ok: false, consumed, trace };
      position = reply.position;
      values.push(reply.value);
    }
    return { ok: true, consumed, value: values as Values<P>, position, trace };
  };
}

/** Runs both, keeps the second's value. */
export function then<T>(first: Parser<unknown>, second: Parser<T>): Parser<T> {
  return map(sequence(first, second), ([, value]) => value as T);
}

/** Runs both, keeps the first's value. */
export function skip<T>(first: Parser<T>, second: Parser<unknown>): Parser<T> {
  return map(sequence(first, second), ([value]) => value as T);
}

/** Runs all three, keeps the middle's value. */
export function between<T>(
  open: Parser<unknown>,
  close: Parser<unknown>,
  inner: Parser<T>,
): Parser<T> {
  return skip(then(open, inner), close);
}

/** The first alternative that succeeds; one that failed after consuming ends the search. */
export function choice<T>(...parsers: readonly Parser<T>[]): Parser<T> {
  return (input, position) => {
    let trace: ParserTrace = { position, messages: NO_MESSAGES };
    for (const parser of parsers) {
      const reply = parser(input, position);
      if (reply.consumed) return reply;
      trace = mergeTraces(trace, reply.trace);
      if (reply.ok) return { ...reply, trace };
    }
    return { ok: false, consumed: false, trace };
  };
}

/** Lets an alternative fail as if it had consumed nothing. */
export function attempt<T>(parser: Parser<T>): Parser<T> {
  return (input, position) => {
    const reply = parser(input, position);
    return reply.ok ? reply : { ok: false, consumed: false, trace: reply.trace };
  };
}

/** The value, or undefined where the parser does not apply. */
export function optional<T>(parser: Parser<T>): Parser<T | undefined> {
  return choice<T | undefined>(parser, pure(undefined));
}

/**
 * As many as there are.
 *
 * @param forgets Whether the alternatives left open by the last one are no longer worth naming.
 */
export function many<T>(parser: Parser<T>, forgets = false): Parser<readonly T[]> {
  return (input, start) => {
    const values: T[] = [];
    let position = start;
    let trace: ParserTrace = { position: start, messages: NO_MESSAGES };
    for (;;) {
      const reply = parser(input, position);
      if (!reply.ok && reply.consumed) return reply;
      trace = reply.consumed || forgets ? reply.trace : mergeTraces(trace, reply.trace);
      if (!reply.ok || !reply.consumed) {
        return { ok: true, consumed: position > start, value: values, position, trace };
      }
      values.push(reply.value);
      position = reply.position;
    }
  };
}

/** One or more. */
export function many1<T>(parser: Parser<T>): Parser<readonly T[]> {
  return map(sequence(parser, many(parser)), ([first, rest]) => [first as T, ...rest as T[]]);
}

/** One or more, with a separator between them. */
export function separated1<T>(parser: Parser<T>, separator: Parser<unknown>): Parser<readonly T[]> {
  const rest = many(then(separator, parser), true);
  return map(sequence(parser, rest), ([first, others]) => [first as T, ...others as T[]]);
}

/** None or more, with a separator between them. */
export function separated<T>(parser: Parser<T>, separator: Parser<unknown>): Parser<readonly T[]> {
  return choice<readonly T[]>(separated1(parser, separator), pure([]));
}

/** Looks without consuming. */
export function lookAhead<T>(parser: Parser<T>): Parser<T> {
  return (input, position) => {
    const reply = parser(input, position);
    return reply.ok ? succeed(reply.value, position, false) : reply;
  };
}

/** Succeeds where the parser would not. */
export function notFollowedBy(parser: Parser<string>): Parser<undefined> {
  return (input, position) => {
    const reply = parser(input, position);
    if (!reply.ok) {
      return { ok: true, consumed: false, value: undefined, position, trace: reply.trace };
    }
    return { ok: false, consumed: false, trace: unexpected(reply.value, reply.position) };
  };
}

function unexpected(character: string, position: number): ParserTrace {
  return {
    position,
    messages: [{ kind: "unexpected", text: showCharacter(character, "'") }],
  };
}

/** Defers the building of a parser that refers to itself. */
export function lazy<T>(build: () => Parser<T>): Parser<T> {
  let parser: Parser<T> | undefined;
  return (input, position) => (parser ??= build())(input, position);
}

/** Any character. */
export const anyCharacter: Parser<string> = satisfy(() => true);

/** The end of the input. */
export const endOfInput: Parser<undefined> = label((input, position) => {
  const character = characterAt(input, position);
  if (character === undefined) return succeed(undefined, position, false);
  return { ok: false, consumed: false, trace: unexpected(character, position) };
}, "end of input");
