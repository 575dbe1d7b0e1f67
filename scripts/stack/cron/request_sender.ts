// Sends what net.http_post and its like have queued, after the transaction that queued it.

import type { Connection } from "../postgres/connection.ts";
import { ExtensionTable } from "./extension_table.ts";

const BATCH_SIZE = 200;
const USER_AGENT = "pg_net/0.19.7";

interface QueuedRequest {
  readonly id: string;
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>> | null;
  readonly body: string | null;
  readonly timeout_milliseconds: number;
}

interface Response {
  readonly statusCode: number | null;
  readonly contentType: string | null;
  readonly headers: string | null;
  readonly content: string | null;
  readonly isTimedOut: boolean;
  readonly errorMessage: string | null;
}

/**
 * The worker's half of pg_net. A request leaves the queue in the same statement that stores its
 * response: one that a killed worker had under way is sent again, as pg_net does.
 */
export class RequestSender {
  readonly #client: Connection;
  readonly #queue: ExtensionTable;
  readonly #inFlight = new Map<string, Promise<void>>();
  readonly #abort = new AbortController();
  #collecting: Promise<void> | null = null;
  #isAskedAgain = false;

  /** @param client Connection of a superuser; the caller ends it. */
  constructor(client: Connection) {
    this.#client = client;
    this.#queue = new ExtensionTable(client, "net.http_request_queue");
  }

  /** Sends what is in the queue now. */
  async collect(): Promise<void> {
    if (this.#collecting !== null) {
      this.#isAskedAgain = true;
      return await this.#collecting;
    }
    this.#collecting = this.#collectAll();
    try {
      await this.#collecting;
    } finally {
      this.#collecting = null;
    }
  }

  /** Comes back when the queue is empty and every response is stored. */
  async drain(): Promise<void> {
    await this.collect();
    while (this.#inFlight.size > 0) {
      await Promise.all(this.#inFlight.values());
      await this.collect();
    }
  }

  /** Deletes responses past their time to live, six hours unless `pg_net.ttl` says otherwise. */
  async expire(): Promise<void> {
    await this.#queue.use(() =>
      this.#client.query(
        "delete from net._http_response where created < " +
          "now() - coalesce(nullif(current_setting('pg_net.ttl', true), ''), '6 hours')::interval",
      ), null);
  }

  /** Gives up what is under way; it stays in the queue. */
  async close(): Promise<void> {
    this.#abort.abort();
    await Promise.allSettled(this.#inFlight.values());
  }

  async #collectAll(): Promise<void> {
    do {
      this.#isAskedAgain = false;
      const free = BATCH_SIZE - this.#inFlight.size;
      if (free <= 0) return;
      const requests = await this.#queue.use(() => this.#readQueue(free), []);
      for (const request of requests) this.#inFlight.set(request.id, this.#handle(request));
    } while (this.#isAskedAgain);
  }

  async #readQueue(limit: number): Promise<QueuedRequest[]> {
    const { rows } = await this.#client.query<QueuedRequest>(
      "select id, method::text, url, headers, convert_from(body, 'UTF8') as body, " +
        "timeout_milliseconds from net.http_request_queue " +
        "where id <> all ($1::bigint[]) order by id limit $2",
      [[...this.#inFlight.keys()], limit],
    );
    return rows;
  }

  async #handle(request: QueuedRequest): Promise<void> {
    const response = await send(request, this.#abort.signal);
    try {
      if (this.#abort.signal.aborted) return;
      await this.#storeSomehow(request, response);
    } finally {
      this.#inFlight.delete(request.id);
    }
    // A place is free again.
    if (this.#inFlight.size >= BATCH_SIZE - 1) await this.collect();
  }

  // A response that the database refuses must not stay queued: it would be asked for again for ever.
  // One that cannot be stored because the database is gone stays, and is.
  async #storeSomehow(request: QueuedRequest, response: Response): Promise<void> {
    try {
      await this.#store(request, response);
    } catch (error) {
      const isRefused = error instanceof Error && "severity" in error;
      if (!isRefused) return;
      await this.#store(request, failedResponse(error.message)).catch(() => {});
    }
  }

  async #store(request: QueuedRequest, response: Response): Promise<void> {
    await this.#client.query(
      "with sent as (delete from net.http_request_queue where id = $1) " +
        "insert into net._http_response " +
        "(id, status_code, content_type, headers, content, timed_out, error_msg) " +
        "values ($1, $2, $3, $4, $5, $6, $7)",
      [
        request.id,
        response.statusCode,
        response.contentType,
        response.headers,
        response.content,
        response.isTimedOut,
        response.errorMessage,
      ],
    );
  }
}

async function send(request: QueuedRequest, stop: AbortSignal): Promise<Response> {
  const began = performance.now();
  const timeout = AbortSignal.timeout(request.timeout_milliseconds);
  try {
    const headers = new Headers(request.headers ?? {});
    if (request.headers !== null) headers.set("user-agent", USER_AGENT);
    const response = await fetch(request.url, {
      method: request.method,
      headers,
      body: request.body,
      signal: AbortSignal.any([timeout, stop]),
    });
    const content = await response.text();
    return {
      statusCode: response.status,
      contentType: response.headers.get("content-type"),
      headers: JSON.stringify(Object.fromEntries(response.headers)),
      // Text in PostgreSQL ends where the first zero byte would be.
      content: content === "" ? null : content.split("\0")[0] ?? null,
      isTimedOut: false,
      errorMessage: null,
    };
  } catch (error) {
    if (!timeout.aborted) return failedResponse(describeFailure(error));
    const message = describeTimeout(request.timeout_milliseconds, performance.now() - began);
    return { ...failedResponse(message), isTimedOut: true };
  }
}

function failedResponse(errorMessage: string): Response {
  return {
    statusCode: null,
    contentType: null,
    headers: null,
    content: null,
    isTimedOut: false,
    errorMessage,
  };
}

function describeTimeout(limitMs: number, elapsedMs: number): string {
  const total = elapsedMs.toFixed(6);
  return `Timeout of ${limitMs} ms reached. Total time: ${total} ms (DNS time: 0.000000 ms, ` +
    `TCP/SSL handshake time: 0.000000 ms, HTTP Request/Response time: ${total} ms)`;
}

// Where curl has a fixed text for the failure, that text.
function describeFailure(error: unknown): string {
  const parts: string[] = [];
  for (let cause = error; cause instanceof Error; cause = cause.cause) parts.push(cause.message);
  const text = parts.join(": ");
  if (/connection refused|tcp connect error/i.test(text)) return "Couldn't connect to server";
  if (/dns error|failed to lookup/i.test(text)) return "Couldn't resolve host name";
  if (/scheme/i.test(text)) return "Unsupported protocol";
  return text;
}
