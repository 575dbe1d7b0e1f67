// A turn engine with a store in memory and a model that says what a test wants.
import { ContextCache } from "@shared/copilot/turn/context_cache.ts";
import { RequestFramer } from "@shared/copilot/turn/model_request.ts";
import type { TurnParts } from "@shared/copilot/turn/parts.ts";
import { RunningTurns } from "@shared/copilot/turn/running_turns.ts";
import { beginTurn, type StartedTurn, type TurnEngine } from "@shared/copilot/turn/turn_engine.ts";
import { TURN_PARTS } from "@shared/copilot/turn/turn_parts.ts";
import { type ChatInput } from "@shared/copilot/chat_input.ts";
import { ChatAnswer, ChatEvent } from "@shared/copilot/contract.ts";
import type {
  ModelCallOptions,
  ModelEvent,
  ModelOutcome,
  ModelProvider,
  ModelRequest,
} from "@shared/model/model_provider.ts";
import { readCalls, readText } from "@shared/model/model_turn.ts";
import { fixedClock } from "@shared/platform/clock.ts";
import type { RequestContext } from "@shared/platform/request_context.ts";
import { FakeTurnStore } from "./fake_turn_store.ts";
import { type AnswerRpc, userContext } from "./rpc_context.ts";

const FACTS = {
  usage: { promptTokens: 100, cachedTokens: 0, answerTokens: 10, thoughtTokens: 1 },
  modelVersion: "fake-1",
};

/** What the model does at a request: parts, or an outcome. */
export type Said = readonly Record<string, unknown>[] | ModelOutcome;

/** A model that follows a script. */
export class ScriptedModel implements ModelProvider {
  readonly model = "fake";
  readonly requests: ModelRequest[] = [];
  readonly aborted: boolean[] = [];
  /** What comes next; a function may look at the request, and wait. */
  script: ((request: ModelRequest) => Said | Promise<Said>)[] = [];

  generate(): Promise<ModelOutcome> {
    return Promise.reject(new Error("not asked for"));
  }

  async *stream(request: ModelRequest, options: ModelCallOptions): AsyncGenerator<ModelEvent> {
    // As it was sent: the conversation grows afterwards
    const index = this.requests.push({ ...request, turns: [...request.turns] }) - 1;
    this.aborted[index] = false;
    options.signal.addEventListener("abort", () => this.aborted[index] = true);
    const said = await this.script.shift()?.(request) ?? [{ text: "Nothing to say. " }];
    if (options.signal.aborted) {
      yield {
        kind: "outcome",
        outcome: { outcome: "unavailable", status: null, isPartial: false, facts: null },
      };
      return;
    }
    if (!Array.isArray(said)) {
      yield { kind: "outcome", outcome: said as ModelOutcome };
      return;
    }
    for (const part of said) yield { kind: "parts", parts: [part], text: readText([part]) };
    const turn = { role: "model" as const, parts: [...said] };
    const outcome = { outcome: "answered" as const, turn, text: readText(said), ...FACTS };
    yield { kind: "outcome", outcome: { ...outcome, calls: readCalls(said) } };
  }
}

/** Parts of a call of the model. */
export function callPart(name: string, args: Record<string, unknown>): Record<string, unknown> {
  return { functionCall: { id: `id-${name}`, name, args }, thoughtSignature: "c2lnbmVk" };
}

/** A rig. */
export interface TurnRig {
  readonly engine: TurnEngine;
  readonly store: FakeTurnStore;
  readonly model: ScriptedModel;
  readonly ctx: RequestContext;
  /** Begins a turn; unless said otherwise, its listener is told early what a look-up finds. */
  begin(input: string | ChatInput, tellsAhead?: boolean): Promise<StartedTurn>;
  /** Asks and waits for the end. */
  ask(input: string | ChatInput): Promise<{ events: ChatEvent[]; answer: ChatAnswer }>;
}

/**
 * Makes a rig.
 *
 * @param answer What the database says to look-ups.
 * @param parts What differs from the usual parts.
 */
export function turnRig(
  answer: AnswerRpc = () => null,
  parts: Partial<TurnParts> = {},
  hasModel = true,
): TurnRig {
  const store = new FakeTurnStore();
  const model = new ScriptedModel();
  const clock = fixedClock("2026-11-23T08:00:00Z");
  const ctx = userContext(answer, clock);
  const all = { ...TURN_PARTS, ...parts };
  const engine: TurnEngine = {
    parts: all,
    framer: new RequestFramer(all),
    cache: new ContextCache(() => clock.now().getTime()),
    running: new RunningTurns(),
    openStore: () => store,
    openModel: () => hasModel ? model : null,
    wait: () => Promise.resolve(),
    random: () => 1,
  };
  const begin = (input: string | ChatInput, tellsAhead = true): Promise<StartedTurn> =>
    beginTurn(engine, ctx, typeof input === "string" ? { message: input } : input, { tellsAhead });
  return {
    engine,
    store,
    model,
    ctx,
    begin,
    async ask(input) {
      const turn = await begin(input);
      const events = await listen(turn);
      await turn.finished;
      const done = events.at(-1);
      if (done?.event !== "done") throw new Error("the last event is not done");
      return { events, answer: done.data };
    },
  };
}

/** Reads a turn's events to their end, each held against the contract. */
export async function listen(turn: StartedTurn): Promise<ChatEvent[]> {
  const events: ChatEvent[] = [];
  for await (const event of turn.events()) events.push(ChatEvent.parse(event));
  return events;
}
