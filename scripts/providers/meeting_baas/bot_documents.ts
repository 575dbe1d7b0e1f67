// Bots as the v2 API shows them.
import type { ArtifactStore } from "../artifacts/artifact_store.ts";
import type { Person } from "../people.ts";
import { type Bot, statusOf, TERMINAL } from "./bot.ts";

/** The artifact addresses of a bot; each is made anew whenever it is shown. */
export interface ArtifactUrls {
  readonly video: string | null;
  readonly audio: string | null;
  readonly diarization: string | null;
  readonly raw_transcription: string | null;
  readonly transcription: string | null;
}

/** Makes fresh addresses for what a bot left behind. */
export function presignAll(bot: Bot, store: ArtifactStore, lifetimeSeconds: number): ArtifactUrls {
  const sign = (id: string | null | undefined): string | null =>
    id === null || id === undefined || bot.areArtifactsDeleted
      ? null
      : store.presign(id, lifetimeSeconds);
  return {
    video: sign(bot.artifacts?.video),
    audio: sign(bot.artifacts?.audio),
    diarization: sign(bot.artifacts?.diarization),
    raw_transcription: sign(bot.artifacts?.raw_transcription),
    transcription: sign(bot.artifacts?.transcription),
  };
}

/** The people of a meeting, counted from 1. */
export function renderPeople(people: readonly Person[]): Array<{ name: string; id: number }> {
  return people.map(({ name }, index) => ({ name, id: index + 1 }));
}

/** Those of them who say something. */
export function renderSpeakers(bot: Bot): Array<{ name: string; id: number }> {
  const names = new Set(bot.conversation.parts.map(({ speaker }) => speaker.name));
  return renderPeople(bot.conversation.participants).filter(({ name }) => names.has(name));
}

/** `GET /v2/bots/{id}`. */
export function renderDetails(bot: Bot, urls: ArtifactUrls): Record<string, unknown> {
  const isOver = bot.exitedAt !== null;
  return {
    bot_id: bot.id,
    bot_name: bot.request.bot_name,
    meeting_url: bot.request.meeting_url,
    meeting_platform: bot.platform,
    recording_mode: bot.request.recording_mode,
    status: statusOf(bot).code,
    created_at: bot.createdAt.toISOString(),
    joined_at: bot.joinedAt?.toISOString() ?? null,
    exited_at: bot.exitedAt?.toISOString() ?? null,
    duration_seconds: durationOf(bot),
    participants: isOver ? renderPeople(bot.conversation.participants) : [],
    speakers: isOver ? renderSpeakers(bot) : [],
    artifacts_deleted: bot.areArtifactsDeleted,
    ...urls,
    chat_messages: null,
    transcription_ids: bot.transcription === "done" ? [`sim-${bot.id}`] : null,
    transcription_provider: bot.transcription === "done" ? "gladia" : null,
    error_code: bot.errorCode,
    error_message: bot.errorMessage,
    tokens: null,
    extra: bot.request.extra,
    zoom_config: null,
  };
}

/** An item of `GET /v2/bots`. */
export function renderListed(bot: Bot): Record<string, unknown> {
  const status = statusOf(bot);
  return {
    bot_id: bot.id,
    bot_name: bot.request.bot_name,
    meeting_url: bot.request.meeting_url,
    meeting_platform: bot.platform,
    extra: bot.request.extra,
    duration: durationOf(bot),
    created_at: bot.createdAt.toISOString(),
    ended_at: TERMINAL.has(status.code) ? status.at.toISOString() : null,
    joined_at: bot.joinedAt?.toISOString() ?? null,
    exited_at: bot.exitedAt?.toISOString() ?? null,
    status: status.code,
    error_code: bot.errorCode,
    error_message: bot.errorMessage,
    tokens: null,
  };
}

/** `GET /v2/bots/{id}/status`. */
export function renderStatus(bot: Bot): Record<string, unknown> {
  const { code, at } = statusOf(bot);
  return {
    bot_id: bot.id,
    status: code,
    transcription_status: bot.transcription,
    updated_at: at.toISOString(),
  };
}

/** How long the recording is; null where there is none. */
export function durationOf(bot: Bot): number | null {
  return bot.artifacts === null ? null : bot.conversation.durationSeconds;
}
