// The copilot's answers: what they cost beside the model, and beside the query that they rest on.
import { strictEqual } from "node:assert/strict";
import { z } from "zod";
import { userTurn } from "../../shared/model/model_turn.ts";
import { serveProviders } from "../providers/server.ts";
import {
  type Asker,
  type CopilotStage,
  servePacedModel,
  setCopilotStage,
  timeTo,
} from "./copilot_stage.ts";
import type { BenchDatabase } from "./database.ts";
import { type BenchRow, quantile } from "./harness.ts";
import { pick } from "./tenants.ts";

const ROUNDS = 200;
const OVER_P50_MS = 3;
const OVER_P99_MS = 12;
const QUERY_RATIO = 1.5;
const BRIEF_MS = 1_000;
const BRIEF_ROUNDS = 20;

/** Questions that rules answer, the three flows of the product among them. */
const RULED = [
  "What meetings do I have today?",
  "Prep for my next meeting",
  "Create follow-ups",
  "Show my pipeline",
  "Which deals are at risk?",
];

/** Questions that only a model can read. */
const OTHERS = [
  "What are my biggest deals right now, roughly?",
  "Which of my deals are slipping?",
  "Am I free on some afternoon this week?",
  "Which tasks should I look at first?",
  "Please create a task to call the printers",
  "How does my forecast look for the board?",
  "What did we discuss about pricing?",
  "Which calls did I log lately?",
  "What else can you do for me, which skills are there?",
  "What is on my calendar that matters?",
  "Could you prepare me a bit for whoever comes next?",
];

/**
 * Measures the copilot.
 *
 * @param world A migrated database with people, meetings and deals.
 * @returns The rows of the table.
 */
export async function benchCopilot(world: BenchDatabase): Promise<BenchRow[]> {
  using paced = await servePacedModel();
  await using stage = await setCopilotStage(world, paced.url);
  await using cleanup = new AsyncDisposableStack();
  const providers = await serveProviders({ port: 0 });
  cleanup.defer(() => providers.close());
  await using assisted = await setCopilotStage(world, `${providers.url}/gemini`);
  return [
    ...await compareFirstWords(stage),
    await compareFirstPanel(stage),
    await countRuled(assisted, providers.url),
    await countOthers(assisted, providers.url),
    await timeBriefs(assisted),
  ];
}

/** Ours through the whole function, theirs by the same client of the same model, taking turns. */
async function compareFirstWords(stage: CopilotStage): Promise<BenchRow[]> {
  const ours: number[] = [];
  const theirs: number[] = [];
  // Everybody has asked before: what their last turn began with is remembered
  const warmups = stage.askers.length * 2;
  for (let round = -warmups; round < ROUNDS; round++) {
    const asker = pick(stage.askers, round + warmups);
    const isOursFirst = round % 2 === 0;
    const first = isOursFirst ? await askModel(stage, asker) : await askDirectly(stage);
    const second = isOursFirst ? await askDirectly(stage) : await askModel(stage, asker);
    if (round < 0) continue;
    ours.push(isOursFirst ? first : second);
    theirs.push(isOursFirst ? second : first);
  }
  const row = (name: string, share: number, limitMs: number): BenchRow => {
    const [oursMs, theirsMs] = [quantile(ours, share), quantile(theirs, share)];
    return {
      name: `copilot: first words of a model's answer, ${name}`,
      against: "the model called directly, 50 ms to its first words",
      oursMs,
      theirsMs,
      oursP99Ms: quantile(ours, 0.99),
      theirsP99Ms: quantile(theirs, 0.99),
      ratio: oursMs / theirsMs,
      goal: `≤ ${limitMs} ms over`,
      holds: oursMs - theirsMs <= limitMs,
    };
  };
  return [row("p50", 0.5, OVER_P50_MS), row("p99", 0.99, OVER_P99_MS)];
}

async function askModel(stage: CopilotStage, asker: Asker): Promise<number> {
  const { ms } = await timeTo(stage, asker, { message: "I wonder how it goes" }, "text");
  await stage.settle();
  return ms;
}

async function askDirectly({ model }: CopilotStage): Promise<number> {
  const startedAt = performance.now();
  let ms = Number.NaN;
  const events = model.stream({
    system: "Be brief.".padEnd(8_000),
    tools: [],
    turns: [userTurn("I wonder how it goes")],
    answerSchema: null,
    thinking: "low",
    maxOutputTokens: 8_192,
  }, { signal: new AbortController().signal, timeoutMs: 10_000 });
  for await (const event of events) {
    if (Number.isNaN(ms) && event.kind === "parts") ms = performance.now() - startedAt;
  }
  return ms;
}

async function compareFirstPanel(stage: CopilotStage): Promise<BenchRow> {
  const ours: number[] = [];
  const theirs: number[] = [];
  const panel = async (asker: Asker): Promise<number> => {
    const { ms } = await timeTo(stage, asker, { message: RULED[0] }, "structured_response");
    await stage.settle();
    return ms;
  };
  for (let round = -ROUNDS / 4; round < ROUNDS; round++) {
    const asker = pick(stage.askers, round + ROUNDS);
    const isOursFirst = round % 2 === 0;
    const first = isOursFirst ? await panel(asker) : await query(stage, asker);
    const second = isOursFirst ? await query(stage, asker) : await panel(asker);
    if (round < 0) continue;
    ours.push(isOursFirst ? first : second);
    theirs.push(isOursFirst ? second : first);
  }
  const [oursMs, theirsMs] = [quantile(ours, 0.5), quantile(theirs, 0.5)];
  return {
    name: "copilot: first structured byte, today's meetings",
    against: "the underlying query through the data API",
    oursMs,
    theirsMs,
    oursP99Ms: quantile(ours, 0.99),
    theirsP99Ms: quantile(theirs, 0.99),
    ratio: oursMs / theirsMs,
    goal: `≤ ${QUERY_RATIO}`,
    holds: oursMs / theirsMs <= QUERY_RATIO,
  };
}

async function query({ api }: CopilotStage, { token }: Asker): Promise<number> {
  const startedAt = performance.now();
  const response = await fetch(`${api.url}/rest/v1/rpc/get_meetings_for_period`, {
    method: "POST",
    headers: {
      apikey: api.keys.publishableKeys.default,
      authorization: `Bearer ${token}`,
      "content-type": "application/json",
    },
    body: JSON.stringify({ p_period: "today", p_limit: 50 }),
  });
  const text = await response.text();
  const ms = performance.now() - startedAt;
  strictEqual(response.status, 200, text);
  return ms;
}

/** How many requests the simulated model has counted. */
async function countCalls(url: string): Promise<number> {
  const response = await fetch(`${url}/_control/state`);
  const state = z.object({ gemini: z.object({ calls: z.int() }) });
  return state.parse(await response.json()).gemini.calls;
}

async function countRuled(stage: CopilotStage, url: string): Promise<BenchRow> {
  const before = await countCalls(url);
  const times: number[] = [];
  for (const message of RULED) {
    times.push((await timeTo(stage, pick(stage.askers, times.length), { message }, "done")).ms);
  }
  const proposed = await countCalls(url);
  const asker = pick(stage.askers, 20);
  const conversation_id = crypto.randomUUID();
  await timeTo(stage, asker, {
    message: "Please create a task to call the printers",
    conversation_id,
  }, "done");
  const confirming = await countCalls(url);
  const { text } = await timeTo(stage, asker, { message: "Confirm", conversation_id }, "done");
  strictEqual(text.includes('"outcome":"executed"'), true, text);
  await stage.settle();
  const calls = proposed - before + await countCalls(url) - confirming;
  return countRow("copilot: model calls of five ruled flows and a Confirm", calls, 0);
}

async function countOthers(stage: CopilotStage, url: string): Promise<BenchRow> {
  const counts: number[] = [];
  for (const [index, message] of OTHERS.entries()) {
    const before = await countCalls(url);
    await timeTo(stage, pick(stage.askers, index), { message }, "done");
    await stage.settle();
    counts.push(await countCalls(url) - before);
  }
  return countRow("copilot: model calls of other flows, median", quantile(counts, 0.5), 2);
}

function countRow(name: string, count: number, atMost: number): BenchRow {
  return {
    unit: "calls",
    name,
    against: "the simulator's own ledger",
    oursMs: count,
    theirsMs: atMost,
    oursP99Ms: count,
    theirsP99Ms: atMost,
    ratio: atMost === 0 ? count : count / atMost,
    goal: `≤ ${atMost} calls`,
    holds: count <= atMost,
  };
}

async function timeBriefs(stage: CopilotStage): Promise<BenchRow> {
  const times: number[] = [];
  for (let round = 0; round < BRIEF_ROUNDS; round++) {
    const asker = pick(stage.askers, round + 5);
    const { ms } = await timeTo(stage, asker, { message: RULED[1] }, "done");
    times.push(ms);
    await stage.settle();
  }
  const ms = quantile(times, 0.5);
  const p99 = quantile(times, 0.99);
  return {
    name: "copilot: meeting brief, from the message to stored",
    against: "the goal, without the model",
    oursMs: ms,
    theirsMs: BRIEF_MS,
    oursP99Ms: p99,
    theirsP99Ms: BRIEF_MS,
    ratio: ms / BRIEF_MS,
    goal: `≤ ${BRIEF_MS} ms, p99`,
    holds: p99 <= BRIEF_MS,
  };
}
