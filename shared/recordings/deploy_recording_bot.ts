// Sends the bot of a planned recording, once. Handles `recording.deploy`. The database says what may be
// done next; whatever this worker lives to hear, or not, the next one finds out before it sends.
import { z } from "zod";
import { fromPostgrestError } from "../errors/app_error.ts";
import type { ClaimedJob, HandleJob, JobOutcome } from "../platform/jobs.ts";
import { Permit } from "../platform/permit.ts";
import type { ServiceContext } from "../platform/request_context.ts";
import { type BotProvider, BotProviderError } from "./bot_provider.ts";
import { planNextTry, type SendFailure } from "./plan_next_try.ts";

const BOT_NAME = "60 Notetaker";
const ENTRY_MESSAGE =
  "Hi! I am recording this meeting and taking notes for the person who invited me.";
const WAIT_SECONDS = 900;
const SILENCE_SECONDS = 900;
/** The service refuses a second bot for five minutes; what it made before that, its lists know. */
const ROOM_LOCK_SECONDS = 330;
/** Less than the job's lease: who slept sends no second bot, even after the first one's meeting. */
const SEND_WITHIN_MS = 20_000;
/** Less than our own transcriber takes in one piece: meetings run over. */
const LONG_MEETING_MINUTES = 120;

const Payload = z.object({ recording_id: z.uuid() });
const instant = z.iso.datetime({ offset: true }).transform((text) => new Date(text));
const Step = z.discriminatedUnion("step", [
  z.object({
    step: z.literal("send"),
    meeting_url: z.string(),
    give_up_at: instant,
    planned_minutes: z.number().nullable(),
    /** When one was last sent for without a clear answer. */
    unclear_since: instant.nullable(),
  }),
  z.object({ step: z.literal("wait"), until: instant }),
  z.object({ step: z.enum(["look", "over", "lost"]) }),
]);
type Step = z.output<typeof Step>;
type SendStep = Extract<Step, { step: "send" }>;

/** What the handler needs beside the database. */
export interface DeployDeps {
  /** The bot service, for one job; null where it is not configured. */
  readonly openBots: (ctx: ServiceContext) => BotProvider | null;
  /** Reads calendars anew, as far as that is possible in a moment; never fails. */
  readonly refreshCalendars: (
    ctx: ServiceContext,
    orgId: string,
    connectionIds: readonly string[],
  ) => Promise<void>;
  /**
   * Whose transcript the bot service makes beside ours: everybody's, so that there is one to fall back
   * to whatever happens, or only that of meetings which may be too long for our own transcriber.
   */
  readonly providerTranscribes: "always" | "long_meetings";
}

/**
 * Makes the handler.
 *
 * @param deps The bot service, the calendars, and who transcribes.
 * @returns The handler. Repeating a job sends no second bot.
 */
export function createDeployHandler(deps: DeployDeps): HandleJob {
  return async (ctx, job) => {
    const recordingId = Payload.parse(job.payload).recording_id;
    const run = new Deployment(deps, ctx, job, recordingId);
    try {
      return await run.deploy();
    } catch (cause) {
      // Buried with its recording under way, nobody would ever hear of it
      if (job.attempt >= job.maxAttempts) await run.giveUp("interrupted", null);
      throw cause;
    }
  };
}

class Deployment {
  readonly #deps: DeployDeps;
  readonly #ctx: ServiceContext;
  readonly #job: ClaimedJob;
  readonly #recordingId: string;
  #permit = new Permit(SEND_WITHIN_MS);
  readonly #about: { readonly p_org_id: string | null; readonly p_recording_id: string };

  constructor(deps: DeployDeps, ctx: ServiceContext, job: ClaimedJob, recordingId: string) {
    this.#deps = deps;
    this.#ctx = ctx;
    this.#job = job;
    this.#recordingId = recordingId;
    this.#about = { p_org_id: job.orgId, p_recording_id: recordingId };
  }

  async deploy(): Promise<JobOutcome> {
    await this.#refreshCalendars();
    const bots = this.#deps.openBots(this.#ctx);
    let step = await this.#begin(false);
    if (step.step === "look") {
      if (bots === null) return await this.#refuse("not_configured", null, null);
      const found = await this.#adoptOr(bots, null);
      if (found !== null) return found;
      step = await this.#begin(true);
    }
    if (step.step === "wait") return { outcome: "postponed", at: step.until, code: "moved" };
    if (step.step !== "send") return { outcome: "done" };
    if (bots === null) return await this.#refuse("not_configured", null, step.give_up_at);
    return await this.#send(bots, step);
  }

  /** Ends the recording, if it still has no bot. */
  async giveUp(code: string, status: number | null): Promise<void> {
    await this.#fail(code, null, status);
  }

  async #refreshCalendars(): Promise<void> {
    const { data, error } = await this.#ctx.db.rpc("list_deploy_calendars", this.#about);
    if (error) throw fromPostgrestError(error);
    if (data.length === 0 || this.#job.orgId === null) return;
    await this.#deps.refreshCalendars(this.#ctx, this.#job.orgId, data);
  }

  async #begin(isKnownUnsent: boolean): Promise<Step> {
    this.#permit = new Permit(SEND_WITHIN_MS);
    const { data, error } = await this.#ctx.db.rpc("begin_bot_deployment", {
      ...this.#about,
      p_job_id: this.#job.id,
      p_worker: this.#job.worker,
      p_is_known_unsent: isKnownUnsent,
    });
    if (error) throw fromPostgrestError(error);
    return Step.parse(data);
  }

  async #send(bots: BotProvider, step: SendStep): Promise<JobOutcome> {
    try {
      return await this.#settle(bots, [await this.#create(bots, step, false)], step.give_up_at);
    } catch (cause) {
      if (!(cause instanceof BotProviderError)) throw cause;
      this.#warn("bot_not_sent", cause);
      return cause.failure === "bot_exists"
        ? await this.#sendBeside(bots, step, cause)
        : await this.#refuse(cause.failure, cause, step.give_up_at, !cause.mayHaveHappened);
    }
  }

  /**
   * Refused because of a bot that is there: our own of a try that was not heard of again, or another
   * organization's, beside which ours goes all the same.
   */
  async #sendBeside(
    bots: BotProvider,
    step: SendStep,
    refusal: BotProviderError,
  ): Promise<JobOutcome> {
    const found = await this.#adoptOr(bots, step.give_up_at, true);
    if (found !== null) return found;
    const waitSeconds = this.#lockLeft(step.unclear_since);
    if (waitSeconds > 0) {
      const later = new BotProviderError(refusal.failure, refusal.status, waitSeconds);
      return await this.#refuse(later.failure, later, step.give_up_at, true);
    }
    try {
      return await this.#settle(bots, [await this.#create(bots, step, true)], step.give_up_at);
    } catch (cause) {
      if (!(cause instanceof BotProviderError)) throw cause;
      this.#warn("bot_not_sent", cause);
      return await this.#refuse(cause.failure, cause, step.give_up_at, !cause.mayHaveHappened);
    }
  }

  /** Seconds for which the bot that is there may yet turn out to be ours. */
  #lockLeft(unclearSince: Date | null): number {
    if (unclearSince === null) return 0;
    const passed = (this.#ctx.clock.now().getTime() - unclearSince.getTime()) / 1_000;
    return Math.max(0, Math.ceil(ROOM_LOCK_SECONDS - passed));
  }

  async #create(bots: BotProvider, step: SendStep, isOneOfMany: boolean): Promise<string> {
    if (this.#permit.isOver) throw new Error("The right to send this bot is over");
    return await bots.createBot({
      recordingId: this.#recordingId,
      botName: BOT_NAME,
      meetingUrl: step.meeting_url,
      entryMessage: ENTRY_MESSAGE,
      // A bot is told once, before anybody knows how long it will be
      isTranscribed: this.#deps.providerTranscribes === "always" ||
        step.planned_minutes === null || step.planned_minutes > LONG_MEETING_MINUTES,
      waitSeconds: WAIT_SECONDS,
      silenceSeconds: SILENCE_SECONDS,
      isOneOfMany,
    });
  }

  /** Takes the bot that is there for this recording; null when there is none. */
  async #adoptOr(
    bots: BotProvider,
    giveUpAt: Date | null,
    isUnsent = false,
  ): Promise<JobOutcome | null> {
    let found: readonly string[];
    try {
      const listed = await bots.listBots(this.#recordingId);
      // The first one made is the one that the others are too many of
      found = listed.map(({ botId }) => botId).toReversed();
    } catch (cause) {
      if (!(cause instanceof BotProviderError)) throw cause;
      this.#warn("bots_not_listed", cause);
      return await this.#refuse(cause.failure, cause, giveUpAt, isUnsent);
    }
    return found.length === 0 ? null : await this.#settle(bots, found, giveUpAt);
  }

  async #settle(
    bots: BotProvider,
    botIds: readonly string[],
    giveUpAt: Date | null,
  ): Promise<JobOutcome> {
    for (const botId of botIds) {
      const { data, error } = await this.#ctx.db.rpc("finish_bot_deployment", {
        ...this.#about,
        p_bot_id: botId,
      });
      if (error) throw fromPostgrestError(error);
      if (data === "sent") continue;
      try {
        await bots.leaveBot(botId);
      } catch (cause) {
        if (!(cause instanceof BotProviderError)) throw cause;
        this.#warn("bot_not_dismissed", cause);
        return await this.#refuse(cause.failure, cause, giveUpAt);
      }
    }
    return { outcome: "done" };
  }

  async #refuse(
    failure: SendFailure,
    cause: BotProviderError | null,
    giveUpAt: Date | null,
    isUnsent = false,
  ): Promise<JobOutcome> {
    const isLast = this.#job.attempt >= this.#job.maxAttempts;
    const next = planNextTry({
      failure,
      retryAfterSeconds: cause?.retryAfterSeconds ?? null,
      attempt: this.#job.attempt,
      now: this.#ctx.clock.now(),
      giveUpAt,
    }, Math.random());
    const at = next.isCounted && isLast ? null : next.at;
    await this.#fail(failure, at, cause?.status ?? null, isUnsent);
    if (at === null) return { outcome: "failed", code: failure };
    return { outcome: next.isCounted ? "retry" : "postponed", at, code: failure };
  }

  async #fail(
    code: string,
    retryAt: Date | null,
    status: number | null,
    isUnsent = false,
  ): Promise<void> {
    const { error } = await this.#ctx.db.rpc("fail_bot_deployment", {
      ...this.#about,
      p_code: code,
      p_retry_at: retryAt?.toISOString() ?? null,
      p_status: status,
      p_is_unsent: isUnsent,
    });
    if (error) throw fromPostgrestError(error);
  }

  #warn(event: string, cause: BotProviderError): void {
    this.#ctx.log.warn(event, {
      operation: "recordings.deploy",
      provider: "meetingbaas",
      entity_id: this.#recordingId,
      error_code: cause.failure,
      cause,
      ...(cause.status === null ? {} : { upstream_status: cause.status }),
    });
  }
}
