// What the operations about turns do. Loaded with the first of them: everything that an answer may need
// hangs on it.
import type { ChatInput, LegacyChatInput } from "@shared/copilot/chat_input.ts";
import { collectAnswer } from "@shared/copilot/collect_answer.ts";
import type { ChatAnswer, LegacyChatAnswer, TurnState } from "@shared/copilot/contract.ts";
import { toLegacyAnswer } from "@shared/copilot/turn/legacy_answer.ts";
import { readTurnState } from "@shared/copilot/turn/read_turn_state.ts";
import { replayTurn } from "@shared/copilot/turn/replay_turn.ts";
import {
  beginTurn,
  cancelTurn,
  continueTurn,
  type StartedTurn,
  type TurnEngine,
} from "@shared/copilot/turn/turn_engine.ts";
import type { ContextCache } from "@shared/copilot/turn/context_cache.ts";
import type { RequestContext } from "@shared/platform/request_context.ts";
import type { FunctionDeps } from "../_shared/http/function_deps.ts";
import type { OperationCall, Reply } from "../_shared/http/operation.ts";
import { readLastEventId, streamEvents, wantsEventStream } from "../_shared/http/stream_events.ts";
import { createEngine } from "./copilot_engine.ts";

/** Asking, following, stopping and continuing. */
export class TurnHandlers {
  readonly #engine: TurnEngine;

  /**
   * @param deps Their surroundings; one engine lives as long as they do.
   * @param cache What turns begin with.
   */
  constructor(deps: FunctionDeps, cache: ContextCache) {
    this.#engine = createEngine(deps, cache);
  }

  /** Answers a message, as one document or as it is made. */
  async chat(
    ctx: RequestContext,
    call: OperationCall,
    input: ChatInput,
  ): Promise<Reply<ChatAnswer> | Response> {
    return await answer(
      ctx,
      call,
      await beginTurn(this.#engine, call.outlive(), input, {
        tellsAhead: wantsEventStream(call.request),
      }),
    );
  }

  /** The same in the shape of older clients. */
  async legacyChat(
    ctx: RequestContext,
    call: OperationCall,
    input: LegacyChatInput,
  ): Promise<Reply<LegacyChatAnswer>> {
    const turn = await beginTurn(this.#engine, call.outlive(), {
      message: input.message,
      ...(input.context?.orgId ? { org_id: input.context.orgId } : {}),
      ...(input.conversationId ? { conversation_id: input.conversationId } : {}),
    }, { tellsAhead: false });
    call.runInBackground(turn.finished);
    return {
      data: toLegacyAnswer(await collectAnswer(turn.events()), ctx.clock.now()),
    };
  }

  /** How far a turn has come. */
  async read(ctx: RequestContext, turnId: string): Promise<Reply<TurnState>> {
    return { data: await readTurnState(this.#engine.openStore(ctx), turnId) };
  }

  /** The same, or what was sent of it since the last event that the caller has. */
  async follow(
    ctx: RequestContext,
    call: OperationCall,
    turnId: string,
  ): Promise<Reply<TurnState> | Response> {
    const store = this.#engine.openStore(ctx);
    const state = await readTurnState(store, turnId);
    if (!wantsEventStream(call.request)) return { data: state };
    const after = readLastEventId(call.request, turnId);
    const { signal } = ctx;
    return streamEvents(
      ctx,
      replayTurn({ store, wait: this.#engine.wait, signal }, turnId, after),
    );
  }

  /** Stops a turn. */
  async cancel(ctx: RequestContext, turnId: string): Promise<Reply<TurnState>> {
    await cancelTurn(this.#engine, ctx, turnId);
    return await this.read(ctx, turnId);
  }

  /** Goes on with a turn that broke off. */
  async continue(
    ctx: RequestContext,
    call: OperationCall,
    turnId: string,
  ): Promise<Reply<ChatAnswer> | Response> {
    return await answer(
      ctx,
      call,
      await continueTurn(this.#engine, call.outlive(), turnId),
    );
  }
}

/** The turn goes on when its caller has gone away; it is kept, and can be read later. */
async function answer(
  ctx: RequestContext,
  call: OperationCall,
  turn: StartedTurn,
): Promise<Reply<ChatAnswer> | Response> {
  call.runInBackground(turn.finished);
  if (wantsEventStream(call.request)) return streamEvents(ctx, turn.events());
  return { data: await collectAnswer(turn.events()) };
}
