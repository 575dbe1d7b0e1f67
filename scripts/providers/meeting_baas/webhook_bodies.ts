// The bodies of webhooks and callbacks: v2 in both of the vendor's own spellings, v1, and the event
// names that only older documents of the product know.
import { type ArtifactUrls, durationOf, renderPeople, renderSpeakers } from "./bot_documents.ts";
import type { Bot, StatusEntry } from "./bot.ts";

/** How `bot.completed` is written: as the OpenAPI file has it, or as the prose pages do. */
export type Spelling = "openapi" | "prose";

/** A body that is to be sent. */
export type WebhookBody = Record<string, unknown> & { readonly event: string };

/** v2 `bot.status_change`. */
export function statusChange(bot: Bot, { code, at }: StatusEntry): WebhookBody {
  return {
    event: "bot.status_change",
    data: { bot_id: bot.id, event_id: null, status: renderEntry(bot, code, at) },
    extra: bot.request.extra,
  };
}

function renderEntry(bot: Bot, code: string, at: Date): Record<string, unknown> {
  return {
    code,
    created_at: at.toISOString(),
    ...(code === "in_call_recording" && { start_time: Math.floor(at.getTime() / 1000) }),
    ...(code === "recording_failed" && { error_message: bot.errorMessage ?? "Recording failed" }),
  };
}

/** v2 `bot.completed`, also as a callback. */
export function completed(
  bot: Bot,
  urls: ArtifactUrls,
  spelling: Spelling,
  now: Date,
): WebhookBody {
  const common = {
    bot_id: bot.id,
    event_id: null,
    participants: renderPeople(bot.conversation.participants),
    speakers: renderSpeakers(bot),
    duration_seconds: durationOf(bot),
    joined_at: bot.joinedAt?.toISOString() ?? null,
    exited_at: bot.exitedAt?.toISOString() ?? null,
    data_deleted: bot.areArtifactsDeleted,
    audio: urls.audio,
    diarization: urls.diarization,
    raw_transcription: urls.raw_transcription,
    transcription: urls.transcription,
    transcription_provider: bot.transcription === "done" ? "gladia" : null,
    transcription_ids: bot.transcription === "done" ? [`sim-${bot.id}`] : null,
  };
  const sentAt = now.toISOString();
  if (spelling === "prose") {
    return {
      event: "bot.completed",
      data: { ...common, mp4: urls.video, chat_messages: null, extra: bot.request.extra },
      sent_at: sentAt,
    };
  }
  return {
    event: "bot.completed",
    data: { ...common, video: urls.video, sent_at: sentAt },
    extra: bot.request.extra,
  };
}

/** v2 `bot.failed`, also as a callback. */
export function failed(bot: Bot, now: Date): WebhookBody {
  return {
    event: "bot.failed",
    data: {
      bot_id: bot.id,
      event_id: null,
      error_message: bot.errorMessage ?? "Unknown error",
      error_code: bot.errorCode ?? "UNKNOWN_ERROR",
      sent_at: now.toISOString(),
    },
    extra: bot.request.extra,
  };
}

/** v1 `bot.status_change`. */
export function v1StatusChange(bot: Bot, { code, at }: StatusEntry): WebhookBody {
  return {
    event: "bot.status_change",
    data: { bot_id: bot.id, status: renderEntry(bot, code, at) },
  };
}

/** v1 `complete`. */
export function v1Complete(bot: Bot, urls: ArtifactUrls): WebhookBody {
  return {
    event: "complete",
    data: {
      bot_id: bot.id,
      event_uuid: null,
      transcript: bot.conversation.parts.map(({ speaker, start, end, words }) => ({
        speaker: speaker.name,
        offset: start,
        start_time: start,
        end_time: end,
        words: words.map((word) => ({ start: word.start, end: word.end, word: word.word })),
      })),
      speakers: renderSpeakers(bot).map(({ name }) => name),
      mp4: urls.video,
      audio: urls.audio,
      event: null,
      extra: bot.request.extra,
    },
  };
}

/** v1 `failed`. */
export function v1Failed(bot: Bot): WebhookBody {
  return {
    event: "failed",
    data: {
      bot_id: bot.id,
      event_uuid: null,
      error: bot.errorCode ?? "UNKNOWN_ERROR",
      message: bot.errorMessage ?? "Unknown error",
      extra: bot.request.extra,
    },
  };
}

/** Any other event: v1's `transcription_complete`, `bot.chat_message`, or a name that no document of
 * the provider knows, such as `bot.joined` and `transcript.ready`. */
export function otherEvent(
  bot: Bot,
  event: string,
  urls: ArtifactUrls,
  now: Date,
): WebhookBody {
  const data: Record<string, unknown> = { bot_id: bot.id };
  if (event === "bot.joined") data["joined_at"] = (bot.joinedAt ?? now).toISOString();
  if (event === "transcript.ready") data["transcription"] = urls.transcription;
  if (event === "bot.chat_message") {
    Object.assign(data, {
      event_id: null,
      message_id: crypto.randomUUID(),
      sender_name: bot.conversation.participants[0]?.name ?? "Somebody",
      sender_id: null,
      text: "Can everybody hear me?",
      sent_at: now.toISOString(),
    });
  }
  return event === "transcription_complete"
    ? { event, data }
    : { event, data, extra: bot.request.extra };
}
