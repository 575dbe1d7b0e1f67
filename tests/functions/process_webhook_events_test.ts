// The inbox drain and the operator's replay, on a running stack with its own clock.
import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { connectFathom, fathomMeeting, newMessageId } from "../support/fathom_connection.ts";
import { createRivals, eventually } from "../support/rivals.ts";
import { testStack } from "../support/stack.ts";

const stack = await testStack();
const { rep } = await createRivals(stack);
const connection = await connectFathom(stack, rep);

/** Puts an event into the inbox as if the function had been killed right after it answered. */
async function acceptOnly(payload: unknown): Promise<string> {
  const { data, error } = await stack.service().rpc("accept_webhook", {
    p_provider: "fathom",
    p_event_id: `${connection.id}:${newMessageId()}`,
    p_payload: payload,
    p_headers: { "webhook-timestamp": String(Math.floor(Date.now() / 1000)) },
    p_request_id: "test-request",
  });
  if (error) throw error;
  return data[0].id;
}

async function stateOf(id: string): Promise<Record<string, unknown>> {
  const [event] = await stack.sql(
    "select state, attempts, last_error, org_id from private.webhook_events where id = $1",
    [id],
  );
  return event ?? {};
}

async function countMeetings(payload: Record<string, unknown>): Promise<number> {
  const rows = await stack.sql("select id from public.meetings where external_id = $1", [
    String(payload["recording_id"]),
  ]);
  return rows.length;
}

Deno.test("U60-054 what a webhook left behind is applied by the next minute's drain", async () => {
  const payloads = Array.from({ length: 25 }, () => fathomMeeting(rep));
  const ids = await Promise.all(payloads.map(acceptOnly));
  deepStrictEqual(await countMeetings(payloads[0] ?? {}), 0);
  await stack.advanceClock("PT1M");
  for (const id of ids) {
    await eventually("it is processed", async () => (await stateOf(id))["state"] === "processed");
  }
  for (const payload of payloads) strictEqual(await countMeetings(payload), 1);
  strictEqual((await stateOf(ids[0] ?? ""))["org_id"], rep.orgId);
});

Deno.test("an event that can't be applied comes back, dies after its last try, and can be replayed", async () => {
  const payload = fathomMeeting({ email: "nobody@home.test" });
  const id = await acceptOnly(payload);
  await stack.advanceClock("PT1M");
  await eventually("it failed once", async () => (await stateOf(id))["attempts"] === 1);
  const failed = await stateOf(id);
  strictEqual(failed["state"], "received");
  ok(String(failed["last_error"]).includes("recorder_unknown"));
  ok(!String(failed["last_error"]).includes("nobody@home.test"));

  await stack.sql(
    "update private.webhook_events set attempts = max_attempts - 1, next_attempt_at = now() where id = $1",
    [id],
  );
  await stack.advanceClock("PT1M");
  await eventually("it is dead", async () => (await stateOf(id))["state"] === "dead");

  // The operator has mended the cause: here, what was stored
  await stack.sql("update private.webhook_events set payload = $2 where id = $1", [
    id,
    JSON.stringify({ ...payload, recorded_by: { email: rep.email } }),
  ]);
  const { data, error } = await stack.service().rpc("replay_webhook_event", { p_id: id });
  deepStrictEqual([data, error], [true, null]);
  await stack.advanceClock("PT1M");
  await eventually("it is processed", async () => (await stateOf(id))["state"] === "processed");
  strictEqual(await countMeetings(payload), 1);
});

Deno.test("U60-054 two drains at once, and a replay of what was applied, have one effect", async () => {
  const payload = fathomMeeting(rep);
  const id = await acceptOnly(payload);
  await Promise.all([stack.advanceClock("PT1M"), stack.advanceClock("PT1M")]);
  await eventually("it is processed", async () => (await stateOf(id))["state"] === "processed");
  await stack.service().rpc("replay_webhook_event", { p_id: id });
  await stack.advanceClock("PT1M");
  await eventually(
    "it is processed again",
    async () => (await stateOf(id))["state"] === "processed",
  );
  const rows = await stack.sql(
    `select (select count(*)::int from public.meetings m where m.external_id = $1) as meetings,
            (select count(*)::int from public.transcript_segments s join public.meetings m
               on m.org_id = s.org_id and m.id = s.meeting_id where m.external_id = $1) as segments`,
    [String(payload["recording_id"])],
  );
  deepStrictEqual(rows, [{ meetings: 1, segments: 2 }]);
});

Deno.test("U60-143 nobody but the schedule can start the drain", async () => {
  const response = await stack.callFunction("process-webhook-events", {
    method: "POST",
    headers: { authorization: `Bearer ${rep.token}`, "content-type": "application/json" },
    body: "{}",
  });
  await response.body?.cancel();
  strictEqual(response.status, 401);
});
