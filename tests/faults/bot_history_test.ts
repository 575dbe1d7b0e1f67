// What a bot reports, as SQL applies it, against a model of one page: random lives, their reports in any
// order, up to three times each and several at once, end in the row that the model names (U60-106 to
// U60-108, C-07, R-09).
import { deepStrictEqual, strictEqual } from "node:assert/strict";
import fc from "fast-check";
import type { BotEvent } from "@shared/recordings/bot_event.ts";
import { type House, openHouse } from "./convergence/house.ts";
import { planRound } from "./convergence/round.ts";

const RUNS = Deno.env.get("SIXTY_NIGHTLY") === "true" ? 1_000 : 60;
const FROM = Date.UTC(2026, 10, 22, 10);
const RANKS: Readonly<Record<string, number>> = {
  joining_call: 0,
  in_waiting_room: 1,
  in_call_not_recording: 2,
  in_call_recording: 3,
  recording_paused: 3,
  call_ended: 4,
  transcribing: 4,
  // Nobody knows these
  warming_up: -1,
  a_code_of_tomorrow: -1,
};
const STATUSES = ["joining", "waiting_room", "joined", "recording", "ended"];

type Report = Pick<
  BotEvent,
  "kind" | "code" | "at" | "error_code" | "sources" | "joined_at" | "exited_at" | "duration_seconds"
>;

const NOTHING: Report = {
  kind: "status",
  code: null,
  at: null,
  error_code: null,
  sources: {},
  joined_at: null,
  exited_at: null,
  duration_seconds: null,
};
const moment = fc.integer({ min: 0, max: 3_000 })
  .map((seconds) => new Date(FROM + seconds * 1000).toISOString());
const status: fc.Arbitrary<Report> = fc.record({
  code: fc.constantFrom(...Object.keys(RANKS)),
  at: fc.option(moment),
}).map((more) => ({ ...NOTHING, ...more }));
const completed: fc.Arbitrary<Report> = fc.record({
  at: moment,
  joined_at: fc.option(moment),
  exited_at: fc.option(moment),
  duration_seconds: fc.option(fc.integer({ min: 0, max: 5_000 })),
  sources: fc.constantFrom<BotEvent["sources"]>(
    {},
    { video: "https://b.test/v" },
    { video: "https://b.test/v", audio: "https://b.test/a", transcription: "https://b.test/t" },
  ),
}).map((more) => ({ ...NOTHING, kind: "completed", code: "completed", ...more }));
const failed: fc.Arbitrary<Report> = moment.map((at) => ({
  ...NOTHING,
  kind: "failed",
  code: "failed",
  at,
  error_code: "bot_not_accepted",
}));
const life = fc.record({
  statuses: fc.array(status, { maxLength: 9 }),
  ends: fc.array(fc.oneof(completed, failed), { maxLength: 3 }),
}).map(({ statuses, ends }) => [...statuses, ...ends])
  .chain((reports) =>
    fc.record({
      reports: fc.constant(reports),
      // Each at least once, some again
      order: fc.shuffledSubarray(
        reports.flatMap((_, index) => [index, index, index]),
        { minLength: reports.length * 2 },
      ).map((order) => [...order, ...reports.keys()]),
      atOnce: fc.integer({ min: 1, max: 3 }),
    })
  );

/** The model: what all reports together say, whatever their order. */
function endOf(reports: readonly Report[]): Record<string, unknown> {
  const times = (pick: (report: Report) => (string | null)[]): string | null =>
    reports.flatMap(pick).filter((at) => at !== null).sort()[0] ?? null;
  const isEnd = ({ kind, sources }: Report): boolean =>
    kind === "completed" && Object.keys(sources).length > 0;
  // One that names no file ends nothing: the provider is asked what there is
  const rank = Math.max(
    0,
    ...reports.map(({ code, kind }) =>
      kind === "completed" ? STATUSES.indexOf("ended") : RANKS[code ?? ""] ?? -1
    ),
  );
  const isCompleted = reports.some(isEnd);
  const hasFailed = reports.some(({ kind }) => kind === "failed");
  const newest = reports.filter(({ code }) => code !== null)
    .map(({ at, code }) => ({ at, code: code ?? "", key: at ?? "" }))
    .sort((a, b) => a.key < b.key || (a.key === b.key && a.code < b.code) ? 1 : -1)[0];
  const durations = reports.flatMap(({ duration_seconds: seconds }) => seconds ?? []);
  const kinds = new Set(reports.flatMap(({ sources }) => Object.keys(sources)));
  return {
    status: isCompleted ? "completed" : hasFailed ? "failed" : STATUSES[rank],
    failure_code: !isCompleted && hasFailed ? "bot_not_accepted" : null,
    bot_code: newest?.code ?? null,
    bot_code_at: newest?.at ?? null,
    joined_at: times(({ code, at, joined_at }) => [
      joined_at,
      code === "in_call_not_recording" ? at : null,
    ]),
    recording_started_at: times(({ code, at }) => [code === "in_call_recording" ? at : null]),
    ended_at: times(({ code, at, exited_at }) => [exited_at, code === "call_ended" ? at : null]),
    duration_seconds: durations.length === 0 ? null : Math.max(...durations),
    sources: [...kinds].sort(),
    meetings: kinds.size > 0 ? 1 : 0,
    upload: kinds.has("video") ? "pending" : null,
    transcript: kinds.size > 0 ? "pending" : null,
  };
}

async function createRecording(house: House, orgId: string): Promise<string> {
  const [row] = await house.sql<{ bot_id: string }>(
    `insert into public.recordings (org_id, owner_user_id, storage_user_id, meeting_key, title, meeting_url,
       platform, scheduled_start_at, status, bot_id)
     select m.org_id, m.user_id, m.user_id, gen_random_uuid()::text, 'A life', 'https://zoom.us/j/1', 'zoom',
       now(), 'joining', gen_random_uuid()::text
     from public.organization_members m where m.org_id = $1 order by m.user_id limit 1
     returning bot_id`,
    [orgId],
  );
  return row?.bot_id ?? "";
}

async function readEnd(house: House, botId: string): Promise<Record<string, unknown>> {
  const [row] = await house.sql<{ state: Record<string, unknown> }>(
    `select jsonb_build_object(
       'status', r.status, 'failure_code', r.failure_code, 'bot_code', r.bot_code,
       'bot_code_at', house.iso(r.bot_code_at), 'joined_at', house.iso(r.joined_at),
       'recording_started_at', house.iso(r.recording_started_at), 'ended_at', house.iso(r.ended_at),
       'duration_seconds', r.duration_seconds,
       'sources', (select coalesce(jsonb_agg(s.kind order by s.kind), '[]')
         from private.recording_sources s where s.recording_id = r.id),
       'meetings', (select count(*) from public.meetings m where m.external_id = r.id::text),
       'upload', r.s3_upload_status, 'transcript', r.transcript_status) as state
     from public.recordings r where r.bot_id = $1`,
    [botId],
  );
  return row?.state ?? {};
}

Deno.test(`U60-106 U60-107 U60-108 ${RUNS} random lives of bots, their reports in any order and number, end as the model says`, async () => {
  await using house = await openHouse();
  await house.sql(
    `create function house.iso(p_at timestamptz) returns text language sql immutable as $$
       select to_char(p_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') $$`,
  );
  const { orgId } = await planRound(house, []);
  const ends = fc.asyncProperty(life, async ({ reports, order, atOnce }) => {
    const botId = await createRecording(house, orgId);
    const apply = (index: number): Promise<unknown> =>
      house.sql("select private.apply_bot_event(null, $1)", [JSON.stringify({
        event: "bot.status_change",
        bot_id: botId,
        recording_id: null,
        started_at: null,
        is_data_deleted: false,
        sources_live_seconds: 14_400,
        participants: ["Ana Lee"],
        is_confirmed: false,
        ...reports[index],
      })]);
    for (let at = 0; at < order.length; at += atOnce) {
      await Promise.all(order.slice(at, at + atOnce).map(apply));
    }
    deepStrictEqual(await readEnd(house, botId), endOf(reports));
  });
  await fc.assert(ends, { numRuns: RUNS });

  // The control: a table with one step too few, and then with one too many
  await house.sql("delete from private.bot_transitions where from_status = 'failed'");
  const isMissed = async (...reports: readonly Partial<Report>[]): Promise<boolean> => {
    const whole = reports.map((report) => ({ ...NOTHING, ...report }));
    const one = { reports: whole, order: [...whole.keys()], atOnce: 1 };
    return !(await fc.check(ends, { numRuns: 1, examples: [[one]], endOnFailure: true })).failed;
  };
  const at = new Date(FROM).toISOString();
  const failure = { kind: "failed", code: "failed", at, error_code: "bot_not_accepted" } as const;
  const files = { video: "https://b.test/v" };
  strictEqual(
    await isMissed(failure, { kind: "completed", code: "completed", at, sources: files }),
    false,
  );
  await house.sql("insert into private.bot_transitions values ('failed', 'completed')");
  await house.sql("insert into private.bot_transitions values ('recording', 'joined')");
  strictEqual(
    await isMissed({ code: "in_call_recording", at }, { code: "in_call_not_recording", at }),
    false,
  );
});
