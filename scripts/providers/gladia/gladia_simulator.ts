// The simulated Gladia, v2 pre-recorded: start, read, list, delete, and callbacks that prove nothing.
import { z } from "zod";
import type { ConversationShelf } from "../artifacts/conversation_shelf.ts";
import type { Simulator } from "../simulator.ts";
import type { VirtualClock } from "../virtual_clock.ts";
import { CallbackDelivery } from "./callback_delivery.ts";
import { brokenAnswer, CallFaults } from "./call_faults.ts";
import { controlGladia } from "./gladia_control.ts";
import {
  containsMetadata,
  type Delivery,
  describeJob,
  type GladiaJob,
  listJob,
} from "./gladia_job.ts";
import { callbackTarget, gladiaError, StartRequest } from "./gladia_request.ts";
import { JobQueue } from "./job_queue.ts";

/** The key that the simulator takes until control sets another. */
export const SIMULATED_GLADIA_KEY = "sim-gladia-key";

const PAGE_SIZE = 20;
const PAGE_SIZE_MAX = 100;

/** What a test can set; the rest is Gladia's own behaviour. */
export interface GladiaSettings {
  apiKey: string;
  delivery: Delivery;
  lateSeconds: number;
  isZeroRetention: boolean;
}

const DEFAULT_SETTINGS: GladiaSettings = {
  apiKey: SIMULATED_GLADIA_KEY,
  delivery: "normal",
  lateSeconds: 600,
  isZeroRetention: false,
};

/** One call, as the ledger keeps it. */
interface LedgerCall {
  readonly route: string;
  readonly status: number;
  readonly at: string;
}

/** Gladia, as far as transcribing recordings goes. */
export class GladiaSimulator implements Simulator {
  readonly name = "gladia";
  readonly prefix = "gladia";
  readonly queue: JobQueue;
  readonly callbacks: CallbackDelivery;
  readonly faults = new CallFaults();
  settings: GladiaSettings = { ...DEFAULT_SETTINGS };
  readonly #calls: LedgerCall[] = [];
  readonly #background = new Set<Promise<unknown>>();
  #stop = new AbortController();

  /**
   * @param clock The simulators' time.
   * @param shelf What the simulated recordings hold.
   */
  constructor(readonly clock: VirtualClock, shelf: ConversationShelf) {
    this.callbacks = new CallbackDelivery(() => clock.now());
    this.queue = new JobQueue({ clock, shelf, onEnd: (job) => this.#track(this.#announce(job)) });
  }

  async answer(request: Request, path: string): Promise<Response> {
    const route = `${request.method} ${path.replace(/^(\/v2\/pre-recorded)\/[^/]+$/, "$1/{id}")}`;
    const fault = this.faults.take(route);
    if (fault !== undefined) await pause(fault.delayMs, request.signal);
    if (fault?.status !== undefined) {
      await request.body?.cancel();
      const refusal = gladiaError(path, fault.status, fault.message);
      if (fault.retryAfterSeconds !== undefined) {
        refusal.headers.set("retry-after", String(fault.retryAfterSeconds));
      }
      return this.#note(route, refusal);
    }
    const response = this.#note(route, await this.#dispatch(request, path, route));
    return fault?.loseAnswer ? brokenAnswer() : response;
  }

  async control(input: unknown): Promise<unknown> {
    return await controlGladia(this, input);
  }

  state(): unknown {
    const jobs = this.queue.all();
    return {
      jobs: jobs.map(listJob),
      jobs_per_reference: countBy(jobs),
      callbacks: this.callbacks.log(),
      calls: this.#calls,
      faults: this.faults.list(),
    };
  }

  /**
   * Posts what a job came to, as its own end does.
   *
   * @param job A job that has ended.
   */
  async post(job: GladiaJob): Promise<unknown> {
    const target = callbackTarget(job.request);
    if (target === undefined) return null;
    const common = { id: job.id, custom_metadata: job.request.custom_metadata ?? null };
    const body = job.status === "done"
      ? { ...common, event: "transcription.success", payload: job.result }
      : {
        ...common,
        event: "transcription.error",
        error: { code: job.errorCode, message: job.errorMessage },
      };
    return await this.callbacks.send(
      { jobId: job.id, ...target, body: JSON.stringify(body) },
      this.#stop.signal,
    );
  }

  /** Waits until no job runs and no callback is under way; a late one is not waited for. */
  async settle(): Promise<void> {
    await this.queue.settle();
    while (this.#background.size > 0) await Promise.allSettled(this.#background);
  }

  reset(): void {
    this.#stop.abort();
    this.#stop = new AbortController();
    this.queue.reset();
    this.faults.clear();
    this.callbacks.clear();
    this.#calls.length = 0;
    this.settings = { ...DEFAULT_SETTINGS };
  }

  async close(): Promise<void> {
    this.reset();
    await this.settle();
  }

  async #dispatch(request: Request, path: string, route: string): Promise<Response> {
    if (request.headers.get("x-gladia-key") !== this.settings.apiKey) {
      await request.body?.cancel();
      return gladiaError(path, 401, "gladia key not found");
    }
    const id = path.split("/").at(-1) ?? "";
    switch (route) {
      case "POST /v2/pre-recorded":
        return await this.#start(request, path);
      case "GET /v2/pre-recorded":
        return this.#list(new URL(request.url));
      case "GET /v2/pre-recorded/{id}":
        return this.#read(id, path);
      case "DELETE /v2/pre-recorded/{id}":
        return this.#delete(id, path);
      default:
        return gladiaError(path, 404, `Cannot ${request.method} ${path}`);
    }
  }

  async #start(request: Request, path: string): Promise<Response> {
    const body = StartRequest.safeParse(await request.json().catch(() => null));
    if (!body.success) {
      const details = body.error.issues.map(({ path: at, message }) =>
        `${at.join(".")}: ${message}`
      );
      return gladiaError(path, 400, "Invalid parameter(s)", details);
    }
    const job = this.queue.add(body.data);
    if (job === undefined) return gladiaError(path, 429, "Too many requests");
    const { origin } = new URL(request.url);
    return Response.json({
      id: job.id,
      result_url: `${origin}/${this.prefix}/v2/pre-recorded/${job.id}`,
    }, { status: 201 });
  }

  #list(url: URL): Response {
    const filter = readFilter(url.searchParams.get("custom_metadata"));
    if (filter === null) return gladiaError(url.pathname, 400, "custom_metadata must be JSON");
    const offset = Math.max(0, Number(url.searchParams.get("offset") ?? 0) || 0);
    const limit = Math.min(
      PAGE_SIZE_MAX,
      Math.max(1, Number(url.searchParams.get("limit") ?? PAGE_SIZE) || PAGE_SIZE),
    );
    const status = url.searchParams.getAll("status");
    const found = this.queue.all().filter((job) =>
      !job.isDeleted && (status.length === 0 || status.includes(job.status)) &&
      (filter === undefined || containsMetadata(job.request.custom_metadata, filter))
    ).reverse();
    const page = (at: number): string => {
      const address = new URL(url);
      address.searchParams.set("offset", String(at));
      return address.href;
    };
    return Response.json({
      first: page(0),
      current: page(offset),
      next: offset + limit < found.length ? page(offset + limit) : null,
      items: found.slice(offset, offset + limit)
        .map((job) => describeJob(job, !this.settings.isZeroRetention)),
    });
  }

  #read(id: string, path: string): Response {
    const job = this.queue.get(id);
    if (job === undefined) return gladiaError(path, 404, "Transcription not found");
    return Response.json(describeJob(job, !this.settings.isZeroRetention));
  }

  #delete(id: string, path: string): Response {
    const job = this.queue.get(id);
    if (job === undefined) return gladiaError(path, 404, "Transcription not found");
    if (job.status === "queued" || job.status === "processing") {
      return gladiaError(path, 403, "Transcription is not finished");
    }
    job.isDeleted = true;
    return new Response(null, { status: 202 });
  }

  async #announce(job: GladiaJob): Promise<void> {
    const delivery = job.plan.delivery ?? this.settings.delivery;
    if (delivery === "never") return;
    if (delivery === "late") await this.#wait(this.settings.lateSeconds);
    if (this.#stop.signal.aborted) return;
    await this.post(job);
    if (delivery === "duplicate") await this.post(job);
  }

  async #wait(seconds: number): Promise<void> {
    const { signal } = this.#stop;
    const dueAt = this.clock.now().getTime() + seconds * 1_000;
    while (this.clock.now().getTime() < dueAt && !signal.aborted) await pause(50, signal);
  }

  #note(route: string, response: Response): Response {
    this.#calls.push({ route, status: response.status, at: this.clock.now().toISOString() });
    return response;
  }

  async #track(work: Promise<unknown>): Promise<void> {
    this.#background.add(work);
    try {
      await work;
    } finally {
      this.#background.delete(work);
    }
  }
}

/** Undefined where nothing is asked for, null where the filter is no object. */
function readFilter(text: string | null): Record<string, unknown> | undefined | null {
  if (text === null) return undefined;
  try {
    return z.record(z.string(), z.unknown()).nullable().catch(null).parse(JSON.parse(text));
  } catch {
    return null;
  }
}

/** How many jobs each reference has: more than one means that something was transcribed twice. */
function countBy(jobs: readonly GladiaJob[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { request } of jobs) {
    const reference = request.custom_metadata?.["transcription_id"];
    if (typeof reference === "string") counts[reference] = (counts[reference] ?? 0) + 1;
  }
  return counts;
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  if (ms <= 0 || signal.aborted) return;
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, ms);
  signal.addEventListener("abort", () => resolve(), { once: true });
  await promise;
  clearTimeout(timer);
}
