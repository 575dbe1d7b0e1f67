// Works on a turn that was let in, from its plan to its stored answer. However the work ends, the turn
// ends with it: with an answer, with what was said so far, or with why there is none.
import { AppError } from "../../errors/app_error.ts";
import { callModel } from "../../model/call_model.ts";
import type { ModelTurn } from "../../model/model_turn.ts";
import type { RequestContext } from "../../platform/request_context.ts";
import { Evidence } from "../guard/evidence.ts";
import type { ChatAnswer, ChatEvent, ToolExecution } from "../contract.ts";
import type { ModelSide } from "./answer_by_model.ts";
import { say } from "./answer_by_model.ts";
import type { AcceptedWork } from "./early_work.ts";
import { type EngineHandles, TURN_MS } from "./engine_handles.ts";
import type { EventQueue } from "./event_queue.ts";
import { describeFailure } from "./model_failure.ts";
import type { TurnPlan } from "./plan_turn.ts";
import { restoreAnswer } from "./restore_answer.ts";
import { runPlan } from "./run_plan.ts";
import type { TurnJournal } from "./turn_journal.ts";
import { actionContext, type AnswerSoFar, type TurnState } from "./turn_state.ts";
import type { TurnContext, TurnEnd, TurnStore } from "./turn_store.ts";

/** A turn to be worked on. */
export interface TurnWork {
  readonly store: TurnStore;
  readonly journal: TurnJournal;
  readonly queue: EventQueue<ChatEvent>;
  readonly plan: TurnPlan;
  /** Its reason is `cancelled`, or the error that makes going on useless. */
  readonly stop: AbortController;
  readonly worker: string;
  readonly context: TurnContext;
  readonly message: string;
  readonly early: AcceptedWork | null;
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
  const turn = openTurn(engine, ctx, work, deadline);
  let failure: unknown = null;
  try {
    endOldSteps(turn, work.resumedSteps);
    if (work.resumedSteps !== null && work.plan.kind === "model") await restoreAnswer(turn);
    await runPlan(turn, work.plan, {
      openModelSide: () => Promise.resolve(modelSide(engine, turn, work, deadline)),
      earlyRead: work.early?.read ?? null,
    });
  } catch (cause) {
    failure = cause;
  }
  clearTimeout(timer);
  return await endTurn(turn, work, work.stop.signal.aborted ? work.stop.signal.reason : failure);
}

function openTurn(
  engine: EngineHandles,
  ctx: RequestContext,
  { journal, context, message, plan, stop, worker, resumedSteps }: TurnWork,
  deadline: Date,
): TurnState {
  const answer: AnswerSoFar = {
    text: "",
    mustRestart: resumedSteps !== null,
    panel: null,
    plainText: "",
    pending: null,
    clarification: null,
    routing: { decided_by: decidedBy(plan), intent: intentOf(plan), skill_key: null },
    notice: null,
  };
  const base = actionContext(ctx, context);
  const signal = stop.signal;
  return {
    id: context.turn_id,
    worker,
    message,
    replaces: plan.kind === "model" ? plan.replaces : null,
    context,
    ctx: { ...base, signal },
    parts: engine.parts,
    journal,
    evidence: openEvidence(context, message, ctx.clock.now()).addRows(
      resultsIn(journal.modelTurns),
    ),
    answer,
    // What rules and replies decide is done without any model, its words included
    askModel: plan.kind === "model"
      ? askModel(engine, journal, { clock: ctx.clock, log: ctx.log }, signal, deadline)
      : null,
  };
}

/** What a worker that died had looked up. */
function resultsIn(turns: readonly ModelTurn[]): unknown[] {
  return turns.filter(({ role }) => role === "user").flatMap(({ parts }) =>
    parts.map(({ functionResponse }) => functionResponse)
  );
}

/** What may be said before anything was looked up: the conversation, and who and when it is. */
function openEvidence(context: TurnContext, message: string, now: Date): Evidence {
  const evidence = new Evidence({ now, timeZone: context.time_zone }).addText(message);
  for (const { role, text } of context.history) {
    if (role === "user") evidence.addText(text);
    // An earlier answer may repeat words of people outside: their addresses stay unsaid
    else evidence.addRows({ text });
  }
  return evidence.addRows({
    person: context.full_name,
    first_name: context.first_name,
    organization: context.organization_name,
    persona: context.persona?.text,
  });
}

/** Documents may leave the turn without words of their own, never without its answer. */
const CALLS_KEPT_FOR_THE_ANSWER = 3;

/** Lets documents of the library ask for words, on this turn's account. */
function askModel(
  engine: EngineHandles,
  journal: TurnJournal,
  { clock, log }: Pick<RequestContext, "clock" | "log">,
  signal: AbortSignal,
  deadline: Date,
): TurnState["askModel"] {
  return async (request) => {
    const provider = engine.openModel();
    if (provider === null) {
      return { outcome: "unavailable", status: null, isPartial: false, facts: null };
    }
    const ledger = {
      hasBudget: () =>
        Promise.resolve(journal.hasModelBudget && journal.callsLeft > CALLS_KEPT_FOR_THE_ANSWER),
      record: (call: Parameters<TurnJournal["addCall"]>[0]) =>
        Promise.resolve(journal.addCall(call)),
    };
    return await callModel(
      { provider, ledger, clock, log, wait: engine.wait, random: engine.random },
      request,
      { purpose: "copilot", signal, deadline, maxAttempts: 2 },
    );
  };
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
    if (turn.answer.panel !== null && end.status === "done") {
      journal.emit({ event: "structured_response", data: turn.answer.panel });
    }
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

function decidedBy({ kind, ...plan }: TurnPlan): ChatAnswer["routing"]["decided_by"] {
  if (kind === "model") return "model";
  if (kind === "stale_selection" || kind === "repeat_question") return "selection";
  if ("decidedBy" in plan) return plan.decidedBy;
  return kind === "tool" || kind === "clarify" ? "rules" : "reply";
}

function intentOf(plan: TurnPlan): string {
  if ("intent" in plan) return plan.intent;
  return plan.kind === "model" ? "none" : plan.kind;
}
