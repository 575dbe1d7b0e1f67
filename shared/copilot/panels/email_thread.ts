// The email_thread panel, version 1: what was written in one thread, oldest first.
import { z } from "zod";
import { ClickableAction } from "../clickable_action.ts";
import { definePanel } from "./panel.ts";
import { countOf, dayOf, formatDay, formatTime, plainLine } from "./plain_text.ts";
import { NamedRow } from "./task_list.ts";
import { TimeZone } from "./time_zone.ts";

const instant = z.iso.datetime({ offset: true });

/** One message. */
export const ThreadMessage = z.strictObject({
  email_id: z.uuid(),
  direction: z.enum(["inbound", "outbound"]),
  from_email: z.string(),
  to_emails: z.array(z.string()),
  cc_emails: z.array(z.string()),
  subject: z.string().nullable(),
  sent_at: instant,
  body: z.string().nullable().describe("Plain text, at most 4,000 characters."),
  is_cut: z.boolean().nullable().describe("Whether there is more of it; null without a body."),
});
/** See the schema of the same name. */
export type ThreadMessage = z.infer<typeof ThreadMessage>;

/** A thread as the database describes it. */
export const FoundThread = z.strictObject({
  thread_id: z.string().nullable().describe(
    "At the provider; null for a message that stands alone.",
  ),
  subject: z.string().nullable(),
  is_mine: z.boolean().describe("Of the person's own mailbox, not a colleague's."),
  last_sent_at: instant,
  total: z.int().positive().describe("Messages in it; the last ones are here."),
  contact: NamedRow.nullable(),
  deal: NamedRow.nullable(),
  messages: z.array(ThreadMessage),
});
/** See the schema of the same name. */
export type FoundThread = z.infer<typeof FoundThread>;

/** What the database function `get_email_thread` returns. */
export const ThreadFound = z.strictObject({
  org_id: z.uuid(),
  time_zone: TimeZone,
  thread: FoundThread.nullable(),
});
/** See the schema of the same name. */
export type ThreadFound = z.infer<typeof ThreadFound>;

/** The panel. */
export const EmailThread = FoundThread.extend({
  type: z.literal("email_thread"),
  version: z.literal(1),
  time_zone: TimeZone,
  actions: z.array(ClickableAction),
}).describe("One email thread, oldest message first.");
/** See the schema of the same name. */
export type EmailThread = z.infer<typeof EmailThread>;

/**
 * Makes the panel.
 *
 * @param found What the database found under the caller's rights.
 * @returns The panel; null where nothing was written.
 */
export function buildEmailThread({ thread, time_zone }: ThreadFound): EmailThread | null {
  if (thread === null) return null;
  const actions: ClickableAction[] = [];
  if (thread.contact) {
    const label = thread.contact.name.slice(0, 200);
    actions.push({ type: "open_contact", contact_id: thread.contact.id, ...(label && { label }) });
  }
  if (thread.deal) actions.push({ type: "open_deal", deal_id: thread.deal.id });
  return { type: "email_thread", version: 1, time_zone, ...thread, actions };
}

function describeThread(panel: EmailThread): string {
  const subject = plainLine(panel.subject ?? "(no subject)");
  const lines = panel.messages.map((message) => {
    const at = `${formatDay(dayOf(message.sent_at, panel.time_zone), "short")}, ${
      formatTime(message.sent_at, panel.time_zone)
    }`;
    const body = message.body === null ? "(no text)" : plainLine(message.body, 400);
    return `• ${at} ${plainLine(message.from_email)}: ${body}`;
  });
  return [`${subject}, ${countOf(panel.total, "message")}:`, ...lines].join("\n");
}

/** How the panel is published. */
export const emailThreadPanel = definePanel({
  summary: "What was written in one email thread, and with whom it was.",
  schema: EmailThread,
  example: {
    type: "email_thread",
    version: 1,
    time_zone: "Europe/Berlin",
    thread_id: "thread-1",
    subject: "Pilot site",
    is_mine: true,
    last_sent_at: "2026-11-19T08:30:00+00:00",
    total: 1,
    contact: { id: "00000000-0000-4000-8000-000000000041", name: "Ada Park" },
    deal: null,
    messages: [{
      email_id: "00000000-0000-4000-8000-000000000042",
      direction: "inbound",
      from_email: "ada.park@northwind.test",
      to_emails: ["mara.voss@example.test"],
      cc_emails: [],
      subject: "Pilot site",
      sent_at: "2026-11-19T08:30:00+00:00",
      body: "We would start in Lyon. When can your team come?",
      is_cut: false,
    }],
    actions: [{
      type: "open_contact",
      contact_id: "00000000-0000-4000-8000-000000000041",
      label: "Ada Park",
    }],
  },
  describe: describeThread,
});
