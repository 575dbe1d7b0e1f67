// One transcription job: what it was asked, where it stands, and how the API shows it.
import type { StartRequest } from "./gladia_request.ts";

/** Where a job stands. */
export type JobStatus = "queued" | "processing" | "done" | "error";

/** What a test wants of a job; the rest goes its usual way. */
export interface JobPlan {
  /** It stays `processing` until control ends it. */
  readonly hold?: boolean | undefined;
  /** It ends with this error. */
  readonly errorCode?: number | undefined;
  readonly errorMessage?: string | undefined;
  /** Nothing was heard. */
  readonly isEmpty?: boolean | undefined;
  /** Replaces what was heard; speakers by number. */
  readonly utterances?:
    | ReadonlyArray<{ speaker?: number | undefined; text: string; start: number; end: number }>
    | undefined;
  /** Replaces the simulator's setting for callbacks. */
  readonly delivery?: Delivery | undefined;
}

/** How callbacks are delivered. */
export type Delivery = "normal" | "duplicate" | "never" | "late";

/** What was found at `audio_url`. */
export interface JobFile {
  readonly id: string;
  readonly filename: string | null;
  readonly source: string;
  readonly audio_duration: number;
  readonly number_of_channels: number;
}

/** A job. */
export interface GladiaJob {
  readonly id: string;
  readonly requestId: string;
  readonly request: StartRequest;
  readonly createdAt: Date;
  readonly plan: JobPlan;
  status: JobStatus;
  completedAt: Date | null;
  errorCode: number | null;
  errorMessage: string | null;
  file: JobFile | null;
  result: Record<string, unknown> | null;
  /** How many bytes were read of the audio. */
  bytesRead: number;
  isDeleted: boolean;
}

/**
 * A job as `GET /v2/pre-recorded/{id}` shows it.
 *
 * @param job The job.
 * @param isRetained False with zero retention: neither request nor result is kept.
 */
export function describeJob(job: GladiaJob, isRetained: boolean): Record<string, unknown> {
  return {
    id: job.id,
    request_id: job.requestId,
    version: 2,
    status: job.status,
    created_at: job.createdAt.toISOString(),
    ...(job.completedAt && { completed_at: job.completedAt.toISOString() }),
    ...(job.request.custom_metadata && { custom_metadata: job.request.custom_metadata }),
    ...(job.errorCode !== null && { error_code: job.errorCode }),
    kind: "pre-recorded",
    file: isRetained ? job.file : null,
    request_params: isRetained ? job.request : null,
    ...(job.result !== null && isRetained && { result: job.result }),
  };
}

/**
 * A job as the ledger shows it: no signed address, no words.
 *
 * @param job The job.
 */
export function listJob(job: GladiaJob): Record<string, unknown> {
  const audio = new URL(job.request.audio_url);
  return {
    id: job.id,
    status: job.status,
    error_code: job.errorCode,
    error_message: job.errorMessage,
    audio: `${audio.origin}${audio.pathname}`,
    bytes_read: job.bytesRead,
    audio_duration: job.file?.audio_duration ?? null,
    custom_metadata: job.request.custom_metadata ?? null,
    created_at: job.createdAt.toISOString(),
    deleted: job.isDeleted,
  };
}

/**
 * Whether a job's metadata holds all that a filter names; numbers and their text are alike.
 *
 * @param value What the job has.
 * @param filter What is looked for.
 */
export function containsMetadata(value: unknown, filter: unknown): boolean {
  if (typeof filter !== "object" || filter === null) {
    return value !== undefined && value !== null && String(value) === String(filter);
  }
  if (typeof value !== "object" || value === null) return false;
  const entries = new Map(Object.entries(value));
  return Object.entries(filter).every(([key, wanted]) =>
    containsMetadata(entries.get(key), wanted)
  );
}
