// Unit tests of reading conversations: what is too old to be drawn, and what broke off.
import { deepStrictEqual, rejects, strictEqual } from "node:assert/strict";
import { userContext } from "../../../tests/support/rpc_context.ts";
import { clarificationPanel } from "../panels/clarification.ts";
import { type MessagesPage, readConversation } from "./read_conversation.ts";

const ID = "00000000-0000-4000-8000-00000000000a";
const AT = "2026-11-22T10:00:00.123456+00:00";
const CONVERSATION = {
  id: ID,
  org_id: ID,
  title: "Acme",
  message_count: 2,
  created_at: AT,
  last_message_at: AT,
  archived_at: null,
};
const ANSWER = {
  id: ID,
  org_id: ID,
  conversation_id: ID,
  text: "It moved.",
  tool_executions: [],
  structuredResponse: null,
  pending_action: null,
  routing: { decided_by: "rules", intent: "none", skill_key: null, model_calls: 0 },
  notice: null,
};

function read(answer: unknown, turn: Record<string, unknown> | null = null): Promise<MessagesPage> {
  const message = { id: ID, turn_id: ID, seq: 2, role: "assistant", text: "It moved." };
  const ctx = userContext(() => ({
    conversation: CONVERSATION,
    messages: [{ ...message, answer, pending_action_id: null, created_at: AT }],
    next_before: 2,
    last_turn: turn,
  }));
  return readConversation(ctx, ID, { limit: 50 });
}

Deno.test("readConversation() gives an answer as it was, less what stays inside", async () => {
  const { data, next_cursor: cursor } = await read({ ...ANSWER, error_code: null });
  deepStrictEqual(data.messages[0]?.answer, ANSWER);
  deepStrictEqual([data.last_turn, cursor], [null, "2"]);
});

Deno.test("readConversation() leaves the text of an answer whose panel is no more", async () => {
  const { data } = await read({ ...ANSWER, structuredResponse: { type: "gone", version: 9 } });
  deepStrictEqual([data.messages[0]?.answer, data.messages[0]?.text], [null, "It moved."]);
});

Deno.test("readConversation() says which option a message chose, by the question before it", async () => {
  const panel = clarificationPanel.example;
  const message = { id: ID, turn_id: ID, pending_action_id: null, created_at: AT, answer: null };
  const asked = { ...message, role: "assistant", text: "Which Ada?" };
  const chose = { ...message, role: "user", text: "Option 2" };
  const ctx = userContext(() => ({
    conversation: CONVERSATION,
    messages: [
      { ...chose, seq: 1 },
      { ...asked, seq: 2, answer: { ...ANSWER, structuredResponse: panel } },
      { ...chose, seq: 3 },
      { ...asked, seq: 4, answer: ANSWER },
      { ...chose, seq: 5 },
    ],
    next_before: null,
    last_turn: null,
  }));
  const { data } = await readConversation(ctx, ID, { limit: 50 });
  const choice = { clarification_id: panel.id, option_id: "2", label: "Ada Lund" };
  deepStrictEqual(data.messages.map((each) => each.choice), [null, null, choice, null, null]);
});

Deno.test("readConversation() says that a turn broke off, and of one that ended how", async () => {
  const turn = { id: ID, status: "running", error_code: null };
  const broken = await read(null, { ...turn, is_interrupted: true });
  strictEqual(broken.data.last_turn?.status, "interrupted");
  const running = await read(null, { ...turn, is_interrupted: false });
  strictEqual(running.data.last_turn?.status, "running");
  const over = { ...turn, status: "failed", error_code: "interrupted", is_interrupted: false };
  strictEqual((await read(null, over)).data.last_turn?.status, "failed");
});

Deno.test("readConversation() takes no answer that is not the database's", async () => {
  await rejects(readConversation(userContext(() => ({ messages: [] })), ID, { limit: 1 }));
});
