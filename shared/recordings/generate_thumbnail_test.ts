import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { serviceContext } from "../../tests/support/rpc_context.ts";
import type { ClaimedJob, JobOutcome } from "../platform/jobs.ts";
import { createThumbnailHandler } from "./generate_thumbnail.ts";
import { ThumbnailError } from "./thumbnail_service.ts";

const PLACE = "s3://bucket/meeting-recordings/a/video.mp4";
const MADE = { httpUrl: "https://p.test/1.png", s3Location: "s3://p/1.png" };

interface Setting {
  readonly place?: string | null;
  readonly make?: () => Promise<typeof MADE>;
  readonly presign?: () => Promise<string>;
  readonly attempt?: number;
}

async function handle(
  setting: Setting,
): Promise<{ outcome: JobOutcome; calls: Record<string, unknown>[]; signed: string[] }> {
  const calls: Record<string, unknown>[] = [];
  const signed: string[] = [];
  const ctx = serviceContext((name, args) => {
    if (name === "begin_thumbnail") return setting.place === undefined ? PLACE : setting.place;
    calls.push({ name, ...args });
    return name === "store_thumbnail" ? true : null;
  });
  const job: ClaimedJob = {
    id: "00000000-0000-4000-8000-0000000000d1",
    kind: "recording.thumbnail",
    orgId: "00000000-0000-4000-8000-0000000000a1",
    payload: { recording_id: "00000000-0000-4000-8000-0000000000b1" },
    actingUserId: null,
    attempt: setting.attempt ?? 1,
    maxAttempts: 5,
    requestId: null,
    worker: "test",
  };
  const handler = createThumbnailHandler({
    service: { makeThumbnail: setting.make ?? (() => Promise.resolve(MADE)) },
    presignGet: (key, seconds) => {
      signed.push(`${key} ${seconds}`);
      return setting.presign?.() ?? Promise.resolve("https://signed.test/");
    },
  });
  return { outcome: await handler(ctx, job), calls, signed };
}

Deno.test("U60-127 the address is good for 900 seconds, and what comes back is stored", async () => {
  const { outcome, calls, signed } = await handle({});
  deepStrictEqual(outcome, { outcome: "done" });
  deepStrictEqual(signed, ["meeting-recordings/a/video.mp4 900"]);
  deepStrictEqual([calls[0]?.["name"], calls[0]?.["p_url"], calls[0]?.["p_s3_location"]], [
    "store_thumbnail",
    MADE.httpUrl,
    MADE.s3Location,
  ]);
});

Deno.test("U60-126 where no picture is wanted nothing is signed", async () => {
  const { outcome, signed } = await handle({ place: null });
  deepStrictEqual([outcome, signed], [{ outcome: "done" }, []]);
});

Deno.test("a failure comes back until the last attempt; then the part has an end", async () => {
  const fails: readonly (readonly [() => Promise<never>, string, boolean])[] = [
    [() => Promise.reject(new ThumbnailError("unavailable", 503)), "thumbnail_unavailable", false],
    [() => Promise.reject(new ThumbnailError("rejected", 422)), "thumbnail_rejected", true],
    [
      () => Promise.reject(new ThumbnailError("not_configured", null)),
      "thumbnail_not_configured",
      true,
    ],
    [() => Promise.reject(new TypeError("anything")), "thumbnail_interrupted", false],
  ];
  for (const [make, code, isFinal] of fails) {
    const first = await handle({ make });
    strictEqual(first.outcome.outcome, isFinal ? "failed" : "retry", code);
    deepStrictEqual([first.calls[0]?.["p_code"], first.calls[0]?.["p_is_final"]], [code, isFinal]);
    const last = await handle({ make, attempt: 5 });
    deepStrictEqual(last.outcome, { outcome: "failed", code });
    strictEqual(last.calls[0]?.["p_is_final"], true, code);
  }
  const unsigned = await handle({ presign: () => Promise.reject(new Error("no key")), attempt: 5 });
  deepStrictEqual(unsigned.outcome, { outcome: "failed", code: "thumbnail_interrupted" });
});

Deno.test("a place that is none of ours is not signed", async () => {
  const { outcome, signed } = await handle({ place: "s3://bucket/secrets" });
  deepStrictEqual(outcome, { outcome: "failed", code: "thumbnail_place_malformed" });
  deepStrictEqual(signed, []);
});
