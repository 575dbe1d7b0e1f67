// api-copilot over HTTP: two rivals ask the same question and see two worlds.
import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { type Actor, callAs, createRivals } from "../support/rivals.ts";
import { testStack } from "../support/stack.ts";

const stack = await testStack();
const { rep, colleague, rival } = await createRivals(stack);

interface Listed {
  readonly title: string;
  readonly calendar_event_id: string | null;
  readonly meeting_id: string | null;
  readonly day: string;
  readonly actions: Record<string, unknown>[];
}

interface Answer {
  readonly text: string;
  readonly pending_action: unknown;
  readonly routing: { readonly decided_by: string };
  readonly org_id: string | null;
  readonly tool_executions: { id: string; evidence: { id: string }[] }[];
  readonly structuredResponse:
    | { total: number; meetings: Listed[]; period: Record<string, string> }
    | null;
}

async function ask(
  actor: Actor,
  message: string,
  more: Record<string, unknown> = {},
): Promise<Answer> {
  const { status, json } = await callAs(stack, actor, "api-copilot/chat", { message, ...more });
  strictEqual(status, 200, JSON.stringify(json));
  return json["data"] as Answer;
}

interface NewEvent {
  readonly title: string;
  /** As a wall clock in Berlin shows it: today's date where `at` has only a time. */
  readonly at: string;
  readonly day?: string;
  readonly guests?: readonly string[];
  readonly count?: number;
  readonly status?: string;
  readonly response?: string;
  readonly url?: string;
}

async function addEvent(actor: Actor, event: NewEvent): Promise<void> {
  const guests = event.guests ?? ["bo@buyer.test"];
  await stack.sql(
    `insert into public.calendar_events (
       org_id, user_id, calendar_id, external_id, title, start_time, end_time, attendees, attendees_count, status, response_status, meeting_url)
     select $1, $2, 'primary', $3, $4, s.at, s.at + interval '30 minutes', $7, $8, $9, $10, $11
     from (select (coalesce($5::date, (now() at time zone 'Europe/Berlin')::date) + $6::time) at time zone 'Europe/Berlin' as at) as s`,
    [
      actor.orgId,
      actor.userId,
      crypto.randomUUID(),
      event.title,
      event.day ?? null,
      event.at,
      JSON.stringify([
        { email: actor.email, self: true },
        ...guests.map((email) => ({ email, name: null })),
      ]),
      event.count ?? guests.length + 1,
      event.status ?? "confirmed",
      event.response ?? "accepted",
      event.url ?? null,
    ],
  );
}

const titles = (answer: Answer): string[] =>
  answer.structuredResponse?.meetings.map((m) => m.title) ?? [];

Deno.test("U60-067 U60-084 U60-101 today's meetings are the caller's own real ones, in order", async () => {
  await addEvent(rep, { title: "Late", at: "16:00" });
  await addEvent(rep, { title: "Early", at: "00:00", url: "https://meet.example.test/x" });
  await addEvent(rep, { title: "Last minute", at: "23:45" });
  await addEvent(rep, { title: "Solo", at: "10:00", guests: [] });
  await addEvent(rep, { title: "Cancelled", at: "11:00", status: "cancelled" });
  await addEvent(rep, { title: "Declined", at: "12:00", response: "declined" });
  await addEvent(colleague, { title: "Colleague's", at: "09:00" });
  await addEvent(rival, { title: "Rival's", at: "09:00" });
  const mine = await ask(rep, "What meetings do I have today?");
  deepStrictEqual(titles(mine), ["Early", "Late", "Last minute"]);
  deepStrictEqual(titles(await ask(rival, "What meetings do I have today?")), ["Rival's"]);
  deepStrictEqual(titles(await ask(colleague, "What meetings do I have today?")), ["Colleague's"]);
  match(mine.text, /^You have 3 meetings today/);
  strictEqual(mine.structuredResponse?.period["time_zone"], "Europe/Berlin");
  ok(
    mine.structuredResponse?.meetings[0]?.actions.some((action) =>
      action["type"] === "open_external_url"
    ),
  );
  deepStrictEqual(
    mine.tool_executions[0]?.evidence.map((row) => row.id),
    mine.structuredResponse?.meetings.map((meeting) => meeting.calendar_event_id),
  );
});

Deno.test("U60-083 the same question gives the same panel", async () => {
  const [first, second] = [
    await ask(rep, "any meetings today?"),
    await ask(rep, "any meetings today?"),
  ];
  deepStrictEqual(first.structuredResponse, second.structuredResponse);
});

Deno.test("C-24 days are the person's own, on both sides of each change of clocks", async () => {
  // 2026: clocks go forward on 29 March and back on 25 October in Berlin, in New York on 8 March and 1 November
  const cases: [string, string, string, string, string][] = [
    [
      "Europe/Berlin",
      "2026-03-28T12:00:00Z",
      "tomorrow",
      "2026-03-28T23:00:00+00:00",
      "2026-03-29T22:00:00+00:00",
    ],
    [
      "Europe/Berlin",
      "2026-10-25T12:00:00Z",
      "today",
      "2026-10-24T22:00:00+00:00",
      "2026-10-25T23:00:00+00:00",
    ],
    [
      "Europe/Berlin",
      "2026-10-25T00:30:00Z",
      "today",
      "2026-10-24T22:00:00+00:00",
      "2026-10-25T23:00:00+00:00",
    ],
    [
      "Europe/Berlin",
      "2026-03-27T12:00:00Z",
      "this_week",
      "2026-03-22T23:00:00+00:00",
      "2026-03-29T22:00:00+00:00",
    ],
    [
      "America/New_York",
      "2026-03-08T06:30:00Z",
      "today",
      "2026-03-08T05:00:00+00:00",
      "2026-03-09T04:00:00+00:00",
    ],
    [
      "America/New_York",
      "2026-11-01T03:30:00Z",
      "today",
      "2026-10-31T04:00:00+00:00",
      "2026-11-01T04:00:00+00:00",
    ],
    [
      "Pacific/Auckland",
      "2026-11-22T12:00:00Z",
      "today",
      "2026-11-22T11:00:00+00:00",
      "2026-11-23T11:00:00+00:00",
    ],
    [
      "Africa/Cairo",
      "2026-04-24T12:00:00Z",
      "today",
      "2026-04-23T22:00:00+00:00",
      "2026-04-24T21:00:00+00:00",
    ],
  ];
  const client = await stack.signIn(rep.email, "a test password 1");
  for (const [zone, now, period, starts, ends] of cases) {
    await stack.sql("update public.profiles set time_zone = $2 where id = $1", [rep.userId, zone]);
    const { data, error } = await client.rpc("get_meetings_for_period", {
      p_period: period,
      p_now: now,
    });
    strictEqual(error, null);
    deepStrictEqual(
      [data.period.starts_at, data.period.ends_at].map((at: string) => new Date(at).toISOString()),
      [starts, ends].map((at) => new Date(at).toISOString()),
      `${zone} ${now} ${period}`,
    );
  }
  await stack.sql("update public.profiles set time_zone = 'Europe/Berlin' where id = $1", [
    rep.userId,
  ]);
});

Deno.test("U60-084 a weekday is the next such day, a week begins on Monday", async () => {
  const client = await stack.signIn(rep.email, "a test password 1");
  const period = async (args: Record<string, unknown>): Promise<string[]> => {
    const { data } = await client.rpc("get_meetings_for_period", {
      p_now: "2026-11-22T12:00:00Z",
      ...args,
    });
    return [data.period.first_day, data.period.last_day];
  };
  // 22 November 2026 is a Sunday
  deepStrictEqual(await period({ p_period: "weekday", p_weekday: 7 }), [
    "2026-11-22",
    "2026-11-22",
  ]);
  deepStrictEqual(await period({ p_period: "weekday", p_weekday: 1 }), [
    "2026-11-23",
    "2026-11-23",
  ]);
  deepStrictEqual(await period({ p_period: "weekday", p_weekday: 6 }), [
    "2026-11-28",
    "2026-11-28",
  ]);
  deepStrictEqual(await period({ p_period: "this_week" }), ["2026-11-16", "2026-11-22"]);
  deepStrictEqual(await period({ p_period: "next_week" }), ["2026-11-23", "2026-11-29"]);
  const { error } = await client.rpc("get_meetings_for_period", { p_period: "weekday" });
  strictEqual(error?.message, "invalid_request");
});

Deno.test("U60-084 with somebody: by name, address, domain or company, as far as the caller may see", async () => {
  await addEvent(rep, {
    title: "Sync one",
    at: "10:00",
    day: "2036-01-07",
    guests: ["sarah.stone@acme-corp.test"],
  });
  await addEvent(rep, {
    title: "Sync two",
    at: "11:00",
    day: "2036-01-07",
    guests: ["kim@globex.test"],
  });
  await stack.sql(
    `with c as (insert into public.companies (org_id, user_id, name) values ($1, $2, 'Globex Industries') returning id)
     insert into public.contacts (org_id, user_id, company_id, first_name, last_name, email)
     select $1, $2, c.id, 'Kim', 'Park', 'kim@globex.test' from c`,
    [rep.orgId, rep.userId],
  );
  const client = await stack.signIn(rep.email, "a test password 1");
  const found = async (withWhom: string): Promise<string[]> => {
    const { data } = await client.rpc("get_meetings_for_period", {
      p_period: "today",
      p_now: "2036-01-07T12:00:00Z",
      p_with: withWhom,
    });
    return data.meetings.map((meeting: { title: string }) => meeting.title);
  };
  deepStrictEqual(await found("sarah.stone@acme-corp.test"), ["Sync one"]);
  deepStrictEqual(await found("acme-corp.test"), ["Sync one"]);
  deepStrictEqual(await found("globex"), ["Sync two"]);
  deepStrictEqual(await found("industries"), ["Sync two"]);
  deepStrictEqual(await found("Globex Industries"), ["Sync two"]);
  // Whole words only: a name is not part of another
  deepStrictEqual(await found("glob"), []);
  deepStrictEqual(await found("sync two"), ["Sync two"]);
  deepStrictEqual(await found("%"), []);
});

Deno.test("U60-102 upcoming meetings are the next five that count, in order", async () => {
  for (let n = 0; n < 8; n++) {
    await addEvent(colleague, { title: `Real ${n}`, at: "10:00", day: `2036-02-0${n + 1}` });
    await addEvent(colleague, {
      title: `Solo ${n}`,
      at: "09:00",
      day: `2036-02-0${n + 1}`,
      guests: [],
    });
  }
  const client = await stack.signIn(colleague.email, "a test password 1");
  const { data } = await client.rpc("get_meetings_for_period", {
    p_period: "upcoming",
    p_now: "2036-02-01T09:30:00Z",
    p_limit: 5,
  });
  deepStrictEqual(data.meetings.map((meeting: Listed) => meeting.title), [
    "Real 1",
    "Real 2",
    "Real 3",
    "Real 4",
    "Real 5",
  ]);
  strictEqual(data.total, 7);
});

Deno.test("U60-081 as a stream, the same answer arrives in steps", async () => {
  const response = await stack.callFunction("api-copilot/chat", {
    method: "POST",
    headers: {
      authorization: `Bearer ${rep.token}`,
      "content-type": "application/json",
      accept: "text/event-stream",
    },
    body: JSON.stringify({ message: "What meetings do I have today?" }),
  });
  match(response.headers.get("content-type") ?? "", /^text\/event-stream/);
  const events = (await response.text()).trim().split("\n\n").map((block) =>
    Object.fromEntries(
      block.split("\n").map((
        line,
      ) => [line.slice(0, line.indexOf(":")), line.slice(line.indexOf(":") + 2)]),
    )
  );
  deepStrictEqual(events.map((event) => event["event"]), [
    "step_started",
    "step_finished",
    "text",
    "structured_response",
    "done",
  ]);
  const done = JSON.parse(String(events.at(-1)?.["data"])) as Answer;
  deepStrictEqual(
    events.map((event) => event["id"]),
    [1, 2, 3, 4, 5].map((n) => `${(done as unknown as { id: string }).id}:${n}`),
  );
  strictEqual(JSON.parse(String(events[0]?.["data"])).id, done.tool_executions[0]?.id);
});

Deno.test("R-04 another organization is not there, whichever way it is asked for", async () => {
  const body = { message: "any meetings today?", org_id: rival.orgId };
  const asJson = await callAs(stack, rep, "api-copilot/chat", body);
  deepStrictEqual([asJson.status, asJson.json["code"]], [404, "organization_not_found"]);
  const unknown = await callAs(stack, rep, "api-copilot/chat", {
    ...body,
    org_id: crypto.randomUUID(),
  });
  strictEqual(unknown.json["code"], "organization_not_found");
  const stream = await stack.callFunction("api-copilot/chat", {
    method: "POST",
    headers: {
      authorization: `Bearer ${rep.token}`,
      "content-type": "application/json",
      accept: "text/event-stream",
    },
    body: JSON.stringify(body),
  });
  // Nothing is told before the message is let in, so the status still says so
  deepStrictEqual([stream.status, (await stream.json()).code], [404, "organization_not_found"]);
  strictEqual((await ask(rep, "any meetings today?", { org_id: rep.orgId })).org_id, rep.orgId);
});

Deno.test("an organization that was left is gone with the next question", async () => {
  await stack.sql(
    "update public.organization_members set status = 'suspended' where user_id = $1",
    [colleague.userId],
  );
  const { status, json } = await callAs(stack, colleague, "api-copilot/chat", {
    message: "any meetings today?",
  });
  deepStrictEqual([status, json["code"]], [409, "no_active_organization"]);
  await stack.sql("update public.organization_members set status = 'active' where user_id = $1", [
    colleague.userId,
  ]);
});

Deno.test("U60-083 what rules do not know from its first word to its last is left to the model", async () => {
  const answer = await ask(rep, "Cancel all my meetings today");
  match(answer.text, /simulator/);
  deepStrictEqual(
    [answer.routing.decided_by, answer.pending_action],
    ["model", null],
  );
});

Deno.test("input that is not of the contract is refused", async () => {
  for (
    const body of [{}, { message: "" }, { message: 7 }, { message: "x", more: 1 }, {
      message: "x",
      org_id: "y",
    }, { message: "x".repeat(4_001) }]
  ) {
    const { status, json } = await callAs(stack, rep, "api-copilot/chat", body);
    deepStrictEqual(
      [status, json["code"]],
      [400, "invalid_request"],
      JSON.stringify(body).slice(0, 80),
    );
  }
});

Deno.test("U60-031 U60-090 U60-093 an old action is understood, and only where its target is the caller's", async () => {
  const answer = await ask(rep, "any meetings today?");
  const id = answer.structuredResponse?.meetings[0]?.calendar_event_id;
  const action = { type: "open_meeting", calendar_event_id: id };
  deepStrictEqual(
    (await callAs(stack, rep, "api-copilot/actions", { action })).json["data"],
    action,
  );
  strictEqual((await callAs(stack, rival, "api-copilot/actions", { action })).status, 404);
  const [meeting] = await stack.sql(
    "insert into public.meetings (org_id, owner_user_id, title, started_at) values ($1, $2, 'Held', now()) returning id",
    [rep.orgId, rep.userId],
  );
  const legacy = { action: { type: "view_meeting", meeting_id: meeting?.["id"] } };
  deepStrictEqual((await callAs(stack, rep, "api-copilot/actions", legacy)).json["data"], {
    type: "open_meeting",
    meeting_id: meeting?.["id"],
  });
  strictEqual((await callAs(stack, rival, "api-copilot/actions", legacy)).status, 404);
  const script = { action: { type: "open_meeting_url", url: "javascript:alert(1)" } };
  strictEqual((await callAs(stack, rep, "api-copilot/actions", script)).status, 400);
});
