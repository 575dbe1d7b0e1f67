// What a test can have the simulated model say or do, in the order it is to happen.
import { z } from "zod";

const Call = z.object({
  name: z.string(),
  args: z.record(z.string(), z.unknown()).default({}),
  id: z.string().optional(),
});

/** How the bytes of an answer travel. */
const Wire = {
  /** Held back before the first byte. */
  delay_ms: z.number().nonnegative().default(0),
  /** Pieces of this many bytes, across characters and lines; whole without. */
  split_bytes: z.int().positive().optional(),
  /** Between pieces. */
  piece_delay_ms: z.number().nonnegative().default(0),
};

const Said = {
  ...Wire,
  model_version: z.string().optional(),
  usage: z.record(z.string(), z.int()).optional(),
  /** False: nothing is signed, as older models do. */
  signed: z.boolean().default(true),
};

export const ScriptedAnswer = z.discriminatedUnion("kind", [
  z.object({
    kind: z.literal("text"),
    text: z.string(),
    pieces: z.int().positive().default(3),
    ...Said,
  }),
  z.object({ kind: z.literal("json"), value: z.unknown(), ...Said }),
  z.object({
    kind: z.literal("calls"),
    calls: z.array(Call).min(1),
    text: z.string().optional(),
    ...Said,
  }),
  /** Parts as they are, chunk by chunk. */
  z.object({
    kind: z.literal("raw"),
    chunks: z.array(z.array(z.record(z.string(), z.unknown()))),
    finish_reason: z.string().nullable().default("STOP"),
    ...Said,
  }),
  z.object({
    kind: z.literal("blocked_prompt"),
    reason: z.string().default("PROHIBITED_CONTENT"),
    ...Said,
  }),
  z.object({
    kind: z.literal("blocked_answer"),
    reason: z.string().default("SAFETY"),
    text: z.string().default(""),
    ...Said,
  }),
  z.object({ kind: z.literal("max_tokens"), text: z.string().default(""), ...Said }),
  z.object({
    kind: z.literal("malformed_call"),
    reason: z.enum(["MALFORMED_FUNCTION_CALL", "UNEXPECTED_TOOL_CALL", "TOO_MANY_TOOL_CALLS"])
      .default("MALFORMED_FUNCTION_CALL"),
    ...Said,
  }),
  z.object({ kind: z.literal("empty"), ...Said }),
  z.object({
    kind: z.literal("error"),
    status: z.int().min(400).max(599),
    quota: z.enum(["minute", "day"]).default("minute"),
    retry_delay: z.string().optional(),
    /** A page of HTML instead of JSON, as proxies send. */
    html: z.boolean().default(false),
    ...Wire,
  }),
  /** Text whose stream, or body, ends in the middle. */
  z.object({
    kind: z.literal("cut"),
    text: z.string(),
    after_chunks: z.int().nonnegative().default(1),
    /** reset: the connection breaks; end: it ends politely, without a reason to finish. */
    how: z.enum(["reset", "end"]).default("reset"),
    ...Said,
  }),
  /** Text whose stream ends with an error document. */
  z.object({
    kind: z.literal("error_midway"),
    text: z.string(),
    after_chunks: z.int().positive().default(1),
    status: z.int().min(400).max(599).default(503),
    /** As an event of the stream, or bare. */
    is_event: z.boolean().default(true),
    ...Said,
  }),
  z.object({ kind: z.literal("not_json"), ...Wire }),
]);
/** One answer to come. */
export type ScriptedAnswer = z.infer<typeof ScriptedAnswer>;

/** Answers that wait for their request. */
interface Waiting {
  readonly includes: string | undefined;
  readonly answer: ScriptedAnswer;
  left: number;
}

/** The answers to come, first in first out; one with a condition waits for a request that meets it. */
export class AnswerScript {
  #waiting: Waiting[] = [];

  /** Adds answers. */
  add(answers: readonly ScriptedAnswer[], includes: string | undefined, times: number): void {
    for (const answer of answers) this.#waiting.push({ includes, answer, left: times });
  }

  /** Takes the answer that is meant for a request, if one is. */
  take(body: string): ScriptedAnswer | undefined {
    const found = this.#waiting.find(({ includes }) =>
      includes === undefined || body.includes(includes)
    );
    if (found === undefined) return undefined;
    found.left -= 1;
    this.#waiting = this.#waiting.filter(({ left }) => left > 0);
    return found.answer;
  }

  /** How many are still to come. */
  get count(): number {
    return this.#waiting.reduce((sum, { left }) => sum + left, 0);
  }

  /** Forgets all. */
  reset(): void {
    this.#waiting = [];
  }
}
