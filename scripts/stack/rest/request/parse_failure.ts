// Renders what a parser expected into the message and details of a bad-request answer.
import { queryParameterError } from "../errors/request_errors.ts";
import type { Parser, ParserMessage, ParserTrace } from "./parser.ts";

function texts(messages: readonly ParserMessage[], kind: ParserMessage["kind"]): string[] {
  const found = messages.filter((message) => message.kind === kind).map((message) => message.text);
  return [...new Set(found.filter((text) => text !== ""))];
}

function alternatives(names: readonly string[]): string {
  if (names.length < 2) return names.join("");
  return `${names.slice(0, -1).join(", ")} or ${names.at(-1)}`;
}

function describe(trace: ParserTrace): string {
  if (trace.messages.length === 0) return "unknown parse error";
  const parts: string[] = [];
  const unexpected = texts(trace.messages, "unexpected");
  const found = trace.messages.find((message) => message.kind === "found");
  if (unexpected.length > 0) parts.push(`unexpected ${alternatives(unexpected)}`);
  else if (found) parts.push(`unexpected ${found.text === "" ? "end of input" : found.text}`);
  const expected = texts(trace.messages, "expected");
  if (expected.length > 0) parts.push(`expecting ${alternatives(expected)}`);
  return parts.join(" ");
}

function place(input: string, position: number): string {
  let line = 1;
  let column = 1;
  for (const character of input.slice(0, position)) {
    if (character === "\n") {
      line += 1;
      column = 1;
    } else {
      column += character === "\t" ? 8 - ((column - 1) % 8) : 1;
    }
  }
  return `(line ${line}, column ${column})`;
}

/**
 * Runs a parser over a whole input.
 *
 * @param name What is being parsed, for the message.
 * @throws {RestError} PGRST100 when the input does not fit.
 */
export function parseOrFail<T>(parser: Parser<T>, name: string, input: string): T {
  const reply = parser(input, 0);
  if (reply.ok) return reply.value;
  throw queryParameterError(
    `"${name}" ${place(input, reply.trace.position)}`,
    describe(reply.trace),
  );
}
