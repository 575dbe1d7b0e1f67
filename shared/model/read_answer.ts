// Reads what the model's service sent: one document, or the chunks of a stream. Trust boundary: the
// documents are a third party's; what they say is data until somebody has checked it.
import { z } from "zod";
import type { AnswerFacts, ModelOutcome } from "./model_provider.ts";
import { ModelPart, readCalls, readText } from "./model_turn.ts";

const Count = z.number().nonnegative().nullish();

/** One document of an answer; what is not read here stays where it is. */
export const AnswerDocument = z.object({
  candidates: z.array(z.object({
    content: z.object({ parts: z.array(ModelPart).nullish() }).nullish(),
    finishReason: z.string().nullish(),
  })).nullish(),
  promptFeedback: z.object({ blockReason: z.string().nullish() }).nullish(),
  usageMetadata: z.object({
    promptTokenCount: Count,
    cachedContentTokenCount: Count,
    candidatesTokenCount: Count,
    thoughtsTokenCount: Count,
  }).nullish(),
  modelVersion: z.string().nullish(),
  // A stream that breaks may end with the document of an error
  error: z.object({ code: z.number().nullish() }).nullish(),
});
export type AnswerDocument = z.infer<typeof AnswerDocument>;

/** Reasons to end that mean a refusal of what was said. */
const BLOCKING: ReadonlySet<string> = new Set([
  "SAFETY",
  "RECITATION",
  "LANGUAGE",
  "BLOCKLIST",
  "PROHIBITED_CONTENT",
  "SPII",
  "IMAGE_SAFETY",
  "IMAGE_PROHIBITED_CONTENT",
  "IMAGE_RECITATION",
]);
const MALFORMED: ReadonlySet<string> = new Set([
  "MALFORMED_FUNCTION_CALL",
  "UNEXPECTED_TOOL_CALL",
  "TOO_MANY_TOOL_CALLS",
]);

/**
 * Collects an answer as it comes.
 *
 * @example
 * ```ts ignore
 * const reader = new AnswerReader();
 * for await (const chunk of chunks) reader.add(chunk);
 * const outcome = reader.finish();
 * ```
 */
export class AnswerReader {
  readonly #parts: ModelPart[] = [];
  #finishReason: string | null = null;
  #blockReason: string | null = null;
  #errorStatus: number | null = null;
  #isMalformed = false;
  #facts: AnswerFacts | null = null;

  /**
   * Takes one document.
   *
   * @param document What came.
   * @returns Its parts, unchanged.
   */
  add(document: unknown): readonly ModelPart[] {
    const parsed = AnswerDocument.safeParse(document);
    if (!parsed.success) {
      this.#isMalformed = true;
      return [];
    }
    const { candidates, promptFeedback, usageMetadata, modelVersion, error } = parsed.data;
    const [candidate] = candidates ?? [];
    const parts = candidate?.content?.parts ?? [];
    this.#parts.push(...parts);
    this.#finishReason = candidate?.finishReason ?? this.#finishReason;
    this.#blockReason = promptFeedback?.blockReason ?? this.#blockReason;
    if (error) this.#errorStatus = error.code ?? 500;
    this.#facts = {
      usage: usageMetadata
        ? {
          promptTokens: usageMetadata.promptTokenCount ?? 0,
          cachedTokens: usageMetadata.cachedContentTokenCount ?? 0,
          answerTokens: usageMetadata.candidatesTokenCount ?? 0,
          thoughtTokens: usageMetadata.thoughtsTokenCount ?? 0,
        }
        : this.#facts?.usage ?? NOTHING,
      modelVersion: modelVersion ?? this.#facts?.modelVersion ?? null,
    };
    return parts;
  }

  /** What the documents come to, when no more will come. */
  finish(): ModelOutcome {
    const facts = this.#facts ?? { usage: NOTHING, modelVersion: null };
    if (this.#errorStatus !== null) return this.interrupted(this.#errorStatus);
    if (this.#blockReason !== null) {
      return { outcome: "blocked", stage: "prompt", reason: this.#blockReason, ...facts };
    }
    if (this.#isMalformed) return { outcome: "malformed", reason: "unreadable_document", ...facts };
    const reason = this.#finishReason;
    // Without a reason to end, it did not end: the connection was closed in the middle
    if (reason === null) return this.interrupted(null);
    if (BLOCKING.has(reason)) return { outcome: "blocked", stage: "answer", reason, ...facts };
    if (MALFORMED.has(reason)) return { outcome: "malformed", reason, ...facts };
    const turn = { role: "model" as const, parts: [...this.#parts] };
    const text = readText(turn.parts);
    if (reason === "MAX_TOKENS") return { outcome: "truncated", turn, text, ...facts };
    const calls = readCalls(turn.parts);
    if (text.trim() === "" && calls.length === 0) return { outcome: "empty", ...facts };
    return { outcome: "answered", turn, text, calls, ...facts };
  }

  /**
   * What the documents come to when the connection broke.
   *
   * @param status The status that was said, if one was.
   */
  interrupted(status: number | null): ModelOutcome {
    return {
      outcome: "unavailable",
      status,
      isPartial: this.#parts.length > 0,
      facts: this.#facts,
    };
  }
}

const NOTHING = { promptTokens: 0, cachedTokens: 0, answerTokens: 0, thoughtTokens: 0 } as const;
