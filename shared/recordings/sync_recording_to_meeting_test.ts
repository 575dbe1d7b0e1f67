import { deepStrictEqual, rejects, strictEqual } from "node:assert/strict";
import { serviceContext } from "../../tests/support/rpc_context.ts";
import { AppError } from "../errors/app_error.ts";
import { syncRecordingToMeeting } from "./sync_recording_to_meeting.ts";

const input = { recording_id: "00000000-0000-4000-8000-0000000000b1", bot_id: "bot-1" };

Deno.test("U60-123 the verb takes recording, bot and client, and says whether the files are stored", async () => {
  for (const isStored of [true, false]) {
    const calls: unknown[] = [];
    const { db: supabase } = serviceContext((name, args) => {
      calls.push([name, args]);
      return isStored;
    });
    strictEqual(await syncRecordingToMeeting({ ...input, supabase }), isStored);
    deepStrictEqual(calls, [["sync_recording_to_meeting", {
      p_recording_id: input.recording_id,
      p_bot_id: input.bot_id,
    }]]);
  }
});

Deno.test("U60-123 a bot of another recording is not found", async () => {
  const { db: supabase } = serviceContext(() =>
    Response.json({ code: "PT404", message: "not_found" }, { status: 404 })
  );
  await rejects(syncRecordingToMeeting({ ...input, supabase }), (error) => {
    strictEqual(error instanceof AppError && error.code, "not_found");
    return true;
  });
});
