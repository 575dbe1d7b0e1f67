// The simulated Gemini API by plain HTTP: what it refuses, what it signs, how its bytes travel.
import assert from "node:assert/strict";
import { z } from "zod";
import { type ProvidersUnderTest, startProviders } from "./start_providers.ts";

const KEY = { "x-goog-api-key": "sim-gemini-test" };
const HELLO = { contents: [{ role: "user", parts: [{ text: "hello" }] }] };
const TOOLS = [{
  functionDeclarations: [{
    name: "look_up",
    parameters: { type: "object", properties: { q: { type: "string" } } },
  }],
}];
const Part = z.looseObject({
  text: z.string().optional(),
  thoughtSignature: z.string().optional(),
  functionCall: z.looseObject({ name: z.string() }).optional(),
});
const Answer = z.looseObject({
  candidates: z.array(z.looseObject({
    content: z.looseObject({ parts: z.array(Part).default([]) }),
    finishReason: z.string().optional(),
  })).default([]),
  usageMetadata: z.record(z.string(), z.number()),
  modelVersion: z.string(),
});

async function post(
  providers: ProvidersUnderTest,
  body: unknown,
  { model = "gemini-3.8-flash", task = "generateContent", headers = KEY as HeadersInit } = {},
): Promise<Response> {
  return await fetch(`${providers.url}/gemini/v1beta/models/${model}:${task}`, {
    method: "POST",
    headers,
    body: JSON.stringify(body),
  });
}

async function refusal(response: Response): Promise<string> {
  const { error } = z.object({ error: z.looseObject({ code: z.number(), message: z.string() }) })
    .parse(await response.json());
  assert.equal(error.code, response.status);
  return `${response.status} ${error.message}`;
}

async function script(providers: ProvidersUnderTest, ...answers: unknown[]): Promise<void> {
  await providers.control({ provider: "gemini", action: "script", answers });
}

Deno.test("Gemini wants a key in the header, and knows its models", async () => {
  await using providers = await startProviders();
  assert.match(await refusal(await post(providers, HELLO, { headers: {} })), /^403 /);
  const wrong = await post(providers, HELLO, { headers: { "x-goog-api-key": "AIza" } });
  assert.match(await refusal(wrong), /^400 API key not valid/);
  assert.match(await refusal(await post(providers, HELLO, { model: "gemini-2.0-flash" })), /^404 /);
  const routed = await post(providers, HELLO, { model: "gemini-3.7-flash" });
  assert.equal(Answer.parse(await routed.json()).modelVersion, "gemini-3.8-flash-simulator");
  await providers.control({ provider: "gemini", action: "revoke_key", key: "sim-gemini-test" });
  assert.match(await refusal(await post(providers, HELLO)), /^400 API key not valid/);
});

Deno.test("Gemini refuses what it does not know, at every depth", async () => {
  await using providers = await startProviders();
  const cases: [unknown, RegExp][] = [
    [{ ...HELLO, colour: 1 }, /Unknown name "colour": Cannot find field/],
    [
      { ...HELLO, generationConfig: { temprature: 1 } },
      /Unknown name "temprature" at 'generation_config'/,
    ],
    [
      { contents: [{ role: "user", parts: [{ text: "x", mood: 1 }] }] },
      /contents\[0\]\.parts\[0\]/,
    ],
    [{ contents: [{ role: "user", parts: [{}] }] }, /oneof field 'data'/],
    [{ contents: [] }, /contents is not specified/],
    [{ contents: [{ role: "function", parts: [{ text: "x" }] }] }, /valid role/],
    [
      { contents: [...HELLO.contents, { role: "model", parts: [{ text: "Well" }] }] },
      /must end with a user turn/,
    ],
    [
      { ...HELLO, tools: [{ functionDeclarations: [{ name: "1st" }] }] },
      /Invalid value/,
    ],
    [
      {
        ...HELLO,
        tools: [{
          functionDeclarations: [{ name: "f", parameters: { additionalProperties: false } }],
        }],
      },
      /Unknown name "additionalProperties"/,
    ],
    [
      { ...HELLO, generationConfig: { thinkingConfig: { thinkingLevel: "MINIMAL" } } },
      /MINIMAL is not supported/,
    ],
    [
      {
        ...HELLO,
        generationConfig: { thinkingConfig: { thinkingLevel: "LOW", thinkingBudget: 1 } },
      },
      /must not be set together/,
    ],
    [{ ...HELLO, generationConfig: { candidateCount: 2 } }, /Multiple candidates/],
  ];
  for (const [body, message] of cases) {
    assert.match(await refusal(await post(providers, body)), message);
  }
  const ignored = await post(providers, { ...HELLO, generationConfig: { temperature: 0.2 } });
  assert.equal(ignored.status, 200, "deprecated fields are taken and ignored");
  await ignored.body?.cancel();
});

Deno.test("Gemini signs the first call and wants the signature back, byte for byte", async () => {
  await using providers = await startProviders();
  await script(providers, {
    kind: "calls",
    calls: [{ name: "look_up", args: { q: "a" }, id: "1" }, {
      name: "look_up",
      args: { q: "b" },
      id: "2",
    }],
  });
  const asked = await post(providers, { ...HELLO, tools: TOOLS });
  const turn = Answer.parse(await asked.json()).candidates[0]?.content.parts ?? [];
  assert.deepEqual(turn.map((part) => part.thoughtSignature !== undefined), [true, false]);
  const results = ["1", "2"].map((id) => ({
    functionResponse: { id, name: "look_up", response: { output: id } },
  }));
  const reply = async (parts: unknown, answers: unknown = results) =>
    await post(providers, {
      contents: [...HELLO.contents, { role: "model", parts }, { role: "user", parts: answers }],
      tools: TOOLS,
    });
  const [first, second] = turn;
  assert.match(
    await refusal(await reply([{ functionCall: first?.functionCall }, second])),
    /missing a thought_signature/,
  );
  assert.match(
    await refusal(
      await reply([second && { ...second, thoughtSignature: first?.thoughtSignature }, {
        functionCall: first?.functionCall,
      }]),
    ),
    /Corrupted thought signature/,
  );
  const changed = first?.thoughtSignature?.replace(/^./, (c) => c === "A" ? "B" : "A");
  assert.match(
    await refusal(await reply([{ ...first, thoughtSignature: changed }, second])),
    /Corrupted thought signature/,
  );
  assert.match(await refusal(await reply(turn, results.slice(1))), /number of function response/);
  assert.match(
    await refusal(
      await reply(turn, [results[0], {
        functionResponse: { id: "9", name: "look_up", response: {} },
      }]),
    ),
    /does not match/,
  );
  assert.match(
    await refusal(
      await reply(turn, [results[0], { functionResponse: { id: "2", name: "", response: {} } }]),
    ),
    /Name cannot be empty/,
  );
  const good = await reply(turn);
  assert.equal(good.status, 200, "control: unchanged and complete");
  await good.body?.cancel();
  const invented = await reply([{
    functionCall: { name: "look_up", args: {}, id: "1" },
    thoughtSignature: "skip_thought_signature_validator",
  }], results.slice(0, 1));
  assert.equal(invented.status, 200, "the documented dummy value");
  await invented.body?.cancel();
});

Deno.test("Gemini streams events whose bytes are split anywhere, calls in one chunk", async () => {
  await using providers = await startProviders();
  const text = "Grüße, 会議は明日です 🎉\u2029 und mehr";
  await script(
    providers,
    { kind: "text", text, pieces: 5, split_bytes: 3 },
    { kind: "calls", calls: [{ name: "a" }, { name: "b" }] },
    { kind: "cut", text: "one two three four" },
    { kind: "error_midway", text: "one two three four" },
  );
  const stream = async () =>
    await post(providers, HELLO, { task: "streamGenerateContent?alt=sse" });
  const events = (body: string) =>
    body.split("\r\n\r\n").filter(Boolean).map((event) =>
      Answer.parse(JSON.parse(event.slice("data: ".length)))
    );
  const said = events(await (await stream()).text());
  const parts = said.flatMap(({ candidates }) => candidates[0]?.content.parts ?? []);
  assert.equal(parts.map((part) => part.text).join(""), text);
  assert.equal(parts.at(-1)?.text, "");
  assert.ok(parts.at(-1)?.thoughtSignature);
  assert.equal(said.at(-1)?.candidates[0]?.finishReason, "STOP");
  assert.equal(said[0]?.candidates[0]?.finishReason, undefined);
  const called = events(await (await stream()).text());
  assert.equal(called[0]?.candidates[0]?.content.parts.length, 2);
  await assert.rejects(async () => await (await stream()).text(), "the connection breaks");
  assert.match(await (await stream()).text(), /"status":"UNAVAILABLE"/);
});

Deno.test("Gemini counts a repeated prefix as cached, and only a long one", async () => {
  await using providers = await startProviders();
  const long = (question: string, prefix: string) => ({
    systemInstruction: { parts: [{ text: prefix.repeat(1000) }] },
    contents: [{ role: "user", parts: [{ text: question }] }],
  });
  const cached = async (body: unknown) =>
    Answer.parse(await (await post(providers, body)).json())
      .usageMetadata["cachedContentTokenCount"];
  assert.equal(await cached(long("one?", "twenty characters.. ")), undefined);
  assert.ok((await cached(long("two?", "twenty characters.. ")) ?? 0) > 4096);
  assert.equal(await cached(long("two?", "short ")), undefined);
  assert.equal(await cached(long("three?", "short ")), undefined);
});

Deno.test("Gemini says that it is a simulator, and fills a schema from the transcript", async () => {
  await using providers = await startProviders();
  const plain = Answer.parse(await (await post(providers, HELLO)).json());
  assert.match(plain.candidates[0]?.content.parts[0]?.text ?? "", /I am a simulator/);
  const item = {
    type: "object",
    properties: {
      text: { type: "string" },
      segments: { type: "array", items: { type: "integer" } },
    },
  };
  const body = {
    contents: [{
      role: "user",
      parts: [{ text: '{"s":1,"who":"Ann","t":"I\'ll send it tomorrow."}' }],
    }],
    generationConfig: {
      responseMimeType: "application/json",
      responseJsonSchema: {
        type: "object",
        properties: { action_items: { type: "array", items: item } },
      },
    },
  };
  const answers = await Promise.all([post(providers, body), post(providers, body)]);
  const texts = await Promise.all(
    answers.map(async (answer) =>
      Answer.parse(await answer.json()).candidates[0]?.content.parts[0]?.text
    ),
  );
  assert.equal(texts[0], '{"action_items":[{"text":"I\'ll send it tomorrow.","segments":[1]}]}');
  assert.equal(texts[0], texts[1]);
});

Deno.test("Gemini is out of quota, overloaded or blocked when told to", async () => {
  await using providers = await startProviders();
  await script(
    providers,
    { kind: "error", status: 429, retry_delay: "1.5s" },
    { kind: "error", status: 429, quota: "day" },
    { kind: "error", status: 503 },
    { kind: "blocked_prompt" },
    { kind: "max_tokens" },
    { kind: "malformed_call" },
    { kind: "not_json" },
  );
  const minute = await (await post(providers, HELLO)).text();
  assert.match(minute, /"retryDelay":"1.5s"/);
  assert.match(minute, /PerMinute/);
  const day = await (await post(providers, HELLO)).text();
  assert.match(day, /PerDay/);
  assert.doesNotMatch(day, /RetryInfo/);
  assert.match(await refusal(await post(providers, HELLO)), /^503 The model is overloaded/);
  const blocked = await post(providers, HELLO);
  assert.deepEqual([blocked.status, Answer.parse(await blocked.json()).candidates], [200, []]);
  const spent = Answer.parse(await (await post(providers, HELLO)).json()).candidates[0];
  assert.deepEqual([spent?.finishReason, spent?.content.parts], ["MAX_TOKENS", []]);
  const malformed = Answer.parse(await (await post(providers, HELLO)).json()).candidates[0];
  assert.equal(malformed?.finishReason, "MALFORMED_FUNCTION_CALL");
  assert.match(await (await post(providers, HELLO)).text(), /doctype/);
});
