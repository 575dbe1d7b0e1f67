// Unit tests of what is told before the database has let a message in: that it is told, that it stands
// only on the grounds which the database then gives, and that nothing is kept of what it refuses.
import { deepStrictEqual, match, ok, rejects, strictEqual } from "node:assert/strict";
import { listen, type TurnRig, turnRig } from "../../../tests/support/turn_rig.ts";
import { AppError } from "../../errors/app_error.ts";
import type { ChatEvent } from "../contract.ts";
import { ContextCache } from "./context_cache.ts";
import { replayTurn } from "./replay_turn.ts";
import { RunningTurns } from "./running_turns.ts";
import { beginTurn, type StartedTurn } from "./turn_engine.ts";
import { TURN_PARTS } from "./turn_parts.ts";

const ORG = "10000000-0000-4000-8000-000000000001";
const OTHER_ORG = "10000000-0000-4000-8000-000000000002";
const QUESTION = "What meetings do I have today?";
const TOLD = ["step_started", "step_finished", "text", "structured_response"];

/** A day of one meeting, named after the organization that was asked about. */
function found(args: Record<string, unknown>): Record<string, unknown> {
  return {
    org_id: args["p_org_id"],
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
      calendar_event_id: "20000000-0000-4000-8000-000000000001",
      meeting_id: null,
      title: args["p_org_id"] === ORG ? "Acme kickoff" : "Board of the other company",
      start_time: "2026-11-23T09:00:00+00:00",
      end_time: "2026-11-23T09:30:00+00:00",
      all_day: false,
      day: "2026-11-23",
      meeting_url: null,
      share_url: null,
      people: [{ name: "Bo Buyer", email: "bo@buyer.test", contact_id: null }],
      attendees_count: 2,
      has_transcript: false,
    }],
  };
}

interface Stage {
  readonly rig: TurnRig;
  /** Look-ups so far. */
  readonly reads: string[];
  /** Lets the message in. */
  letIn(): void;
}

/** A rig whose person has asked before, and whose next message is not let in before it is said. */
async function heldRig(...parts: Parameters<typeof turnRig>): Promise<Stage> {
  const [answer = (_, args) => found(args), ...others] = parts;
  const reads: string[] = [];
  const rig = turnRig((name, args) => {
    reads.push(name);
    return answer(name, args);
  }, ...others);
  await rig.ask("Hello there, how is everything going?");
  reads.length = 0;
  rig.store.calls.length = 0;
  const gate = Promise.withResolvers<void>();
  rig.store.before = (call) => call === "begin" ? gate.promise : undefined;
  return { rig, reads, letIn: () => gate.resolve() };
}

/** Reads events until so many came; the rest is still to be read. */
async function take(events: AsyncGenerator<ChatEvent>, count: number): Promise<ChatEvent[]> {
  const taken: ChatEvent[] = [];
  while (taken.length < count) {
    const { value, done } = await events.next();
    if (done) break;
    taken.push(value);
  }
  return taken;
}

async function takeRest(events: AsyncGenerator<ChatEvent>): Promise<ChatEvent[]> {
  return await Array.fromAsync(events);
}

const namesOf = (events: readonly ChatEvent[]): string[] => events.map(({ event }) => event);

function keptEvents({ store, engine }: TurnRig, { turnId }: StartedTurn, after = 0) {
  const { signal } = new AbortController();
  return Array.fromAsync(replayTurn({ store, wait: engine.wait, signal }, turnId, after));
}

Deno.test("U60-083 U60-095 what a look-up by rules found is told before the message is let in, and kept under the same numbers after it", async () => {
  const { rig, reads, letIn } = await heldRig();
  const turn = await rig.begin(QUESTION);
  const events = turn.events();
  const told = await take(events, 4);
  deepStrictEqual(namesOf(told), TOLD);
  deepStrictEqual(told.map(({ id }) => id), [1, 2, 3, 4].map((n) => `${turn.turnId}:${n}`));
  strictEqual(rig.store.turns.has(turn.turnId), false, "nobody has let it in");
  letIn();
  const all = [...told, ...await takeRest(events)];
  await turn.finished;
  deepStrictEqual(namesOf(all), [...TOLD, "done"], "nothing is told twice");
  deepStrictEqual(reads, ["get_meetings_for_period"], "and nothing is read twice");
  deepStrictEqual(await keptEvents(rig, turn), all, "who comes back reads the same");
  deepStrictEqual(await keptEvents(rig, turn, 2), all.slice(2));
  strictEqual(rig.store.last.isTainted, true, "the words that it read count");
});

Deno.test("a message that is refused after its panel ends with why, and nothing of it is kept", async () => {
  const { rig, reads } = await heldRig();
  const before = rig.store.turns.size;
  rig.store.before = (call) => {
    if (call === "begin") throw new AppError("rate_limited");
  };
  const turn = await rig.begin(QUESTION);
  const events = turn.events();
  deepStrictEqual(namesOf(await take(events, 4)), TOLD);
  await rejects(events.next(), { code: "rate_limited" });
  await turn.finished;
  strictEqual(rig.engine.running.size, 0);
  await new Promise((resolve) => setTimeout(resolve, 300));
  deepStrictEqual(rig.store.calls, ["begin"], "nothing is saved or ended, then or later");
  strictEqual(rig.store.turns.size, before);
  await rejects(rig.begin(QUESTION), { code: "rate_limited" });
  strictEqual(reads.length, 1, "who was refused reads nothing before they are let in again");
});

Deno.test("what was told for another organization than the database names is void, told anew and not kept", async () => {
  const { rig, reads, letIn } = await heldRig();
  rig.store.context = { org_id: OTHER_ORG };
  const turn = await rig.begin(QUESTION);
  const events = turn.events();
  const told = await take(events, 4);
  match(JSON.stringify(told.at(-1)), /Acme kickoff/);
  letIn();
  const after = await takeRest(events);
  await turn.finished;
  deepStrictEqual(namesOf(after), [...TOLD, "done"]);
  deepStrictEqual(after.map(({ id }) => id), [5, 6, 7, 8, 9].map((n) => `${turn.turnId}:${n}`));
  const [, , text, panel, done] = after;
  strictEqual(text?.event === "text" && text.data.restart, true, "the text begins anew");
  match(JSON.stringify(panel), /Board of the other company/);
  ok(done?.event === "done");
  strictEqual(done.data.tool_executions.length, 1);
  deepStrictEqual(done.data.structuredResponse, panel?.data);
  strictEqual(reads.length, 2);
  const kept = await keptEvents(rig, turn);
  deepStrictEqual(kept, after, "what was void is read back by nobody");
  strictEqual(JSON.stringify(kept).includes("Acme"), false);
});

Deno.test("U60-088 what turns out to be a reply to what waits is treated as one, whatever was told before", async () => {
  const open = {
    id: "50000000-0000-4000-8000-000000000001",
    turn_id: "50000000-0000-4000-8000-000000000002",
    summary: "Send the email to Dana",
    payload_sha256: "0".repeat(64),
    created_at: "2026-11-23T07:00:00Z",
  };
  const { rig, letIn } = await heldRig((_, args) => found(args), {
    readReply: (message, waiting, moment) =>
      waiting.some(({ id }) => id === open.id)
        ? { kind: "ask_back", ids: [open.id], reason: "not_plain" }
        : TURN_PARTS.readReply(message, waiting, moment),
  });
  rig.store.context = { open_actions: [open] };
  const turn = await rig.begin(QUESTION);
  const events = turn.events();
  deepStrictEqual(namesOf(await take(events, 4)), TOLD);
  letIn();
  const after = await takeRest(events);
  deepStrictEqual(namesOf(after), ["text", "done"]);
  const done = after.at(-1);
  ok(done?.event === "done");
  match(done.data.text, /^This waits for you: Send the email to Dana/);
  strictEqual(done.data.structuredResponse, null, "the end says which panel stands: none");
  deepStrictEqual(done.data.tool_executions, []);
});

Deno.test("a turn that the client named is told nothing early: it may be one that is read back", async () => {
  const { rig, reads, letIn } = await heldRig();
  const input = {
    message: QUESTION,
    turn_id: crypto.randomUUID(),
    conversation_id: crypto.randomUUID(),
  };
  rig.engine.cache.remember(
    { userId: rig.ctx.userId, orgId: null, conversationId: input.conversation_id },
    rig.engine.cache.guess({ userId: rig.ctx.userId, orgId: null, conversationId: null }) ??
      fail(),
  );
  const turn = rig.begin(input);
  await new Promise((resolve) => setTimeout(resolve, 20));
  strictEqual(await Promise.race([turn, Promise.resolve("waiting")]), "waiting");
  strictEqual(reads.length, 1, "although its look-up has begun");
  letIn();
  const first = await listen(await turn);
  const elsewhere = { ...rig.engine, cache: new ContextCache(), running: new RunningTurns() };
  const again = await listen(await beginTurn(elsewhere, rig.ctx, input, { tellsAhead: true }));
  deepStrictEqual(again, first);
});

Deno.test("who reads the answer as one document is refused by its status, and told nothing early", async () => {
  const { rig, letIn } = await heldRig();
  const turn = rig.begin(QUESTION, false);
  await new Promise((resolve) => setTimeout(resolve, 20));
  strictEqual(await Promise.race([turn, Promise.resolve("waiting")]), "waiting");
  letIn();
  await (await turn).finished;
  rig.store.before = (call) => {
    if (call === "begin") throw new AppError("rate_limited");
  };
  await rejects(rig.begin(QUESTION, false), { code: "rate_limited" });
});

Deno.test("a member who was removed meanwhile is shown nothing, and told so by the status", async () => {
  const { rig, reads } = await heldRig(() =>
    Response.json({ code: "PT404", message: "organization_not_found" }, { status: 404 })
  );
  rig.store.before = (call) => {
    if (call === "begin") throw new AppError("organization_not_found");
  };
  await rejects(rig.begin(QUESTION), { code: "organization_not_found" });
  strictEqual(reads.length, 1, "the database was asked, under their own token, and refused");
});

Deno.test("a look-up that fails early is a failed step of the turn that was let in, once", async () => {
  const { rig, letIn } = await heldRig(() =>
    Response.json({ code: "PT404", message: "not_found" }, { status: 404 })
  );
  letIn();
  const { events, answer } = await rig.ask(QUESTION);
  deepStrictEqual(namesOf(events), ["step_started", "step_finished", "text", "done"]);
  strictEqual(answer.tool_executions[0]?.error_code, "not_found");
});

Deno.test("a slow look-up holds up no message", async () => {
  const slow = Promise.withResolvers<void>();
  const { rig, letIn } = await heldRig(async (_, args) => {
    await slow.promise;
    return found(args);
  });
  letIn();
  const turn = await rig.begin(QUESTION);
  ok(rig.store.turns.has(turn.turnId), "it was let in before anything was found");
  slow.resolve();
  deepStrictEqual(namesOf(await listen(turn)), [...TOLD, "done"]);
});

Deno.test("a worker that dies before its message was let in leaves nothing of the turn", async () => {
  const { rig } = await heldRig();
  const before = rig.store.turns.size;
  const turn = await rig.begin(QUESTION);
  await take(turn.events(), 4);
  await new Promise((resolve) => setTimeout(resolve, 400));
  deepStrictEqual(rig.store.calls, ["begin"], "no save comes before");
  strictEqual(rig.store.turns.size, before);
  await rejects(keptEvents(rig, turn), { code: "not_found" });
});

Deno.test("U60-083 U60-088 only look-ups are told early: nothing that proposes, runs a document or asks back", async () => {
  for (const message of ["Create follow-ups", "Prep for my next meeting", "List skills"]) {
    const { rig, reads, letIn } = await heldRig();
    const turn = rig.begin(message);
    await new Promise((resolve) => setTimeout(resolve, 20));
    strictEqual(await Promise.race([turn, Promise.resolve("waiting")]), "waiting", message);
    deepStrictEqual(reads, [], message);
    rig.store.before = () => {
      throw new AppError("internal_error");
    };
    letIn();
    await (await turn).finished;
  }
});

function fail(): never {
  throw new Error("nothing was remembered");
}
