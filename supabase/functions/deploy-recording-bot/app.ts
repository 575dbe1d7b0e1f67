// Sends planned bots and has bots leave: woken when one is planned, and every minute while one is due.
// Trust boundary: the signed call of our own schedule.
import { z } from "zod";
import { refreshCalendar } from "@shared/calendar/refresh_calendar.ts";
import type { ServiceContext } from "@shared/platform/request_context.ts";
import type { BotProvider } from "@shared/recordings/bot_provider.ts";
import { createDeployHandler, type DeployDeps } from "@shared/recordings/deploy_recording_bot.ts";
import { createLeaveHandler } from "@shared/recordings/leave_recording_bot.ts";
import { EnvironmentError, type ReadVariable, readVariables } from "../_shared/env/platform_env.ts";
import { createJob, type JobResult } from "../_shared/http/create_job.ts";
import type { ServedFunction } from "../_shared/http/create_webhook.ts";
import { type FunctionDeps, productionDeps } from "../_shared/http/function_deps.ts";
import { drainJobs, type JobHandlers, type JobLimits } from "../_shared/jobs/drain_jobs.ts";
import { createCalendarSyncDeps } from "../_shared/providers/calendar_sync_deps.ts";
import { createMeetingBaas } from "../_shared/providers/meeting_baas.ts";

/** The provider takes up to twenty requests a second; a wait of one job is another's time. */
const LIMITS: JobLimits = {
  batchSize: 8,
  maxJobs: 1_000,
  budgetMs: 45_000,
  leaseSeconds: 30,
  concurrency: 8,
};
/** The meeting begins: what the calendar does not say by then is what it said before. */
const CALENDAR_MS = 8_000;

/**
 * Builds `deploy-recording-bot`.
 *
 * @param deps Its surroundings; tests pass their own.
 * @returns The function.
 */
export function createApp(
  deps: FunctionDeps = productionDeps(),
): ServedFunction {
  return createJob("deploy-recording-bot", {
    reason: "send_recording_bots",
    run: (ctx) => sendBots(ctx, deps.readVariable),
  }, deps);
}

async function sendBots(
  ctx: ServiceContext,
  readVariable: ReadVariable,
): Promise<JobResult> {
  const openBots = (job: ServiceContext) => openMeetingBaas(job, readVariable);
  const handlers: JobHandlers = {
    "recording.leave": createLeaveHandler(openBots),
    "recording.deploy": createDeployHandler({
      openBots,
      refreshCalendars: (job, orgId, connectionIds) =>
        refreshCalendars(job, readVariable, orgId, connectionIds),
      providerTranscribes: readProviderTranscribes(readVariable),
    }),
  };
  return { ...await drainJobs(ctx, handlers, LIMITS) };
}

const TranscriptionSettings = z.object({
  GLADIA_API_KEY: z.string().optional(),
  MEETINGBAAS_TRANSCRIPTION: z.enum(["always", "long_meetings"]).default("always"),
});

/** Where there is no other transcriber (U60-142), sparing the provider's would leave none. */
function readProviderTranscribes(readVariable: ReadVariable): DeployDeps["providerTranscribes"] {
  const settings = readVariables(TranscriptionSettings, readVariable);
  return settings.GLADIA_API_KEY ? settings.MEETINGBAAS_TRANSCRIPTION : "always";
}

function openMeetingBaas(
  ctx: ServiceContext,
  readVariable: ReadVariable,
): BotProvider | null {
  try {
    const { fetch, clock, signal } = ctx;
    return createMeetingBaas({ readVariable, fetch, clock, signal });
  } catch (cause) {
    if (!(cause instanceof EnvironmentError)) throw cause;
    ctx.log.error("bot_provider_not_configured", {
      operation: "recordings.deploy",
      cause,
    });
    return null;
  }
}

async function refreshCalendars(
  ctx: ServiceContext,
  readVariable: ReadVariable,
  orgId: string,
  connectionIds: readonly string[],
): Promise<void> {
  const signal = AbortSignal.any([
    ctx.signal,
    AbortSignal.timeout(CALENDAR_MS),
  ]);
  for (const connectionId of connectionIds) {
    try {
      const worker = { ...ctx, signal };
      await refreshCalendar(
        createCalendarSyncDeps({ ctx: worker, readVariable }),
        orgId,
        connectionId,
      );
    } catch (cause) {
      // The copy is at most as old as the last synchronization, and a bot is better than none
      ctx.log.warn("calendar_not_refreshed", {
        operation: "recordings.deploy",
        org_id: orgId,
        entity_id: connectionId,
        cause,
      });
    }
  }
}
