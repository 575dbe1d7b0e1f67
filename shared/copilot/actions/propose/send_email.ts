// Proposes an email from the person's own account: composed now, to the last byte.
import { z } from "zod";
import { AppError } from "../../../errors/app_error.ts";
import { composeEmail } from "../../proposals/compose_email.ts";
import { SendEmail } from "../../proposals/effect.ts";
import { newMessageId } from "../../proposals/sending_ids.ts";
import type { ProposeAction } from "../action.ts";
import { readRecipientRows } from "./recipient_rows.ts";
import { evidenceRows } from "../evidence_rows.ts";
import { readConnections } from "./outbound_connections.ts";
import { readThread } from "./read_thread.ts";
import { field, outgoingLine, outgoingText, summary } from "./preview.ts";

const address = z.email().max(320).transform((email) => email.toLowerCase());

const SendEmailArgs = z.strictObject({
  to: z.array(address).min(1).max(20),
  cc: z.array(address).max(20).default([]),
  subject: z.string().trim().min(1).max(300),
  body: z.string().trim().min(1).max(20_000).describe("Plain text."),
  thread_id: z.string().max(200).nullish().describe("Of the emails that it answers."),
  contact_id: z.uuid().nullish(),
  deal_id: z.uuid().nullish(),
  meeting_id: z.uuid().nullish().describe("Meeting or event whose people it writes to."),
});

/** The action. */
export const sendEmail: ProposeAction<typeof SendEmailArgs> = {
  kind: "propose",
  name: "send_email",
  description:
    "Proposes an email from the person's own account to contacts, colleagues or the people of a thread or meeting. It can't be undone.",
  label: "Preparing an email",
  args: SendEmailArgs,
  explainArgs: ({ to, cc, thread_id }) => ({
    recipients: to.length + cc.length,
    is_reply: Boolean(thread_id),
  }),
  async prepare(ctx, args) {
    const [{ gmail }, thread] = await Promise.all([
      readConnections(ctx),
      args.thread_id ? readThread(ctx, args.thread_id) : null,
    ]);
    if (gmail === null) throw new AppError("email_not_connected");
    const from = gmail.account_email;
    const to = [...new Set(args.to)];
    const cc = [...new Set(args.cc)].filter((email) => !to.includes(email));
    const people = await readRecipientRows(ctx, [...to, ...cc]);
    const subject = outgoingLine(args.subject);
    const body = outgoingText(args.body);
    if (subject === "" || body === "") throw new AppError("invalid_request");
    const messageId = newMessageId(from);
    const references = thread?.references ?? [];
    const date = ctx.clock.now();
    const raw = composeEmail({ from, to, cc, subject, body, references, messageId, date });
    const effect = SendEmail.parse({
      ...args,
      kind: "send_email",
      to,
      cc,
      subject,
      body,
      references,
      message_id: messageId,
      raw,
    });
    return {
      effects: [effect],
      previews: [{
        kind: effect.kind,
        summary: summary("Email ", to.join(", "), ": ", subject),
        recipients: [...to, ...cc],
        fields: [
          { name: "From", value: from },
          { name: "To", value: to.join(", ") },
          ...field("Cc", cc.join(", ")),
          ...field("Thread", thread?.subject),
          { name: "Subject", value: subject },
          { name: "Text", value: body },
        ],
        is_reversible: false,
      }],
      evidence: evidenceRows([
        ...people,
        ["contacts", effect.contact_id],
        ["deals", effect.deal_id],
        ["emails", thread?.emailId],
      ]),
    };
  },
};
