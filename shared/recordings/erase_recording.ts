// Erases what a person deleted: the bot leaves, our copies go, the provider's go. Handles
// `recording.erase`; repeating it finds less to do and does no harm.
import { z } from "zod";
import { fromPostgrestError } from "../errors/app_error.ts";
import type { ClaimedJob, HandleJob, JobOutcome } from "../platform/jobs.ts";
import type { ServiceContext } from "../platform/request_context.ts";
import { type BotProvider, BotProviderError } from "./bot_provider.ts";
import { type ObjectStorage, ObjectStorageError } from "./object_storage.ts";

const Payload = z.object({ recording_id: z.uuid() });

const ID = "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}";

const Erasure = z.object({
  /** Exactly the place of one recording: whatever else this said must not be deleted. */
  prefix: z.string().regex(new RegExp(`^meeting-recordings/${ID}/${ID}/${ID}/$`)),
  bot_id: z.string().nullable(),
  was_deployed: z.boolean(),
  deleted_at: z.iso.datetime({ offset: true }),
  leased_until: z.iso.datetime({ offset: true }).nullable(),
}).nullable();
type Erasure = NonNullable<z.output<typeof Erasure>>;

/** A bot that was told to leave is gone by then. */
const LEAVING_MS = 60_000;
/** After an upload's lease has run out, its worker has noticed. */
const SLACK_MS = 5_000;
/** A bot that is still there after this needs a person; the job is buried, and taken up every hour. */
const GIVE_UP_MS = 12 * 3_600_000;

/** What the handler needs beside the database. */
export interface EraseDeps {
  readonly storage: ObjectStorage;
  /** Opened only when there is a bot to ask for: where none was ever sent, no provider is needed. */
  openBots(): BotProvider;
}

/**
 * Makes the handler.
 *
 * @param deps The store and the provider.
 * @returns The handler.
 */
export function createEraseHandler(deps: EraseDeps): HandleJob {
  return async (ctx, job) => {
    const { recording_id: recordingId } = Payload.parse(job.payload);
    const about = { p_org_id: job.orgId, p_recording_id: recordingId };
    const { data, error } = await ctx.db.rpc("read_erasure", about);
    if (error) throw fromPostgrestError(error);
    const erasure = Erasure.parse(data);
    if (erasure === null) return { outcome: "done" };
    try {
      return await erase(ctx, job, deps, recordingId, erasure);
    } catch (cause) {
      const isKnown = cause instanceof ObjectStorageError || cause instanceof BotProviderError;
      if (!isKnown) throw cause;
      ctx.log.warn("erase_failed", {
        operation: "recordings.erase",
        entity_id: recordingId,
        cause,
      });
      return { outcome: "retry", at: null, code: cause.code };
    }
  };
}

async function erase(
  ctx: ServiceContext,
  job: ClaimedJob,
  deps: EraseDeps,
  recordingId: string,
  erasure: Erasure,
): Promise<JobOutcome> {
  // At once, and neither waits for the other: a store that is down must not keep a bot in its meeting
  const [erased, dismissed] = await Promise.allSettled([
    deps.storage.deletePrefix(erasure.prefix),
    dismissBots(deps, recordingId, erasure),
  ]);
  if (erased.status === "rejected") throw erased.reason;
  if (dismissed.status === "rejected") throw dismissed.reason;
  const now = ctx.clock.now().getTime();
  if (dismissed.value === "leaving") {
    if (now > Date.parse(erasure.deleted_at) + GIVE_UP_MS) {
      return { outcome: "failed", code: "bot_still_there" };
    }
    return { outcome: "postponed", at: new Date(now + LEAVING_MS), code: "bot_leaving" };
  }
  if (erasure.leased_until !== null) {
    const at = new Date(Date.parse(erasure.leased_until) + SLACK_MS);
    return { outcome: "postponed", at, code: "upload_running" };
  }
  const { error } = await ctx.db.rpc("finish_erasure", {
    p_org_id: job.orgId,
    p_recording_id: recordingId,
    p_objects: erased.value,
  });
  if (error) throw fromPostgrestError(error);
  return { outcome: "done" };
}

/** Has every bot of the recording leave, and the provider forget those that have. */
async function dismissBots(
  deps: EraseDeps,
  recordingId: string,
  { bot_id, was_deployed }: Erasure,
): Promise<"leaving" | "gone"> {
  if (bot_id === null && !was_deployed) return "gone";
  const bots = deps.openBots();
  // Also one whose creation was never answered
  const listed = await bots.listBots(recordingId);
  const ids = new Set(listed.map(({ botId }) => botId));
  if (bot_id !== null) ids.add(bot_id);
  let isAnyLeaving = false;
  for (const id of ids) {
    const left = await bots.leaveBot(id);
    if (left === "leaving") isAnyLeaving = true;
    if (left === "over") await bots.deleteData(id);
  }
  return isAnyLeaving ? "leaving" : "gone";
}
