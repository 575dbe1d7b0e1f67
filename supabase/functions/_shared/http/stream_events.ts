// Server-sent events: an answer that is read while it is made.
import { AppError } from "@shared/errors/app_error.ts";
import type { RequestContext } from "@shared/platform/request_context.ts";

/** One event; `data` is sent as JSON. */
export interface ServerSentEvent {
  readonly id: string;
  readonly event: string;
  readonly data: unknown;
}

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
 * Answers with a stream. What is thrown on the way becomes a last event named `error` that holds a
 * problem, because the status has been sent by then.
 *
 * @param ctx The request, for its id and its log.
 * @param events What is to be sent.
 * @returns The answer; when the caller goes away, the work is told to stop.
 *
 * @example Streaming when asked to
 * ```ts ignore
 * if (wantsEventStream(call.request)) return streamEvents(ctx, answerMessage(ctx, body));
 * ```
 */
export function streamEvents(
  ctx: Pick<RequestContext, "requestId" | "log">,
  events: AsyncGenerator<ServerSentEvent, void, void>,
): Response {
  const encoder = new TextEncoder();
  const stream = new ReadableStream<Uint8Array>({
    async pull(controller) {
      try {
        const next = await events.next();
        if (next.done) controller.close();
        else controller.enqueue(encoder.encode(formatEvent(next.value)));
      } catch (error) {
        controller.enqueue(encoder.encode(formatEvent(errorEvent(ctx, error))));
        controller.close();
      }
    },
    async cancel() {
      await events.return();
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
