// Turns of api-copilot over HTTP: the stream's contract, reading on, stopping, one at a time, going on
// after a worker died, exactly four tools, and the shape of older clients.
import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { z } from "zod";
import { ChatAnswer, ChatEvent, LegacyChatAnswer, TurnState } from "@shared/copilot/contract.ts";
import { StructuredResponse } from "@shared/copilot/panels/catalogue.ts";
import { type Actor, callAs, createRivals, eventually } from "../support/rivals.ts";
import { testStack } from "../support/stack.ts";

const stack = await testStack();
const { rep, colleague, rival } = await createRivals(stack);
const MEETINGS = "What meetings do I have today?";

/** A message that no other test of the lane sends, and that no rule knows. */
const wonder = (): string => `I wonder about ${crypto.randomUUID()}`;

async function script(includes: string, ...answers: Record<string, unknown>[]): Promise<void> {
  await stack.controlProviders({ provider: "gemini", action: "script", includes, answers });
}

/** Requests to the model whose body holds a text. */
async function requestsWith(text: string): Promise<Record<string, unknown>[]> {
  const bodies = z.array(z.object({ body: z.string() })).parse(
    await stack.controlProviders({ provider: "gemini", action: "requests", last: 500 }),
  );
  return bodies.filter(({ body }) => body.includes(text)).map(({ body }) => JSON.parse(body));
}

interface Streamed {
  readonly response: Response;
  readonly events: ChatEvent[];
}

async function open(
  actor: Actor,
  path: string,
  body: unknown,
  headers: Record<string, string> = {},
): Promise<Response> {
  return await stack.callFunction(`api-copilot${path}`, {
    method: body === undefined ? "GET" : "POST",
    headers: {
      authorization: `Bearer ${actor.token}`,
      accept: "text/event-stream",
      "content-type": "application/json",
      ...headers,
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
}

/** Reads a whole stream; every event is held against the contract. */
async function stream(actor: Actor, body: Record<string, unknown>): Promise<Streamed> {
  const response = await open(actor, "/chat", body);
  return { response, events: readEvents(await response.text()) };
}

function readEvents(text: string): ChatEvent[] {
  return text.trim().split("\n\n").filter((block) => !block.startsWith(":")).map((block) => {
    const fields = Object.fromEntries(
      block.split("\n").map((line) => {
        const colon = line.indexOf(":");
        return [line.slice(0, colon), line.slice(colon + 2)];
      }),
    );
    return ChatEvent.parse({
      id: fields["id"],
      event: fields["event"],
      data: JSON.parse(String(fields["data"])),
    });
  });
}

function answerOf(events: readonly ChatEvent[]): ChatAnswer {
  const last = events.at(-1);
  if (last?.event !== "done") throw new Error(`the last event is ${last?.event}`);
  return last.data;
}

async function ask(actor: Actor, body: Record<string, unknown>): Promise<ChatAnswer> {
  const { status, json } = await callAs(stack, actor, "api-copilot/chat", body);
  strictEqual(status, 200, JSON.stringify(json));
  return ChatAnswer.parse(json["data"]);
}

const numbersOf = (events: readonly ChatEvent[]): number[] =>
  events.map(({ id }) => Number(id.split(":")[1]));

Deno.test("U60-058 U60-062 U60-081 a model's answer streams in steps, with exactly four tools offered and a panel from the action's rows", async () => {
  const message = wonder();
  await script(
    message,
    {
      kind: "calls",
      calls: [{ name: "execute_action", args: { action: "list_tasks", args: {} } }],
    },
    { kind: "text", text: "I looked it up for you. There is nothing more to say.", pieces: 6 },
  );
  const { events, response } = await stream(rep, { message });
  match(response.headers.get("content-type") ?? "", /^text\/event-stream/);
  const answer = answerOf(events);
  deepStrictEqual(numbersOf(events), events.map((_, index) => index + 1));
  deepStrictEqual([...new Set(events.map(({ event }) => event))], [
    "step_started",
    "step_finished",
    "text",
    "structured_response",
    "done",
  ]);
  strictEqual(
    events.flatMap((event) => event.event === "text" ? [event.data.text] : []).join(""),
    answer.text,
  );
  strictEqual(answer.structuredResponse?.type, "task_list");
  strictEqual(answer.routing.model_calls, 2);
  const requests = await requestsWith(message);
  strictEqual(requests.length, 2);
  for (const request of requests) {
    const tools = z.array(z.object({
      functionDeclarations: z.array(z.object({ name: z.string() })),
    })).parse(request["tools"]);
    deepStrictEqual(
      tools.flatMap(({ functionDeclarations: all }) => all.map(({ name }) => name)),
      ["execute_action", "get_skill", "list_skills", "resolve_entity"],
    );
  }
  const [turn] = await stack.sql(
    `select t.status, t.skill_key, u.calls from public.copilot_turns t
     cross join lateral (select count(*)::int as calls from private.model_usage m
       where m.org_id = t.org_id and m.purpose = 'copilot') as u where t.id = $1`,
    [answer.id],
  );
  strictEqual(turn?.["status"], "done");
  strictEqual(turn?.["calls"], 2);
});

Deno.test("U60-083 questions that rules know reach no model, whatever they find", async () => {
  await stack.sql(
    `insert into public.calendar_events (org_id, user_id, calendar_id, external_id, title, start_time, end_time, attendees, attendees_count, status, response_status)
     values ($1, $2, 'primary', gen_random_uuid(), 'Kickoff', now() + interval '3 hours', now() + interval '4 hours', '[{"email": "bo@buyer.test"}]', 2, 'confirmed', 'accepted')`,
    [rep.orgId, rep.userId],
  );
  const before = (await requestsWith("")).length;
  for (
    const message of [
      MEETINGS,
      "any meetings tomorrow?",
      "Show my pipeline",
      "Which deals are at risk?",
      "What tasks are overdue?",
      "Prep for my next meeting",
      "Create follow-ups",
      "Help me with my meeting",
    ]
  ) {
    const answer = await ask(rep, { message });
    strictEqual(answer.routing.model_calls, 0, message);
    strictEqual(answer.routing.decided_by, "rules", message);
  }
  strictEqual((await requestsWith("")).length, before);
});

Deno.test("without anything scripted the simulator answers on the real wire, and says that it is one", async () => {
  const answer = await ask(rep, { message: "What are my biggest deals right now, roughly?" });
  match(answer.text, /simulator/);
  strictEqual(answer.tool_executions[0]?.action, "list_deals");
  strictEqual(answer.structuredResponse?.type, "deal_list");
  ok(answer.routing.model_calls <= 2);
});

Deno.test("a conversation goes on: what was said before is before the model, byte for byte the same beginning", async () => {
  const [first, second] = [wonder(), wonder()];
  await script(first, { kind: "text", text: "All is well. " });
  const { conversation_id } = await ask(rep, { message: first });
  await script(second, { kind: "text", text: "Still well. " });
  await ask(rep, { message: second, conversation_id });
  const [before] = await requestsWith(first);
  const [after] = await requestsWith(second);
  deepStrictEqual(after?.["systemInstruction"], before?.["systemInstruction"]);
  deepStrictEqual(after?.["tools"], before?.["tools"]);
  const contents = z.array(z.object({ role: z.string(), parts: z.array(z.looseObject({})) }))
    .parse(after?.["contents"]);
  deepStrictEqual(contents.map(({ role }) => role), ["user", "model", "user"]);
  match(JSON.stringify(contents[1]), /All is well/);
});

Deno.test("U60-166 what was erased is asked no model again, not even before the database has answered", async () => {
  const [first, second] = [wonder(), wonder()];
  const { conversation_id } = await ask(rep, { message: first });
  const erased = await stack.callFunction(`api-copilot/conversations/${conversation_id}`, {
    method: "DELETE",
    headers: { authorization: `Bearer ${rep.token}` },
  });
  strictEqual(erased.status, 200, await erased.text());
  await ask(rep, { message: second, conversation_id });
  const requests = await requestsWith(second);
  ok(requests.length > 0);
  deepStrictEqual(requests.filter((request) => JSON.stringify(request).includes(first)), []);
});

Deno.test("U60-083 U60-088 a confirm where nothing waits reaches no model", async () => {
  const before = (await requestsWith("")).length;
  const answer = await ask(rep, { message: "Confirm" });
  match(answer.text, /^Nothing waits for your yes/);
  strictEqual(answer.routing.model_calls, 0);
  strictEqual(answer.pending_action, null);
  strictEqual((await requestsWith("")).length, before);
});

Deno.test("characters that no database keeps cost a model's answer nothing but themselves", async () => {
  const message = wonder();
  const call = { action: "list_tasks", args: { status: "\u0000", "\u0000": "\ud800" } };
  await script(
    message,
    { kind: "calls", calls: [{ name: "execute_action", args: call }] },
    { kind: "text", text: "All is \u0000well\ud800. It says \\u0000. " },
  );
  const { id, text } = await ask(rep, { message });
  match(text, /^All is well/);
  const { json } = await callAs(stack, rep, `api-copilot/turns/${id}`);
  strictEqual(TurnState.parse(json["data"]).status, "done");
});

Deno.test("a stream is read on from the last event that was seen, by its owner and nobody else", async () => {
  const { events } = await stream(rep, { message: MEETINGS });
  const { id } = answerOf(events);
  const rest = await open(rep, `/turns/${id}/events`, undefined, { "last-event-id": `${id}:2` });
  deepStrictEqual(readEvents(await rest.text()), events.slice(2));
  const all = await open(rep, `/turns/${id}/events`, undefined, {
    "last-event-id": `${crypto.randomUUID()}:4`,
  });
  deepStrictEqual(readEvents(await all.text()), events, "another turn's id counts for nothing");
  for (const other of [colleague, rival]) {
    for (const path of [`/turns/${id}`, `/turns/${id}/events`]) {
      const refused = await open(other, path, undefined);
      strictEqual(refused.status, 404);
      strictEqual((await refused.json()).code, "not_found");
    }
    for (const verb of ["cancel", "continue"]) {
      const refused = await open(other, `/turns/${id}/${verb}`, {});
      strictEqual(refused.status, 404);
      await refused.body?.cancel();
    }
  }
  const state = await callAs(stack, rep, `api-copilot/turns/${id}`);
  deepStrictEqual(TurnState.parse(state.json["data"]), {
    id,
    status: "done",
    answer: answerOf(events),
  });
});

Deno.test("the same message under the same turn id is answered once", async () => {
  const message = wonder();
  const body = { message, turn_id: crypto.randomUUID(), conversation_id: crypto.randomUUID() };
  const first = await ask(rep, body);
  const again = await ask(rep, body);
  deepStrictEqual(again, first);
  strictEqual((await requestsWith(message)).length, 1);
  const elsewhere = await callAs(stack, rep, "api-copilot/chat", {
    ...body,
    conversation_id: crypto.randomUUID(),
  });
  strictEqual(elsewhere.json["code"], "conflict");
});

Deno.test("one turn of a conversation runs at a time; another one is told so", async () => {
  const message = wonder();
  const conversation_id = crypto.randomUUID();
  await script(message, { kind: "text", text: "Here I am. ", delay_ms: 1_500 });
  const slow = ask(rep, { message, conversation_id });
  await eventually("the turn runs", async () => {
    const rows = await stack.sql(
      "select 1 from public.copilot_turns where conversation_id = $1 and status = 'running'",
      [conversation_id],
    );
    return rows.length === 1;
  });
  const second = await callAs(stack, rep, "api-copilot/chat", {
    message: MEETINGS,
    conversation_id,
  });
  deepStrictEqual([second.status, second.json["code"]], [409, "turn_running"]);
  strictEqual((await ask(rep, { message: MEETINGS })).routing.decided_by, "rules", "others go on");
  match((await slow).text, /Here I am/);
});

Deno.test("a turn that is cancelled stops the model, says so, and leaves the conversation usable", async () => {
  const message = wonder();
  const body = { message, turn_id: crypto.randomUUID(), conversation_id: crypto.randomUUID() };
  await script(message, { kind: "text", text: "Far too late. ", delay_ms: 4_000 });
  const running = stream(rep, body);
  await eventually("the turn runs", async () => {
    const rows = await stack.sql("select 1 from public.copilot_turns where id = $1", [
      body.turn_id,
    ]);
    return rows.length === 1;
  });
  await eventually("the turn runs", async () => {
    const rows = await stack.sql("select 1 from public.copilot_turns where id = $1", [
      body.turn_id,
    ]);
    return rows.length === 1;
  });
  const startedAt = performance.now();
  const cancelled = await callAs(stack, rep, `api-copilot/turns/${body.turn_id}/cancel`, {});
  strictEqual(cancelled.status, 200);
  const answer = answerOf((await running).events);
  ok(performance.now() - startedAt < 3_000, "nobody waits for the model");
  strictEqual(answer.notice, "cancelled");
  ok(!answer.text.includes("Far too late"));
  const next = await ask(rep, { message: MEETINGS, conversation_id: body.conversation_id });
  strictEqual(next.routing.decided_by, "rules");
});

Deno.test("a turn goes on when its client has gone, and its answer waits for the client's return", async () => {
  const message = wonder();
  const turn_id = crypto.randomUUID();
  await script(
    message,
    { kind: "calls", calls: [{ name: "execute_action", args: { action: "list_tasks" } }] },
    { kind: "text", text: "It was worth the wait. ", delay_ms: 800 },
  );
  const client = new AbortController();
  const response = await stack.callFunction("api-copilot/chat", {
    method: "POST",
    signal: client.signal,
    headers: {
      authorization: `Bearer ${rep.token}`,
      accept: "text/event-stream",
      "content-type": "application/json",
    },
    body: JSON.stringify({ message, turn_id }),
  });
  await response.body?.getReader().read();
  client.abort();
  const rest = await open(rep, `/turns/${turn_id}/events`, undefined);
  match(answerOf(readEvents(await rest.text())).text, /worth the wait/);
});

Deno.test("every way in which a model fails is told honestly, and costs nobody the answer of rules", async () => {
  const cases: [Record<string, unknown>[], string][] = [
    [[{ kind: "blocked_prompt" }], "model_blocked"],
    [[{ kind: "blocked_answer" }], "model_blocked"],
    [[{ kind: "empty" }, { kind: "empty" }], "model_gave_nothing"],
    [[{ kind: "malformed_call" }, { kind: "malformed_call" }], "model_gave_nothing"],
    [[{ kind: "max_tokens", text: "" }], "model_truncated"],
    [[{ kind: "error", status: 429, retry_delay: "40s" }], "model_busy"],
    [[{ kind: "error", status: 429, quota: "day" }], "model_busy"],
    [[{ kind: "error", status: 403 }], "model_misconfigured"],
    [
      [{ kind: "cut", text: "It breaks. Right here in the middle of it.", after_chunks: 2 }],
      "model_unavailable",
    ],
    [[{
      kind: "error_midway",
      text: "It breaks. Right here in the middle of it.",
      after_chunks: 2,
    }], "model_unavailable"],
    [[{ kind: "not_json" }, { kind: "not_json" }, { kind: "not_json" }], "model_unavailable"],
  ];
  for (const [answers, notice] of cases) {
    const message = wonder();
    await script(message, ...answers);
    const answer = await ask(colleague, { message });
    strictEqual(answer.notice, notice, JSON.stringify(answers));
    ok(answer.text.length > 20);
  }
  const retried = wonder();
  await script(retried, { kind: "error", status: 503 }, { kind: "text", text: "Second try. " });
  strictEqual((await ask(colleague, { message: retried })).notice, null);
});

Deno.test("the shape of older clients is served, with their organization only if it is theirs", async () => {
  const { status, json } = await callAs(stack, rep, "api-copilot", {
    message: MEETINGS,
    context: { userId: rival.userId, orgId: rep.orgId, currentView: "dashboard" },
  });
  strictEqual(status, 200, JSON.stringify(json));
  const answer = LegacyChatAnswer.parse(json);
  strictEqual(answer.response.type, "meeting_list");
  const next = await callAs(stack, rep, "api-copilot", {
    message: "any meetings tomorrow?",
    conversationId: answer.conversationId,
  });
  strictEqual(LegacyChatAnswer.parse(next.json).conversationId, answer.conversationId);
  const foreign = await callAs(stack, rep, "api-copilot", {
    message: MEETINGS,
    context: { orgId: rival.orgId },
  });
  deepStrictEqual([foreign.status, foreign.json["code"]], [404, "organization_not_found"]);
});

Deno.test("U60-071 every panel is published with a schema and an example that keeps it", async () => {
  const { json } = await callAs(stack, rep, "api-copilot/panels");
  const panels = z.array(z.object({
    type: z.string(),
    version: z.int(),
    schema: z.record(z.string(), z.unknown()),
    example: z.record(z.string(), z.unknown()),
  })).parse(json["data"]);
  ok(panels.length >= 10, `${panels.length} panels`);
  for (const { type, schema, example } of panels) {
    strictEqual(StructuredResponse.parse(example).type, type);
    strictEqual(schema["additionalProperties"], false, type);
  }
  strictEqual(new Set(panels.map(({ type }) => type)).size, panels.length);
});

/** The published contract of what an operation answers, made into a check. */
async function publishedCheck(path: string, method: string, media: string): Promise<z.ZodType> {
  const document = z.object({
    paths: z.record(
      z.string(),
      z.record(z.string(), z.object({ responses: z.record(z.string(), z.looseObject({})) })),
    ),
    components: z.object({ schemas: z.record(z.string(), z.unknown()) }),
  }).parse(await (await stack.callFunction("api-copilot/openapi.json")).json());
  const answer = z.object({
    content: z.record(z.string(), z.object({ schema: z.looseObject({}) })),
  })
    .parse(document.paths[path]?.[method]?.responses["200"]);
  const schema = answer.content[media]?.schema;
  if (schema === undefined) throw new Error(`${method} ${path} is not published as ${media}`);
  // A schema by itself has its definitions with it, a document those of all
  const own = JSON.stringify({ ...schema, $defs: document.components.schemas })
    .replaceAll('"#/components/schemas/', '"#/$defs/');
  return z.fromJSONSchema(JSON.parse(own));
}

Deno.test("answers, events and panels keep the published contract, and a changed one does not", async () => {
  const { json } = await callAs(stack, rep, "api-copilot/chat", { message: MEETINGS });
  const chat = await publishedCheck("/api-copilot/chat", "post", "application/json");
  chat.parse(json);
  strictEqual(chat.safeParse({ data: { ...json["data"] as object, text: 7 } }).success, false);
  strictEqual(chat.safeParse({ data: { ...json["data"] as object, more: 1 } }).success, false);

  const legacy = await callAs(stack, rep, "api-copilot", { message: MEETINGS });
  const older = await publishedCheck("/api-copilot", "post", "application/json");
  older.parse(legacy.json);
  strictEqual(older.safeParse({ data: legacy.json }).success, false);

  const events = await publishedCheck("/api-copilot/chat", "post", "text/event-stream");
  for (const event of (await stream(rep, { message: MEETINGS })).events) events.parse(event);
  strictEqual(events.safeParse({ id: "a:1", event: "thought", data: {} }).success, false);

  const panels = z.array(z.object({
    type: z.string(),
    schema: z.looseObject({}),
    example: z.looseObject({}),
  })).parse((await callAs(stack, rep, "api-copilot/panels")).json["data"]);
  for (const { type, schema, example } of panels) {
    const panel = z.fromJSONSchema(schema as Parameters<typeof z.fromJSONSchema>[0]);
    panel.parse(example);
    strictEqual(panel.safeParse({ ...example, unlisted: true }).success, false, type);
  }
});
