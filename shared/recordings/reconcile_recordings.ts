// Finds what the world forgot and heals it: asks for bots that went silent, takes up parts that nobody
// works on, warns of what the provider is about to throw away. Trust boundary: the service role; what
// the provider answers goes the way of its webhooks.
import { z } from "zod";
import { asJson } from "../database/as_json.ts";
import { fromPostgrestError } from "../errors/app_error.ts";
import type { ServiceContext } from "../platform/request_context.ts";
import type { BotEvent } from "./bot_event.ts";
import { type BotProvider, BotProviderError } from "./bot_provider.ts";

/** What one run works with. */
export interface ReconcileDeps {
  /** Opened for the reason `reconcile_recordings`. */
  readonly ctx: ServiceContext;
  /** Null where no provider is configured: then nobody is asked, and the rest is done all the same. */
  readonly bots: BotProvider | null;
  /** How long the provider keeps what it recorded, by our plan with it. */
  readonly retentionDays: number;
  /** No further bot is asked for after this. */
  readonly budgetMs: number;
}

/** What a run came to: for each thing that was done, how often. */
export type ReconcileCounts = Readonly<Record<string, number>>;

const Silent = z.array(z.object({
  org_id: z.uuid(),
  recording_id: z.uuid(),
  bot_id: z.string().nullable(),
  status: z.string(),
}));
type Silent = z.output<typeof Silent>[number];

const Swept = z.object({
  counts: z.record(z.string(), z.int()),
  expiring: z.array(z.object({ org_id: z.uuid(), recording_id: z.uuid() })),
});

const Applied = z.object({ outcome: z.string() });

/** The provider asks not to be polled about one bot more often than every five to ten minutes. */
const PAUSE_SECONDS = 540;
const BATCH = 20;
const CONCURRENCY = 4;

/**
 * One run. Any number may go on at once: each bot is asked for once, each part healed under its lock.
 *
 * @param deps What to work with.
 * @returns What was done, each with its number; also in the timelines.
 * @throws {AppError} When the database can't be reached.
 */
export async function reconcileRecordings(deps: ReconcileDeps): Promise<ReconcileCounts> {
  // First: a bot that is found must not be given up a moment earlier
  const checks = deps.bots === null ? {} : await checkSilentBots(deps, deps.bots);
  const { ctx } = deps;
  const { data, error } = await ctx.db.rpc("sweep_recordings", {
    p_retention_days: deps.retentionDays,
  });
  if (error) throw fromPostgrestError(error);
  const swept = Swept.parse(data);
  for (const { org_id, recording_id } of swept.expiring) {
    ctx.log.warn("provider_data_expires", {
      operation: "recordings.reconcile",
      org_id,
      entity_id: recording_id,
    });
  }
  return { ...checks, ...swept.counts, expiring: swept.expiring.length };
}

async function checkSilentBots(deps: ReconcileDeps, bots: BotProvider): Promise<ReconcileCounts> {
  const { ctx } = deps;
  const counts = { bots_checked: 0, bots_moved: 0, bots_not_reached: 0 };
  const endsAt = performance.now() + deps.budgetMs;
  let isAnyLeft = true;
  while (isAnyLeft && performance.now() < endsAt && !ctx.signal.aborted) {
    const { data, error } = await ctx.db.rpc("claim_recordings_to_check", {
      p_limit: BATCH,
      p_pause_seconds: PAUSE_SECONDS,
    });
    if (error) throw fromPostgrestError(error);
    const waiting = [...Silent.parse(data)];
    isAnyLeft = waiting.length === BATCH;
    counts.bots_checked += waiting.length;
    const check = async (): Promise<void> => {
      for (let silent = waiting.shift(); silent !== undefined; silent = waiting.shift()) {
        const result = await checkBot(ctx, bots, silent);
        if (result !== "unchanged") counts[result] += 1;
      }
    };
    await Promise.all(Array.from({ length: CONCURRENCY }, check));
  }
  return counts;
}

async function checkBot(
  ctx: ServiceContext,
  bots: BotProvider,
  silent: Silent,
): Promise<"unchanged" | "bots_moved" | "bots_not_reached"> {
  const failure = await askAndApply(ctx, bots, silent);
  const { data, error } = await ctx.db.rpc("note_recording_check", {
    p_org_id: silent.org_id,
    p_recording_id: silent.recording_id,
    p_status_before: silent.status,
    p_error: failure,
  });
  if (error) throw fromPostgrestError(error);
  if (failure !== null) return "bots_not_reached";
  return data === true ? "bots_moved" : "unchanged";
}

/** Null when the provider answered, whatever it said; else why it did not. */
async function askAndApply(
  ctx: ServiceContext,
  bots: BotProvider,
  silent: Silent,
): Promise<string | null> {
  let event: BotEvent | null;
  try {
    event = await ask(bots, silent);
  } catch (cause) {
    if (!(cause instanceof BotProviderError)) throw cause;
    ctx.log.warn("bot_not_reached", {
      operation: "recordings.reconcile",
      org_id: silent.org_id,
      entity_id: silent.recording_id,
      cause,
    });
    return cause.code;
  }
  if (event === null) return null;
  const { data, error } = await ctx.db.rpc("apply_bot_event", {
    p_event_id: null,
    p_event: asJson(event),
  });
  if (error) throw fromPostgrestError(error);
  ctx.log.info("bot_checked", {
    operation: "recordings.reconcile",
    org_id: silent.org_id,
    entity_id: silent.recording_id,
    outcome: Applied.parse(data).outcome,
    ...(event.code === null ? {} : { state: event.code }),
  });
  return null;
}

/** What a webhook would have said; null where there is no bot that could have said anything. */
async function ask(bots: BotProvider, silent: Silent): Promise<BotEvent | null> {
  const botId = silent.bot_id ?? (await bots.listBots(silent.recording_id))[0]?.botId;
  if (botId === undefined) return null;
  const event = await bots.getBot(botId) ?? unknownBot;
  // Ours, whether the provider's answer says so or not: we asked for it by our own row
  return { ...event, bot_id: botId, recording_id: silent.recording_id };
}

/** The provider has no such bot, and never will: that explains the silence. */
const unknownBot: BotEvent = {
  kind: "failed",
  event: "bot.read",
  bot_id: null,
  recording_id: null,
  code: "failed",
  at: null,
  started_at: null,
  joined_at: null,
  exited_at: null,
  duration_seconds: null,
  is_data_deleted: false,
  sources: {},
  sources_live_seconds: 0,
  participants: [],
  error_code: "bot_not_found",
  is_confirmed: true,
};
