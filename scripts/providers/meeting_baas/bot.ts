// A simulated bot: what was asked of it, what its meeting is like, and how far it has come.
import type { ScriptedConversation, WrittenLine } from "../artifacts/conversation.ts";
import type { Topic } from "../fathom/conversations.ts";
import type { Person } from "../people.ts";
import type { BotRequest, Platform } from "./bot_request.ts";

/** What a control request said about a meeting before a bot came. */
export interface MeetingPlan {
  readonly participants?: readonly Person[] | undefined;
  readonly topic?: Topic | undefined;
  readonly lines?: readonly WrittenLine[] | undefined;
  readonly durationSeconds?: number | undefined;
  readonly videoBytes?: number | undefined;
  readonly audioBytes?: number | undefined;
  readonly endsAs: "completed" | "failed";
  readonly errorCode?: string | undefined;
  readonly errorMessage?: string | undefined;
  /** The bot stays at this status until it is told to go on. */
  readonly waitsAt?: string | undefined;
  /** False: nobody ever writes down what was said. */
  readonly isTranscribed: boolean;
}

/** One thing that happened to a bot. */
export interface StatusEntry {
  readonly code: string;
  readonly at: Date;
}

/** The ids of what a finished bot left behind. */
export interface BotArtifacts {
  readonly video: string | null;
  readonly audio: string | null;
  readonly diarization: string | null;
  readonly transcription: string | null;
  readonly raw_transcription: string | null;
}

/** How the transcript is doing. */
export type TranscriptionStatus =
  | "queued"
  | "processing"
  | "done"
  | "error"
  | "not-applicable"
  | "not-started";

/** A bot. */
export interface Bot {
  readonly id: string;
  readonly request: BotRequest;
  readonly platform: Platform;
  readonly ignoredFields: readonly string[];
  readonly createdAt: Date;
  readonly plan: MeetingPlan;
  readonly conversation: ScriptedConversation;
  readonly history: StatusEntry[];
  /** What is still to come, the next one first. */
  ahead: string[];
  isPlaying: boolean;
  joinedAt: Date | null;
  exitedAt: Date | null;
  artifacts: BotArtifacts | null;
  areArtifactsDeleted: boolean;
  transcription: TranscriptionStatus;
  errorCode: string | null;
  errorMessage: string | null;
}

/** Statuses that nothing follows. */
export const TERMINAL: ReadonlySet<string> = new Set(["completed", "failed"]);

const JOINING = ["joining_call", "in_waiting_room"];
const RECORDING = [
  ...JOINING,
  "in_call_not_recording",
  "in_call_recording",
  "call_ended",
  "recording_succeeded",
];
/** Where a bot goes before it fails for a reason. */
const WAYS_TO_FAIL: Readonly<Record<string, readonly string[]>> = {
  BOT_NOT_ACCEPTED: [...JOINING, "bot_rejected"],
  TIMEOUT_WAITING_TO_START: [...JOINING, "waiting_room_timeout"],
  WAITING_FOR_HOST_TIMEOUT: ["joining_call", "in_waiting_for_host"],
  INVALID_MEETING_URL: ["joining_call", "invalid_meeting_url"],
  CANNOT_JOIN_MEETING: ["joining_call", "meeting_error"],
  BOT_REMOVED_TOO_EARLY: [...JOINING, "in_call_not_recording", "bot_removed_too_early"],
  TRANSCRIPTION_FAILED: [...RECORDING, "transcribing"],
  INTERNAL_ERROR: [...JOINING, "in_call_not_recording", "in_call_recording", "recording_failed"],
};

/** The whole way of a bot from the queue to its end. */
export function wayOf(request: BotRequest, plan: MeetingPlan): string[] {
  if (plan.endsAs === "failed") {
    return [...WAYS_TO_FAIL[plan.errorCode ?? ""] ?? JOINING, "failed"];
  }
  const isTranscribed = request.transcription_enabled && plan.isTranscribed;
  return [...RECORDING, ...(isTranscribed ? ["transcribing"] : []), "completed"];
}

/** Where a bot stands. */
export function statusOf(bot: Bot): StatusEntry {
  return bot.history.at(-1) ?? { code: "queued", at: bot.createdAt };
}

/** Whether a bot was ever there. */
export function hasBeen(bot: Bot, code: string): boolean {
  return bot.history.some((entry) => entry.code === code);
}
