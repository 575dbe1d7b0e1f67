// The simulated thumbnail function: a POST of `{fathom_url}` makes it read that video for real, as the
// deployed one does, and answer with where the picture is. A video that can't be read makes no picture.
//
// Control actions of provider `thumbnail_lambda`:
//   fail_call   status (500), count (1), delay_ms (0): the next calls answer with that status
//   lose_answer count (1): the picture is made and counted, the connection breaks without an answer
//   answer      body: every call answers this document, until `answer` without a body
import { z } from "zod";
import { FailureScript } from "../failure_script.ts";
import { ControlError, type Simulator } from "../simulator.ts";
import type { VirtualClock } from "../virtual_clock.ts";

/** One call, as the ledger keeps it: never the signed query. */
export interface ThumbnailCall {
  readonly at: string;
  /** The video's address without its signature. */
  readonly video: string;
  /** Lifetime that the signature gives; null when it is not signed so. */
  readonly expiresSeconds: number | null;
  readonly status: number;
  readonly picture: string | null;
}

const Body = z.strictObject({ fathom_url: z.url() });

const Control = z.discriminatedUnion("action", [
  z.strictObject({
    provider: z.literal("thumbnail_lambda"),
    action: z.literal("fail_call"),
    status: z.int().min(400).max(599).default(500),
    count: z.int().positive().default(1),
    delay_ms: z.int().min(0).default(0),
  }),
  z.strictObject({
    provider: z.literal("thumbnail_lambda"),
    action: z.literal("lose_answer"),
    count: z.int().positive().default(1),
  }),
  z.strictObject({
    provider: z.literal("thumbnail_lambda"),
    action: z.literal("answer"),
    body: z.unknown().optional(),
  }),
]);

/** A one-pixel PNG: what a picture is made of here. */
const PICTURE = Uint8Array.from(
  atob(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
  ),
  (character) => character.charCodeAt(0),
);
/** Enough to find a first frame. */
const READ_BYTES = 65_536;

/** The function, its pictures and what it was asked. */
export class ThumbnailSimulator implements Simulator {
  readonly name = "thumbnail_lambda";
  readonly prefix = "thumbnail-lambda";
  readonly #failures = new FailureScript();
  #calls: ThumbnailCall[] = [];
  #lostAnswers = 0;
  #answer: unknown = undefined;

  /** @param clock The simulators' time. */
  constructor(readonly clock: VirtualClock) {}

  async answer(request: Request, path: string): Promise<Response> {
    if (request.method === "GET" && /^\/pictures\/[\w-]+\.png$/.test(path)) {
      const isKnown = this.#calls.some((call) => call.picture === path);
      return isKnown
        ? new Response(PICTURE, { headers: { "content-type": "image/png" } })
        : new Response(null, { status: 404 });
    }
    if (request.method !== "POST" || !["", "/"].includes(path)) {
      return new Response(null, { status: 404 });
    }
    return await this.#makePicture(request);
  }

  control(input: unknown): Promise<unknown> {
    const parsed = Control.safeParse(input);
    if (!parsed.success) throw new ControlError(z.prettifyError(parsed.error));
    const control = parsed.data;
    if (control.action === "fail_call") {
      this.#failures.arm({
        status: control.status,
        count: control.count,
        delayMs: control.delay_ms,
      });
    } else if (control.action === "lose_answer") {
      this.#lostAnswers += control.count;
    } else {
      this.#answer = control.body;
    }
    return Promise.resolve({ ok: true });
  }

  state(): unknown {
    return {
      calls: this.#calls,
      pictures: this.#calls.filter((call) => call.picture !== null).length,
      failures: this.#failures.list(),
    };
  }

  reset(): void {
    this.#calls = [];
    this.#lostAnswers = 0;
    this.#answer = undefined;
    this.#failures.reset();
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  async #makePicture(request: Request): Promise<Response> {
    const body = Body.safeParse(await request.json().catch(() => null));
    if (!body.success) return Response.json({ error: "fathom_url is required" }, { status: 400 });
    const video = new URL(body.data.fathom_url);
    const failure = this.#failures.take("thumbnail");
    if (failure !== undefined) {
      await new Promise<void>((resolve) => setTimeout(resolve, failure.delayMs));
      this.#note(video, failure.status, null);
      return Response.json({ error: "scripted failure" }, { status: failure.status });
    }
    if (!await isReadable(video)) {
      this.#note(video, 422, null);
      return Response.json({ error: "the video cannot be read" }, { status: 422 });
    }
    const picture = `/pictures/${crypto.randomUUID()}.png`;
    this.#note(video, 200, picture);
    if (this.#lostAnswers > 0) {
      this.#lostAnswers -= 1;
      return brokenAnswer();
    }
    if (this.#answer !== undefined) return Response.json(this.#answer);
    const { origin } = new URL(request.url);
    return Response.json({
      http_url: `${origin}/${this.prefix}${picture}`,
      s3_location: `s3://thumbnails${picture}`,
    });
  }

  #note(video: URL, status: number, picture: string | null): void {
    const lifetime = Number(video.searchParams.get("X-Amz-Expires") ?? Number.NaN);
    this.#calls.push({
      at: this.clock.now().toISOString(),
      video: `${video.origin}${video.pathname}`,
      expiresSeconds: Number.isInteger(lifetime) ? lifetime : null,
      status,
      picture,
    });
  }
}

async function isReadable(video: URL): Promise<boolean> {
  try {
    const response = await fetch(video, { headers: { range: `bytes=0-${READ_BYTES - 1}` } });
    const bytes = await response.arrayBuffer();
    return response.ok && bytes.byteLength > 0;
  } catch {
    return false;
  }
}

/** Headers that promise more than comes: the caller sees a broken connection. */
function brokenAnswer(): Response {
  const body = new ReadableStream({
    start(controller) {
      controller.error(new Error("connection lost"));
    },
  });
  return new Response(body, { headers: { "content-type": "application/json" } });
}
