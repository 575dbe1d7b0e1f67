// A store of turns in memory, for tests of the engine: it keeps what the database would, refuses what
// it would refuse, and can fail at any call.
import { AppError } from "@shared/errors/app_error.ts";
import type { ModelTurn } from "@shared/model/model_turn.ts";
import type { ToolExecution } from "@shared/copilot/contract.ts";
import type {
  CallUsage,
  HistoryMessage,
  ReadTurn,
  ResumedTurn,
  SaveAnswer,
  StoredAnswer,
  StoredEvent,
  TurnBatch,
  TurnBeginning,
  TurnContext,
  TurnEnd,
  TurnStore,
} from "@shared/copilot/turn/turn_store.ts";

export const FAKE_ORG = "10000000-0000-4000-8000-000000000001";
export const FAKE_USER = "00000000-0000-4000-8000-000000000001";

interface KeptTurn {
  readonly beginning: TurnBeginning;
  worker: string;
  status: ReadTurn["status"];
  isInterrupted: boolean;
  isTainted: boolean;
  readonly events: Map<number, StoredEvent>;
  readonly tools: Map<string, ToolExecution>;
  readonly modelTurns: ModelTurn[];
  readonly usage: Map<string, CallUsage>;
  answer: StoredAnswer | null;
}

/** Turns of one person. */
export class FakeTurnStore implements TurnStore {
  readonly turns = new Map<string, KeptTurn>();
  /** Calls in their order. */
  readonly calls: string[] = [];
  /** What the next contexts say beside the conversation. */
  context: Partial<TurnContext> = {};
  /** Called before each call; what it throws is the answer. */
  before: (call: string, count: number) => Promise<void> | void = () => {};

  /** The only turn, or the last one. */
  get last(): KeptTurn {
    const last = [...this.turns.values()].at(-1);
    if (last === undefined) throw new Error("no turn");
    return last;
  }

  async begin(beginning: TurnBeginning): Promise<TurnContext> {
    await this.#enter("begin");
    const known = this.turns.get(beginning.turnId);
    if (known !== undefined) return { ...this.#contextOf(known), is_replay: true };
    const turn: KeptTurn = {
      beginning,
      worker: beginning.worker,
      status: "running",
      isInterrupted: false,
      isTainted: false,
      events: new Map(),
      tools: new Map(),
      modelTurns: [],
      usage: new Map(),
      answer: null,
    };
    this.turns.set(beginning.turnId, turn);
    return this.#contextOf(turn);
  }

  async save(turnId: string, worker: string, batch: TurnBatch): Promise<SaveAnswer> {
    await this.#enter("save");
    const turn = this.#held(turnId, worker);
    if (turn.status === "running") this.#keep(turn, batch);
    return { isCancelled: turn.status === "cancelled", hasModelBudget: true };
  }

  async finish(turnId: string, worker: string, end: TurnEnd): Promise<void> {
    await this.#enter("finish");
    const turn = this.#held(turnId, worker);
    if (turn.answer !== null) return;
    turn.answer = end.answer;
    for (const event of end.events) turn.events.set(event.seq, event);
    for (const usage of end.usage) turn.usage.set(usage.call_id, usage);
    if (turn.status === "running") turn.status = end.status;
  }

  async cancel(turnId: string): Promise<void> {
    await this.#enter("cancel");
    const turn = this.#find(turnId);
    if (turn.status === "running") turn.status = "cancelled";
  }

  async resume(turnId: string, worker: string): Promise<ResumedTurn> {
    await this.#enter("resume");
    const turn = this.#find(turnId);
    if (turn.status !== "running") throw new AppError("turn_ended");
    turn.worker = worker;
    turn.isInterrupted = false;
    return {
      ...this.#contextOf(turn),
      is_tainted: turn.isTainted,
      message: turn.beginning.message,
      tool_executions: [...turn.tools.values()],
      model_turns: [...turn.modelTurns],
      next_seq: Math.max(0, ...turn.events.keys()) + 1,
    };
  }

  async read(turnId: string, after: number): Promise<ReadTurn> {
    await this.#enter("read");
    const turn = this.#find(turnId);
    return {
      turn_id: turnId,
      conversation_id: turn.beginning.conversationId,
      status: turn.status,
      error_code: turn.answer?.error_code ?? null,
      is_interrupted: turn.isInterrupted,
      events: [...turn.events.values()].filter(({ seq }) => seq > after),
      answer: turn.answer,
    };
  }

  async #enter(call: string): Promise<void> {
    this.calls.push(call);
    await this.before(call, this.calls.length);
  }

  #keep(turn: KeptTurn, batch: TurnBatch): void {
    for (const event of batch.events) turn.events.set(event.seq, event);
    for (const tool of batch.toolExecutions) turn.tools.set(tool.id, tool);
    for (const [index, each] of batch.modelTurns?.turns.entries() ?? []) {
      turn.modelTurns[(batch.modelTurns?.from ?? 0) + index] ??= each;
    }
    for (const usage of batch.usage) turn.usage.set(usage.call_id, usage);
    turn.isTainted ||= batch.isTainted;
  }

  #find(turnId: string): KeptTurn {
    const turn = this.turns.get(turnId);
    if (turn === undefined) throw new AppError("not_found");
    return turn;
  }

  #held(turnId: string, worker: string): KeptTurn {
    const turn = this.#find(turnId);
    if (turn.worker !== worker) throw new AppError("turn_not_held");
    return turn;
  }

  #contextOf({ beginning }: KeptTurn): TurnContext {
    const history: HistoryMessage[] = [];
    for (const { beginning: other, answer } of this.turns.values()) {
      if (other.turnId === beginning.turnId) break;
      if (other.conversationId !== beginning.conversationId) continue;
      const created_at = new Date().toISOString();
      history.push({ role: "user", text: other.message, created_at });
      if (answer !== null) history.push({ role: "assistant", text: answer.text, created_at });
    }
    return {
      org_id: beginning.orgId ?? FAKE_ORG,
      organization_name: "Fernhollow",
      conversation_id: beginning.conversationId,
      turn_id: beginning.turnId,
      is_replay: false,
      user_id: FAKE_USER,
      first_name: "Sarah",
      full_name: "Sarah Stone",
      email: "sarah@fernhollow.test",
      time_zone: "Europe/Berlin",
      context_version: String(history.length),
      persona: null,
      org_skills: [],
      history,
      is_tainted: false,
      open_actions: [],
      clarification: null,
      has_model_budget: true,
      ...this.context,
    };
  }
}
