// What others may ask of a cron worker.

import type { AdvanceReport } from "./job_ticker.ts";

/** What can be asked of a worker, in its process or over the control interface. */
export interface CronControl {
  /** The worker's time. */
  now(): Date;
  /**
   * Moves the worker's clock forward. Every job runs as often as it is due on the way, in order, and
   * the requests that it queued are answered before the next instant. The database's own clock
   * stays where it is.
   *
   * @param duration ISO 8601, `PT1H` for example.
   */
  advance(duration: string | Temporal.DurationLike): Promise<AdvanceReport>;
  /** Runs a job to its end, whatever its schedule; false when there is none of that name. */
  run(jobName: string): Promise<boolean>;
  /** Waits until no job and no request is under way. */
  settle(): Promise<void>;
}
