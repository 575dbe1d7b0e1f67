// Calls of the API that fail on demand: refused, delayed, never answered, or done and not answered.
import { MeetingBaasError, renderError } from "./meeting_baas_error.ts";

/** A failure of the next calls of a route. */
export interface CallFailure {
  /** For instance `POST /v2/bots`; every route without. */
  readonly route?: string | undefined;
  readonly kind: "status" | "lose_answer" | "hang";
  /** Whether the work is done all the same. */
  readonly isDoneFirst: boolean;
  readonly status: number;
  readonly code: string;
  readonly message: string;
  readonly retryAfterSeconds?: number | undefined;
  readonly delayMs: number;
  readonly count: number;
}

/** The failures that are still to come. */
export class CallFailures {
  #pending: Array<{ readonly failure: CallFailure; left: number }> = [];
  #stop = new AbortController();

  /** Adds a failure. */
  arm(failure: CallFailure): void {
    this.#pending.push({ failure, left: failure.count });
  }

  /** Takes the failure that is meant for a call, if one is. */
  take(route: string): (CallFailure & { readonly stop: AbortSignal }) | undefined {
    const found = this.#pending.find(({ failure }) =>
      failure.route === undefined || failure.route === route
    );
    if (found === undefined) return undefined;
    found.left -= 1;
    this.#pending = this.#pending.filter(({ left }) => left > 0);
    return { ...found.failure, stop: this.#stop.signal };
  }

  /** What is still to come. */
  list(): CallFailure[] {
    return this.#pending.map(({ failure, left }) => ({ ...failure, count: left }));
  }

  /** Forgets all, and lets go of callers that were kept waiting. */
  reset(): void {
    this.#pending = [];
    this.#stop.abort();
    this.#stop = new AbortController();
  }
}

/** Answers a call in the way that a failure says. */
export async function failCall(
  failure: CallFailure & { readonly stop: AbortSignal },
  request: Request,
): Promise<Response> {
  if (failure.kind === "hang") {
    await ended(AbortSignal.any([failure.stop, request.signal]));
    return brokenOff();
  }
  await new Promise<void>((resolve) => setTimeout(resolve, failure.delayMs));
  if (failure.kind === "lose_answer") return brokenOff();
  const { status, code, message, retryAfterSeconds } = failure;
  return renderError(new MeetingBaasError(status, code, message, retryAfterSeconds));
}

async function ended(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  const { promise, resolve } = Promise.withResolvers<void>();
  signal.addEventListener("abort", () => resolve(), { once: true });
  await promise;
}

/** An answer whose connection breaks before anything of its body has come. */
function brokenOff(): Response {
  const body = new ReadableStream<Uint8Array>({
    pull: (controller) => controller.error(new Error("the connection is cut")),
  }, { highWaterMark: 0 });
  return new Response(body, { status: 500, headers: { "content-length": "1" } });
}
