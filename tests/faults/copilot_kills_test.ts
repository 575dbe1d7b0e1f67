// The process that answers is killed with SIGKILL at each of its calls: before it is made, and after it
// with the answer unread. Whatever it was in the middle of, the conversation can be read, the turn can be
// continued, and nothing has happened twice.
import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { z } from "zod";
import { ChatAnswer, ChatEvent } from "@shared/copilot/contract.ts";
import { callAs, createRivals } from "../support/rivals.ts";
import { testStack } from "../support/stack.ts";
import { type Call, GO, type Order } from "./kill_matrix/call.ts";
import { WorkerProcess } from "./kill_matrix/worker_process.ts";

const stack = await testStack();
const { rep } = await createRivals(stack);
const { providersUrl, publishableKey, secretKey } = stack.description;
const VARIABLES = {
  SUPABASE_URL: stack.url,
  SUPABASE_PUBLISHABLE_KEYS: JSON.stringify({ default: publishableKey }),
  SUPABASE_SECRET_KEYS: JSON.stringify({ default: secretKey }),
  SUPABASE_JWKS: await (await fetch(`${stack.url}/auth/v1/.well-known/jwks.json`)).text(),
  SIXTY_ENVIRONMENT: "development",
  SIXTY_ALLOWED_ORIGINS: "http://localhost:5175",
  GEMINI_API_KEY: "sim-gemini-kills",
  GEMINI_BASE_URL: `${providersUrl}/gemini`,
};
const STEPS_MAX = 40;

interface Asked {
  readonly message: string;
  readonly turn_id: string;
  readonly conversation_id: string;
}

function request(body: Asked): Request {
  return new Request("http://function.test/api-copilot/chat", {
    method: "POST",
    headers: { authorization: `Bearer ${rep.token}`, "content-type": "application/json" },
    body: JSON.stringify(body),
  });
}

/** Sends a message to a process that is killed at a step; gives the steps that it came to. */
async function askAndKill(body: Asked, killAt: number): Promise<string[]> {
  const steps: string[] = [];
  const never = new Promise<Order>(() => {});
  const process = new WorkerProcess("api-copilot", VARIABLES, {
    onTrouble: () => {},
    onCall: async (worker, call: Call) => {
      const step = steps.push(`${call.phase} ${new URL(call.url).pathname.split("/").at(-1)}`);
      if (step < killAt) return GO;
      await worker.kill();
      return await never;
    },
  });
  try {
    await process.fetch(request(body)).catch(() => undefined);
    // The turn goes on after its answer has been sent
    if (!process.isDead) await process.idle();
  } finally {
    await process.kill();
  }
  return steps;
}

/** As its client does when it comes back: asks again, or lets the turn go on. */
async function comeBack(body: Asked): Promise<ChatAnswer> {
  const [turn] = await stack.sql<{ status: string }>(
    "update public.copilot_turns set lease_until = now() where id = $1 returning status",
    [body.turn_id],
  );
  const path = turn?.status === "running" ? `turns/${body.turn_id}/continue` : "chat";
  const { status, json } = await callAs(
    stack,
    rep,
    `api-copilot/${path}`,
    path === "chat" ? body : {},
  );
  strictEqual(status, 200, JSON.stringify(json));
  return ChatAnswer.parse(json["data"]);
}

/** Holds what is kept of a turn against what must be. */
async function check(body: Asked, messages: number): Promise<void> {
  const client = await stack.signIn(rep.email, "a test password 1");
  const { data, error } = await client.rpc("read_copilot_conversation", {
    p_id: body.conversation_id,
    p_before: null,
    p_limit: 50,
  });
  strictEqual(error, null);
  const conversation = z.object({ messages: z.array(z.object({ role: z.string() })) }).parse(data);
  strictEqual(conversation.messages.length, messages);
  const kept = z.object({
    status: z.string(),
    events: z.array(z.object({ seq: z.int(), event: z.string(), data: z.unknown() })),
  }).parse((await client.rpc("read_copilot_turn", { p_turn_id: body.turn_id, p_after: 0 })).data);
  strictEqual(kept.status, "done");
  for (const { seq, event, data: inner } of kept.events) {
    ChatEvent.parse({ id: `${body.turn_id}:${seq}`, event, data: inner });
  }
  strictEqual(kept.events.filter(({ event }) => event === "done").length, 1);
  strictEqual(kept.events.at(-1)?.event, "done");
}

async function countOf(sql: string, ...parameters: unknown[]): Promise<number> {
  const [row] = await stack.sql<{ count: number }>(sql, parameters);
  return row?.count ?? -1;
}

const proposalsOf = (turnId: string): Promise<number> =>
  countOf("select count(*)::int from private.pending_actions where turn_id = $1", turnId);
const tasksOf = (title: string): Promise<number> =>
  countOf("select count(*)::int from public.tasks where title = $1", title);

/** Nobody is told to wait: a test asks more in a minute than a person may. */
const forgetPace = (): Promise<unknown> =>
  stack.sql("delete from private.copilot_accesses where user_id = $1", [rep.userId]);

function newQuestion(): Asked & { readonly title: string } {
  const title = `call number ${crypto.randomUUID().slice(0, 8)}`;
  return {
    title,
    message: `Please create a task to ${title}`,
    turn_id: crypto.randomUUID(),
    conversation_id: crypto.randomUUID(),
  };
}

Deno.test("U60-087 a process may die at any call of a turn that proposes: one preview, one answer, nothing done", async () => {
  const whole = newQuestion();
  const { title: _, ...asked } = whole;
  const steps = await askAndKill(asked, Infinity);
  ok(steps.length >= 8 && steps.length <= STEPS_MAX, steps.join(", "));
  for (let killAt = 1; killAt <= steps.length; killAt++) {
    const { title, ...body } = newQuestion();
    await forgetPace();
    const died = `killed at ${killAt} (${steps[killAt - 1]})`;
    await askAndKill(body, killAt);
    const answer = await comeBack(body);
    strictEqual(answer.pending_action?.status, "open", died);
    match(answer.pending_action.summary, new RegExp(title), died);
    await check(body, 2);
    deepStrictEqual([await proposalsOf(body.turn_id), await tasksOf(title)], [1, 0], died);
  }
  console.log(`${steps.length} steps, each died at once: ${steps.join(", ")}`);
});

Deno.test("U60-088 a process may die at any call of a yes: what was confirmed happens once", async () => {
  const confirm = async (killAt: number): Promise<string[]> => {
    const { title, ...question } = newQuestion();
    await forgetPace();
    await callAs(stack, rep, "api-copilot/chat", question);
    const body = { ...question, message: "Confirm", turn_id: crypto.randomUUID() };
    const steps = await askAndKill(body, killAt);
    const answer = await comeBack(body);
    const died = `killed at ${killAt} (${steps.at(-1)}): ${answer.text}`;
    match(answer.text, /^Done/, died);
    strictEqual(await tasksOf(title), 1, died);
    await check(body, 4);
    const late = await callAs(stack, rep, "api-copilot/chat", {
      message: "Confirm",
      conversation_id: body.conversation_id,
    });
    strictEqual(late.status, 200);
    strictEqual(await tasksOf(title), 1, "a later yes does nothing");
    return steps;
  };
  const steps = await confirm(Infinity);
  ok(steps.length >= 6 && steps.length <= STEPS_MAX, steps.join(", "));
  for (let killAt = 1; killAt <= steps.length; killAt++) await confirm(killAt);
  console.log(`${steps.length} steps, each died at once: ${steps.join(", ")}`);
});

async function answersToCome(): Promise<number> {
  const script = await stack.controlProviders({ provider: "gemini", action: "waiting" });
  return z.object({ answers_to_come: z.number() }).parse(script).answers_to_come;
}

Deno.test("a process that dies while the model speaks leaves a turn that says so and can be continued", async () => {
  const body = {
    message: `Tell me about ${crypto.randomUUID()}`,
    turn_id: crypto.randomUUID(),
    conversation_id: crypto.randomUUID(),
  };
  await stack.controlProviders({
    provider: "gemini",
    action: "script",
    includes: body.message,
    answers: [
      { kind: "text", text: "It was a long story. ", delay_ms: 20_000 },
      { kind: "text", text: "It was a short story. " },
    ],
  });
  const scripted = await answersToCome();
  const process = new WorkerProcess("api-copilot", VARIABLES, {
    onTrouble: () => {},
    onCall: () => Promise.resolve(GO),
  });
  const asked = process.fetch(request(body)).catch(() => undefined);
  // Dying before the model was asked would be another death
  while (await answersToCome() === scripted) {
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  await process.kill();
  await asked;
  const running = await callAs(stack, rep, `api-copilot/turns/${body.turn_id}/continue`, {});
  deepStrictEqual([running.status, running.json["code"]], [409, "turn_running"]);
  await stack.sql("update public.copilot_turns set lease_until = now() where id = $1", [
    body.turn_id,
  ]);
  const state = await callAs(stack, rep, `api-copilot/turns/${body.turn_id}`);
  strictEqual(z.object({ status: z.string() }).parse(state.json["data"]).status, "interrupted");
  match((await comeBack(body)).text, /short story/);
  await check(body, 2);
});

Deno.test("a process that dies between telling what it has found and letting the message in keeps nothing of the turn", async () => {
  const message = "What meetings do I have today?";
  const turnsOf = (): Promise<number> =>
    countOf("select count(*)::int from public.copilot_turns where user_id = $1", rep.userId);
  const calls: string[] = [];
  const died = Promise.withResolvers<void>();
  let isRemembered = false;
  const process = new WorkerProcess("api-copilot", VARIABLES, {
    onTrouble: () => {},
    onCall: async (worker, { phase, url }: Call) => {
      const step = `${phase} ${new URL(url).pathname.split("/").at(-1)}`;
      if (isRemembered) calls.push(step);
      if (!isRemembered || step !== "before begin_copilot_turn") return GO;
      await worker.kill();
      died.resolve();
      return await new Promise<Order>(() => {});
    },
  });
  await forgetPace();
  const asked = { message, turn_id: crypto.randomUUID(), conversation_id: crypto.randomUUID() };
  strictEqual((await process.fetch(request(asked))).status, 200);
  await process.idle();
  isRemembered = true;
  const before = await turnsOf();
  const streamed = new Request("http://function.test/api-copilot/chat", {
    method: "POST",
    headers: {
      authorization: `Bearer ${rep.token}`,
      accept: "text/event-stream",
      "content-type": "application/json",
    },
    body: JSON.stringify({ message }),
  });
  await process.fetch(streamed).catch(() => undefined);
  await died.promise;
  deepStrictEqual(calls, [
    "before get_meetings_for_period",
    "after get_meetings_for_period",
    "before begin_copilot_turn",
  ]);
  strictEqual(await turnsOf(), before);
  strictEqual(
    await countOf("select count(*)::int from public.copilot_turns where status = 'running'"),
    0,
  );
  const { status, json } = await callAs(stack, rep, "api-copilot/chat", { message });
  strictEqual(status, 200, JSON.stringify(json));
});
