// The leases that one drain holds: renewed while their jobs go on, ticked off in batches. A job whose
// lease was lost is told so, and can't be ticked off any more.
import { fromPostgrestError } from "@shared/errors/app_error.ts";
import type { ClaimedJob } from "@shared/platform/jobs.ts";
import type { ServiceContext } from "@shared/platform/request_context.ts";

interface Completion {
  readonly id: string;
  readonly resolve: (isDone: boolean) => void;
}

/** Leases of one worker; disposing of it ends the renewing. */
export class HeldJobs implements AsyncDisposable {
  readonly worker: string;
  readonly #ctx: ServiceContext;
  readonly #leaseSeconds: number;
  readonly #leases = new Map<string, AbortController>();
  readonly #timer: ReturnType<typeof setInterval>;
  #renewing: Promise<void> = Promise.resolve();
  #finished: Completion[] = [];
  #isCompleting = false;

  /**
   * @param ctx The drain's.
   * @param worker Name of the holder.
   * @param leaseSeconds How long each renewal lasts; a third of it passes between two.
   */
  constructor(ctx: ServiceContext, worker: string, leaseSeconds: number) {
    this.#ctx = ctx;
    this.worker = worker;
    this.#leaseSeconds = leaseSeconds;
    this.#timer = setInterval(() => this.#renew(), leaseSeconds * 1_000 / 3);
  }

  /** Takes over leases that were just claimed. */
  add(jobs: readonly ClaimedJob[]): void {
    for (const { id } of jobs) this.#leases.set(id, new AbortController());
  }

  /** Lets go of a lease that the database has been, or will be, told about. */
  release(id: string): void {
    this.#leases.delete(id);
  }

  /** Ends when the lease of a job is lost. */
  signalOf(id: string): AbortSignal {
    return this.#leases.get(id)?.signal ?? AbortSignal.abort();
  }

  /**
   * Ticks a job off. Jobs that end while others are being ticked off go together in the next call.
   *
   * @returns False when the lease was lost or the database did not answer: the job comes again.
   */
  async complete(id: string): Promise<boolean> {
    const { promise, resolve } = Promise.withResolvers<boolean>();
    this.#finished.push({ id, resolve });
    if (!this.#isCompleting) await this.#completeFinished();
    return await promise;
  }

  async #completeFinished(): Promise<void> {
    this.#isCompleting = true;
    try {
      while (this.#finished.length > 0) {
        const batch = this.#finished;
        this.#finished = [];
        const done = await this.#completeBatch(batch.map(({ id }) => id));
        for (const { id, resolve } of batch) resolve(done.has(id));
      }
    } finally {
      this.#isCompleting = false;
    }
  }

  async #completeBatch(ids: string[]): Promise<ReadonlySet<string>> {
    const { data, error } = await this.#ctx.db.rpc("complete_jobs", {
      p_ids: ids,
      p_worker: this.worker,
    });
    if (error) {
      // They will be done again, which changes nothing
      const cause = fromPostgrestError(error);
      this.#ctx.log.error("jobs_not_completed", { count: ids.length, cause });
      return new Set();
    }
    return new Set(data);
  }

  #renew(): void {
    if (this.#leases.size === 0) return;
    this.#renewing = this.#renewAll([...this.#leases.keys()]);
  }

  async #renewAll(ids: string[]): Promise<void> {
    const { data, error } = await this.#ctx.db.rpc("renew_jobs", {
      p_ids: ids,
      p_worker: this.worker,
      p_lease_seconds: this.#leaseSeconds,
    });
    // Two more renewals fit into the lease
    if (error) {
      this.#ctx.log.warn("jobs_not_renewed", { cause: fromPostgrestError(error) });
      return;
    }
    const held = new Set(data);
    for (const id of ids.filter((each) => !held.has(each))) {
      // One that ended meanwhile is not held any more, and nobody listens to its signal
      this.#leases.get(id)?.abort(new DOMException("The lease was lost", "AbortError"));
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer);
    await this.#renewing;
  }
}
