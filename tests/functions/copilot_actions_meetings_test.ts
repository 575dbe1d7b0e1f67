// Look-ups of the copilot around meetings, tasks, emails and recordings, on the running stack: the right
// answer for who may read it, and nothing for anybody else.
import { deepStrictEqual, doesNotMatch, match, ok, rejects, strictEqual } from "node:assert/strict";
import type { EvidenceRow, ReadAction } from "@shared/copilot/actions/action.ts";
import { READ_ACTION_CATALOGUE } from "@shared/copilot/actions/catalogue.ts";
import type { ReadActionName } from "@shared/copilot/actions/action_names.ts";
import { PANELS, StructuredResponse } from "@shared/copilot/panels/catalogue.ts";
import { actionContext } from "../support/action_context.ts";
import { createMeetingScene, HOSTILE, NOW } from "../support/meeting_scene.ts";
import { type Actor, createActor, createRivals } from "../support/rivals.ts";
import { testStack } from "../support/stack.ts";

const stack = await testStack();
const { rep, colleague, rival } = await createRivals(stack);
const agent = await createActor(stack, `agent-${rep.email}`, rep.orgId, "agent");
const scene = await createMeetingScene(stack, rep, colleague);

type Answer = Awaited<ReturnType<ReadAction["run"]>>;

function actionNamed(name: ReadActionName): ReadAction {
  const action = READ_ACTION_CATALOGUE[name];
  ok(action !== undefined, `${name} is not in the catalogue`);
  return action;
}

/** Runs an action as the engine would: arguments and result are held against their schemas. */
async function run(name: ReadActionName, actor: Actor, args: unknown, now = NOW): Promise<Answer> {
  const action = actionNamed(name);
  const answer = await action.run(actionContext(stack, actor, { now }), action.args.parse(args));
  deepStrictEqual(action.result.parse(answer.data), answer.data, `${name} keeps its contract`);
  if (answer.panel) deepStrictEqual(StructuredResponse.parse(answer.panel), answer.panel);
  ok(answer.text.length > 0, `${name} says something`);
  return answer;
}

const idsOf = (answer: Answer, table: EvidenceRow["table"]): string[] =>
  answer.evidence.filter((row) => row.table === table).map(({ id }) => id);

/** Every look-up of this part with arguments that find the scene. */
const LOOK_UPS: readonly (readonly [ReadActionName, Record<string, unknown>, string])[] = [
  ["get_meetings_for_period", { period: "today" }, "calendar_events"],
  ["get_meeting_brief_data", {}, "calendar_events"],
  ["get_meeting_brief_data", { calendar_event_id: scene.eventId }, "calendar_events"],
  ["get_meeting_brief_data", { meeting_id: scene.meetingId }, "meetings"],
  ["search_meetings", { query: scene.word }, "transcript_segments"],
  ["get_activities", { deal_id: scene.dealId }, "activities"],
  ["list_tasks", {}, "tasks"],
  ["get_email_thread", { thread_id: scene.threadId }, "emails"],
  ["get_email_thread", { contact_id: scene.contactId }, "emails"],
  ["get_email_thread", { from_email: scene.contactEmail }, "emails"],
  ["get_calendar_availability", { period: "today", with_weekends: true }, "calendar_events"],
  ["get_recording_status", { meeting_id: scene.meetingId }, "recordings"],
  ["get_recording_status", {}, "recordings"],
  ["draft_email", { meeting_id: scene.meetingId }, "meetings"],
  ["draft_email", { contact_id: scene.contactId }, "contacts"],
];

async function setSharing(isOn: boolean): Promise<void> {
  await stack.sql(
    "update public.org_settings set enable_crm_sharing = $2, enable_meeting_sharing = $2 where org_id = $1",
    [rep.orgId, isOn],
  );
}

/** Rows that an answer names and its caller can't read. */
async function unreadable(actor: Actor, rows: readonly EvidenceRow[]): Promise<EvidenceRow[]> {
  const { db } = actionContext(stack, actor);
  const missing: EvidenceRow[] = [];
  for (const row of rows) {
    const key = row.table === "org_knowledge" ? "org_id" : "id";
    const { data } = await db.from(row.table as "tasks").select(key as "id").eq(
      key as "id",
      row.id,
    );
    if (data?.length !== 1) missing.push(row);
  }
  return missing;
}

for (const [name, args, table] of LOOK_UPS) {
  Deno.test(`U60-065 C-02 ${name} ${Object.keys(args).join(" ")}: the owner's rows, and nobody else's`, async () => {
    await setSharing(true);
    const mine = await run(name, rep, args);
    ok(idsOf(mine, table as EvidenceRow["table"]).length > 0, "the owner finds them");
    deepStrictEqual(await unreadable(rep, mine.evidence), []);

    // Another organization: with its own, and with a forged one.
    deepStrictEqual(await findsNothing(name, rival, args), []);
    await rejects(run(name, { ...rival, orgId: rep.orgId }, args), {
      code: "organization_not_found",
    });
    // A colleague without sharing, and an agent whom nothing is assigned to.
    await setSharing(false);
    deepStrictEqual(await findsNothing(name, colleague, args), []);
    await setSharing(true);
    deepStrictEqual(await findsNothing(name, agent, args), []);
  });
}

/** The evidence of an answer that must have none; what does not exist is as good. */
async function findsNothing(
  name: ReadActionName,
  actor: Actor,
  args: Record<string, unknown>,
): Promise<readonly EvidenceRow[]> {
  try {
    const answer = await run(name, actor, args);
    for (const secret of scene.secrets) {
      ok(!JSON.stringify([answer.data, answer.text, answer.panel]).includes(secret), secret);
    }
    return answer.evidence;
  } catch (error) {
    strictEqual((error as { code?: string }).code, "not_found");
    return [];
  }
}

Deno.test("U60-155 U60-156 what is shared is found by colleagues; tasks, emails and calendars are not", async () => {
  await setSharing(true);
  const shared = await run("get_activities", colleague, { deal_id: scene.dealId });
  strictEqual(shared.count, 1);
  strictEqual((await run("list_tasks", colleague, { filter: "all" })).count, 0);
  const brief = await run("get_meeting_brief_data", colleague, { meeting_id: scene.meetingId });
  deepStrictEqual(idsOf(brief, "emails"), []);
  deepStrictEqual(idsOf(brief, "tasks"), []);
  deepStrictEqual(idsOf(brief, "calendar_events"), []);
  ok(idsOf(brief, "meetings").includes(scene.meetingId));
  deepStrictEqual(await unreadable(colleague, brief.evidence), []);
});

Deno.test("U60-012 U60-101 a brief is of the next meeting with others, and holds what is known of them", async () => {
  const { data, panel, evidence, text } = await run("get_meeting_brief_data", rep, {});
  const brief = data as {
    event: { calendar_event_id: string };
    people: { email: string; is_colleague: boolean; contact_id: string | null }[];
    deals: { deal_id: string; amount: number; next_step: string; stage: string }[];
    history: { meetings: { meeting_id: string; summary: string }[]; action_items: unknown[] };
    competitors: { name: string; positioning: string | null; mentions: unknown[] }[];
    tasks: { task_id: string }[];
    emails: Record<string, unknown>[];
  };
  strictEqual(brief.event.calendar_event_id, scene.eventId);
  deepStrictEqual(
    brief.people.map(({ email, is_colleague }) => [email, is_colleague]),
    [[scene.contactEmail, false], [colleague.email, true]],
  );
  deepStrictEqual(
    brief.deals.map(({ deal_id, amount, next_step, stage }) => [deal_id, amount, next_step, stage]),
    [[scene.dealId, 96000, "Send the security answers", "Negotiation"]],
  );
  deepStrictEqual(brief.history.meetings.map(({ meeting_id }) => meeting_id), [scene.meetingId]);
  strictEqual(brief.history.action_items.length, 1);
  deepStrictEqual(
    brief.competitors.map(({ name, positioning }) => [name, positioning]),
    [["Bramble", "They charge for every site."], ["WidgetCo", null]],
  );
  deepStrictEqual(brief.tasks.map(({ task_id }) => task_id), [scene.taskId]);
  ok(brief.emails.length === 2 && brief.emails.every((email) => !("body" in email)));
  const tables = new Set(evidence.map(({ table }) => table));
  for (
    const table of [
      "calendar_events",
      "contacts",
      "companies",
      "deals",
      "meetings",
      "meeting_action_items",
      "meeting_insights",
      "activities",
      "tasks",
      "emails",
      "org_knowledge",
    ] as const
  ) ok(tables.has(table), `no ${table} in the evidence`);
  strictEqual(panel?.type, "meeting_brief");
  match(text, /Dana Reeves/);
  match(text, /USD 96,000/);
});

Deno.test("U60-101 the last meeting is the one that was recorded, and one with somebody is theirs", async () => {
  const last = await run("get_meeting_brief_data", rep, { which: "last" });
  ok(idsOf(last, "meetings").includes(scene.meetingId));
  match(last.text, /Prices are fine/);
  const named = await run("get_meeting_brief_data", rep, { with_whom: "dana" });
  ok(idsOf(named, "calendar_events").includes(scene.eventId));
  const byCompany = await run("get_meeting_brief_data", rep, { with_whom: "Techcorp" });
  ok(idsOf(byCompany, "calendar_events").includes(scene.eventId));
  const nobody = await run("get_meeting_brief_data", rep, { with_whom: "zebedee" });
  deepStrictEqual([nobody.panel, nobody.count, nobody.evidence], [null, 0, []]);
  match(nobody.text, /no meeting with zebedee/);
});

Deno.test("list_tasks: filters follow the person's own days, and what is given to others says so", async () => {
  const titles = async (args: unknown, now = NOW): Promise<string[]> => {
    const { data } = await run("list_tasks", rep, args, now);
    return (data as { tasks: { title: string }[] }).tasks.map(({ title }) => title);
  };
  deepStrictEqual(await titles({}), [scene.lateTask, scene.task]);
  deepStrictEqual(await titles({ filter: "overdue" }), [scene.lateTask]);
  deepStrictEqual(await titles({ filter: "due_today" }), [scene.task]);
  deepStrictEqual(await titles({ filter: "due_this_week" }), [scene.task]);
  deepStrictEqual(await titles({ filter: "completed" }), [scene.doneTask]);
  deepStrictEqual(await titles({ deal_id: scene.dealId }), [scene.task]);
  deepStrictEqual(await titles({ deal_id: crypto.randomUUID() }), []);
  // 22:30 in Berlin is the last hour of the day; an hour later in UTC is tomorrow.
  deepStrictEqual(await titles({ filter: "due_today" }, "2036-03-10T21:30:00Z"), [scene.task]);
  deepStrictEqual(await titles({ filter: "due_today" }, "2036-03-10T23:30:00Z"), []);
  await stack.sql(
    "insert into public.tasks (org_id, user_id, assigned_to, title) values ($1, $2, $3, 'Call them back')",
    [rep.orgId, rep.userId, colleague.userId],
  );
  const colleagues = await run("list_tasks", colleague, {});
  match(colleagues.text, /Call them back/);
  match((await run("list_tasks", rep, {})).text, /1 of them overdue/);
});

Deno.test("get_email_thread: the messages, oldest first; the latest with a contact; unknown ones are not there", async () => {
  const { data } = await run("get_email_thread", rep, { contact_id: scene.contactId });
  const { thread } = data as {
    thread: { thread_id: string; total: number; messages: { body: string; direction: string }[] };
  };
  deepStrictEqual(
    [thread.thread_id, thread.total, thread.messages.map(({ direction }) => direction)],
    [scene.threadId, 2, ["outbound", "inbound"]],
  );
  match(thread.messages[1]?.body ?? "", /waits for the answers/);
  const last = await run("get_email_thread", rep, { thread_id: scene.threadId, limit: 1 });
  strictEqual(idsOf(last, "emails").length, 1);
  strictEqual(last.count, 2);
  await rejects(run("get_email_thread", rep, { thread_id: "no-such" }), { code: "not_found" });
  const none = await run("get_email_thread", rep, { from_email: "nobody@nowhere.test" });
  deepStrictEqual([none.panel, none.count], [null, 0]);
});

Deno.test("get_recording_status: in words, never where files are", async () => {
  const { text, panel } = await run("get_recording_status", rep, { meeting_id: scene.meetingId });
  match(text, /partly there\. The transcript did not come in time\. Try again\./);
  doesNotMatch(JSON.stringify(panel), /s3:|meeting-recordings|https?:/);
  await rejects(run("get_recording_status", rep, { recording_id: crypto.randomUUID() }), {
    code: "not_found",
  });
});

Deno.test("U60-099 U60-100 draft_email: whom, after what, by first name, with the date; nothing is sent", async () => {
  const after = await run("draft_email", rep, { meeting_id: scene.meetingId });
  const { draft, purpose, date_context } = after.data as {
    draft: Record<string, unknown>;
    purpose: string;
    date_context: string;
  };
  strictEqual(purpose, "follow_up");
  deepStrictEqual(draft["to"], [scene.contactEmail]);
  strictEqual(
    date_context,
    "TODAY'S DATE: Monday, March 10, 2036\nUse this date when making any date references.",
  );
  const body = String(draft["body"]);
  match(body, /^Hi Dana,\n\nThank you for your time on Friday 7 March\./);
  match(body, /- Send the answers to the security questionnaire \(Rosa Reyes\)/);
  match(body, /Best regards,\nRosa$/);
  // What only we know stays with us.
  doesNotMatch(body, /Prices are fine|Send the security answers|Champion/);

  const answer = await run("draft_email", rep, {
    thread_id: scene.threadId,
    points: ["Here are the three answers."],
  });
  const reply = (answer.data as { draft: Record<string, unknown> }).draft;
  strictEqual(reply["subject"], "Re: Three-year comparison");
  deepStrictEqual([reply["thread_id"], reply["to"]], [scene.threadId, [scene.contactEmail]]);
  match(String(reply["body"]), /Here are the three answers\./);

  // To somebody who was not there, what was agreed is not repeated.
  const stranger = await run("draft_email", rep, {
    meeting_id: scene.meetingId,
    to: ["stranger@elsewhere.test"],
  });
  const other = (stranger.data as { draft: Record<string, unknown> }).draft;
  deepStrictEqual(other["to"], ["stranger@elsewhere.test"]);
  match(String(other["body"]), /^Hello,/);
  doesNotMatch(String(other["body"]), /security questionnaire/);
  await rejects(run("draft_email", rep, { contact_id: crypto.randomUUID() }), {
    code: "not_found",
  });
});

Deno.test("C-24 free times: working hours by the wall clock on both sides of each change of clocks", async () => {
  const [zones] = [[
    ["Europe/Berlin", "2037-03-27T06:00:00Z", "2037-03-27T08:00:00Z", "2037-03-30T07:00:00Z"],
    ["Europe/Berlin", "2037-10-23T06:00:00Z", "2037-10-23T07:00:00Z", "2037-10-26T08:00:00Z"],
    ["America/New_York", "2037-03-06T10:00:00Z", "2037-03-06T14:00:00Z", "2037-03-09T13:00:00Z"],
    ["America/New_York", "2037-10-30T10:00:00Z", "2037-10-30T13:00:00Z", "2037-11-02T14:00:00Z"],
  ]] as const;
  for (const [zone, now, friday, monday] of zones) {
    await stack.sql("update public.profiles set time_zone = $2 where id = $1", [rep.userId, zone]);
    const { data } = await run("get_calendar_availability", rep, { days: 4 }, now);
    const { free } = data as { free: { starts_at: string; ends_at: string }[] };
    deepStrictEqual(
      free.map(({ starts_at, ends_at }) => [
        new Date(starts_at).toISOString(),
        (Date.parse(ends_at) - Date.parse(starts_at)) / 3_600_000,
      ]),
      [friday, monday].map((at) => [new Date(at).toISOString(), 9]),
      `${zone} ${now}`,
    );
  }
  await stack.sql("update public.profiles set time_zone = 'Europe/Berlin' where id = $1", [
    rep.userId,
  ]);
});

Deno.test("free times: what is cancelled or declined takes none; whole days are taken whole, unless left out", async () => {
  const { data, text } = await run("get_calendar_availability", rep, {
    first_day: "2036-03-12",
    days: 2,
  });
  const { free, slots } = data as { free: Record<string, string>[]; slots: unknown[] };
  // The 12th has a call from 10 to 11 and a tentative one from 15 to 16; the 13th is a fair.
  const hours = free.map(({ starts_at, ends_at }) =>
    [starts_at, ends_at].map((at) => new Date(String(at)).getUTCHours())
  );
  deepStrictEqual(hours, [[8, 9], [10, 14], [15, 17]]);
  match(text, /Whole days are taken by: Trade fair/);
  strictEqual(slots.length, 2);
  const without = await run("get_calendar_availability", rep, {
    first_day: "2036-03-13",
    days: 1,
    without_all_day: true,
  });
  strictEqual(without.count, 1);
  const long = await run("get_calendar_availability", rep, {
    first_day: "2036-03-12",
    days: 1,
    minutes: 240,
  });
  strictEqual(long.count, 1);
  // From now on, on the quarter of an hour.
  const today = await run(
    "get_calendar_availability",
    rep,
    { first_day: "2036-03-12", days: 1 },
    "2036-03-12T11:03:00Z",
  );
  const first = (today.data as { free: { starts_at: string }[] }).free[0];
  strictEqual(new Date(first?.starts_at ?? "").toISOString(), "2036-03-12T11:15:00.000Z");
});

Deno.test("U60-092 T-17 what others wrote never breaks a panel or its reading", async () => {
  await scene.makeHostile();
  for (const [name, args] of LOOK_UPS) {
    const { panel, text } = await run(name, rep, args);
    if (panel) doesNotMatch(PANELS[panel.type].describe(panel), /[<>\u202e]/, name);
    doesNotMatch(text, /[<>\u202e]/, name);
  }
  const { text } = await run("get_meetings_for_period", rep, { period: "today" });
  ok(text.includes("‹img"), "control: the hostile title is there, as text");
  ok(HOSTILE.includes("<img"));
});

Deno.test("U60-010 V-03 a brief is found in a fraction of a second", async () => {
  const times: number[] = [];
  for (let round = 0; round < 12; round++) {
    const began = performance.now();
    await run("get_meeting_brief_data", rep, {});
    times.push(performance.now() - began);
  }
  const median = times.toSorted((a, b) => a - b)[6] ?? Infinity;
  ok(median < 500, `a brief took ${median.toFixed(0)} ms`);
});
