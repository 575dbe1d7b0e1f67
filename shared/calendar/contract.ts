// What calendar-sync takes and answers, and what the database tells a worker about a calendar.
import { z } from "zod";

/** A wish to bring the caller's own calendar up to date. */
export const SyncCalendarInput = z.strictObject({
  org_id: z.uuid().optional()
    .describe("One of the caller's organizations; the active one where this is missing."),
}).describe("A wish to bring the caller's own calendar up to date.");
/** See the schema of the same name. */
export type SyncCalendarInput = z.infer<typeof SyncCalendarInput>;

/** What one run changed. */
export const CalendarSyncResult = z.strictObject({
  mode: z.enum(["full", "incremental"]),
  is_complete: z.boolean()
    .describe("False when the time ran out; the next run goes on where this one stopped."),
  pages: z.int().nonnegative(),
  created: z.int().nonnegative(),
  updated: z.int().nonnegative(),
  cancelled: z.int().nonnegative(),
  removed: z.int().nonnegative()
    .describe("Copies that a full sync no longer found in the calendar."),
}).describe("What one run changed.");
/** See the schema of the same name. */
export type CalendarSyncResult = z.infer<typeof CalendarSyncResult>;

/** A calendar that this worker holds the lease of. */
export const CalendarClaim = z.object({
  connection_id: z.uuid(),
  org_id: z.uuid(),
  user_id: z.uuid(),
  calendar_id: z.string(),
  sync_token: z.string().nullable(),
  page_token: z.string().nullable(),
  time_min: z.iso.datetime({ offset: true }),
});
/** See the schema of the same name. */
export type CalendarClaim = z.infer<typeof CalendarClaim>;

/** What the database says to somebody who asks for a lease. */
export const ClaimAnswer = z.discriminatedUnion("status", [
  z.object({ status: z.literal("claimed"), claim: CalendarClaim }),
  z.object({ status: z.enum(["busy", "needs_reconnect", "not_connected"]) }),
]);

/** What the database says to somebody who asks for an access token. */
export const AccessAnswer = z.discriminatedUnion("status", [
  z.object({ status: z.literal("fresh"), access_token: z.string() }),
  z.object({ status: z.literal("refresh"), refresh_token: z.string() }),
  z.object({ status: z.literal("wait") }),
  z.object({ status: z.literal("needs_reconnect") }),
]);

/** What applying one page changed. */
export const AppliedPage = z.object({
  created: z.int(),
  updated: z.int(),
  cancelled: z.int(),
  removed: z.int(),
});
/** See the schema of the same name. */
export type AppliedPage = z.infer<typeof AppliedPage>;
