// Jobs as the table cron.job has them, and the log of their runs.

import type { Connection } from "../postgres/connection.ts";
import { type JobSchedule, parseJobSchedule } from "./job_schedule.ts";

/** One active row of `cron.job`. */
export interface CronJob {
  readonly id: string;
  readonly name: string | null;
  readonly scheduleText: string;
  readonly schedule: JobSchedule;
  readonly command: string;
  readonly database: string;
  readonly username: string;
}

interface JobRow {
  readonly jobid: string;
  readonly jobname: string | null;
  readonly schedule: string;
  readonly command: string;
  readonly database: string;
  readonly username: string;
}

/** Reads the active jobs. */
export async function readJobs(client: Connection): Promise<CronJob[]> {
  const { rows } = await client.query<JobRow>(
    "select jobid, jobname, schedule, command, database, username from cron.job " +
      "where active order by jobid",
  );
  return rows.map((row) => ({
    id: row.jobid,
    name: row.jobname,
    scheduleText: row.schedule,
    schedule: parseJobSchedule(row.schedule),
    command: row.command,
    database: row.database,
    username: row.username,
  }));
}

/** Closes the log of runs that a killed worker left open, in pg_cron's words. */
export async function failInterruptedRuns(client: Connection): Promise<void> {
  await client.query(
    "update cron.job_run_details set status = 'failed', return_message = 'server restarted' " +
      "where status in ('starting', 'running')",
  );
}

/**
 * Logs the start of a run.
 *
 * @returns The run's id.
 */
export async function insertRun(
  client: Connection,
  job: CronJob,
  backendPid: number | null,
  startedAt: Date,
): Promise<string> {
  const { rows } = await client.query<{ runid: string }>(
    "insert into cron.job_run_details " +
      "(jobid, job_pid, database, username, command, status, start_time) " +
      "values ($1, $2, $3, $4, $5, 'running', $6) returning runid",
    [job.id, backendPid, job.database, job.username, job.command, startedAt],
  );
  return rows[0]?.runid ?? "";
}

/** Logs the end of a run. */
export async function finishRun(
  client: Connection,
  runId: string,
  outcome: { readonly isSuccess: boolean; readonly message: string },
  endedAt: Date,
): Promise<void> {
  await client.query(
    "update cron.job_run_details set status = $2, return_message = $3, end_time = $4 " +
      "where runid = $1",
    [runId, outcome.isSuccess ? "succeeded" : "failed", outcome.message, endedAt],
  );
}
