// The rows that answers about the CRM rest on.
import type {
  FoundActivity,
  FoundDeal,
  FoundLastMeeting,
  FoundNextMeeting,
} from "../../panels/crm_rows.ts";
import type { z } from "zod";
import type { Mention } from "../evidence_rows.ts";

/**
 * Names the rows that a deal's line was made from.
 *
 * @param deals The deals.
 */
export function* dealMentions(deals: readonly FoundDeal[]): Generator<Mention> {
  for (const deal of deals) {
    yield ["deals", deal.id];
    yield ["companies", deal.company?.id];
    yield ["contacts", deal.contact?.id];
    if (deal.last_activity) yield [deal.last_activity.table, deal.last_activity.id];
  }
}

/**
 * Names the rows that the surroundings of a contact, company or deal were made from.
 *
 * @param found What was found.
 */
export function* surroundingMentions(found: {
  readonly last_meeting: z.infer<typeof FoundLastMeeting> | null;
  readonly next_meeting: z.infer<typeof FoundNextMeeting> | null;
  readonly activities?: readonly z.infer<typeof FoundActivity>[];
}): Generator<Mention> {
  yield ["meetings", found.last_meeting?.meeting_id];
  yield ["calendar_events", found.next_meeting?.calendar_event_id];
  for (const activity of found.activities ?? []) yield ["activities", activity.id];
}
