// Runs jobs when they are due: by the real clock, or through a skipped stretch of time in order.

import type { Progress } from "../contracts.ts";
import { connect, type Connection } from "../postgres/connection.ts";
import { type CronJob, failInterruptedRuns, finishRun, insertRun, readJobs } from "./cron_job.ts";
import { ExtensionTable } from "./extension_table.ts";
import { JobSessionPool } from "./job_session.ts";
import type { WorkerClock } from "./worker_clock.ts";

/** What a stretch of time consisted of. */
export interface AdvanceReport {
  /** How many runs were started. */
  readonly runs: number;
}

interface JobState {
  /** When the job was last started, or first seen. */
  lastStartMs: number;
  isRunning: boolean;
  /** One run waits for the one under way; more would pile up. */
  isPending: boolean;
}

/** Knows which jobs are due and runs them, each in a session of its own. */
export class JobTicker {
  readonly #client: Connection;
  readonly #jobTable: ExtensionTable;
  readonly #pool: JobSessionPool;
  readonly #clock: WorkerClock;
  readonly #report: Progress;
  readonly #states = new Map<string, JobState>();
  readonly #underWay = new Set<Promise<void>>();
  /** Told when a run has ended, since a job that waited for it may be due now. */
  onRunEnded: () => void = () => {};
  #jobs: CronJob[] = [];
  /** Everything due up to here was started. */
  #cursorMs: number;

  private constructor(
    client: Connection,
    databaseUrl: string,
    clock: WorkerClock,
    report: Progress,
  ) {
    this.#client = client;
    this.#report = report;
    this.#jobTable = new ExtensionTable(client, "cron.job");
    this.#pool = new JobSessionPool(databaseUrl);
    this.#clock = clock;
    this.#cursorMs = clock.nowMs();
  }

  /** Opens a ticker and reads the jobs. */
  static async open(
    databaseUrl: string,
    clock: WorkerClock,
    report: Progress,
  ): Promise<JobTicker> {
    const client = await connect(databaseUrl, "pg_cron scheduler");
    const ticker = new JobTicker(client, databaseUrl, clock, report);
    await ticker.#jobTable.use(() => failInterruptedRuns(client), undefined);
    await ticker.reload();
    return ticker;
  }

  /** Reads the jobs anew. */
  async reload(): Promise<void> {
    this.#jobs = await this.#jobTable.use(() => readJobs(this.#client), []);
    const known = new Set(this.#jobs.map((job) => job.id));
    for (const id of this.#states.keys()) {
      if (!known.has(id)) this.#states.delete(id);
    }
    for (const job of this.#jobs) this.#stateOf(job);
  }

  /** Runs the jobs that are due whenever a server starts. */
  startAll(): void {
    for (const job of this.#jobs) {
      if (job.schedule.kind === "start") this.#launch(job);
    }
  }

  /** Starts a job at once. Comes back when it ended; false when there is no such job. */
  async runNow(name: string): Promise<boolean> {
    await this.reload();
    const job = this.#jobs.find((candidate) => candidate.name === name);
    if (job === undefined) return false;
    await this.#execute(job);
    return true;
  }

  /** When the next job is due, or null when none ever is. */
  nextDueMs(): number | null {
    const times = this.#jobs.map((job) => this.#dueAfter(job, this.#cursorMs))
      .filter((time) => time !== null);
    return times.length === 0 ? null : Math.min(...times);
  }

  /** Starts what became due since the last call, each job once, and does not wait for it. */
  async tick(): Promise<void> {
    await this.reload();
    const nowMs = this.#clock.nowMs();
    for (const job of this.#jobs) {
      const dueMs = this.#dueAfter(job, this.#cursorMs);
      if (dueMs !== null && dueMs <= nowMs) this.#launch(job);
    }
    this.#cursorMs = Math.max(this.#cursorMs, nowMs);
  }

  /**
   * Moves the clock forward and runs every job as often as it is due on the way, in order of time
   * and then of job id, each to its end.
   *
   * @param targetMs Where the clock stands afterwards.
   * @param afterInstant Called when all jobs of one instant have ended.
   */
  async advanceTo(
    targetMs: number,
    afterInstant: () => Promise<void>,
  ): Promise<AdvanceReport> {
    await this.settle();
    let runs = 0;
    while (true) {
      await this.reload();
      const dueMs = this.nextDueMs();
      if (dueMs === null || dueMs > targetMs) break;
      this.#clock.moveTo(dueMs);
      const due = this.#jobs.filter((job) => this.#dueAfter(job, this.#cursorMs) === dueMs);
      for (const job of due) {
        // Measured from the time it stands for, so that running it costs no virtual time.
        this.#stateOf(job).lastStartMs = dueMs;
        await this.#execute(job);
        runs++;
      }
      this.#cursorMs = dueMs;
      await afterInstant();
    }
    this.#cursorMs = targetMs;
    this.#clock.moveTo(targetMs);
    return { runs };
  }

  /** Comes back when no run is under way. */
  async settle(): Promise<void> {
    while (this.#underWay.size > 0) await Promise.allSettled(this.#underWay);
  }

  /** Waits for the runs under way and ends all sessions. */
  async close(): Promise<void> {
    await this.settle();
    await this.#pool.close();
    await this.#client.end();
  }

  #stateOf(job: CronJob): JobState {
    const found = this.#states.get(job.id);
    if (found !== undefined) return found;
    const state = { lastStartMs: this.#clock.nowMs(), isRunning: false, isPending: false };
    this.#states.set(job.id, state);
    return state;
  }

  #dueAfter(job: CronJob, afterMs: number): number | null {
    switch (job.schedule.kind) {
      case "calendar":
        return job.schedule.next(afterMs);
      case "interval": {
        const state = this.#stateOf(job);
        // Counted from the last start, but never while that run goes on.
        return state.isRunning ? null : state.lastStartMs + job.schedule.everyMs;
      }
      default:
        return null;
    }
  }

  #launch(job: CronJob): void {
    const state = this.#stateOf(job);
    if (state.isRunning) {
      state.isPending = true;
      return;
    }
    this.#track(this.#runWithPending(job, state));
  }

  async #track(run: Promise<void>): Promise<void> {
    this.#underWay.add(run);
    try {
      await run;
    } catch (error) {
      this.#report(`a job could not be run: ${String(error)}`);
    } finally {
      this.#underWay.delete(run);
      this.onRunEnded();
    }
  }

  async #runWithPending(job: CronJob, state: JobState): Promise<void> {
    do {
      state.isPending = false;
      state.lastStartMs = this.#clock.nowMs();
      await this.#execute(job);
    } while (state.isPending);
  }

  async #execute(job: CronJob): Promise<void> {
    const state = this.#stateOf(job);
    state.isRunning = true;
    try {
      const session = await this.#pool.take(job.database).catch(() => null);
      const startedAt = this.#clock.now();
      const runId = await insertRun(this.#client, job, session?.backendPid ?? null, startedAt);
      const outcome = session === null
        ? { isSuccess: false, message: "connection failed" }
        : await session.run(job.command, job.username);
      if (session !== null) await this.#pool.release(session);
      await finishRun(this.#client, runId, outcome, this.#clock.now());
    } finally {
      state.isRunning = false;
    }
  }
}
