// Answers messages, turn by turn. What a turn begins with is remembered in this isolate, so that the
// model, or the look-up, is asked while the database still decides whether the message is let in. Only
// what a look-up by rules has found is told before it is, and nothing is kept; what rests on other
// grounds than the database then gives is thrown away and begun again.
import type { RequestContext } from "../../platform/request_context.ts";
import type { ChatInput } from "../chat_input.ts";
import { asSaid } from "../clarify/choice_message.ts";
import type { ChatEvent } from "../contract.ts";
import type { ContextCache, ContextKey } from "./context_cache.ts";
import { type Ahead, beginEarly, type EarlyWork } from "./early_work.ts";
import { EventQueue } from "./event_queue.ts";
import { planTurn, type TurnPlan } from "./plan_turn.ts";
import { rememberTurn } from "./remember_turn.ts";
import { replayTurn } from "./replay_turn.ts";
import type { RunningTurns } from "./running_turns.ts";
import type { EngineHandles } from "./engine_handles.ts";
import { isFoundSoon, tellAhead } from "./tell_ahead.ts";
import { TurnJournal } from "./turn_journal.ts";
import type { AnswerSoFar } from "./turn_state.ts";
import type { ResumedTurn, TurnBeginning, TurnContext, TurnStore } from "./turn_store.ts";
import { type TurnWork, workOnTurn } from "./work_on_turn.ts";

/** What answers turns in this isolate. */
export interface TurnEngine extends EngineHandles {
  readonly cache: ContextCache;
  readonly running: RunningTurns;
  openStore(ctx: RequestContext): TurnStore;
}

/** A turn that was let in, or that has something to tell before it is. */
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
 * @param listener Whether they are told what a look-up has found before the message is let in.
 * @returns The turn; the same `turn_id` again gives the same turn, and answers nothing twice.
 * @throws {AppError} When it is not let in: `turn_running`, `rate_limited`, `not_found`,
 *   `organization_not_found`. Where something was told before that, its events throw instead.
 */
export async function beginTurn(
  engine: TurnEngine,
  ctx: RequestContext,
  asked: ChatInput,
  { tellsAhead }: { readonly tellsAhead: boolean },
): Promise<StartedTurn> {
  const input = asSaid(asked);
  const store = engine.openStore(ctx);
  const key: ContextKey = {
    userId: ctx.userId,
    orgId: input.org_id ?? ctx.orgId,
    conversationId: input.conversation_id ?? null,
  };
  const stop = new AbortController();
  const early = beginEarly(engine, ctx, input, key, stop.signal);
  const beginning: TurnBeginning = {
    orgId: key.orgId,
    conversationId: input.conversation_id ?? crypto.randomUUID(),
    turnId: input.turn_id ?? crypto.randomUUID(),
    message: input.message,
    worker: crypto.randomUUID(),
  };
  const start = { key, beginning, stop, early, input, resumed: null };
  const ahead = tellsAhead ? early?.ahead ?? null : null;
  if (ahead !== null && await isFoundSoon(ahead.read)) {
    return startTurn(engine, ctx, store, {
      ...start,
      ahead,
      letIn: () => store.begin(beginning),
    });
  }
  let context: TurnContext;
  try {
    const begun = store.begin(beginning);
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
    ...start,
    ahead: null,
    letIn: () => Promise.resolve(context),
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
  const { conversation_id: conversationId, message } = resumed;
  return startTurn(engine, ctx, store, {
    key: null,
    beginning: { turnId, conversationId, message, worker },
    letIn: () => Promise.resolve(resumed),
    ahead: null,
    stop: new AbortController(),
    early: null,
    input: { message },
    resumed,
  });
}

interface TurnStart {
  /** Where what this turn ends with is remembered. */
  readonly key: ContextKey | null;
  readonly beginning: Omit<TurnBeginning, "orgId">;
  /** What is told before the turn is let in. */
  readonly ahead: Ahead | null;
  /** @throws {AppError} When it is not. */
  letIn(): Promise<TurnContext>;
  readonly stop: AbortController;
  readonly early: EarlyWork | null;
  readonly input: Pick<ChatInput, "message" | "selection">;
  readonly resumed: ResumedTurn | null;
}

/** Where a turn is told and kept. */
interface Telling {
  readonly store: TurnStore;
  readonly journal: TurnJournal;
  readonly queue: EventQueue<ChatEvent>;
}

function startTurn(
  engine: TurnEngine,
  ctx: RequestContext,
  store: TurnStore,
  start: TurnStart,
): StartedTurn {
  const { stop, resumed, beginning: { turnId, conversationId, worker } } = start;
  const queue = new EventQueue<ChatEvent>();
  const journal = new TurnJournal({
    store,
    turnId,
    worker,
    queue,
    onStop: (reason) => stop.abort(reason),
    ...(resumed === null ? {} : {
      firstSeq: resumed.next_seq + SEQ_GAP,
      modelTurns: resumed.model_turns,
    }),
  });
  return {
    turnId,
    conversationId,
    events: () => queue.listen(),
    finished: runTurn(engine, ctx, { store, journal, queue }, start),
  };
}

/** Never rejects: whoever listens is told why a turn ended. */
async function runTurn(
  engine: TurnEngine,
  ctx: RequestContext,
  telling: Telling,
  start: TurnStart,
): Promise<void> {
  const { journal, queue } = telling;
  const leave = engine.running.enter(start.beginning.turnId, start.stop);
  try {
    const told = await tellFound(engine, ctx, journal, start);
    // What was found goes out before anything else is begun
    if (told !== null) await new Promise((resolve) => setTimeout(resolve, 0));
    const context = await start.letIn();
    const answer = await workOnTurn(engine, ctx, workOf(engine, telling, start, context, told));
    rememberTurn(engine.cache, start, context, answer);
  } catch (cause) {
    start.early?.abandon();
    if (start.key !== null) engine.cache.forget(start.key);
    await journal.close(null);
    queue.fail(cause);
  } finally {
    leave();
  }
}

async function tellFound(
  engine: TurnEngine,
  ctx: RequestContext,
  journal: TurnJournal,
  { ahead, stop, beginning }: TurnStart,
): Promise<AnswerSoFar | "void" | null> {
  if (ahead === null) return null;
  const { turnId: turn_id, conversationId: conversation_id, message, worker } = beginning;
  const context = { ...ahead.guess, turn_id, conversation_id };
  const opening = { journal, plan: ahead.plan, stop, worker, context, message };
  return await tellAhead(engine, ctx, opening, ahead.read);
}

function workOf(
  engine: TurnEngine,
  telling: Telling,
  start: TurnStart,
  context: TurnContext,
  told: AnswerSoFar | "void" | null,
): TurnWork {
  const plan = planOf(engine, start, context);
  const early = start.early?.accept(context, plan) ?? null;
  telling.journal.addWasted(start.early?.wasted ?? null);
  const stands = early === null && told !== null ? "void" : told;
  // Nobody reads back what was told on other grounds than the database gave
  if (stands === "void") telling.journal.dropUnkept();
  telling.journal.letIn(context);
  const { stop, beginning: { message, worker }, resumed } = start;
  const resumedSteps = resumed?.tool_executions ?? null;
  return { ...telling, plan, stop, worker, context, message, early, told: stands, resumedSteps };
}

/** What a dead worker had begun to decide is decided; all else is planned anew. */
function planOf(
  engine: TurnEngine,
  { input, resumed }: TurnStart,
  context: TurnContext,
): TurnPlan {
  for (const { action, args } of resumed?.tool_executions ?? []) {
    const id = args["pending_action_id"];
    if (typeof id !== "string") continue;
    if (action === "confirm_pending_action") return { kind: "confirm", actionId: id };
    if (action === "cancel_pending_action") return { kind: "cancel", actionId: id };
  }
  return planTurn(input, context, engine.parts);
}

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
