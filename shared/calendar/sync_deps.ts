// What a calendar worker works with.
import type { ServiceContext } from "../platform/request_context.ts";
import type { CalendarProvider } from "./calendar_provider.ts";

/** Handles of one worker. */
export interface CalendarSyncDeps {
  readonly ctx: Pick<ServiceContext, "db" | "log" | "clock" | "signal">;
  readonly provider: CalendarProvider;
  /** Names the holder of a lease; a random text per run. */
  readonly workerId: string;
  /** Waits; replaced in tests. */
  readonly wait: (ms: number) => Promise<void>;
}
