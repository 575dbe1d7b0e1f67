// Why the service role is used, and by whom: the whole list. A use that is not here does not compile
// and does not run, and each use leaves a row in the audit log.
import type { FunctionName } from "./function_registry.ts";

/** One registered use of the service role. */
export interface ServiceReasonEntry {
  readonly functions: readonly FunctionName[];
  /** Why a caller's own authority cannot do it. */
  readonly because: string;
}

/** Every reason. */
export const SERVICE_REASONS = {
  accept_webhook: {
    functions: [
      "fathom-webhook",
      "meetingbaas-webhook",
      "process-gladia-webhook",
    ],
    because: "A provider's call has no user; its verified body is stored in the inbox.",
  },
  process_webhook_events: {
    functions: [
      "fathom-webhook",
      "meetingbaas-webhook",
      "process-gladia-webhook",
      "process-webhook-events",
    ],
    because:
      "An event is applied to the organization that our own rows name, with nobody signed in.",
  },
  authenticate_cron: {
    functions: [
      "auto-join-scheduler",
      "calendar-sync-scheduler",
      "deploy-recording-bot",
      "execute-confirmed-actions",
      "generate-s3-video-thumbnail",
      "poll-s3-upload-queue",
      "process-recording",
      "process-webhook-events",
      "reconcile-recordings",
      "s3-usage-metrics",
      "upload-recording-to-s3",
    ],
    because: "A scheduled call's nonce is used up in the database, before any user is known.",
  },
  plan_recordings: {
    functions: ["auto-join-scheduler"],
    because: "Due meetings of every organization are looked for while their people are in them.",
  },
  send_recording_bots: {
    functions: ["deploy-recording-bot"],
    because:
      "A bot is sent when its meeting begins; the calendar it depends on is read anew before.",
  },
  schedule_calendar_sync: {
    functions: ["calendar-sync-scheduler"],
    because: "Calendars are refreshed for every connected person while they are away.",
  },
  refresh_calendar_tokens: {
    functions: ["calendar-sync", "calendar-sync-scheduler"],
    because: "OAuth tokens are in the vault, which no user may read, not even their own.",
  },
  execute_confirmed_actions: {
    functions: ["execute-confirmed-actions"],
    because:
      "What was confirmed leaves when its owner may be gone, with tokens that no user may read.",
  },
  make_thumbnails: {
    functions: ["generate-s3-video-thumbnail"],
    because: "A picture is made while nobody is there; places of private videos are no user's.",
  },
  process_recordings: {
    functions: ["process-recording"],
    because:
      "Recordings are transcribed and analysed when nobody is there, by ids of our own rows.",
  },
  reconcile_recordings: {
    functions: ["reconcile-recordings"],
    because:
      "What went wrong is found across all organizations, and what was deleted erased, with nobody there.",
  },
  record_s3_usage: {
    functions: ["s3-usage-metrics"],
    because: "Sizes of every organization's files are summed up at midnight; no person sees all.",
  },
  upload_recordings: {
    functions: ["poll-s3-upload-queue", "upload-recording-to-s3"],
    because: "Files are copied while nobody is there; a provider's signed addresses are no user's.",
  },
} as const satisfies Record<string, ServiceReasonEntry>;

/** The name of one registered use. */
export type ServiceReason = keyof typeof SERVICE_REASONS;

/**
 * Says whether a function may use the service role for a reason.
 *
 * @param name The function.
 * @param reason The reason it gives.
 * @returns True when the pair is registered.
 */
export function isServiceUseAllowed(
  name: FunctionName,
  reason: ServiceReason,
): boolean {
  const functions: readonly FunctionName[] = SERVICE_REASONS[reason].functions;
  return functions.includes(name);
}
