// One function's place in the stack: starts its process with the first request, replaces it when it
// has crashed, changed or grown old, and keeps its trouble away from every other function.

import type { Warden } from "../warden.ts";
import type { FunctionSpec } from "./discover_functions.ts";
import { functionEnvironment } from "./function_environment.ts";
import {
  type FunctionLimits,
  type FunctionLogLine,
  FunctionWorker,
  type LeaveReason,
  NotDeliveredError,
} from "./function_worker.ts";
import { workerError } from "./platform_answers.ts";

/** What all functions of a stack have in common. */
export interface FunctionSlotOptions {
  readonly projectDir: string;
  /** Folder of the sockets; each process gets a folder in it. */
  readonly socketDir: string;
  readonly env: Readonly<Record<string, string>>;
  readonly limits: FunctionLimits;
  readonly warden: Warden;
  readonly onLog: (line: FunctionLogLine) => void;
}

// Below this a body is passed as a whole: the function sees its length, and it can be sent again.
const WHOLE_BODY_BYTES = 1024 * 1024;
const LEAVE_GRACE_MS = 2_000;

/** Runs one function. */
export class FunctionSlot {
  spec: FunctionSpec;
  readonly #options: FunctionSlotOptions;
  readonly #workers = new Set<FunctionWorker>();
  #current: FunctionWorker | null = null;

  /** Starts nothing yet. */
  constructor(spec: FunctionSpec, options: FunctionSlotOptions) {
    this.spec = spec;
    this.#options = options;
  }

  /** Numbers of the processes that are alive; usually one or none. */
  get pids(): readonly number[] {
    return [...this.#workers].map((worker) => worker.pid);
  }

  /**
   * Has the function answer.
   *
   * @param request Its path begins with the function's name.
   */
  async fetch(request: Request): Promise<Response> {
    const body = await readBody(request);
    try {
      return await this.#worker().fetch(request, body);
    } catch (error) {
      if (!(error instanceof NotDeliveredError)) throw error;
      this.#current = null;
      if (body instanceof ReadableStream) return workerError();
    }
    return await this.#fetchAgain(request, body);
  }

  /**
   * Has the next request start a new process; the present one finishes what it has begun.
   *
   * @param reason What the function is told.
   */
  replace(reason: LeaveReason): void {
    const worker = this.#current;
    this.#current = null;
    if (worker) void worker.leave(reason);
  }

  /** Ends all processes, with a moment for those that still work. */
  async close(): Promise<void> {
    this.#current = null;
    const ends = [...this.#workers].map(async (worker) => {
      const timer = setTimeout(() => worker.kill(), LEAVE_GRACE_MS);
      void worker.leave("termination");
      await worker.ended;
      clearTimeout(timer);
    });
    await Promise.all(ends);
  }

  async #fetchAgain(request: Request, body: BodyInit | null): Promise<Response> {
    try {
      return await this.#worker().fetch(request, body);
    } catch (error) {
      if (error instanceof NotDeliveredError) return workerError();
      throw error;
    }
  }

  #worker(): FunctionWorker {
    if (this.#current && !this.#current.isLeaving) return this.#current;
    const workDir = Deno.makeTempDirSync({ dir: this.#options.socketDir, prefix: "" });
    const worker = new FunctionWorker({
      ...this.#options,
      spec: this.spec,
      workDir,
      env: functionEnvironment(this.#options.env, this.spec.slug),
    });
    this.#current = worker;
    this.#workers.add(worker);
    void this.#noteEnd(worker);
    return worker;
  }

  async #noteEnd(worker: FunctionWorker): Promise<void> {
    const end = await worker.ended;
    this.#workers.delete(worker);
    if (this.#current === worker) this.#current = null;
    if (end === "left") return;
    const what = end === "limit" ? "met a resource limit" : "ended with an error";
    this.#options.onLog({
      slug: this.spec.slug,
      level: "error",
      text: `Its process ${worker.pid} ${what}; the next request starts another one`,
    });
  }
}

async function readBody(request: Request): Promise<ArrayBuffer | ReadableStream | null> {
  if (!request.body) return null;
  const length = Number(request.headers.get("content-length") ?? Number.NaN);
  return length <= WHOLE_BODY_BYTES ? await request.arrayBuffer() : request.body;
}
