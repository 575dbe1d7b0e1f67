// Control of the simulated Gmail, provider "gmail":
//   configure    any of: keeps_message_ids (false: as the real interface, a Message-ID of the client's
//                is replaced), search_delay_seconds (0; virtual clock), send_limit (429 beyond so many)
//   receive      email, raw? (RFC 5322, base64url) or {from, to?, subject, text, message_id?}, thread_id?
//   remove       email, id, for_good? (false: to the trash)
//   emails       email                       the mailbox, latest first
//   raw          email, id                   one of them as it was sent, base64url
//   fail_call    see ../fault_control.ts; routes messages.send, messages.list, messages.get, profile.get
//   Accounts, tokens, scopes and revocation are those of provider "google_calendar".
import { z } from "zod";
import { FailCall, readFault } from "../fault_control.ts";
import { ControlError } from "../simulator.ts";
import { headerOf, parseEmail } from "./email_message.ts";
import type { GmailSimulator } from "./gmail_simulator.ts";
import type { StoredEmail } from "./mailbox.ts";

const provider = z.literal("gmail");
const Email = z.email().transform((email) => email.toLowerCase());
const GmailControl = z.discriminatedUnion("action", [
  z.strictObject({
    provider,
    action: z.literal("configure"),
    keeps_message_ids: z.boolean().optional(),
    search_delay_seconds: z.number().nonnegative().optional(),
    send_limit: z.int().nonnegative().optional(),
  }),
  z.strictObject({
    provider,
    action: z.literal("receive"),
    email: Email,
    raw: z.string().optional(),
    from: z.email().default("somebody@elsewhere.example"),
    subject: z.string().default("Hello"),
    text: z.string().default("Hello"),
    message_id: z.string().optional(),
    thread_id: z.string().optional(),
  }),
  z.strictObject({
    provider,
    action: z.literal("remove"),
    email: Email,
    id: z.string(),
    for_good: z.boolean().default(false),
  }),
  z.strictObject({ provider, action: z.literal("emails"), email: Email }),
  z.strictObject({ provider, action: z.literal("raw"), email: Email, id: z.string() }),
  FailCall,
]);
type GmailControl = z.infer<typeof GmailControl>;

/**
 * Carries out a control request.
 *
 * @param simulator The simulator.
 * @param input The request.
 * @throws {ControlError} When it makes no sense.
 */
export function controlGmail(simulator: GmailSimulator, input: unknown): unknown {
  const parsed = GmailControl.safeParse(input);
  if (!parsed.success) throw new ControlError(z.prettifyError(parsed.error));
  const request = parsed.data;
  switch (request.action) {
    case "configure":
      simulator.rules.keepsMessageIds = request.keeps_message_ids ??
        simulator.rules.keepsMessageIds;
      simulator.rules.searchDelaySeconds = request.search_delay_seconds ??
        simulator.rules.searchDelaySeconds;
      simulator.rules.sendLimit = request.send_limit ?? simulator.rules.sendLimit;
      return {};
    case "receive":
      return receive(simulator, request);
    case "remove":
      return { removed: simulator.mailbox(request.email).remove(request.id, request.for_good) };
    case "emails":
      return simulator.mailbox(request.email).all().reverse().map(describe);
    case "raw": {
      const found = simulator.mailbox(request.email).find(request.id);
      if (found === undefined) throw new ControlError(`No email has the id ${request.id}`);
      return { raw: Buffer.from(found.email.bytes).toString("base64url") };
    }
    case "fail_call":
      simulator.faults.arm(readFault(request));
      return {};
  }
}

function receive(
  simulator: GmailSimulator,
  request: Extract<GmailControl, { action: "receive" }>,
): unknown {
  const messageId = request.message_id ?? `<${crypto.randomUUID()}@elsewhere.example>`;
  const text = [
    `From: ${request.from}`,
    `To: ${request.email}`,
    `Subject: ${request.subject}`,
    `Message-ID: ${messageId}`,
    "",
    request.text,
  ].join("\r\n");
  const email = parseEmail(request.raw ?? Buffer.from(text).toString("base64url"));
  if (typeof email === "string") throw new ControlError(email);
  return describe(simulator.mailbox(request.email).receive(email, request.thread_id));
}

function describe({ id, threadId, labelIds, headers, email }: StoredEmail): unknown {
  return {
    id,
    thread_id: threadId,
    labels: labelIds,
    from: headerOf(headers, "From"),
    to: email.to,
    subject: headerOf(headers, "Subject"),
    message_id: headerOf(headers, "Message-ID"),
    sha256: email.sha256,
  };
}
