// How far a turn has come, for whoever asks for it.
import { ChatAnswer, type TurnState } from "../contract.ts";
import type { TurnStore } from "./turn_store.ts";

/** Larger than the number of any event: only the state is wanted. */
const NO_EVENTS = 2_147_483_647;

/**
 * Reads how far a turn has come.
 *
 * @param store Where it is kept.
 * @param turnId The turn.
 * @throws {AppError} `not_found`.
 */
export async function readTurnState(
  store: Pick<TurnStore, "read">,
  turnId: string,
): Promise<TurnState> {
  const { status, is_interrupted: isInterrupted, error_code: code, answer } = await store.read(
    turnId,
    NO_EVENTS,
  );
  const isOver = status === "failed" && code === "interrupted";
  return {
    id: turnId,
    status: isInterrupted || isOver ? "interrupted" : status,
    answer: readAnswer(answer),
  };
}

/** The answer of a turn that has one, as it is published. */
export function readAnswer(stored: unknown): ChatAnswer | null {
  if (stored === null || stored === undefined) return null;
  const { success, data } = ChatAnswer.strip().safeParse(stored);
  return success ? data : null;
}
