// Gmail, by the real client: exactly the bytes that were confirmed leave, what was sent is found again
// although the Message-ID is not ours any more, and failures say whether it may have happened.
import assert from "node:assert/strict";
import { composeEmail } from "@shared/copilot/proposals/compose_email.ts";
import { sha256Hex } from "@shared/platform/sha256.ts";
import { z } from "zod";
import { googleToken, outboundClients } from "../support/outbound_clients.ts";
import { type ProvidersUnderTest, startProviders } from "./start_providers.ts";

const EMAIL = "ann@sixty.test";
const State = z.object({
  gmail: z.object({
    sent: z.array(z.looseObject({
      id: z.string(),
      client_message_id: z.string(),
      message_id: z.string(),
      to: z.array(z.string()),
      sha256: z.string(),
      thread_id: z.string(),
    })),
    sent_per_client_message_id: z.record(z.string(), z.number()),
    calls: z.array(z.object({ route: z.string(), status: z.number() })),
  }),
});

async function stateOf(providers: ProvidersUnderTest) {
  const response = await fetch(`${providers.url}/_control/state`);
  return State.parse(await response.json()).gmail;
}

function compose(messageId: string): string {
  return composeEmail({
    from: EMAIL,
    to: ["dana@acme.example", "tom@acme.example"],
    cc: ["boss@acme.example"],
    subject: "Nächste Schritte – pilot",
    body: "Hello Dana,\nsee you on Tuesday.\n\nAnn",
    date: new Date("2026-11-22T10:00:00Z"),
    messageId,
  });
}

function newId(): string {
  return `<${crypto.randomUUID()}@sixty.test>`;
}

async function open() {
  const providers = await startProviders();
  const { gmail } = outboundClients(providers.url);
  return { providers, gmail, token: await googleToken(providers.url, EMAIL) };
}

function failing(providers: ProvidersUnderTest, fault: Record<string, unknown>) {
  return providers.control({ provider: "gmail", action: "fail_call", ...fault });
}

Deno.test("an email leaves byte by byte as it was composed, to everybody it names", async () => {
  const { providers, gmail, token } = await open();
  await using _ = providers;
  const messageId = newId();
  const raw = compose(messageId);
  const sent = await gmail.send(token, { raw, threadId: null });
  const [entry] = (await stateOf(providers)).sent;
  assert.equal(entry?.id, sent.id);
  assert.equal(entry?.sha256, await sha256Hex(Uint8Array.from(Buffer.from(raw, "base64url"))));
  assert.deepEqual(entry?.to, ["dana@acme.example", "tom@acme.example", "boss@acme.example"]);
});

for (const keeps of [true, false]) {
  Deno.test(`what was sent is found again where the service ${keeps ? "keeps" : "replaces"} our Message-ID`, async () => {
    const { providers, gmail, token } = await open();
    await using _ = providers;
    await providers.control({ provider: "gmail", action: "configure", keeps_message_ids: keeps });
    const since = new Date();
    const [ours, other] = [newId(), newId()];
    assert.equal(await gmail.findSent(token, { messageId: ours, since }), null);
    const sent = await gmail.send(token, { raw: compose(ours), threadId: null });
    await gmail.send(token, { raw: compose(other), threadId: null });
    const [entry] = (await stateOf(providers)).sent;
    assert.equal(entry?.message_id === ours, keeps);
    assert.deepEqual(await gmail.findSent(token, { messageId: ours, since }), sent);
    assert.equal(await gmail.findSent(token, { messageId: newId(), since }), null);
    // Whoever threw it away has still sent it
    await providers.control({ provider: "gmail", action: "remove", email: EMAIL, id: sent.id });
    assert.deepEqual(await gmail.findSent(token, { messageId: ours, since }), sent);
  });
}

Deno.test("what was sent is found before the search knows it, among many and behind newer ones", async () => {
  const { providers, gmail, token } = await open();
  await using _ = providers;
  const since = new Date();
  await providers.control({
    provider: "gmail",
    action: "configure",
    keeps_message_ids: true,
    search_delay_seconds: 60,
  });
  const ours = newId();
  const sent = await gmail.send(token, { raw: compose(ours), threadId: null });
  for (let n = 0; n < 60; n++) await gmail.send(token, { raw: compose(newId()), threadId: null });
  assert.deepEqual(await gmail.findSent(token, { messageId: ours, since }), sent);
});

Deno.test("a look-up that cannot be sure says so, and one that reaches back far enough ends", async () => {
  const { providers, gmail, token } = await open();
  await using _ = providers;
  for (let n = 0; n < 205; n++) await gmail.send(token, { raw: compose(newId()), threadId: null });
  await assert.rejects(
    gmail.findSent(token, { messageId: newId(), since: new Date() }),
    { failure: "look_up_unclear" },
  );
  const before = (await stateOf(providers)).calls.length;
  const later = new Date(Date.now() + 3_600_000);
  assert.equal(await gmail.findSent(token, { messageId: newId(), since: later }), null);
  const calls = (await stateOf(providers)).calls.slice(before);
  assert.equal(calls.filter(({ route }) => route === "messages.get").length, 5);
});

Deno.test("an answer joins its thread; a thread that is gone is a refusal", async () => {
  const { providers, gmail, token } = await open();
  await using _ = providers;
  const came = z.object({ id: z.string(), thread_id: z.string(), message_id: z.string() }).parse(
    await providers.control({
      provider: "gmail",
      action: "receive",
      email: EMAIL,
      subject: "The pilot",
    }),
  );
  const raw = Buffer.from([
    `From: ${EMAIL}`,
    "To: somebody@elsewhere.example",
    "Subject: Re: The pilot",
    `In-Reply-To: ${came.message_id}`,
    "",
    "Yes.",
  ].join("\r\n")).toString("base64url");
  const sent = await gmail.send(token, { raw, threadId: came.thread_id });
  assert.equal(sent.threadId, came.thread_id);
  await assert.rejects(gmail.send(token, { raw, threadId: "0123456789abcdef" }), {
    failure: "rejected",
    mayHaveHappened: false,
  });
});

Deno.test("tokens and scopes: each refusal is its own, and none may have happened", async () => {
  const { providers, gmail, token } = await open();
  await using _ = providers;
  const email = { raw: compose(newId()), threadId: null };
  const refused = (failure: string) => ({ failure, mayHaveHappened: false });
  await assert.rejects(gmail.send("wrong", email), refused("access_rejected"));
  await providers.control({
    provider: "google_calendar",
    action: "grant",
    email: EMAIL,
    scopes: ["https://www.googleapis.com/auth/gmail.send"],
  });
  await gmail.send(token, email);
  await assert.rejects(
    gmail.findSent(token, { messageId: newId(), since: new Date() }),
    refused("scope_missing"),
  );
  await providers.control({
    provider: "google_calendar",
    action: "grant",
    email: EMAIL,
    scopes: ["https://www.googleapis.com/auth/calendar.events"],
  });
  await assert.rejects(gmail.send(token, email), refused("scope_missing"));
  await providers.control({ provider: "google_calendar", action: "revoke", email: EMAIL });
  await assert.rejects(gmail.send(token, email), refused("access_rejected"));
  assert.equal((await stateOf(providers)).sent.length, 1);
});

Deno.test("limits say for how long, whether by 403, 429 or in words", async () => {
  const { providers, gmail, token } = await open();
  await using _ = providers;
  const email = { raw: compose(newId()), threadId: null };
  for (
    const fault of [
      { status: 403, reason: "rateLimitExceeded" },
      { status: 403, reason: "userRateLimitExceeded" },
      { status: 403, reason: "dailyLimitExceeded" },
      { status: 429, retry_after: 7 },
    ]
  ) {
    await failing(providers, { route: "messages.send", ...fault });
    await assert.rejects(gmail.send(token, email), {
      failure: "rate_limited",
      mayHaveHappened: false,
      retryAfterSeconds: fault.retry_after ?? null,
    });
  }
  await providers.control({ provider: "gmail", action: "configure", send_limit: 0 });
  const error = await gmail.send(token, email).catch((cause: unknown) => cause);
  const { retryAfterSeconds } = z.object({ retryAfterSeconds: z.number() }).parse(error);
  assert.ok(retryAfterSeconds > 50 && retryAfterSeconds <= 61, `${retryAfterSeconds}`);
  assert.equal((await stateOf(providers)).sent.length, 0);
});

for (
  const { name, fault, wasSent } of [
    { name: "a 503", fault: { status: 503 }, wasSent: 0 },
    { name: "an answer that gets lost", fault: { lose_answer: true }, wasSent: 1 },
    { name: "no answer at all", fault: { hang: true }, wasSent: 0 },
    {
      name: "no answer although it was sent",
      fault: { hang: true, lose_answer: true },
      wasSent: 1,
    },
  ]
) {
  Deno.test(`${name} may have been a sending; the look-up knows, the client does not try again`, async () => {
    const { providers, gmail, token } = await open();
    await using _ = providers;
    const [messageId, since] = [newId(), new Date()];
    await failing(providers, { route: "messages.send", ...fault });
    await assert.rejects(gmail.send(token, { raw: compose(messageId), threadId: null }), {
      failure: "unavailable",
      mayHaveHappened: true,
    });
    assert.equal((await stateOf(providers)).sent.length, wasSent);
    const found = await gmail.findSent(token, { messageId, since });
    assert.equal(found === null ? 0 : 1, wasSent);
  });
}

Deno.test("an event is made once under our id, its people are invited, and it is found when it was deleted", async () => {
  await using providers = await startProviders();
  const { calendar } = outboundClients(providers.url);
  const token = await googleToken(providers.url, EMAIL);
  const event = {
    id: crypto.randomUUID().replaceAll("-", ""),
    title: "Next steps",
    description: null,
    startsAt: "2026-12-01T10:00:00-05:00",
    endsAt: "2026-12-01T10:30:00-05:00",
    timeZone: "America/New_York",
    attendees: ["dana@acme.example"],
  };
  const where = { calendarId: "primary", eventId: event.id };
  assert.equal(await calendar.findEvent(token, where), null);
  await providers.control({
    provider: "google_calendar",
    action: "fail_call",
    route: "events.insert",
    lose_answer: true,
  });
  await assert.rejects(calendar.insertEvent(token, { calendarId: "primary", event }), {
    mayHaveHappened: true,
  });
  assert.equal(await calendar.insertEvent(token, { calendarId: "primary", event }), null);
  await providers.control({
    provider: "google_calendar",
    action: "cancel",
    email: EMAIL,
    id: event.id,
  });
  assert.equal((await calendar.findEvent(token, where))?.id, event.id);
  assert.equal(await calendar.insertEvent(token, { calendarId: "primary", event }), null);
  const state = z.object({
    google_calendar: z.object({
      inserts: z.array(z.looseObject({ id: z.string(), invited: z.array(z.string()) })),
    }),
  }).parse(await (await fetch(`${providers.url}/_control/state`)).json());
  assert.deepEqual(
    state.google_calendar.inserts.map(({ id, invited }) => ({ id, invited })),
    [{ id: event.id, invited: ["dana@acme.example"] }],
  );
  await assert.rejects(
    calendar.insertEvent(token, {
      calendarId: "primary",
      event: { ...event, id: "aaaaa", endsAt: "2026-12-01T09:00:00-05:00" },
    }),
    { failure: "rejected" },
  );
});
