// Documents of the answer: one for `generateContent`, one a chunk for the stream.
import type { Part } from "./generate_request.ts";
import type { PlannedAnswer } from "./planned_answer.ts";

/** What the documents say beside the answer. */
export interface AnswerFrame {
  readonly modelVersion: string;
  readonly responseId: string;
  readonly promptTokens: number;
  readonly cachedTokens: number;
  readonly thoughtsTokens: number;
  /** Makes the signature of a part. */
  readonly sign: (part: Part) => string;
}

type Document = Record<string, unknown>;

/** About four characters make a token. */
export function countTokens(text: string): number {
  return Math.ceil(text.length / 4);
}

/**
 * Composes the events of a stream.
 *
 * @param plan What is said.
 * @param frame What stands around it.
 */
export function composeChunks(plan: PlannedAnswer, frame: AnswerFrame): Document[] {
  if (plan.blockReason !== undefined) return [blocked(plan, frame)];
  const chunks = signChunks(plan, frame);
  let said = 0;
  return chunks.map((parts, index) => {
    said += tokensOf(parts);
    const isLast = index === chunks.length - 1;
    return document(plan, frame, parts, isLast ? plan.finishReason : null, said);
  });
}

/**
 * Composes the one document of an answer that is not streamed.
 *
 * @param plan What is said.
 * @param frame What stands around it.
 */
export function composeWhole(plan: PlannedAnswer, frame: AnswerFrame): Document {
  if (plan.blockReason !== undefined) return blocked(plan, frame);
  const parts = joinTexts(plan.chunks.flat());
  const signed = plan.isSigned ? signParts(parts, frame) : parts;
  return document(plan, frame, signed, plan.finishReason, tokensOf(parts));
}

function document(
  plan: PlannedAnswer,
  frame: AnswerFrame,
  parts: readonly Part[],
  finishReason: string | null,
  said: number,
): Document {
  return {
    candidates: [{
      content: { ...(parts.length > 0 && { parts }), role: "model" },
      ...(finishReason !== null && { finishReason }),
      index: 0,
    }],
    usageMetadata: usage(plan, frame, said),
    modelVersion: plan.modelVersion ?? frame.modelVersion,
    responseId: frame.responseId,
  };
}

function blocked(plan: PlannedAnswer, frame: AnswerFrame): Document {
  return {
    promptFeedback: { blockReason: plan.blockReason },
    usageMetadata: {
      promptTokenCount: frame.promptTokens,
      totalTokenCount: frame.promptTokens,
    },
    modelVersion: plan.modelVersion ?? frame.modelVersion,
    responseId: frame.responseId,
  };
}

function usage(plan: PlannedAnswer, frame: AnswerFrame, said: number): Document {
  return {
    promptTokenCount: frame.promptTokens,
    ...(frame.cachedTokens > 0 && { cachedContentTokenCount: frame.cachedTokens }),
    candidatesTokenCount: said,
    thoughtsTokenCount: frame.thoughtsTokens,
    totalTokenCount: frame.promptTokens + said + frame.thoughtsTokens,
    ...plan.usage,
  };
}

/** Where the first call comes, or else at the end of a stream in a part of its own. */
function signChunks(plan: PlannedAnswer, frame: AnswerFrame): (readonly Part[])[] {
  if (!plan.isSigned) return [...plan.chunks];
  if (plan.chunks.flat().some((part) => part.functionCall !== undefined)) {
    let isSigned = false;
    return plan.chunks.map((parts) => {
      if (isSigned || !parts.some((part) => part.functionCall !== undefined)) return parts;
      isSigned = true;
      return signParts(parts, frame);
    });
  }
  const hasText = plan.finishReason === "STOP" && plan.chunks.flat().length > 0;
  if (!hasText) return [...plan.chunks];
  const empty = { text: "" };
  return [...plan.chunks, [{ ...empty, thoughtSignature: frame.sign(empty) }]];
}

function signParts(parts: readonly Part[], frame: AnswerFrame): Part[] {
  const call = parts.findIndex((part) => part.functionCall !== undefined);
  const target = call >= 0 ? call : parts.length - 1;
  return parts.map((part, index) =>
    index === target ? { ...part, thoughtSignature: frame.sign(part) } : part
  );
}

function joinTexts(parts: readonly Part[]): Part[] {
  const joined: Part[] = [];
  for (const part of parts) {
    const last = joined.at(-1);
    const isPlain = part.text !== undefined && Object.keys(part).length === 1;
    if (isPlain && last?.text !== undefined && Object.keys(last).length === 1) {
      joined[joined.length - 1] = { text: last.text + part.text };
    } else {
      joined.push(part);
    }
  }
  return joined;
}

function tokensOf(parts: readonly Part[]): number {
  return parts.reduce(
    (sum, part) => sum + countTokens(part.text ?? JSON.stringify(part.functionCall ?? "")),
    0,
  );
}
