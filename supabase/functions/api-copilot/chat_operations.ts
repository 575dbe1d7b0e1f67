// Operations about turns: asking, following, stopping and continuing.
import { z } from "zod";
import {
  ChatAnswer,
  ChatEvent,
  ChatInput,
  LegacyChatAnswer,
  LegacyChatInput,
  TurnState,
} from "@shared/copilot/contract.ts";
import { readTurnState } from "@shared/copilot/turn/read_turn_state.ts";
import { replayTurn } from "@shared/copilot/turn/replay_turn.ts";
import { toLegacyAnswer } from "@shared/copilot/turn/legacy_answer.ts";
import {
  beginTurn,
  cancelTurn,
  continueTurn,
  type StartedTurn,
  type TurnEngine,
} from "@shared/copilot/turn/turn_engine.ts";
import type { RequestContext } from "@shared/platform/request_context.ts";
import { collectAnswer } from "@shared/copilot/collect_answer.ts";
import type { Api } from "../_shared/http/create_api.ts";
import type { OperationCall, Reply } from "../_shared/http/operation.ts";
import { readLastEventId, streamEvents, wantsEventStream } from "../_shared/http/stream_events.ts";

const TurnParams = z.strictObject({ turnId: z.uuid() });

const BEGIN_ERRORS = [
  "conflict",
  "mfa_required",
  "no_active_organization",
  "not_found",
  "organization_not_found",
  "rate_limited",
  "turn_running",
] as const;

/**
 * Adds the operations.
 *
 * @param api The api.
 * @param engine What answers.
 */
export function addChatOperations(api: Api, engine: TurnEngine): void {
  api.operation({
    operation: "copilot.chat",
    method: "post",
    path: "/chat",
    summary:
      "Answers a question, as one document or, with Accept: text/event-stream, as it is made.",
    body: ChatInput,
    response: ChatAnswer,
    stream: ChatEvent,
    errors: BEGIN_ERRORS,
  }, async (ctx, { body }, call) => {
    const turn = await beginTurn(engine, call.outlive(), body);
    return await answer(ctx, call, turn);
  });

  api.operation({
    operation: "copilot.legacy_chat",
    method: "post",
    path: "/",
    summary: "Answers a question in the shape that older clients send and expect.",
    body: LegacyChatInput,
    response: LegacyChatAnswer,
    isBare: true,
    errors: BEGIN_ERRORS,
  }, async (ctx, { body }, call) => {
    const turn = await beginTurn(engine, call.outlive(), {
      message: body.message,
      ...(body.context?.orgId ? { org_id: body.context.orgId } : {}),
      ...(body.conversationId ? { conversation_id: body.conversationId } : {}),
    });
    call.runInBackground(turn.finished);
    return { data: toLegacyAnswer(await collectAnswer(turn.events()), ctx.clock.now()) };
  });

  addTurnOperations(api, engine);
}

function addTurnOperations(api: Api, engine: TurnEngine): void {
  api.operation({
    operation: "copilot.read_turn",
    method: "get",
    path: "/turns/:turnId",
    summary: "Says how far a turn has come, with its answer once there is one.",
    params: TurnParams,
    response: TurnState,
    errors: ["not_found"],
  }, async (ctx, { params }) => ({
    data: await readTurnState(engine.openStore(ctx), params.turnId),
  }));

  api.operation({
    operation: "copilot.turn_events",
    method: "get",
    path: "/turns/:turnId/events",
    summary:
      "Streams the events of a turn, after Last-Event-ID where it is sent, until the turn ends.",
    params: TurnParams,
    response: TurnState,
    stream: ChatEvent,
    errors: ["not_found"],
  }, async (ctx, { params }, call) => {
    const store = engine.openStore(ctx);
    const { turnId } = params;
    const state = await readTurnState(store, turnId);
    if (!wantsEventStream(call.request)) return { data: state };
    const after = readLastEventId(call.request, turnId);
    const { signal } = ctx;
    return streamEvents(ctx, replayTurn({ store, wait: engine.wait, signal }, turnId, after));
  });

  api.operation({
    operation: "copilot.cancel_turn",
    method: "post",
    path: "/turns/:turnId/cancel",
    summary: "Stops a turn; what it has said so far stays.",
    params: TurnParams,
    response: TurnState,
    errors: ["not_found"],
  }, async (ctx, { params }) => {
    await cancelTurn(engine, ctx, params.turnId);
    return { data: await readTurnState(engine.openStore(ctx), params.turnId) };
  });

  api.operation({
    operation: "copilot.continue_turn",
    method: "post",
    path: "/turns/:turnId/continue",
    summary: "Goes on with a turn that broke off, from where it was last kept.",
    params: TurnParams,
    response: ChatAnswer,
    stream: ChatEvent,
    errors: ["not_found", "turn_running", "turn_ended"],
  }, async (ctx, { params }, call) => {
    const turn = await continueTurn(engine, call.outlive(), params.turnId);
    return await answer(ctx, call, turn);
  });
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
