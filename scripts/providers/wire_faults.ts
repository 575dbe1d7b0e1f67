// Failures of calls on demand, as a network or a provider has them: refused, late, never answered, or
// done with the answer lost on its way.

/** What happens to the next calls of a route. */
export interface WireFault {
  /** The simulator's name of the route; every route without. */
  readonly route?: string | undefined;
  /** Answered in place of doing anything; absent, the call is served. */
  readonly status?: number | undefined;
  /** The provider's word for it. */
  readonly reason?: string | undefined;
  readonly retryAfterSeconds?: number | undefined;
  readonly delayMs: number;
  /** The work is done, and then the connection breaks. */
  readonly loseAnswer: boolean;
  /** No answer, ever; with `loseAnswer` the work is done all the same. */
  readonly hang: boolean;
  readonly count: number;
}

/** How a provider serves and refuses. */
export interface Served {
  readonly request: Request;
  readonly route: string;
  serve(): Promise<Response>;
  refuse(fault: WireFault & { readonly status: number }): Response;
}

/** The faults that are still to come. */
export class WireFaults {
  #pending: Array<{ readonly fault: WireFault; left: number }> = [];
  #stop = new AbortController();

  /** Adds one. */
  arm(fault: WireFault): void {
    this.#pending.push({ fault, left: fault.count });
  }

  /** Answers a call, with the fault that is meant for it if there is one. */
  async answer({ request, route, serve, refuse }: Served): Promise<Response> {
    const fault = this.#take(route);
    if (fault === undefined) return await serve();
    await pause(fault.delayMs, request.signal);
    if (fault.status !== undefined) {
      await request.body?.cancel();
      return refuse({ ...fault, status: fault.status });
    }
    if (!fault.hang) return fault.loseAnswer ? await lose(serve) : await serve();
    if (fault.loseAnswer) await lose(serve);
    await ended(AbortSignal.any([request.signal, this.#stop.signal]));
    return brokenOff();
  }

  /** What is still to come. */
  list(): WireFault[] {
    return this.#pending.map(({ fault, left }) => ({ ...fault, count: left }));
  }

  /** Forgets all, and lets go of callers that were kept waiting. */
  reset(): void {
    this.#pending = [];
    this.#stop.abort();
    this.#stop = new AbortController();
  }

  #take(route: string): WireFault | undefined {
    const found = this.#pending.find(({ fault }) =>
      fault.route === undefined || fault.route === route
    );
    if (found === undefined) return undefined;
    found.left -= 1;
    this.#pending = this.#pending.filter(({ left }) => left > 0);
    return found.fault;
  }
}

async function lose(serve: () => Promise<Response>): Promise<Response> {
  const response = await serve();
  await response.body?.cancel();
  return brokenOff();
}

/** An answer whose connection breaks before anything of its body has come. */
function brokenOff(): Response {
  const body = new ReadableStream<Uint8Array>({
    pull: (controller) => controller.error(new Error("the connection is cut")),
  }, { highWaterMark: 0 });
  return new Response(body, { status: 200, headers: { "content-length": "1" } });
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  if (ms <= 0 || signal.aborted) return;
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, ms);
  signal.addEventListener("abort", () => resolve(), { once: true });
  await promise;
  clearTimeout(timer);
}

async function ended(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  const { promise, resolve } = Promise.withResolvers<void>();
  signal.addEventListener("abort", () => resolve(), { once: true });
  await promise;
}
