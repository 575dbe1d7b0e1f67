// Operations about turns: asking, following, stopping and continuing.
import { z } from "zod";
import { ChatInput, LegacyChatInput } from "@shared/copilot/chat_input.ts";
import type { ContextCache } from "@shared/copilot/turn/context_cache.ts";
import type { Api } from "../_shared/http/create_api.ts";
import type { FunctionDeps } from "../_shared/http/function_deps.ts";
import type { TurnHandlers } from "./turn_handlers.ts";

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

/** Loaded when somebody asks: the contract of an answer is the union of all panels. */
const contract = () => import("@shared/copilot/contract.ts");
const chatAnswer = async () => (await contract()).ChatAnswer;
const legacyChatAnswer = async () => (await contract()).LegacyChatAnswer;
const chatEvent = async () => (await contract()).ChatEvent;
const turnState = async () => (await contract()).TurnState;

type LoadHandlers = () => Promise<TurnHandlers>;

/**
 * Adds the operations.
 *
 * @param api The api.
 * @param deps Its surroundings.
 * @param cache What turns begin with.
 */
export function addChatOperations(api: Api, deps: FunctionDeps, cache: ContextCache): void {
  let handlers: Promise<TurnHandlers> | null = null;
  const load: LoadHandlers = () => handlers ??= loadHandlers(deps, cache);
  addAsking(api, load);
  addFollowing(api, load);
}

async function loadHandlers(deps: FunctionDeps, cache: ContextCache): Promise<TurnHandlers> {
  const { TurnHandlers } = await import("./turn_handlers.ts");
  return new TurnHandlers(deps, cache);
}

function addAsking(api: Api, load: LoadHandlers): void {
  api.operation({
    operation: "copilot.chat",
    method: "post",
    path: "/chat",
    summary:
      "Answers a question, as one document or, with Accept: text/event-stream, as it is made.",
    body: ChatInput,
    response: chatAnswer,
    stream: chatEvent,
    errors: BEGIN_ERRORS,
  }, async (ctx, { body }, call) => await (await load()).chat(ctx, call, body));

  api.operation(
    {
      operation: "copilot.legacy_chat",
      method: "post",
      path: "/",
      summary: "Answers a question in the shape that older clients send and expect.",
      body: LegacyChatInput,
      response: legacyChatAnswer,
      isBare: true,
      errors: BEGIN_ERRORS,
    },
    async (ctx, { body }, call) => await (await load()).legacyChat(ctx, call, body),
  );

  api.operation(
    {
      operation: "copilot.continue_turn",
      method: "post",
      path: "/turns/:turnId/continue",
      summary: "Goes on with a turn that broke off, from where it was last kept.",
      params: TurnParams,
      response: chatAnswer,
      stream: chatEvent,
      errors: ["not_found", "turn_running", "turn_ended"],
    },
    async (ctx, { params }, call) => await (await load()).continue(ctx, call, params.turnId),
  );
}

function addFollowing(api: Api, load: LoadHandlers): void {
  api.operation({
    operation: "copilot.read_turn",
    method: "get",
    path: "/turns/:turnId",
    summary: "Says how far a turn has come, with its answer once there is one.",
    params: TurnParams,
    response: turnState,
    errors: ["not_found"],
  }, async (ctx, { params }) => await (await load()).read(ctx, params.turnId));

  api.operation(
    {
      operation: "copilot.turn_events",
      method: "get",
      path: "/turns/:turnId/events",
      summary:
        "Streams the events of a turn, after Last-Event-ID where it is sent, until the turn ends.",
      params: TurnParams,
      response: turnState,
      stream: chatEvent,
      errors: ["not_found"],
    },
    async (ctx, { params }, call) => await (await load()).follow(ctx, call, params.turnId),
  );

  api.operation(
    {
      operation: "copilot.cancel_turn",
      method: "post",
      path: "/turns/:turnId/cancel",
      summary: "Stops a turn; what it has said so far stays.",
      params: TurnParams,
      response: turnState,
      errors: ["not_found"],
    },
    async (ctx, { params }) => await (await load()).cancel(ctx, params.turnId),
  );
}
