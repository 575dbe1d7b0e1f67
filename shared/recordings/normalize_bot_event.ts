// The one place that knows how a provider of bots words things: version 2 in both spellings of its
// documentation, version 1, and the names that our own documents use (C-07, R-09). Pure and total:
// whatever comes in, an event comes out, at worst one that moves nothing.
import type { BotEvent, SourceKind } from "./bot_event.ts";
import { BotData, BotEnvelope, BotStatus } from "./bot_payload.ts";

/** Event names → what they are about. Version 1 has no prefix; the last column is our documents'. */
const KINDS: ReadonlyMap<string, BotEvent["kind"]> = new Map([
  ["bot.status_change", "status"],
  ["bot.completed", "completed"],
  ["complete", "completed"],
  ["recording.completed", "completed"],
  ["recording.ready", "completed"],
  ["bot.failed", "failed"],
  ["failed", "failed"],
  ["recording.failed", "failed"],
  ["transcription_complete", "transcript"],
  ["transcript.ready", "transcript"],
]);

/** Names of our documents that stand for one status of the provider. */
const STATUS_NAMES: ReadonlyMap<string, string> = new Map([
  ["bot.joining", "joining_call"],
  ["bot.waiting", "in_waiting_room"],
  ["bot.joined", "in_call_not_recording"],
  ["bot.recording", "in_call_recording"],
  ["recording.started", "in_call_recording"],
  ["bot.left", "call_ended"],
  ["recording.ended", "call_ended"],
]);

const EVENT_MAX_CHARACTERS = 100;
/** Version 2 says four hours everywhere; version 1 says two in one place and a day in another. */
const V2_LIVE_SECONDS = 4 * 3600;
const V1_LIVE_SECONDS = 2 * 3600;
const V1_EVENTS: ReadonlySet<string> = new Set(["complete", "failed", "transcription_complete"]);

/**
 * Reads one webhook body.
 *
 * @param payload The body as it was stored.
 * @returns The event; of kind `other` where nothing in it moves a recording.
 *
 * @example A bot was let in
 * ```ts
 * normalizeBotEvent({
 *   event: "bot.status_change",
 *   data: { bot_id: "b1", status: { code: "in_call_recording", created_at: "2026-11-22T10:00:00Z" } },
 * }).code; // "in_call_recording"
 * ```
 */
export function normalizeBotEvent(payload: unknown): BotEvent {
  const envelope = BotEnvelope.safeParse(payload).data;
  // Our documents put the fields beside the event's name
  const data = BotData.safeParse(envelope?.data ?? payload).data;
  const event = (envelope?.event ?? "unnamed").slice(0, EVENT_MAX_CHARACTERS);
  const status = BotStatus.parse(data?.status);
  const statusName = STATUS_NAMES.get(event);
  const kind = statusName === undefined ? KINDS.get(event) ?? "other" : "status";
  const sentAt = data?.sent_at ?? envelope?.sent_at ?? data?.timestamp ?? envelope?.created_at;
  return {
    ...readFacts(data),
    kind,
    event,
    recording_id: envelope?.extra?.recording_id ?? data?.extra?.recording_id ?? null,
    code: codeOf(kind, statusName ?? toCode(status?.code)),
    at: (kind === "status" ? status?.created_at : null) ?? sentAt ?? null,
    started_at: status?.start_time ?? null,
    sources_live_seconds: V1_EVENTS.has(event) ? V1_LIVE_SECONDS : V2_LIVE_SECONDS,
    is_confirmed: false,
  };
}

/**
 * Reads a bot as the provider answers when it is asked for it.
 *
 * @param bot What `GET /v2/bots/{id}` has under `data`.
 * @param now When it answered: its addresses are fresh from then.
 * @returns What a webhook would have said that never came; of kind `status` while the bot lives.
 */
export function normalizeBotState(bot: unknown, now: Date): BotEvent {
  const data = BotData.safeParse(bot).data;
  const facts = readFacts(data);
  const code = toCode(typeof data?.status === "string" ? data.status : null);
  const hasFiles = Object.keys(facts.sources).length > 0;
  // A transcription that failed does not take back what was recorded
  const kind = code === "completed" || (code === "failed" && hasFiles)
    ? "completed"
    : code === "failed"
    ? "failed"
    : "status";
  return {
    ...facts,
    kind,
    event: "bot.read",
    recording_id: data?.extra?.recording_id ?? null,
    code: codeOf(kind, code),
    // Since when a living bot stands where it stands is not said
    at: kind === "status" ? null : now.toISOString(),
    started_at: null,
    sources_live_seconds: V2_LIVE_SECONDS,
    is_confirmed: true,
  };
}

type Facts = Pick<
  BotEvent,
  | "bot_id"
  | "joined_at"
  | "exited_at"
  | "duration_seconds"
  | "is_data_deleted"
  | "sources"
  | "participants"
  | "error_code"
>;

function readFacts(data: BotData | undefined): Facts {
  const sources: Readonly<Record<SourceKind, string | null | undefined>> = {
    video: data?.video ?? data?.mp4 ?? data?.video_url ?? data?.recording_url,
    audio: data?.audio ?? data?.audio_url,
    transcription: data?.transcription ?? data?.transcript_url,
    raw_transcription: data?.raw_transcription,
    diarization: data?.diarization,
    chat: data?.chat_messages,
  };
  const participants = data?.participants ?? [];
  return {
    bot_id: data?.bot_id ?? null,
    joined_at: data?.joined_at ?? null,
    exited_at: data?.exited_at ?? null,
    duration_seconds: data?.duration_seconds ?? data?.duration ?? null,
    is_data_deleted: data?.data_deleted === true || data?.artifacts_deleted === true,
    sources: Object.fromEntries(
      Object.entries(sources).filter(([, url]) => typeof url === "string"),
    ),
    // Version 1 lists only who spoke
    participants: participants.length > 0 ? participants : data?.speakers ?? [],
    error_code: toCode(data?.error_code ?? data?.error),
  };
}

function codeOf(kind: BotEvent["kind"], status: string | null): string | null {
  return kind === "completed" || kind === "failed" ? kind : kind === "status" ? status : null;
}

/** `BOT_NOT_ACCEPTED`, `BotNotAccepted` and `bot_not_accepted` are one code. */
function toCode(text: string | null | undefined): string | null {
  const code = (text ?? "").replace(/^FST_ERR_/, "").replace(/([a-z0-9])([A-Z])/g, "$1_$2")
    .toLowerCase().replace(/[^a-z0-9_.:-]+/g, "_").slice(0, 100);
  return code === "" ? null : code;
}
