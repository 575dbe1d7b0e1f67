// Answers messages, turn by turn. What a turn begins with is remembered in this isolate, so that the
// model, or the look-up, is asked while the database still decides whether the message is let in;
// nothing is told to anybody before it is, and what was begun on other grounds than the database then
// gives is thrown away.
import type { RequestContext } from "../../platform/request_context.ts";
import type { ChatInput } from "../chat_input.ts";
import { asSaid } from "../clarify/choice_message.ts";
import type { ChatAnswer, ChatEvent } from "../contract.ts";
import { type ContextCache, type ContextKey } from "./context_cache.ts";
import { beginEarly, type EarlyWork } from "./early_work.ts";
import { EventQueue } from "./event_queue.ts";
import { planTurn, type TurnPlan } from "./plan_turn.ts";
import { replayTurn } from "./replay_turn.ts";
import type { RunningTurns } from "./running_turns.ts";
import type { EngineHandles } from "./engine_handles.ts";
import { TurnJournal } from "./turn_journal.ts";
import type { ResumedTurn, TurnContext, TurnStore } from "./turn_store.ts";
import { workOnTurn } from "./work_on_turn.ts";

/** What answers turns in this isolate. */
export interface TurnEngine extends EngineHandles {
  readonly cache: ContextCache;
  readonly running: RunningTurns;
  openStore(ctx: RequestContext): TurnStore;
}

/** A turn that was let in. */
export interface StartedTurn {
  readonly turnId: string;
  readonly conversationId: string;
  /** For one listener; what it leaves behind goes on. */
  events(): AsyncGenerator<ChatEvent, void, void>;
  /** Settles when nothing of the turn goes on here any more; never rejects. */
  readonly finished: Promise<void>;
}

/** Events of a worker that died may have been seen without being kept: numbers go on far above. */
const SEQ_GAP = 1_000;

/**
 * Lets a message in and begins to answer it.
 *
 * @param engine What answers.
 * @param ctx The caller, by a context that outlives their connection.
 * @param asked The message.
 * @returns The turn; the same `turn_id` again gives the same turn, and answers nothing twice.
 * @throws {AppError} When it is not let in: `turn_running`, `rate_limited`, `not_found`,
 *   `organization_not_found`.
 */
export async function beginTurn(
  engine: TurnEngine,
  ctx: RequestContext,
  asked: ChatInput,
): Promise<StartedTurn> {
  const input = asSaid(asked);
  const store = engine.openStore(ctx);
  const orgId = input.org_id ?? ctx.orgId;
  const key: ContextKey = {
    userId: ctx.userId,
    orgId,
    conversationId: input.conversation_id ?? null,
  };
  const stop = new AbortController();
  const early = beginEarly(engine, ctx, input, key, stop.signal);
  const worker = crypto.randomUUID();
  let context: TurnContext;
  try {
    const begun = store.begin({
      orgId,
      conversationId: input.conversation_id ?? crypto.randomUUID(),
      turnId: input.turn_id ?? crypto.randomUUID(),
      message: input.message,
      worker,
    });
    // The first question for a model in this isolate pays for the index while the database works
    if (engine.parts.routeMessage(input.message) === null) engine.framer.warm();
    context = await begun;
  } catch (error) {
    early?.abandon();
    engine.cache.forget(key);
    throw error;
  }
  if (context.is_replay) {
    early?.abandon();
    return replayed(engine, store, ctx, context);
  }
  return startTurn(engine, ctx, store, {
    key: { ...key, conversationId: context.history.length === 0 ? null : context.conversation_id },
    context,
    worker,
    stop,
    early,
    input,
    resumed: null,
  });
}

/**
 * Continues a turn whose worker is gone.
 *
 * @param engine What answers.
 * @param ctx The caller.
 * @param turnId The turn.
 * @returns The turn, from where it was last kept.
 * @throws {AppError} `not_found`, `turn_running` while its worker lives, `turn_ended`.
 */
export async function continueTurn(
  engine: TurnEngine,
  ctx: RequestContext,
  turnId: string,
): Promise<StartedTurn> {
  const store = engine.openStore(ctx);
  const worker = crypto.randomUUID();
  const resumed = await store.resume(turnId, worker);
  return startTurn(engine, ctx, store, {
    key: null,
    context: resumed,
    worker,
    stop: new AbortController(),
    early: null,
    input: { message: resumed.message },
    resumed,
  });
}

interface TurnStart {
  /** Where what this turn ends with is remembered. */
  readonly key: ContextKey | null;
  readonly context: TurnContext;
  readonly worker: string;
  readonly stop: AbortController;
  readonly early: EarlyWork | null;
  readonly input: Pick<ChatInput, "message" | "selection">;
  readonly resumed: ResumedTurn | null;
}

function startTurn(
  engine: TurnEngine,
  ctx: RequestContext,
  store: TurnStore,
  start: TurnStart,
): StartedTurn {
  const { context, stop, resumed } = start;
  const queue = new EventQueue<ChatEvent>();
  const journal = new TurnJournal({
    store,
    turnId: context.turn_id,
    worker: start.worker,
    queue,
    onStop: (reason) => stop.abort(reason),
    isTainted: context.is_tainted,
    hasModelBudget: context.has_model_budget,
    ...(resumed === null ? {} : {
      firstSeq: resumed.next_seq + SEQ_GAP,
      modelTurns: resumed.model_turns,
    }),
  });
  const plan = planOf(engine, start);
  const early = start.early?.accept(context, plan) ?? null;
  journal.addWasted(start.early?.wasted ?? null);
  const leave = engine.running.enter(context.turn_id, stop);
  const work = workOnTurn(engine, ctx, {
    store,
    journal,
    queue,
    plan,
    stop,
    worker: start.worker,
    context,
    message: start.input.message,
    early,
    resumedSteps: resumed?.tool_executions ?? null,
  });
  return {
    turnId: context.turn_id,
    conversationId: context.conversation_id,
    events: () => queue.listen(),
    finished: finish(engine, start, work, leave),
  };
}

/** What a dead worker had begun to decide is decided; all else is planned anew. */
function planOf(engine: TurnEngine, { input, context, resumed }: TurnStart): TurnPlan {
  for (const { action, args } of resumed?.tool_executions ?? []) {
    const id = args["pending_action_id"];
    if (typeof id !== "string") continue;
    if (action === "confirm_pending_action") return { kind: "confirm", actionId: id };
    if (action === "cancel_pending_action") return { kind: "cancel", actionId: id };
  }
  return planTurn(input, context, engine.parts);
}

async function finish(
  engine: TurnEngine,
  { key, context, input, resumed }: TurnStart,
  work: Promise<ChatAnswer | null>,
  leave: () => void,
): Promise<void> {
  const answer = await work;
  leave();
  if (key === null || resumed !== null) return;
  const remembered = { ...key, conversationId: context.conversation_id };
  // What the next conversation begins with, and what this one goes on with
  if (context.history.length === 0) {
    engine.cache.remember({ ...key, conversationId: null }, { ...context, open_actions: [] });
  }
  if (answer === null) {
    engine.cache.forget(remembered);
    return;
  }
  engine.cache.remember(remembered, followUp(context, input.message, answer));
}

/** What the next turn of a conversation begins with, as far as this isolate can know. */
function followUp(
  context: TurnContext,
  message: string,
  { text, pending_action: pending }: ChatAnswer,
): TurnContext {
  const at = new Date().toISOString();
  const open = pending?.status === "open" ? [pending] : [];
  return {
    ...context,
    open_actions: [...context.open_actions, ...open],
    // What was asked back is known by the database; a guess that misses it is thrown away
    clarification: null,
    history: [
      ...context.history,
      { role: "user" as const, text: message, created_at: at },
      { role: "assistant" as const, text, created_at: at },
    ].slice(-HISTORY_MAX),
  };
}

const HISTORY_MAX = 20;

function replayed(
  engine: TurnEngine,
  store: TurnStore,
  ctx: RequestContext,
  context: TurnContext,
): StartedTurn {
  return {
    turnId: context.turn_id,
    conversationId: context.conversation_id,
    events: () => replayTurn({ store, wait: engine.wait, signal: ctx.signal }, context.turn_id, 0),
    finished: Promise.resolve(),
  };
}

/**
 * Stops a turn, here at once and elsewhere at its worker's next save.
 *
 * @param engine What answers.
 * @param ctx The caller.
 * @param turnId The turn.
 * @throws {AppError} `not_found`.
 */
export async function cancelTurn(
  engine: TurnEngine,
  ctx: RequestContext,
  turnId: string,
): Promise<void> {
  await engine.openStore(ctx).cancel(turnId);
  engine.running.stop(turnId);
}
