// The product's client of Gemini against the simulated API, over HTTP: what becomes of each thing that
// the API can say or fail to say.
import assert from "node:assert/strict";
import fc from "fast-check";
import { z } from "zod";
import type {
  Answered,
  ModelEvent,
  ModelOutcome,
  ModelProvider,
  ModelRequest,
} from "@shared/model/model_provider.ts";
import { type ModelTurn, toolResultsTurn, userTurn } from "@shared/model/model_turn.ts";
import { runModelTurns } from "@shared/model/run_model_turns.ts";
import { systemClock } from "@shared/platform/clock.ts";
import { projectDir } from "../../scripts/checks/project_dir.ts";
import { sourceFiles } from "../../scripts/checks/source_files.ts";
import { openGemini } from "../../supabase/functions/_shared/providers/gemini.ts";
import { type ProvidersUnderTest, startProviders } from "./start_providers.ts";

const REQUEST: ModelRequest = {
  system: "Be brief.",
  tools: [],
  turns: [userTurn("hello")],
  answerSchema: null,
  thinking: "low",
  maxOutputTokens: 1000,
};
const TOOLS: ModelRequest["tools"] = ["b_tool", "a_tool"].map((name) => ({
  name,
  description: name,
  parameters: {
    type: "object",
    properties: { q: { type: "string" } },
    additionalProperties: false,
  },
}));

interface Rig extends AsyncDisposable {
  readonly providers: ProvidersUnderTest;
  readonly model: ModelProvider;
  say(...answers: unknown[]): Promise<void>;
  bodies(): Promise<string[]>;
}

async function rig(variables: Readonly<Record<string, string>> = {}): Promise<Rig> {
  const providers = await startProviders();
  const settings: Readonly<Record<string, string>> = {
    GEMINI_API_KEY: "sim-gemini-test",
    GEMINI_BASE_URL: `${providers.url}/gemini/`,
    ...variables,
  };
  const model = openGemini({ readVariable: (name) => settings[name], clock: systemClock });
  if (model === null) throw new Error("not configured");
  return {
    providers,
    model,
    say: async (...answers) => {
      await providers.control({ provider: "gemini", action: "script", answers });
    },
    bodies: async () =>
      z.array(z.object({ body: z.string() }))
        .parse(await providers.control({ provider: "gemini", action: "requests" }))
        .map(({ body }) => body),
    [Symbol.asyncDispose]: () => providers[Symbol.asyncDispose](),
  };
}

const options = (timeoutMs = 10_000) => ({ signal: new AbortController().signal, timeoutMs });

async function collect(model: ModelProvider, request = REQUEST): Promise<ModelEvent[]> {
  return await Array.fromAsync(model.stream(request, options()));
}

function outcomeOf(events: readonly ModelEvent[]): ModelOutcome {
  assert.deepEqual(events.filter(({ kind }) => kind === "outcome").length, 1);
  const last = events.at(-1);
  if (last?.kind !== "outcome") throw new Error("the outcome comes last");
  return last.outcome;
}

function answered(outcome: { readonly outcome: string }): Answered {
  if (outcome.outcome !== "answered") throw new Error(JSON.stringify(outcome));
  return outcome as Answered;
}

Deno.test("U60-058 openGemini() is null without a key, and refuses settings that are malformed", () => {
  const open = (settings: Readonly<Record<string, string>>) =>
    openGemini({ readVariable: (name) => settings[name], clock: systemClock });
  assert.equal(open({}), null);
  assert.equal(open({ GEMINI_API_KEY: "" }), null);
  assert.equal(open({ GEMINI_API_KEY: "k" })?.model, "gemini-3.8-flash");
  assert.throws(() => open({ GEMINI_API_KEY: "k", GEMINI_BASE_URL: "file:///etc" }), {
    name: "EnvironmentError",
  });
  assert.throws(() => open({ GEMINI_API_KEY: "k", GEMINI_MODEL: "a/../b" }), {
    name: "EnvironmentError",
  });
});

Deno.test("U60-058 generate() says what every answer and refusal of the API means", async () => {
  await using gemini = await rig();
  const cases: [unknown, Record<string, unknown>][] = [
    [{ kind: "text", text: "Grüße 🎉" }, { outcome: "answered", text: "Grüße 🎉", calls: [] }],
    [{ kind: "blocked_prompt" }, {
      outcome: "blocked",
      stage: "prompt",
      reason: "PROHIBITED_CONTENT",
    }],
    [{ kind: "blocked_answer", text: "half" }, {
      outcome: "blocked",
      stage: "answer",
      reason: "SAFETY",
    }],
    [{ kind: "max_tokens" }, { outcome: "truncated", text: "" }],
    [{ kind: "max_tokens", text: "and so" }, { outcome: "truncated", text: "and so" }],
    [{ kind: "empty" }, { outcome: "empty" }],
    [{ kind: "malformed_call" }, { outcome: "malformed", reason: "MALFORMED_FUNCTION_CALL" }],
    [{ kind: "malformed_call", reason: "UNEXPECTED_TOOL_CALL" }, { outcome: "malformed" }],
    [{ kind: "raw", chunks: [], finish_reason: "SOMETHING_NEW" }, { outcome: "empty" }],
    [{ kind: "error", status: 503 }, { outcome: "unavailable", status: 503, isPartial: false }],
    [{ kind: "error", status: 500, html: true }, { outcome: "unavailable", status: 500 }],
    [{ kind: "error", status: 504 }, { outcome: "unavailable", status: 504 }],
    [{ kind: "error", status: 400 }, { outcome: "rejected", reason: "bad_request" }],
    [{ kind: "error", status: 403 }, { outcome: "rejected", reason: "not_permitted" }],
    [{ kind: "error", status: 404 }, { outcome: "rejected", reason: "model_not_found" }],
    [{ kind: "error", status: 429 }, { outcome: "rate_limited", retryAfterMs: null, until: null }],
    [{ kind: "error", status: 429, retry_delay: "22s" }, { retryAfterMs: 22_000, until: null }],
    [{ kind: "error", status: 429, retry_delay: "1.5s" }, { retryAfterMs: 1_500 }],
    [{ kind: "not_json" }, { outcome: "unavailable", isPartial: false }],
    [{ kind: "cut", text: "one two three" }, { outcome: "unavailable" }],
    [{ kind: "cut", text: "one two three", how: "end" }, { outcome: "unavailable" }],
  ];
  for (const [answer, expected] of cases) {
    await gemini.say(answer);
    const outcome: Record<string, unknown> = { ...await gemini.model.generate(REQUEST, options()) };
    for (const [key, value] of Object.entries(expected)) {
      assert.deepEqual(outcome[key], value, `${JSON.stringify(answer)} ${key}`);
    }
  }
  await gemini.say({ kind: "error", status: 429, quota: "day", retry_delay: "10s" });
  const day = await gemini.model.generate(REQUEST, options());
  assert.ok(day.outcome === "rate_limited" && day.until !== null && day.until > new Date());
});

Deno.test("U60-058 generate() counts what was used, thoughts and cached tokens among it", async () => {
  await using gemini = await rig();
  await gemini.say({
    kind: "text",
    text: "x",
    model_version: "gemini-3.8-flash",
    usage: {
      promptTokenCount: 5000,
      cachedContentTokenCount: 4096,
      candidatesTokenCount: 7,
      thoughtsTokenCount: 11,
    },
  });
  const { usage, modelVersion } = answered(await gemini.model.generate(REQUEST, options()));
  assert.deepEqual(usage, {
    promptTokens: 5000,
    cachedTokens: 4096,
    answerTokens: 7,
    thoughtTokens: 11,
  });
  assert.equal(modelVersion, "gemini-3.8-flash");
  const own = answered(await gemini.model.generate(REQUEST, options()));
  assert.equal(own.modelVersion, "gemini-3.8-flash-simulator", "a simulator says that it is one");
});

Deno.test("U60-058 parts come through unchanged, streamed or not: signatures, ids, every parallel call", async () => {
  await using gemini = await rig();
  const calls = [{ name: "a_tool", args: { q: "é\u2014" }, id: "1" }, {
    name: "b_tool",
    args: { q: "2", deep: { list: [1, null] } },
    id: "2",
  }];
  const request = { ...REQUEST, tools: TOOLS };
  await gemini.say({ kind: "calls", calls }, { kind: "calls", calls, text: "Let me see. " });
  const whole = answered(await gemini.model.generate(request, options()));
  const streamed = answered(outcomeOf(await collect(gemini.model, request)));
  for (const { calls: read, turn } of [whole, streamed]) {
    assert.deepEqual(read, calls.map(({ id, name, args }) => ({ id, name, args })));
    const signed = turn.parts.filter((part) => typeof part["thoughtSignature"] === "string");
    assert.equal(signed.length, 1, "the first call's signature is kept");
    // The simulator refuses with 400 unless the turn comes back byte for byte
    const turns: ModelTurn[] = [
      ...request.turns,
      turn,
      toolResultsTurn(read, [{ output: 1 }, { error: "none" }]),
    ];
    answered(await gemini.model.generate({ ...request, turns }, options()));
    const forged = structuredClone(turns);
    const part = forged[1]?.parts.find((each) => "thoughtSignature" in each);
    if (part) delete part["thoughtSignature"];
    const refused = await gemini.model.generate({ ...request, turns: forged }, options());
    assert.equal(refused.outcome, "rejected", "control: it would have noticed");
  }
});

Deno.test("U60-058 stream() is the same answer however its bytes are cut", async () => {
  await using gemini = await rig();
  await fc.assert(
    fc.asyncProperty(
      fc.string({ unit: "grapheme", minLength: 1, maxLength: 200 })
        // The client cannot read a line that holds these as they are (ADR 0009)
        .map((text) => text.replace(/[\u2028\u2029]/g, "-")),
      fc.integer({ min: 1, max: 40 }),
      fc.integer({ min: 1, max: 9 }),
      async (text, split_bytes, pieces) => {
        await gemini.say({ kind: "text", text, split_bytes, pieces });
        const events = await collect(gemini.model);
        const said = events.map((event) => event.kind === "parts" ? event.text : "").join("");
        assert.equal(said, text);
        const outcome = outcomeOf(events);
        if (text.trim() === "") assert.equal(outcome.outcome, "empty");
        else assert.equal(answered(outcome).text, text);
      },
    ),
    { numRuns: 60 },
  );
});

Deno.test("U60-058 stream() ends with one outcome when it breaks, and says what had come", async () => {
  await using gemini = await rig();
  const cases: [unknown, boolean][] = [
    [{ kind: "cut", text: "one two three four" }, true],
    [{ kind: "cut", text: "one two three four", how: "end" }, true],
    [{ kind: "cut", text: "one two", after_chunks: 0 }, false],
    [{ kind: "error_midway", text: "one two three four" }, true],
    [{ kind: "error_midway", text: "one two three four", is_event: false }, true],
    [{ kind: "error", status: 503 }, false],
    [{ kind: "not_json" }, false],
  ];
  for (const [answer, isPartial] of cases) {
    await gemini.say(answer);
    const outcome = outcomeOf(await collect(gemini.model));
    const name = JSON.stringify(answer);
    assert.equal(outcome.outcome, "unavailable", name);
    assert.equal(outcome.outcome === "unavailable" && outcome.isPartial, isPartial, name);
  }
  await gemini.say({ kind: "blocked_prompt" });
  assert.equal(outcomeOf(await collect(gemini.model)).outcome, "blocked");
});

Deno.test("U60-058 a request ends with its time, its signal, or whoever stops listening", async () => {
  await using gemini = await rig();
  await gemini.say({ kind: "text", text: "late", delay_ms: 400 });
  const began = performance.now();
  const late = await gemini.model.generate(REQUEST, options(50));
  assert.equal(late.outcome, "unavailable");
  assert.ok(performance.now() - began < 300);
  const gone = { signal: AbortSignal.abort(), timeoutMs: 1000 };
  assert.equal((await gemini.model.generate(REQUEST, gone)).outcome, "unavailable");
  await new Promise((resolve) => setTimeout(resolve, 450));
  assert.equal((await gemini.bodies()).length, 1, "nothing is sent for who has gone");
  await gemini.say({
    kind: "text",
    text: "a b c d e f",
    pieces: 6,
    split_bytes: 50,
    piece_delay_ms: 5,
  });
  for await (const event of gemini.model.stream(REQUEST, options())) {
    assert.equal(event.kind, "parts");
    break;
  }
});

Deno.test("U60-058 equal instructions and tools are equal bytes before the turns, in any order given", async () => {
  await using gemini = await rig();
  await gemini.model.generate({ ...REQUEST, tools: TOOLS }, options());
  await gemini.model.generate({
    ...REQUEST,
    tools: [...TOOLS].reverse().map(({ parameters, description, name }) => ({
      parameters: Object.fromEntries(Object.entries(parameters).reverse()),
      description,
      name,
    })),
    turns: [userTurn("something else")],
  }, options());
  const prefixes = (await gemini.bodies()).map((body) => body.split('"contents":')[0]);
  assert.equal(prefixes[0], prefixes[1]);
  assert.ok((prefixes[0]?.length ?? 0) > 300);
});

Deno.test("U60-058 the key travels in a header and is in no failure", async () => {
  await using gemini = await rig({ GEMINI_API_KEY: "AIza-not-a-key" });
  const refused = await gemini.model.generate(REQUEST, options());
  assert.deepEqual(refused, { outcome: "rejected", status: 400, reason: "bad_request" });
  await using good = await rig();
  await good.model.generate(REQUEST, options());
  const state = await (await fetch(`${good.providers.url}/_control/state`)).text();
  assert.match(state, /"isKeyInAddress":false/);
});

Deno.test("runModelTurns() answers calls over HTTP until the model has had six turns", async () => {
  await using gemini = await rig();
  const request = { ...REQUEST, tools: TOOLS };
  const call = (n: number) => ({ kind: "calls", calls: [{ name: "a_tool", args: { q: `${n}` } }] });
  const loop = {
    ask: (turns: readonly ModelTurn[]) => gemini.model.generate({ ...request, turns }, options()),
    answerCalls: (calls: readonly unknown[]) => Promise.resolve(calls.map(() => ({ output: "x" }))),
  };
  await gemini.say(call(1), call(2), { kind: "text", text: "Done." });
  const end = await runModelTurns(loop, request.turns);
  assert.deepEqual([answered(end.outcome).text, end.modelTurns, end.turns.length], ["Done.", 3, 6]);
  await gemini.say(...[1, 2, 3, 4, 5, 6, 7].map(call));
  const endless = await runModelTurns(loop, request.turns);
  assert.deepEqual([endless.outcome.outcome, endless.modelTurns], ["too_many_turns", 6]);
});

Deno.test("one file of the product knows which client speaks to the model", async () => {
  const files = await sourceFiles(projectDir(), ["shared", "supabase/functions"], [".ts"]);
  const knowing = files.filter(({ text }) => /["']@google\/gen/.test(text)).map(({ path }) => path);
  assert.deepEqual(knowing, ["supabase/functions/_shared/providers/gemini.ts"]);
});
