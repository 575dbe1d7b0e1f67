// What the bot's provider has of a recording now, with addresses that are fresh for hours. Trust
// boundary: its answers are a third party's and are parsed before anything else sees them.
import { z } from "zod";
import type { BotFiles } from "@shared/recordings/transcription_deps.ts";
import { type ReadVariable, readVariables } from "../env/platform_env.ts";

const Settings = z.object({
  MEETINGBAAS_API_KEY: z.string().min(1),
  MEETINGBAAS_BASE_URL: z.url({ protocol: /^https?$/ }).default(
    "https://api.meetingbaas.com",
  ),
});

/** What the reader needs from outside. */
export interface BotFilesDeps {
  readonly readVariable: ReadVariable;
  readonly fetch: typeof globalThis.fetch;
  readonly signal: AbortSignal;
}

/** A provider that can't be asked now; the code names the status, if there was an answer. */
export class BotFilesError extends Error {
  override readonly name = "BotFilesError";

  /** @param status The HTTP status, if there was an answer. */
  constructor(readonly status: number | null, options?: ErrorOptions) {
    super("bot_provider_unavailable", options);
  }
}

const TIMEOUT_MS = 20_000;

const Bot = z.object({
  data: z.object({
    status: z.string(),
    artifacts_deleted: z.boolean().nullish(),
    audio: z.string().nullish(),
    video: z.string().nullish(),
    transcription: z.string().nullish(),
    diarization: z.string().nullish(),
    error_code: z.string().nullish(),
  }),
});
const Status = z.object({
  data: z.object({ transcription_status: z.string().nullish() }),
});

/** What the provider's word on the transcription means; others mean that it may still come. */
const FAILURES: Readonly<Record<string, BotFiles["transcriptionFailure"]>> = {
  error: "provider_transcription_failed",
  "not-applicable": "provider_not_transcribed",
};

/**
 * Makes the reader of bots' files.
 *
 * @param deps Settings, network, and the end of the time that the caller has.
 * @returns The reader; null for a bot that the provider does not know.
 * @throws {EnvironmentError} When no key is configured.
 */
export function createBotFilesReader(
  deps: BotFilesDeps,
): (botId: string) => Promise<BotFiles | null> {
  const settings = readVariables(Settings, deps.readVariable);
  const base = `${settings.MEETINGBAAS_BASE_URL.replace(/\/+$/, "")}/v2/bots`;
  const headers = { "x-meeting-baas-api-key": settings.MEETINGBAAS_API_KEY };
  const read = (path: string) => readJson(deps, `${base}/${path}`, headers);
  return async (botId) => {
    const id = encodeURIComponent(botId);
    const answer = await read(id);
    if (answer === null) return null;
    const bot = Bot.safeParse(answer);
    if (!bot.success) throw new BotFilesError(200);
    const { audio, video, transcription, diarization, artifacts_deleted } = bot.data.data;
    return {
      audio: audio ?? null,
      video: video ?? null,
      transcription: transcription ?? null,
      diarization: diarization ?? null,
      isDeleted: artifacts_deleted === true,
      transcriptionFailure: transcription ? null : await readFailure(await read(`${id}/status`)),
    };
  };
}

function readFailure(answer: unknown): BotFiles["transcriptionFailure"] {
  const status = Status.safeParse(answer);
  return FAILURES[status.data?.data.transcription_status ?? ""] ?? null;
}

/** The document; null where there is none. */
async function readJson(
  deps: BotFilesDeps,
  url: string,
  headers: Readonly<Record<string, string>>,
): Promise<unknown> {
  let response: Response;
  let text: string;
  try {
    response = await deps.fetch(url, {
      headers,
      redirect: "error",
      signal: AbortSignal.any([deps.signal, AbortSignal.timeout(TIMEOUT_MS)]),
    });
    text = await response.text();
  } catch (cause) {
    throw new BotFilesError(null, { cause });
  }
  if (response.status === 404) return null;
  if (!response.ok) throw new BotFilesError(response.status);
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new BotFilesError(response.status, { cause });
  }
}
