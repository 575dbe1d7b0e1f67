// Conversations over HTTP and over the data API: their owner's alone, one worker at a time also when
// many come at once, exported so often and no more, and really gone when they are erased.
import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { createClient, type SupabaseClient } from "@supabase/supabase-js";
import { type Actor, callAs, createActor, createRivals } from "../support/rivals.ts";
import { type Row, testStack } from "../support/stack.ts";

const stack = await testStack();
const { rep, colleague, rival } = await createRivals(stack);
const owner = await createActor(
  stack,
  `owner-${crypto.randomUUID()}@home.test`,
  rep.orgId,
  "owner",
);

/** The client of U60-169: the publishable key, and the caller's token as a header. */
function clientOf(actor: Actor): SupabaseClient {
  return createClient(stack.url, stack.description.publishableKey, {
    auth: { persistSession: false, autoRefreshToken: false, detectSessionInUrl: false },
    global: { headers: { Authorization: `Bearer ${actor.token}` } },
  });
}

interface Called {
  readonly data: Row;
  /** Of the catalogue; null when it went well. */
  readonly code: string | null;
}

async function call(actor: Actor, name: string, parameters: Row): Promise<Called> {
  const { data, error } = await clientOf(actor).rpc(name, parameters);
  return { data, code: error === null ? null : error.message };
}

function begin(actor: Actor, conversation: string, turn: string, message = "Hi"): Promise<Called> {
  return call(actor, "begin_copilot_turn", {
    p_org_id: actor.orgId,
    p_conversation_id: conversation,
    p_turn_id: turn,
    p_message: message,
    p_worker: `worker-of-${turn}`,
  });
}

function finish(actor: Actor, turn: string, text: string, worker = turn): Promise<Called> {
  return call(actor, "finish_copilot_turn", {
    p_turn_id: turn,
    p_worker: `worker-of-${worker}`,
    p_status: "done",
    p_answer: { text },
  });
}

/** A conversation of one question and its answer. */
async function talk(actor: Actor, message: string, answer = "An answer"): Promise<string> {
  const [conversation, turn] = [crypto.randomUUID(), crypto.randomUUID()];
  strictEqual((await begin(actor, conversation, turn, message)).code, null);
  strictEqual((await finish(actor, turn, answer)).code, null);
  return conversation;
}

async function remove(actor: Actor, path: string): Promise<{ status: number; json: Row }> {
  const response = await stack.callFunction(`api-copilot/${path}`, {
    method: "DELETE",
    headers: { authorization: `Bearer ${actor.token}` },
  });
  return { status: response.status, json: await response.json() };
}

interface Listed {
  readonly id: string;
  readonly title: string;
  readonly messages: { readonly text: string }[];
}

async function list(actor: Actor, query = ""): Promise<Listed[]> {
  const { status, json } = await callAs(stack, actor, `api-copilot/conversations${query}`);
  strictEqual(status, 200, JSON.stringify(json));
  return json["data"] as Listed[];
}

async function texts(actor: Actor, conversation: string): Promise<string[]> {
  const { status, json } = await callAs(
    stack,
    actor,
    `api-copilot/conversations/${conversation}`,
  );
  strictEqual(status, 200, JSON.stringify(json));
  return (json["data"] as Listed).messages.map(({ text }) => text);
}

const exportAll = (actor: Actor, body: Row = {}): ReturnType<typeof callAs> =>
  callAs(stack, actor, "api-copilot/exports", body);

const auditOf = (actor: Actor, action: string): Promise<Row[]> =>
  stack.sql(
    `select entity_id, outcome, reason, severity from public.security_audit_log
     where actor_id = $1 and action = $2 order by occurred_at, id`,
    [actor.userId, action],
  );

async function forgetLimits(actor: Actor): Promise<void> {
  await stack.sql("delete from private.copilot_accesses where user_id = $1", [actor.userId]);
  await stack.sql("delete from private.copilot_exports where user_id = $1", [actor.userId]);
}

Deno.test("U60-161 U60-162 a conversation is its owner's alone, over HTTP", async () => {
  const conversation = await talk(rep, "What about Acme?", "It moved.");
  deepStrictEqual((await list(rep)).map(({ title }) => title), ["What about Acme?"]);
  deepStrictEqual(await texts(rep, conversation), ["What about Acme?", "It moved."]);
  for (const other of [colleague, owner, rival]) {
    deepStrictEqual(await list(other), []);
    for (const path of [`conversations/${conversation}`, `conversations/${conversation}/archive`]) {
      const { status, json } = await callAs(
        stack,
        other,
        `api-copilot/${path}`,
        path.endsWith("archive") ? {} : undefined,
      );
      deepStrictEqual([status, json["code"]], [404, "not_found"], path);
    }
    strictEqual((await remove(other, `conversations/${conversation}`)).status, 404);
    deepStrictEqual((await exportAll(other)).json["data"]?.["conversations" as never], []);
  }
  strictEqual(
    (await callAs(stack, rep, `api-copilot/conversations?org_id=${rival.orgId}`)).status,
    404,
  );
  strictEqual((await stack.callFunction("api-copilot/conversations")).status, 401);
});

Deno.test("U60-163 U60-168 U60-169 the data API has no way to them but the owner's own functions", async () => {
  const conversation = await talk(colleague, "Only mine");
  const mine = await clientOf(colleague).rpc("list_copilot_conversations");
  deepStrictEqual(mine.data.conversations.map(({ id }: Row) => id), [conversation]);
  for (const client of [clientOf(colleague), clientOf(owner), stack.service(), stack.anon()]) {
    for (
      const table of [
        "copilot_conversations",
        "copilot_messages",
        "copilot_turns",
        "tool_executions",
      ]
    ) {
      const { data, error } = await client.from(table).select("org_id");
      deepStrictEqual([data, error?.code], [null, "42501"], table);
    }
    const inside = await client.schema("private").from("copilot_keys").select("org_id");
    strictEqual(inside.error?.code, "PGRST106", "private is no schema of the API");
  }
  for (const client of [stack.service(), stack.anon()]) {
    for (
      const [name, parameters] of Object.entries({
        read_copilot_conversation: { p_id: conversation },
        list_copilot_conversations: { p_org_id: colleague.orgId },
        export_copilot_conversations: { p_org_id: colleague.orgId },
        erase_copilot_conversation: { p_id: conversation },
      })
    ) {
      strictEqual((await client.rpc(name, parameters)).error?.code, "42501", name);
    }
  }
  const read = await auditOf(colleague, "copilot_conversations.listed");
  ok(read.length >= 1, "U60-165 the listing is logged");
});

Deno.test("U60-165 each reading over HTTP is one row of the audit log, named by its request", async () => {
  const conversation = await talk(rep, "Is this logged?");
  const before = (await auditOf(rep, "copilot_conversations.read")).length;
  const requestId = `logged-${crypto.randomUUID()}`;
  await callAs(stack, rep, `api-copilot/conversations/${conversation}`, undefined, {
    "x-request-id": requestId,
  });
  const rows = await auditOf(rep, "copilot_conversations.read");
  strictEqual(rows.length, before + 1);
  strictEqual(rows.at(-1)?.["entity_id"], conversation);
  const named = await stack.sql(
    "select action from public.security_audit_log where request_id = $1 and action like 'copilot%'",
    [requestId],
  );
  deepStrictEqual(named, [{ action: "copilot_conversations.read" }]);
});

Deno.test("U60-081 what was answered is read back as it was given", async () => {
  const asked = await callAs(stack, colleague, "api-copilot/chat", {
    message: "What meetings do I have today?",
  });
  strictEqual(asked.status, 200, JSON.stringify(asked.json));
  const answer = asked.json["data"] as Row;
  const conversation = String(answer["conversation_id"]);
  const { json } = await callAs(stack, colleague, `api-copilot/conversations/${conversation}`);
  const { messages, last_turn: turn } = json["data"] as { messages: Row[]; last_turn: Row };
  deepStrictEqual(messages.map(({ role }) => role), ["user", "assistant"]);
  deepStrictEqual(messages[1]?.["answer"], answer);
  deepStrictEqual(turn, { id: answer["id"], status: "done" });
});

Deno.test("a conversation is put away, found in the archive, and taken out by writing on", async () => {
  const conversation = await talk(rival, "Put me away");
  const { status } = await callAs(
    stack,
    rival,
    `api-copilot/conversations/${conversation}/archive`,
    {},
  );
  strictEqual(status, 200);
  deepStrictEqual(await list(rival), []);
  deepStrictEqual((await list(rival, "?is_archived=true")).map(({ id }) => id), [conversation]);
  const turn = crypto.randomUUID();
  await begin(rival, conversation, turn, "And back");
  await finish(rival, turn, "Back");
  deepStrictEqual((await list(rival)).map(({ id }) => id), [conversation]);
  const page = await callAs(stack, rival, `api-copilot/conversations/${conversation}?limit=3`);
  strictEqual(page.json["next_cursor"], "2");
  const rest = await callAs(stack, rival, `api-copilot/conversations/${conversation}?cursor=2`);
  deepStrictEqual((rest.json["data"] as Listed).messages.map(({ text }) => text), ["Put me away"]);
  deepStrictEqual([rest.json["next_cursor"]], [null]);
  const wrong = await callAs(stack, rival, `api-copilot/conversations/${conversation}?cursor=x`);
  strictEqual(wrong.status, 400);
});

Deno.test("U60-164 U60-175 C-21 six exports in ten minutes are an alarm, ten in an hour are all", async () => {
  const person = await createActor(
    stack,
    `ex-${crypto.randomUUID()}@home.test`,
    rep.orgId,
    "agent",
  );
  await talk(person, "Export me", "Exported");
  const move = (by: string): Promise<Row[]> =>
    stack.sql(
      "update private.copilot_exports set started_at = started_at - $2::interval where user_id = $1",
      [person.userId, by],
    );
  const alarms = () => auditOf(person, "copilot_conversations.exported_too_often");
  for (let count = 1; count <= 5; count++) strictEqual((await exportAll(person)).status, 200);
  strictEqual((await alarms()).length, 0);
  const sixth = await exportAll(person);
  strictEqual(sixth.status, 200);
  const [conversation] = (sixth.json["data"] as { conversations: Listed[] }).conversations;
  deepStrictEqual(conversation?.messages.map(({ text }) => text), ["Export me", "Exported"]);
  deepStrictEqual((await alarms()).map(({ severity }) => severity), ["critical"]);

  const seventh = await stack.callFunction("api-copilot/exports", {
    method: "POST",
    headers: { authorization: `Bearer ${person.token}`, "content-type": "application/json" },
    body: "{}",
  });
  deepStrictEqual([seventh.status, (await seventh.json()).code], [429, "rate_limited"]);
  match(seventh.headers.get("retry-after") ?? "", /^(5\d|60)$/);
  await move("15 minutes");
  for (let count = 7; count <= 9; count++) strictEqual((await exportAll(person)).status, 200);
  await move("1 minute");
  const together = await Promise.all([exportAll(person), exportAll(person), exportAll(person)]);
  deepStrictEqual(
    together.map(({ status, json }) => json["code"] ?? status).sort(),
    [200, "export_limit_reached", "export_limit_reached"],
    "the tenth is made once, however many ask for it at once",
  );
  const outcomes = (await auditOf(person, "copilot_conversations.exported"))
    .filter(({ outcome }) => outcome === "refused").map(({ reason }) => reason);
  deepStrictEqual(outcomes, ["rate_limited", "export_limit_reached", "export_limit_reached"]);
  await move("45 minutes");
  strictEqual((await exportAll(person)).status, 200, "the window moves");
});

Deno.test("an export of more than a page goes on where the page ended, and only there", async () => {
  const person = await createActor(
    stack,
    `pg-${crypto.randomUUID()}@home.test`,
    rep.orgId,
    "agent",
  );
  const conversation = await talk(person, "A long one");
  await stack.sql(
    `with t as (
       insert into public.copilot_turns (org_id, id, conversation_id, user_id, worker, status, lease_until, finished_at)
       select $1, gen_random_uuid(), $2, $3, 'w', 'done', now(), now() from generate_series(1, 1200) returning id
     ), m as (select id as turn_id, gen_random_uuid() as id, row_number() over () + 2 as seq from t)
     insert into public.copilot_messages (org_id, id, conversation_id, turn_id, seq, role, text_sealed)
     select $1, m.id, $2, m.turn_id, m.seq, 'user', private.seal(private.copilot_key($1, $3), 'text:' || m.id, 'filler ' || m.seq) from m`,
    [person.orgId, conversation, person.userId],
  );
  await stack.sql("update public.copilot_conversations set message_count = 1202 where id = $1", [
    conversation,
  ]);
  const first = await exportAll(person);
  const cursor = String(first.json["next_cursor"]);
  const count = (page: typeof first): number =>
    (page.json["data"] as { conversations: Listed[] }).conversations
      .reduce((sum, { messages }) => sum + messages.length, 0);
  strictEqual(count(first), 1000);
  const second = await exportAll(person, { cursor });
  deepStrictEqual([count(second), second.json["next_cursor"]], [202, null]);
  strictEqual((await exportAll(person, { cursor })).json["code"], "not_found");
  strictEqual((await exportAll(rep, { cursor })).json["code"], "not_found");
  strictEqual((await exportAll(person, { cursor: "nonsense" })).json["code"], "invalid_request");
});

Deno.test("two messages of one conversation at once: one turn runs, however many come", async () => {
  const conversation = crypto.randomUUID();
  const turns = Array.from({ length: 8 }, () => crypto.randomUUID());
  const begun = await Promise.all(turns.map((turn) => begin(rep, conversation, turn)));
  deepStrictEqual(
    begun.map(({ code }) => code ?? "begun").sort(),
    ["begun", ...Array(7).fill("turn_running")],
  );
  deepStrictEqual(await texts(rep, conversation), ["Hi"]);

  const [again, turn] = [crypto.randomUUID(), crypto.randomUUID()];
  const repeated = await Promise.all(turns.map(() => begin(rep, again, turn)));
  deepStrictEqual(
    repeated.map(({ data }) => data["is_replay"]).sort(),
    [false, ...Array(7).fill(true)],
    "and the same message, sent eight times, is taken in once",
  );
  deepStrictEqual(await texts(rep, again), ["Hi"]);
  await forgetLimits(rep);
});

Deno.test("a worker that lost its lease saves and answers nothing, also at the very moment it is replaced", async () => {
  for (let round = 0; round < 5; round++) {
    const [conversation, turn] = [crypto.randomUUID(), crypto.randomUUID()];
    await begin(rep, conversation, turn, "Who answers?");
    await stack.sql(
      "update public.copilot_turns set lease_until = clock_timestamp() where id = $1",
      [turn],
    );
    const resume = (worker: string): Promise<Called> =>
      call(rep, "resume_copilot_turn", { p_turn_id: turn, p_worker: `worker-of-${worker}` });
    const [zombie, first, second, save] = await Promise.all([
      finish(rep, turn, "the zombie's"),
      resume("a"),
      resume("b"),
      call(rep, "save_copilot_turn", {
        p_turn_id: turn,
        p_worker: `worker-of-${turn}`,
        p_events: [{ seq: 1, event: "text", data: { text: "the zombie's" } }],
      }),
    ]);
    deepStrictEqual([zombie.code, save.code], ["turn_not_held", "turn_not_held"]);
    deepStrictEqual([first.code, second.code].sort(), [null, "turn_running"].sort());
    const winner = first.code === null ? "a" : "b";
    const [late, real] = await Promise.all([
      finish(rep, turn, "late"),
      finish(rep, turn, "the winner's", winner),
    ]);
    deepStrictEqual([late.code, real.code], ["turn_not_held", null]);
    deepStrictEqual(await texts(rep, conversation), ["Who answers?", "the winner's"]);
  }
  await forgetLimits(rep);
});

Deno.test("U60-166 erasing wins over whatever is written meanwhile, and never stands in its own way", async () => {
  const person = await createActor(
    stack,
    `er-${crypto.randomUUID()}@home.test`,
    rep.orgId,
    "agent",
  );
  const fine: ReadonlySet<string | null> = new Set([
    null,
    "not_found",
    "turn_not_held",
  ]);
  const codes: (string | null)[] = [];
  for (let round = 0; round < 12; round++) {
    const [conversation, turn, other] = [0, 1, 2].map(() => crypto.randomUUID()) as [
      string,
      string,
      string,
    ];
    await begin(person, conversation, turn);
    const all = await Promise.all([
      finish(person, turn, "Too late?"),
      call(person, "erase_copilot_conversation", { p_id: conversation }),
      begin(person, crypto.randomUUID(), other),
      round % 2 === 0
        ? call(person, "erase_my_copilot_history", { p_org_id: person.orgId })
        : call(person, "read_copilot_turn", { p_turn_id: turn }),
    ]);
    codes.push(...all.map(({ code }) => code));
    const [left] = await stack.sql<{ count: number }>(
      "select count(*)::int as count from public.copilot_conversations where id = $1",
      [conversation],
    );
    strictEqual(left?.count, 0);
    // What is left opens: nothing was sealed with a key that went
    await list(person);
    await forgetLimits(person);
  }
  deepStrictEqual(codes.filter((code) => !fine.has(code)), []);
});

Deno.test("C-17 U60-166 what was said is on no page of the disk, before erasing or after", async () => {
  const person = await createActor(
    stack,
    `dk-${crypto.randomUUID()}@home.test`,
    rep.orgId,
    "agent",
  );
  const [secret, control] = [0, 1].map(() => `zanzibar-${crypto.randomUUID()}`) as [string, string];
  const conversation = await talk(person, `Tell me of ${secret}`, `About ${secret}: it moved`);
  await stack.sql(
    "insert into public.tasks (org_id, user_id, title) values ($1, $2, $3)",
    [person.orgId, person.userId, control],
  );
  await stack.sql("checkpoint");
  const [place] = await stack.sql("show data_directory");
  const folder = String(place?.["data_directory"]);
  ok((await filesWith(folder, control)).length > 0, "control: an ordinary text is found");
  deepStrictEqual(await filesWith(folder, secret), []);
  strictEqual((await remove(person, `conversations/${conversation}`)).status, 200);
  deepStrictEqual(await filesWith(folder, secret), []);
  const [rows] = await stack.sql<{ count: number }>(
    `select ((select count(*) from public.copilot_messages where conversation_id = $1)
       + (select count(*) from public.copilot_turns where conversation_id = $1))::int as count`,
    [conversation],
  );
  strictEqual(rows?.count, 0);
  strictEqual((await remove(person, `conversations/${conversation}`)).json["code"], "not_found");
});

Deno.test("U60-166 a person erases everything, and with a login goes everything", async () => {
  const person = await createActor(
    stack,
    `al-${crypto.randomUUID()}@home.test`,
    rep.orgId,
    "agent",
  );
  await talk(person, "One");
  await talk(person, "Two");
  strictEqual(
    (await remove(person, "conversations")).status,
    400,
    "which organization is said outright",
  );
  deepStrictEqual((await remove(person, `conversations?org_id=${person.orgId}`)).json["data"], {
    erased: 2,
  });
  deepStrictEqual(await list(person), []);
  await talk(person, "Three");
  const left = (): Promise<Row[]> =>
    stack.sql(
      `select 'conversation' as what from public.copilot_conversations where user_id = $1
       union all select 'key' from private.copilot_keys where user_id = $1`,
      [person.userId],
    );
  strictEqual((await left()).length, 2);
  await stack.sql("update public.organization_members set status = 'removed' where user_id = $1", [
    person.userId,
  ]);
  strictEqual((await callAs(stack, person, "api-copilot/conversations")).status, 409);
  strictEqual((await left()).length, 2, "a membership that ends takes nothing away from them");
  const { error } = await stack.service().auth.admin.deleteUser(person.userId);
  strictEqual(error, null);
  deepStrictEqual(await left(), []);
});

/** Files below a folder that hold a text. */
async function filesWith(folder: string, text: string): Promise<string[]> {
  const { code, stdout } = await new Deno.Command("grep", {
    args: ["-rlaF", "--", text, folder],
    stderr: "null",
  }).output();
  // 1: none; 2: a file was removed meanwhile
  ok(code <= 2);
  return new TextDecoder().decode(stdout).split("\n").filter((line) => line !== "");
}
