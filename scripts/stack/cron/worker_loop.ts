// The heartbeat of the cron worker: one timer, two notification channels, one turn at a time.

import type { Progress } from "../contracts.ts";
import { connect, type Connection } from "../postgres/connection.ts";
import { type AdvanceReport, JobTicker } from "./job_ticker.ts";
import { RequestSender } from "./request_sender.ts";
import { WorkerClock } from "./worker_clock.ts";

// Jobs are read again at least this often, for changes that no notification told of.
const LONGEST_NAP_MS = 20_000;

/** Wakes the ticker and the sender when there is work for them. */
export class WorkerLoop {
  readonly clock: WorkerClock;
  /** Resolves when the database is gone and the worker cannot go on. */
  readonly lost: Promise<void>;
  readonly #listener: Connection;
  readonly #senderClient: Connection;
  readonly #ticker: JobTicker;
  readonly #sender: RequestSender;
  readonly #report: Progress;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** Whatever moves time or reads jobs waits for the one before. */
  #lastTurn: Promise<unknown> = Promise.resolve();
  #isClosed = false;

  private constructor(
    parts: {
      readonly clock: WorkerClock;
      readonly listener: Connection;
      readonly senderClient: Connection;
      readonly ticker: JobTicker;
    },
    report: Progress,
  ) {
    this.clock = parts.clock;
    this.#listener = parts.listener;
    this.#senderClient = parts.senderClient;
    this.#ticker = parts.ticker;
    this.#sender = new RequestSender(parts.senderClient);
    this.#report = report;
    this.#ticker.onRunEnded = () => this.#nap();
    const { promise, resolve } = Promise.withResolvers<void>();
    this.lost = promise;
    this.#listener.on("end", () => {
      if (!this.#isClosed) resolve();
    });
    this.#listener.on("notification", ({ channel }) => {
      if (channel === "stack_net_queue") this.#attempt(() => this.#sender.collect());
      else this.#attempt(() => this.#reload());
    });
  }

  /** Connects, closes what a killed worker left open, and begins. */
  static async start(databaseUrl: string, report: Progress): Promise<WorkerLoop> {
    const clock = new WorkerClock();
    // The name is how net.check_worker_is_up() finds its worker.
    const listener = await connect(databaseUrl, "pg_net");
    const senderClient = await connect(databaseUrl, "pg_net sender");
    const ticker = await JobTicker.open(databaseUrl, clock, report);
    const loop = new WorkerLoop({ clock, listener, senderClient, ticker }, report);
    await listener.query("listen stack_cron_jobs");
    await listener.query("listen stack_net_queue");
    ticker.startAll();
    loop.#attempt(() => loop.#sender.collect());
    loop.#nap();
    return loop;
  }

  /** Moves the clock forward through everything that is due on the way. */
  async advance(durationMs: number): Promise<AdvanceReport> {
    const report = await this.#inTurn(() =>
      this.#ticker.advanceTo(this.clock.nowMs() + durationMs, () => this.#sender.drain())
    );
    this.#nap();
    return report;
  }

  /** Runs a job at once; false when there is none of that name. */
  async run(jobName: string): Promise<boolean> {
    const isFound = await this.#inTurn(() => this.#ticker.runNow(jobName));
    await this.#sender.drain();
    return isFound;
  }

  /** Waits until no job and no request is under way. */
  async settle(): Promise<void> {
    await this.#ticker.settle();
    await this.#sender.drain();
  }

  /** Stops; jobs under way are let finish, requests under way stay queued. */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    clearTimeout(this.#timer);
    await this.#inTurn(() => this.#ticker.close());
    await this.#sender.close();
    await this.#senderClient.end();
    await this.#listener.end();
  }

  async #reload(): Promise<void> {
    await this.#inTurn(() => this.#ticker.reload());
    this.#nap();
  }

  #nap(): void {
    clearTimeout(this.#timer);
    if (this.#isClosed) return;
    const dueInMs = (this.#ticker.nextDueMs() ?? Infinity) - this.clock.nowMs();
    const delayMs = Math.max(0, Math.min(dueInMs, LONGEST_NAP_MS));
    this.#timer = setTimeout(() => this.#attempt(() => this.#wake()), delayMs);
  }

  async #wake(): Promise<void> {
    await this.#inTurn(() => this.#ticker.tick());
    await this.#sender.expire();
    await this.#sender.collect();
    this.#nap();
  }

  async #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const before = this.#lastTurn;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#lastTurn = promise;
    await before;
    try {
      return await work();
    } finally {
      resolve();
    }
  }

  // For work that nobody waits for.
  async #attempt(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (!this.#isClosed) this.#report(`the cron worker stumbled: ${String(error)}`);
    }
  }
}
