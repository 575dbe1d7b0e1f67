// Turns in the database, through the caller's own token.
import { z } from "zod";
import { storableJson } from "../../database/storable_json.ts";
import { AppError, fromPostgrestError } from "../../errors/app_error.ts";
import type { RequestContext } from "../../platform/request_context.ts";
import { ReadTurn, ResumedTurn, TurnContext, type TurnStore } from "./turn_store.ts";

const Saved = z.object({ is_cancelled: z.boolean(), has_model_budget: z.boolean() });

/**
 * Opens the store of a caller's turns.
 *
 * @param ctx The caller.
 */
export function openTurnStore(ctx: Pick<RequestContext, "db">): TurnStore {
  const { db } = ctx;
  return {
    async begin({ orgId, conversationId, turnId, message, worker }) {
      const { data, error } = await db.rpc("begin_copilot_turn", {
        p_org_id: orgId,
        p_conversation_id: conversationId,
        p_turn_id: turnId,
        p_message: message,
        p_worker: worker,
      });
      if (error) throw withWait(fromPostgrestError(error));
      return TurnContext.parse(data);
    },
    async save(turnId, worker, batch) {
      const { data, error } = await db.rpc("save_copilot_turn", {
        p_turn_id: turnId,
        p_worker: worker,
        p_events: storableJson(batch.events),
        p_tool_executions: storableJson(batch.toolExecutions),
        p_model_turns: batch.modelTurns === null ? null : storableJson(batch.modelTurns),
        p_usage: storableJson(batch.usage),
        p_is_tainted: batch.isTainted,
      });
      if (error) throw fromPostgrestError(error);
      const saved = Saved.parse(data);
      return { isCancelled: saved.is_cancelled, hasModelBudget: saved.has_model_budget };
    },
    async finish(turnId, worker, { status, answer, events, usage }) {
      const { error } = await db.rpc("finish_copilot_turn", {
        p_turn_id: turnId,
        p_worker: worker,
        p_status: status,
        p_answer: answer === null ? null : storableJson(answer),
        p_events: storableJson(events),
        p_usage: storableJson(usage),
      });
      if (error) throw fromPostgrestError(error);
    },
    ...openKeptTurns(db),
  };
}

function openKeptTurns(db: RequestContext["db"]): Pick<TurnStore, "cancel" | "read" | "resume"> {
  return {
    async cancel(turnId) {
      const { error } = await db.rpc("cancel_copilot_turn", { p_turn_id: turnId });
      if (error) throw fromPostgrestError(error);
    },
    async resume(turnId, worker) {
      const { data, error } = await db.rpc("resume_copilot_turn", {
        p_turn_id: turnId,
        p_worker: worker,
      });
      if (error) throw fromPostgrestError(error);
      return ResumedTurn.parse(data);
    },
    async read(turnId, after) {
      const { data, error } = await db.rpc("read_copilot_turn", {
        p_turn_id: turnId,
        p_after: after,
      });
      if (error) throw fromPostgrestError(error);
      return ReadTurn.parse(data);
    },
  };
}

/** So many messages a minute: after one, whoever was refused is let in. */
const LIMIT_SECONDS = 60;

function withWait(error: AppError): AppError {
  if (error.code !== "rate_limited") return error;
  return new AppError(error.code, { cause: error.cause, retryAfterSeconds: LIMIT_SECONDS });
}
