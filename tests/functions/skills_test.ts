// The library on the running stack: settings over HTTP; every document with the real look-ups under a
// person's own rights; runs that are kept, killed, taken up and confirmed.
import { deepStrictEqual, match, ok, rejects, strictEqual } from "node:assert/strict";
import type { ActionContext } from "@shared/copilot/actions/action.ts";
import { READ_ACTION_CATALOGUE } from "@shared/copilot/actions/catalogue.ts";
import { PROPOSE_ACTION_CATALOGUE } from "@shared/copilot/actions/propose/catalogue.ts";
import { StructuredResponse } from "@shared/copilot/panels/catalogue.ts";
import { proposeAction } from "@shared/copilot/proposals/propose_action.ts";
import { AppError } from "@shared/errors/app_error.ts";
import { DatabaseWorkflowStore } from "@shared/skills/database_workflow_store.ts";
import { LIBRARY } from "@shared/skills/library.ts";
import { readOrgKnowledge } from "@shared/skills/read_org_skills.ts";
import type { RunResult, SkillRunDeps } from "@shared/skills/run_deps.ts";
import { runSequence, runSkill } from "@shared/skills/run_sequence.ts";
import type { WorkflowStore } from "@shared/skills/workflow_store.ts";
import { actionContext } from "../support/action_context.ts";
import { createMeetingScene, NOW } from "../support/meeting_scene.ts";
import { type Actor, callAs, createActor, createRivals } from "../support/rivals.ts";
import { type Row, testStack } from "../support/stack.ts";

const stack = await testStack();
const { rep, colleague, rival } = await createRivals(stack);
const admin = await createActor(
  stack,
  `admin-${crypto.randomUUID()}@home.test`,
  rep.orgId,
  "admin",
);
const scene = await createMeetingScene(stack, rep, colleague);
const WORKER = "skills-test";

interface Answer {
  readonly status: number;
  readonly json: Row;
}

async function put(actor: Actor, key: string, body: unknown): Promise<Answer> {
  const response = await stack.callFunction(`api-copilot/skills/${key}`, {
    method: "PUT",
    headers: { authorization: `Bearer ${actor.token}`, "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  return { status: response.status, json: await response.json() };
}

async function keysOf(actor: Actor): Promise<string[]> {
  const { status, json } = await callAs(stack, actor, "api-copilot/skills");
  strictEqual(status, 200, JSON.stringify(json));
  return (json["data"] as { readonly key: string }[]).map(({ key }) => key);
}

/** Begins a turn, as the engine does. */
async function beginTurn(ctx: ActionContext): Promise<string> {
  const turnId = crypto.randomUUID();
  // More turns than a person has in a minute; the limit has tests of its own.
  await stack.sql("delete from private.copilot_accesses where user_id = $1", [ctx.userId]);
  const { error } = await ctx.db.rpc("begin_copilot_turn", {
    p_org_id: ctx.orgId,
    p_conversation_id: crypto.randomUUID(),
    p_turn_id: turnId,
    p_message: "Run it",
    p_worker: WORKER,
  });
  strictEqual(error, null);
  return turnId;
}

interface Counted {
  readonly deps: SkillRunDeps;
  readonly reads: string[];
}

function depsOf(ctx: ActionContext, turnId: string): Counted {
  const reads: string[] = [];
  const deps: SkillRunDeps = {
    ctx,
    store: new DatabaseWorkflowStore(ctx.db, turnId, WORKER),
    readAction: async (name, args) => {
      reads.push(name);
      const action = READ_ACTION_CATALOGUE[name];
      const parsed = action?.args.safeParse(args);
      if (action === undefined || parsed === undefined || !parsed.success) {
        throw new AppError("invalid_request", { cause: parsed?.error });
      }
      return await action.run(ctx, parsed.data);
    },
    prepareAction: async (name, args) => {
      const action = PROPOSE_ACTION_CATALOGUE[name];
      const parsed = action.args.safeParse(args);
      if (!parsed.success) throw new AppError("invalid_request", { cause: parsed.error });
      return await action.prepare(ctx, parsed.data);
    },
    propose: ({ key, summary, proposal }) =>
      proposeAction(ctx, { turnId, key, summary, proposal, isTainted: true, replaces: null }),
    readKnowledge: () => readOrgKnowledge(ctx),
    askModel: null,
  };
  return { deps, reads };
}

async function run(
  key: string,
  deps: SkillRunDeps,
  turnId: string,
  inputs = inputsOf(key),
): Promise<RunResult> {
  const options = { settings: [], turnId, isSimulation: true };
  return key.startsWith("seq-")
    ? await runSequence(deps, key, inputs, options)
    : await runSkill(deps, key, inputs, options);
}

const GIVEN: Readonly<Record<string, unknown>> = {
  deal_id: scene.dealId,
  contact_id: scene.contactId,
  company_id: scene.companyId,
  objection: "It is too expensive",
  competitor: "Bramble",
};

function inputsOf(key: string): Record<string, unknown> {
  const { inputs } = LIBRARY.findLast(({ document }) => document.key === key)?.document ??
    { inputs: [] };
  return Object.fromEntries(
    inputs.filter(({ is_required }) => is_required).map(({ name }) => [name, GIVEN[name]]),
  );
}

/** Everything that a run could change, as one value. */
async function crmState(): Promise<unknown> {
  const tables = ["activities", "companies", "contacts", "deals", "meetings", "tasks", "emails"];
  const sums = tables.map((table) =>
    `(select coalesce(md5(string_agg(t::text, '' order by t.id)), '') from public.${table} as t where t.org_id = $1) as ${table}`
  );
  const outbox =
    "(select count(*) from private.outbound_effects as o where o.org_id = $1) as outbox";
  return await stack.sql(`select ${[...sums, outbox].join(", ")}`, [rep.orgId]);
}

const KEYS = [...new Set(LIBRARY.map(({ document }) => document.key))];

Deno.test("U60-063 members list what is on; admins switch off, set variables and put their own in place", async () => {
  const before = await keysOf(rep);
  deepStrictEqual(before.toSorted(), KEYS.toSorted());
  strictEqual((await put(rep, "cold-outreach", { is_active: false })).status, 403);
  strictEqual(
    (await put(rival, "cold-outreach", { is_active: false, org_id: rep.orgId })).status,
    404,
  );
  strictEqual((await put(admin, "cold-outreach", {})).json["code"], "mfa_required");
  await stack.sql("update public.org_settings set mfa_required_for = 'none' where org_id = $1", [
    rep.orgId,
  ]);
  strictEqual((await put(admin, "cold-outreach", { is_active: false })).status, 200);
  ok(!(await keysOf(rep)).includes("cold-outreach"));
  ok((await keysOf(rival)).includes("cold-outreach"), "the rivals have theirs");
  strictEqual((await callAs(stack, rep, "api-copilot/skills/cold-outreach")).status, 404);
  strictEqual((await put(admin, "cold-outreach", {})).status, 200);
  ok((await keysOf(rep)).includes("cold-outreach"));

  const set = await put(admin, "pricing-conversation", { variables: { discount_limit: 15 } });
  strictEqual(set.status, 200, JSON.stringify(set.json));
  const read = await callAs(stack, rep, "api-copilot/skills/pricing-conversation");
  deepStrictEqual((read.json["data"] as Row)["variables"], [{
    name: "discount_limit",
    description: "Discount in percent that a rep may give alone.",
    value: 15,
    default: 10,
  }]);
});

Deno.test("U60-064 a document is read compiled for who asks, and a wrong one of their own is not stored", async () => {
  const { status, json } = await callAs(stack, rep, "api-copilot/skills/objection-handling");
  strictEqual(status, 200, JSON.stringify(json));
  const skill = json["data"] as Row;
  match(String(skill["instructions"]), /not with what home-\w+ says about itself/);
  ok(!JSON.stringify(skill).includes("${"));
  const text = await Deno.readTextFile(
    new URL("../../shared/skills/library/skills/win-story.md", import.meta.url),
  );
  const own = text.replace("name: Win story", "name: Our win story");
  strictEqual((await put(admin, "win-story", { document: own })).status, 200);
  const shown = (await callAs(stack, rep, "api-copilot/skills/win-story")).json["data"] as Row;
  deepStrictEqual([shown["name"], shown["is_own"]], ["Our win story", true]);
  const wrong: readonly (readonly [string, Row])[] = [
    ["an action that there is not", {
      document: own.replace("read: list_deals", "read: drop_table"),
    }],
    ["another's key", { document: own.replace("key: win-story", "key: loss-review") }],
    ["no document at all", { document: "hello" }],
    ["a version that there is not", { version: 99 }],
    ["an unknown variable", { variables: { made_up: 1 } }],
    ["an unknown field", { more: 1 }],
  ];
  for (const [what, body] of wrong) {
    const answer = await put(admin, "win-story", body);
    strictEqual(answer.status, 400, `${what}: ${JSON.stringify(answer.json)}`);
  }
  strictEqual((await put(admin, "made-up", {})).status, 404);
  strictEqual(
    ((await callAs(stack, rep, "api-copilot/skills/win-story")).json["data"] as Row)["name"],
    "Our win story",
  );
});

Deno.test("U60-087 every document runs on real rows without a model, and nothing changes", async (t) => {
  const ctx = actionContext(stack, rep, { now: NOW });
  const before = await crmState();
  for (const key of KEYS) {
    await t.step(key, async () => {
      const turnId = await beginTurn(ctx);
      const { deps } = depsOf(ctx, turnId);
      const result = await run(key, deps, turnId);
      strictEqual(result.modelCalls, 0);
      deepStrictEqual(StructuredResponse.parse(result.panel), result.panel);
      ok(!/undefined|\$\{|NaN/.test(result.text), result.text);
      const ids = [
        ...new Set(JSON.stringify(result.panel).match(/"(?:id|\w+_id)":"[0-9a-f-]{36}"/g)),
      ]
        .filter((pair) => !/execution_id|pending_action_id/.test(pair)).map((pair) =>
          pair.slice(-37, -1)
        );
      for (const id of ids) ok(await canRead(ctx, id), `${key}: ${id} is no row of the caller's`);
    });
  }
  deepStrictEqual(await crmState(), before);
});

async function canRead(ctx: ActionContext, id: string): Promise<boolean> {
  if (id === ctx.orgId) return true;
  const tables = [
    "activities",
    "calendar_events",
    "companies",
    "contacts",
    "deals",
    "emails",
    "meeting_action_items",
    "meeting_insights",
    "meetings",
    "tasks",
    "transcript_segments",
  ] as const;
  for (const table of tables) {
    const { data } = await ctx.db.from(table).select("id").eq("id", id).maybeSingle();
    if (data !== null) return true;
  }
  return false;
}

Deno.test("U60-085 a colleague and a rival get nothing of a person's run or rows by the same request", async () => {
  const ctx = actionContext(stack, rep, { now: NOW });
  const turnId = await beginTurn(ctx);
  const mine = await run("seq-next-meeting-command-center", depsOf(ctx, turnId).deps, turnId);
  for (const other of [colleague, rival]) {
    const theirs = actionContext(stack, other, { now: NOW });
    const read = await theirs.db.rpc("read_workflow", { p_execution_id: mine.executionId });
    strictEqual(read.error?.message, "not_found");
  }
  const away = actionContext(stack, rival, { now: NOW });
  const awayTurn = await beginTurn(away);
  const { deps } = depsOf(away, awayTurn);
  await rejects(
    run("seq-handover-pack", deps, awayTurn),
    (error) => error instanceof AppError && error.code === "not_found",
  );
});

class Killed extends Error {}

/** Dies at the n-th writing, after it was kept or before. */
function killedAt(store: WorkflowStore, at: number, isAfter: boolean): WorkflowStore {
  let left = at;
  const write = async <T>(work: () => Promise<T>): Promise<T> => {
    left -= 1;
    if (left > 0) return await work();
    if (left === 0 && isAfter) await work();
    throw new Killed();
  };
  return {
    begin: (start) => write(() => store.begin(start)),
    saveStep: (id, step) => write(() => store.saveStep(id, step)),
    finish: (id, end) => write(() => store.finish(id, end)),
  };
}

Deno.test("U60-086 a follow-up pack that is killed at any writing ends with one run and one pending action", async () => {
  const ctx = actionContext(stack, rep, { now: NOW });
  const key = "seq-post-meeting-followup-pack";
  for (let at = 1; at <= 8; at += 1) {
    for (const isAfter of [false, true]) {
      const turnId = await beginTurn(ctx);
      const first = depsOf(ctx, turnId);
      const dying = { ...first.deps, store: killedAt(first.deps.store, at, isAfter) };
      const died = await run(key, dying, turnId).then(() => false, () => true);
      const kept = await stack.sql<{ kept: string }>(
        `select s.step_id as kept from public.workflow_steps as s
         join public.workflow_executions as e on e.org_id = s.org_id and e.id = s.execution_id
         where e.turn_id = $1 and s.kind = 'read'`,
        [turnId],
      );
      const second = depsOf(ctx, turnId);
      const result = await run(key, second.deps, turnId);
      const reads = LIBRARY.find(({ document }) => document.key === key)?.document.steps
        .filter((step) => "read" in step).length ?? 0;
      if (died) strictEqual(second.reads.length, reads - kept.length, `killed at ${at}`);
      const [counts] = await stack.sql<{ runs: string; actions: string; status: string }>(
        `select (select count(*) from public.workflow_executions as e where e.turn_id = $1) as runs,
           (select count(*) from private.pending_actions as a where a.turn_id = $1) as actions,
           (select e.status from public.workflow_executions as e where e.turn_id = $1) as status`,
        [turnId],
      );
      deepStrictEqual(counts, {
        runs: "1",
        actions: result.pendingAction === null ? "0" : "1",
        status: "succeeded",
      });
    }
  }
});

Deno.test("U60-088 R-02 a yes to what a sequence showed is its real run, with exactly the stored effects", async () => {
  const ctx = actionContext(stack, rep, { now: NOW });
  const turnId = await beginTurn(ctx);
  const result = await run("seq-mutual-action-plan", depsOf(ctx, turnId).deps, turnId);
  const pending = result.pendingAction;
  ok(pending !== null);
  const before = await stack.sql("select id from public.tasks where org_id = $1", [rep.orgId]);
  const { error } = await ctx.db.rpc("confirm_pending_action", {
    p_id: pending.id,
    p_payload_sha256: pending.payload_sha256,
  });
  strictEqual(error, null);
  const after = await stack.sql("select id from public.tasks where org_id = $1", [rep.orgId]);
  strictEqual(after.length - before.length, pending.effects.length);
  const runs = await stack.sql(
    `select is_simulation, simulation_id, status, skill_key from public.workflow_executions
     where turn_id = $1 order by is_simulation desc`,
    [turnId],
  );
  deepStrictEqual(runs, [
    {
      is_simulation: true,
      simulation_id: null,
      status: "succeeded",
      skill_key: "seq-mutual-action-plan",
    },
    {
      is_simulation: false,
      simulation_id: result.executionId,
      status: "succeeded",
      skill_key: "seq-mutual-action-plan",
    },
  ]);
});

Deno.test("V-03 a meeting brief is stored within a second of being asked for, without a model", async () => {
  const ctx = actionContext(stack, rep, { now: NOW });
  const times: number[] = [];
  for (let round = 0; round < 12; round += 1) {
    const turnId = await beginTurn(ctx);
    const began = performance.now();
    const result = await run("seq-next-meeting-command-center", depsOf(ctx, turnId).deps, turnId);
    times.push(performance.now() - began);
    const stored = await ctx.db.rpc("read_workflow", { p_execution_id: result.executionId });
    strictEqual(stored.error, null);
    deepStrictEqual((stored.data as Row)["panel"], result.panel);
  }
  times.sort((a, b) => a - b);
  console.log(`brief stored after ${times.map(Math.round).join(", ")} ms`);
  ok((times[10] ?? 0) < 1_000, `${times[10]} ms`);
});

Deno.test("U60-085 U60-086 the two flows run from a message: routed by rules, in simulation, without a model", async () => {
  const people = JSON.stringify([
    { email: rep.email, self: true },
    { email: scene.contactEmail, name: "Dana R." },
  ]);
  await stack.sql(
    `insert into public.calendar_events
       (org_id, user_id, external_id, title, start_time, end_time, attendees, attendees_count, response_status)
     values ($1, $2, $3, 'TechCorp: the very next', now() + interval '1 hour', now() + interval '2 hours', $4, 2, 'accepted')`,
    [rep.orgId, rep.userId, crypto.randomUUID(), people],
  );
  for (
    const [message, panel] of [
      ["Prep for my next meeting", "next_meeting_command_center"],
      ["Create follow-ups", "post_meeting_followup_pack"],
    ]
  ) {
    await stack.sql("delete from private.copilot_accesses where user_id = $1", [rep.userId]);
    const { status, json } = await callAs(stack, rep, "api-copilot/chat", { message });
    strictEqual(status, 200, JSON.stringify(json));
    const answer = json["data"] as Row & {
      readonly routing: Row;
      readonly structuredResponse: Row;
    };
    strictEqual(answer.routing["decided_by"], "rules");
    strictEqual(answer.routing["model_calls"], 0);
    strictEqual(answer.structuredResponse["type"], panel);
    strictEqual(answer.structuredResponse["is_simulation"], true);
    if (panel === "next_meeting_command_center") {
      strictEqual(answer.structuredResponse["title"], "Your next meeting: TechCorp: the very next");
    }
    const runs = await stack.sql(
      "select skill_key, status, is_simulation from public.workflow_executions where id = $1 and user_id = $2",
      [answer.structuredResponse["execution_id"], rep.userId],
    );
    deepStrictEqual(runs, [{
      skill_key: `seq-${panel?.replaceAll("_", "-")}`,
      status: "succeeded",
      is_simulation: true,
    }]);
  }
});
