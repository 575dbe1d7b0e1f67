// One process of one function: boots it, passes requests to it, and knows why it ended.

import { join } from "node:path";
import type { Warden } from "../warden.ts";
import type { FunctionSpec } from "./discover_functions.ts";
import { launchFunction } from "./launch_function.ts";
import { bootError, idleTimeout, workerError, workerLimit } from "./platform_answers.ts";

/** What the platform allows a function; the defaults are the hosted ones. */
export interface FunctionLimits {
  readonly heapMegabytes: number;
  /** How long a process may live, requests and background work together. */
  readonly wallClockMs: number;
  /** How long a request may wait for the first byte of its response. */
  readonly idleTimeoutMs: number;
  readonly bootTimeoutMs: number;
}

/** The hosted platform's limits. */
export const HOSTED_LIMITS: FunctionLimits = {
  heapMegabytes: 256,
  wallClockMs: 400_000,
  idleTimeoutMs: 150_000,
  bootTimeoutMs: 30_000,
};

/** Why a process had to leave; what `beforeunload` tells the function. */
export type LeaveReason = "early_drop" | "wall_clock" | "termination";

/** How a process ended. */
export type WorkerEnd = "left" | "limit" | "crash";

/** A line that a function wrote. */
export interface FunctionLogLine {
  readonly slug: string;
  readonly level: "info" | "error";
  readonly text: string;
}

/** A process that had ended before it took the request, so that another one may. */
export class NotDeliveredError extends Error {
  override readonly name = "NotDeliveredError";

  constructor(slug: string) {
    super(`Cannot reach the process of "${slug}": it has ended`);
  }
}

/** What a process is started with. */
export interface FunctionWorkerOptions {
  readonly spec: FunctionSpec;
  readonly projectDir: string;
  /** A folder of this process alone: its socket, and the only place where it may write. */
  readonly workDir: string;
  readonly env: Readonly<Record<string, string>>;
  readonly limits: FunctionLimits;
  readonly warden: Warden;
  readonly onLog: (line: FunctionLogLine) => void;
}

const CONNECT_INTERVAL_MS = 4;
const HOP_BY_HOP = [
  "connection",
  "content-length",
  "host",
  "keep-alive",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
];
const OUT_OF_MEMORY = /JavaScript (heap )?out of memory/;
const CONNECT_FAILED = /\(Connect\)|os error (2|61|111)/;
const STDERR_TAIL_CHARS = 4_000;

/** A running process of a function. */
export class FunctionWorker {
  readonly bornAt = Date.now();
  /** Settles when the process has ended. */
  readonly ended: Promise<WorkerEnd>;
  /** Settles with whether the function serves. */
  readonly booted: Promise<boolean>;
  readonly #options: FunctionWorkerOptions;
  readonly #process: Deno.ChildProcess;
  readonly #client: Deno.HttpClient;
  readonly #control: WritableStreamDefaultWriter<Uint8Array>;
  readonly #socketPath: string;
  readonly #timers: ReturnType<typeof setTimeout>[] = [];
  #waiting = 0;
  #drained = Promise.withResolvers<void>();
  #stderrTail = "";
  #isLeaving = false;
  #hasHitWallClock = false;
  #hasEnded = false;

  /** Starts the process; {@link booted} says whether it serves. */
  constructor(options: FunctionWorkerOptions) {
    this.#options = options;
    this.#socketPath = join(options.workDir, "function.sock");
    this.#process = launchFunction(options, this.#socketPath);
    this.#control = this.#process.stdin.getWriter();
    this.#client = Deno.createHttpClient({
      proxy: { transport: "unix", path: this.#socketPath },
      poolMaxIdlePerHost: 64,
    });
    void options.warden.watch(this.#process.pid);
    const output = Promise.all([
      this.#readLines(this.#process.stdout, "info"),
      this.#readLines(this.#process.stderr, "error"),
    ]);
    this.ended = this.#awaitEnd(output);
    this.booted = this.#awaitBoot();
    this.#armWallClock();
  }

  /** The process's number. */
  get pid(): number {
    return this.#process.pid;
  }

  /** Whether new requests must go to another process. */
  get isLeaving(): boolean {
    return this.#isLeaving || this.#hasEnded;
  }

  /**
   * Passes a request on and streams the answer back.
   *
   * @param request Its path begins with the function's name.
   * @param body What to send as its body; the request's own is left alone.
   * @throws {NotDeliveredError} When the process had ended before it took the request.
   */
  async fetch(request: Request, body: BodyInit | null): Promise<Response> {
    this.#waiting++;
    const idle = new AbortController();
    const timer = setTimeout(() => idle.abort(), this.#options.limits.idleTimeoutMs);
    try {
      if (!await this.booted) return bootError();
      const init: RequestInit & { readonly client: Deno.HttpClient } = {
        client: this.#client,
        method: request.method,
        headers: forwardedHeaders(request.headers),
        body,
        redirect: "manual",
        signal: AbortSignal.any([request.signal, idle.signal]),
      };
      return await fetch(request.url, init);
    } catch (error) {
      if (request.signal.aborted) throw error;
      if (idle.signal.aborted) return idleTimeout();
      return await this.#answerForEnd(error);
    } finally {
      clearTimeout(timer);
      this.#waiting--;
      if (this.#waiting === 0) this.#drained.resolve();
    }
  }

  /**
   * Sends the process away once the requests under way are answered.
   *
   * @param reason What the function is told.
   */
  async leave(reason: LeaveReason): Promise<void> {
    if (this.isLeaving) return;
    this.#isLeaving = true;
    // A process that has begun to leave answers nothing new, so nothing may be on its way to it.
    if (this.#waiting > 0) {
      this.#drained = Promise.withResolvers<void>();
      await Promise.race([this.#drained.promise, this.ended]);
    }
    await this.#tell(`retire ${reason}`);
  }

  /** Ends the process at once. */
  kill(): void {
    if (this.#hasEnded) return;
    try {
      this.#process.kill("SIGKILL");
    } catch {
      // It ended by itself in this very moment.
    }
  }

  async #answerForEnd(error: unknown): Promise<Response> {
    if (CONNECT_FAILED.test(String(error))) throw new NotDeliveredError(this.#options.spec.slug);
    const timeout = Promise.withResolvers<null>();
    const timer = setTimeout(() => timeout.resolve(null), 2_000);
    const end = await Promise.race([this.ended, timeout.promise]);
    clearTimeout(timer);
    if (end === null) this.#log("error", `The request was not answered: ${String(error)}`);
    return end === "limit" ? workerLimit() : workerError();
  }

  async #awaitBoot(): Promise<boolean> {
    const deadline = Date.now() + this.#options.limits.bootTimeoutMs;
    while (!this.#hasEnded) {
      if (await canConnect(this.#socketPath)) return true;
      if (Date.now() > deadline) {
        const seconds = this.#options.limits.bootTimeoutMs / 1000;
        this.#log("error", `Served nothing within ${seconds} s: it must export default { fetch }`);
        this.kill();
        return false;
      }
      await Promise.race([pause(CONNECT_INTERVAL_MS), this.ended]);
    }
    return false;
  }

  async #awaitEnd(output: Promise<unknown>): Promise<WorkerEnd> {
    const status = await this.#process.status;
    this.#hasEnded = true;
    for (const timer of this.#timers) clearTimeout(timer);
    await Promise.all([output, this.#options.warden.forget(this.#process.pid)]);
    await this.#control.close().catch(() => undefined);
    this.#client.close();
    await Deno.remove(this.#options.workDir, { recursive: true }).catch(() => undefined);
    if (this.#hasHitWallClock || OUT_OF_MEMORY.test(this.#stderrTail)) return "limit";
    return this.#isLeaving && status.code === 0 ? "left" : "crash";
  }

  // As hosted: after half its time a process takes nothing new, and the last tenth is its warning.
  #armWallClock(): void {
    const { wallClockMs } = this.#options.limits;
    this.#after(wallClockMs / 2, () => void this.leave("early_drop"));
    this.#after(wallClockMs * 0.9, () => void this.#tell("beforeunload wall_clock"));
    this.#after(wallClockMs, () => {
      this.#hasHitWallClock = true;
      this.#log("error", `Reached its wall clock limit of ${wallClockMs / 1000} s`);
      this.kill();
    });
  }

  #after(delayMs: number, action: () => void): void {
    const timer = setTimeout(action, delayMs);
    Deno.unrefTimer(Number(timer));
    this.#timers.push(timer);
  }

  async #tell(line: string): Promise<void> {
    if (this.#hasEnded) return;
    try {
      await this.#control.write(new TextEncoder().encode(`${line}\n`));
    } catch {
      // The process ended first, which is what the line was to bring about.
    }
  }

  async #readLines(
    stream: ReadableStream<Uint8Array<ArrayBuffer>>,
    level: "info" | "error",
  ): Promise<void> {
    let pendingLine = "";
    for await (const text of stream.pipeThrough(new TextDecoderStream())) {
      if (level === "error") {
        this.#stderrTail = (this.#stderrTail + text).slice(-STDERR_TAIL_CHARS);
      }
      const lines = (pendingLine + text).split("\n");
      pendingLine = lines.pop() ?? "";
      for (const line of lines) this.#log(level, line);
    }
    if (pendingLine) this.#log(level, pendingLine);
  }

  #log(level: "info" | "error", text: string): void {
    this.#options.onLog({ slug: this.#options.spec.slug, level, text });
  }
}

function forwardedHeaders(headers: Headers): Headers {
  const forwarded = new Headers(headers);
  for (const name of HOP_BY_HOP) forwarded.delete(name);
  // Compression is between the gateway and its caller; in between it would only delay a stream.
  forwarded.set("accept-encoding", "identity");
  return forwarded;
}

async function canConnect(path: string): Promise<boolean> {
  try {
    const connection = await Deno.connect({ transport: "unix", path });
    connection.close();
    return true;
  } catch {
    return false;
  }
}

async function pause(ms: number): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  setTimeout(resolve, ms);
  await promise;
}
