// Opens a turn: what its work and its answer begin with.
import { callModel } from "../../model/call_model.ts";
import type { ModelTurn } from "../../model/model_turn.ts";
import type { RequestContext } from "../../platform/request_context.ts";
import type { ChatAnswer } from "../contract.ts";
import { Evidence } from "../guard/evidence.ts";
import type { EngineHandles } from "./engine_handles.ts";
import type { TurnPlan } from "./plan_turn.ts";
import type { TurnJournal } from "./turn_journal.ts";
import { actionContext, type AnswerSoFar, type TurnState } from "./turn_state.ts";
import type { TurnContext } from "./turn_store.ts";

/** A turn to be opened. */
export interface TurnOpening {
  readonly journal: TurnJournal;
  readonly plan: TurnPlan;
  /** Its reason is `cancelled`, or the error that makes going on useless. */
  readonly stop: AbortController;
  readonly worker: string;
  readonly context: TurnContext;
  readonly message: string;
}

/**
 * Opens a turn.
 *
 * @param engine The parts, the model, time and chance.
 * @param ctx The caller, by a context that outlives their connection.
 * @param opening The turn.
 * @param deadline When it must have ended.
 */
export function openTurn(
  engine: EngineHandles,
  ctx: RequestContext,
  { journal, context, message, plan, stop, worker }: TurnOpening,
  deadline: Date,
): TurnState {
  const answer: AnswerSoFar = {
    text: "",
    mustRestart: false,
    panel: null,
    toldPanel: null,
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
