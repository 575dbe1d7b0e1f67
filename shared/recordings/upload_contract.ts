// What the upload of one file works with: the claim that the database hands out, the handles and the
// limits of one run, and the ways in which a try may end.
import { z } from "zod";
import type { ServiceContext } from "../platform/request_context.ts";
import type { BotProvider } from "./bot_provider.ts";
import type { FetchArtifact } from "./fetch_artifact.ts";
import type { ObjectStorage } from "./object_storage.ts";

/** The least that the store takes for every part but the last: 5 MiB. */
export const MIN_PART_BYTES = 5 * 1024 * 1024;
/** The most parts that an upload may have. */
export const MAX_PARTS = 10_000;

/** One leased file: where it goes, how far it is, and where it comes from. */
export const UploadClaim = z.object({
  org_id: z.guid(),
  recording_id: z.guid(),
  kind: z.enum(["video", "audio"]),
  bot_id: z.string().nullable(),
  object_key: z.string(),
  /** Names the attempt that the parts belong to; null before the first. */
  mark: z.string().nullable(),
  /** Upload in parts at the store; null for a small file, which goes in one call. */
  upload_id: z.string().nullable(),
  source_etag: z.string().nullable(),
  source_bytes: z.int().nullable(),
  part_size: z.int().nullable(),
  bytes_done: z.int(),
  invocation: z.int(),
  restarts: z.int(),
  url: z.string().nullable(),
  url_expires_at: z.iso.datetime({ offset: true }).nullable(),
  parts: z.array(
    z.object({ number: z.int(), bytes: z.int(), etag: z.string(), checksum: z.string() }),
  ),
});
export type UploadClaim = z.infer<typeof UploadClaim>;

/** Answer to a failed try. */
export const FailedUpload = z.object({
  state: z.enum(["waiting", "failed"]),
  upload_id: z.string().nullable(),
  object_key: z.string(),
  next_attempt_at: z.string().nullable(),
});

/** What one run may spend. */
export interface UploadBudget {
  /** Counts bytes that were moved, whatever file they belong to. */
  note(bytes: number): void;
  /** Whether the run has to stop. */
  isSpent(): boolean;
}

/** Sizes and times; all of them are settings. */
export interface UploadLimits {
  /** A larger file is not a recording. */
  readonly maxBytes: number;
  readonly leaseSeconds: number;
  /** Parts are written down after so many, or after so long. */
  readonly checkpointParts: number;
  readonly checkpointMs: number;
  /** A source that sends nothing for so long is given up. */
  readonly idleMs: number;
}

/** Handles of one run. */
export interface UploadDeps {
  readonly ctx: Pick<ServiceContext, "db" | "log" | "clock" | "signal">;
  readonly storage: ObjectStorage;
  readonly fetchArtifact: FetchArtifact;
  /** Asked for new addresses of a bot's files. */
  readonly bots: Pick<BotProvider, "getBot">;
  readonly budget: UploadBudget;
  readonly limits: UploadLimits;
  /** Names the holder of a lease; a random text per run. */
  readonly workerId: string;
}

/** A try that failed for a reason of its own. */
export class UploadError extends Error {
  override readonly name = "UploadError";

  /**
   * @param code Stored with the upload and shown on the timeline.
   * @param isFinal Whether trying again by itself cannot help.
   */
  constructor(readonly code: string, readonly isFinal = false) {
    super(code);
  }
}

/**
 * The arguments that name a leased file, in every call about it.
 *
 * @param deps The run.
 * @param claim The file.
 */
export function leaseOf(
  deps: UploadDeps,
  claim: UploadClaim,
): { p_org_id: string; p_recording_id: string; p_kind: string; p_worker: string } {
  return {
    p_org_id: claim.org_id,
    p_recording_id: claim.recording_id,
    p_kind: claim.kind,
    p_worker: deps.workerId,
  };
}

/**
 * The size of the parts of a file: 5 MiB, or as many more as 10,000 parts need.
 *
 * @param bytes Size of the file.
 * @returns Whole MiB.
 */
export function partSizeOf(bytes: number): number {
  const mebibyte = 1024 * 1024;
  return Math.max(MIN_PART_BYTES, Math.ceil(bytes / MAX_PARTS / mebibyte) * mebibyte);
}
