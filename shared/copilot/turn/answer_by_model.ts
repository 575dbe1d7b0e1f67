// The part of a turn that a model decides: what it may look up and prepare is checked call by call,
// its words go through the guard, and every way in which it fails still leaves an answer.
import type { ModelEvent, ModelOutcome, ModelProvider } from "../../model/model_provider.ts";
import { factsOf } from "../../model/model_provider.ts";
import { type ModelTurn, readCalls, readText, toolResultsTurn } from "../../model/model_turn.ts";
import type { ToolCall } from "../../model/model_turn.ts";
import { runModelTurns } from "../../model/run_model_turns.ts";
import { streamModel, type StreamOutcome } from "../../model/stream_model.ts";
import { plainTextOf } from "../guard/plain_text_of.ts";
import { answerCall } from "../tools/answer_call.ts";
import { AskedBackError } from "./ask_back.ts";
import { WAITING } from "./ask_for_yes.ts";
import { describeFailure, type ModelFailure, WORKS_WITHOUT_A_MODEL } from "./model_failure.ts";
import { composeRequest, type RequestFrame } from "./model_request.ts";
import type { TurnState } from "./turn_state.ts";

/** What asking a model needs. */
export interface ModelSide {
  /** Null where none is configured. */
  readonly provider: ModelProvider | null;
  readonly frame: RequestFrame;
  readonly deadline: Date;
  /** The first request, if it was begun before the turn was let in. */
  readonly early?: AsyncIterator<ModelEvent> | undefined;
  readonly wait: (ms: number, signal: AbortSignal) => Promise<void>;
  readonly random: () => number;
}

/** Said where nothing is left of what the model said. */
const NOTHING_BORNE_OUT = "I have nothing to say about this that your records bear out. " +
  "Try naming the person, the deal or the meeting.";
const MAX_CALLS = 16;
const MAX_MODEL_TURNS = 6;
const MAX_ATTEMPTS = 3;
/** Nobody watches an empty answer for longer than this. */
const MAX_DELAY_MS = 8_000;

/**
 * Answers by asking the model, and by what was found where it fails.
 *
 * @param turn The turn; its answer is filled in.
 * @param side The model.
 * @throws {AppError} When the turn itself can't go on.
 */
export async function answerByModel(turn: TurnState, side: ModelSide): Promise<void> {
  await speakByModel(turn, side);
  const { clarification, pending } = turn.answer;
  // Whatever it said or asked, the answer ends with what a yes would be to
  if (pending?.status === "open" && clarification === null) {
    say(turn, WAITING + plainTextOf(pending.summary, turn.evidence).text);
  }
}

async function speakByModel(turn: TurnState, side: ModelSide): Promise<void> {
  const { provider } = side;
  if (provider === null) return fail(turn, { outcome: "not_configured" });
  if (side.early === undefined && !turn.journal.hasModelBudget) {
    return fail(turn, { outcome: "over_budget" });
  }
  const loop = new ModelLoop(turn, side, provider);
  let outcome: Awaited<ReturnType<ModelLoop["run"]>>;
  try {
    outcome = await loop.run();
  } catch (cause) {
    if (!(cause instanceof AskedBackError)) throw cause;
    return say(turn, `${turn.answer.text === "" ? "" : "\n\n"}${foundText(turn)}`);
  }
  if (turn.ctx.signal.aborted) return;
  if (outcome.outcome !== "answered") return fail(turn, outcome);
  if (turn.answer.text.trim() === "") say(turn, fallbackText(turn));
}

class ModelLoop {
  readonly #turn: TurnState;
  readonly #side: ModelSide;
  readonly #provider: ModelProvider;
  #early: AsyncIterator<ModelEvent> | undefined;
  #calls = 0;

  constructor(turn: TurnState, side: ModelSide, provider: ModelProvider) {
    this.#turn = turn;
    this.#side = side;
    this.#provider = provider;
    this.#early = side.early;
  }

  /** Goes on where the journal stands, which is at the beginning unless the turn had broken off. */
  async run(): Promise<{ readonly outcome: "answered" } | ModelFailure> {
    const { journal } = this.#turn;
    const before = [...journal.modelTurns];
    const last = before.at(-1);
    if (last?.role === "model") {
      const calls = readCalls(last.parts);
      // Its answer had come, and nobody was left to end the turn
      if (calls.length === 0) {
        this.#speak(readText(last.parts));
        return { outcome: "answered" };
      }
      before.push(toolResultsTurn(calls, await this.#answerCalls(calls)));
    }
    const modelTurns = before.filter(({ role }) => role === "model").length;
    if (modelTurns >= MAX_MODEL_TURNS) return { outcome: "too_many_turns" };
    const end = await runModelTurns({
      ask: (turns) => this.#ask(turns),
      answerCalls: (calls) => this.#answerCalls(calls),
      maxModelTurns: MAX_MODEL_TURNS - modelTurns,
    }, [...this.#side.frame.opening, ...before]);
    const isSpent = end.outcome.outcome === "over_budget" && journal.callsLeft <= 0;
    return isSpent ? { outcome: "too_many_calls" } : end.outcome;
  }

  async #ask(turns: readonly ModelTurn[]): Promise<StreamOutcome> {
    const { journal, ctx, parts, evidence } = this.#turn;
    const guard = parts.guardText({ evidence });
    const gap = this.#turn.answer.text === "" ? "" : "\n\n";
    let isFirst = true;
    const speak = (text: string): void => {
      if (text === "") return;
      say(this.#turn, isFirst ? gap + text : text);
      isFirst = false;
    };
    const begun = this.#early;
    this.#early = undefined;
    const outcome = await streamModel(
      {
        provider: this.#provider,
        clock: ctx.clock,
        wait: this.#side.wait,
        random: this.#side.random,
        hasBudget: () => journal.hasModelBudget && journal.callsLeft > 0,
        record: (each) => this.#record(each),
      },
      composeRequest(this.#side.frame, turns),
      {
        signal: ctx.signal,
        deadline: this.#side.deadline,
        maxAttempts: MAX_ATTEMPTS,
        maxDelayMs: MAX_DELAY_MS,
        ...(begun === undefined ? {} : { begun }),
        onText: (text) => speak(guard.push(text)),
      },
    );
    speak(guard.end());
    if (outcome.outcome === "answered") journal.addModelTurn(outcome.turn);
    return outcome;
  }

  #speak(text: string): void {
    const guard = this.#turn.parts.guardText({ evidence: this.#turn.evidence });
    say(this.#turn, guard.push(text) + guard.end());
  }

  async #answerCalls(
    calls: readonly ToolCall[],
  ): Promise<readonly Readonly<Record<string, unknown>>[]> {
    const results: Readonly<Record<string, unknown>>[] = [];
    for (const call of calls) {
      this.#calls += 1;
      results.push(
        this.#calls > MAX_CALLS
          ? { error: { code: "too_many_calls", message: "Answer with what you have." } }
          : await answerCall(this.#turn, call),
      );
      this.#turn.ctx.signal.throwIfAborted();
    }
    this.#turn.journal.addModelTurn(toolResultsTurn(calls, results));
    return results;
  }

  #record(outcome: ModelOutcome): void {
    const { journal, ctx } = this.#turn;
    ctx.log.info("model_called", {
      operation: "copilot",
      provider: "model",
      outcome: outcome.outcome,
    });
    const facts = factsOf(outcome);
    if (facts === null) journal.countModelCall();
    else journal.addCall({ model: this.#provider.model, outcome: outcome.outcome, ...facts });
  }
}

/**
 * Adds to the answer's text, and tells it.
 *
 * @param turn The turn.
 * @param text What is said next.
 */
export function say(turn: Pick<TurnState, "answer" | "journal">, text: string): void {
  if (text === "") return;
  const { answer, journal } = turn;
  answer.text += text;
  const restart = answer.mustRestart ? { restart: true as const } : {};
  answer.mustRestart = false;
  journal.emit({ event: "text", data: { text, ...restart } });
}

function fail(turn: TurnState, failure: ModelFailure): void {
  const { notice, sentence } = describeFailure(failure, turn.context.time_zone);
  turn.answer.notice = notice;
  if (turn.answer.text.trim() !== "") return say(turn, `\n\n${sentence}`);
  const found = foundText(turn);
  say(turn, found === "" ? `${sentence}\n\n${WORKS_WITHOUT_A_MODEL}` : `${found}\n\n${sentence}`);
}

function fallbackText(turn: TurnState): string {
  return foundText(turn) || NOTHING_BORNE_OUT;
}

/** What the last action said. A model may have written some of it: addresses of its own stay out. */
function foundText({ answer, evidence }: TurnState): string {
  return plainTextOf(answer.plainText, evidence).text;
}
