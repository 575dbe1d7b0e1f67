// Applies one stored Fathom event. Trust boundary: the service role; the organization comes from the
// connection that the event came in through, the owner from that organization's members.
import { z } from "zod";
import { asJson } from "../database/as_json.ts";
import { fromPostgrestError } from "../errors/app_error.ts";
import type { ServiceContext } from "../platform/request_context.ts";
import { FathomMeeting } from "./fathom_contract.ts";
import { normalizeFathomMeeting } from "./normalize_fathom_meeting.ts";

/** The part of an inbox row that is needed. */
export interface StoredFathomEvent {
  readonly id: string;
  readonly payload: unknown;
}

/** Why an event can't be applied now; its code is what an operator finds in the inbox. */
export class RecordingNotAppliedError extends Error {
  override readonly name = "RecordingNotAppliedError";

  /** @param code `recorder_unknown`, `not_connected` or `payload_malformed`. */
  constructor(readonly code: "recorder_unknown" | "not_connected" | "payload_malformed") {
    super(code);
  }
}

const IngestAnswer = z.object({
  outcome: z.enum([
    "created",
    "updated",
    "unchanged",
    "deleted",
    "recorder_unknown",
    "not_connected",
  ]),
  org_id: z.uuid().optional(),
  meeting_id: z.uuid().optional(),
});

/**
 * Applies one event; applying it again changes nothing.
 *
 * @param ctx Opened for the reason `process_webhook_events`.
 * @param event The stored event.
 * @throws {RecordingNotAppliedError} When nobody in the organization recorded under that address,
 *   the connection has ended, or the payload is not of Fathom's form: the event is kept, retried,
 *   and can be replayed.
 * @throws {AppError} When the database can't be reached.
 */
export async function applyFathomEvent(
  ctx: ServiceContext,
  event: StoredFathomEvent,
): Promise<void> {
  const parsed = FathomMeeting.safeParse(event.payload);
  if (!parsed.success) throw new RecordingNotAppliedError("payload_malformed");
  const { data, error } = await ctx.db.rpc("ingest_fathom_meeting", {
    p_event_id: event.id,
    p_meeting: asJson(normalizeFathomMeeting(parsed.data)),
  });
  if (error) throw fromPostgrestError(error);
  const answer = IngestAnswer.parse(data);
  if (answer.outcome === "recorder_unknown" || answer.outcome === "not_connected") {
    throw new RecordingNotAppliedError(answer.outcome);
  }
  ctx.log.info("meeting_ingested", {
    operation: "meetings.ingest",
    provider: "fathom",
    event_id: event.id,
    outcome: answer.outcome,
    ...(answer.org_id ? { org_id: answer.org_id } : {}),
    ...(answer.meeting_id ? { entity_id: answer.meeting_id } : {}),
  });
}
