// Unit tests of plans: which messages are answered without any model although nothing is known of them.
import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { turnRig } from "../../../tests/support/turn_rig.ts";
import { askWhichAction } from "./ask_for_yes.ts";
import { planTurn } from "./plan_turn.ts";
import { TURN_PARTS } from "./turn_parts.ts";
import type { TurnContext } from "./turn_store.ts";

const OPEN = {
  id: "50000000-0000-4000-8000-000000000001",
  turn_id: "50000000-0000-4000-8000-000000000002",
  summary: "Create the task “Call Bo”",
  payload_sha256: "a".repeat(64),
  created_at: "2026-11-23T08:00:00Z",
};
const CONTEXT: TurnContext = {
  org_id: "10000000-0000-4000-8000-000000000001",
  organization_name: "Fernhollow",
  conversation_id: "10000000-0000-4000-8000-000000000002",
  turn_id: "10000000-0000-4000-8000-000000000003",
  is_replay: false,
  user_id: "00000000-0000-4000-8000-000000000001",
  first_name: "Sarah",
  full_name: "Sarah Okafor",
  email: "sarah@fernhollow.test",
  time_zone: "Europe/Berlin",
  context_version: "1",
  persona: null,
  org_skills: [],
  history: [],
  is_tainted: false,
  open_actions: [],
  clarification: null,
  has_model_budget: true,
};
const planOf = (message: string, context: Partial<TurnContext> = {}) =>
  planTurn({ message }, { ...CONTEXT, ...context }, TURN_PARTS);

Deno.test("U60-088 R-01 a yes or no by name where nothing waits asks no model", () => {
  for (
    const message of [
      "Confirm",
      "confirm it",
      "Approved",
      "I confirm",
      "Yes, confirm",
      "confirm 👍",
    ]
  ) {
    deepStrictEqual(planOf(message), { kind: "nothing_waits", reply: "confirm" }, message);
  }
  for (const message of ["Cancel", "cancel it", "Discard that", "don't confirm"]) {
    strictEqual(
      planOf(message).kind,
      message === "don't confirm" ? "model" : "nothing_waits",
      message,
    );
  }
});

Deno.test("R-01 what may answer a question, or asks for something, is still the model's", () => {
  for (
    const message of [
      "yes",
      "no",
      "ok",
      "send it",
      "Please send the email to Bo",
      "Confirm my meeting with Bo by email",
      "Cancel my meeting tomorrow",
      "confirm what Bo said about the price",
    ]
  ) strictEqual(planOf(message).kind, "model", message);
});

Deno.test("U60-088 with something open a confirm is a yes to it, and only to it", () => {
  deepStrictEqual(planOf("Confirm", { open_actions: [OPEN] }), {
    kind: "confirm",
    actionId: OPEN.id,
  });
});

Deno.test("R-01 a bare yes is for what the last answer asked, however long it has waited", () => {
  const said = (text: string, question = "ok") => ({
    open_actions: [OPEN],
    history: [
      { role: "user" as const, text: question, created_at: "2026-11-23T08:05:00Z" },
      { role: "assistant" as const, text, created_at: "2026-11-23T08:05:01Z" },
    ],
  });
  const back = askWhichAction([OPEN]);
  const confirm = { kind: "confirm", actionId: OPEN.id };
  deepStrictEqual(planOf("yes", said(back)), confirm);
  deepStrictEqual(planOf("no", said(back)), { kind: "cancel", actionId: OPEN.id });
  strictEqual(planOf("👍", said(back)).kind, "ask_back");
  for (
    const text of [
      "Bo is the buyer at Acme. Shall I tell you more?",
      `Shall I?\n\n${back}`,
      askWhichAction([{ summary: "Create the task “Call Dana”" }]),
    ]
  ) strictEqual(planOf("yes", said(text)).kind, "model", text);
  const clarification = { ...said(back), clarification: {} };
  strictEqual(planOf("yes", clarification).kind, "model", "its options are what was asked");
  deepStrictEqual(planOf("confirm", said("Shall I tell you more?")), confirm);
});

Deno.test("U60-083 U60-088 a second confirm is answered at once, without a model and without a step", async () => {
  const rig = turnRig();
  const { answer } = await rig.ask("Confirm");
  strictEqual(rig.model.requests.length, 0);
  deepStrictEqual(answer.tool_executions, []);
  deepStrictEqual(answer.routing, {
    decided_by: "reply",
    intent: "nothing_waits",
    skill_key: null,
    model_calls: 0,
  });
  strictEqual(/^Nothing waits for your yes/.test(answer.text), true, answer.text);
  const later = await rig.ask({ message: "Confirm", conversation_id: answer.conversation_id });
  strictEqual(rig.model.requests.length, 0, "nor while the database decides");
  strictEqual(later.answer.text, answer.text);
});
