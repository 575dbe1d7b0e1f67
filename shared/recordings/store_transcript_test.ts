import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { serviceContext } from "../../tests/support/rpc_context.ts";
import { storeTranscript } from "./store_transcript.ts";
import type { TranscriptionClaim } from "./transcription_claim.ts";
import type { TranscriptionDeps } from "./transcription_deps.ts";

const CLAIM: TranscriptionClaim = {
  id: "00000000-0000-4000-8000-0000000000a1",
  org_id: "00000000-0000-4000-8000-0000000000a2",
  recording_id: "00000000-0000-4000-8000-0000000000a3",
  provider: "gladia",
  status: "waiting",
  job_id: "job-1",
  attempts: 1,
  polls: 0,
  is_deleted: false,
  bot_id: "bot-1",
  duration_seconds: 60,
  audio_place: null,
  sources: {},
  attendees: [],
};
const LINE = { startMs: 0, endMs: 900, text: "Good morning.", speaker: "Ann" };

/** Calls of the database, by name, when a transcript is stored. */
async function callsOf(
  claim: TranscriptionClaim,
  outcome: string,
  line = LINE,
): Promise<{ isStored: boolean; calls: readonly (readonly [string, unknown])[] }> {
  const calls: (readonly [string, unknown])[] = [];
  const ctx = serviceContext((name, args) => {
    calls.push([name, args]);
    return name === "store_recording_transcript" ? outcome : true;
  });
  const deps = { ctx } as Partial<TranscriptionDeps> as TranscriptionDeps;
  return { isStored: await storeTranscript(deps, claim, { language: "en", lines: [line] }), calls };
}

Deno.test("U60-123 both ways give the meeting its recording, whether the words were new or not", async () => {
  for (const provider of ["gladia", "meetingbaas"] as const) {
    for (const outcome of ["stored", "replaced", "unchanged", "outranked"]) {
      const { isStored, calls } = await callsOf({ ...CLAIM, provider }, outcome);
      strictEqual(isStored, true);
      deepStrictEqual(calls.map(([name]) => name), [
        "store_recording_transcript",
        "sync_recording_to_meeting",
      ]);
      deepStrictEqual(calls[1]?.[1], { p_recording_id: CLAIM.recording_id, p_bot_id: "bot-1" });
    }
  }
});

Deno.test("U60-123 what is gone, or never had a bot, is not synchronized; silence is not stored", async () => {
  const names = async (claim: TranscriptionClaim, outcome: string): Promise<string[]> =>
    (await callsOf(claim, outcome)).calls.map(([name]) => name);
  deepStrictEqual(await names(CLAIM, "gone"), ["store_recording_transcript"]);
  deepStrictEqual(await names({ ...CLAIM, bot_id: null }, "stored"), [
    "store_recording_transcript",
  ]);
  const silence = await callsOf(CLAIM, "stored", { ...LINE, text: "  " });
  deepStrictEqual([silence.isStored, silence.calls], [false, []]);
});
