// What `recordings/storage-usage` takes and answers.
import { z } from "zod";

/** Which figures are asked for, as the query of a GET. */
export const StorageUsageQuery = z.strictObject({
  scope: z.enum(["organization", "platform"]).default("organization")
    .describe("An organization's, for its admins; the platform's, for its operators."),
  org_id: z.uuid().optional()
    .describe("One of the caller's organizations; the active one where this is missing."),
  days: z.coerce.number().int().min(1).max(400).default(30).describe("Length of the series."),
}).describe("Storage and its cost.");
/** See the schema of the same name. */
export type StorageUsageQuery = z.infer<typeof StorageUsageQuery>;

const usd = z.number().nonnegative().describe(
  "US dollars, unrounded. Computed, never what was billed.",
);
const month = z.string().regex(/^\d{4}-\d{2}$/);
const cost = {
  month,
  cost_usd: usd,
  estimated: z.boolean().describe("Whether estimates are part of it."),
};

/** One UTC day. A GB is 2^30 bytes. */
export const StorageUsageDay = z.strictObject({
  day: z.iso.date(),
  storage_gb: z.number().nonnegative().describe("At the end of the day."),
  upload_gb: z.number().nonnegative(),
  download_gb: z.number().nonnegative(),
  api_requests: z.number().nonnegative(),
  cost_usd: usd,
  estimated: z.boolean().describe("Whether downloads are an estimate rather than metered."),
});

/** How much is stored, and what it costs. */
export const StorageUsage = z.strictObject({
  scope: z.enum(["organization", "platform"]),
  org_id: z.uuid().nullable().describe("Null for the platform."),
  as_of: z.iso.date().nullable().describe("Last day that was computed; null before the first."),
  currency: z.literal("USD"),
  total_gb: z.number().nonnegative(),
  current_month: z.strictObject(cost).describe("The days of this month that are over."),
  next_month: z.strictObject(cost).describe("If as much stays stored all through it."),
  formula: z.strictObject({
    storage_usd_per_gb_month: z.number(),
    download_usd_per_gb: z.number(),
    upload_usd_per_gb: z.number(),
    requests_usd_per_1000: z.number(),
    downloaded_share: z.number(),
    daily_download_rate: z.number(),
  }).describe(
    "Today's prices. Downloads that nobody metered are estimated: stored × downloaded_share × daily_download_rate a day.",
  ),
  days: z.array(StorageUsageDay),
});
/** See the schema of the same name. */
export type StorageUsage = z.infer<typeof StorageUsage>;
