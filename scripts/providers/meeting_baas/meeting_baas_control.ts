// Control of the simulated MeetingBaaS.
//
//   configure    stage_seconds, auto_play, video_bytes, audio_bytes, rate_limit (a second), daily_cap,
//                tokens, lock_seconds, url_lifetime_seconds, spelling (openapi|prose), schemes
//                ([v2, callback, v1]), delivery (normal|hold|never|duplicate|reorder),
//                svix_delays_seconds, callback_delays_seconds, timeout_ms, webhook {url, secret},
//                v1_webhook {url}
//   plan         meeting_url, participants? (names, or {name, email}), topic?, lines?, duration_seconds?,
//                video_bytes?, audio_bytes?, ends_as? (completed|failed), error_code?, error_message?,
//                waits_at? (the status at which the bot waits), transcription? (false: none, ever)
//   advance_bot  bot_id, to             any status, also an unknown one
//   play, finish, expire_data           bot_id
//   fail         bot_id, error_code, error_message?
//   emit         bot_id, event (any name), scheme? (v2|callback|v1), code? (of bot.status_change),
//                created_at?, data? (merged into it), body? (in place of it), script? (normal |
//                duplicate | concurrent | forged | stale | future | malformed | unsigned), wait?
//   deliver      order? (normal|reverse|shuffle|duplicate), bot_id?, seed?, drop?    what "hold" kept
//   redeliver    message_id
//   fail_call    route? ("POST /v2/bots", "GET /v2/bots/{id}", …), status?, code?, message?,
//                retry_after?, count?, delay_ms?, lose_answer? (done, and the connection breaks),
//                hang? (no answer, ever; with lose_answer it is done all the same)
//   bots, calls, deliveries {bot_id?}, settle
import { z } from "zod";
import { TOPICS } from "../fathom/conversations.ts";
import { nameOf, type Person } from "../people.ts";
import { ControlError } from "../simulator.ts";
import type { Bot } from "./bot.ts";
import { describeBot } from "./describe_account.ts";
import { emitEvent } from "./emit_event.ts";
import type { MeetingBaasSimulator } from "./meeting_baas_simulator.ts";

const Scheme = z.enum(["v2", "callback", "v1"]);
const Seconds = z.number().nonnegative();
const Bytes = z.int().nonnegative();

const Participant = z.union([
  z.string().transform((text): Person =>
    text.includes("@") ? { email: text, name: nameOf(text) } : { email: "", name: text }
  ),
  z.object({ name: z.string(), email: z.string().default("") }),
]);

const Configure = z.strictObject({
  action: z.literal("configure"),
  stage_seconds: Seconds.optional(),
  auto_play: z.boolean().optional(),
  video_bytes: Bytes.optional(),
  audio_bytes: Bytes.optional(),
  rate_limit: z.int().nonnegative().optional(),
  daily_cap: z.int().nonnegative().optional(),
  tokens: z.number().nonnegative().optional(),
  lock_seconds: Seconds.optional(),
  url_lifetime_seconds: z.number().positive().optional(),
  spelling: z.enum(["openapi", "prose"]).optional(),
  schemes: z.array(Scheme).optional(),
  delivery: z.enum(["normal", "hold", "never", "duplicate", "reorder"]).optional(),
  svix_delays_seconds: z.array(Seconds).optional(),
  callback_delays_seconds: z.array(Seconds).optional(),
  timeout_ms: z.number().positive().optional(),
  webhook: z.object({ url: z.url(), secret: z.string().startsWith("whsec_") }).optional(),
  v1_webhook: z.object({ url: z.url() }).optional(),
});

const Plan = z.strictObject({
  action: z.literal("plan"),
  meeting_url: z.url(),
  participants: z.array(Participant).min(1).optional(),
  topic: z.enum(TOPICS).optional(),
  lines: z.array(z.object({ speaker: z.string(), text: z.string() })).optional(),
  duration_seconds: z.number().positive().optional(),
  video_bytes: Bytes.optional(),
  audio_bytes: Bytes.optional(),
  ends_as: z.enum(["completed", "failed"]).default("completed"),
  error_code: z.string().optional(),
  error_message: z.string().optional(),
  waits_at: z.string().optional(),
  transcription: z.boolean().default(true),
});

const Emit = z.strictObject({
  action: z.literal("emit"),
  bot_id: z.string(),
  event: z.string(),
  scheme: Scheme.default("v2"),
  code: z.string().optional(),
  created_at: z.string().optional(),
  data: z.record(z.string(), z.unknown()).optional(),
  body: z.record(z.string(), z.unknown()).optional(),
  script: z.enum([
    "normal",
    "duplicate",
    "concurrent",
    "forged",
    "stale",
    "future",
    "malformed",
    "unsigned",
  ]).default("normal"),
  wait: z.boolean().default(true),
});

const FailCall = z.strictObject({
  action: z.literal("fail_call"),
  route: z.string().optional(),
  status: z.int().min(400).max(599).default(500),
  code: z.string().default("INTERNAL_SERVER_ERROR"),
  message: z.string().default("Something went wrong"),
  retry_after: z.number().optional(),
  count: z.int().positive().default(1),
  delay_ms: z.number().nonnegative().default(0),
  lose_answer: z.boolean().default(false),
  hang: z.boolean().default(false),
});

const ForBot = z.string().toLowerCase();
const Control = z.discriminatedUnion("action", [
  Configure,
  Plan,
  Emit,
  FailCall,
  z.strictObject({ action: z.literal("advance_bot"), bot_id: ForBot, to: z.string().min(1) }),
  z.strictObject({ action: z.literal("play"), bot_id: ForBot }),
  z.strictObject({ action: z.literal("finish"), bot_id: ForBot }),
  z.strictObject({ action: z.literal("expire_data"), bot_id: ForBot }),
  z.strictObject({
    action: z.literal("fail"),
    bot_id: ForBot,
    error_code: z.string(),
    error_message: z.string().optional(),
  }),
  z.strictObject({
    action: z.literal("deliver"),
    order: z.enum(["normal", "reverse", "shuffle", "duplicate"]).default("normal"),
    bot_id: ForBot.optional(),
    seed: z.string().default("seed"),
    drop: z.boolean().default(false),
  }),
  z.strictObject({ action: z.literal("redeliver"), message_id: z.string() }),
  z.strictObject({ action: z.literal("deliveries"), bot_id: ForBot.optional() }),
  z.strictObject({ action: z.literal("bots") }),
  z.strictObject({ action: z.literal("calls") }),
  z.strictObject({ action: z.literal("settle") }),
]);
type Control = z.infer<typeof Control>;

/**
 * Carries out a control request.
 *
 * @param simulator The simulator.
 * @param input The request.
 * @throws {ControlError} When it makes no sense.
 */
export async function controlMeetingBaas(
  simulator: MeetingBaasSimulator,
  input: unknown,
): Promise<unknown> {
  const { provider: _, ...order } = Object(input);
  const parsed = Control.safeParse(order);
  if (!parsed.success) throw new ControlError(z.prettifyError(parsed.error));
  return await obey(simulator, parsed.data);
}

async function obey(simulator: MeetingBaasSimulator, request: Control): Promise<unknown> {
  switch (request.action) {
    case "configure":
      return configure(simulator, request);
    case "plan":
      return plan(simulator, request);
    case "emit":
      return await emitEvent(simulator, requireBot(simulator, request.bot_id), request);
    case "fail_call":
      return failCalls(simulator, request);
    case "deliver":
      return await deliver(simulator, request);
    case "redeliver":
      return await simulator.sender.sendAgain(request.message_id);
    case "deliveries":
      return simulator.sender.log().filter((entry) =>
        request.bot_id === undefined || entry.bot_id === request.bot_id
      );
    case "bots":
      return simulator.fleet.list().map(describeBot);
    case "calls":
      return simulator.calls;
    case "settle":
      await simulator.desk.settle();
      return simulator.sender.log();
    default:
      return move(simulator, requireBot(simulator, request.bot_id), request);
  }
}

type Move = Extract<
  Control,
  { action: "advance_bot" | "play" | "finish" | "expire_data" | "fail" }
>;

function move(simulator: MeetingBaasSimulator, bot: Bot, request: Move): unknown {
  const { life } = simulator;
  switch (request.action) {
    case "advance_bot":
      bot.ahead = bot.ahead.slice(bot.ahead.indexOf(request.to) + 1);
      life.moveTo(bot, request.to);
      break;
    case "play":
      life.play(bot);
      break;
    case "finish":
      life.complete(bot);
      break;
    case "fail":
      life.fail(bot, request.error_code, request.error_message ?? null);
      break;
    case "expire_data":
      simulator.deleteData(bot);
  }
  return describeBot(bot);
}

function configure(
  simulator: MeetingBaasSimulator,
  request: z.infer<typeof Configure>,
): unknown {
  const { life, fleet, desk, sender, limit } = simulator;
  const { settings } = life;
  settings.stageSeconds = request.stage_seconds ?? settings.stageSeconds;
  settings.isAutomatic = request.auto_play ?? settings.isAutomatic;
  settings.videoBytes = request.video_bytes ?? settings.videoBytes;
  settings.audioBytes = request.audio_bytes ?? settings.audioBytes;
  settings.urlLifetimeSeconds = request.url_lifetime_seconds ?? settings.urlLifetimeSeconds;
  settings.spelling = request.spelling ?? settings.spelling;
  fleet.limits.dailyCap = request.daily_cap ?? fleet.limits.dailyCap;
  fleet.limits.tokens = request.tokens ?? fleet.limits.tokens;
  fleet.limits.lockSeconds = request.lock_seconds ?? fleet.limits.lockSeconds;
  desk.schemes = request.schemes ?? desk.schemes;
  desk.mode = request.delivery ?? desk.mode;
  desk.destinations.webhook = request.webhook ?? desk.destinations.webhook;
  desk.destinations.v1Webhook = request.v1_webhook ?? desk.destinations.v1Webhook;
  sender.delays = {
    ...sender.delays,
    v2: request.svix_delays_seconds ?? sender.delays.v2,
    callback: request.callback_delays_seconds ?? sender.delays.callback,
  };
  sender.timeoutMs = request.timeout_ms ?? sender.timeoutMs;
  if (request.rate_limit !== undefined) limit.configure(request.rate_limit, 1);
  return { ...settings, ...fleet.limits, delivery: desk.mode, schemes: desk.schemes };
}

function plan({ fleet }: MeetingBaasSimulator, request: z.infer<typeof Plan>): unknown {
  fleet.plan(request.meeting_url, {
    participants: request.participants,
    topic: request.topic,
    lines: request.lines,
    durationSeconds: request.duration_seconds,
    videoBytes: request.video_bytes,
    audioBytes: request.audio_bytes,
    endsAs: request.ends_as,
    errorCode: request.error_code,
    errorMessage: request.error_message,
    waitsAt: request.waits_at,
    isTranscribed: request.transcription,
  });
  return {};
}

function failCalls(
  { failures }: MeetingBaasSimulator,
  request: z.infer<typeof FailCall>,
): unknown {
  failures.arm({
    route: request.route,
    kind: request.hang ? "hang" : request.lose_answer ? "lose_answer" : "status",
    isDoneFirst: request.lose_answer,
    status: request.status,
    code: request.code,
    message: request.message,
    retryAfterSeconds: request.retry_after,
    delayMs: request.delay_ms,
    count: request.count,
  });
  return failures.list();
}

async function deliver(
  { desk }: MeetingBaasSimulator,
  request: Extract<Control, { action: "deliver" }>,
): Promise<unknown> {
  if (request.drop) return { dropped: desk.take(request.bot_id).length };
  return await desk.release(request.order, request.seed, request.bot_id);
}

function requireBot({ fleet }: MeetingBaasSimulator, id: string): Bot {
  const bot = fleet.get(id.toLowerCase());
  if (bot === undefined) throw new ControlError(`No bot has the id ${id}`);
  return bot;
}
