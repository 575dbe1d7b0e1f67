// Every number, name and date in a panel about meetings, tasks, emails and recordings traces to a row of
// its evidence, read behind the actions' back; each one that is changed is caught.
import { deepStrictEqual, ok } from "node:assert/strict";
import type { EvidenceRow } from "@shared/copilot/actions/action.ts";
import type { ReadActionName } from "@shared/copilot/actions/action_names.ts";
import { READ_ACTION_CATALOGUE } from "@shared/copilot/actions/catalogue.ts";
import { faithfulCheck } from "@shared/copilot/guard/check_faithful.ts";
import { corruptions } from "@shared/copilot/guard/corrupt_panel.ts";
import { actionContext } from "../support/action_context.ts";
import { createMeetingScene, NOW } from "../support/meeting_scene.ts";
import { createRivals } from "../support/rivals.ts";
import { testStack } from "../support/stack.ts";

const stack = await testStack();
const { rep, colleague } = await createRivals(stack);
const scene = await createMeetingScene(stack, rep, colleague);
await stack.sql(
  "update public.profiles set first_name = 'Rosa', last_name = 'Reyes' where id = $1",
  [rep.userId],
);

/** What a panel says of a row's parents and parts, beside the row. */
const MORE: Partial<Record<EvidenceRow["table"], string>> = {
  deals:
    "|| jsonb_build_object('stage', (select to_jsonb(s) from public.deal_stages as s where s.org_id = r.org_id and s.id = r.stage_id))",
  activities:
    "|| jsonb_build_object('by', (select to_jsonb(p) from public.profiles as p where p.id = r.user_id))",
  emails:
    "|| jsonb_build_object('body', (select to_jsonb(b) from public.email_bodies as b where b.org_id = r.org_id and b.email_id = r.id))",
  meetings:
    "|| jsonb_build_object('attendees', (select jsonb_agg(to_jsonb(a)) from public.meeting_attendees as a where a.org_id = r.org_id and a.meeting_id = r.id))",
  meeting_action_items:
    "|| jsonb_build_object('of', (select to_jsonb(m) from public.meetings as m where m.org_id = r.org_id and m.id = r.meeting_id))",
  meeting_insights:
    "|| jsonb_build_object('of', (select to_jsonb(m) from public.meetings as m where m.org_id = r.org_id and m.id = r.meeting_id))",
};

/** The rows as the database has them. */
async function readRows(evidence: readonly EvidenceRow[]): Promise<unknown[]> {
  const rows: unknown[] = [];
  for (const table of new Set(evidence.map((row) => row.table))) {
    const ids = evidence.filter((row) => row.table === table).map(({ id }) => id);
    const key = table === "org_knowledge" ? "org_id" : "id";
    const found = await stack.sql<{ row: unknown }>(
      `select to_jsonb(r) ${MORE[table] ?? ""} as row from public.${table} as r
       where r.org_id = $1 and r.${key} = any($2)`,
      [rep.orgId, ids],
    );
    rows.push(...found.map(({ row }) => row));
  }
  return rows;
}

interface Case {
  readonly name: ReadActionName;
  readonly args: Record<string, unknown>;
  /** Counts, and bounds of periods, worked out by hand from the scene. */
  readonly calculated: readonly (number | string)[];
  /** Words of ours. */
  readonly own?: readonly string[];
}

const LABELS = ["Join", "Watch the recording", "Europe/Berlin"];
const TODAY = ["2036-03-09T23:00:00Z", "2036-03-10T23:00:00Z", "2036-03-10"];

const CASES: readonly Case[] = [
  { name: "get_meetings_for_period", args: { period: "today" }, calculated: [1, ...TODAY] },
  { name: "get_meeting_brief_data", args: {}, calculated: [] },
  { name: "get_meeting_brief_data", args: { which: "last" }, calculated: [] },
  {
    name: "search_meetings",
    args: { query: scene.word },
    // The word is the second of its sentence: eleven letters from the fifth.
    calculated: [4, 14],
    own: [scene.word],
  },
  { name: "get_activities", args: { deal_id: scene.dealId }, calculated: [1] },
  { name: "list_tasks", args: {}, calculated: [2, 1] },
  { name: "get_email_thread", args: { thread_id: scene.threadId }, calculated: [2] },
  {
    name: "get_calendar_availability",
    args: { first_day: "2036-03-12", days: 1 },
    calculated: [
      ...[30, 9, 18],
      "2036-03-12",
      // Nine to ten, eleven to three, four to six; and the first half hours of the first two.
      ...["08:00", "09:00", "10:00", "14:00", "15:00", "17:00", "08:30", "10:30"]
        .map((time) => `2036-03-12T${time}:00Z`),
    ],
  },
  {
    name: "get_recording_status",
    args: { meeting_id: scene.meetingId },
    calculated: [],
    own: ["The transcript did not come in time.", "Try again."],
  },
  {
    name: "draft_email",
    args: { meeting_id: scene.meetingId },
    calculated: [],
    own: [
      "Follow-up:",
      "Hi",
      "Thank you for your time on",
      "What we agreed:",
      "Is there anything I missed?",
      "Best regards,",
      // The day of the meeting, in words.
      "Friday 7 March",
      "Rosa",
    ],
  },
];

for (const { name, args, calculated, own = [] } of CASES) {
  Deno.test(`U60-071 the panel of ${name} ${Object.keys(args).join(" ")} says nothing that its rows don't, and a changed value is caught`, async () => {
    const action = READ_ACTION_CATALOGUE[name];
    ok(action !== undefined);
    const ctx = actionContext(stack, rep, { now: NOW });
    const { panel, evidence } = await action.run(ctx, action.args.parse(args));
    const check = faithfulCheck(await readRows(evidence), {
      now: new Date(NOW),
      timeZone: "Europe/Berlin",
      calculated,
      own: [...own, ...LABELS],
    });
    deepStrictEqual(check(panel), []);
    const changed = corruptions(panel);
    ok(changed.length >= 4, `${changed.length} values`);
    const missed = changed.filter(({ path, panel: corrupted }) =>
      !check(corrupted).some((found) => found.path === path)
    );
    deepStrictEqual(missed.map(({ path }) => path), []);
  });
}
