// Uploads whose worker dies, whose source breaks, changes or expires, and whose store loses answers:
// each ends with every byte stored once, or with a reason that can be seen (V-07, C-05, R-11, R-15).
import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { uploadDueRecordings } from "@shared/recordings/upload_recording.ts";
import { sweepUploads } from "@shared/recordings/sweep_uploads.ts";
import { openUploadStage, type StagedUpload } from "../support/upload_stage.ts";
import { KillableNetwork } from "../support/killable_network.ts";

const MEBIBYTE = 1024 * 1024;
const PART = 5 * MEBIBYTE;
/** Two parts of 5 MiB and a last one that is smaller. */
const BYTES = 2 * PART + 1_234_567;
const PARTS = 3;
const KILLS = 200;

const stage = await openUploadStage();
addEventListener("unload", () => void stage[Symbol.asyncDispose]());

async function sourceChecksum(upload: StagedUpload): Promise<unknown> {
  return (await stage.artifacts({ action: "checksum", id: upload.artifactId }))["sha256"];
}

async function isStoredWhole(upload: StagedUpload): Promise<void> {
  const row = await stage.row(upload);
  deepStrictEqual(
    [row["state"], row["s3_upload_status"], row["s3_file_size_bytes"], row["s3_video_url"]],
    ["complete", "complete", upload.bytes, `s3://recordings/${upload.key}`],
  );
  strictEqual(await stage.storedChecksum(upload.key), await sourceChecksum(upload));
  deepStrictEqual((await stage.storage.listMultiparts(upload.key, null)).uploads, []);
}

Deno.test("U60-119 U60-121 V-07 a file arrives whole, in parts of exactly 5 MiB", async () => {
  const upload = await stage.given({ bytes: BYTES });
  const network = new KillableNetwork();
  deepStrictEqual(await uploadDueRecordings(stage.worker({ ...network.options })), {
    completed: 1,
    paused: 0,
    failed: 0,
    lost: 0,
  });
  deepStrictEqual(network.parts.map(({ bytes }) => bytes), [PART, PART, 1_234_567]);
  await isStoredWhole(upload);
  deepStrictEqual((await stage.row(upload))["events"], ["started", "stored"]);
});

Deno.test("a file of one part goes in one call, at the edge and beyond it", async () => {
  for (const [bytes, parts] of [[1, 0], [PART, 0], [PART + 1, 2], [2 * PART, 2]] as const) {
    const upload = await stage.given({ bytes });
    const network = new KillableNetwork();
    await uploadDueRecordings(stage.worker({ ...network.options }));
    strictEqual(network.parts.length, parts, `${bytes} bytes`);
    await isStoredWhole(upload);
  }
});

Deno.test(`V-07 R-15 killed at any of ${KILLS} points, an upload re-sends one part at most and completes`, async () => {
  const upload = await stage.given({ bytes: BYTES });
  const dry = new KillableNetwork();
  await uploadDueRecordings(stage.worker({ ...dry.options }));
  await isStoredWhole(upload);
  const sha256 = await sourceChecksum(upload);
  let killed = 0;
  let resent = 0;
  for (let kill = 0; kill < KILLS; kill++) {
    const next = await stage.given({ bytes: BYTES, seed: "kills" });
    const network = new KillableNetwork();
    network.killAt((kill + Math.random()) / KILLS * dry.steps);
    // The end of a process is no error that anybody sees
    await Promise.race([
      network.death,
      uploadDueRecordings(stage.worker({ ...network.options })).catch(() => undefined),
    ]);
    if (network.isDead) killed += 1;
    await stage.makeDue();
    const survivor = new KillableNetwork();
    await uploadDueRecordings(stage.worker({ ...survivor.options }));
    const row = await stage.row(next);
    strictEqual(
      row["state"],
      "complete",
      `killed at step ${network.steps}: ${JSON.stringify(row)}`,
    );
    const sent = [...network.parts, ...survivor.parts].length;
    ok(sent - PARTS <= 1, `killed at step ${network.steps}: ${sent} parts for ${PARTS}`);
    resent += sent - PARTS;
    const stored = await stage.storage.headObject(next.key);
    strictEqual(stored?.bytes, BYTES);
    if (kill % 10 === 0) {
      strictEqual(await stage.storedChecksum(next.key), await sourceChecksum(next));
    }
    await stage.storage.deletePrefix(next.key.replace(/[^/]+$/, ""));
  }
  ok(killed > KILLS * 0.95, `${killed} of ${KILLS} kills met a running upload`);
  ok(sha256);
  console.log(`      ${killed} kills, ${resent} parts sent again`);
  const sweeper = stage.worker();
  await sweepUploads(sweeper.ctx, stage.storage, 0);
  deepStrictEqual((await stage.storage.listMultiparts("", null)).uploads, []);
});
