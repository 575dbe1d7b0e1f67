// What can go wrong around an upload, one thing at a time: the provider's address and file, the store's
// answers, other workers, and our own rules (C-05, C-06, R-11, V-07).
import { deepStrictEqual, ok, rejects, strictEqual } from "node:assert/strict";
import { sweepUploads } from "@shared/recordings/sweep_uploads.ts";
import { uploadDueRecordings, type UploadRun } from "@shared/recordings/upload_recording.ts";
import { KillableNetwork } from "../support/killable_network.ts";
import { openUploadStage, type StagedUpload, type WorkerOptions } from "../support/upload_stage.ts";

const PART = 5 * 1024 * 1024;
const BYTES = 2 * PART + 4_321;

const stage = await openUploadStage();
addEventListener("unload", () => void stage[Symbol.asyncDispose]());

const run = (options?: WorkerOptions): Promise<UploadRun> =>
  uploadDueRecordings(stage.worker(options));

/** Stops after so many bytes, as a run whose budget is spent. */
const stopAfter = (limit: number): WorkerOptions => ({ isSpent: (bytes) => bytes >= limit });

async function isWhole(upload: StagedUpload): Promise<void> {
  const { sha256 } = await stage.artifacts({ action: "checksum", id: upload.artifactId });
  strictEqual(await stage.storedChecksum(upload.key), sha256);
  strictEqual((await stage.row(upload))["s3_upload_status"], "complete");
  deepStrictEqual((await stage.storage.listMultiparts(upload.key, null)).uploads, []);
}

async function fields(upload: StagedUpload, ...names: string[]): Promise<unknown[]> {
  const row = await stage.row(upload);
  return names.map((name) => row[name]);
}

const artifactFault = (upload: StagedUpload, fault: Record<string, unknown>): Promise<unknown> =>
  stage.artifacts({ action: "fault", id: upload.artifactId, ...fault });
const storeFault = (fault: Record<string, unknown>): Promise<void> =>
  stage.store({ action: "fault", ...fault });

Deno.test("V-07 an upload goes on over several runs, each within its budget, and no part is sent twice", async () => {
  const upload = await stage.given({ bytes: BYTES });
  const network = new KillableNetwork();
  for (const expected of ["paused", "paused", "completed"] as const) {
    const { [expected]: count } = await run({ ...stopAfter(PART), ...network.options });
    strictEqual(count, 1, expected);
  }
  deepStrictEqual(network.parts.map(({ number }) => number), [1, 2, 3]);
  deepStrictEqual(await fields(upload, "events", "invocations"), [
    ["started", "paused", "paused", "stored"],
    3,
  ]);
  const reads = await stage.artifacts({ action: "reads", id: upload.artifactId }) as unknown as {
    range: string | null;
    if_range: string | null;
  }[];
  deepStrictEqual(reads.map(({ range }) => range), [null, `bytes=${PART}-`, `bytes=${2 * PART}-`]);
  ok(
    reads.slice(1).every(({ if_range }) => if_range?.startsWith('"')),
    "by the version read before",
  );
  await isWhole(upload);
});

Deno.test("U60-116 R-11 an address that has ended is renewed and not given up, also in the middle", async () => {
  const upload = await stage.given({ bytes: BYTES });
  await run(stopAfter(PART));
  let asked = 0;
  const getBot: WorkerOptions["getBot"] = () => {
    asked += 1;
    return stage.botOf(upload);
  };
  // By its own date
  await stage.sql(
    "update private.recording_sources set expires_at = now() + interval '30 s' where recording_id = $1",
    [upload.recordingId],
  );
  await run({ ...stopAfter(PART), getBot });
  // And by its host's word, sooner than it had said
  await artifactFault(upload, { do: "error", status: 403 });
  await run({ getBot });
  strictEqual(asked, 2);
  deepStrictEqual(await fields(upload, "failures", "restarts"), [0, 0]);
  await isWhole(upload);
  const [source] = await stage.sql<{ hours: number }>(
    "select round(extract(epoch from expires_at - now()) / 3600)::int as hours from private.recording_sources where recording_id = $1",
    [upload.recordingId],
  );
  strictEqual(source?.hours, 4);
});

Deno.test("C-05 what the provider has deleted, or does not know, ends at once with its own reason", async () => {
  const cases: [string, WorkerOptions["getBot"]][] = [
    [
      "provider_data_deleted",
      async (id) => ({
        ...await stage.botOf(gone),
        bot_id: id,
        is_data_deleted: true,
        sources: {},
      }),
    ],
    ["provider_bot_unknown", () => Promise.resolve(null)],
  ];
  const gone = await stage.given({ bytes: BYTES });
  for (const [code, getBot] of cases) {
    await stage.sql(
      "update private.recording_uploads set state = 'pending' where recording_id = $1",
      [gone.recordingId],
    );
    await stage.makeDue();
    await artifactFault(gone, { do: "error", status: 403 });
    await run(getBot === undefined ? {} : { getBot });
    deepStrictEqual(await fields(gone, "state", "s3_upload_status", "s3_upload_error"), [
      "failed",
      "failed",
      code,
    ]);
  }
});

Deno.test("C-05 a fresh address that is refused too counts as a failure and is asked for again later", async () => {
  const upload = await stage.given({ bytes: BYTES });
  await artifactFault(upload, { do: "error", status: 403, count: 2 });
  await run({ getBot: () => stage.botOf(upload) });
  deepStrictEqual(await fields(upload, "state", "failures", "last_error"), [
    "waiting",
    1,
    "source_expired",
  ]);
  await stage.makeDue();
  await run();
  await isWhole(upload);
});

Deno.test("V-07 a source that has changed starts over once, visibly; one that keeps changing fails", async () => {
  const upload = await stage.given({ bytes: BYTES });
  await run(stopAfter(PART));
  await stage.artifacts({
    action: "change",
    id: upload.artifactId,
    seed: "second",
    bytes: BYTES + 1,
  });
  await run(stopAfter(PART));
  deepStrictEqual(await fields(upload, "restarts", "events"), [
    1,
    ["started", "paused", "restarted:source_changed", "paused"],
  ]);
  await stage.artifacts({ action: "change", id: upload.artifactId, seed: "third" });
  await run();
  deepStrictEqual(await fields(upload, "state", "last_error"), ["waiting", "source_changed"]);
  deepStrictEqual((await stage.storage.listMultiparts(upload.key, null)).uploads, []);
  await stage.sql(
    "select private.retry_recording_upload(org_id, recording_id) from private.recording_uploads where recording_id = $1",
    [upload.recordingId],
  );
  await run();
  await isWhole(upload);
});

Deno.test("a source that breaks off goes on at once where it stopped; one that gives nothing fails", async () => {
  const upload = await stage.given({ bytes: BYTES });
  await artifactFault(upload, { do: "cut", at_byte: PART + 100 });
  await artifactFault(upload, { do: "cut", at_byte: 2 * PART + 100, nth: 2 });
  const network = new KillableNetwork();
  await run({ ...network.options });
  deepStrictEqual(network.parts.map(({ number }) => number), [1, 2, 3]);
  await isWhole(upload);
  const broken = await stage.given({ bytes: BYTES });
  await artifactFault(broken, { do: "cut", after_bytes: 1_000, count: 4 });
  for (const [failures, state] of [[1, "waiting"], [2, "waiting"], [3, "waiting"], [4, "failed"]]) {
    await run();
    deepStrictEqual(await fields(broken, "failures", "state", "last_error"), [
      failures,
      state,
      "source_unavailable",
    ]);
    await stage.makeDue();
  }
  strictEqual((await run()).completed, 0);
  strictEqual(await stage.storage.headObject(broken.key), null);
  deepStrictEqual((await stage.storage.listMultiparts(broken.key, null)).uploads, []);
});

Deno.test("a source that stands still is given up after a while, one that is slow is not", async () => {
  const upload = await stage.given({ bytes: BYTES });
  await artifactFault(upload, { do: "stall", at_byte: PART + 1_000 });
  await run({ limits: { idleMs: 300 } });
  await isWhole(upload);
  const still = await stage.given({ bytes: BYTES });
  await artifactFault(still, { do: "stall", after_bytes: 1_000 });
  await run({ limits: { idleMs: 300 } });
  deepStrictEqual(await fields(still, "state", "last_error"), ["waiting", "source_unavailable"]);
  await stage.makeDue();
  await run();
  await isWhole(still);
});

Deno.test("what the source's host does to an answer is noticed", async () => {
  const cases: [Record<string, unknown>, string, string][] = [
    [{ do: "error", status: 503 }, "waiting", "source_unavailable"],
    [{ do: "content_type", value: "text/html" }, "failed", "source_unexpected_type"],
    [{ do: "redirect", location: "http://127.0.0.1:9/secret" }, "failed", "source_refused"],
    [{ do: "redirect", location: "https://169.254.169.254/" }, "failed", "source_refused"],
  ];
  for (const [fault, state, code] of cases) {
    const upload = await stage.given({ bytes: BYTES });
    await artifactFault(upload, fault);
    await run();
    deepStrictEqual(
      await fields(upload, "state", "last_error"),
      [state, code],
      JSON.stringify(fault),
    );
    await stage.sql("delete from private.recording_uploads where recording_id = $1", [
      upload.recordingId,
    ]);
  }
  const large = await stage.given({ bytes: BYTES });
  await run({ limits: { maxBytes: BYTES - 1 } });
  deepStrictEqual(await fields(large, "state", "last_error"), ["failed", "source_too_large"]);
});

Deno.test("a host that knows no ranges, and one that sends elsewhere first, are read all the same", async () => {
  const upload = await stage.given({ bytes: BYTES });
  await run(stopAfter(PART));
  await artifactFault(upload, { do: "ignore_range" });
  const network = new KillableNetwork();
  await run({ ...stopAfter(PART), ...network.options });
  await artifactFault(upload, { do: "redirect" });
  await run({ ...network.options });
  deepStrictEqual(network.parts.map(({ number }) => number), [2, 3]);
  await isWhole(upload);
});

Deno.test("A12 answers of the store that are lost or late change nothing", async () => {
  const faults: Record<string, unknown>[] = [
    { do: "lose_answer", operation: "CompleteMultipartUpload", count: 3 },
    { do: "lose_answer", operation: "UploadPart", partNumber: 2 },
    { do: "cut", operation: "UploadPart", partNumber: 2, afterBytes: 1_000_000 },
    { do: "slow_down", operation: "UploadPart", count: 2 },
    { do: "error", code: "InternalError", operation: "CompleteMultipartUpload", count: 2 },
    { do: "wrong_etag", operation: "UploadPart", partNumber: 1 },
    { do: "wrong_etag", operation: "UploadPart", partNumber: 3 },
  ];
  for (const fault of faults) {
    const upload = await stage.given({ bytes: BYTES });
    await storeFault(fault);
    deepStrictEqual((await run()).completed, 1, JSON.stringify(fault));
    await isWhole(upload);
  }
});

Deno.test("A12 a store that fails longer counts as a failure, and its orphans are freed", async () => {
  const upload = await stage.given({ bytes: BYTES });
  await storeFault({ do: "lose_answer", operation: "CreateMultipartUpload" });
  await run();
  deepStrictEqual(await fields(upload, "state", "last_error"), ["waiting", "storage_unavailable"]);
  strictEqual(
    (await stage.storage.listMultiparts(upload.key, null)).uploads.length,
    1,
    "an orphan",
  );
  await stage.makeDue();
  await storeFault({
    do: "error",
    code: "InternalError",
    operation: "UploadPart",
    partNumber: 2,
    count: 3,
  });
  await run();
  deepStrictEqual(await fields(upload, "failures", "parts_done"), [2, 1]);
  await stage.makeDue();
  const network = new KillableNetwork();
  await run({ ...network.options });
  deepStrictEqual(network.parts.map(({ number }) => number), [2, 3], "the part that arrived stays");
  await isWhole(upload);
});

Deno.test("an upload that the store has forgotten begins anew", async () => {
  const upload = await stage.given({ bytes: BYTES });
  await run(stopAfter(PART));
  const [uploadId] = await fields(upload, "upload_id");
  await stage.storage.abortMultipart(upload.key, String(uploadId));
  await run();
  deepStrictEqual(await fields(upload, "restarts", "events"), [
    1,
    ["started", "paused", "restarted:upload_gone", "stored"],
  ]);
  await isWhole(upload);
});

Deno.test("two workers at once never take the same file, and take all", async () => {
  const uploads = [];
  for (let n = 0; n < 6; n++) uploads.push(await stage.given({ bytes: PART + n }));
  const runs = await Promise.all([run(), run(), run()]);
  strictEqual(runs.reduce((sum, { completed }) => sum + completed, 0), 6);
  for (const upload of uploads) {
    deepStrictEqual(await fields(upload, "invocations"), [1]);
    await isWhole(upload);
  }
});

Deno.test("V-07 a worker that slept past its lease stores nothing, and the one after it completes", async () => {
  const upload = await stage.given({ bytes: BYTES });
  let isAsleep = true;
  const network: typeof globalThis.fetch = async (input, init) => {
    const url = new URL(String(input));
    if (isAsleep && url.searchParams.get("partNumber") === "2") {
      isAsleep = false;
      // While it sleeps, its lease ends and another one does the work
      await stage.makeDue();
      strictEqual((await run()).completed, 1);
    }
    return await fetch(input, init);
  };
  deepStrictEqual(await run({ fetch: network, limits: { checkpointParts: 1 } }), {
    completed: 0,
    paused: 0,
    failed: 0,
    lost: 1,
  });
  deepStrictEqual(await fields(upload, "state", "failures"), ["complete", 0]);
  await isWhole(upload);
});

Deno.test("a recording that is deleted meanwhile is not uploaded any further, and nothing of it stays open", async () => {
  const upload = await stage.given({ bytes: BYTES });
  await run(stopAfter(PART));
  await stage.sql("update public.recordings set deleted_at = now() where id = $1", [
    upload.recordingId,
  ]);
  deepStrictEqual(await run(), { completed: 0, paused: 0, failed: 0, lost: 0 });
  const { ctx } = stage.worker();
  strictEqual(
    await sweepUploads(ctx, stage.storage, 60_000),
    0,
    "one that is young may be somebody's",
  );
  strictEqual(await sweepUploads(ctx, stage.storage, 0), 1);
  deepStrictEqual((await stage.storage.listMultiparts("", null)).uploads, []);
});

Deno.test("the sweep leaves what somebody goes on with", async () => {
  const upload = await stage.given({ bytes: BYTES });
  await run(stopAfter(PART));
  strictEqual(await sweepUploads(stage.worker().ctx, stage.storage, 0), 0);
  await run();
  await isWhole(upload);
});

Deno.test("a run whose time is up hands over and counts no failure", async () => {
  const upload = await stage.given({ bytes: BYTES });
  const time = new AbortController();
  await artifactFault(upload, { do: "stall", at_byte: PART + 1_000 });
  setTimeout(() => time.abort(), 400);
  await run({ signal: time.signal, limits: { idleMs: 60_000 } }).catch(() => undefined);
  deepStrictEqual(await fields(upload, "failures", "state"), [0, "uploading"]);
  await stage.makeDue();
  await run();
  await isWhole(upload);
});

Deno.test("an object of another size than its source is never called stored", async () => {
  const upload = await stage.given({ bytes: 1_000 });
  const network: typeof globalThis.fetch = async (input, init) => {
    const answer = await fetch(input, init);
    // Somebody else writes the object between our call and our look at it
    if (init?.method === "PUT") {
      await stage.storage.putObject({
        key: upload.key,
        contentType: "video/mp4",
        mark: "x",
        bytes: new Uint8Array(999),
      });
    }
    return answer;
  };
  await run({ fetch: network });
  deepStrictEqual(await fields(upload, "state", "last_error", "s3_video_url"), [
    "waiting",
    "size_mismatch",
    null,
  ]);
  await stage.makeDue();
  await run();
  await isWhole(upload);
});

Deno.test("our own database being away counts as nobody's failure", async () => {
  const upload = await stage.given({ bytes: BYTES });
  let calls = 0;
  const onDatabase = (): Promise<void> => {
    calls += 1;
    // The claim, then never again
    return calls > 2 ? Promise.reject(new TypeError("connection refused")) : Promise.resolve();
  };
  await rejects(run({ onDatabase }), { name: "AppError" });
  deepStrictEqual(await fields(upload, "failures"), [0]);
  await stage.makeDue();
  await run();
  await isWhole(upload);
});
