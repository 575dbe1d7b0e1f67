import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import fc from "fast-check";
import type { BotEvent } from "./bot_event.ts";
import { normalizeBotEvent, normalizeBotState } from "./normalize_bot_event.ts";

const RECORDING = "0190a7b2-7f31-7c2e-9d4e-1b2c3d4e5f60";
const AT = "2026-11-22T10:00:00.000Z";
const URLS = {
  audio: "https://bucket.test/a.flac",
  diarization: "https://bucket.test/d.jsonl",
  raw_transcription: "https://bucket.test/r.json",
  transcription: "https://bucket.test/t.json",
};
const VIDEO = "https://bucket.test/v.mp4?X-Amz-Signature=1";

interface Case {
  readonly name: string;
  readonly payload: unknown;
  readonly expected: Partial<BotEvent>;
}

const CASES: readonly Case[] = [
  {
    name: "v2 bot.status_change",
    payload: {
      event: "bot.status_change",
      data: {
        bot_id: "b1",
        event_id: null,
        status: { code: "in_call_recording", created_at: AT, start_time: 1795341598 },
      },
      extra: { recording_id: RECORDING },
    },
    expected: {
      kind: "status",
      bot_id: "b1",
      recording_id: RECORDING,
      code: "in_call_recording",
      at: AT,
      started_at: "2026-11-22T09:59:58.000Z",
    },
  },
  {
    name: "v2 bot.completed as the OpenAPI file has it",
    payload: {
      event: "bot.completed",
      data: {
        bot_id: "b1",
        participants: [{ name: "Ana Lee", id: 1 }, { name: null, id: 2 }, "Bo"],
        speakers: [{ name: "Ana Lee", id: 1 }],
        duration_seconds: 1620.4,
        joined_at: AT,
        exited_at: "2026-11-22T10:27:00+00:00",
        data_deleted: false,
        video: VIDEO,
        ...URLS,
        sent_at: "2026-11-22T10:30:00Z",
      },
      extra: { recording_id: RECORDING.toUpperCase() },
    },
    expected: {
      kind: "completed",
      code: "completed",
      recording_id: RECORDING,
      at: "2026-11-22T10:30:00.000Z",
      joined_at: AT,
      exited_at: "2026-11-22T10:27:00.000Z",
      duration_seconds: 1620,
      participants: ["Ana Lee", "Bo"],
      sources: { video: VIDEO, ...URLS },
      sources_live_seconds: 14_400,
    },
  },
  {
    name: "v2 bot.completed as the prose has it",
    payload: {
      event: "bot.completed",
      data: {
        bot_id: "b1",
        mp4: VIDEO,
        chat_messages: "https://bucket.test/c.json",
        extra: { recording_id: RECORDING },
      },
      sent_at: "2026-11-22T10:30:00Z",
    },
    expected: {
      kind: "completed",
      recording_id: RECORDING,
      at: "2026-11-22T10:30:00.000Z",
      sources: { video: VIDEO, chat: "https://bucket.test/c.json" },
    },
  },
  {
    name: "v2 bot.completed after the files are gone",
    payload: { event: "bot.completed", data: { bot_id: "b1", data_deleted: true, video: null } },
    expected: { kind: "completed", is_data_deleted: true, sources: {} },
  },
  {
    name: "v2 bot.failed",
    payload: {
      event: "bot.failed",
      data: { bot_id: "b1", error_code: "BOT_NOT_ACCEPTED", error_message: "x", sent_at: AT },
    },
    expected: { kind: "failed", code: "failed", error_code: "bot_not_accepted", at: AT },
  },
  {
    name: "v2 bot.chat_message",
    payload: { event: "bot.chat_message", data: { bot_id: "b1", text: "hello" } },
    expected: { kind: "other", event: "bot.chat_message", bot_id: "b1", code: null },
  },
  {
    name: "a calendar's event",
    payload: { event: "calendar.events_synced", data: { calendar_id: "c1", events: [] } },
    expected: { kind: "other", bot_id: null },
  },
  {
    name: "v1 bot.status_change",
    payload: {
      event: "bot.status_change",
      data: { bot_id: "b1", status: { code: "joining_call", created_at: AT } },
    },
    expected: { kind: "status", code: "joining_call", at: AT, recording_id: null },
  },
  {
    name: "v1 complete",
    payload: {
      event: "complete",
      data: { bot_id: "b1", mp4: VIDEO, audio: URLS.audio, speakers: ["Ana", "Ana", "Bo"] },
    },
    expected: {
      kind: "completed",
      at: null,
      participants: ["Ana", "Bo"],
      sources: { video: VIDEO, audio: URLS.audio },
      sources_live_seconds: 7_200,
    },
  },
  {
    name: "v1 failed",
    payload: { event: "failed", data: { bot_id: "b1", error: "CannotJoinMeeting", message: "x" } },
    expected: { kind: "failed", error_code: "cannot_join_meeting" },
  },
  {
    name: "v1 transcription_complete",
    payload: { event: "transcription_complete", data: { bot_id: "b1" } },
    expected: { kind: "transcript", bot_id: "b1" },
  },
  {
    name: "our documents' bot.joined",
    payload: { event: "bot.joined", bot_id: "b1", timestamp: AT },
    expected: { kind: "status", code: "in_call_not_recording", bot_id: "b1", at: AT },
  },
  {
    name: "our documents' transcript.ready",
    payload: {
      event: "transcript.ready",
      data: { bot_id: "b1", transcript_url: URLS.transcription },
    },
    expected: { kind: "transcript", sources: { transcription: URLS.transcription } },
  },
  {
    name: "our documents' recording.completed",
    payload: { event: "recording.completed", data: { bot_id: "b1", recording_url: VIDEO } },
    expected: { kind: "completed", sources: { video: VIDEO } },
  },
  {
    name: "our documents' recording.ready",
    payload: { event: "recording.ready", data: { bot_id: "b1", video_url: VIDEO } },
    expected: { kind: "completed", sources: { video: VIDEO } },
  },
  {
    name: "a status that nobody knows",
    payload: {
      event: "bot.status_change",
      data: { bot_id: "b1", status: { code: "Warming Up!", created_at: AT } },
    },
    expected: { kind: "status", code: "warming_up_" },
  },
  {
    name: "fields of other types",
    payload: {
      event: "bot.completed",
      data: {
        bot_id: { $ne: null },
        participants: "Ana",
        video: { url: VIDEO },
        audio: "javascript:alert(1)",
        transcription: "file:///etc/passwd",
        duration_seconds: "NaN",
        joined_at: "yesterday",
        exited_at: 9e15,
        data_deleted: "true",
        sent_at: "2026-11-22T10:00:00",
      },
      extra: { recording_id: "../../other" },
    },
    expected: {
      kind: "completed",
      bot_id: null,
      recording_id: null,
      participants: [],
      sources: {},
      duration_seconds: null,
      joined_at: null,
      exited_at: null,
      is_data_deleted: false,
      at: null,
    },
  },
  { name: "nothing", payload: null, expected: { kind: "other", event: "unnamed", bot_id: null } },
  { name: "a list", payload: ["bot.completed"], expected: { kind: "other" } },
  { name: "a name that is no text", payload: { event: 7, data: {} }, expected: { kind: "other" } },
  {
    name: "a name of the prototype",
    payload: { event: "constructor", data: { bot_id: "b1" } },
    expected: { kind: "other" },
  },
];

for (const { name, payload, expected } of CASES) {
  Deno.test(`C-07 R-09 normalizeBotEvent() reads ${name}`, () => {
    const event = normalizeBotEvent(payload);
    for (const [field, value] of Object.entries(expected)) {
      deepStrictEqual(event[field as keyof BotEvent], value, field);
    }
    strictEqual(event.is_confirmed, false);
  });
}

Deno.test("normalizeBotEvent() is total: whatever comes in, a sound event comes out", () => {
  const key = fc.constantFrom(
    "event",
    "data",
    "extra",
    "status",
    "code",
    "bot_id",
    "video",
    "participants",
    "sent_at",
    "created_at",
    "recording_id",
    "duration_seconds",
    "error_code",
    "__proto__",
  );
  const leaf = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.double(),
    fc.boolean(),
    fc.constant(null),
    fc.constantFrom("bot.completed", "bot.status_change", "bot.failed", AT, VIDEO, RECORDING),
  );
  const payload = fc.letrec((tie) => ({
    node: fc.oneof(
      { maxDepth: 4 },
      leaf,
      fc.array(tie("node"), { maxLength: 4 }),
      fc.dictionary(key, tie("node"), { maxKeys: 8 }),
    ),
  })).node;
  fc.assert(
    fc.property(payload, (value) => {
      const event = normalizeBotEvent(value);
      for (const time of [event.at, event.joined_at, event.exited_at, event.started_at]) {
        ok(time === null || /^20\d\d-\d\d-\d\dT[\d:.]+Z$/.test(time));
      }
      ok(event.code === null || /^[a-z0-9_.:-]{1,100}$/.test(event.code));
      ok(event.error_code === null || /^[a-z0-9_.:-]{1,100}$/.test(event.error_code));
      ok(event.event.length <= 100);
      ok(!JSON.stringify(event).includes("\\u0000"));
      ok(Object.values(event.sources).every((url) => /^https?:/.test(url)));
    }),
    { numRuns: 2_000 },
  );
});

Deno.test("normalizeBotState() says what a lost webhook would have said", () => {
  const now = new Date("2026-11-22T12:00:00Z");
  const bot = { bot_id: "b1", extra: { recording_id: RECORDING }, created_at: AT, joined_at: AT };
  const read = (more: object): BotEvent => normalizeBotState({ ...bot, ...more }, now);

  const done = read({ status: "completed", video: VIDEO, ...URLS, duration_seconds: 60 });
  deepStrictEqual(
    [done.kind, done.code, done.at, done.recording_id, done.is_confirmed, done.duration_seconds],
    ["completed", "completed", now.toISOString(), RECORDING, true, 60],
  );
  strictEqual(read({ status: "completed", artifacts_deleted: true }).is_data_deleted, true);
  const live = read({ status: "in_call_recording" });
  deepStrictEqual(
    [live.kind, live.code, live.at, live.joined_at],
    ["status", "in_call_recording", null, AT],
  );
  const failed = read({ status: "failed", error_code: "BOT_NOT_ACCEPTED" });
  deepStrictEqual([failed.kind, failed.error_code], ["failed", "bot_not_accepted"]);
  const half = read({ status: "failed", error_code: "TRANSCRIPTION_FAILED", video: VIDEO });
  deepStrictEqual([half.kind, half.sources], ["completed", { video: VIDEO }]);
  deepStrictEqual(normalizeBotState(null, now).kind, "status");
});
