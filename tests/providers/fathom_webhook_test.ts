// "This meeting was recorded": the webhook arrives signed by the standard, and misbehaves on demand.
import assert from "node:assert/strict";
import { Webhook } from "standardwebhooks";
import { z } from "zod";
import { signWebhook } from "../../scripts/providers/fathom/sign_webhook.ts";
import { type Received, startProviders, startReceiver } from "./start_providers.ts";

const SECRET = "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=";
const Recorded = z.object({
  recording_id: z.number(),
  deliveries: z.array(z.object({
    webhookId: z.string(),
    state: z.string(),
    attempts: z.array(z.object({ status: z.number().nullable() })),
  })),
});

function verify({ headers, body }: Received): unknown {
  return new Webhook(SECRET).verify(body, Object.fromEntries(headers));
}

function headersOf(received: readonly Received[], name: string): Array<string | null> {
  return received.map(({ headers }) => headers.get(name));
}

async function record(
  providers: Awaited<ReturnType<typeof startProviders>>,
  more: Readonly<Record<string, unknown>> = {},
) {
  return Recorded.parse(
    await providers.control({
      provider: "fathom",
      action: "record",
      recorded_by: "ann@sixty.test",
      ...more,
    }),
  );
}

Deno.test("signWebhook() gives the golden vector of Standard Webhooks", () => {
  const signature = signWebhook(SECRET, "msg_test_1", 1763769600, '{"event":"bot.completed"}');
  assert.equal(signature, "v1,YWAE9/8iZy06AD5tDcFgRM1/VT0zMR5NhNsyr43YEE0=");
  const reference = new Webhook(SECRET)
    .sign("msg_test_1", new Date(1763769600_000), '{"event":"bot.completed"}');
  assert.equal(signature, reference);
});

Deno.test("Fathom posts a recorded meeting, bare and verifiable", async () => {
  await using receiver = startReceiver();
  await using providers = await startProviders({ url: receiver.url, secret: SECRET });
  const answer = await record(providers, {
    title: "Acme – pricing",
    invitees: ["priya.raman@acme.example", { email: "cfo@acme.example", name: "Carla Fox" }],
    start: "2026-11-20T10:00:00Z",
    minutes: 45,
  });
  assert.equal(answer.deliveries[0]?.state, "delivered");
  const [received] = receiver.received;
  assert.ok(received);
  verify(received);
  const meeting = z.looseObject({
    recording_id: z.number(),
    title: z.literal("Acme – pricing"),
    scheduled_start_time: z.literal("2026-11-20T10:00:00Z"),
    scheduled_end_time: z.literal("2026-11-20T10:45:00Z"),
    calendar_invitees_domains_type: z.literal("one_or_more_external"),
    calendar_invitees: z.array(z.looseObject({ email: z.string() })).length(3),
    recorded_by: z.looseObject({ email: z.literal("ann@sixty.test"), name: z.literal("Ann") }),
    transcript: z.array(z.object({
      speaker: z.looseObject({ display_name: z.string() }),
      text: z.string(),
      timestamp: z.string().regex(/^\d\d:\d\d:\d\d$/),
    })).min(10),
    default_summary: z.object({ template_name: z.string(), markdown_formatted: z.string() }),
    action_items: z.array(z.looseObject({ description: z.string() })).min(1),
  }).parse(JSON.parse(received.body));
  assert.equal(meeting.recording_id, answer.recording_id);
});

Deno.test("Fathom resends under the same id with a new timestamp, until a 2xx", async () => {
  await using receiver = startReceiver();
  await using providers = await startProviders({ url: receiver.url, secret: SECRET });
  await providers.control({ provider: "fathom", action: "retry_schedule", delays_ms: [10, 1100] });
  receiver.answers.push(500, 404);
  const answer = await record(providers);
  assert.equal(answer.deliveries[0]?.state, "pending");
  const settled = z.array(z.object({ state: z.string(), attempts: z.array(z.unknown()) })).parse(
    await providers.control({ provider: "fathom", action: "settle" }),
  );
  assert.equal(settled[0]?.state, "delivered");
  assert.equal(settled[0]?.attempts.length, 3);
  assert.equal(new Set(headersOf(receiver.received, "webhook-id")).size, 1);
  assert.equal(new Set(receiver.received.map(({ body }) => body)).size, 1);
  assert.ok(new Set(headersOf(receiver.received, "webhook-timestamp")).size >= 2);
  for (const received of receiver.received) verify(received);
});

Deno.test("Fathom gives up at the end of its schedule, and redelivers on request", async () => {
  await using receiver = startReceiver();
  await using providers = await startProviders({ url: receiver.url, secret: SECRET });
  await providers.control({ provider: "fathom", action: "retry_schedule", delays_ms: [1] });
  receiver.answers.push(503, 503);
  const [delivery] = (await record(providers)).deliveries;
  const log = z.array(z.object({ state: z.string() })).parse(
    await providers.control({ provider: "fathom", action: "settle" }),
  );
  assert.equal(log[0]?.state, "failed");
  await providers.control({
    provider: "fathom",
    action: "redeliver",
    webhook_id: delivery?.webhookId,
  });
  assert.deepEqual(
    headersOf(receiver.received, "webhook-id"),
    Array.from({ length: 3 }, () => delivery?.webhookId),
  );
});

Deno.test("Fathom sends duplicates, older states and strangers on demand", async () => {
  await using receiver = startReceiver();
  await using providers = await startProviders({ url: receiver.url, secret: SECRET });
  const { received } = receiver;
  for (const script of ["duplicate", "concurrent"]) {
    received.length = 0;
    await record(providers, { script });
    assert.equal(received.length, 2);
    assert.equal(new Set(headersOf(received, "webhook-id")).size, 1);
  }
  received.length = 0;
  await record(providers, { script: "reorder" });
  const Body = z.looseObject({
    recording_id: z.number(),
    transcript: z.array(z.unknown()).nullable(),
  });
  const [newer, older] = received.map(({ body }) => Body.parse(JSON.parse(body)));
  assert.equal(newer?.recording_id, older?.recording_id);
  assert.ok(newer?.transcript);
  assert.equal(older?.transcript, null);
  const [first, second] = headersOf(received, "webhook-timestamp").map(Number);
  assert.ok((first ?? 0) > (second ?? 0));
  for (const one of received) verify(one);
  received.length = 0;
  await record(providers, { script: "unknown_recorder", recorded_by: undefined });
  assert.match(received[0]?.body ?? "", /"recorded_by":\{[^}]*stranger\.example/);
  received.length = 0;
  await record(providers, { nulls: "all" });
  const bare = JSON.parse(received[0]?.body ?? "{}");
  assert.equal(bare.transcript, null);
  assert.equal(bare.default_summary, null);
  assert.equal(bare.calendar_invitees[0].email, null);
});

Deno.test("Fathom's forged, stale and early webhooks fail verification; a control passes", async () => {
  await using receiver = startReceiver();
  await using providers = await startProviders();
  const target = { destination: receiver.url, secret: SECRET };
  for (const script of ["forged", "stale", "future"]) {
    receiver.received.length = 0;
    receiver.answers.length = 0;
    receiver.answers.push(401);
    const answer = await record(providers, { ...target, script });
    assert.equal(answer.deliveries[0]?.state, "failed");
    const [received] = receiver.received;
    assert.ok(received);
    assert.throws(() => verify(received), script);
  }
  receiver.received.length = 0;
  await record(providers, target);
  const [control] = receiver.received;
  assert.ok(control);
  verify(control);
});

Deno.test("Fathom calls only webhooks that were registered for the recording", async () => {
  await using receiver = startReceiver();
  await using providers = await startProviders();
  const register = async (email: string, triggers: string[]): Promise<Response> =>
    await fetch(`${providers.url}/fathom/external/v1/webhooks`, {
      method: "POST",
      headers: { "x-api-key": `sim-fathom-${email}` },
      body: JSON.stringify({
        destination_url: receiver.url,
        triggered_for: triggers,
        include_summary: true,
      }),
    });
  const mine = await register("ann@sixty.test", ["my_recordings"]);
  assert.equal(mine.status, 201);
  const webhook = z.looseObject({ id: z.string(), secret: z.string().startsWith("whsec_") })
    .parse(await mine.json());
  const team = await register("bob@sixty.test", ["shared_team_recordings"]);
  await team.body?.cancel();
  assert.equal((await record(providers)).deliveries.length, 1);
  assert.equal((await record(providers, { sharing: "team" })).deliveries.length, 2);
  await assert.rejects(record(providers, { recorded_by: "eve@rival.test" }), /Nobody wants/);
  const [received] = receiver.received;
  new Webhook(webhook.secret).verify(
    received?.body ?? "",
    Object.fromEntries(received?.headers ?? []),
  );
  assert.equal("transcript" in JSON.parse(received?.body ?? "{}"), false);
  const remove = async (email: string): Promise<number> => {
    const answer = await fetch(`${providers.url}/fathom/external/v1/webhooks/${webhook.id}`, {
      method: "DELETE",
      headers: { "x-api-key": `sim-fathom-${email}` },
    });
    return answer.status;
  };
  assert.equal(await remove("bob@sixty.test"), 404);
  assert.equal(await remove("ann@sixty.test"), 204);
  await assert.rejects(record(providers), /Nobody wants/);
});
