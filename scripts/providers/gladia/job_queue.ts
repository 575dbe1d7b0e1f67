// Runs transcription jobs: so many at once, so many waiting, each by reading its audio for real.
import type { ConversationShelf } from "../artifacts/conversation_shelf.ts";
import { renderTranscriberResult } from "../artifacts/transcript_documents.ts";
import type { VirtualClock } from "../virtual_clock.ts";
import type { GladiaJob, JobPlan } from "./gladia_job.ts";
import type { StartRequest } from "./gladia_request.ts";
import { AudioRefused, type Heard, listen } from "./listen.ts";

/** The limits of a paid account. */
export const DEFAULT_LIMITS = { concurrency: 25, queueSize: 300, jobSeconds: 0.3 } as const;

const TICK_MS = 20;

/** What the queue is made of. */
export interface JobQueueDeps {
  readonly clock: VirtualClock;
  readonly shelf: ConversationShelf;
  /** Called once for each job that ended. */
  readonly onEnd: (job: GladiaJob) => void;
}

/** The jobs of one account. */
export class JobQueue {
  readonly #deps: JobQueueDeps;
  readonly #jobs = new Map<string, GladiaJob>();
  readonly #running = new Set<Promise<void>>();
  readonly #planned: JobPlan[] = [];
  #stop = new AbortController();
  limits: { concurrency: number; queueSize: number; jobSeconds: number } = { ...DEFAULT_LIMITS };

  /** @param deps Clock, conversations, and who is told of an end. */
  constructor(deps: JobQueueDeps) {
    this.#deps = deps;
  }

  /** All jobs, oldest first, deleted ones included. */
  all(): readonly GladiaJob[] {
    return [...this.#jobs.values()];
  }

  /** A job that was not deleted. */
  get(id: string): GladiaJob | undefined {
    const job = this.#jobs.get(id);
    return job?.isDeleted ? undefined : job;
  }

  /** Says how the next jobs go. */
  plan(plan: JobPlan, count: number): void {
    for (let n = 0; n < count; n++) this.#planned.push(plan);
  }

  /** Takes a job; undefined when the queue is full. */
  add(request: StartRequest): GladiaJob | undefined {
    const active = this.all().filter(({ status }) =>
      status === "queued" || status === "processing"
    );
    if (active.length >= this.limits.concurrency + this.limits.queueSize) return undefined;
    const job: GladiaJob = {
      id: crypto.randomUUID(),
      requestId: `G-${crypto.randomUUID().slice(0, 8)}`,
      request,
      createdAt: this.#deps.clock.now(),
      plan: this.#planned.shift() ?? {},
      status: "queued",
      completedAt: null,
      errorCode: null,
      errorMessage: null,
      file: null,
      result: null,
      bytesRead: 0,
      isDeleted: false,
    };
    this.#jobs.set(job.id, job);
    this.#startNext();
    return job;
  }

  /** Ends a job that is held, or any other, as if it had gone on. */
  async finish(job: GladiaJob, error?: { code: number; message: string }): Promise<void> {
    if (error !== undefined) this.#end(job, () => this.#refuse(job, error.code, error.message));
    else await this.#transcribe(job, this.#stop.signal);
  }

  /** Waits until nothing runs that is not held. */
  async settle(): Promise<void> {
    while (this.#running.size > 0) await Promise.allSettled(this.#running);
  }

  /** Stops all and forgets it. */
  reset(): void {
    this.#stop.abort();
    this.#stop = new AbortController();
    this.#jobs.clear();
    this.#planned.length = 0;
    this.limits = { ...DEFAULT_LIMITS };
  }

  #startNext(): void {
    const processing = this.all().filter(({ status }) => status === "processing").length;
    let free = this.limits.concurrency - processing;
    for (const job of this.#jobs.values()) {
      if (free <= 0) return;
      if (job.status !== "queued") continue;
      job.status = "processing";
      free -= 1;
      if (!job.plan.hold) this.#track(this.#run(job, this.#stop.signal));
    }
  }

  async #track(work: Promise<void>): Promise<void> {
    this.#running.add(work);
    try {
      await work;
    } finally {
      this.#running.delete(work);
    }
  }

  async #run(job: GladiaJob, signal: AbortSignal): Promise<void> {
    const { clock } = this.#deps;
    const dueAt = clock.now().getTime() + this.limits.jobSeconds * 1_000;
    while (clock.now().getTime() < dueAt && !signal.aborted) {
      await new Promise<void>((resolve) => setTimeout(resolve, TICK_MS));
    }
    if (!signal.aborted) await this.#transcribe(job, signal);
  }

  async #transcribe(job: GladiaJob, signal: AbortSignal): Promise<void> {
    const { plan } = job;
    if (plan.errorCode !== undefined) {
      const { errorCode, errorMessage } = plan;
      this.#end(job, () => this.#refuse(job, errorCode, errorMessage ?? "Transcription failed"));
      return;
    }
    try {
      const heard = await listen(job.request.audio_url, this.#deps.shelf, signal);
      if (!signal.aborted) this.#end(job, () => this.#accept(job, heard));
    } catch (cause) {
      if (!(cause instanceof AudioRefused)) throw cause;
      if (!signal.aborted) this.#end(job, () => this.#refuse(job, cause.code, cause.message));
    }
  }

  #accept(job: GladiaJob, heard: Heard): void {
    const source = new URL(job.request.audio_url);
    job.bytesRead = heard.bytesRead;
    job.file = {
      id: crypto.randomUUID(),
      filename: source.pathname.split("/").at(-1) ?? null,
      source: job.request.audio_url,
      audio_duration: heard.seconds,
      number_of_channels: 1,
    };
    job.status = "done";
    job.result = composeResult(job, heard);
  }

  #refuse(job: GladiaJob, code: number, message: string): void {
    job.status = "error";
    job.errorCode = code;
    job.errorMessage = message;
  }

  #end(job: GladiaJob, apply: () => void): void {
    if (job.completedAt !== null) return;
    apply();
    job.completedAt = this.#deps.clock.now();
    this.#deps.onEnd(job);
    this.#startNext();
  }
}

function composeResult(job: GladiaJob, heard: Heard): Record<string, unknown> {
  const { conversation, seconds } = heard;
  const isDiarized = job.request.diarization;
  const empty = { participants: [], parts: [], durationSeconds: seconds };
  const result = renderTranscriberResult(
    job.plan.isEmpty ? empty : conversation ?? empty,
    isDiarized,
  );
  if (job.plan.utterances === undefined) return result;
  const utterances = job.plan.utterances.map(({ speaker, text, start, end }) => ({
    start,
    end,
    confidence: 0.9,
    channel: 0,
    ...(isDiarized && speaker !== undefined && { speaker }),
    text,
    language: "en",
    words: text.split(/\s+/).map((word) => ({ word, start, end, confidence: 0.9 })),
  }));
  return {
    ...result,
    transcription: {
      full_transcript: utterances.map(({ text }) => text).join(" "),
      languages: ["en"],
      utterances,
    },
  };
}
