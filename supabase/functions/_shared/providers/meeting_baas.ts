// MeetingBaaS v2. Trust boundary: what it answers is a third party's; it is parsed before anything else
// sees it, and no answer's text reaches a caller or a log.
import { z } from "zod";
import type { Clock } from "@shared/platform/clock.ts";
import type { BotEvent } from "@shared/recordings/bot_event.ts";
import {
  type BotFailure,
  type BotProvider,
  BotProviderError,
  type BotRequest,
  type BotTranscription,
  type ListedBot,
} from "@shared/recordings/bot_provider.ts";
import { normalizeBotState } from "@shared/recordings/normalize_bot_event.ts";
import { type ReadVariable, readVariables } from "../env/platform_env.ts";
import { parseAnswer, readAnswerText } from "../http/read_answer.ts";

/** Of several secrets, while one changes, the first is the new one. */
const Secret = z.string().trim().min(1).transform((list) => list.split(/\s+/)[0] ?? list);

/** Where MeetingBaaS is, who we are to it, and where it finds us. */
const MeetingBaasSettings = z.object({
  MEETINGBAAS_API_KEY: Secret,
  MEETINGBAAS_BASE_URL: z.url({ protocol: /^https?$/ }).default("https://api.meetingbaas.com"),
  /** Without it a bot is sent without a callback: the account's webhook and the sweep remain. */
  MEETINGBAAS_CALLBACK_SECRET: Secret.optional(),
  SIXTY_PUBLIC_FUNCTIONS_URL: z.url({ protocol: /^https?$/ }).optional(),
  SUPABASE_URL: z.url({ protocol: /^https?$/ }),
});
type MeetingBaasSettings = z.output<typeof MeetingBaasSettings>;

/** What the client needs from outside. */
export interface MeetingBaasDeps {
  readonly readVariable: ReadVariable;
  readonly fetch: typeof globalThis.fetch;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

const TIMEOUT_MS = 20_000;
/** A long list of bots is a tenth of this. */
const ANSWER_MAX_BYTES = 4 * 1024 * 1024;
/** Of one recording there are as many bots as there were tries; more pages are a defect. */
const LIST_LIMIT = 50;

const BotId = z.string().regex(/^[\w-]{1,100}$/);
const Created = z.object({ success: z.literal(true), data: z.object({ bot_id: BotId }) });
const Read = z.object({ success: z.literal(true), data: z.looseObject({}) });
const StatusRead = z.object({
  success: z.literal(true),
  data: z.object({ transcription_status: z.string().max(100).nullish() }),
});
const Listed = z.object({
  success: z.literal(true),
  data: z.array(z.object({
    bot_id: BotId,
    status: z.string().max(100),
    created_at: z.iso.datetime({ offset: true }).nullish().catch(null),
    extra: z.object({ recording_id: z.string() }).nullish().catch(null),
  })),
});
const Refused = z.object({
  code: z.string(),
  retryAfter: z.number().nonnegative().nullish().catch(null),
});

interface Connection {
  readonly deps: MeetingBaasDeps;
  readonly settings: MeetingBaasSettings;
  readonly baseUrl: string;
}

/**
 * Makes the client of MeetingBaaS.
 *
 * @param deps Settings, network, the time, and the end of the time that the caller has.
 * @returns The client.
 * @throws {EnvironmentError} When there is no key or a setting is malformed.
 *
 * @example Renewing the addresses of a bot's files
 * ```ts ignore
 * const bots = createMeetingBaas({ readVariable, fetch, clock, signal });
 * const state = await bots.getBot(recording.bot_id);
 * ```
 */
export function createMeetingBaas(deps: MeetingBaasDeps): BotProvider {
  const settings = readVariables(MeetingBaasSettings, deps.readVariable);
  const baseUrl = `${settings.MEETINGBAAS_BASE_URL.replace(/\/+$/, "")}/v2/bots`;
  const connection: Connection = { deps, settings, baseUrl };
  return {
    createBot: (request) => createBot(connection, request),
    getBot: (botId) => getBot(connection, botId),
    getTranscription: (botId) => getTranscription(connection, botId),
    listBots: (recordingId) => listBots(connection, recordingId),
    leaveBot: (botId) => leaveBot(connection, botId),
    deleteData: (botId) => deleteData(connection, botId),
  };
}

async function createBot(connection: Connection, request: BotRequest): Promise<string> {
  const answer = await call(connection, "POST", "", {
    bot_name: request.botName,
    meeting_url: request.meetingUrl,
    // The service's own lock on the meeting, beside ours
    allow_multiple_bots: request.isOneOfMany,
    recording_mode: "speaker_view",
    entry_message: request.entryMessage,
    timeout_config: {
      waiting_room_timeout: request.waitSeconds,
      no_one_joined_timeout: request.waitSeconds,
      silence_timeout: request.silenceSeconds,
    },
    transcription_enabled: request.isTranscribed,
    ...(request.isTranscribed && { transcription_config: { provider: "gladia" } }),
    ...callback(connection.settings),
    extra: { recording_id: request.recordingId },
  });
  if (answer.status >= 400) throw refusal(answer);
  return parse(Created, answer).data.bot_id;
}

/** Never enabled without a secret: there would be nothing to tell a callback from a forged one. */
function callback(settings: MeetingBaasSettings): object {
  const secret = settings.MEETINGBAAS_CALLBACK_SECRET;
  if (secret === undefined) return { callback_enabled: false };
  const functions = settings.SIXTY_PUBLIC_FUNCTIONS_URL ??
    `${settings.SUPABASE_URL.replace(/\/+$/, "")}/functions/v1`;
  const url = `${functions.replace(/\/+$/, "")}/meetingbaas-webhook`;
  return { callback_enabled: true, callback_config: { url, secret, method: "POST" } };
}

async function getBot(connection: Connection, botId: string): Promise<BotEvent | null> {
  const answer = await call(connection, "GET", `/${encodeURIComponent(botId)}`);
  if (answer.status === 404) return null;
  if (answer.status >= 400) throw refusal(answer);
  return normalizeBotState(parse(Read, answer).data, connection.deps.clock.now());
}

async function getTranscription(
  connection: Connection,
  botId: string,
): Promise<BotTranscription | null> {
  const answer = await call(connection, "GET", `/${encodeURIComponent(botId)}/status`);
  if (answer.status === 404) return null;
  if (answer.status >= 400) throw refusal(answer);
  return { status: parse(StatusRead, answer).data.transcription_status ?? null };
}

async function listBots(connection: Connection, recordingId: string): Promise<ListedBot[]> {
  const query = new URLSearchParams({
    extra: `recording_id:${recordingId}`,
    limit: String(LIST_LIMIT),
  });
  const answer = await call(connection, "GET", `?${query}`);
  if (answer.status >= 400) throw refusal(answer);
  const bots = parse(Listed, answer).data.map((bot) => ({
    botId: bot.bot_id,
    recordingId: bot.extra?.recording_id ?? null,
    status: bot.status,
    createdAt: bot.created_at ?? null,
  }));
  // Not what the filter means, but what we mean
  return bots.filter((bot) => bot.recordingId === recordingId);
}

async function leaveBot(
  connection: Connection,
  botId: string,
): Promise<"leaving" | "over" | "unknown"> {
  const answer = await call(connection, "POST", `/${encodeURIComponent(botId)}/leave`);
  if (answer.status === 404) return "unknown";
  if (answer.status === 409) return "over";
  if (answer.status >= 400) throw refusal(answer);
  return "leaving";
}

async function deleteData(connection: Connection, botId: string): Promise<void> {
  const answer = await call(connection, "DELETE", `/${encodeURIComponent(botId)}/delete-data`);
  if (answer.status >= 400 && answer.status !== 404) throw refusal(answer);
}

interface Answer {
  readonly status: number;
  readonly retryAfter: string | null;
  /** Null where it is not JSON. */
  readonly body: unknown;
}

async function call(
  { deps, settings, baseUrl }: Connection,
  method: string,
  path: string,
  body?: object,
): Promise<Answer> {
  let response: Response;
  let text: string | null;
  try {
    response = await deps.fetch(`${baseUrl}${path}`, {
      method,
      headers: {
        "x-meeting-baas-api-key": settings.MEETINGBAAS_API_KEY,
        accept: "application/json",
        ...(body !== undefined && { "content-type": "application/json" }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      redirect: "error",
      signal: AbortSignal.any([deps.signal, AbortSignal.timeout(TIMEOUT_MS)]),
    });
    text = await readAnswerText(response, ANSWER_MAX_BYTES);
  } catch (cause) {
    throw new BotProviderError("unavailable", null, null, { cause });
  }
  if (text === null) throw new BotProviderError("malformed_answer", response.status);
  return {
    status: response.status,
    retryAfter: response.headers.get("retry-after"),
    body: parseAnswer(text),
  };
}

function parse<T extends z.ZodType>(schema: T, { status, body }: Answer): z.output<T> {
  const parsed = schema.safeParse(body);
  if (!parsed.success) throw new BotProviderError("malformed_answer", status);
  return parsed.data;
}

function refusal({ status, retryAfter, body }: Answer): BotProviderError {
  const refused = Refused.safeParse(body).data;
  const asked = refused?.retryAfter ?? (retryAfter === null ? null : Number(retryAfter));
  const seconds = asked !== null && Number.isFinite(asked) && asked >= 0
    ? Math.min(Math.ceil(asked), 86_400)
    : null;
  return new BotProviderError(failureOf(status, refused?.code ?? ""), status, seconds);
}

/** Two 429s mean different things, so the code decides before the status does. */
function failureOf(status: number, code: string): BotFailure {
  if (/^(?:FST_ERR_)?DAILY_BOT_CAP_REACHED$/.test(code)) return "daily_bot_cap";
  if (status === 429) return "rate_limited";
  if (status === 402) return "insufficient_tokens";
  if (status === 409) return "bot_exists";
  if (status === 401 || status === 403) return "key_rejected";
  if (status === 408 || status >= 500) return "unavailable";
  return "request_rejected";
}
