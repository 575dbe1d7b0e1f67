// Fathom's REST API: who may call, what is filtered, how pages and limits go, and empty errors.
import assert from "node:assert/strict";
import { z } from "zod";
import { startProviders, startReceiver } from "./start_providers.ts";

const ANN = { "x-api-key": "sim-fathom-ann@sixty.test" };
const Page = z.object({
  limit: z.number(),
  next_cursor: z.string().nullable(),
  items: z.array(z.looseObject({
    recording_id: z.number(),
    title: z.string(),
    created_at: z.string(),
    recorded_by: z.looseObject({ email: z.string() }),
  })),
});

Deno.test("Fathom wants a key or a token, and gives errors without a body", async () => {
  await using providers = await startProviders();
  const base = `${providers.url}/fathom/external/v1`;
  const status = async (path: string, headers: HeadersInit, init: RequestInit = {}) => {
    const answer = await fetch(`${base}${path}`, { headers, ...init });
    const text = await answer.text();
    return answer.ok ? `${answer.status}` : `${answer.status} ${text.length}`;
  };
  assert.equal(await status("/meetings", {}), "401 0");
  assert.equal(await status("/meetings", { "x-api-key": "wrong" }), "401 0");
  assert.equal(await status("/meetings", { authorization: "Bearer wrong" }), "401 0");
  assert.equal(await status("/meetings?created_after=yesterday-ish", ANN), "400 0");
  assert.equal(await status("/meetings?cursor=nonsense", ANN), "400 0");
  assert.equal(await status("/meetings?calendar_invitees_domains_type=some", ANN), "400 0");
  assert.equal(await status("/recordings/1/summary", ANN), "404 0");
  assert.equal(await status("/nothing", ANN), "404 0");
  const post = { method: "POST", body: '{"destination_url":"http://evil.example/"}' };
  assert.equal(await status("/webhooks", ANN, post), "400 0");
  assert.equal(await status("/meetings", ANN), "200");
});

Deno.test("Fathom lists meetings page by page, newest first, with every filter", async () => {
  await using providers = await startProviders();
  const list = async (query = "", headers: HeadersInit = ANN) => {
    const answer = await fetch(`${providers.url}/fathom/external/v1/meetings?${query}`, {
      headers,
    });
    assert.equal(answer.status, 200);
    return Page.parse(await answer.json());
  };
  const history = await list();
  assert.equal(history.items.length, 3);
  for (let i = 0; i < 22; i++) {
    await providers.control({
      provider: "fathom",
      action: "record",
      script: "silent",
      recorded_by: "ann@sixty.test",
      title: `Call ${i}`,
      start: new Date(Date.UTC(2026, 0, 1 + i, 9)).toISOString(),
      invitees: i % 2 === 0 ? ["x@even.example"] : ["carol@sixty.test"],
    });
  }
  const ids: number[] = [];
  let cursor = "";
  let pages = 0;
  do {
    const page = await list(`cursor=${cursor}`);
    ids.push(...page.items.map((item) => item.recording_id));
    cursor = page.next_cursor ?? "";
    pages += 1;
  } while (cursor !== "");
  assert.equal(pages, 3);
  assert.equal(new Set(ids).size, 25);
  const titles = async (query: string) => (await list(query)).items.map((item) => item.title);
  assert.deepEqual(
    await titles("created_after=2026-01-03T00:00:00Z&created_before=2026-01-05T00:00:00Z"),
    ["Call 3", "Call 2"],
  );
  const early = "created_before=2026-01-05T00:00:00Z";
  assert.deepEqual(await titles(`${early}&calendar_invitees_domains[]=even.example`), [
    "Call 2",
    "Call 0",
  ]);
  assert.deepEqual(await titles(`${early}&calendar_invitees_domains_type=only_internal`), [
    "Call 3",
    "Call 1",
  ]);
  assert.equal(
    (await titles(`${early}&recorded_by[]=ann@sixty.test&recorded_by[]=x@y.z`)).length,
    4,
  );
  assert.deepEqual(await titles(`${early}&recorded_by[]=bob@sixty.test`), []);
  assert.deepEqual(await titles(`${early}&teams[]=Support`), []);
  const [plain] = (await list()).items;
  assert.equal("transcript" in (plain ?? {}), false);
  const [whole] = (await list("include_transcript=true&include_summary=true")).items;
  assert.ok(whole && "transcript" in whole && "default_summary" in whole);
  const foreign = await list("", { "x-api-key": "sim-fathom-eve@rival.test" });
  assert.equal(foreign.items.some((item) => ids.includes(item.recording_id)), false);
});

Deno.test("Fathom gives summary and transcript, at once or posted to a destination", async () => {
  await using providers = await startProviders();
  await using receiver = startReceiver();
  const { recording_id } = z.object({ recording_id: z.number() }).parse(
    await providers.control({
      provider: "fathom",
      action: "record",
      script: "silent",
      recorded_by: "ann@sixty.test",
      transcript: [{ speaker: "ann@sixty.test", text: "Hello" }, { speaker: "Zoe", text: "Hi" }],
    }),
  );
  const base = `${providers.url}/fathom/external/v1/recordings/${recording_id}`;
  const read = async (path: string, headers: HeadersInit = ANN) => {
    const answer = await fetch(`${base}${path}`, { headers });
    return answer.ok ? await answer.json() : answer.status;
  };
  const { transcript } = await read("/transcript");
  assert.deepEqual(
    transcript.map((item: { speaker: { display_name: string }; text: string }) => [
      item.speaker.display_name,
      item.text,
    ]),
    [["Ann", "Hello"], ["Zoe", "Hi"]],
  );
  assert.ok((await read("/summary")).summary.markdown_formatted);
  assert.equal(await read("/summary", { "x-api-key": "sim-fathom-eve@rival.test" }), 404);
  const posted = await read(`/transcript?destination_url=${encodeURIComponent(receiver.url)}`);
  assert.deepEqual(posted, { destination_url: receiver.url });
  while (receiver.received.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  assert.deepEqual(JSON.parse(receiver.received[0]?.body ?? ""), { transcript });
  assert.equal(receiver.received[0]?.headers.has("webhook-signature"), false);
});

Deno.test("Fathom limits calls to 60 in 60 seconds and says when the window ends", async () => {
  await using providers = await startProviders();
  const call = async (headers: HeadersInit = ANN) => {
    const answer = await fetch(`${providers.url}/fathom/external/v1/teams`, { headers });
    await answer.body?.cancel();
    return answer;
  };
  const first = await call();
  assert.equal(first.headers.get("ratelimit-limit"), "60");
  assert.equal(first.headers.get("ratelimit-remaining"), "59");
  for (let i = 0; i < 59; i++) assert.equal((await call()).status, 200);
  const refused = await call();
  assert.equal(refused.status, 429);
  assert.equal(refused.headers.get("ratelimit-remaining"), "0");
  assert.match(refused.headers.get("ratelimit-reset") ?? "", /^[1-9]\d?$/);
  assert.equal((await call({ "x-api-key": "sim-fathom-bob@sixty.test" })).status, 200);
  await providers.control({ action: "advance", seconds: 61 });
  assert.equal((await call()).status, 200);
  await providers.control({ provider: "fathom", action: "rate_limit", limit: 1 });
  assert.deepEqual([(await call()).status, (await call()).status], [200, 429]);
  await providers.control({ action: "reset" });
  await providers.control({ provider: "fathom", action: "fail", status: 500, count: 2 });
  assert.deepEqual([(await call()).status, (await call()).status, (await call()).status], [
    500,
    500,
    200,
  ]);
});

Deno.test("Fathom's OAuth tokens work, expire, and may not ask for transcripts in lists", async () => {
  await using providers = await startProviders();
  const base = `${providers.url}/fathom/external/v1`;
  const token = async (fields: Record<string, string>) => {
    const answer = await fetch(`${base}/oauth2/token`, {
      method: "POST",
      body: new URLSearchParams({ client_id: "c", client_secret: "s", ...fields }),
    });
    return { status: answer.status, body: await answer.json() };
  };
  const issued = await token({
    grant_type: "authorization_code",
    code: "sim-fathom-code-ann@sixty.test",
  });
  assert.equal(issued.status, 200);
  const renewed = await token({
    grant_type: "refresh_token",
    refresh_token: issued.body.refresh_token,
  });
  const headers = { authorization: `Bearer ${renewed.body.access_token}` };
  const list = async (query: string) => {
    const answer = await fetch(`${base}/meetings${query}`, { headers });
    await answer.body?.cancel();
    return answer.status;
  };
  assert.equal(await list(""), 200);
  assert.equal(await list("?include_transcript=true"), 400);
  assert.equal(await list("?include_summary=true"), 400);
  assert.equal(await list("?include_action_items=true"), 200);
  await providers.control({ action: "advance", seconds: 3601 });
  assert.equal(await list(""), 401);
  await providers.control({ provider: "fathom", action: "revoke", email: "ann@sixty.test" });
  const dead = await token({
    grant_type: "refresh_token",
    refresh_token: issued.body.refresh_token,
  });
  assert.deepEqual(dead, { status: 400, body: { error: "invalid_grant" } });
});
