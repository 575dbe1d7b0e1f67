// What is begun while the database decides about a message: the model's first request, or the look-up
// that rules have chosen. Nothing that changes anything is ever begun here.
import type { ModelEvent } from "../../model/model_provider.ts";
import { beginStream } from "../../model/stream_model.ts";
import type { RequestContext } from "../../platform/request_context.ts";
import type { ReadAction, ReadResult } from "../actions/action.ts";
import type { ChatInput } from "../chat_input.ts";
import type { WastedRequest } from "./call_usage.ts";
import type { ContextCache, ContextKey } from "./context_cache.ts";
import { type EngineHandles, TURN_MS } from "./engine_handles.ts";
import { composeRequest, isSameFrame, type RequestFrame } from "./model_request.ts";
import { ANYTHING_OPEN, planTurn, type TurnPlan } from "./plan_turn.ts";
import { hasNames } from "./resolve_names.ts";
import type { EarlyRead } from "./run_action.ts";
import type { RunningTurns } from "./running_turns.ts";
import { actionContext } from "./turn_state.ts";
import type { TurnContext } from "./turn_store.ts";

/** Work that was begun early and turned out to be what the turn needs. */
export interface AcceptedWork {
  readonly stream: AsyncIterator<ModelEvent> | null;
  /** What the stream was asked with. */
  readonly frame: RequestFrame | null;
  readonly read: EarlyRead | null;
}

/** What may be told before a turn is let in, as soon as it is found. */
export interface Ahead {
  readonly guess: TurnContext;
  readonly plan: TurnPlan;
  readonly read: EarlyRead;
}

/** Work that was begun early. */
export interface EarlyWork {
  /** Null where nothing may be told before the turn is let in. */
  readonly ahead: Ahead | null;
  /** Gives the work if the turn turns out to be what was guessed; ends it otherwise. */
  accept(context: TurnContext, plan: TurnPlan): AcceptedWork | null;
  /** What a request that was not accepted has cost; null where none was made. */
  readonly wasted: WastedRequest | null;
  /** Ends the work. */
  abandon(): void;
}

/** What beginning early needs. */
export interface EarlyEngine extends EngineHandles {
  readonly cache: ContextCache;
  readonly running: RunningTurns;
}

/**
 * Begins what a message probably needs.
 *
 * @param engine What answers.
 * @param ctx The caller.
 * @param input The message.
 * @param key Where the context of the last turn was remembered.
 * @param signal Ends the work with the turn.
 * @returns The work; null where nothing is remembered or nothing can be begun.
 */
export function beginEarly(
  engine: EarlyEngine,
  ctx: RequestContext,
  input: ChatInput,
  key: ContextKey,
  signal: AbortSignal,
): EarlyWork | null {
  const isRepeated = input.turn_id !== undefined && engine.running.hasSeen(input.turn_id);
  const guess = isRepeated ? null : engine.cache.guess(key);
  if (guess === null) return null;
  const plan = planTurn(input, guess, engine.parts);
  const abort = new AbortController();
  const ends = AbortSignal.any([signal, abort.signal]);
  const mayAsk = engine.cache.maySend(key) && !mayBeReply(engine, input.message);
  const work = plan.kind === "model" && mayAsk
    ? beginModel(engine, ctx, input, guess, ends)
    : plan.kind === "action"
    ? beginRead(engine, ctx, plan, guess, ends)
    : null;
  if (work === null) return null;
  let wasted: WastedRequest | null = null;
  return {
    ahead: mayTellAhead(engine, input, plan) && work.read !== null
      ? { guess, plan, read: work.read }
      : null,
    abandon: () => abort.abort(),
    accept: (context, actual) => {
      if (JSON.stringify(actual) === JSON.stringify(plan) && work.isFor(context)) return work;
      abort.abort();
      wasted = work.cost();
      return null;
    },
    get wasted() {
      return wasted;
    },
  };
}

/**
 * Only a look-up that rules chose, and only in a turn that nobody can have begun before: what was told
 * of one that the client named may be an answer that is read back under the same numbers.
 */
function mayTellAhead(
  engine: EarlyEngine,
  { message, turn_id: turnId }: ChatInput,
  plan: TurnPlan,
): boolean {
  return turnId === undefined && plan.kind === "action" && plan.decidedBy === "rules" &&
    !hasNames(plan.args) && !mayBeReply(engine, message);
}

/** Whether it could answer something that is open without this isolate knowing: no model is for that. */
function mayBeReply({ parts }: EarlyEngine, message: string): boolean {
  return parts.readReply(message, [ANYTHING_OPEN], { isAsked: true }).kind !== "none";
}

interface Begun extends AcceptedWork {
  isFor(context: TurnContext): boolean;
  cost(): WastedRequest | null;
}

/** As providers say of English and JSON; a bill that is somewhat off is better than none. */
const CHARACTERS_A_TOKEN = 4;

function beginModel(
  engine: EarlyEngine,
  ctx: RequestContext,
  { message }: ChatInput,
  guess: TurnContext,
  signal: AbortSignal,
): Begun | null {
  const model = guess.has_model_budget ? engine.openModel() : null;
  if (model === null) return null;
  const now = ctx.clock.now();
  const frame = engine.framer.frame(message, guess, now);
  const request = composeRequest(frame, frame.opening);
  return {
    stream: beginStream(model, request, signal, TURN_MS),
    frame,
    read: null,
    // Compared by what would be asked: equal words, whatever made them
    isFor: (context) => isSameFrame(frame, engine.framer.frame(message, context, now)),
    cost: () => {
      const { length } = JSON.stringify([request.system, request.tools, request.turns]);
      return { model: model.model, promptTokens: Math.ceil(length / CHARACTERS_A_TOKEN) };
    },
  };
}

function beginRead(
  engine: EarlyEngine,
  ctx: RequestContext,
  plan: Extract<TurnPlan, { readonly kind: "action" }>,
  guess: TurnContext,
  signal: AbortSignal,
): Begun | null {
  const actions: Readonly<Partial<Record<string, ReadAction>>> = engine.parts.readActions;
  const action = Object.hasOwn(actions, plan.action) ? actions[plan.action] : undefined;
  const args = action?.args.safeParse(plan.args);
  if (action === undefined || !args?.success) return null;
  const startedAt = ctx.clock.now();
  const result = action.run(actionContext({ ...handlesOf(ctx), signal }, guess), args.data);
  ignoreFailure(result);
  return {
    stream: null,
    frame: null,
    read: { action: action.name, startedAt, result },
    isFor: (context) =>
      context.org_id === guess.org_id && context.user_id === guess.user_id &&
      context.time_zone === guess.time_zone && context.first_name === guess.first_name &&
      context.organization_name === guess.organization_name && context.email === guess.email,
    cost: () => null,
  };
}

/** A context may be a class with getters; these are its values. */
function handlesOf(ctx: RequestContext): RequestContext {
  const { db, userId, orgId, requestId, log, clock, signal, fetch } = ctx;
  return { db, userId, orgId, requestId, log, clock, signal, fetch };
}

/** Whoever needs the result meets its failure; where nobody does, it is nobody's. */
function ignoreFailure(result: Promise<ReadResult<unknown>>): void {
  result.catch(() => undefined);
}
