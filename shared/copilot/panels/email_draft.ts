// The email_draft panel, version 1: an email that nobody has sent. Its text is just what would be
// proposed for sending.
import { z } from "zod";
import { ClickableAction } from "../clickable_action.ts";
import { definePanel } from "./panel.ts";
import { plainLine } from "./plain_text.ts";

/** What the draft is for; decides its words where nobody gave any. */
export const DraftPurpose = z.enum([
  "follow_up",
  "reply",
  "check_in",
  "confirm_meeting",
  "introduce",
]);
/** See the schema of the same name. */
export type DraftPurpose = z.infer<typeof DraftPurpose>;

/** Somebody whom the email is for. */
export const DraftRecipient = z.strictObject({
  email: z.string().max(320),
  name: z.string().nullable(),
  first_name: z.string().nullable(),
  contact_id: z.uuid().nullable(),
  company_id: z.uuid().nullable(),
});
/** See the schema of the same name. */
export type DraftRecipient = z.infer<typeof DraftRecipient>;

/** The email: what sending it would take. */
export const DraftedEmail = z.strictObject({
  to: z.array(z.string().max(320)).min(1).max(20),
  cc: z.array(z.string().max(320)).max(20),
  subject: z.string().min(1).max(300),
  body: z.string().min(1).max(20_000),
  thread_id: z.string().nullable().describe("Of the person's own mailbox; what it answers."),
  contact_id: z.uuid().nullable(),
  deal_id: z.uuid().nullable(),
  meeting_id: z.uuid().nullable(),
});
/** See the schema of the same name. */
export type DraftedEmail = z.infer<typeof DraftedEmail>;

/** The panel. */
export const EmailDraft = DraftedEmail.extend({
  type: z.literal("email_draft"),
  version: z.literal(1),
  purpose: DraftPurpose,
  recipients: z.array(DraftRecipient),
  actions: z.array(ClickableAction),
}).describe("An email to look over; nothing is sent.");
/** See the schema of the same name. */
export type EmailDraft = z.infer<typeof EmailDraft>;

/**
 * Makes the panel.
 *
 * @param email The draft.
 * @param purpose What it is for.
 * @param recipients Who the addresses are.
 */
export function buildEmailDraft(
  email: DraftedEmail,
  purpose: DraftPurpose,
  recipients: readonly DraftRecipient[],
): EmailDraft {
  const actions: ClickableAction[] = [];
  for (const { contact_id, name } of recipients) {
    const label = name?.slice(0, 200);
    if (contact_id) actions.push({ type: "open_contact", contact_id, ...(label && { label }) });
  }
  if (email.deal_id) actions.push({ type: "open_deal", deal_id: email.deal_id });
  if (email.meeting_id) actions.push({ type: "open_meeting", meeting_id: email.meeting_id });
  return {
    type: "email_draft",
    version: 1,
    ...email,
    purpose,
    recipients: [...recipients],
    actions,
  };
}

function describeDraft(draft: EmailDraft): string {
  const copies = draft.cc.length === 0
    ? []
    : [`Cc: ${draft.cc.map((to) => plainLine(to)).join(", ")}`];
  return [
    "Draft, not sent:",
    `To: ${draft.to.map((to) => plainLine(to, 320)).join(", ")}`,
    ...copies,
    `Subject: ${plainLine(draft.subject, 300)}`,
    "",
    ...draft.body.split("\n").map((line) => indent(plainLine(line, 1_000))),
  ].join("\n");
}

/** Keeps a line of the email from looking like one of ours. */
function indent(line: string): string {
  return line === "" ? "" : `  ${line}`;
}

/** How the panel is published. */
export const emailDraftPanel = definePanel({
  summary: "An email as it would be sent, to look over and change.",
  schema: EmailDraft,
  example: {
    type: "email_draft",
    version: 1,
    to: ["ada.park@northwind.test"],
    cc: [],
    subject: "Follow-up: Northwind: discovery",
    body: "Hi Ada,\n\nThank you for your time on Monday 16 November.\n\nBest regards,\nMara",
    thread_id: null,
    contact_id: "00000000-0000-4000-8000-000000000071",
    deal_id: null,
    meeting_id: "00000000-0000-4000-8000-000000000072",
    purpose: "follow_up",
    recipients: [{
      email: "ada.park@northwind.test",
      name: "Ada Park",
      first_name: "Ada",
      contact_id: "00000000-0000-4000-8000-000000000071",
      company_id: null,
    }],
    actions: [
      {
        type: "open_contact",
        contact_id: "00000000-0000-4000-8000-000000000071",
        label: "Ada Park",
      },
      { type: "open_meeting", meeting_id: "00000000-0000-4000-8000-000000000072" },
    ],
  },
  describe: describeDraft,
});
