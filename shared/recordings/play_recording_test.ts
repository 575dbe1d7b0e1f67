import { deepStrictEqual, rejects, strictEqual } from "node:assert/strict";
import { userContext } from "../../tests/support/rpc_context.ts";
import { AppError } from "../errors/app_error.ts";
import { type PlaybackStorage, playRecording } from "./play_recording.ts";

const ref = { recordingId: "00000000-0000-4000-8000-0000000000b1", orgId: null };
const clock = { now: () => new Date("2026-11-22T10:00:00Z") };

function storage(signed: string[]): PlaybackStorage {
  return {
    bucket: "bucket",
    presignGet: (key, seconds) => {
      signed.push(`${key} ${seconds}`);
      return Promise.resolve("https://store.test/signed");
    },
  };
}

Deno.test("C-04 only what the database allows is signed, for 900 seconds", async () => {
  const signed: string[] = [];
  const asked: unknown[] = [];
  const ctx = userContext((name, args) => {
    asked.push([name, args]);
    return { place: "s3://bucket/meeting-recordings/a/video.mp4", meeting_id: null };
  }, clock);
  const playback = await playRecording(ctx, () => storage(signed), ref, "video");
  deepStrictEqual(playback, {
    file: "video",
    url: "https://store.test/signed",
    expires_at: "2026-11-22T10:15:00.000Z",
  });
  deepStrictEqual(signed, ["meeting-recordings/a/video.mp4 900"]);
  deepStrictEqual(asked, [["authorize_playback", {
    p_recording_id: ref.recordingId,
    p_file: "video",
    p_org_id: null,
  }]]);
});

Deno.test("C-04 a refusal signs nothing and opens no store", async () => {
  const ctx = userContext(() =>
    Response.json({ code: "PT404", message: "not_found" }, { status: 404 })
  );
  let opened = 0;
  const open = (): PlaybackStorage => {
    opened += 1;
    return storage([]);
  };
  await rejects(playRecording(ctx, open, ref, "video"), (error) => {
    strictEqual(error instanceof AppError && error.code, "not_found");
    return true;
  });
  strictEqual(opened, 0);
});

Deno.test("a place in another bucket, or none of ours, is not signed", async () => {
  for (const place of ["s3://other/meeting-recordings/a/video.mp4", "s3://bucket/secrets"]) {
    const signed: string[] = [];
    const ctx = userContext(() => ({ place }));
    await rejects(playRecording(ctx, () => storage(signed), ref, "video"), (error) => {
      strictEqual(error instanceof AppError && error.code, "not_configured");
      return true;
    });
    deepStrictEqual(signed, []);
  }
});
