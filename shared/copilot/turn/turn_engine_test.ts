// Unit tests of turns: the story, the panel, the model's four tools, and what is begun early.
import { deepStrictEqual, match, ok, rejects, strictEqual } from "node:assert/strict";
import { callPart, listen, turnRig } from "../../../tests/support/turn_rig.ts";
import { AppError } from "../../errors/app_error.ts";
import { collectAnswer } from "../collect_answer.ts";
import { ContextCache } from "./context_cache.ts";
import { beginTurn, cancelTurn, continueTurn } from "./turn_engine.ts";

const ORG = "10000000-0000-4000-8000-000000000001";
const EVENT = "20000000-0000-4000-8000-000000000001";
const MEETING = "30000000-0000-4000-8000-000000000001";
const CONTACT = "40000000-0000-4000-8000-000000000001";
const TALK = "50000000-0000-4000-8000-000000000001";
const QUESTION = "What meetings do I have today?";
const CALL = () => [
  callPart("execute_action", { action: "get_meetings_for_period", args: { period: "today" } }),
];

const FOUND = {
  org_id: ORG,
  period: {
    key: "today",
    time_zone: "Europe/Berlin",
    starts_at: "2026-11-22T23:00:00+00:00",
    ends_at: "2026-11-23T23:00:00+00:00",
    first_day: "2026-11-23",
    last_day: "2026-11-23",
  },
  total: 1,
  meetings: [{
    calendar_event_id: EVENT,
    meeting_id: MEETING,
    title: "Acme <b>kickoff</b>\nnow",
    start_time: "2026-11-23T09:00:00+00:00",
    end_time: "2026-11-23T09:30:00+00:00",
    all_day: false,
    day: "2026-11-23",
    meeting_url: "https://meet.example.test/x",
    share_url: "javascript:alert(1)",
    people: [{ name: "Bo Buyer", email: "bo@buyer.test", contact_id: CONTACT }],
    attendees_count: 2,
    has_transcript: true,
  }],
};

Deno.test("U60-081 U60-083 U60-095 an answer by rules tells its steps under ids that stay the same, and asks no model", async () => {
  const rig = turnRig(() => FOUND);
  const { events, answer } = await rig.ask(QUESTION);
  deepStrictEqual(events.map(({ event }) => event), [
    "step_started",
    "step_finished",
    "text",
    "structured_response",
    "done",
  ]);
  deepStrictEqual(events.map(({ id }) => id), [1, 2, 3, 4, 5].map((n) => `${answer.id}:${n}`));
  const [started, finished] = events;
  strictEqual(started?.event === "step_started" && started.data.status, "running");
  deepStrictEqual(answer.tool_executions, [finished?.data]);
  deepStrictEqual(answer.routing, {
    decided_by: "rules",
    intent: "meetings_for_period",
    skill_key: "get_meetings_for_period",
    model_calls: 0,
  });
  strictEqual(rig.model.requests.length, 0);
  deepStrictEqual([...rig.store.last.events.values()].map(({ event }) => event), [
    "step_started",
    "step_finished",
    "text",
    "structured_response",
    "done",
  ]);
  strictEqual(rig.store.last.status, "done");
  strictEqual(rig.store.last.isTainted, true, "calendar texts are other people's words");
});

Deno.test("U60-070 U60-082 U60-084 U60-094 the step says what ran, when, and on which rows", async () => {
  const { answer } = await turnRig(() => FOUND).ask("What meetings do I have with Bo?");
  const [step] = answer.tool_executions;
  strictEqual(step?.tool, "execute_action");
  strictEqual(step.action, "get_meetings_for_period");
  ok(step.started_at && step.finished_at && step.duration_ms !== null);
  deepStrictEqual(step.args, { period: "from_today", has_name: true });
  deepStrictEqual(step.evidence.map(({ id }) => id), [EVENT, MEETING, CONTACT]);
  match(answer.text, /with Bo/, "as the person wrote it");
  strictEqual(answer.structuredResponse?.type, "meeting_list");
});

Deno.test("U60-062 U60-063 U60-065 a model is offered exactly four tools, and its calls are checked by name and arguments", async () => {
  const rig = turnRig(() => FOUND);
  const refused: unknown[] = [];
  rig.model.script = [
    () => [
      callPart("execute_action", { action: "drop_table", args: {} }),
      callPart("execute_action", { action: "get_meetings_for_period", args: { period: "ever" } }),
      callPart("get_meetings_for_period", {}),
    ],
    ({ turns }) => {
      refused.push(...turns.at(-1)?.parts ?? []);
      return CALL();
    },
    () => [{ text: "You meet Bo Buyer today. " }],
  ];
  const { answer } = await rig.ask("Anything with Bo I should know about today?");
  deepStrictEqual(
    rig.model.requests.map(({ tools }) => tools.map(({ name }) => name)),
    Array(3).fill(["execute_action", "get_skill", "list_skills", "resolve_entity"]),
  );
  match(JSON.stringify(refused[0]), /"code":"unknown_action"/);
  match(JSON.stringify(refused[1]), /"code":"invalid_action_arguments".*args\.period/);
  match(JSON.stringify(refused[2]), /"code":"unknown_tool"/);
  strictEqual(answer.text.trim(), "You meet Bo Buyer today.");
  strictEqual(answer.structuredResponse?.type, "meeting_list", "the panel is the action's own");
  strictEqual(answer.routing.decided_by, "model");
  strictEqual(answer.routing.model_calls, 3);
  strictEqual(rig.store.last.usage.size, 3);
});

Deno.test("the model's turns go back and are kept byte for byte, with their signatures", async () => {
  const rig = turnRig(() => FOUND);
  rig.model.script = [CALL, () => [{ text: "You meet Bo Buyer today. " }]];
  await rig.ask("Anything with Bo I should know about today?");
  const [, second] = rig.model.requests;
  deepStrictEqual(second?.turns.at(-2), { role: "model", parts: CALL() });
  deepStrictEqual(rig.store.last.modelTurns[0], { role: "model", parts: CALL() });
});

Deno.test("what nothing bears out is not said, and what was looked up goes to the model as data", async () => {
  const rig = turnRig(() => FOUND);
  rig.model.script = [CALL, ({ turns }) => {
    match(JSON.stringify(turns.at(-1)), /never instructions/);
    return [{ text: "You meet Bo Buyer today. You owe Zed Zimmer 9,000,000 dollars. " }];
  }];
  const { answer } = await rig.ask("Anything with Bo I should know about today?");
  strictEqual(answer.text.trim(), "You meet Bo Buyer today.");
});

Deno.test("every failure of the model leaves an honest answer, and what was found before stays", async () => {
  const facts = {
    usage: { promptTokens: 1, cachedTokens: 0, answerTokens: 0, thoughtTokens: 0 },
    modelVersion: null,
  };
  const cases = [
    [{ outcome: "blocked", stage: "prompt", reason: "SAFETY", ...facts }, "model_blocked"],
    [{ outcome: "rejected", status: 403, reason: "not_permitted" }, "model_misconfigured"],
    [{ outcome: "rate_limited", retryAfterMs: 60_000, until: null }, "model_busy"],
    [{ outcome: "rate_limited", retryAfterMs: null, until: new Date() }, "model_busy"],
  ] as const;
  for (const [outcome, notice] of cases) {
    const rig = turnRig(() => FOUND);
    rig.model.script = [() => outcome];
    const { answer } = await rig.ask("Tell me something about quantum sales");
    strictEqual(answer.notice, notice);
    match(answer.text, /What meetings do I have today\?/, "says what works without it");
    rig.model.script = [CALL, () => outcome];
    const later = (await rig.ask("Tell me something about quantum sales")).answer;
    strictEqual(later.notice, notice);
    match(later.text, /^You have 1 meeting today/, "what was found is shown");
    strictEqual(later.structuredResponse?.type, "meeting_list");
  }
  const keyless = turnRig(() => FOUND, {}, false);
  strictEqual((await keyless.ask("quantum sales?")).answer.notice, "model_not_configured");
  strictEqual((await keyless.ask(QUESTION)).answer.structuredResponse?.type, "meeting_list");
  const broke = turnRig(() => FOUND);
  broke.store.context = { has_model_budget: false };
  strictEqual((await broke.ask("quantum sales?")).answer.notice, "model_budget_spent");
  strictEqual(broke.model.requests.length, 0);
});

Deno.test("a model that never stops calling is stopped after six turns", async () => {
  const rig = turnRig(() => FOUND);
  rig.model.script = Array(9).fill(CALL);
  const { answer } = await rig.ask("Round and round");
  strictEqual(rig.model.requests.length, 6);
  strictEqual(answer.notice, "too_many_steps");
  match(answer.text, /^You have 1 meeting today/);
});

Deno.test("what is remembered lets the model be asked before the database has answered, and nothing be told", async () => {
  const rig = turnRig(() => FOUND);
  await rig.ask("Hello there, how is everything going?");
  const gate = Promise.withResolvers<void>();
  rig.store.before = (call) => call === "begin" ? gate.promise : undefined;
  rig.model.script = [() => [{ text: "All is well. " }]];
  const turn = rig.begin("And today, is everything fine?");
  await new Promise((resolve) => setTimeout(resolve, 20));
  strictEqual(rig.model.requests.length, 2, "asked while the message is let in");
  strictEqual(await Promise.race([turn, Promise.resolve("waiting")]), "waiting");
  gate.resolve();
  const answer = await collectAnswer((await turn).events());
  strictEqual(answer.text.trim(), "All is well.");
  strictEqual(rig.model.requests.length, 2, "and not asked again");
});

Deno.test("U60-083 U60-088 what may be a yes or a no is never sent to a model early", async () => {
  const rig = turnRig(() => FOUND);
  await rig.ask("Hello there, how is everything going?");
  const asked = rig.model.requests.length;
  for (const message of ["Confirm", "yes, send it", "Cancel", "ok but do NOT send that"]) {
    rig.store.before = (call) => {
      if (call === "begin") throw new AppError("rate_limited");
    };
    await rejects(rig.begin(message), { code: "rate_limited" });
    strictEqual(rig.model.requests.length, asked, message);
    rig.store.before = () => {};
    await rig.ask("And how is everything else going?");
    rig.model.requests.length = asked;
  }
});

Deno.test("a request begun on other grounds is ended and begun again", async () => {
  const rig = turnRig(() => FOUND);
  await rig.ask("Hello there, how is everything going?");
  rig.store.context = {
    first_name: "Sally",
    persona: { version: "2", text: "You are Sally's analyst." },
  };
  rig.model.script = [() => [{ text: "Old. " }], () => [{ text: "All is new. " }]];
  const { answer } = await rig.ask("And today, is everything fine?");
  strictEqual(answer.text.trim(), "All is new.");
  deepStrictEqual(rig.model.aborted, [false, true, false]);
  strictEqual(answer.routing.model_calls, 1);
});

Deno.test("a request that was begun in vain is on the bill, at what it must have cost", async () => {
  const rig = turnRig(() => FOUND);
  await rig.ask("Hello there, how is everything going?");
  rig.store.context = { persona: { version: "2", text: "You are Sally's analyst." } };
  rig.model.script = [() => [{ text: "Old. " }], () => [{ text: "All is new. " }]];
  await rig.ask("And today, is everything fine?");
  const usage = [...rig.store.last.usage.values()];
  deepStrictEqual(usage.map(({ outcome }) => outcome).sort(), ["abandoned", "answered"]);
  const wasted = usage.find(({ outcome }) => outcome === "abandoned");
  strictEqual(wasted?.model, "fake");
  const { system, tools, turns } = rig.model.requests[1] ?? {};
  const length = JSON.stringify([system, tools, turns]).length;
  ok((wasted?.prompt_tokens ?? 0) >= length / 5 && (wasted?.prompt_tokens ?? 0) <= length / 3);
  deepStrictEqual([wasted?.answer_tokens, wasted?.cached_tokens], [0, 0]);
});

Deno.test("U60-166 what was said a while ago goes to a model only after the database has answered", async () => {
  for (const [seconds, asked] of [[59, 2], [60, 1]] as const) {
    let now = 0;
    const rig = turnRig(() => FOUND);
    const engine = { ...rig.engine, cache: new ContextCache(() => now) };
    const begin = (message: string) =>
      beginTurn(engine, rig.ctx, { message, conversation_id: TALK }, { tellsAhead: true });
    await (await begin("Hello there, how is everything going?")).finished;
    now = seconds * 1_000;
    // Erased elsewhere, it is not there
    rig.store.before = (call) => {
      if (call === "begin") throw new AppError("not_found");
    };
    await rejects(begin("And how is everything else going?"), { code: "not_found" });
    strictEqual(rig.model.requests.length, asked, `after ${seconds} seconds`);
  }
});

Deno.test("a message that is not let in tells nothing, and ends what was begun", async () => {
  const rig = turnRig(() => FOUND);
  await rig.ask("Hello there, how is everything going?");
  rig.store.before = (call) => {
    if (call === "begin") throw new AppError("rate_limited");
  };
  await rejects(rig.begin("And today?"), { code: "rate_limited" });
  strictEqual(rig.model.aborted.at(-1), true);
});

Deno.test("what one person's turn remembered is found by nobody else", async () => {
  const rig = turnRig(() => FOUND);
  await rig.ask("Hello there, how is everything going?");
  const key = { userId: rig.ctx.userId, orgId: null, conversationId: null };
  ok(rig.engine.cache.guess(key));
  strictEqual(rig.engine.cache.guess({ ...key, userId: crypto.randomUUID() }), null);
  strictEqual(rig.engine.cache.guess({ ...key, orgId: ORG }), null);
  strictEqual(rig.engine.cache.guess({ ...key, conversationId: crypto.randomUUID() }), null);
});

Deno.test("the same turn sent twice is answered once", async () => {
  const rig = turnRig(() => FOUND);
  const input = {
    message: QUESTION,
    turn_id: crypto.randomUUID(),
    conversation_id: crypto.randomUUID(),
  };
  const first = await rig.ask(input);
  const again = await listen(await rig.begin(input));
  deepStrictEqual(again, first.events);
  strictEqual(rig.store.calls.filter((call) => call === "finish").length, 1);
});

Deno.test("a cancelled turn stops the model and keeps what was said", async () => {
  const rig = turnRig(() => FOUND);
  const asked = Promise.withResolvers<void>();
  rig.model.script = [async () => {
    asked.resolve();
    await new Promise((resolve) => setTimeout(resolve, 30));
    return [{ text: "Too late. " }];
  }];
  const turn = await rig.begin("A long story, please");
  await asked.promise;
  await cancelTurn(rig.engine, rig.ctx, turn.turnId);
  const answer = await collectAnswer(turn.events());
  await turn.finished;
  strictEqual(answer.notice, "cancelled");
  strictEqual(answer.text, "Stopped.");
  strictEqual(rig.model.aborted[0], true);
  strictEqual(rig.store.last.status, "cancelled");
});

Deno.test("a turn goes on when nobody listens, and can be read from any event on", async () => {
  const rig = turnRig(() => FOUND);
  rig.model.script = [CALL, () => [{ text: "You meet Bo Buyer today. " }]];
  const turn = await rig.begin("Anything with Bo I should know about today?");
  for await (const _ of turn.events()) break;
  await turn.finished;
  strictEqual(rig.store.last.status, "done");
  match(rig.store.last.answer?.text ?? "", /Bo Buyer/);
});

Deno.test("a worker that dies at any call leaves a turn that can be continued, and nothing is told twice", async () => {
  const script = () => [CALL, () => [{ text: "You meet Bo Buyer today. " }]];
  for (let killAt = 2; killAt <= 5; killAt++) {
    const rig = turnRig(() => FOUND);
    rig.model.script = script();
    let isDead = false;
    rig.store.before = (_, count) => {
      isDead ||= count >= killAt;
      return isDead ? new Promise<void>(() => {}) : undefined;
    };
    const turn = await rig.begin("Anything with Bo I should know about today?");
    const seen: string[] = [];
    const died = (async () => {
      for await (const { id } of turn.events()) seen.push(id);
    })();
    await Promise.race([died, new Promise((resolve) => setTimeout(resolve, 400))]);
    isDead = false;
    rig.store.before = () => {};
    if (rig.store.last.status !== "running") continue;
    rig.model.script = script().slice(
      rig.store.last.modelTurns.filter(({ role }) => role === "model").length,
    );
    const resumed = await continueTurn(rig.engine, rig.ctx, turn.turnId);
    const events = await listen(resumed);
    const done = events.at(-1);
    match(done?.event === "done" ? done.data.text : "", /^You meet Bo Buyer today\.\s*$/);
    strictEqual(events.some(({ id }) => seen.includes(id)), false, `killed at ${killAt}`);
    await resumed.finished;
    ok(rig.store.calls.includes("resume"));
  }
});
