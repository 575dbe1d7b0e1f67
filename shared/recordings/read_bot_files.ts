// What the bot's provider has of a recording now, as whoever transcribes needs it.
import type { BotProvider } from "./bot_provider.ts";
import type { BotFiles } from "./transcription_deps.ts";

/** What the provider's word on its transcript means; others mean that it may still come. */
const FAILURES: Readonly<Record<string, BotFiles["transcriptionFailure"]>> = {
  error: "provider_transcription_failed",
  "not-applicable": "provider_not_transcribed",
};

/**
 * Asks for a bot's files; where there is no transcript, also whether there may be one.
 *
 * @param bots The provider.
 * @param botId Whose files.
 * @returns Fresh addresses; null for a bot that the provider does not know.
 * @throws {BotProviderError} When it can't be asked.
 */
export async function readBotFiles(
  bots: Pick<BotProvider, "getBot" | "getTranscription">,
  botId: string,
): Promise<BotFiles | null> {
  const bot = await bots.getBot(botId);
  if (bot === null) return null;
  const { audio, video, transcription, diarization } = bot.sources;
  const isTranscribed = transcription !== undefined;
  const progress = isTranscribed ? null : await bots.getTranscription(botId);
  return {
    audio: audio ?? null,
    video: video ?? null,
    transcription: transcription ?? null,
    diarization: diarization ?? null,
    isDeleted: bot.is_data_deleted,
    transcriptionFailure: FAILURES[progress?.status ?? ""] ?? null,
  };
}
