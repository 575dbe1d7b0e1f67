// The cron worker: runs the jobs of cron.job and sends the requests of pg_net. It has a process of
// its own, so that a busy gateway cannot delay a tick.

import type { Progress } from "../contracts.ts";
import { serveControl } from "./control_server.ts";
import type { CronControl } from "./cron_control.ts";
import { WorkerLoop } from "./worker_loop.ts";

/** How to start a worker. */
export interface CronWorkerOptions {
  /** Connection of a superuser to the database that has the extensions. */
  readonly databaseUrl: string;
  /** Loopback port of the control interface; 0 picks a free one. */
  readonly port: number;
  readonly onProgress?: Progress;
}

/** A running worker. */
export interface CronWorker extends CronControl {
  /** Address of the control interface. */
  readonly url: string;
  /** Resolves when the worker lost its database and cannot go on. */
  readonly lost: Promise<void>;
  /** Stops; jobs under way are let finish, requests under way stay queued. */
  close(): Promise<void>;
}

/** Starts the worker and its control interface on 127.0.0.1. */
export async function startCronWorker(options: CronWorkerOptions): Promise<CronWorker> {
  const loop = await WorkerLoop.start(options.databaseUrl, options.onProgress ?? (() => {}));
  const control: CronControl = {
    now: () => loop.clock.now(),
    advance: (duration) => loop.advance(Temporal.Duration.from(duration).total("milliseconds")),
    run: (jobName) => loop.run(jobName),
    settle: () => loop.settle(),
  };
  const server = serveControl(control, options.port);
  return {
    ...control,
    url: server.url,
    lost: loop.lost,
    async close(): Promise<void> {
      await server.close();
      await loop.close();
    },
  };
}
