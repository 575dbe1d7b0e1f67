import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { Timeline } from "../../shared/recordings/contract.ts";
import { renderEvent, renderState, TimelineView } from "./timeline_view.ts";

const AT = "2026-11-22T10:00:00+00:00";
const MIB = 1024 * 1024;

function timeline(
  bytesDone: number,
  events: ReadonlyArray<{ code: string; detail?: Record<string, unknown> }> = [],
): Timeline {
  return Timeline.parse({
    recording: {
      id: crypto.randomUUID(),
      org_id: crypto.randomUUID(),
      owner_user_id: crypto.randomUUID(),
      calendar_event_id: null,
      meeting_id: null,
      requested_by: "schedule",
      title: "Review",
      meeting_url: "https://meet.google.com/abc-defg-hij",
      platform: "meet",
      scheduled_start_at: AT,
      scheduled_end_at: null,
      status: "completed",
      failure_code: null,
      bot_code: "completed",
      joined_at: null,
      recording_started_at: null,
      ended_at: null,
      duration_seconds: 60,
      s3_upload_status: "uploading",
      s3_upload_is_retryable: false,
      s3_upload_is_terminal: false,
      s3_upload_retry_count: 0,
      s3_upload_next_attempt_at: null,
      s3_upload_error: null,
      s3_file_size_bytes: null,
      files: [],
      transcript_status: "complete",
      transcript_provider: "gladia",
      transcript_error: null,
      analysis_status: null,
      analysis_error: null,
      thumbnail_status: null,
      thumbnail_error: null,
      outcome: null,
      outcome_reason: null,
      explanation: null,
      settled_at: null,
      created_at: AT,
    },
    uploads: [{
      file: "video",
      state: "uploading",
      bytes_done: bytesDone,
      bytes: 20 * MIB,
      parts_done: 2,
      part_size: 5 * MIB,
      failures: 0,
      error: null,
      invocations: 1,
      restarts: 0,
      started_at: AT,
      completed_at: null,
      next_attempt_at: null,
    }],
    events: events.map(({ code, detail = {} }, index) => ({
      id: `00000000-0000-4000-8000-00000000000${index}`,
      at: AT,
      kind: "upload",
      code,
      detail,
    })),
  });
}

Deno.test("renderEvent() says when, what and how much, and leaves out what says nothing", () => {
  const [event] = timeline(0, [{
    code: "stored",
    detail: { file: "video", bytes: 3 * MIB, reason: null, expires_at: AT, files: ["a"] },
  }]).events;
  ok(event);
  strictEqual(
    renderEvent(event, Date.parse(AT) - 1500),
    '   +1.5 s  upload     stored                 file=video bytes=3.0 MiB files=["a"]',
  );
});

Deno.test("renderState() draws the upload as a bar and names the other parts", () => {
  strictEqual(
    renderState(timeline(5 * MIB)),
    "video █████░░░░░░░░░░░░░░░ 25 % (5.0 of 20.0 MiB, 2 parts) · transcript complete · " +
      "analysis – · picture –",
  );
  strictEqual(
    renderState({ ...timeline(0), uploads: [] }),
    "bot completed · transcript complete · analysis – · picture –",
  );
});

Deno.test("TimelineView writes over its bottom line in a terminal, within its width", () => {
  const written: string[] = [];
  const view = new TimelineView(40, (text) => written.push(text));
  view.show(timeline(5 * MIB));
  view.show(timeline(5 * MIB));
  strictEqual(written.length, 1, "the same again is not written again");
  ok(written[0]?.startsWith("\r\x1b[K"));
  ok((written[0]?.length ?? 0) <= 40 + 3);
  view.show(timeline(10 * MIB, [{ code: "started" }]));
  view.show(timeline(10 * MIB, [{ code: "started" }]));
  strictEqual(written.filter((text) => text.includes("started")).length, 1);
});

Deno.test("TimelineView writes plain lines where there is no terminal", () => {
  const written: string[] = [];
  const view = new TimelineView(null, (text) => written.push(text));
  view.say("begins");
  view.show(timeline(5 * MIB, [{ code: "started" }]));
  view.end();
  deepStrictEqual(written.map((text) => text.endsWith("\n")), [true, true, true]);
  ok(!written.join("").includes("\x1b"));
});
