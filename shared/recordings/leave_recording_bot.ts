// Has a bot leave its meeting because a person asked for it. Handles `recording.leave`.
import { z } from "zod";
import { fromPostgrestError } from "../errors/app_error.ts";
import type { ClaimedJob, HandleJob, JobOutcome } from "../platform/jobs.ts";
import type { ServiceContext } from "../platform/request_context.ts";
import { type BotProvider, BotProviderError } from "./bot_provider.ts";

const RETRY_SECONDS = 5;

const Payload = z.object({ recording_id: z.uuid() });
const NOTES = { leaving: "bot_leaving", over: "bot_left_before", unknown: "bot_unknown" } as const;

/**
 * Makes the handler.
 *
 * @param openBots The bot service, for one job; null where it is not configured.
 * @returns The handler; asking a bot twice changes nothing.
 */
export function createLeaveHandler(
  openBots: (ctx: ServiceContext) => BotProvider | null,
): HandleJob {
  return async (ctx, job) => {
    const about = {
      p_org_id: job.orgId,
      p_recording_id: Payload.parse(job.payload).recording_id,
    };
    const note = async (code: string): Promise<void> => {
      const { error } = await ctx.db.rpc("note_bot_leave", { ...about, p_code: code });
      if (error) throw fromPostgrestError(error);
    };
    const { data: botId, error } = await ctx.db.rpc("read_leaving_bot", about);
    if (error) throw fromPostgrestError(error);
    if (botId === null) return { outcome: "done" };
    const bots = openBots(ctx);
    if (bots === null) return await refuse(ctx, job, note, "not_configured", null);
    try {
      await note(NOTES[await bots.leaveBot(botId)]);
      return { outcome: "done" };
    } catch (cause) {
      if (!(cause instanceof BotProviderError)) throw cause;
      ctx.log.warn("bot_not_dismissed", {
        operation: "recordings.leave",
        entity_id: about.p_recording_id,
        cause,
      });
      return await refuse(ctx, job, note, cause.failure, cause.retryAfterSeconds);
    }
  };
}

async function refuse(
  ctx: ServiceContext,
  job: ClaimedJob,
  note: (code: string) => Promise<void>,
  code: string,
  retryAfterSeconds: number | null,
): Promise<JobOutcome> {
  if (code === "request_rejected" || job.attempt >= job.maxAttempts) {
    await note("leave_refused");
    return { outcome: "failed", code };
  }
  const seconds = Math.max(RETRY_SECONDS * 2 ** (job.attempt - 1), retryAfterSeconds ?? 0);
  return { outcome: "retry", at: new Date(ctx.clock.now().getTime() + seconds * 1_000), code };
}
