// A worker seen from the test: started, called, held at a call, stopped, gone on with, killed.
import { fileURLToPath } from "node:url";
import type { Call, Order } from "./call.ts";
import { readLines } from "./read_lines.ts";

const CONFIG = fileURLToPath(new URL("../../../deno.json", import.meta.url));
const WORKER = fileURLToPath(new URL("./worker.ts", import.meta.url));

interface Line extends Partial<Call> {
  readonly port?: number;
  /** Nothing runs any more, after so many requests. */
  readonly idleAfter?: number;
  readonly line?: string;
}

/** What a worker tells the one who has started it. */
export interface WorkerEvents {
  /** It waits for a word. */
  onCall(worker: WorkerProcess, call: Call): Promise<Order>;
  /** It logged something above `info`. */
  onTrouble(line: string): void;
}

/** One process. */
export class WorkerProcess {
  readonly name: string;
  readonly #child: Deno.ChildProcess;
  readonly #writer: WritableStreamDefaultWriter<Uint8Array<ArrayBuffer>>;
  readonly #events: WorkerEvents;
  readonly #port = Promise.withResolvers<number>();
  readonly #end = Promise.withResolvers<never>();
  readonly #passedFile = Deno.makeTempFileSync({ prefix: "sixty-passed-" });
  #passedMs = 0;
  #sent = 0;
  #idleAfter = 0;
  #resting: (() => void)[] = [];
  /** Requests under way. */
  requests = 0;
  isDead = false;
  /** What it waited for a word about, last. */
  lastCall = "no call yet";
  /** Held at a call, stopped, or else not to be given anything more to do. */
  isHeld = false;

  /**
   * @param name Which function.
   * @param variables Its settings.
   * @param events Who is told what it does.
   */
  constructor(name: string, variables: Readonly<Record<string, string>>, events: WorkerEvents) {
    this.name = name;
    this.#events = events;
    this.#child = new Deno.Command(Deno.execPath(), {
      args: [
        "run",
        "--quiet",
        "--no-check",
        "--no-lock",
        `--config=${CONFIG}`,
        "--node-modules-dir=manual",
        "-A",
        WORKER,
        name,
        this.#passedFile,
      ],
      env: { NO_COLOR: "1" },
      stdin: "piped",
      stdout: "piped",
      stderr: "null",
    }).spawn();
    this.#end.promise.catch(() => undefined);
    this.#port.promise.catch(() => undefined);
    this.#writer = this.#child.stdin.getWriter();
    void this.#write(variables);
    void this.#listen();
    void this.#child.status.then(() => {
      this.isDead = true;
      Deno.removeSync(this.#passedFile);
      const gone = new Error(`The worker of ${name} is gone`);
      this.#port.reject(gone);
      this.#end.reject(gone);
      this.#rest();
    });
  }

  /** Nothing runs in it. */
  get isIdle(): boolean {
    return this.isDead || (this.requests === 0 && this.#idleAfter === this.#sent);
  }

  /** Waits until nothing runs in it any more, or it is dead. */
  async idle(): Promise<void> {
    while (!this.isIdle) await new Promise<void>((resolve) => this.#resting.push(resolve));
  }

  /**
   * Calls the function.
   *
   * @throws {Error} When it dies before it has answered, or cannot be called: then it is killed.
   */
  async fetch(request: Request): Promise<Response> {
    this.requests += 1;
    this.#sent += 1;
    try {
      const { pathname, search } = new URL(request.url);
      const port = await this.#port.promise;
      const url = `http://127.0.0.1:${port}${pathname}${search}`;
      const { method, headers } = request;
      const body = method === "POST" ? await request.bytes() : null;
      const answer = fetch(url, { method, headers, body });
      answer.catch(() => undefined);
      const response = await Promise.race([answer, this.#end.promise]);
      const bytes = await Promise.race([response.bytes(), this.#end.promise]);
      const isBodiless = [204, 304].includes(response.status);
      return new Response(isBodiless ? null : bytes, {
        status: response.status,
        headers: response.headers,
      });
    } catch (error) {
      // Whether it has ever heard of the request nobody knows, nor, from now on, when it is idle
      if (!this.isDead) await this.kill();
      throw error;
    } finally {
      this.requests -= 1;
      this.#rest();
    }
  }

  /** Kills it with SIGKILL; comes back when it is gone. */
  async kill(): Promise<void> {
    if (!this.isDead) this.#signal("SIGKILL");
    await this.#child.status;
    this.isDead = true;
  }

  /** It sleeps, whatever it is doing. */
  sleep(): void {
    this.#signal("SIGSTOP");
  }

  /** It goes on as if nothing had been. */
  wake(): void {
    this.#signal("SIGCONT");
  }

  /**
   * Time passes for it, asleep or not: its clock of what has passed knows.
   *
   * @param ms How much.
   */
  age(ms: number): void {
    if (this.isDead) return;
    this.#passedMs += ms;
    Deno.writeTextFileSync(this.#passedFile, String(this.#passedMs));
  }

  #signal(signal: Deno.Signal): void {
    try {
      Deno.kill(this.#child.pid, signal);
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
  }

  async #listen(): Promise<void> {
    for await (const text of readLines(this.#child.stdout)) {
      if (!text.startsWith("{")) continue;
      const line: Line = JSON.parse(text);
      if (line.port !== undefined) this.#port.resolve(line.port);
      else if (line.line !== undefined) this.#events.onTrouble(line.line);
      else if (line.idleAfter !== undefined) {
        this.#idleAfter = line.idleAfter;
        this.#rest();
      } else void this.#answer(line as Call);
    }
  }

  #rest(): void {
    for (const resolve of this.#resting.splice(0)) resolve();
  }

  async #answer(call: Call): Promise<void> {
    this.lastCall = `${call.phase} ${call.method} ${new URL(call.url).pathname}`;
    const order = await this.#events.onCall(this, call);
    await this.#write({ call: call.call, phase: call.phase, ...order });
  }

  async #write(message: unknown): Promise<void> {
    if (this.isDead) return;
    const line = new TextEncoder().encode(`${JSON.stringify(message)}\n`);
    // The dead hear nothing
    await this.#writer.write(line).catch(() => undefined);
  }
}
