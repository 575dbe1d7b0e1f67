// Google's push channels: sync first, no body, numbers that skip, the token that was chosen.
import assert from "node:assert/strict";
import { z } from "zod";
import { type ProvidersUnderTest, startProviders, startReceiver } from "./start_providers.ts";

const EMAIL = "ann@sixty.test";
const Channel = z.looseObject({
  kind: z.literal("api#channel"),
  id: z.string(),
  resourceId: z.string(),
  expiration: z.string().regex(/^\d{13}$/),
});

async function accessToken(providers: ProvidersUnderTest): Promise<string> {
  const answer = await fetch(`${providers.url}/google/oauth2/token`, {
    method: "POST",
    body: new URLSearchParams({
      client_id: "c",
      client_secret: "s",
      grant_type: "refresh_token",
      refresh_token: `sim-refresh-${EMAIL}`,
    }),
  });
  return z.object({ access_token: z.string() }).loose().parse(await answer.json()).access_token;
}

async function opener(providers: ProvidersUnderTest) {
  const token = await accessToken(providers);
  return async (path: string, body: object) => {
    const answer = await fetch(`${providers.url}/google/calendar/v3/${path}`, {
      method: "POST",
      headers: { authorization: `Bearer ${token}` },
      body: JSON.stringify(body),
    });
    const text = await answer.text();
    return { status: answer.status, body: text === "" ? {} : JSON.parse(text) };
  };
}

const WATCH = "calendars/primary/events/watch";
const google = (providers: ProvidersUnderTest, action: string, more: object = {}) =>
  providers.control({ provider: "google_calendar", action, ...more });

Deno.test("Google says sync first, then exists with rising numbers, and never with a body", async () => {
  await using providers = await startProviders();
  await using receiver = startReceiver();
  const post = await opener(providers);
  const opened = await post(WATCH, {
    id: "channel-1",
    type: "web_hook",
    address: receiver.url,
    token: "chosen",
  });
  assert.equal(opened.status, 200);
  const channel = Channel.parse(opened.body);
  for (let i = 0; i < 3; i++) {
    await google(providers, "upsert", { email: EMAIL, event: { summary: `Change ${i}` } });
  }
  await google(providers, "settle");
  const seen = receiver.received.map(({ headers, body }) => {
    assert.equal(body, "");
    assert.equal(headers.get("x-goog-channel-id"), "channel-1");
    assert.equal(headers.get("x-goog-channel-token"), "chosen");
    assert.equal(headers.get("x-goog-resource-id"), channel.resourceId);
    assert.match(headers.get("x-goog-channel-expiration") ?? "", /GMT$/);
    return [headers.get("x-goog-resource-state"), Number(headers.get("x-goog-message-number"))];
  }).sort((a, b) => Number(a[1]) - Number(b[1]));
  assert.deepEqual(seen[0], ["sync", 1]);
  assert.deepEqual(seen.slice(1).map(([state]) => state), ["exists", "exists", "exists"]);
  const numbers = seen.map(([, number]) => Number(number));
  assert.ok((numbers.at(-1) ?? 0) > numbers.length, "Numbers skip");
  const foreign = await post("channels/stop", { id: "channel-1", resourceId: "other" });
  assert.equal(foreign.status, 404);
  const stopped = await post("channels/stop", { id: "channel-1", resourceId: channel.resourceId });
  assert.equal(stopped.status, 204);
  await google(providers, "push", { email: EMAIL });
  await google(providers, "settle");
  assert.equal(receiver.received.length, 4);
});

Deno.test("Google refuses used channel ids and insecure addresses, and shortens lifetimes", async () => {
  await using providers = await startProviders();
  await using receiver = startReceiver();
  const post = await opener(providers);
  const watch = (more: object) =>
    post(WATCH, { id: "a", type: "web_hook", address: receiver.url, ...more });
  await google(providers, "channel_lifetime", { seconds: 600 });
  const opened = await watch({ expiration: Date.now() + 10 * 24 * 3600_000 });
  const expiration = Number(Channel.parse(opened.body).expiration);
  assert.ok(expiration <= Date.now() + 600_000);
  const again = await watch({});
  assert.equal(again.status, 400);
  assert.equal(again.body.error.errors[0].reason, "channelIdNotUnique");
  assert.equal((await watch({ id: "x".repeat(65) })).status, 400);
  const insecure = await watch({ id: "b", address: "http://example.com/hook" });
  assert.equal(insecure.body.error.errors[0].reason, "push.webhookUrlNotHttps");
  assert.equal((await watch({ id: "b" })).status, 200);
  await google(providers, "settle");
  receiver.received.length = 0;
  await google(providers, "push", { email: EMAIL });
  await google(providers, "settle");
  assert.equal(receiver.received.length, 2, "Both channels deliver");
  await providers.control({ action: "advance", seconds: 601 });
  await google(providers, "push", { email: EMAIL });
  await google(providers, "settle");
  assert.equal(receiver.received.length, 2, "Expired channels are silent");
});

Deno.test("Google repeats a notification on 5xx only, with the same number", async () => {
  await using providers = await startProviders();
  await using receiver = startReceiver();
  const post = await opener(providers);
  receiver.answers.push(503, 204);
  await post(WATCH, { id: "a", type: "web_hook", address: receiver.url });
  await google(providers, "settle");
  const numbers = () =>
    receiver.received.map(({ headers }) => headers.get("x-goog-message-number"));
  assert.deepEqual(numbers(), ["1", "1"]);
  receiver.answers.push(404);
  await google(providers, "push", { email: EMAIL });
  await google(providers, "settle");
  assert.equal(numbers().length, 3);
});

Deno.test("control says what is wrong with a request, and shows the state without secrets", async () => {
  await using providers = await startProviders();
  await assert.rejects(providers.control({ provider: "nobody", action: "record" }), /fathom/);
  await assert.rejects(providers.control({ provider: "fathom", action: "explode" }), /action/);
  await assert.rejects(providers.control({ action: "explode" }), /action/);
  await assert.rejects(
    google(providers, "cancel", { email: EMAIL, id: "nothing" }),
    /No event has the id/,
  );
  const registered = z.object({ id: z.string(), secret: z.string() }).parse(
    await providers.control({
      provider: "fathom",
      action: "register",
      destination: "http://127.0.0.1:1/",
    }),
  );
  const fromPage = await fetch(`${providers.url}/_control`, {
    method: "POST",
    headers: { origin: "https://evil.example" },
    body: '{"action":"reset"}',
  });
  assert.equal(fromPage.status, 403);
  const state = await fetch(`${providers.url}/_control/state`);
  const text = await state.text();
  assert.ok(text.includes(registered.id));
  assert.equal(text.includes(registered.secret), false);
});
