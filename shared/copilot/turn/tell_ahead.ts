// Tells what a look-up has found before the database has let its message in. It ran under the caller's
// own token, so nothing is told that they may not read; what the database then says decides whether it
// stands. Nothing is kept before that.
import type { RequestContext } from "../../platform/request_context.ts";
import type { EarlyRead } from "./run_action.ts";
import { type EngineHandles, TURN_MS } from "./engine_handles.ts";
import { openTurn, type TurnOpening } from "./open_turn.ts";
import { runPlan } from "./run_plan.ts";
import { type AnswerSoFar, tellPanel } from "./turn_state.ts";

/** What is found later than this is told once the message was let in. */
const HEAD_START_MS = 1_000;

/**
 * Waits for a look-up, and not for long.
 *
 * @param read The look-up.
 * @returns Whether it has found something; false where it failed, too: what the database then says of
 *   the message is the better answer.
 */
export async function isFoundSoon({ result }: EarlyRead): Promise<boolean> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), HEAD_START_MS);
  });
  const isFound = await Promise.race([succeeds(result), late]);
  clearTimeout(timer);
  return isFound;
}

async function succeeds(work: Promise<unknown>): Promise<boolean> {
  try {
    await work;
    return true;
  } catch {
    return false;
  }
}

/**
 * Tells the steps, the text and the panel of a look-up that has found something.
 *
 * @param engine The parts.
 * @param ctx The caller, by a context that outlives their connection.
 * @param opening The turn, as far as it can be guessed.
 * @param read The look-up.
 * @returns The answer that was told; `void` where it could not be told to its end.
 */
export async function tellAhead(
  engine: EngineHandles,
  ctx: RequestContext,
  opening: TurnOpening,
  read: EarlyRead,
): Promise<AnswerSoFar | "void"> {
  const deadline = new Date(ctx.clock.now().getTime() + TURN_MS);
  const turn = openTurn(engine, ctx, opening, deadline);
  try {
    await runPlan(turn, opening.plan, {
      openModelSide: () => Promise.reject(new TypeError("No model answers before it is let in")),
      earlyRead: read,
    });
  } catch {
    // The turn does it again once it is let in, and meets the same failure
    return "void";
  }
  tellPanel(turn);
  return turn.answer;
}
