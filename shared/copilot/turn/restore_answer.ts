// What a worker that died had found for an answer, put together again: the panel by looking up once
// more, what waits for a yes from what is stored. Nothing is proposed here.
import { z } from "zod";
import { AppError } from "../../errors/app_error.ts";
import { type ModelTurn, readCalls } from "../../model/model_turn.ts";
import type { ReadAction } from "../actions/action.ts";
import { AskedBackError } from "./ask_back.ts";
import { ActionName } from "../actions/action_names.ts";
import { checkArgs, lookAgain } from "./run_action.ts";
import { resolveNames } from "./resolve_names.ts";
import { nameIntent, type TurnState } from "./turn_state.ts";

const Call = z.object({ action: z.string(), args: z.unknown() });

/**
 * Fills in what a continued turn's answer had come to.
 *
 * @param turn The turn; only its answer changes.
 */
export async function restoreAnswer(turn: TurnState): Promise<void> {
  await restorePanel(turn);
  restoreIntent(turn);
  const waiting = turn.context.open_actions.findLast(({ turn_id: id }) => id === turn.id);
  if (waiting === undefined) return;
  const pending = await turn.parts.readPending(turn.ctx, waiting.id);
  turn.answer.pending = pending;
  turn.answer.panel = turn.parts.previewPanel(pending) ?? turn.answer.panel;
  turn.evidence.addRows(pending);
}

function restoreIntent({ answer, journal }: TurnState): void {
  for (const { action, status } of journal.executions) {
    const ran = ActionName.safeParse(action);
    if (status === "succeeded" && ran.success) return nameIntent(answer, ran.data);
  }
}

async function restorePanel(turn: TurnState): Promise<void> {
  const last = answeredCalls(turn.journal.modelTurns).findLast(({ action }) =>
    Object.hasOwn(turn.parts.readActions, action)
  );
  const reads: Readonly<Partial<Record<string, ReadAction>>> = turn.parts.readActions;
  const action = last === undefined ? undefined : reads[last.action];
  if (last === undefined || action === undefined) return;
  try {
    const args = checkArgs(action.args, await resolveNames(turn, action.name, last.args));
    const { panel, text } = await lookAgain(turn, action, args);
    turn.answer.panel = panel;
    turn.answer.plainText = text;
  } catch (cause) {
    // What is gone since, or was refused, is not shown; nor is a question that nobody asked then
    if (cause instanceof AskedBackError) {
      Object.assign(turn.answer, { panel: null, clarification: null, plainText: "" });
    } else if (!(cause instanceof AppError)) throw cause;
  }
}

/** Calls of execute_action whose results are kept. */
function answeredCalls(turns: readonly ModelTurn[]): readonly z.infer<typeof Call>[] {
  return turns.flatMap((turn, index) => {
    if (turn.role !== "model" || turns[index + 1] === undefined) return [];
    return readCalls(turn.parts).flatMap(({ name, args }) => {
      const call = Call.safeParse(args);
      return name === "execute_action" && call.success ? [call.data] : [];
    });
  });
}
