// Failures of calls, on demand: a status, a late answer, an answer that gets lost after the work was
// done, or none at all.

/** What happens to the next calls of a route. */
export interface CallFault {
  /** Such as `POST /v2/pre-recorded`; every route without. */
  readonly route?: string | undefined;
  /** Answered instead of doing anything; absent, the call is served. */
  readonly status?: number | undefined;
  readonly message: string;
  readonly retryAfterSeconds?: number | undefined;
  readonly delayMs: number;
  /** The work is done, and then the connection breaks. */
  readonly loseAnswer: boolean;
  readonly count: number;
}

/** The faults that are still to come. */
export class CallFaults {
  #pending: Array<{ readonly fault: CallFault; left: number }> = [];

  /** Adds one. */
  arm(fault: CallFault): void {
    this.#pending.push({ fault, left: fault.count });
  }

  /** Takes the fault that is meant for a call, if one is. */
  take(route: string): CallFault | undefined {
    const found = this.#pending.find(({ fault }) =>
      fault.route === undefined || fault.route === route
    );
    if (found === undefined) return undefined;
    found.left -= 1;
    this.#pending = this.#pending.filter(({ left }) => left > 0);
    return found.fault;
  }

  /** What is still to come. */
  list(): CallFault[] {
    return this.#pending.map(({ fault, left }) => ({ ...fault, count: left }));
  }

  /** Forgets all. */
  clear(): void {
    this.#pending = [];
  }
}

/** An answer whose body breaks off: the caller knows only that something went wrong. */
export function brokenAnswer(): Response {
  const body = new ReadableStream({
    start(controller) {
      controller.error(new Error("connection lost"));
    },
  });
  return new Response(body, { status: 201, headers: { "content-type": "application/json" } });
}
