// The bodies that MeetingBaaS sends, in every version and spelling. Trust boundary: a third party's
// payload. Nothing is required and nothing makes it fail: a field of another type is a field that is
// not there, because an event that is refused here would be an event lost.
import { z } from "zod";

const LINE_MAX_CHARACTERS = 200;
const URL_MAX_CHARACTERS = 8_000;
const PEOPLE_MAX = 500;
const EARLIEST_MS = Date.UTC(2000, 0);
const LATEST_MS = Date.UTC(2100, 0);
/** A month; nothing that a bot attends is longer. */
const LONGEST_SECONDS = 2_678_400;

/** Text on one line that a database can hold; null for anything else. */
export const Line = z.unknown().optional().transform((value) => {
  if (typeof value !== "string") return null;
  const line = value.replaceAll("\0", "").toWellFormed().replace(/\s+/g, " ").trim();
  return line === "" ? null : line.slice(0, LINE_MAX_CHARACTERS).toWellFormed();
});

/** An instant: ISO 8601 with its offset, or seconds since 1970; null for anything else. */
export const Instant = z.unknown().optional().transform((value) => {
  const ms = typeof value === "number"
    ? value * 1000
    : typeof value === "string" && ISO_INSTANT.test(value)
    ? Date.parse(value)
    : NaN;
  return ms >= EARLIEST_MS && ms < LATEST_MS ? new Date(ms).toISOString() : null;
});
const ISO_INSTANT =
  /^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?:Z|[+-]\d{2}:?\d{2})$/;

/** An address; whether it may be fetched is decided where it is fetched. */
const Address = z.unknown().optional().transform((value) => {
  if (typeof value !== "string" || value.length > URL_MAX_CHARACTERS) return null;
  return /^https?:\/\//.test(value) && URL.canParse(value) ? value : null;
});

/** Whole seconds. */
const Seconds = z.unknown().optional().transform((value) =>
  typeof value === "number" && value >= 0 && value <= LONGEST_SECONDS ? Math.round(value) : null
);

/** The names of people, however they are listed; each once. */
const People = z.unknown().optional().transform((value): string[] => {
  const names = new Set<string>();
  for (const person of Array.isArray(value) ? value.slice(0, PEOPLE_MAX) : []) {
    const name = typeof person === "string" ? Line.parse(person) : NamedPerson.parse(person).name;
    if (name !== null) names.add(name);
  }
  return [...names];
});
const NamedPerson = z.object({ name: Line }).catch({ name: null });

/** The bot's own id; anything that could not be one is none. */
const BotId = z.unknown().optional().transform((value) =>
  typeof value === "string" && /^[\w-]{1,100}$/.test(value) ? value : null
);

const Extra = z.object({ recording_id: z.guid().transform((id) => id.toLowerCase()) }).nullish()
  .catch(null);

const Status = z.object({ code: Line, created_at: Instant, start_time: Instant }).nullish()
  .catch(null);

/** Everything that an event, or the bot itself when asked for, can say. */
export const BotData = z.object({
  bot_id: BotId,
  status: z.unknown().optional(),
  participants: People,
  speakers: People,
  duration_seconds: Seconds,
  duration: Seconds,
  created_at: Instant,
  joined_at: Instant,
  exited_at: Instant,
  sent_at: Instant,
  timestamp: Instant,
  updated_at: Instant,
  data_deleted: z.literal(true).nullish().catch(null),
  artifacts_deleted: z.literal(true).nullish().catch(null),
  video: Address,
  mp4: Address,
  video_url: Address,
  recording_url: Address,
  audio: Address,
  audio_url: Address,
  transcription: Address,
  transcript_url: Address,
  raw_transcription: Address,
  diarization: Address,
  chat_messages: Address,
  error_code: Line,
  error: Line,
  extra: Extra,
});
/** See the schema of the same name. */
export type BotData = z.output<typeof BotData>;

/** Where the bot stands, as `bot.status_change` says it. */
export const BotStatus = Status;

/** The envelope around all of them; `data` is read on its own. */
export const BotEnvelope = z.object({
  event: Line,
  data: z.unknown().optional(),
  extra: Extra,
  sent_at: Instant,
  created_at: Instant,
});
