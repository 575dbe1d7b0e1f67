// Look-ups of the copilot in the CRM, and who is meant by a name, on the running stack: the right
// answer for who may read it, and nothing for anybody else, not even a count.
import { deepStrictEqual, doesNotMatch, match, ok, rejects, strictEqual } from "node:assert/strict";
import type { ReadAction } from "@shared/copilot/actions/action.ts";
import type { ReadActionName } from "@shared/copilot/actions/action_names.ts";
import { READ_ACTION_CATALOGUE } from "@shared/copilot/actions/catalogue.ts";
import { askAbout } from "@shared/copilot/clarify/ask_about_message.ts";
import { readChoice, readSelection } from "@shared/copilot/clarify/read_choice.ts";
import { resolveInputs, resolveReferences } from "@shared/copilot/clarify/resolve_references.ts";
import { StructuredResponse } from "@shared/copilot/panels/catalogue.ts";
import {
  type EntityKind,
  type ResolvedEntity,
  resolveEntity,
} from "@shared/copilot/tools/resolve_entity.ts";
import { actionContext } from "../support/action_context.ts";
import { createCrmScene, CRM_NOW } from "../support/crm_scene.ts";
import { type Actor, createActor, createRivals } from "../support/rivals.ts";
import { testStack } from "../support/stack.ts";

const stack = await testStack();
const rivals = await createRivals(stack);
const { rep, colleague, rival } = rivals;
const agent = await createActor(stack, `agent-${rep.email}`, rep.orgId, "agent");
const scene = await createCrmScene(stack, rivals);

type Answer = Awaited<ReturnType<ReadAction["run"]>>;

/** Runs an action as the engine would: arguments and result are held against their schemas. */
async function run(
  name: ReadActionName,
  actor: Actor,
  args: unknown,
  now = CRM_NOW,
): Promise<Answer> {
  const action = READ_ACTION_CATALOGUE[name];
  ok(action !== undefined, `${name} is not in the catalogue`);
  const answer = await action.run(actionContext(stack, actor, { now }), action.args.parse(args));
  deepStrictEqual(action.result.parse(answer.data), answer.data, `${name} keeps its contract`);
  deepStrictEqual(StructuredResponse.parse(answer.panel), answer.panel);
  ok(answer.text.length > 0, `${name} says something`);
  return answer;
}

async function resolve(
  actor: Actor,
  reference: string,
  kinds?: EntityKind[],
): Promise<ResolvedEntity> {
  const ctx = actionContext(stack, actor, { now: CRM_NOW });
  return (await resolveEntity(ctx, { reference, ...(kinds ? { kinds } : {}) })).result;
}

const idsOf = (result: ResolvedEntity): string[] => result.candidates.map(({ id }) => id);

async function withSharing<T>(isShared: boolean, work: () => Promise<T>): Promise<T> {
  const set = (value: boolean): Promise<unknown> =>
    stack.sql(
      "update public.org_settings set enable_crm_sharing = $1, enable_meeting_sharing = $1 where org_id = $2",
      [value, rep.orgId],
    );
  await set(isShared);
  try {
    return await work();
  } finally {
    await set(true);
  }
}

Deno.test("U60-066 a first name alone: one is the id, several are ranked, the own one first and why", async () => {
  const both = await resolve(rep, "Dana");
  strictEqual(both.outcome, "ambiguous");
  strictEqual(both.match, null);
  deepStrictEqual(idsOf(both), [scene.dana, scene.otherDana]);
  deepStrictEqual(both.candidates[0], {
    kind: "contact",
    id: scene.dana,
    source: "crm",
    label: "Dana Reyes",
    detail: "Buyer, Nordwind",
    email: "dana@nordwind.test",
    why: ["is yours", "you meet on Tue 24 Nov", "last met on Thu 19 Nov", "has an open deal"],
  });
  deepStrictEqual(both.candidates[1]?.why, ["has an open deal"]);
  const one = await resolve(rep, "zoe");
  strictEqual(one.match?.id, scene.zoe);
  const none = await resolve(rep, "Nobody Anywhere");
  deepStrictEqual(none, { outcome: "not_found", match: null, candidates: [], total: 0 });
});

Deno.test("U60-066 references are understood by beginning, case, marks, company and kind", async () => {
  const cases: ReadonlyArray<readonly [string, string]> = [
    ["DANA REYES", scene.dana],
    ["dana's", scene.dana],
    ["Dana from Nordwind", scene.dana],
    ["Dana at Südstern", scene.otherDana],
    ["Dana from Sudstern", scene.otherDana],
    ["Zoe Lukasik", scene.zoe],
    ["ŁUKASIK", scene.zoe],
    ["luka", scene.zoe],
    ["dana@suedstern.test", scene.otherDana],
    ["Nordwind", scene.company],
    ["the Nordwind pilot", scene.pilot],
    ["nordwind pil", scene.pilot],
    ["the roll-out", scene.rollout],
    ["Zoë's deal", scene.rollout],
    ["the Südstern deal", scene.euros],
    ["training", scene.lost],
    ["the Nordwind review meeting", scene.meeting],
    ["the contract meeting", scene.event],
  ];
  for (const [reference, id] of cases) {
    const result = await resolve(rep, reference, reference === "dana's" ? ["contact"] : undefined);
    if (reference === "dana's") deepStrictEqual(idsOf(result), [scene.dana, scene.otherDana]);
    else strictEqual(result.match?.id, id, reference);
  }
  const deals = await resolve(rep, "the Nordwind deal");
  deepStrictEqual(idsOf(deals).sort(), [scene.pilot, scene.rollout].sort(), "open ones are meant");
  // A word that says the kind can be part of another one's name.
  strictEqual((await resolve(rep, "Nordwind account")).match?.id, scene.company);
  strictEqual((await resolve(rep, "call Zoë Łukasik")).match?.id, scene.zoe);
  const self = await resolve(rep, "me", ["colleague"]);
  strictEqual(self.match?.id, rep.userId);
});

Deno.test("U60-066 R-04 nobody is a candidate, or counted, whom the caller may not read", async () => {
  strictEqual((await resolve(rival, "Dana")).match?.id, scene.rivalDana);
  strictEqual((await resolve(rival, "Zoe")).outcome, "not_found");
  strictEqual((await resolve(rival, "Südstern")).total, 0);
  for (const reference of ["Dana", "Zoe", "Nordwind", "the Nordwind pilot", "Nordwind review"]) {
    deepStrictEqual(
      await resolve(agent, reference),
      { outcome: "not_found", match: null, candidates: [], total: 0 },
      `an agent without assignment: ${reference}`,
    );
  }
  await withSharing(false, async () => {
    strictEqual((await resolve(rep, "Dana")).match?.id, scene.dana, "only one is left");
    strictEqual((await resolve(colleague, "Dana")).match?.id, scene.otherDana);
    strictEqual((await resolve(colleague, "Nordwind")).total, 0);
    strictEqual((await resolve(colleague, "the Nordwind review meeting")).total, 0);
    strictEqual((await resolve(rep, "Dana from Sudstern")).total, 0);
  });
});

Deno.test("U60-066 an agent finds what is assigned to them, and only that", async () => {
  await stack.sql("update public.contacts set assigned_to = $1 where id = $2", [
    agent.userId,
    scene.zoe,
  ]);
  try {
    strictEqual((await resolve(agent, "Zoe")).match?.id, scene.zoe);
    // The company is not theirs to read: its name must not lead to the contact.
    strictEqual((await resolve(agent, "somebody from Sudstern")).total, 0);
    const card = await run("get_contact", agent, { contact_id: scene.zoe });
    const data = card.data as { contact: { company: unknown }; deals_total: number };
    strictEqual(data.contact.company, null);
    strictEqual(data.deals_total, 0);
  } finally {
    await stack.sql("update public.contacts set assigned_to = null where id = $1", [scene.zoe]);
  }
});

const LOOK_UPS: readonly (readonly [ReadActionName, Record<string, unknown>, string[]])[] = [
  ["get_contact", { contact_id: scene.dana }, [scene.dana, scene.company, scene.pilot, scene.call]],
  ["get_company", { company_id: scene.company }, [scene.company, scene.dana, scene.rollout]],
  ["get_deal", { deal_id: scene.pilot }, [scene.pilot, scene.dana, scene.task, scene.meeting]],
  ["list_deals", {}, [scene.pilot, scene.rollout]],
  ["list_deals", { status: "lost" }, [scene.lost]],
  ["search_contacts", { query: "dan" }, [scene.dana, scene.otherDana]],
  ["get_pipeline_summary", {}, [scene.pilot, scene.rollout, scene.lost]],
  ["list_at_risk_deals", {}, [scene.rollout]],
  ["get_relationship_health", { contact_id: scene.dana }, [scene.meeting, scene.call, scene.task]],
];

Deno.test("every look-up names the rows that its answer rests on", async () => {
  for (const [name, args, expected] of LOOK_UPS) {
    const answer = await run(name, rep, args);
    const known = new Set(answer.evidence.map(({ id }) => id));
    for (const id of expected) ok(known.has(id), `${name} rests on ${id}`);
    const stages = await stack.sql<{ id: string }>(
      "select id from public.deal_stages where org_id = $1",
      [rep.orgId],
    );
    const other = new Set([rep.orgId, ...stages.map(({ id }) => id)]);
    const unnamed = uuidsIn(answer.data).filter((id) => !known.has(id) && !other.has(id));
    deepStrictEqual(unnamed, [], `${name} shows only rows of its evidence`);
    const found = await stack.sql<{ id: string }>(
      `select id from (
         select org_id, id from public.contacts union select org_id, id from public.companies
         union select org_id, id from public.deals union select org_id, id from public.meetings
         union select org_id, id from public.calendar_events union select org_id, id from public.activities
         union select org_id, id from public.tasks union select org_id, id from public.emails
       ) as r where r.org_id = $1 and r.id = any($2)`,
      [rep.orgId, [...known]],
    );
    strictEqual(found.length, known.size, `${name}'s evidence exists`);
  }
});

Deno.test("R-04 another organization and an agent without assignment get nothing, not even a count", async () => {
  for (const [name, args] of LOOK_UPS) {
    for (const actor of [rival, agent]) {
      const isOne = Object.keys(args).some((key) => key.endsWith("_id"));
      if (isOne) {
        await rejects(run(name, actor, args), { code: "not_found" }, `${name} as ${actor.email}`);
        continue;
      }
      const answer = await run(name, actor, args);
      const shown = JSON.stringify(answer);
      for (const id of [scene.dana, scene.otherDana, scene.pilot, scene.rollout, scene.lost]) {
        ok(!shown.includes(id), `${name} as ${actor.email}`);
      }
      if (actor === agent) strictEqual(answer.count, 0, name);
    }
  }
});

Deno.test("C-15 a colleague sees what is shared, and nothing of it when sharing ends", async () => {
  const shared = await run("list_deals", colleague, { owner: "all" });
  strictEqual(shared.count, 3);
  await run("get_contact", colleague, { contact_id: scene.dana });
  await withSharing(false, async () => {
    for (const [name, args] of LOOK_UPS) {
      if (!Object.keys(args).some((key) => key.endsWith("_id"))) continue;
      await rejects(run(name, colleague, args), { code: "not_found" }, name);
    }
    const own = await run("list_deals", colleague, { owner: "all" });
    deepStrictEqual(own.evidence.filter(({ table }) => table === "deals").map(({ id }) => id), [
      scene.euros,
    ]);
    strictEqual((await run("search_contacts", colleague, { query: "dana" })).count, 1);
    strictEqual((await run("get_pipeline_summary", colleague, { owner: "all" })).count, 1);
    strictEqual((await run("list_at_risk_deals", colleague, { owner: "all" })).count, 0);
  });
});

interface Totals {
  readonly total: number;
  readonly totals: { currency: string; count: number; amount: number; weighted_amount: number }[];
  readonly deals: { id: string }[];
}

Deno.test("list_deals filters by stage, owner and closing period, and never adds currencies together", async () => {
  const all = (await run("list_deals", rep, { owner: "all", sort: "amount" })).data as Totals;
  deepStrictEqual(all.deals.map(({ id }) => id), [scene.rollout, scene.pilot, scene.euros]);
  deepStrictEqual(all.totals, [
    { currency: "USD", count: 2, amount: 240_000, weighted_amount: 70_000 },
    { currency: "EUR", count: 1, amount: 9_000.5, weighted_amount: 6_750.38 },
  ]);
  const ids = async (args: Record<string, unknown>): Promise<string[]> =>
    ((await run("list_deals", rep, args)).data as Totals).deals.map(({ id }) => id);
  deepStrictEqual(await ids({}), [scene.rollout, scene.pilot]);
  deepStrictEqual(await ids({ stage: "PROPOSAL" }), [scene.pilot]);
  deepStrictEqual(await ids({ closing: "overdue" }), [scene.rollout]);
  deepStrictEqual(await ids({ closing: "next_week" }), [scene.pilot]);
  deepStrictEqual(await ids({ closing: "this_month", owner: "all" }), [scene.rollout, scene.pilot]);
  deepStrictEqual(await ids({ closing: "this_quarter", owner: "all" }), [
    scene.rollout,
    scene.pilot,
    scene.euros,
  ]);
  deepStrictEqual(await ids({ status: "all", contact_id: scene.dana, sort: "newest" }), [
    scene.pilot,
    scene.lost,
  ]);
  const page = (await run("list_deals", rep, { owner: "all", limit: 1 })).data as Totals;
  deepStrictEqual([page.total, page.deals.length], [3, 1]);
  const unknown = await run("list_deals", rep, { stage: "Signing" });
  strictEqual(unknown.count, 0);
  match(unknown.text, /There is no such stage\. The stages are: Lead, Qualified/);
});

Deno.test("C-24 a closing period is the person's own: a deal is overdue when their day has passed", async () => {
  // Midnight of 1 December in Berlin is 23:00Z of 30 November.
  const ids = async (now: string): Promise<string[]> =>
    ((await run("list_deals", rep, { closing: "overdue" }, now)).data as Totals).deals.map((
      { id },
    ) => id);
  deepStrictEqual(await ids("2026-11-30T22:59:59Z"), [scene.rollout]);
  deepStrictEqual(await ids("2026-11-30T23:00:00Z"), [scene.rollout, scene.pilot]);
});

Deno.test("the pipeline is counted by stage and currency, with what closes and what changed", async () => {
  const answer = await run("get_pipeline_summary", rep, { owner: "all" });
  const data = answer.data as {
    totals: unknown;
    stages: { name: string; totals: unknown[] }[];
    closing: {
      period: string;
      first_day: string | null;
      last_day: string;
      totals: { count: number }[];
    }[];
    changes: { totals: unknown };
  };
  strictEqual(answer.count, 3);
  deepStrictEqual(data.stages.map(({ name, totals }) => [name, totals.length]), [
    ["Lead", 0],
    ["Qualified", 1],
    ["Proposal", 1],
    ["Negotiation", 1],
  ]);
  deepStrictEqual(
    data.closing.map((
      part,
    ) => [part.period, part.first_day, part.last_day, part.totals.map(({ count }) => count)]),
    [
      ["overdue", null, "2026-11-22", [1]],
      ["this_month", "2026-11-01", "2026-11-30", [2]],
      ["this_quarter", "2026-10-01", "2026-12-31", [1, 2]],
    ],
  );
  deepStrictEqual(data.changes.totals, [
    { change: "lost", currency: "USD", count: 1, amount: 5_000 },
    { change: "moved", currency: "EUR", count: 1, amount: 9_000.5 },
    { change: "moved", currency: "USD", count: 1, amount: 40_000 },
  ]);
  match(answer.text, /Open: 3 deals, USD 240,000 and EUR 9,000\.5/);
});

interface Risks {
  readonly open_total: number;
  readonly deals: {
    deal: { id: string };
    score: number;
    reasons: { code: string; days: number | null; evidence: { table: string; id: string }[] }[];
  }[];
}

Deno.test("U60-079 a deal at risk is listed with every reason and its evidence", async () => {
  const { data, text } = await run("list_at_risk_deals", rep, {});
  const risks = data as Risks;
  strictEqual(risks.open_total, 2);
  deepStrictEqual(risks.deals.map(({ deal }) => deal.id), [scene.rollout]);
  const [risky] = risks.deals;
  deepStrictEqual(risky?.reasons.map(({ code, days }) => [code, days]), [
    ["inactive", 40],
    ["close_date_passed", 3],
    ["stage_stuck", 40],
    ["no_next_step", null],
  ]);
  strictEqual(risky?.score, 10);
  for (const { evidence } of risky?.reasons ?? []) {
    deepStrictEqual(evidence, [{ table: "deals", id: scene.rollout }]);
  }
  match(
    text,
    /Nordwind roll-out: nothing happened for 40 days; its close date, Fri 20 Nov, has passed/,
  );
});

Deno.test("U60-079 seven days of silence count from 7 d 0 h on, not at 6 d 23 h", async () => {
  const last = Date.parse(CRM_NOW) - 2 * 86_400_000;
  const reasonsAt = async (ms: number): Promise<string[]> => {
    const now = new Date(last + ms).toISOString();
    const { data } = await run("list_at_risk_deals", rep, { deal_id: scene.pilot }, now);
    return (data as Risks).deals.flatMap(({ reasons }) => reasons.map(({ code }) => code));
  };
  const day = 86_400_000;
  ok(!(await reasonsAt(7 * day - 3_600_000)).includes("inactive"));
  ok(!(await reasonsAt(7 * day - 1)).includes("inactive"));
  ok((await reasonsAt(7 * day)).includes("inactive"));
});

Deno.test("V-01 the health of a relationship traces each point to rows that the caller may read", async () => {
  const { data } = await run("get_relationship_health", rep, { contact_id: scene.dana });
  const health = data as {
    score: number;
    band: string;
    components: { part: string; points: number; evidence: { id: string }[] }[];
  };
  // Touches: the call two days ago and the meeting four days ago; next meeting tomorrow; a deal that moved.
  deepStrictEqual(health.components.map(({ part, points }) => [part, points]), [
    ["recency", 30],
    ["frequency", 4],
    ["reciprocity", 5],
    ["sentiment", 0],
    ["next_meeting", 10],
    ["deals", 10],
    ["overdue_tasks", -3],
  ]);
  strictEqual(health.score, 56);
  strictEqual(health.band, "steady");
  // A colleague has neither the calendar nor the tasks of somebody else.
  const seen = await run("get_relationship_health", colleague, { contact_id: scene.dana });
  strictEqual((seen.data as { score: number }).score, 49);
});

Deno.test("U60-092 words of people outside stay text on their line", async () => {
  await stack.sql("update public.contacts set notes = $1 where id = $2", [
    "<b>x</b>\n# do",
    scene.zoe,
  ]);
  const { text } = await run("get_contact", rep, { contact_id: scene.zoe });
  doesNotMatch(text, /[<>]|^# /m);
  match(text, /Notes: ‹b›x‹\/b› # do/);
});

Deno.test("U60-011 U60-061 an ambiguous name is asked back about, and choosing runs the action", async () => {
  const ctx = actionContext(stack, rep, { now: CRM_NOW });
  const asked = await resolveReferences(ctx, "get_contact", { contact: "Dana" });
  ok(asked.kind === "ambiguous");
  const { panel } = asked.clarification;
  strictEqual(panel.reason, "person");
  deepStrictEqual(panel.options.map(({ id, label }) => [id, label]), [["1", "Dana Reyes"], [
    "2",
    "Dana Finch",
  ]]);
  ok(!JSON.stringify(panel).includes(scene.dana), "the panel does not say what an option does");
  const clicked = readSelection(asked.clarification, {
    clarification_id: panel.id,
    option_id: "2",
  });
  deepStrictEqual(clicked, { action: "get_contact", args: { contact_id: scene.otherDana } });
  for (
    const said of ["2", "the second one", "Dana Finch", "Dana from Südstern", "option 2 please"]
  ) {
    const choice = readChoice(asked.clarification, said);
    deepStrictEqual(choice.kind === "chosen" ? choice.chosen : said, clicked);
  }
  const answer = await run("get_contact", rep, clicked?.args);
  match(answer.text, /^Dana Finch, Buyer, Südstern/);
});

Deno.test("U60-061 a recipient by name is asked back about before any email is composed", async () => {
  const ctx = actionContext(stack, rep, { now: CRM_NOW });
  const args = { to: ["Dana"], subject: "Hello", body: "The order form." };
  const asked = await resolveReferences(ctx, "send_email", args);
  ok(asked.kind === "ambiguous");
  deepStrictEqual(asked.clarification.actions, {
    "1": { action: "send_email", args: { ...args, to: ["dana@nordwind.test"] } },
    "2": { action: "send_email", args: { ...args, to: ["dana@suedstern.test"] } },
  });
  const known = await resolveReferences(ctx, "send_email", { ...args, to: ["Zoë"] });
  ok(known.kind === "resolved" && !known.readsForeignText);
  deepStrictEqual(known.args, { ...args, to: ["zl@nordwind.test"] });
});

Deno.test("U60-061 U60-066 what a document is given may be a name, too", async () => {
  const ctx = actionContext(stack, rep, { now: CRM_NOW });
  const run = (inputs: Record<string, string>) => ({
    action: "run_skill" as const,
    args: { key: "objection-handling", inputs },
  });
  const declared = new Set(["contact_id", "objection"]);
  const known = await resolveInputs(ctx, run({ contact: "Zoë", objection: "Dana" }), declared);
  ok(known.kind === "resolved");
  deepStrictEqual(
    known.args,
    run({ contact_id: scene.zoe, objection: "Dana" }).args,
  );
  const asked = await resolveInputs(ctx, run({ contact_id: "Dana" }), declared);
  ok(asked.kind === "ambiguous");
  deepStrictEqual(asked.clarification.actions, {
    "1": run({ contact_id: scene.dana }),
    "2": run({ contact_id: scene.otherDana }),
  });
  await rejects(resolveInputs(ctx, run({ contact: "Nobody Atall" }), declared), {
    code: "not_found",
  });
});

Deno.test("U60-061 the options are what the caller may see: one left is no question", async () => {
  await withSharing(false, async () => {
    const ctx = actionContext(stack, rep, { now: CRM_NOW });
    const found = await resolveReferences(ctx, "create_task", { contact: "Dana", title: "Call" });
    ok(found.kind === "resolved");
    deepStrictEqual(found.args, { contact_id: scene.dana, title: "Call" });
    await rejects(
      resolveReferences(ctx, "get_company", { company: "Südstern" }),
      { code: "not_found", detail: 'There is no company called "Südstern" that you can see.' },
    );
  });
  const stranger = actionContext(stack, rival, { now: CRM_NOW });
  await rejects(resolveReferences(stranger, "get_contact", { contact: "Zoe" }), {
    code: "not_found",
  });
});

Deno.test("U60-012 'help me with my meeting' is answered by the person's own meetings", async () => {
  const question = await askAbout(actionContext(stack, rep, { now: CRM_NOW }), "help_with_meeting");
  deepStrictEqual(question?.clarification.panel.options.map(({ label }) => label), [
    "Prepare for Nordwind contract",
    "Follow up on the last meeting",
  ]);
  deepStrictEqual(question?.clarification.actions["1"], {
    action: "run_sequence",
    args: {
      key: "seq-next-meeting-command-center",
      inputs: { calendar_event_id: scene.event },
      is_simulation: true,
    },
  });
});

function uuidsIn(value: unknown): string[] {
  const text = JSON.stringify(value);
  return [...text.matchAll(/"([0-9a-f]{8}-[0-9a-f-]{27})"/g)].map(([, id]) => id ?? "");
}
