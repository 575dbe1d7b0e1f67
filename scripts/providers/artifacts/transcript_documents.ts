// The documents of a recording: its transcript in the provider's words, in its transcriber's words,
// and who spoke when.
import type { ScriptedConversation } from "./conversation.ts";

const LANGUAGE = "en";

/** The `transcription` artifact: speakers by name. */
export function renderTranscription(
  botId: string,
  conversation: ScriptedConversation,
  createdAt: Date,
): string {
  return JSON.stringify({
    bot_id: botId,
    provider: "gladia",
    result: {
      utterances: conversation.parts.map(({ speaker, text, start, end, words }) => ({
        text,
        language: LANGUAGE,
        start,
        end,
        confidence: 0.94,
        channel: 0,
        speaker: speaker.name,
        words,
      })),
      languages: [LANGUAGE],
      total_utterances: conversation.parts.length,
      total_duration: conversation.durationSeconds,
    },
    created_at: createdAt.toISOString(),
  });
}

/** The `raw_transcription` artifact: the transcriber's own answer, speakers by number. */
export function renderRawTranscription(
  botId: string,
  conversation: ScriptedConversation,
  createdAt: Date,
): string {
  return JSON.stringify({
    bot_id: botId,
    transcriptions: [renderTranscriberResult(conversation)],
    created_at: createdAt.toISOString(),
  });
}

/**
 * What a transcriber makes of a conversation: the `result` of Gladia's v2 answer.
 *
 * @param conversation What was said.
 * @param isDiarized Whether speakers are told apart; they are counted in order of their first words.
 */
export function renderTranscriberResult(
  conversation: ScriptedConversation,
  isDiarized = true,
): Record<string, unknown> {
  const order = [...new Set(conversation.parts.map(({ speaker }) => speaker.name))];
  return {
    metadata: {
      audio_duration: conversation.durationSeconds,
      number_of_distinct_channels: 1,
      billing_time: conversation.durationSeconds,
      transcription_time: 1.5,
    },
    transcription: {
      full_transcript: conversation.parts.map(({ text }) => text).join(" "),
      languages: [LANGUAGE],
      utterances: conversation.parts.map(({ speaker, text, start, end, words }) => ({
        start,
        end,
        confidence: 0.94,
        channel: 0,
        ...(isDiarized && { speaker: order.indexOf(speaker.name) }),
        text,
        language: LANGUAGE,
        words,
      })),
    },
  };
}

/** The `diarization` artifact: a line of JSON for each part. */
export function renderDiarization(conversation: ScriptedConversation): string {
  const ids = conversation.participants.map(({ name }) => name);
  return conversation.parts.map(({ speaker, start, end }) =>
    `${
      JSON.stringify({
        speaker: speaker.name,
        start_time: start,
        end_time: end,
        user_id: ids.indexOf(speaker.name) + 1,
        lang: LANGUAGE,
      })
    }\n`
  ).join("");
}
