// The email thread that a proposed email answers.
import { AppError, fromPostgrestError } from "../../../errors/app_error.ts";
import type { ActionContext } from "../action.ts";

/** A thread as far as an answer needs it. */
export interface AnsweredThread {
  /** The latest email. */
  readonly emailId: string;
  /** Of the latest email. */
  readonly subject: string;
  /** Message-IDs that are known, the oldest first. */
  readonly references: readonly string[];
}

const EMAILS_MAX = 20;

/**
 * Reads a thread of the person's own mailbox: nobody answers in a colleague's.
 *
 * @param ctx The caller.
 * @param threadId The provider's id of it.
 * @throws {AppError} `not_found` when they have no such thread.
 */
export async function readThread(ctx: ActionContext, threadId: string): Promise<AnsweredThread> {
  const { data, error } = await ctx.db.from("emails").select("id, subject, message_id")
    .eq("org_id", ctx.orgId).eq("user_id", ctx.person.id).eq("thread_id", threadId)
    .order("sent_at", { ascending: false }).order("id").limit(EMAILS_MAX);
  if (error) throw fromPostgrestError(error);
  const [latest] = data;
  if (latest === undefined) throw new AppError("not_found");
  return {
    emailId: latest.id,
    subject: latest.subject || "(no subject)",
    // Where the latest one's is not known, the newest that is known still leads into the thread
    references: [...new Set(data.flatMap(({ message_id: id }) => id ?? []).reverse())],
  };
}
