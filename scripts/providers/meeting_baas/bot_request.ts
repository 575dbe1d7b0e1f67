// What `POST /v2/bots` accepts. As at the provider, a field that it does not know is dropped without
// a word; the ledger names it, since a caller that misspells a field would never learn of it.
import { z } from "zod";
import { MeetingBaasError } from "./meeting_baas_error.ts";

/** Where a meeting takes place. */
export type Platform = "zoom" | "meet" | "teams";

const HTTPS = z.url({ protocol: /^https$/ });
/** A receiver of callbacks; without TLS only on this machine. */
const CallbackUrl = z.url().refine(isReachable, "must be a public https address");

const Timeouts = z.object({
  waiting_room_timeout: z.int().min(120).max(1800).default(600),
  no_one_joined_timeout: z.int().min(120).max(1800).default(600),
  silence_timeout: z.int().min(300).max(1800).default(600),
  grace_period: z.int().min(0).max(600).default(0),
});

const BotRequestSchema = z.object({
  bot_name: z.string().min(1).max(255),
  meeting_url: z.url().refine((url) => platformOf(url) !== undefined, {
    message: "must be a Zoom, Google Meet or Microsoft Teams meeting",
  }),
  bot_image: z.union([HTTPS, z.array(HTTPS).min(1).max(5)]).nullable().default(null),
  bot_image_config: z.object({
    loop_mode: z.enum(["auto", "bot_status"]).default("auto"),
    image_duration: z.int().min(10).max(120).default(30),
  }).nullable().default(null),
  allow_multiple_bots: z.boolean().default(true),
  recording_mode: z.enum(["audio_only", "speaker_view", "gallery_view"]).default("speaker_view"),
  entry_message: z.string().max(500).nullable().default(null),
  timeout_config: Timeouts.prefault({}),
  transcription_enabled: z.boolean().default(false),
  transcription_config: z.object({
    provider: z.literal("gladia").default("gladia"),
    api_key: z.string().nullable().optional(),
    custom_params: z.record(z.string(), z.unknown()).nullable().optional(),
  }).nullable().default(null),
  callback_enabled: z.boolean().default(false),
  callback_config: z.object({
    url: CallbackUrl,
    secret: z.string().nullable().optional(),
    method: z.enum(["POST", "PUT"]).default("POST"),
  }).nullable().default(null),
  streaming_enabled: z.boolean().default(false),
  streaming_config: z.object({
    input_url: z.url().nullable().optional(),
    output_url: z.url().nullable().optional(),
    audio_frequency: z.union([
      z.literal(16000),
      z.literal(24000),
      z.literal(32000),
      z.literal(48000),
    ]).nullable().default(24000),
  }).nullable().default(null),
  zoom_config: z.object({
    credential_id: z.uuid().optional(),
    credential_user_id: z.string().optional(),
    obf_token: z.string().optional(),
    obf_token_url: z.url().optional(),
    zak_token_url: z.url().optional(),
  }).nullable().default(null),
  extra: z.record(z.string(), z.unknown()).nullable().default(null),
});

/** A request that was understood, with the provider's defaults. */
export type BotRequest = z.infer<typeof BotRequestSchema>;

/** A request and the fields of it that meant nothing. */
export interface ReadBotRequest {
  readonly request: BotRequest;
  readonly ignoredFields: readonly string[];
}

/**
 * Reads a request.
 *
 * @param input The body.
 * @throws {MeetingBaasError} 400, naming the first field that is wrong.
 */
export function readBotRequest(input: unknown): ReadBotRequest {
  const parsed = BotRequestSchema.safeParse(input);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const place = ["body", ...(issue?.path ?? [])].join("/");
    throw new MeetingBaasError(400, "VALIDATION", `${place} ${issue?.message ?? "is invalid"}`);
  }
  return { request: parsed.data, ignoredFields: unknownFields(Object(input), BotRequestSchema) };
}

function unknownFields(input: Readonly<Record<string, unknown>>, schema: z.ZodObject): string[] {
  return Object.entries(input).flatMap(([name, value]) => {
    const field = schema.shape[name];
    if (field === undefined) return [name];
    const inner = innerObject(field);
    if (inner === undefined || typeof value !== "object" || value === null) return [];
    return unknownFields(Object(value), inner).map((below) => `${name}.${below}`);
  });
}

function innerObject(field: unknown): z.ZodObject | undefined {
  if (field instanceof z.ZodObject) return field;
  if (
    field instanceof z.ZodDefault || field instanceof z.ZodPrefault ||
    field instanceof z.ZodNullable || field instanceof z.ZodOptional
  ) {
    return innerObject(field.unwrap());
  }
  return undefined;
}

/** Tells where a meeting takes place by its address; undefined when nowhere that bots can go. */
export function platformOf(meetingUrl: string): Platform | undefined {
  if (!URL.canParse(meetingUrl)) return undefined;
  const { protocol, hostname } = new URL(meetingUrl);
  if (protocol !== "https:") return undefined;
  if (hostname === "meet.google.com") return "meet";
  if (/^(.+\.)?zoom(gov)?\.(us|com)$/.test(hostname)) return "zoom";
  return /^teams\.(microsoft|live)\.com$/.test(hostname) ? "teams" : undefined;
}

function isReachable(text: string): boolean {
  const { protocol, hostname } = new URL(text);
  return protocol === "https:" ||
    (protocol === "http:" && ["127.0.0.1", "localhost", "[::1]"].includes(hostname));
}
