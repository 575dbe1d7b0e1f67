// Turns of a conversation with a model, kept as the provider sent them. A part may carry a signature
// over itself that has to come back byte for byte, so nobody takes a part apart to keep it.
import { z } from "zod";

/** One part of a turn: text, a call, a result, and whatever else the provider put beside it. */
export const ModelPart = z.record(z.string(), z.unknown());
export type ModelPart = z.infer<typeof ModelPart>;

/** One turn. What a model said is stored and sent again as it is, in this form and no other. */
export const ModelTurn = z.object({
  role: z.enum(["user", "model"]),
  parts: z.array(ModelPart),
});
export type ModelTurn = z.infer<typeof ModelTurn>;

/** A function that the model wants called. Nothing about it is trusted: neither name nor arguments. */
export interface ToolCall {
  /** The provider's id, if it gave one; the result has to carry the same. */
  readonly id: string | null;
  readonly name: string;
  readonly args: Readonly<Record<string, unknown>>;
}

const CallPart = z.object({
  functionCall: z.object({
    id: z.string().nullish(),
    name: z.string(),
    args: z.record(z.string(), z.unknown()).nullish(),
  }),
});
const TextPart = z.object({ text: z.string(), thought: z.boolean().nullish() });

/**
 * Makes the turn of a person, or of what speaks for them.
 *
 * @param text What is said.
 */
export function userTurn(text: string): ModelTurn {
  return { role: "user", parts: [{ text }] };
}

/**
 * Makes the one turn that answers every call of the turn before, in its order.
 *
 * @param calls The calls.
 * @param results A JSON object for each, such as `{ output }` or `{ error }`.
 * @throws {RangeError} When a call is left without an answer.
 */
export function toolResultsTurn(
  calls: readonly ToolCall[],
  results: readonly Readonly<Record<string, unknown>>[],
): ModelTurn {
  if (calls.length !== results.length) {
    throw new RangeError(`Cannot answer ${calls.length} calls: ${results.length} results`);
  }
  return {
    role: "user",
    parts: calls.map(({ id, name }, index) => ({
      functionResponse: { ...(id !== null && { id }), name, response: results[index] },
    })),
  };
}

/**
 * Reads the calls out of a turn; a turn that calls ends like any other, so only its parts tell.
 *
 * @param parts Its parts.
 */
export function readCalls(parts: readonly ModelPart[]): ToolCall[] {
  return parts.flatMap((part) => {
    const parsed = CallPart.safeParse(part);
    if (!parsed.success) return [];
    const { id, name, args } = parsed.data.functionCall;
    return [{ id: id ?? null, name, args: args ?? {} }];
  });
}

/**
 * Reads the text out of a turn, without the model's thoughts.
 *
 * @param parts Its parts.
 */
export function readText(parts: readonly ModelPart[]): string {
  return parts.map((part) => {
    const parsed = TextPart.safeParse(part);
    return parsed.success && parsed.data.thought !== true ? parsed.data.text : "";
  }).join("");
}
