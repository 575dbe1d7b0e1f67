// Applies one stored report about a bot. Trust boundary: the service role; whose recording it is, our
// own row of the bot says, never the payload.
import { z } from "zod";
import { asJson } from "../database/as_json.ts";
import { fromPostgrestError } from "../errors/app_error.ts";
import type { ServiceContext } from "../platform/request_context.ts";
import { normalizeBotEvent } from "./normalize_bot_event.ts";

/** The part of an inbox row that is needed. */
export interface StoredBotEvent {
  readonly id: string;
  readonly payload: unknown;
  /** 1 the first time. */
  readonly attempt: number;
}

/** The bot is none of ours yet; its code is what an operator finds in the inbox. */
export class BotUnknownError extends Error {
  override readonly name = "BotUnknownError";
  readonly code = "bot_unknown";
}

/**
 * A bot may report before the answer to its creation is stored, which takes seconds. After these
 * attempts (about two and a half minutes) it is somebody else's.
 */
const ATTEMPTS_FOR_UNKNOWN_BOTS = 5;

const Answer = z.object({
  outcome: z.enum(["applied", "unchanged", "ignored", "deleted", "stray_bot", "bot_unknown"]),
  org_id: z.uuid().nullish(),
  recording_id: z.uuid().nullish(),
  status: z.string().nullish(),
});

/**
 * Applies one event; applying it again changes nothing, and neither does the order.
 *
 * @param ctx Opened for the reason `process_webhook_events`.
 * @param event The stored event.
 * @returns The organization it concerned, or nothing.
 * @throws {BotUnknownError} While the bot may yet turn out to be ours; the event comes back.
 * @throws {AppError} When the database can't be reached.
 */
export async function applyBotEvent(
  ctx: ServiceContext,
  event: StoredBotEvent,
): Promise<{ orgId: string } | void> {
  const { data, error } = await ctx.db.rpc("apply_bot_event", {
    p_event_id: event.id,
    p_event: asJson(normalizeBotEvent(event.payload)),
  });
  if (error) throw fromPostgrestError(error);
  const answer = Answer.parse(data);
  if (answer.outcome === "bot_unknown" && event.attempt < ATTEMPTS_FOR_UNKNOWN_BOTS) {
    throw new BotUnknownError();
  }
  ctx.log.info("bot_event_applied", {
    operation: "recordings.apply_bot_event",
    provider: "meetingbaas",
    event_id: event.id,
    outcome: answer.outcome,
    ...(answer.org_id ? { org_id: answer.org_id } : {}),
    ...(answer.recording_id ? { entity_id: answer.recording_id } : {}),
    ...(answer.status ? { state: answer.status } : {}),
  });
  return answer.org_id ? { orgId: answer.org_id } : undefined;
}
