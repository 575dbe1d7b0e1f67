// What an email is drafted from, as the database finds it.
import { z } from "zod";
import { BriefMeeting, BriefOutcome, BriefPastMeeting } from "../../panels/brief_rows.ts";
import { DraftRecipient } from "../../panels/email_draft.ts";
import { FoundThread } from "../../panels/email_thread.ts";
import { TimeZone } from "../../panels/time_zone.ts";

/** What the database function `get_email_draft_context` returns. */
export const DraftContext = z.strictObject({
  org_id: z.uuid(),
  time_zone: TimeZone,
  now: z.iso.datetime({ offset: true }),
  recipients: z.array(DraftRecipient),
  participants: z.array(z.string().nullable()).describe("Addresses of everybody in the meeting."),
  event: BriefMeeting.nullable(),
  outcome: BriefOutcome.nullable(),
  thread: FoundThread.nullable(),
  last_meeting: BriefPastMeeting.nullable().describe("With one of the recipients."),
  deal: z.strictObject({ id: z.uuid(), name: z.string(), next_step: z.string().nullable() })
    .nullable(),
});
/** See the schema of the same name. */
export type DraftContext = z.infer<typeof DraftContext>;
