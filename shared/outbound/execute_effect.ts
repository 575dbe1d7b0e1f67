// Executes a confirmed effect outside, once. Handles `action.execute`. No service takes a key that makes
// a second call harmless, so whoever does not know what became of a call asks for it by our own id before
// the next one; where the answer is not sure nothing is sent.
import type { z } from "zod";
import { Effect } from "../copilot/proposals/effect.ts";
import { fromPostgrestError } from "../errors/app_error.ts";
import type { ClaimedJob, HandleJob, JobOutcome } from "../platform/jobs.ts";
import { Permit } from "../platform/permit.ts";
import type { ServiceContext } from "../platform/request_context.ts";
import { type Delivered, type Delivery, openDelivery, type OutboundDeps } from "./delivery.ts";
import { BegunEffect, ExecutePayload, type RunningEffect } from "./outbound_contract.ts";
import { OutboundError } from "./outbound_error.ts";

/** A worker that stood still longer than this may have a rival by now, and sends nothing any more. */
const SEND_WITHIN_MS = 20_000;
/** What got lost on its way may still arrive; the next try looks for it after that. */
const SETTLE_MS = 45_000;
const BUSY_MS = 30_000;
/** How long a service may say "later" before it counts as a refusal. */
const PATIENCE_MS = 3_600_000;
/** Where a look-up begins when nobody says since when. */
const LOOK_BACK_MS = 24 * 3_600_000;
const DEFAULT_RETRY_SECONDS = 30;
/** Written down by an attempt of which nobody knows what became. */
const UNCLEAR_CODE = "maybe_sent";

/** What the handler needs. */
export interface ExecuteDeps {
  /** The services, for one job. */
  readonly open: (ctx: ServiceContext, job: ClaimedJob) => OutboundDeps;
  /** Milliseconds that never go back; replaced in tests. */
  readonly elapsed?: () => number;
}

/**
 * Makes the handler.
 *
 * @param deps The services.
 * @returns The handler. Repeating a job sends nothing twice.
 */
export function createExecuteHandler(deps: ExecuteDeps): HandleJob {
  return async (ctx, job) => {
    const effectId = ExecutePayload.parse(job.payload).effect_id;
    const execution = new Execution(deps, ctx, job, effectId);
    try {
      return await execution.run();
    } catch (cause) {
      // Buried while it is under way, nobody would ever hear of it
      if (job.attempt >= job.maxAttempts) await execution.giveUp();
      throw cause;
    }
  };
}

class Execution {
  readonly #deps: ExecuteDeps;
  readonly #ctx: ServiceContext;
  readonly #job: ClaimedJob;
  readonly #effectId: string;
  readonly #elapsed: (() => number) | undefined;
  /** Whether something may be out there that nobody has found. */
  #isUnclear = false;

  constructor(deps: ExecuteDeps, ctx: ServiceContext, job: ClaimedJob, effectId: string) {
    this.#deps = deps;
    this.#ctx = ctx;
    this.#job = job;
    this.#effectId = effectId;
    this.#elapsed = deps.elapsed;
  }

  async run(): Promise<JobOutcome> {
    const permit = new Permit(SEND_WITHIN_MS, this.#elapsed);
    const begun = await this.#begin();
    if (begun.status === "busy") {
      return { outcome: "postponed", at: this.#later(BUSY_MS), code: "busy" };
    }
    if (begun.status !== "running") return { outcome: "done" };
    this.#isUnclear = begun.attempt > 1 && (begun.last_code ?? UNCLEAR_CODE) === UNCLEAR_CODE;
    let delivered: Delivered;
    try {
      delivered = await this.#deliver(begun, permit);
    } catch (cause) {
      if (!(cause instanceof OutboundError)) throw cause;
      return await this.#settle(begun, cause);
    }
    const isRecorded = await this.#finish(delivered);
    return isRecorded ? { outcome: "done" } : { outcome: "retry", at: null, code: "lease_lost" };
  }

  /** Ends the effect when no attempt is left and what became of it is not known. */
  async giveUp(): Promise<void> {
    await this.#fail("outcome_unknown", true);
  }

  async #begin(): Promise<z.output<typeof BegunEffect>> {
    const { data, error } = await this.#ctx.db.rpc("begin_outbound_effect", {
      p_effect_id: this.#effectId,
      p_worker: this.#job.worker,
    });
    if (error) throw fromPostgrestError(error);
    return BegunEffect.parse(data);
  }

  async #deliver(running: RunningEffect, permit: Permit): Promise<Delivered> {
    const delivery = this.#open(running);
    if (this.#isUnclear) {
      const found = await delivery.find();
      if (found !== null) return found;
      this.#isUnclear = false;
    }
    this.#ctx.signal.throwIfAborted();
    if (permit.isOver) throw new OutboundError("rate_limited");
    return await delivery.send();
  }

  #open(running: RunningEffect): Delivery {
    const effect = Effect.safeParse(running.payload);
    if (!effect.success) throw new OutboundError("rejected", { cause: effect.error });
    const since = running.confirmed_at ?? this.#later(-LOOK_BACK_MS);
    return openDelivery(this.#deps.open(this.#ctx, this.#job), effect.data, { running, since });
  }

  async #finish({ externalId, result }: Delivered): Promise<boolean> {
    const { data, error } = await this.#ctx.db.rpc("finish_outbound_effect", {
      p_effect_id: this.#effectId,
      p_worker: this.#job.worker,
      p_external_id: externalId,
      p_result: { ...result },
    });
    // The next attempt finds it outside and writes it down then
    if (error) throw fromPostgrestError(error);
    return data;
  }

  /** Writes down why it did not leave, and says whether it is tried again. */
  async #settle(running: RunningEffect, failure: OutboundError): Promise<JobOutcome> {
    const isUnclear = failure.mayHaveHappened || this.#isUnclear;
    const isLast = this.#job.attempt >= this.#job.maxAttempts;
    const isWaiting = failure.failure === "rate_limited" && this.#hasPatience(running);
    const isFinal = failure.isFinal || (isLast && !isWaiting);
    const unclearCode = isFinal ? "outcome_unknown" : UNCLEAR_CODE;
    const code = isUnclear ? unclearCode : failure.failure;
    this.#ctx.log.warn("effect_not_executed", {
      operation: `outbound.${running.kind}`,
      org_id: running.org_id,
      entity_id: this.#effectId,
      attempt: running.attempt,
      reason: failure.failure,
      ...(failure.status !== null && { upstream_status: failure.status }),
      cause: failure,
    });
    await this.#fail(code, isFinal);
    if (isFinal) {
      // Only an operator can find out whether it was sent; everything else its owner sees
      return code === "outcome_unknown" ? { outcome: "failed", code } : { outcome: "done" };
    }
    const waitMs = (failure.retryAfterSeconds ?? DEFAULT_RETRY_SECONDS) * 1_000;
    if (isWaiting) return { outcome: "postponed", at: this.#later(waitMs), code };
    return {
      outcome: "retry",
      at: this.#later(isUnclear ? Math.max(waitMs, SETTLE_MS) : waitMs),
      code,
    };
  }

  #hasPatience({ confirmed_at: confirmedAt }: RunningEffect): boolean {
    return confirmedAt != null &&
      this.#ctx.clock.now().getTime() - confirmedAt.getTime() < PATIENCE_MS;
  }

  async #fail(code: string, isFinal: boolean): Promise<void> {
    const { error } = await this.#ctx.db.rpc("fail_outbound_effect", {
      p_effect_id: this.#effectId,
      p_worker: this.#job.worker,
      p_code: code,
      p_is_final: isFinal,
    });
    if (error) throw fromPostgrestError(error);
  }

  #later(ms: number): Date {
    return new Date(this.#ctx.clock.now().getTime() + ms);
  }
}
