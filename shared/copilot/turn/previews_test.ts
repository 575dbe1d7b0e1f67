// Unit tests of what an answer shows of what waits, and of what a bare yes then answers.
import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { callPart, type TurnRig, turnRig } from "../../../tests/support/turn_rig.ts";
import { buildActionResult } from "../panels/action_result.ts";
import { EXAMPLE_ACTION } from "../panels/action_example.ts";
import type { PendingAction } from "../proposals/proposal.ts";
import { type ProposalToStore, summaryOf } from "../proposals/propose_action.ts";

const WISH = "Please take care of what I owe Bo";
const TASK = (title: string) =>
  callPart("execute_action", { action: "create_task", args: { title } });

interface Stored {
  readonly request: ProposalToStore;
  action: PendingAction;
}

/** A rig whose proposals are kept in a list, one for each key of a turn. */
function proposingRig(): TurnRig & { readonly stored: Stored[] } {
  const stored: Stored[] = [];
  const decide = (id: string, status: PendingAction["status"]) => {
    const found = stored.find(({ action }) => action.id === id);
    ok(found, "decided about what is not there");
    found.action = { ...found.action, status };
    const outcome = status === "cancelled" ? "cancelled" : "executed";
    const panel = buildActionResult({
      outcome,
      action: found.action,
      error_code: null,
      results: [],
    });
    return Promise.resolve({ outcome, text: outcome, panel, pending: null, evidence: [] } as const);
  };
  const rig = turnRig(() => [], {
    propose(_ctx, request) {
      const same = stored.find(({ request: { turnId, key } }) =>
        turnId === request.turnId && key === request.key
      );
      if (same !== undefined) return Promise.resolve(same.action);
      if (request.replaces !== null) decide(request.replaces, "replaced");
      const action: PendingAction = {
        ...EXAMPLE_ACTION,
        id: crypto.randomUUID(),
        turn_id: request.turnId,
        summary: summaryOf(request),
        effects: [...request.proposal.previews],
        // The store in memory dates a conversation by when it is read
        created_at: "2999-01-01T00:00:00Z",
      };
      stored.push({ request, action });
      return Promise.resolve(action);
    },
    confirm: (_ctx, id) => decide(id, "executed"),
    cancel: (_ctx, id) => decide(id, "cancelled"),
  });
  rig.store.before = () => {
    const open = stored.map(({ action }) => action).filter(({ status }) => status === "open");
    rig.store.context = { open_actions: open };
  };
  return { ...rig, stored };
}

const statuses = ({ stored }: { readonly stored: readonly Stored[] }): string[] =>
  stored.map(({ action: { summary, status } }) => `${summary} ${status}`);

Deno.test("U60-087 R-02 an answer shows one preview: what it could not show does not wait for a yes", async () => {
  const rig = proposingRig();
  rig.model.script = [
    () => [TASK("Call Bo"), TASK("Call Dana")],
    (request) => {
      match(JSON.stringify(request.turns.at(-1)), /only one can be shown/);
      return [{ text: "I prepared it. " }];
    },
  ];
  const { answer } = await rig.ask(WISH);
  deepStrictEqual(statuses(rig), [
    "Create the task “Call Bo” open",
    "Create the task “Call Dana” cancelled",
  ]);
  strictEqual(answer.pending_action?.summary, "Create the task “Call Bo”");
  ok(answer.structuredResponse?.type === "action_preview");
  strictEqual(answer.structuredResponse.action.id, answer.pending_action.id);
});

Deno.test("U60-087 whatever a model does after it has proposed, the preview stays before the person", async () => {
  const rig = proposingRig();
  rig.model.script = [
    () => [TASK("Call Bo"), callPart("list_skills", {})],
    () => [{ text: "I prepared it. " }],
  ];
  const { answer } = await rig.ask(WISH);
  strictEqual(answer.structuredResponse?.type, "action_preview");
});

Deno.test("U60-088 the same thing proposed again takes the place of what waits: one yes, one deed", async () => {
  const rig = proposingRig();
  rig.model.script = [() => [TASK("Call Bo")], () => [{ text: "I prepared it. " }]];
  const { answer: { conversation_id } } = await rig.ask(WISH);
  rig.model.script = [() => [TASK("Call Bo")], () => [{ text: "I prepared it. " }]];
  await rig.ask({ message: "And can you remind me of it?", conversation_id });
  deepStrictEqual(statuses(rig), [
    "Create the task “Call Bo” replaced",
    "Create the task “Call Bo” open",
  ]);
  const { answer } = await rig.ask({ message: "yes", conversation_id });
  strictEqual(answer.routing.intent, "confirm");
});

Deno.test("R-01 a bare yes to an answer in which the model asked something asks back, and is understood then", async () => {
  for (const reply of ["yes", "no"]) {
    const rig = proposingRig();
    rig.model.script = [
      () => [TASK("Call Bo")],
      () => [{ text: "Shall I look for the offer, too? I prepared it. " }],
    ];
    const { answer: asking } = await rig.ask(WISH);
    match(asking.text, /too\?[^]*Waiting for your yes: Create the task “Call Bo”$/);
    const { conversation_id } = asking;
    const { answer: back } = await rig.ask({ message: reply, conversation_id });
    strictEqual(back.routing.intent, "ask_back", back.text);
    deepStrictEqual(statuses(rig), ["Create the task “Call Bo” open"]);
    const { answer } = await rig.ask({ message: reply, conversation_id });
    strictEqual(answer.routing.intent, reply === "yes" ? "confirm" : "cancel");
    strictEqual(rig.model.requests.length, 2, "neither reply asks a model");
  }
});

Deno.test("R-01 a bare yes where the model asked nothing is one to what it ended with", async () => {
  const rig = proposingRig();
  rig.model.script = [() => [TASK("Call Bo")], () => [{ text: "I prepared it. " }]];
  const { answer: { conversation_id } } = await rig.ask(WISH);
  const { answer } = await rig.ask({ message: "yes", conversation_id });
  strictEqual(answer.routing.intent, "confirm");
  deepStrictEqual(statuses(rig), ["Create the task “Call Bo” executed"]);
});
