// An answer before it is sent: chunks of parts, why it ends, and what goes wrong on the way.
import type { GeminiError } from "./gemini_error.ts";
import { scriptedGeminiError } from "./gemini_error.ts";
import type { Part } from "./generate_request.ts";
import type { ScriptedAnswer } from "./scripted_answer.ts";

/** What is said, and how it ends. */
export interface PlannedAnswer {
  readonly chunks: readonly (readonly Part[])[];
  /** Null: no reason ever comes. */
  readonly finishReason: string | null;
  /** Set: the prompt was blocked, and there is no candidate. */
  readonly blockReason?: string;
  readonly isSigned: boolean;
  readonly usage?: Readonly<Record<string, number>> | undefined;
  readonly modelVersion?: string | undefined;
  /** Breaks the connection, or ends it early, after so many chunks. */
  readonly cut?: { readonly afterChunks: number; readonly how: "reset" | "end" };
  /** Ends with an error document after so many chunks. */
  readonly failure?: {
    readonly afterChunks: number;
    readonly error: GeminiError;
    readonly isEvent: boolean;
  };
}

type Said = Exclude<ScriptedAnswer, { kind: "error" | "not_json" }>;

/** Turns a script's answer into a plan. */
export function planScripted(answer: Said): PlannedAnswer {
  const said = {
    isSigned: answer.signed,
    usage: answer.usage,
    modelVersion: answer.model_version,
  };
  const ending = (finishReason: string, text = ""): PlannedAnswer => ({
    ...said,
    chunks: text === "" ? [[]] : [[{ text }]],
    finishReason,
  });
  switch (answer.kind) {
    case "text":
      return { ...said, chunks: splitText(answer.text, answer.pieces), finishReason: "STOP" };
    case "json":
      return { ...said, chunks: splitText(JSON.stringify(answer.value), 4), finishReason: "STOP" };
    case "calls":
      return {
        ...said,
        chunks: [
          ...(answer.text === undefined ? [] : [[{ text: answer.text }]]),
          // All calls in one chunk: clients that keep one object a chunk lose all but the last
          answer.calls.map((call) => ({ functionCall: call })),
        ],
        finishReason: "STOP",
      };
    case "raw":
      return {
        ...said,
        isSigned: false,
        chunks: answer.chunks,
        finishReason: answer.finish_reason,
      };
    case "blocked_prompt":
      return { ...said, chunks: [], finishReason: null, blockReason: answer.reason };
    case "blocked_answer":
      return ending(answer.reason, answer.text);
    case "max_tokens":
      return ending("MAX_TOKENS", answer.text);
    case "malformed_call":
      return ending(answer.reason);
    case "empty":
      return ending("STOP");
    case "cut":
    case "error_midway":
      return { ...said, ...planBroken(answer) };
  }
}

function planBroken(
  answer: Extract<Said, { kind: "cut" | "error_midway" }>,
): Pick<PlannedAnswer, "chunks" | "finishReason" | "cut" | "failure"> {
  const chunks = splitText(answer.text, answer.after_chunks + 2);
  const afterChunks = answer.after_chunks;
  if (answer.kind === "cut") {
    return { chunks, finishReason: "STOP", cut: { afterChunks, how: answer.how } };
  }
  return {
    chunks,
    finishReason: "STOP",
    failure: {
      afterChunks,
      error: scriptedGeminiError(answer.status),
      isEvent: answer.is_event,
    },
  };
}

/**
 * Splits a text into chunks of about the same length.
 *
 * @param text The text.
 * @param pieces How many, unless the text is shorter.
 */
export function splitText(text: string, pieces: number): Part[][] {
  const characters = [...text];
  const length = Math.max(1, Math.ceil(characters.length / pieces));
  const chunks: Part[][] = [];
  for (let start = 0; start < characters.length; start += length) {
    chunks.push([{ text: characters.slice(start, start + length).join("") }]);
  }
  return chunks.length > 0 ? chunks : [[{ text: "" }]];
}
