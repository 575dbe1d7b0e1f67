// What a transcriber must be able to do for us, and how it may fail. The edge implements it on Gladia.

/** A recording to transcribe. */
export interface TranscriptionRequest {
  /** Where the audio is, good for hours: jobs wait in queues. */
  readonly audioUrl: string;
  /** Where the end of the job is told; whoever knows the address may say anything there. */
  readonly callbackUrl: string;
  /** Travels with the job, so that it can be found when the answer to its start got lost. */
  readonly reference: string;
}

/** One line that was heard; voices are numbered, not named. */
export interface HeardLine {
  readonly startMs: number;
  readonly endMs: number;
  readonly text: string;
  /** From 0, in order of first words; null where voices were not told apart. */
  readonly voice: number | null;
}

/** What a transcriber heard. */
export interface HeardTranscript {
  /** As ISO 639-1 where it is known. */
  readonly language: string | null;
  readonly lines: readonly HeardLine[];
}

/** A job as the transcriber shows it. */
export interface TranscriptionJob {
  readonly jobId: string;
  /** The reference it was started with; null when it had none. */
  readonly reference: string | null;
  readonly status: "queued" | "processing" | "done" | "error";
  /** Like an HTTP status; only of a job in error. */
  readonly errorCode: number | null;
  /** Null unless done; also null of a job that is done where nothing is kept. */
  readonly result: HeardTranscript | null;
}

/** A transcriber. Every call may throw {@link TranscriptionProviderError}. */
export interface TranscriptionProvider {
  /** Longest audio that it takes, in seconds. */
  readonly maxSeconds: number;
  /** Starts a job and gives its id. There is no key against starting twice: see `findJob`. */
  startJob(request: TranscriptionRequest): Promise<string>;
  /** A job with that reference that has not failed, if there is one. */
  findJob(reference: string): Promise<string | null>;
  /** Reads a job, with its result when it is done. */
  readJob(jobId: string): Promise<TranscriptionJob>;
  /** Has the transcriber forget every job with that reference; fine when there is none. */
  forgetJobs(reference: string): Promise<void>;
}

/**
 * Why a call failed, as far as it decides what to do next.
 *
 * - `rate_limited`, `unavailable`: later. After `unavailable` a job may have been started all the same.
 * - `unauthorized`: our key; only an operator can mend it.
 * - `refused`: it does not take this recording.
 * - `not_found`: no such job, or no more.
 * - `malformed_answer`: a defect, theirs.
 */
export type TranscriptionFailure =
  | "rate_limited"
  | "unavailable"
  | "unauthorized"
  | "refused"
  | "not_found"
  | "malformed_answer";

/** A call of the transcriber that did not work. */
export class TranscriptionProviderError extends Error {
  override readonly name = "TranscriptionProviderError";

  /**
   * @param failure What it means for us.
   * @param status The HTTP status, if there was an answer.
   * @param retryAfterSeconds How long it asked us to wait.
   * @param options The cause, if something was thrown.
   */
  constructor(
    readonly failure: TranscriptionFailure,
    readonly status: number | null = null,
    readonly retryAfterSeconds: number | null = null,
    options?: ErrorOptions,
  ) {
    super(failure, options);
  }

  /** The same, as the recording's row and the log name it. */
  get code(): string {
    return `gladia_${this.failure}`;
  }

  /** Whether the same call may well work later. */
  get isTransient(): boolean {
    return this.failure === "rate_limited" || this.failure === "unavailable";
  }
}
