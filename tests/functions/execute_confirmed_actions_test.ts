// What was confirmed leaves once, byte by byte, whatever happens to whoever sends it (U60-087…089). The
// worker dies at each of its steps, answers get lost, tokens are revoked, limits are met.
import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import {
  type ConfirmedEffect,
  EffectDesk,
  OUTSIDE_KINDS,
  type OutsideKind,
} from "../support/confirmed_effects.ts";
import { KillableNetwork } from "../support/killable_network.ts";
import { endLeases, type OneTry, tryEffect } from "../support/outbound_worker.ts";
import { createRivals, eventually } from "../support/rivals.ts";
import { testStack } from "../support/stack.ts";

const stack = await testStack();
const { rep } = await createRivals(stack);
const desk = await EffectDesk.open(stack, rep);
const ROUNDS_MAX = 8;
/** What sends, by kind, as the simulators name it. */
const SENDING = {
  send_email: { provider: "gmail", route: "messages.send" },
  post_slack_message: { provider: "slack", route: "chat.postMessage" },
  schedule_meeting: { provider: "google_calendar", route: "events.insert" },
} as const;

let skippedSeconds = 0;

/** The simulators' clock is everybody's on this stack: it is put back when these tests are done. */
async function skipAMinute(): Promise<void> {
  skippedSeconds += 61;
  await stack.controlProviders({ action: "advance", seconds: 61 });
}

Deno.test.afterAll(async () => {
  await stack.controlProviders({ action: "advance", seconds: -skippedSeconds });
});

async function held(kind: OutsideKind): Promise<ConfirmedEffect> {
  const [effect] = await desk.confirm([desk.compose(kind)], true);
  if (effect === undefined) throw new Error("Nothing was confirmed");
  // A second between two messages of a channel, and look-ups as many as it takes
  await skipAMinute();
  return effect;
}

/** The same, where an access token must be got first: these are steps too. */
async function heldWithoutToken(kind: OutsideKind): Promise<ConfirmedEffect> {
  await stack.sql(
    "update private.calendar_credentials set access_token_expires_at = null where org_id = $1",
    [rep.orgId],
  );
  return await held(kind);
}

function fail(kind: OutsideKind, fault: Record<string, unknown>): Promise<unknown> {
  return stack.controlProviders({ ...SENDING[kind], action: "fail_call", ...fault });
}

async function attempt(effect: ConfirmedEffect, wish: Partial<OneTry> = {}) {
  return await tryEffect(stack, { effectId: effect.effectId, ...wish });
}

async function timesLeft(effect: ConfirmedEffect): Promise<number> {
  const found = (await desk.leftOutside([effect])).get(effect.effectId);
  ok(found?.isExact, "just the stored bytes");
  return found.times;
}

async function finish(effect: ConfirmedEffect): Promise<void> {
  for (let round = 0; round < ROUNDS_MAX; round++) {
    if ((await desk.endOf(effect))?.status === "done") return;
    await endLeases(stack, effect.effectId);
    await skipAMinute();
    await attempt(effect);
  }
}

Deno.test("U60-089 a confirmation wakes the worker, which sends exactly what was confirmed, once", async () => {
  await stack.controlProviders({ provider: "slack", action: "configure", seconds_per_message: 0 });
  const effects = await desk.confirm(OUTSIDE_KINDS.map((kind) => desk.compose(kind)), false);
  for (const effect of effects) {
    await eventually(
      `${effect.kind} is done`,
      async () => (await desk.endOf(effect))?.status === "done",
    );
    const end = await desk.endOf(effect);
    strictEqual(end?.action_status, "executed");
    ok(end.external_id);
    strictEqual(await timesLeft(effect), 1, effect.kind);
  }
  await stack.controlProviders({ provider: "slack", action: "configure", seconds_per_message: 1 });
});

for (const kind of OUTSIDE_KINDS) {
  Deno.test(`U60-088 ${kind}: a worker may die at any step, and it leaves once`, async () => {
    const counted = await heldWithoutToken(kind);
    const network = new KillableNetwork();
    strictEqual((await attempt(counted, { network: network.fetch })).outcome, "done");
    const { steps } = network;
    ok(steps >= 8, `${steps} steps`);
    for (let killAt = 1; killAt <= steps; killAt++) {
      const effect = await heldWithoutToken(kind);
      const mortal = new KillableNetwork();
      mortal.killAt(killAt);
      await Promise.race([attempt(effect, { network: mortal.fetch }), mortal.death]);
      ok(mortal.isDead);
      await finish(effect);
      strictEqual((await desk.endOf(effect))?.status, "done", `killed at step ${killAt}`);
      strictEqual(await timesLeft(effect), 1, `killed at step ${killAt}`);
    }
    console.log(`${kind}: ${steps} steps, each died at once`);
  });

  Deno.test(`${kind}: an answer that gets lost is asked for, not sent for again`, async () => {
    const effect = await held(kind);
    await fail(kind, { lose_answer: true });
    const outcome = await attempt(effect);
    strictEqual(outcome.outcome, "retry");
    ok(outcome.outcome === "retry" && outcome.at !== null);
    ok(outcome.at.getTime() > Date.now() + 30_000, "what is late has time to arrive");
    strictEqual((await desk.endOf(effect))?.error_code, "maybe_sent");
    strictEqual(await timesLeft(effect), 1);
    await finish(effect);
    const end = await desk.endOf(effect);
    deepStrictEqual([end?.status, end?.action_status], ["done", "executed"]);
    ok(end?.external_id);
    strictEqual(await timesLeft(effect), 1);
  });

  Deno.test(`${kind}: what was never heard is sent again, once`, async () => {
    const effect = await held(kind);
    await fail(kind, { status: 503 });
    strictEqual((await attempt(effect)).outcome, "retry");
    strictEqual(await timesLeft(effect), 0);
    await finish(effect);
    strictEqual(await timesLeft(effect), 1);
  });

  Deno.test(`${kind}: a limit is waited for and costs no attempt`, async () => {
    const effect = await held(kind);
    await fail(kind, { status: 429, retry_after: 7, reason: "rateLimitExceeded" });
    const outcome = await attempt(effect);
    strictEqual(outcome.outcome, "postponed");
    strictEqual((await desk.endOf(effect))?.error_code, "rate_limited");
    await finish(effect);
    strictEqual(await timesLeft(effect), 1);
  });

  Deno.test(`${kind}: on its last attempt without an answer it is given up as unknown, never sent again`, async () => {
    const effect = await held(kind);
    await fail(kind, { lose_answer: true });
    const outcome = await attempt(effect, { attempt: 8 });
    deepStrictEqual(outcome, { outcome: "failed", code: "outcome_unknown" });
    deepStrictEqual(await attempt(effect), { outcome: "done" });
    const end = await desk.endOf(effect);
    deepStrictEqual([end?.status, end?.error_code, end?.action_status], [
      "failed",
      "outcome_unknown",
      "failed",
    ]);
    strictEqual(await timesLeft(effect), 1);
  });

  Deno.test(`${kind}: of two workers at once one sends; one that stood still sends nothing`, async () => {
    const effect = await held(kind);
    const outcomes = await Promise.all([attempt(effect), attempt(effect), attempt(effect)]);
    // Who comes when it is done finds it done
    ok(outcomes.every(({ outcome }) => outcome === "done" || outcome === "postponed"));
    strictEqual(await timesLeft(effect), 1);
    const other = await held(kind);
    let now = 0;
    const outcome = await attempt(other, { elapsed: () => now += 30_000 });
    strictEqual(outcome.outcome, "postponed");
    strictEqual(await timesLeft(other), 0);
    await finish(other);
    strictEqual(await timesLeft(other), 1);
  });

  Deno.test(`${kind}: without its service configured it is final and says so`, async () => {
    const effect = await held(kind);
    const settings = {
      GMAIL_BASE_URL: "none",
      SLACK_API_BASE_URL: "none",
      GOOGLE_CALENDAR_BASE_URL: "none",
    };
    deepStrictEqual(await attempt(effect, { settings }), { outcome: "done" });
    strictEqual((await desk.endOf(effect))?.error_code, "not_configured");
    strictEqual(await timesLeft(effect), 0);
  });
}

for (const kind of ["send_email", "schedule_meeting"] as const) {
  Deno.test(`${kind}: an access token that is refused is replaced once, then it leaves`, async () => {
    const effect = await held(kind);
    await stack.controlProviders({
      provider: "google_calendar",
      action: "expire_tokens",
      email: rep.email,
    });
    deepStrictEqual(await attempt(effect), { outcome: "done" });
    strictEqual(await timesLeft(effect), 1);
  });

  Deno.test(`${kind}: a revoked grant is final, and the person is asked to reconnect`, async () => {
    const google = { provider: "google_calendar", email: rep.email };
    const effect = await held(kind);
    await stack.controlProviders({ ...google, action: "revoke" });
    deepStrictEqual(await attempt(effect), { outcome: "done" });
    const end = await desk.endOf(effect);
    deepStrictEqual([end?.status, end?.error_code], ["failed", "reconnect_required"]);
    strictEqual(await timesLeft(effect), 0);
    const [connection] = await stack.sql(
      "select status from public.calendar_connections where org_id = $1 and user_id = $2",
      [rep.orgId, rep.userId],
    );
    strictEqual(connection?.["status"], "needs_reconnect");
    await stack.controlProviders({ ...google, action: "restore" });
    await stack.sql(
      "update public.calendar_connections set status = 'active', last_error = null where org_id = $1",
      [rep.orgId],
    );
    const next = await held(kind);
    await finish(next);
    strictEqual(await timesLeft(next), 1, "control: after reconnecting it leaves");
  });

  Deno.test(`${kind}: a scope that is missing is final, and the connection no longer offers it`, async () => {
    const google = { provider: "google_calendar", email: rep.email, action: "grant" };
    const scopes = ["calendar.events", "gmail.send", "gmail.readonly"]
      .map((name) => `https://www.googleapis.com/auth/${name}`);
    const effect = await held(kind);
    await stack.controlProviders({ ...google, scopes: scopes.slice(0, 0) });
    deepStrictEqual(await attempt(effect), { outcome: "done" });
    strictEqual((await desk.endOf(effect))?.error_code, "scope_missing");
    strictEqual(await timesLeft(effect), 0);
    const [connection] = await stack.sql(
      "select scopes, status from public.calendar_connections where org_id = $1 and user_id = $2",
      [rep.orgId, rep.userId],
    );
    deepStrictEqual(connection, { scopes: [], status: "active" });
    await stack.controlProviders({ ...google, scopes });
    await stack.sql(
      "update public.calendar_connections set scopes = $2 where org_id = $1",
      [rep.orgId, scopes],
    );
  });
}

Deno.test("an email leaves from the account that its preview named, or not at all", async () => {
  const effect = await held("send_email");
  await stack.sql(
    "update public.calendar_connections set account_email = 'another@home.test' where org_id = $1",
    [rep.orgId],
  );
  deepStrictEqual(await attempt(effect), { outcome: "done" });
  strictEqual((await desk.endOf(effect))?.error_code, "not_connected");
  strictEqual(await timesLeft(effect), 0);
  await stack.sql(
    "update public.calendar_connections set account_email = $2 where org_id = $1",
    [rep.orgId, rep.email],
  );
});

Deno.test("a channel that was closed after the confirmation gets nothing", async () => {
  const effect = await held("post_slack_message");
  const set = (isOpen: boolean) =>
    stack.sql("update private.slack_channels set is_open = $2 where org_id = $1", [
      rep.orgId,
      isOpen,
    ]);
  await set(false);
  deepStrictEqual(await attempt(effect), { outcome: "done" });
  strictEqual((await desk.endOf(effect))?.error_code, "channel_not_open");
  strictEqual(await timesLeft(effect), 0);
  await set(true);
});

Deno.test("a revoked bot token is final, and the workspace is to be connected again", async () => {
  const slack = { provider: "slack", team_id: desk.teamId };
  const effect = await held("post_slack_message");
  await stack.controlProviders({ ...slack, action: "revoke_token" });
  deepStrictEqual(await attempt(effect), { outcome: "done" });
  strictEqual((await desk.endOf(effect))?.error_code, "reconnect_required");
  const [connection] = await stack.sql(
    "select status, last_error from private.slack_connections where org_id = $1",
    [rep.orgId],
  );
  deepStrictEqual(connection, { status: "needs_reconnect", last_error: "token_rejected" });
  await stack.controlProviders({ ...slack, action: "restore_token" });
  await stack.sql("update private.slack_connections set status = 'active' where org_id = $1", [
    rep.orgId,
  ]);
});

Deno.test("an email that Gmail took is found although the look-up cannot search for it yet", async () => {
  const gmail = { provider: "gmail", action: "configure" };
  await stack.controlProviders({ ...gmail, keeps_message_ids: true, search_delay_seconds: 86_400 });
  const effect = await held("send_email");
  await fail("send_email", { lose_answer: true });
  await attempt(effect);
  await finish(effect);
  strictEqual((await desk.endOf(effect))?.status, "done");
  strictEqual(await timesLeft(effect), 1);
  await stack.controlProviders({ ...gmail, keeps_message_ids: false, search_delay_seconds: 0 });
});
