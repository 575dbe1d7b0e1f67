// Gives the events of a turn to somebody who was not there, or not all the time: what is kept, and
// what comes as long as its worker lives.
import { AppError } from "../../errors/app_error.ts";
import { isErrorCode } from "../../errors/catalogue.ts";
import { ChatEvent } from "../contract.ts";
import { readAnswer } from "./read_turn_state.ts";
import type { TurnStore } from "./turn_store.ts";

/** What replaying needs. */
export interface ReplayDeps {
  readonly store: Pick<TurnStore, "read">;
  readonly wait: (ms: number, signal: AbortSignal) => Promise<void>;
  readonly signal: AbortSignal;
}

const FIRST_WAIT_MS = 100;
const MAX_WAIT_MS = 1_000;
/** Nobody follows a turn for longer than turns last. */
const MAX_ROUNDS = 200;

/**
 * Replays a turn.
 *
 * @param deps Where it is kept, and time.
 * @param turnId The turn.
 * @param after The number of the last event that was seen; 0 for none.
 * @returns Its events from there on, until it ends.
 * @throws {AppError} `not_found`; `turn_interrupted` when its worker is gone; why it failed.
 */
export async function* replayTurn(
  deps: ReplayDeps,
  turnId: string,
  after: number,
): AsyncGenerator<ChatEvent, void, void> {
  let seen = after;
  let waitMs = FIRST_WAIT_MS;
  for (let round = 0; round < MAX_ROUNDS; round += 1) {
    const turn = await deps.store.read(turnId, seen);
    for (const { seq, event, data } of turn.events) {
      seen = seq;
      waitMs = FIRST_WAIT_MS;
      yield ChatEvent.parse({ id: `${turnId}:${seq}`, event, data });
    }
    if (turn.status !== "running") {
      if (turn.status === "failed") throw failureOf(turn.error_code);
      if (seen === after) yield* endOfOldTurn(deps.store, turnId, after);
      return;
    }
    if (turn.is_interrupted) throw new AppError("turn_interrupted");
    await deps.wait(waitMs, deps.signal);
    if (deps.signal.aborted) return;
    waitMs = Math.min(waitMs * 2, MAX_WAIT_MS);
  }
}

/** Events are kept for a day, answers longer: of an older turn its end is what is left to tell. */
async function* endOfOldTurn(
  store: ReplayDeps["store"],
  turnId: string,
  after: number,
): AsyncGenerator<ChatEvent, void, void> {
  const { events, answer } = await store.read(turnId, 0);
  const data = readAnswer(answer);
  if (events.length > 0 || data === null) return;
  yield { id: `${turnId}:${after + 1}`, event: "done", data };
}

function failureOf(code: string | null): AppError {
  if (code === "interrupted") return new AppError("turn_interrupted");
  return new AppError(isErrorCode(code) ? code : "internal_error");
}
