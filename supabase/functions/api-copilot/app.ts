// The copilot. Trust boundary: a user's token; everything an answer rests on is read with the
// caller's own rights.
import { answerMessage } from "@shared/copilot/answer_message.ts";
import { ClickableAction } from "@shared/copilot/clickable_action.ts";
import { collectAnswer } from "@shared/copilot/collect_answer.ts";
import { ChatAnswer, ChatEvent, ChatInput } from "@shared/copilot/contract.ts";
import { resolveAction, ResolveActionInput } from "@shared/copilot/resolve_action.ts";
import { type Api, createApi } from "../_shared/http/create_api.ts";
import { type FunctionDeps, productionDeps } from "../_shared/http/function_deps.ts";
import { streamEvents, wantsEventStream } from "../_shared/http/stream_events.ts";

/**
 * Builds `api-copilot`.
 *
 * @param deps Its surroundings; tests pass their own.
 * @returns The function.
 */
export function createApp(deps: FunctionDeps = productionDeps()): Api {
  const api = createApi("api-copilot", deps);

  api.operation({
    operation: "copilot.chat",
    method: "post",
    path: "/chat",
    summary:
      "Answers a question, as one document or, with Accept: text/event-stream, as it is made.",
    body: ChatInput,
    response: ChatAnswer,
    stream: ChatEvent,
    errors: ["organization_not_found", "no_active_organization", "mfa_required"],
  }, async (ctx, { body }, call) => {
    const events = answerMessage(ctx, body);
    if (wantsEventStream(call.request)) return streamEvents(ctx, events);
    return { data: await collectAnswer(events) };
  });

  api.operation({
    operation: "copilot.resolve_action",
    method: "post",
    path: "/actions",
    summary: "Says what a click does now, also for actions of older answers; 404 when it is gone.",
    body: ResolveActionInput,
    response: ClickableAction,
    errors: ["not_found"],
  }, async (ctx, { body }) => ({ data: await resolveAction(ctx, body.action) }));

  return api;
}
