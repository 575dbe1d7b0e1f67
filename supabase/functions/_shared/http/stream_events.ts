// Server-sent events: an answer that is read while it is made, and read on after the line broke.
import { AppError } from "@shared/errors/app_error.ts";
import type { RequestContext } from "@shared/platform/request_context.ts";

/** One event; `data` is sent as JSON. */
export interface ServerSentEvent {
  readonly id: string;
  readonly event: string;
  readonly data: unknown;
}

/** How a stream is kept. */
export interface StreamOptions {
  /** After so long without an event a comment is sent, so that nothing between takes it for dead. */
  readonly keepAliveMs?: number;
}

const KEEP_ALIVE_MS = 15_000;
const ENCODER = new TextEncoder();
const COMMENT = ENCODER.encode(": still working\n\n");

/**
 * Says whether a caller asked for a stream by name.
 *
 * @param request The request.
 * @returns True when `Accept` lists `text/event-stream`.
 */
export function wantsEventStream(request: Request): boolean {
  const ranges = (request.headers.get("accept") ?? "").toLowerCase().split(",");
  return ranges.some((range) =>
    /^\s*text\/event-stream\s*(?:;(?!\s*q=0(?:\.0*)?\s*$).*)?$/.test(range)
  );
}

/**
 * Reads the number of the last event that a caller has seen, of a stream whose ids are
 * `<name>:<number>`.
 *
 * @param request The request.
 * @param name The stream; another stream's id counts for nothing.
 * @returns The number; 0 where there is none.
 */
export function readLastEventId(request: Request, name: string): number {
  const id = request.headers.get("last-event-id") ?? "";
  const number = id.startsWith(`${name}:`) ? id.slice(name.length + 1) : "";
  return /^\d{1,9}$/.test(number) ? Number(number) : 0;
}

/**
 * Answers with a stream. What is thrown on the way becomes a last event named `error` that holds a
 * problem, because the status has been sent by then.
 *
 * @param ctx The request, for its id and its log.
 * @param events What is to be sent.
 * @param options How it is kept.
 * @returns The answer; when the caller goes away, the events' generator is told.
 *
 * @example Streaming when asked to
 * ```ts ignore
 * if (wantsEventStream(call.request)) return streamEvents(ctx, turn.events());
 * ```
 */
export function streamEvents(
  ctx: Pick<RequestContext, "requestId" | "log">,
  events: AsyncGenerator<ServerSentEvent, void, void>,
  options: StreamOptions = {},
): Response {
  const keepAliveMs = options.keepAliveMs ?? KEEP_ALIVE_MS;
  let next: Promise<IteratorResult<ServerSentEvent, void>> | null = null;
  const stream = new ReadableStream<Uint8Array>({
    async pull(controller) {
      try {
        next ??= events.next();
        const result = await within(next, keepAliveMs);
        if (result === null) return controller.enqueue(COMMENT);
        next = null;
        if (result.done) controller.close();
        else controller.enqueue(ENCODER.encode(formatEvent(result.value)));
      } catch (error) {
        next = null;
        controller.enqueue(ENCODER.encode(formatEvent(errorEvent(ctx, error))));
        controller.close();
      }
    },
    async cancel() {
      // A generator that waits is only told once it has something: nobody waits for that here
      const told = events.return();
      if (next === null) await told;
      else ignore(told);
    },
  });
  return new Response(stream, {
    headers: {
      "content-type": "text/event-stream; charset=utf-8",
      "cache-control": "no-store, no-transform",
      "x-accel-buffering": "no",
    },
  });
}

/** What came within a time; null where nothing did. */
async function within<T>(work: Promise<T>, ms: number): Promise<T | null> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<null>((resolve) => timer = setTimeout(() => resolve(null), ms));
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

async function ignore(work: Promise<unknown>): Promise<void> {
  try {
    await work;
  } catch {
    // Its reader has gone
  }
}

/** JSON has no raw line breaks, so one `data:` line is always enough. */
function formatEvent({ id, event, data }: ServerSentEvent): string {
  return `id: ${id}\nevent: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
}

function errorEvent(
  ctx: Pick<RequestContext, "requestId" | "log">,
  error: unknown,
): ServerSentEvent {
  const known = error instanceof AppError
    ? error
    : new AppError("internal_error", { cause: error });
  ctx.log.warn("stream_ended_early", { error_code: known.code, cause: known.cause });
  return {
    id: `${ctx.requestId}:error`,
    event: "error",
    data: {
      type: `urn:sixty:error:${known.code}`,
      title: known.entry.title,
      status: known.entry.status,
      detail: known.detail,
      code: known.code,
      message: known.detail,
      request_id: ctx.requestId,
    },
  };
}
