// The journey of the first room, with the seeded people: a meeting is recorded outside, its webhook
// arrives, what was said can be found, and the copilot lists it for the rep and for nobody else.
import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { connectFathom } from "../support/fathom_connection.ts";
import { type Actor, callAs, eventually } from "../support/rivals.ts";
import { testStack } from "../support/stack.ts";

const stack = await testStack();

async function seeded(email: string): Promise<Actor> {
  const [row] = await stack.sql<{ id: string; active_org_id: string }>(
    "select id, active_org_id from public.profiles where email = $1",
    [email],
  );
  ok(row, `${email} is not seeded`);
  return { userId: row.id, orgId: row.active_org_id, email, token: await stack.tokenOf(email) };
}

interface Answer {
  readonly text: string;
  readonly structuredResponse: {
    readonly meetings: {
      readonly title: string;
      readonly meeting_id: string | null;
      readonly calendar_event_id: string | null;
      readonly actions: { readonly type: string }[];
    }[];
  };
}

async function todaysMeetings(actor: Actor): Promise<Answer> {
  const { status, json } = await callAs(stack, actor, "api-copilot/chat", {
    message: "What meetings do I have today?",
  });
  strictEqual(status, 200);
  return json["data"] as Answer;
}

async function find(actor: Actor, words: string): Promise<Record<string, unknown>[]> {
  const { json } = await callAs(stack, actor, "meeting-search", { q: words });
  return json["data"] as Record<string, unknown>[];
}

Deno.test("U60-054 U60-084 recorded outside, found and listed inside, by those who may", async () => {
  const rep = await seeded("sarah@fernhollow.test");
  const rival = await seeded("ingrid@quillstone.test");
  const connection = await connectFathom(stack, rep);
  const title = `Kestrel review ${crypto.randomUUID().slice(0, 8)}`;

  // It stands in the rep's calendar, as a meeting with a customer
  await stack.controlProviders({
    provider: "google_calendar",
    action: "upsert",
    email: rep.email,
    event: {
      summary: title,
      start: new Date(Date.now() - 60_000).toISOString(),
      minutes: 1,
      attendees: ["grace.oduya@acme.test"],
    },
  });
  strictEqual((await callAs(stack, rep, "calendar-sync", {})).status, 200);
  const planned = (await todaysMeetings(rep)).structuredResponse.meetings.find((m) =>
    m.title === title
  );
  ok(planned?.calendar_event_id);
  strictEqual(planned.meeting_id, null);

  // "This meeting was recorded"
  const [event] = await stack.sql<{ start_time: Date }>(
    "select start_time from public.calendar_events where org_id = $1 and id = $2",
    [rep.orgId, planned.calendar_event_id],
  );
  await stack.controlProviders({
    provider: "fathom",
    action: "record",
    recorded_by: rep.email,
    title,
    start: event?.start_time.toISOString(),
    minutes: 1,
    invitees: ["grace.oduya@acme.test"],
    transcript: [
      { speaker: rep.email, text: "The kestrel budget is approved." },
      { speaker: "grace.oduya@acme.test", text: "Then we sign on Thursday." },
    ],
    destination: connection.destination,
    secret: connection.secret,
  });

  const startedAt = performance.now();
  await eventually(
    "it is found",
    async () => (await find(rep, "kestrel approved")).some((hit) => hit["meeting_title"] === title),
    10_000,
  );
  ok(performance.now() - startedAt < 10_000);

  // One meeting, not two: the recording belongs to the event
  const listed = (await todaysMeetings(rep)).structuredResponse.meetings.filter((m) =>
    m.title === title
  );
  strictEqual(listed.length, 1);
  strictEqual(listed[0]?.calendar_event_id, planned.calendar_event_id);
  ok(listed[0]?.meeting_id);
  ok(
    listed[0]?.actions.some((action) => action.type === "open_contact"),
    "the customer is a known contact",
  );

  // The rival asks the same and learns nothing
  deepStrictEqual(await find(rival, "kestrel approved"), []);
  const theirs = await todaysMeetings(rival);
  ok(!JSON.stringify(theirs).includes(title));
  const client = await stack.signIn(rival.email);
  const { data } = await client.from("meetings").select("id").eq("id", listed[0]?.meeting_id);
  deepStrictEqual(data, []);
});
