// Works on a turn that was let in, from its plan to its stored answer. However the work ends, the turn
// ends with it: with an answer, with what was said so far, or with why there is none.
import { AppError } from "../../errors/app_error.ts";
import type { RequestContext } from "../../platform/request_context.ts";
import type { ChatAnswer, ChatEvent, ToolExecution } from "../contract.ts";
import type { ModelSide } from "./answer_by_model.ts";
import { say } from "./answer_by_model.ts";
import type { AcceptedWork } from "./early_work.ts";
import { type EngineHandles, TURN_MS } from "./engine_handles.ts";
import type { EventQueue } from "./event_queue.ts";
import { describeFailure } from "./model_failure.ts";
import { openTurn, type TurnOpening } from "./open_turn.ts";
import { restoreAnswer } from "./restore_answer.ts";
import { runPlan } from "./run_plan.ts";
import { type AnswerSoFar, tellPanel, type TurnState } from "./turn_state.ts";
import type { TurnEnd, TurnStore } from "./turn_store.ts";

/** A turn to be worked on. */
export interface TurnWork extends TurnOpening {
  readonly store: TurnStore;
  readonly queue: EventQueue<ChatEvent>;
  readonly early: AcceptedWork | null;
  /** What was told before the turn was let in: the answer, or `void` where it does not stand. */
  readonly told: AnswerSoFar | "void" | null;
  /** Steps of a worker that died; null in a turn that begins. */
  readonly resumedSteps: readonly ToolExecution[] | null;
}

/**
 * Works on a turn.
 *
 * @param engine The parts, the model, time and chance.
 * @param ctx The caller, by a context that outlives their connection.
 * @param work The turn.
 * @returns The stored answer; null where none was stored.
 */
export async function workOnTurn(
  engine: EngineHandles,
  ctx: RequestContext,
  work: TurnWork,
): Promise<ChatAnswer | null> {
  const deadline = new Date(ctx.clock.now().getTime() + TURN_MS);
  const timer = setTimeout(() => work.stop.abort("out_of_time"), TURN_MS);
  const { told, resumedSteps } = work;
  const opened = openTurn(engine, ctx, work, deadline);
  const turn = told === null || told === "void" ? opened : { ...opened, answer: told };
  turn.answer.mustRestart = resumedSteps !== null || told === "void";
  let failure: unknown = null;
  try {
    if (turn.answer !== told) await carryOut(engine, turn, work, deadline);
  } catch (cause) {
    failure = cause;
  }
  clearTimeout(timer);
  return await endTurn(turn, work, work.stop.signal.aborted ? work.stop.signal.reason : failure);
}

async function carryOut(
  engine: EngineHandles,
  turn: TurnState,
  work: TurnWork,
  deadline: Date,
): Promise<void> {
  endOldSteps(turn, work.resumedSteps);
  if (work.resumedSteps !== null && work.plan.kind === "model") await restoreAnswer(turn);
  await runPlan(turn, work.plan, {
    openModelSide: () => Promise.resolve(modelSide(engine, turn, work, deadline)),
    earlyRead: work.early?.read ?? null,
  });
}

function modelSide(
  engine: EngineHandles,
  { message, context, ctx }: TurnState,
  { early }: TurnWork,
  deadline: Date,
): ModelSide {
  return {
    provider: engine.openModel(),
    frame: early?.frame ?? engine.framer.frame(message, context, ctx.clock.now()),
    deadline,
    early: early?.stream ?? undefined,
    wait: engine.wait,
    random: engine.random,
  };
}

/** Steps that a dead worker had begun did not end; their work is done again under new ids. */
function endOldSteps(turn: TurnState, steps: readonly ToolExecution[] | null): void {
  for (const step of steps ?? []) {
    if (step.status !== "running") {
      turn.journal.keep(step);
      continue;
    }
    const finished_at = turn.ctx.clock.now().toISOString();
    turn.journal.emit({
      event: "step_finished",
      data: { ...step, status: "failed", finished_at, error_code: "interrupted" },
    });
  }
}

async function endTurn(
  turn: TurnState,
  work: TurnWork,
  failure: unknown,
): Promise<ChatAnswer | null> {
  const { journal, queue } = work;
  const end = endOf(turn, failure);
  try {
    if (end.status === "done") tellPanel(turn);
    if (!journal.isKeptButEvents) await journal.flush();
    const answer = end.status === "failed" && end.error !== null
      ? { ...composeAnswer(turn), text: turn.answer.text || end.error.detail }
      : composeAnswer(turn);
    const { last, batch } = await journal.close(
      end.error === null ? { event: "done", data: answer } : null,
    );
    await finishStored(work, {
      status: end.status,
      answer: {
        ...answer,
        clarification: turn.answer.clarification,
        error_code: end.error?.code ?? null,
      },
      events: batch.events,
      usage: batch.usage,
    });
    if (last !== null) queue.push(last);
    if (end.error === null) queue.close();
    else queue.fail(end.error);
    return answer;
  } catch (cause) {
    await journal.close(null);
    turn.ctx.log.warn("turn_not_ended", { operation: "copilot.turn", entity_id: turn.id, cause });
    // Not ended, so it can be continued; what was sent stays valid
    queue.fail(end.error ?? cause);
    return null;
  }
}

/** The answer to it may have been lost on its way; ending a turn again as it ended changes nothing. */
async function finishStored({ store, context, worker }: TurnWork, end: TurnEnd): Promise<void> {
  try {
    await store.finish(context.turn_id, worker, end);
  } catch (cause) {
    if (!(cause instanceof AppError) || cause.status < 500) throw cause;
    await store.finish(context.turn_id, worker, end);
  }
}

interface Ending {
  readonly status: TurnEnd["status"];
  readonly error: AppError | null;
}

function endOf(turn: TurnState, failure: unknown): Ending {
  if (failure === null) return { status: "done", error: null };
  if (failure === "cancelled") {
    turn.answer.notice = "cancelled";
    if (turn.answer.text === "") say(turn, "Stopped.");
    return { status: "cancelled", error: null };
  }
  if (failure === "out_of_time") {
    const words = describeFailure({ outcome: "out_of_time" }, turn.context.time_zone);
    turn.answer.notice = words.notice;
    say(turn, turn.answer.text === "" ? words.sentence : `\n\n${words.sentence}`);
    return { status: "done", error: null };
  }
  const error = failure instanceof AppError
    ? failure
    : new AppError("internal_error", { cause: failure });
  return { status: "failed", error };
}

function composeAnswer({ id, context, answer, journal }: TurnState): ChatAnswer {
  return {
    id,
    org_id: context.org_id,
    conversation_id: context.conversation_id,
    text: answer.text,
    tool_executions: [...journal.executions],
    structuredResponse: answer.panel,
    pending_action: answer.pending,
    routing: { ...answer.routing, model_calls: journal.modelCalls },
    notice: answer.notice,
  };
}
