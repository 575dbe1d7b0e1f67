// A room of the house in which every function runs in real processes of its own. Their calls wait for
// a word of the traps that are set; a process that is killed is gone, and the next call starts another.
import { FunctionsRoom } from "../convergence/functions_room.ts";
import { type Call, GO, type Order } from "./call.ts";
import { type WorkerEvents, WorkerProcess } from "./worker_process.ts";

/** A request that a worker answers. */
export interface ServedRequest {
  readonly name: string;
  readonly request: Request;
  readonly body: Uint8Array<ArrayBuffer>;
}

/** Something that may happen to a worker at one of its calls; null when it is not for it. */
export type Watch = (worker: WorkerProcess, call: Call) => Promise<Order> | null;

/** Serves every function of the registry, each in processes of its own. */
export class ProcessRoom extends FunctionsRoom implements WorkerEvents {
  /** Asked at each call, in order; the first that answers decides. */
  watches: Watch[] = [];
  /** Processes that were started, and those that were killed. */
  started = 0;
  killed = 0;
  /** What each worker is answering, the newest last. */
  readonly serving = new Map<WorkerProcess, ServedRequest>();
  readonly #variables: Readonly<Record<string, string>>;
  readonly #workers = new Set<WorkerProcess>();

  /**
   * @param variables The functions' settings.
   * @param url The gateway.
   */
  constructor(variables: Readonly<Record<string, string>>, url: string) {
    super((name) => variables[name], url);
    this.#variables = variables;
  }

  /** Answers one call in a process; 503 when that dies over it. */
  protected override async run(
    name: string,
    request: Request,
    body: Uint8Array<ArrayBuffer>,
  ): Promise<Response> {
    return await this.serve({ name, request, body });
  }

  /** The same, for a request that is told again. */
  async serve({ name, request, body }: ServedRequest): Promise<Response> {
    const worker = this.#take(name);
    this.serving.set(worker, { name, request, body });
    try {
      const { url, method, headers } = request;
      const again = new Request(url, { method, headers, ...(method === "POST" ? { body } : {}) });
      return await worker.fetch(again);
    } catch {
      return new Response("not now", { status: 503 });
    }
  }

  /** Waits until no process does anything any more. */
  override async quiesce(): Promise<void> {
    await super.quiesce();
    for (;;) {
      const busy = [...this.#workers].filter((worker) => !worker.isDead && !worker.isIdle);
      if (busy.length === 0) return;
      await Promise.all(busy.map((worker) => worker.idle()));
    }
  }

  /** What every process that is not at rest is doing, for whoever waits too long. */
  describe(): string {
    const busy = [...this.#workers].filter((worker) => !worker.isIdle);
    const told = busy.map(({ name, requests, isHeld, lastCall }) =>
      `${name} (${requests} requests${isHeld ? ", held" : ""}): ${lastCall}`
    );
    return told.length === 0 ? "every process is at rest" : told.join("; ");
  }

  /** Kills a process, as the platform or its memory does. */
  async kill(worker: WorkerProcess): Promise<void> {
    if (worker.isDead) return;
    this.killed += 1;
    this.#workers.delete(worker);
    await worker.kill();
  }

  /**
   * Time passes for everybody: who is in the middle of something is so much later in it.
   *
   * @param ms How much.
   */
  age(ms: number): void {
    for (const worker of this.#workers) worker.age(ms);
  }

  /** Ends all processes. */
  async close(): Promise<void> {
    await Promise.all([...this.#workers].map((worker) => worker.kill()));
    this.#workers.clear();
  }

  /** A worker waits for a word. */
  async onCall(worker: WorkerProcess, call: Call): Promise<Order> {
    for (const watch of this.watches) {
      const order = watch(worker, call);
      if (order !== null) return await order;
    }
    return GO;
  }

  /** A worker complains. */
  onTrouble(line: string): void {
    this.troubles.push(line);
    if (this.troubles.length > 200) this.troubles.shift();
  }

  /** One isolate answers many reports at a time; of the others, each does one thing at a time. */
  #take(name: string): WorkerProcess {
    const isShared = /webhook$/.test(name);
    for (const worker of this.#workers) {
      if (worker.isDead) this.#workers.delete(worker);
      else if (worker.name === name && !worker.isHeld && (isShared || worker.isIdle)) return worker;
    }
    this.started += 1;
    const worker = new WorkerProcess(name, this.#variables, this);
    this.#workers.add(worker);
    return worker;
  }
}
