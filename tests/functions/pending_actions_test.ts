// What would change something is worked out, stored and shown; a yes over HTTP does exactly that.
import { deepStrictEqual, match, ok, rejects, strictEqual } from "node:assert/strict";
import { Buffer } from "node:buffer";
import type { ActionContext } from "@shared/copilot/actions/action.ts";
import type { ProposeActionName } from "@shared/copilot/actions/action_names.ts";
import { PROPOSE_ACTION_CATALOGUE } from "@shared/copilot/actions/propose/catalogue.ts";
import { canonicalEffects } from "@shared/copilot/proposals/canonical_effects.ts";
import { Effect } from "@shared/copilot/proposals/effect.ts";
import { ActionOutcome, ActionState } from "@shared/copilot/proposals/outcome.ts";
import { EffectPreview, PendingAction } from "@shared/copilot/proposals/proposal.ts";
import { proposeAction } from "@shared/copilot/proposals/propose_action.ts";
import { sha256Hex } from "@shared/platform/sha256.ts";
import { actionContext } from "../support/action_context.ts";
import { type Actor, callAs, createRivals } from "../support/rivals.ts";
import { testStack } from "../support/stack.ts";

const stack = await testStack();
const { rep, colleague, rival } = await createRivals(stack);
const NOW = "2026-11-22T16:00:00Z";
const ids = {
  task: crypto.randomUUID(),
  contact: crypto.randomUUID(),
  company: crypto.randomUUID(),
  deal: crypto.randomUUID(),
  hidden: crypto.randomUUID(),
};
await stack.sql(
  "insert into public.tasks (org_id, id, user_id, title, due_at) values ($1, $2, $3, 'Send the offer', '2026-11-25T16:00:00Z'), ($1, $4, $5, 'Not yours', null)",
  [rep.orgId, ids.task, rep.userId, ids.hidden, colleague.userId],
);
await stack.sql(
  "insert into public.companies (org_id, id, user_id, name) values ($1, $2, $3, 'TechCorp')",
  [rep.orgId, ids.company, rep.userId],
);
await stack.sql(
  "insert into public.contacts (org_id, id, user_id, first_name, last_name, email, job_title) values ($1, $2, $3, 'Dana', 'Reeves', 'dana@techcorp.test', 'VP')",
  [rep.orgId, ids.contact, rep.userId],
);
await stack.sql("update public.profiles set time_zone = 'America/New_York' where id = $1", [
  rep.userId,
]);
await stack.sql("select private.create_default_stages($1)", [rep.orgId]);
await stack.sql(
  "insert into public.deals (org_id, id, user_id, name) values ($1, $2, $3, 'Pilot')",
  [rep.orgId, ids.deal, rep.userId],
);
await stack.sql(
  `insert into public.calendar_connections (org_id, user_id, account_email, scopes)
   values ($1, $2, 'rep@mail.test', array['https://mail.google.com/', 'https://www.googleapis.com/auth/calendar'])`,
  [rep.orgId, rep.userId],
);
await stack.sql(
  "insert into private.slack_connections (org_id, team_id, team_name, bot_user_id, bot_token_secret_id) values ($1, 'T0TEAM', 'Team', 'U1', gen_random_uuid())",
  [rep.orgId],
);
await stack.sql(
  "insert into private.slack_channels (org_id, channel_id, name, is_open) values ($1, 'CSALES', 'sales', true), ($1, 'CBOARD', 'board', false)",
  [rep.orgId],
);

const turns = new Map<string, { readonly turn: string; readonly conversation: string }>();

/** A turn of a conversation of somebody's. */
async function turnOf(actor: Actor) {
  const known = turns.get(actor.userId);
  if (known) return known;
  const begun = { turn: crypto.randomUUID(), conversation: crypto.randomUUID() };
  const { error } = await contextOf(actor).db.rpc("begin_copilot_turn", {
    p_org_id: actor.orgId,
    p_conversation_id: begun.conversation,
    p_turn_id: begun.turn,
    p_message: "Please do it",
    p_worker: "test",
  });
  if (error) throw error;
  turns.set(actor.userId, begun);
  return begun;
}

function contextOf(actor: Actor): ActionContext {
  const ctx = actionContext(stack, actor, { now: NOW });
  return { ...ctx, db: ctx.db, person: { ...ctx.person, timeZone: "America/New_York" } };
}

async function prepare(actor: Actor, name: ProposeActionName, args: unknown) {
  const action = PROPOSE_ACTION_CATALOGUE[name];
  strictEqual(action.name, name);
  const proposal = await action.prepare(contextOf(actor), action.args.parse(args));
  for (const preview of proposal.previews) EffectPreview.parse(preview);
  return proposal;
}

/** Prepares and stores, as a turn would. */
async function propose(
  name: ProposeActionName,
  args: unknown,
  isTainted = false,
): Promise<PendingAction> {
  return await proposeAction(contextOf(rep), {
    turnId: (await turnOf(rep)).turn,
    key: crypto.randomUUID(),
    summary: null,
    proposal: await prepare(rep, name, args),
    isTainted,
    replaces: null,
  });
}

async function post(actor: Actor, path: string, body: unknown = {}) {
  return await callAs(stack, actor, `api-copilot/pending-actions/${path}`, body);
}

async function decided(path: string, body: unknown = {}): Promise<ActionOutcome> {
  const { status, json } = await post(rep, path, body);
  strictEqual(status, 200, JSON.stringify(json));
  return ActionOutcome.parse(json["data"]);
}

function confirm({ id, payload_sha256 }: PendingAction): Promise<ActionOutcome> {
  return decided(`${id}/confirm`, { payload_sha256 });
}

const EVERY_ACTION: Readonly<Record<ProposeActionName, unknown>> = {
  create_task: {
    title: "Call Dana",
    details: "About\nthe pilot",
    due_at: "2026-11-27",
    priority: "high",
    assigned_to: colleague.userId,
    contact_id: ids.contact,
    company_id: ids.company,
    deal_id: ids.deal,
  },
  update_task: { task_id: ids.task, title: "Send the new offer", due_at: null },
  complete_task: { task_id: ids.task },
  create_activity: { activity_kind: "call", subject: "Rang Dana", contact_id: ids.contact },
  update_deal_stage: { deal_id: ids.deal, stage: "lost", lost_reason: "Price" },
  update_contact: {
    contact_id: ids.contact,
    job_title: "COO",
    email: "Dana.R@techcorp.test",
    company_id: ids.company,
  },
  send_email: {
    to: ["Dana@techcorp.test"],
    subject: "Nächste Schritte ☕",
    body: "Hello Dana,\n\nsee you — Friday.",
    contact_id: ids.contact,
  },
  post_slack_message: { channel: "#sales", text: "Won <!channel> & more" },
  schedule_meeting: {
    title: "Pilot review",
    starts_at: "2026-11-27T10:00",
    duration_minutes: 45,
    attendees: ["dana@techcorp.test"],
  },
};

Deno.test("U60-087 each of the nine is worked out, stored and shown, and nothing has happened", async () => {
  const before = await counts();
  for (const [name, args] of Object.entries(EVERY_ACTION)) {
    const action = await propose(name as ProposeActionName, args);
    strictEqual(action.status, "open", name);
    const isOutside = ["send_email", "post_slack_message", "schedule_meeting"].includes(name);
    strictEqual(action.is_reversible, !isOutside, `${name} says whether it can be taken back`);
    strictEqual(
      (action.effects[0]?.recipients.length ?? 0) > 0,
      isOutside,
      `${name} says whom it reaches`,
    );
  }
  for (const name of ["send_email", "schedule_meeting"] as const) {
    const { contact_id: _, ...args } = Object(EVERY_ACTION[name]);
    deepStrictEqual(
      (await propose(name, args)).evidence,
      [{ table: "contacts", id: ids.contact }],
      `${name} rests on the contact that it goes to`,
    );
  }
  deepStrictEqual(await counts(), before);
});

async function counts() {
  const [row] = await stack.sql(
    `select (select count(*) from public.tasks where org_id = $1) as tasks,
       (select count(*) from public.activities where org_id = $1) as activities,
       (select count(*) from private.outbound_effects where org_id = $1) as outside,
       (select md5(string_agg(t::text, '')) from public.tasks as t where t.org_id = $1) as task_rows,
       (select md5(string_agg(c::text, '')) from public.contacts as c where c.org_id = $1) as contact_rows,
       (select md5(string_agg(d::text, '')) from public.deals as d where d.org_id = $1) as deal_rows`,
    [rep.orgId],
  );
  return row;
}

Deno.test("U60-087 changes are shown before and after, in the person's own time", async () => {
  const fieldsOf = async (name: ProposeActionName, args: unknown) =>
    (await prepare(rep, name, args)).previews[0]?.fields;
  deepStrictEqual(
    await fieldsOf("update_task", { task_id: ids.task, title: "B", due_at: "2026-11-27T09:00" }),
    [
      { name: "Task", value: "Send the offer" },
      { name: "Title", value: "B", before: "Send the offer" },
      {
        name: "Due",
        value: "Fri 27 Nov 2026, 09:00 (America/New_York)",
        before: "Wed 25 Nov 2026, 11:00 (America/New_York)",
      },
    ],
  );
  deepStrictEqual(await fieldsOf("update_deal_stage", EVERY_ACTION.update_deal_stage), [
    { name: "Deal", value: "Pilot" },
    { name: "Stage", value: "Lost", before: "Lead" },
    { name: "Status", value: "lost", before: "open" },
    { name: "Lost reason", value: "Price" },
  ]);
  deepStrictEqual(await fieldsOf("update_contact", EVERY_ACTION.update_contact), [
    { name: "Contact", value: "Dana Reeves" },
    { name: "Email", value: "dana.r@techcorp.test", before: "dana@techcorp.test" },
    { name: "Job title", value: "COO", before: "VP" },
    { name: "Company", value: "TechCorp", before: "none" },
  ]);
});

Deno.test("R-02 what a worker gets is what was shown, by its hash, for all that leaves", async () => {
  for (const name of ["send_email", "post_slack_message", "schedule_meeting"] as const) {
    const shown = await propose(name, EVERY_ACTION[name]);
    strictEqual((await confirm(shown)).outcome, "queued");
    // What begin_outbound_effect() hands out; a worker of the stack may have begun it already
    const [row] = await stack.sql<{ payload: unknown }>(
      `select private.effects_text(a)::jsonb -> o.position as payload
       from private.pending_actions as a join private.outbound_effects as o on o.action_id = a.id where a.id = $1`,
      [shown.id],
    );
    const payload = Effect.parse(row?.payload);
    strictEqual(await sha256Hex(canonicalEffects([payload])), shown.payload_sha256, name);
    if (payload.kind !== "send_email") continue;
    const message = Buffer.from(payload.raw, "base64url").toString();
    const text = shown.effects[0]?.fields.find((field) => field.name === "Text")?.value;
    const sent = Buffer.from(message.slice(message.indexOf("\r\n\r\n") + 4), "base64").toString();
    strictEqual(sent.replaceAll("\r\n", "\n"), text);
    match(message, /^From: rep@mail\.test\r\nTo: dana@techcorp\.test\r\nSubject: =\?utf-8\?B\?/);
  }
});

Deno.test("U60-098 V-09 words on their way out carry no placeholder, no command and nothing unseen", async () => {
  const email = await prepare(rep, "send_email", {
    to: ["dana@techcorp.test"],
    subject: "For ${name}\r\nBcc: evil@outside.test",
    body: "Hi ${first_name}\u202e\u0000,\r\nbye",
  });
  const [effect] = email.effects;
  ok(effect?.kind === "send_email");
  ok(!/[$\r\u202e\0]/.test(effect.subject + effect.body), JSON.stringify(effect));
  strictEqual(effect.subject.includes("\n"), false);
  const { effects: [slack] } = await prepare(
    rep,
    "post_slack_message",
    EVERY_ACTION.post_slack_message,
  );
  ok(slack?.kind === "post_slack_message");
  strictEqual(slack.text, "Won ‹!channel› & more");
});

Deno.test("what has no way out, or is not there for the person, is not proposed", async () => {
  const codeOf = async (actor: Actor, name: ProposeActionName, args: unknown) => {
    let code: unknown;
    await rejects(prepare(actor, name, args), (error: { code?: unknown }) => {
      code = error.code;
      return true;
    });
    return code;
  };
  strictEqual(await codeOf(rival, "send_email", EVERY_ACTION.send_email), "email_not_connected");
  strictEqual(
    await codeOf(rival, "post_slack_message", EVERY_ACTION.post_slack_message),
    "slack_not_connected",
  );
  strictEqual(
    await codeOf(rival, "schedule_meeting", EVERY_ACTION.schedule_meeting),
    "calendar_not_connected",
  );
  strictEqual(
    await codeOf(rep, "post_slack_message", { channel: "board", text: "x" }),
    "recipient_not_allowed",
  );
  strictEqual(await codeOf(rep, "complete_task", { task_id: ids.hidden }), "not_found");
  strictEqual(await codeOf(rep, "update_task", { task_id: ids.task }), "invalid_request");
  strictEqual(await codeOf(rep, "update_contact", { contact_id: ids.contact }), "invalid_request");
  strictEqual(
    await codeOf(rep, "update_deal_stage", { deal_id: ids.deal, stage: "Nowhere" }),
    "not_found",
  );
  strictEqual(
    await codeOf(rep, "update_deal_stage", { deal_id: ids.deal, stage: "Lead" }),
    "invalid_request",
    "it is in that stage already",
  );
  strictEqual(
    await codeOf(rep, "create_task", { title: "x", contact_id: crypto.randomUUID() }),
    "not_found",
  );
  strictEqual(
    await codeOf(rep, "create_task", { title: "x", assigned_to: rival.userId }),
    "not_found",
  );
  strictEqual(
    await codeOf(rep, "schedule_meeting", { title: "x", starts_at: "2026-11-01T10:00" }),
    "invalid_request",
    "not in the past",
  );
  await rejects(
    propose("send_email", { to: ["stranger@outside.test"], subject: "x", body: "y" }),
    { code: "recipient_not_allowed" },
  );
  strictEqual(await codeOf(rival, "complete_task", { task_id: ids.task }), "not_found");
});

Deno.test("U60-088 a yes over HTTP names what was shown; another one does nothing and says so", async () => {
  const shown = await propose("create_task", { title: "Only once" });
  strictEqual((await post(rep, `${shown.id}/confirm`)).status, 400, "a yes without a hash is none");
  strictEqual(
    (await decided(`${shown.id}/confirm`, { payload_sha256: "0".repeat(64) })).outcome,
    "changed",
  );
  for (const actor of [colleague, rival]) {
    const { status } = await post(actor, `${shown.id}/confirm`, {
      payload_sha256: shown.payload_sha256,
    });
    strictEqual(status, 404);
  }
  const done = await confirm(shown);
  deepStrictEqual([done.outcome, done.action.status, done.results[0]?.table], [
    "executed",
    "executed",
    "tasks",
  ]);
  strictEqual((await confirm(shown)).outcome, "already_decided");
  strictEqual((await decided(`${shown.id}/cancel`)).outcome, "already_decided");
  const [row] = await stack.sql(
    "select count(*)::integer as n from public.tasks where title = 'Only once'",
  );
  strictEqual(row?.["n"], 1);
  strictEqual((await decided(`${shown.id}/undo`)).outcome, "undone");
  const read = await callAs(stack, rep, `api-copilot/pending-actions/${shown.id}`);
  strictEqual(ActionState.parse(read.json["data"]).action.status, "undone");
  const dropped = await propose("create_task", { title: "Dropped" });
  strictEqual((await decided(`${dropped.id}/cancel`)).outcome, "cancelled");
  strictEqual((await confirm(dropped)).outcome, "already_decided");
});

Deno.test("R-02 an edit makes a new preview; the old yes is none to it", async () => {
  const shown = await propose("send_email", EVERY_ACTION.send_email);
  const edit = (changes: unknown) => post(rep, `${shown.id}/edit`, { changes });
  strictEqual(
    (await edit({ to: ["stranger@outside.test"] })).status,
    409,
    "nobody else is reached by an edit",
  );
  strictEqual((await edit({ raw: "x" })).status, 400, "and no bytes are edited");
  const { status, json } = await edit({ subject: "Next steps, again" });
  strictEqual(status, 200, JSON.stringify(json));
  const edited = PendingAction.parse(json["data"]);
  const [effect] = edited.effects;
  strictEqual(effect?.fields.find(({ name }) => name === "Subject")?.value, "Next steps, again");
  strictEqual(
    effect?.fields.find(({ name }) => name === "Text")?.value,
    shown.effects[0]?.fields.find(({ name }) => name === "Text")?.value,
  );
  strictEqual((await confirm(shown)).outcome, "already_decided");
  strictEqual(
    (await confirm({ ...edited, payload_sha256: shown.payload_sha256 })).outcome,
    "changed",
  );
  strictEqual(
    (await edit({ subject: "Once more" })).status,
    409,
    "what was replaced is not edited",
  );
  strictEqual((await confirm(edited)).outcome, "queued");
  for (
    const [name, changes] of [
      ["create_task", { title: "Other" }],
      ["update_task", { title: "Other" }],
      ["create_activity", { subject: "Other" }],
      ["update_deal_stage", { stage: "Won" }],
      ["update_contact", { phone: "1" }],
      ["post_slack_message", { text: "Other" }],
      ["schedule_meeting", { title: "Other" }],
    ] as const
  ) {
    const { id } = await propose(name, EVERY_ACTION[name]);
    const answer = await post(rep, `${id}/edit`, { changes });
    strictEqual(answer.status, 200, `${name}: ${JSON.stringify(answer.json)}`);
    const { status: open, payload_sha256: hash } = PendingAction.parse(answer.json["data"]);
    strictEqual(open, "open");
    ok(hash !== shown.payload_sha256);
  }
});

Deno.test("C-18 its owner lists what waits in a conversation, nobody else does", async () => {
  const { conversation } = await turnOf(rep);
  const path = `api-copilot/pending-actions?conversation_id=${conversation}`;
  const { status, json } = await callAs(stack, rep, path);
  strictEqual(status, 200);
  ok(PendingAction.array().parse(json["data"]).length > 0);
  strictEqual((await callAs(stack, colleague, path)).status, 404);
  strictEqual((await stack.callFunction(path)).status, 401);
});
