// Looks up one email thread: by its id, one of its emails, or the latest with somebody.
import { z } from "zod";
import { fromPostgrestError } from "../../../errors/app_error.ts";
import { buildEmailThread, emailThreadPanel, ThreadFound } from "../../panels/email_thread.ts";
import type { ReadAction } from "../action.ts";
import { evidenceRows, type Mention } from "../evidence_rows.ts";

/** Which thread. */
const ThreadArgs = z.strictObject({
  thread_id: z.string().min(1).max(200).optional(),
  email_id: z.uuid().optional(),
  contact_id: z.uuid().optional().describe("The latest thread with this contact."),
  from_email: z.email().max(320).optional().describe("The latest thread with mail from here."),
  limit: z.int().min(1).max(25).default(10).describe("Messages, the last ones."),
}).refine(
  ({ thread_id, email_id, contact_id, from_email }) =>
    [thread_id, email_id, contact_id, from_email].some((value) => value !== undefined),
  { message: "say which thread: thread_id, email_id, contact_id or from_email" },
);

/** The action. */
export const getEmailThread: ReadAction<typeof ThreadArgs, typeof ThreadFound> = {
  kind: "read",
  name: "get_email_thread",
  description: "Reads an email thread: by id, by one of its emails, or the latest with somebody.",
  label: "Reading the emails",
  args: ThreadArgs,
  result: ThreadFound,
  readsForeignText: true,
  explainArgs: (args) => ({
    is_given: args.thread_id !== undefined || args.email_id !== undefined,
    has_contact: args.contact_id !== undefined,
    has_address: args.from_email !== undefined,
    limit: args.limit,
  }),
  async run(ctx, args) {
    const { data, error } = await ctx.db.rpc("get_email_thread", {
      p_org_id: ctx.orgId,
      p_thread_id: args.thread_id ?? null,
      p_email_id: args.email_id ?? null,
      p_contact_id: args.contact_id ?? null,
      p_from_email: args.from_email ?? null,
      p_limit: args.limit,
    });
    if (error) throw fromPostgrestError(error);
    const found = ThreadFound.parse(data);
    const panel = buildEmailThread(found);
    return {
      data: found,
      evidence: evidenceRows(mentionsOf(found)),
      count: found.thread?.total ?? 0,
      panel,
      text: panel === null
        ? "There are no emails with them that you can read."
        : emailThreadPanel.describe(panel),
    };
  },
};

function* mentionsOf({ thread }: ThreadFound): Generator<Mention> {
  for (const { email_id } of thread?.messages ?? []) yield ["emails", email_id];
  yield ["contacts", thread?.contact?.id];
  yield ["deals", thread?.deal?.id];
}
