// fathom-webhook over HTTP, on a running stack: from a signed recording to rows that can be searched,
// and everything that must not get that far.
import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import {
  connectFathom,
  fathomMeeting,
  newMessageId,
  postWebhook,
  sign,
  type TestConnection,
} from "../support/fathom_connection.ts";
import { type Actor, callAs, createActor, createRivals, eventually } from "../support/rivals.ts";
import { testStack } from "../support/stack.ts";

const stack = await testStack();
const { rep, colleague, rival } = await createRivals(stack);
const connection = await connectFathom(stack, rep);
const rivalConnection = await connectFathom(stack, rival);

interface StoredMeeting extends Record<string, unknown> {
  readonly id: string;
  readonly org_id: string;
  readonly owner_user_id: string;
}

async function meetingsOf(recordingId: unknown): Promise<StoredMeeting[]> {
  return await stack.sql<StoredMeeting>(
    `select m.id, m.org_id, m.owner_user_id, m.source_type, m.title, m.summary,
            (select count(*)::int from public.transcript_segments s where s.org_id = m.org_id and s.meeting_id = m.id) as segments,
            (select count(*)::int from public.meeting_attendees a where a.org_id = m.org_id and a.meeting_id = m.id) as attendees,
            (select count(*)::int from public.meeting_action_items i where i.org_id = m.org_id and i.meeting_id = m.id) as items
     from public.meetings m where m.external_id = $1`,
    [String(recordingId)],
  );
}

async function eventsOf(owner: TestConnection, id = ""): Promise<Record<string, unknown>[]> {
  return await stack.sql(
    "select id, state, attempts, last_error, org_id from private.webhook_events where event_id like $1",
    [`${owner.id}:${id}%`],
  );
}

/** Posts a meeting and waits until nothing of this connection waits any more. */
async function deliver(
  owner: TestConnection,
  meeting: Record<string, unknown>,
  call: { id?: string; timestamp?: string } = {},
): Promise<void> {
  const { status } = await postWebhook(owner, { body: JSON.stringify(meeting), ...call });
  strictEqual(status, 200);
  await settled(owner);
}

async function settled(owner: TestConnection): Promise<void> {
  await eventually(
    "the inbox is empty",
    async () => (await eventsOf(owner)).every((event) => event["state"] === "processed"),
  );
}

async function search(actor: Actor, words: string): Promise<Record<string, unknown>[]> {
  const { status, json } = await callAs(stack, actor, "meeting-search", { q: words });
  strictEqual(status, 200);
  return json["data"] as Record<string, unknown>[];
}

Deno.test("U60-054 a recording is stored whole and can be searched within five seconds", async () => {
  const meeting = fathomMeeting(rep, {
    transcript: [{
      speaker: { display_name: "Bo" },
      text: "Zanzibar is our codeword",
      timestamp: "00:00:01",
    }],
  });
  const { status, json } = await postWebhook(connection, { body: JSON.stringify(meeting) });
  deepStrictEqual([status, json], [200, { received: true, duplicate: false }]);
  await eventually(
    "it can be searched",
    async () => (await search(rep, "zanzibar")).length === 1,
    5_000,
  );
  const [stored] = await meetingsOf(meeting["recording_id"]);
  deepStrictEqual(
    [stored?.org_id, stored?.owner_user_id, stored?.["source_type"], stored?.["title"]],
    [rep.orgId, rep.userId, "fathom", "Renewal talk"],
  );
  deepStrictEqual([stored?.["segments"], stored?.["items"]], [1, 1]);
  // The organization shares meetings; the rival's is another one
  strictEqual((await search(colleague, "zanzibar")).length, 1);
  strictEqual((await search(rival, "zanzibar")).length, 0);
});

Deno.test("U60-131 what came from Fathom says so, whoever reads it through the API", async () => {
  const meeting = fathomMeeting(rep);
  await deliver(connection, meeting);
  const { json } = await callAs(stack, rep, "meeting-search", { q: "renewal", order: "recent" });
  ok((json["data"] as unknown[]).length > 0);
  const [stored] = await meetingsOf(meeting["recording_id"]);
  strictEqual(stored?.["source_type"], "fathom");
});

Deno.test("U60-054 a thousand deliveries of one message have one effect", async () => {
  const id = newMessageId();
  const meeting = fathomMeeting(rep);
  const body = JSON.stringify(meeting);
  const fresh = { count: 0 };
  const worker = async (times: number): Promise<void> => {
    for (let n = 0; n < times; n++) {
      const { status, json } = await postWebhook(connection, { body, id });
      strictEqual(status, 200);
      if (json["duplicate"] === false) fresh.count += 1;
    }
  };
  await Promise.all(Array.from({ length: 16 }, (_, n) => worker(n < 8 ? 63 : 62)));
  await settled(connection);
  strictEqual(fresh.count, 1);
  strictEqual((await eventsOf(connection, id)).length, 1);
  const stored = await meetingsOf(meeting["recording_id"]);
  deepStrictEqual(stored.map((row) => [row["segments"], row["attendees"], row["items"]]), [[
    2,
    2,
    1,
  ]]);
});

Deno.test("U60-054 the same content under another id changes nothing", async () => {
  const meeting = fathomMeeting(rep);
  await deliver(connection, meeting);
  const [before] = await stack.sql(
    "select m.id, m.updated_at::text, (select min(s.id::text) from public.transcript_segments s where s.org_id = m.org_id and s.meeting_id = m.id) as segment from public.meetings m where m.external_id = $1",
    [String(meeting["recording_id"])],
  );
  await deliver(connection, meeting);
  const [after] = await stack.sql(
    "select m.id, m.updated_at::text, (select min(s.id::text) from public.transcript_segments s where s.org_id = m.org_id and s.meeting_id = m.id) as segment from public.meetings m where m.external_id = $1",
    [String(meeting["recording_id"])],
  );
  deepStrictEqual(after, before);
});

function permutations<T>(list: readonly T[]): T[][] {
  if (list.length < 2) return [[...list]];
  return list.flatMap((head, n) =>
    permutations([...list.slice(0, n), ...list.slice(n + 1)]).map((tail) => [head, ...tail])
  );
}

Deno.test("U60-054 four deliveries end the same in each of their 24 orders", async () => {
  const states = new Set<string>();
  for (const order of permutations([0, 1, 2, 3])) {
    const whole = fathomMeeting(rep, { created_at: "2026-11-20T10:00:00Z" });
    const versions = [
      { ...whole, transcript: null, default_summary: null, action_items: null },
      { ...whole, meeting_title: "Second title", action_items: [] },
      {
        ...whole,
        meeting_title: "Third title",
        transcript: [{ speaker: null, text: "Corrected words", timestamp: "00:00:01" }],
        default_summary: { template_name: null, markdown_formatted: null },
      },
      { ...whole, meeting_title: null, transcript: null, calendar_invitees: null },
    ];
    const now = Math.floor(Date.now() / 1000);
    for (const n of order) {
      const { status } = await postWebhook(connection, {
        body: JSON.stringify(versions[n]),
        timestamp: String(now - 100 + n),
      });
      strictEqual(status, 200);
    }
    await settled(connection);
    const [stored] = await meetingsOf(whole["recording_id"]);
    const { id: _id, ...state } = stored ?? { id: "" };
    states.add(JSON.stringify(state));
  }
  strictEqual(states.size, 1, [...states].join("\n"));
  const [only = "{}"] = states;
  const { title, summary, segments, items } = JSON.parse(only);
  deepStrictEqual([title, summary, segments, items], [
    "Third title",
    "They talked about renewal.",
    1,
    1,
  ]);
});

Deno.test("U60-054 an unknown recorder's meeting is kept, and applied once they are known", async () => {
  const email = `late-${crypto.randomUUID().slice(0, 8)}@home.test`;
  const everybody = await connectFathom(stack, colleague, "organization");
  const id = newMessageId();
  const meeting = fathomMeeting({ email });
  const { status } = await postWebhook(everybody, { body: JSON.stringify(meeting), id });
  strictEqual(status, 200);
  await eventually("it waits", async () => {
    const [event] = await eventsOf(everybody, id);
    return event?.["state"] === "received" &&
      String(event["last_error"]).includes("recorder_unknown");
  });
  deepStrictEqual(await meetingsOf(meeting["recording_id"]), []);

  // As after the last attempt; then the person joins and connects
  await stack.sql("update private.webhook_events set state = 'dead' where event_id = $1", [
    `${everybody.id}:${id}`,
  ]);
  const newcomer = await createActor(stack, email, rep.orgId, "agent");
  await connectFathom(stack, newcomer);
  await stack.advanceClock("PT1M");
  await eventually(
    "it is applied",
    async () => (await meetingsOf(meeting["recording_id"])).length === 1,
  );
  strictEqual((await meetingsOf(meeting["recording_id"]))[0]?.owner_user_id, newcomer.userId);
});

Deno.test("U60-054 a connection of one's own brings no recordings of others", async () => {
  const id = newMessageId();
  const meeting = fathomMeeting(colleague);
  strictEqual((await postWebhook(connection, { body: JSON.stringify(meeting), id })).status, 200);
  await eventually(
    "it waits",
    async () =>
      String((await eventsOf(connection, id))[0]?.["last_error"]).includes("recorder_unknown"),
  );
  deepStrictEqual(await meetingsOf(meeting["recording_id"]), []);
  await stack.sql("delete from private.webhook_events where event_id = $1", [
    `${connection.id}:${id}`,
  ]);
});

Deno.test("U60-054 the tenant is the connection's: a payload can't choose another one", async () => {
  const id = newMessageId();
  const meeting = fathomMeeting(rep);
  strictEqual(
    (await postWebhook(rivalConnection, { body: JSON.stringify(meeting), id })).status,
    200,
  );
  await eventually(
    "it waits",
    async () =>
      String((await eventsOf(rivalConnection, id))[0]?.["last_error"]).includes("recorder_unknown"),
  );
  deepStrictEqual(await meetingsOf(meeting["recording_id"]), []);
  strictEqual((await eventsOf(rivalConnection, id))[0]?.["org_id"], rival.orgId);

  // The same message id and recording through another connection is another event, another meeting
  const same = { ...meeting, recorded_by: { email: rival.email } };
  await deliver(connection, meeting, { id });
  await stack.sql("delete from private.webhook_events where event_id = $1", [
    `${rivalConnection.id}:${id}`,
  ]);
  await deliver(rivalConnection, same);
  deepStrictEqual(
    new Set((await meetingsOf(meeting["recording_id"])).map((row) => row.org_id)),
    new Set([rep.orgId, rival.orgId]),
  );
});

Deno.test("U60-054 null in every field, and inside every part, is taken", async () => {
  const whole = fathomMeeting(rep);
  const nulls = Object.fromEntries(Object.keys(whole).map((name) => [name, null]));
  const bare = {
    ...nulls,
    recording_id: whole["recording_id"],
    recorded_by: { name: null, email: rep.email },
  };
  await deliver(connection, bare);
  strictEqual((await meetingsOf(whole["recording_id"]))[0]?.["title"], "Untitled meeting");
  await deliver(connection, whole);
  await deliver(connection, {
    ...bare,
    calendar_invitees: [null, { name: null, email: null }],
    transcript: [null, { speaker: null, text: null, timestamp: null }],
    action_items: [null],
    default_summary: { template_name: null, markdown_formatted: null },
  });
  const [stored] = await meetingsOf(whole["recording_id"]);
  deepStrictEqual([stored?.["title"], stored?.["segments"]], ["Renewal talk", 2]);
});

Deno.test("U60-054 a deleted meeting does not come back, a ticked item stays ticked", async () => {
  const meeting = fathomMeeting(rep);
  await deliver(connection, meeting);
  const [stored] = await meetingsOf(meeting["recording_id"]);
  await stack.sql(
    "update public.meeting_action_items set is_completed = true where meeting_id = $1",
    [stored?.id],
  );
  await deliver(connection, {
    ...meeting,
    action_items: [{ description: "New first" }, {
      description: "Send the offer",
      completed: false,
    }],
  });
  deepStrictEqual(
    await stack.sql(
      "select description, is_completed from public.meeting_action_items where meeting_id = $1 order by seq",
      [stored?.id],
    ),
    [{ description: "New first", is_completed: false }, {
      description: "Send the offer",
      is_completed: true,
    }],
  );
  await stack.sql("delete from public.meetings where id = $1", [stored?.id]);
  await deliver(connection, meeting);
  deepStrictEqual(await meetingsOf(meeting["recording_id"]), []);
});

Deno.test("T webhook forgeries: none of the mutations of a good call is accepted", async () => {
  const body = JSON.stringify(fathomMeeting(rep));
  const id = newMessageId();
  const timestamp = String(Math.floor(Date.now() / 1000));
  const good = sign(connection.secret, id, timestamp, body);
  const mac = good.slice(3);
  const flips = Array.from({ length: 20 }, (_, n) => {
    const at = (n * 2) % (mac.length - 2);
    return `v1,${mac.slice(0, at)}${mac[at] === "A" ? "B" : "A"}${mac.slice(at + 1)}`;
  });
  const signatures = [
    ...flips,
    "",
    "v1",
    "v1,",
    `v1,${mac.slice(0, -4)}`,
    `v1,${mac}AAAA`,
    `v2,${mac}`,
    mac,
    `v1 ${mac}`,
    `v1,${mac.toLowerCase()}`,
    `V1,${mac}`,
    `v1,${atobHex(mac)}`,
    `v1a,${mac}`,
    "v1,undefined",
    "v1,null",
    sign(connection.secret, `${id}x`, timestamp, body),
    sign(connection.secret, id, String(Number(timestamp) - 1), body),
    sign(connection.secret, id, timestamp, `${body} `),
    sign(connection.secret, "", timestamp, body),
    sign(rivalConnection.secret, id, timestamp, body),
    sign("whsec_", id, timestamp, body),
    sign(`whsec_${btoa(connection.key)}`, id, timestamp, body),
    sign(`whsec_${btoa(connection.secret)}`, id, timestamp, body),
  ];
  for (const signature of signatures) {
    const { status } = await postWebhook(connection, {
      body,
      id,
      timestamp,
      headers: { "webhook-signature": signature },
    });
    strictEqual(status, 401, signature);
  }
  for (const at of [0, 1, 20, 100, body.length - 2]) {
    const changed = `${body.slice(0, at)}${body[at] === " " ? "x" : " "}${body.slice(at + 1)}`;
    const { status } = await postWebhook(connection, {
      body: changed,
      id,
      timestamp,
      headers: { "webhook-signature": good },
    });
    strictEqual(status, 401, `body changed at ${at}`);
  }
  for (const name of ["webhook-id", "webhook-timestamp", "webhook-signature"]) {
    const headers = new Headers({
      "webhook-id": id,
      "webhook-timestamp": timestamp,
      "webhook-signature": good,
    });
    headers.delete(name);
    const response = await fetch(connection.destination, { method: "POST", headers, body });
    await response.body?.cancel();
    strictEqual(response.status, 401, name);
  }
  deepStrictEqual(await eventsOf(connection, id), []);
  // The control: unchanged, it is accepted, also among others
  const control = await postWebhook(connection, {
    body,
    id,
    timestamp,
    headers: { "webhook-signature": `${flips[0]} ${good}` },
  });
  strictEqual(control.status, 200);
});

function atobHex(base64: string): string {
  return Array.from(atob(base64), (c) => c.charCodeAt(0).toString(16).padStart(2, "0")).join("");
}

Deno.test("T webhook time: 301 seconds off in either direction, or no time at all, is refused", async () => {
  const body = JSON.stringify(fathomMeeting(rep));
  const now = Math.floor(Date.now() / 1000);
  const off = [
    now - 302,
    now + 302,
    now - 3600,
    now + 86_400,
    0,
    -now,
    now * 1000,
    `${now}.5`,
    "NaN",
    "",
    " ",
    `0${now}`,
    "1e9",
    "Infinity",
  ];
  for (const timestamp of off.map(String)) {
    const { status } = await postWebhook(connection, { body, timestamp });
    strictEqual(status, 401, timestamp);
  }
  for (const timestamp of [now - 295, now + 295].map(String)) {
    strictEqual((await postWebhook(connection, { body, timestamp })).status, 200, timestamp);
  }
});

Deno.test("T webhook secrets: another tenant's secret or a made-up address opens nothing", async () => {
  const body = JSON.stringify(fathomMeeting(rep));
  strictEqual(
    (await postWebhook(connection, { body, secret: rivalConnection.secret })).status,
    401,
  );
  const nowhere = {
    ...connection,
    destination: connection.destination.replace(connection.key, "A".repeat(43)),
  };
  strictEqual((await postWebhook(nowhere, { body })).status, 401);
  const root = {
    ...connection,
    destination: connection.destination.replace(`/${connection.key}`, ""),
  };
  strictEqual((await postWebhook(root, { body })).status, 404);
});

Deno.test("T webhook rotation: old and new address and secret are good for a while, then the old are not", async () => {
  const newcomer = (): Promise<Actor> =>
    createActor(stack, `turn-${crypto.randomUUID().slice(0, 8)}@home.test`, rep.orgId, "agent");
  const own = await newcomer();
  const body = JSON.stringify(fathomMeeting(own));
  const old = await connectFathom(stack, own);
  const renewed = await connectFathom(stack, own);
  strictEqual(renewed.id, old.id);
  strictEqual((await postWebhook(old, { body })).status, 200);
  strictEqual((await postWebhook(renewed, { body })).status, 200);

  // Never called, so that nobody remembers its address
  const other = await newcomer();
  const gone = await connectFathom(stack, other);
  const current = await connectFathom(stack, other);
  await stack.sql(
    "update private.fathom_connections set previous_secret_until = now() where id = $1",
    [gone.id],
  );
  strictEqual((await postWebhook(gone, { body })).status, 401);
  strictEqual((await postWebhook(current, { body, secret: gone.secret })).status, 401);
  strictEqual((await postWebhook(current, { body })).status, 200);
});

Deno.test("T webhook payloads: whatever is signed, it is no 5xx and the function goes on", async () => {
  const meeting = fathomMeeting(rep);
  const text = JSON.stringify(meeting);
  const encoder = new TextEncoder();
  const cases: [string, string | Uint8Array<ArrayBuffer>, readonly number[]][] = [
    ["9 MB", `${text}${" ".repeat(9 * 1024 * 1024)}`, [413]],
    ["deep arrays", "[".repeat(100_000) + "]".repeat(100_000), [400]],
    ["deep objects", '{"a":'.repeat(100_000) + "1" + "}".repeat(100_000), [400]],
    ["nothing", "", [400]],
    ["no JSON", "recording", [400]],
    ["half of it", text.slice(0, -20), [400]],
    [
      "invalid UTF-8",
      new Uint8Array([...encoder.encode('{"recording_id":"'), 0xff, 0xfe, ...encoder.encode('"}')]),
      [400],
    ],
    ["a bare null", "null", [400]],
    ["a list", "[]", [200]],
    ["a number", "7", [200]],
    ["no recording", "{}", [200]],
    ["twice the same key", `{"recording_id":1,${text.slice(1)}`, [200]],
    ["__proto__", `{"__proto__":{"polluted":true},"constructor":1,${text.slice(1)}`, [200]],
    ["NUL and half a surrogate", text.replace("Renewal talk", "A\\u0000B\\ud800C"), [200]],
  ];
  for (const [name, body, expected] of cases) {
    const { status } = await postWebhook(connection, { body });
    ok(expected.includes(status), `${name}: ${status}`);
  }
  const zipped = await postWebhook(connection, {
    body: text,
    headers: { "content-encoding": "gzip" },
  });
  strictEqual(zipped.status, 415);
  strictEqual((await postWebhook(connection, { body: text })).status, 200);
  await eventually(
    "what can be applied is",
    async () => (await meetingsOf(meeting["recording_id"])).length === 1,
  );
  await stack.sql(
    "delete from private.webhook_events where event_id like $1 and state <> 'processed'",
    [`${connection.id}:%`],
  );
});

Deno.test("U60-054 the simulator says a meeting was recorded, and it arrives", async () => {
  const { destination, secret } = connection;
  for (const script of ["normal", "duplicate", "concurrent", "reorder"]) {
    const answer = await stack.controlProviders({
      provider: "fathom",
      action: "record",
      recorded_by: rep.email,
      title: `Simulated ${script}`,
      destination,
      secret,
      script,
    }) as { recording_id: number };
    // The simulator sends when it comes to it: nothing is settled before it has
    await eventually(
      `${script} arrives`,
      async () => (await meetingsOf(answer.recording_id)).length > 0,
    );
    await settled(connection);
    const stored = await meetingsOf(answer.recording_id);
    deepStrictEqual([stored.length, stored[0]?.["title"]], [1, `Simulated ${script}`]);
    ok(Number(stored[0]?.["segments"]) > 0, script);
  }
  for (const script of ["forged", "stale", "future", "malformed"]) {
    const answer = await stack.controlProviders({
      provider: "fathom",
      action: "record",
      recorded_by: rep.email,
      destination,
      secret,
      script,
    }) as { recording_id: number };
    deepStrictEqual(await meetingsOf(answer.recording_id), [], script);
  }
  for (const nulls of ["details", "all"]) {
    const answer = await stack.controlProviders({
      provider: "fathom",
      action: "record",
      recorded_by: rep.email,
      destination,
      secret,
      nulls,
    }) as { recording_id: number };
    await settled(connection);
    strictEqual((await meetingsOf(answer.recording_id)).length, 1, nulls);
  }
});
