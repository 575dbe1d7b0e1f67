// What a stream tells before its message was let in, over HTTP: it is read back as it was told, ends with
// the reason where the message is refused, gives way where the database knows better, and shows nobody
// what they may not see any more.
import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { ChatEvent } from "@shared/copilot/contract.ts";
import { type Actor, callAs, createActor, createRivals } from "../support/rivals.ts";
import { testStack } from "../support/stack.ts";

const stack = await testStack();
const { rep } = await createRivals(stack);
const MEETINGS = "What meetings do I have today?";
const TOLD = ["step_started", "step_finished", "text", "structured_response"];

interface Streamed {
  readonly status: number;
  /** In their order; an `error` has the problem as its data. */
  readonly events: { id: string; event: string; data: Record<string, unknown> }[];
  /** The problem, where the status says that there is one. */
  readonly code: unknown;
}

async function stream(
  actor: Actor,
  path: string,
  body?: Record<string, unknown>,
  headers: Record<string, string> = {},
): Promise<Streamed> {
  const response = await stack.callFunction(`api-copilot${path}`, {
    method: body === undefined ? "GET" : "POST",
    headers: {
      authorization: `Bearer ${actor.token}`,
      accept: "text/event-stream",
      "content-type": "application/json",
      ...headers,
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  if (response.status !== 200) {
    return { status: response.status, events: [], code: JSON.parse(text).code };
  }
  const events = text.trim().split("\n\n").map((block) => {
    const [, id, event, data] = /^id: (.+)\nevent: (.+)\ndata: (.+)$/.exec(block) ?? [];
    const read = { id: String(id), event: String(event), data: JSON.parse(String(data)) };
    if (event !== "error") ChatEvent.parse(read);
    return read;
  });
  return { status: 200, events, code: null };
}

/** Somebody whom the function remembers: they have asked before. */
async function createAsker(): Promise<Actor> {
  const email = `asker-${crypto.randomUUID().slice(0, 8)}@home.test`;
  const asker = await createActor(stack, email, rep.orgId, "manager");
  await stack.sql(
    `insert into public.calendar_events (
       org_id, user_id, calendar_id, external_id, title, start_time, end_time, attendees, attendees_count, status
     ) values ($1, $2, 'primary', gen_random_uuid(), 'Acme kickoff', now(), now() + interval '1 minute',
       '[{"email": "bo@buyer.test", "name": "Bo Buyer"}]', 2, 'confirmed')`,
    [asker.orgId, asker.userId],
  );
  const { status } = await callAs(stack, asker, "api-copilot/chat", { message: MEETINGS });
  strictEqual(status, 200);
  return asker;
}

/** Rows that are kept of a person's conversations. */
async function countKept({ userId }: Actor): Promise<unknown> {
  const [row] = await stack.sql(
    `select (select count(*)::int from public.copilot_turns where user_id = $1) as turns,
       (select count(*)::int from public.copilot_conversations where user_id = $1) as conversations,
       (select count(*)::int from public.tool_executions where user_id = $1) as steps`,
    [userId],
  );
  return row;
}

const namesOf = ({ events }: Streamed): string[] => events.map(({ event }) => event);

Deno.test("U60-083 U60-095 what is told before the message is let in is read back under the same ids, from any of them on", async () => {
  const asker = await createAsker();
  const told = await stream(asker, "/chat", { message: MEETINGS });
  deepStrictEqual(namesOf(told), [...TOLD, "done"]);
  match(JSON.stringify(told.events[3]), /Acme kickoff/);
  const turnId = told.events[0]?.id.split(":")[0];
  deepStrictEqual(told.events.map(({ id }) => id), [1, 2, 3, 4, 5].map((n) => `${turnId}:${n}`));
  for (const seen of [0, 2, 4]) {
    const rest = await stream(asker, `/turns/${turnId}/events`, undefined, {
      "last-event-id": `${turnId}:${seen}`,
    });
    deepStrictEqual(rest.events, told.events.slice(seen));
  }
});

Deno.test("a person who asks too often is shown one look-up more, with the refusal after it, and then none", async () => {
  const asker = await createAsker();
  await stack.sql(
    `insert into private.copilot_accesses (user_id, kind, subject_id, at)
     select $1, 'turn', gen_random_uuid(), now() from generate_series(1, 30)`,
    [asker.userId],
  );
  const before = await countKept(asker);
  const first = await stream(asker, "/chat", { message: MEETINGS });
  deepStrictEqual(namesOf(first), [...TOLD, "error"]);
  const error = first.events.at(-1)?.data;
  deepStrictEqual([error?.["code"], error?.["status"]], ["rate_limited", 429]);
  for (let again = 0; again < 3; again++) {
    const { status, code } = await stream(asker, "/chat", { message: MEETINGS });
    deepStrictEqual([status, code], [429, "rate_limited"], "nothing is read for it");
  }
  const document = await stack.callFunction("api-copilot/chat", {
    method: "POST",
    headers: { authorization: `Bearer ${asker.token}`, "content-type": "application/json" },
    body: JSON.stringify({ message: MEETINGS }),
  });
  deepStrictEqual([document.status, (await document.json()).code], [429, "rate_limited"]);
  strictEqual(document.headers.get("retry-after"), "60");
  deepStrictEqual(await countKept(asker), before);
  const turnId = first.events[0]?.id.split(":")[0];
  strictEqual((await stream(asker, `/turns/${turnId}/events`)).code, "not_found");
});

Deno.test("what was told in a time zone that has changed gives way to what stands, and only that is kept", async () => {
  const asker = await createAsker();
  await stack.sql("update public.profiles set time_zone = 'Asia/Tokyo' where id = $1", [
    asker.userId,
  ]);
  const all = await stream(asker, "/chat", { message: MEETINGS });
  deepStrictEqual(namesOf(all), [...TOLD, ...TOLD, "done"]);
  strictEqual(all.events[6]?.data["restart"], true, "the text begins anew");
  const done = all.events.at(-1)?.data;
  deepStrictEqual(done?.["structuredResponse"], all.events[7]?.data);
  strictEqual(done?.["text"], all.events[6]?.data["text"]);
  const turnId = String(done?.["id"]);
  deepStrictEqual(
    (await stream(asker, `/turns/${turnId}/events`)).events,
    all.events.slice(4),
    "under the ids that they were told with",
  );
});

Deno.test("who is no member any more is shown nothing, however well they are remembered", async () => {
  const asker = await createAsker();
  await stack.sql(
    "update public.organization_members set status = 'suspended' where user_id = $1",
    [
      asker.userId,
    ],
  );
  const { status, code, events } = await stream(asker, "/chat", {
    message: MEETINGS,
    org_id: asker.orgId,
  });
  deepStrictEqual([status, code, events], [404, "organization_not_found", []]);
  const unnamed = await stream(asker, "/chat", { message: MEETINGS });
  ok(unnamed.status >= 400 && unnamed.events.length === 0, JSON.stringify(unnamed));
});

Deno.test("a turn id of the client's own is answered once, and read back where it is sent again", async () => {
  const asker = await createAsker();
  const body = {
    message: MEETINGS,
    turn_id: crypto.randomUUID(),
    conversation_id: crypto.randomUUID(),
  };
  const first = await stream(asker, "/chat", body);
  deepStrictEqual(namesOf(first), [...TOLD, "done"]);
  deepStrictEqual(await stream(asker, "/chat", body), first);
});
