// Slack, by the real client and library: what is posted, what is found again, and what failures mean.
import assert from "node:assert/strict";
import { sha256Hex } from "@shared/platform/sha256.ts";
import { z } from "zod";
import { outboundClients } from "../support/outbound_clients.ts";
import { type ProvidersUnderTest, startProviders } from "./start_providers.ts";

const TEAM = "T0TESTTEAM";
const TOKEN = `xoxb-sim-${TEAM}`;
const SALES = "C02SALES";
const State = z.object({
  slack: z.object({
    posts: z.array(z.looseObject({
      effect_id: z.string().nullable(),
      sha256: z.string(),
      ts: z.string(),
    })),
    calls: z.array(z.object({ method: z.string(), status: z.number() })),
  }),
});

async function stateOf(providers: ProvidersUnderTest) {
  const response = await fetch(`${providers.url}/_control/state`);
  return State.parse(await response.json()).slack;
}

async function open() {
  const providers = await startProviders();
  return { providers, slack: outboundClients(providers.url).slack };
}

function message(text = "Deal *won*: Acme & <https://acme.example|pilot> 🎉") {
  return { channelId: SALES, text, effectId: crypto.randomUUID() };
}

function order(providers: ProvidersUnderTest, what: Record<string, unknown>) {
  return providers.control({ provider: "slack", ...what });
}

Deno.test("a message is posted as it was confirmed, and found by our id in its metadata", async () => {
  const { providers, slack } = await open();
  await using _ = providers;
  await order(providers, { action: "configure", seconds_per_message: 0 });
  const since = new Date();
  const ours = message();
  assert.equal(await slack.findPosted(TOKEN, { ...ours, since }), null);
  const posted = await slack.post(TOKEN, ours);
  await slack.post(TOKEN, message("Another"));
  await order(providers, { action: "post", team_id: TEAM, channel: SALES, text: ours.text });
  const [entry] = (await stateOf(providers)).posts;
  assert.equal(entry?.ts, posted.ts);
  assert.equal(entry?.effect_id, ours.effectId);
  assert.equal(entry?.sha256, await sha256Hex(new TextEncoder().encode(ours.text)));
  assert.deepEqual(await slack.findPosted(TOKEN, { ...ours, since }), posted);
});

Deno.test("a message is found behind sixty newer ones; where a history does not end, that is unclear", async () => {
  const { providers, slack } = await open();
  await using _ = providers;
  const since = new Date();
  await order(providers, { action: "configure", seconds_per_message: 0 });
  const ours = message();
  const posted = await slack.post(TOKEN, ours);
  const chat = { action: "post", team_id: TEAM, channel: SALES, text: "Chat" };
  for (let n = 0; n < 60; n++) await order(providers, chat);
  assert.deepEqual(await slack.findPosted(TOKEN, { ...ours, since }), posted);
  for (let n = 0; n < 300; n++) await order(providers, chat);
  await assert.rejects(slack.findPosted(TOKEN, { ...message(), since }), {
    failure: "look_up_unclear",
  });
});

Deno.test("a second message within a second waits for as long as Slack says, and the library tries nothing again", async () => {
  const { providers, slack } = await open();
  await using _ = providers;
  await slack.post(TOKEN, message());
  await assert.rejects(slack.post(TOKEN, message()), {
    failure: "rate_limited",
    retryAfterSeconds: 1,
    mayHaveHappened: false,
  });
  await slack.post(TOKEN, { ...message(), channelId: "C03DEALS" });
  await providers.control({ action: "advance", seconds: 1 });
  await slack.post(TOKEN, message());
  const { posts, calls } = await stateOf(providers);
  assert.equal(posts.length, 3);
  assert.equal(calls.length, 4);
});

Deno.test("a limited app looks into a history once a minute", async () => {
  const { providers, slack } = await open();
  await using _ = providers;
  await order(providers, { action: "configure", history_limited: true });
  const look = { ...message(), since: new Date() };
  assert.equal(await slack.findPosted(TOKEN, look), null);
  await assert.rejects(slack.findPosted(TOKEN, look), { failure: "rate_limited" });
});

for (
  const [name, wish, failure] of [
    ["an unknown channel", { channelId: "C0NOWHERE" }, "channel_not_open"],
    ["an archived channel", { channelId: "C05OLDDEALS" }, "channel_not_open"],
    ["a channel without our bot", { channelId: "C06RANDOM" }, "channel_not_open"],
    ["an empty text", { text: "" }, "rejected"],
  ] as const
) {
  Deno.test(`${name} is a refusal although the status is 200`, async () => {
    const { providers, slack } = await open();
    await using _ = providers;
    await assert.rejects(slack.post(TOKEN, { ...message(), ...wish }), {
      failure,
      status: 200,
      mayHaveHappened: false,
    });
    assert.equal((await stateOf(providers)).posts.length, 0);
  });
}

Deno.test("a token that is revoked, unknown or too narrow asks for connecting again", async () => {
  const { providers, slack } = await open();
  await using _ = providers;
  const again = { failure: "reconnect_required", mayHaveHappened: false };
  await assert.rejects(slack.post("xoxb-nobody", message()), again);
  await order(providers, { action: "set_scopes", team_id: TEAM, scopes: ["channels:read"] });
  await assert.rejects(slack.post(TOKEN, message()), again);
  await order(providers, { action: "set_scopes", team_id: TEAM, scopes: ["chat:write"] });
  await slack.post(TOKEN, message());
  await assert.rejects(slack.findPosted(TOKEN, { ...message(), since: new Date() }), again);
  await order(providers, { action: "revoke_token", team_id: TEAM });
  await assert.rejects(slack.post(TOKEN, message()), again);
});

for (
  const { name, fault, wasPosted } of [
    { name: "a 503 with a page of HTML", fault: { status: 503 }, wasPosted: 0 },
    { name: "an internal error", fault: { status: 500, reason: "internal_error" }, wasPosted: 0 },
    { name: "an answer that gets lost", fault: { lose_answer: true }, wasPosted: 1 },
    {
      name: "no answer although it was posted",
      fault: { hang: true, lose_answer: true },
      wasPosted: 1,
    },
  ]
) {
  Deno.test(`${name} may have been a post; it is tried once and found when it is there`, async () => {
    const { providers, slack } = await open();
    await using _ = providers;
    const ours = message();
    const since = new Date();
    await order(providers, { action: "fail_call", route: "chat.postMessage", ...fault });
    await assert.rejects(slack.post(TOKEN, ours), {
      failure: "unavailable",
      mayHaveHappened: true,
    });
    const { posts, calls } = await stateOf(providers);
    assert.equal(posts.length, wasPosted);
    assert.equal(calls.filter(({ method }) => method === "chat.postMessage").length, 1);
    const found = await slack.findPosted(TOKEN, { ...ours, since });
    assert.equal(found === null ? 0 : 1, wasPosted);
  });
}

Deno.test("a workspace tells its name, what it granted, and the channels that the bot may post into", async () => {
  const { providers, slack } = await open();
  await using _ = providers;
  const workspace = await slack.describeWorkspace(TOKEN);
  assert.equal(workspace.teamId, TEAM);
  assert.equal(workspace.botUserId, "U0SIXTYBOT");
  assert.deepEqual(workspace.scopes, ["chat:write", "channels:read", "channels:history"]);
  assert.deepEqual(workspace.channels.map(({ name }) => name), ["general", "sales", "deals"]);
});

Deno.test("the simulator keeps Slack's limits of blocks", async () => {
  await using providers = await startProviders();
  const post = async (body: Record<string, unknown>): Promise<unknown> => {
    const answer = await fetch(`${providers.url}/slack/api/chat.postMessage`, {
      method: "POST",
      headers: { authorization: `Bearer ${TOKEN}`, "content-type": "application/json" },
      body: JSON.stringify({ channel: SALES, text: "x", ...body }),
    });
    assert.equal(answer.status, 200);
    return z.object({ error: z.string().optional() }).parse(await answer.json()).error;
  };
  const section = (length: number) => ({
    type: "section",
    text: { type: "mrkdwn", text: "x".repeat(length) },
  });
  assert.equal(await post({ blocks: Array(51).fill({ type: "divider" }) }), "invalid_blocks");
  assert.equal(await post({ blocks: [section(3_001)] }), "invalid_blocks");
  assert.equal(await post({ blocks: Array(5).fill(section(2_900)) }), "msg_blocks_too_long");
  assert.equal(await post({ metadata: "{}" }), "invalid_metadata_format");
  assert.equal(await post({ blocks: [section(3_000)] }), undefined);
});
