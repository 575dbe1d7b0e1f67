// The story of one turn: every event has its number, goes to whoever listens at once, and is kept soon
// after. Nothing is kept before the turn was let in. A batch that may not have arrived is sent again as
// it was; keeping it twice changes nothing.
import { AppError } from "../../errors/app_error.ts";
import type { CountedCall } from "../../model/model_ledger.ts";
import type { ModelTurn } from "../../model/model_turn.ts";
import type { ChatEvent, ChatEventBody, ToolExecution } from "../contract.ts";
import { usageOfCall, usageOfWasted, type WastedRequest } from "./call_usage.ts";
import type { EventQueue } from "./event_queue.ts";
import type {
  CallUsage,
  SaveAnswer,
  StoredEvent,
  TurnBatch,
  TurnContext,
  TurnStore,
} from "./turn_store.ts";

/** How long events may wait to be kept together with others. */
const SAVE_AFTER_MS = 250;
/** The lease ends after 60 s, and a cancel from elsewhere is noticed at a save. */
const HEARTBEAT_MS = 3_000;

/** What a turn may spend: the database bills no more calls of one, so no more are made. */
const PAID_CALLS_MAX = 12;

/** What a journal is opened with. */
export interface JournalOptions {
  readonly store: TurnStore;
  readonly turnId: string;
  readonly worker: string;
  readonly queue: EventQueue<ChatEvent>;
  /** Told when a save says so, or when nothing can be kept any more. */
  readonly onStop: (reason: "cancelled" | AppError) => void;
  readonly firstSeq?: number;
  readonly modelTurns?: readonly ModelTurn[];
}

/** Tells and keeps what happens in a turn. */
export class TurnJournal {
  readonly #options: JournalOptions;
  readonly #executions = new Map<string, ToolExecution>();
  readonly #modelTurns: ModelTurn[];
  #keptModelTurns: number;
  #unsaved: StoredEvent[] = [];
  #changed = new Set<string>();
  #usage: CallUsage[] = [];
  #seq: number;
  #isTainted = false;
  #isTaintKept = false;
  #hasModelBudget = false;
  #modelCalls = 0;
  #paidCalls: number;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #saving: Promise<void> = Promise.resolve();
  #isLetIn = false;
  #isOver = false;

  /** @param options Where to keep it, and who listens. */
  constructor(options: JournalOptions) {
    this.#options = options;
    this.#seq = options.firstSeq ?? 1;
    this.#modelTurns = [...options.modelTurns ?? []];
    this.#keptModelTurns = this.#modelTurns.length;
    this.#paidCalls = this.#modelTurns.filter(({ role }) => role === "model").length;
  }

  /**
   * The turn was let in: from here on what is told is kept, and what was told before.
   *
   * @param context What the database knows of the turn.
   */
  letIn(context: Pick<TurnContext, "has_model_budget" | "is_tainted">): void {
    this.#isLetIn = true;
    this.#isTainted ||= context.is_tainted;
    this.#isTaintKept ||= context.is_tainted;
    this.#hasModelBudget = context.has_model_budget;
    this.#wait(this.#unsaved.length === 0 ? HEARTBEAT_MS : SAVE_AFTER_MS);
  }

  /** What was told so far rests on nothing: it is not kept, and its numbers are not given again. */
  dropUnkept(): void {
    this.#unsaved = [];
    this.#changed.clear();
    this.#executions.clear();
  }

  /** Steps so far, in the order in which they began. */
  get executions(): readonly ToolExecution[] {
    return [...this.#executions.values()];
  }

  /** What was asked of the model and what it said in this turn. */
  get modelTurns(): readonly ModelTurn[] {
    return this.#modelTurns;
  }

  /** Whether words of people outside have been read. */
  get isTainted(): boolean {
    return this.#isTainted;
  }

  /** Whether the organization's budget had something left when it was last looked at. */
  get hasModelBudget(): boolean {
    return this.#hasModelBudget;
  }

  /** Requests to the model so far. */
  get modelCalls(): number {
    return this.#modelCalls;
  }

  /** Tells an event. */
  emit(body: ChatEventBody): void {
    if (this.#isOver) return;
    const seq = this.#seq++;
    if (body.event === "step_started" || body.event === "step_finished") {
      this.#executions.set(body.data.id, body.data);
      this.#changed.add(body.data.id);
    }
    const event: ChatEvent = { id: `${this.#options.turnId}:${seq}`, ...body };
    this.#options.queue.push(event);
    this.#unsaved.push({ seq, event: body.event, data: body.data });
    this.#wait(SAVE_AFTER_MS);
  }

  /** Takes up a step of a worker that died, which is kept already. */
  keep(step: ToolExecution): void {
    this.#executions.set(step.id, step);
  }

  /** Words of people outside have been read: from here on nobody chooses recipients freely. */
  taint(): void {
    this.#isTainted = true;
  }

  /** How many more requests to the model the turn can pay for, a worker's that died among them. */
  get callsLeft(): number {
    return PAID_CALLS_MAX - this.#paidCalls;
  }

  /** Adds a turn of the conversation with the model, unchanged. */
  addModelTurn(turn: ModelTurn): void {
    this.#modelTurns.push(turn);
  }

  /** Counts a request to the model that cost nothing. */
  countModelCall(): void {
    this.#modelCalls += 1;
  }

  /** Counts a request to the model, and notes what it cost. */
  addCall(call: Omit<CountedCall, "purpose">): void {
    this.#modelCalls += 1;
    this.#paidCalls += 1;
    this.#usage.push(usageOfCall(call));
  }

  /** Notes what a request cost that was begun for this turn and thrown away. */
  addWasted(request: WastedRequest | null): void {
    if (request === null) return;
    this.#paidCalls += 1;
    this.#usage.push(usageOfWasted(request));
  }

  /**
   * Keeps everything told so far, if anything is not kept yet.
   *
   * @throws {AppError} When it can't be kept: what it was to come before must not be done.
   */
  async flush(): Promise<void> {
    this.#stopWaiting();
    this.#saving = this.#saveAfter(this.#saving);
    await this.#saving;
  }

  /**
   * Gives what is left to be kept by the turn's end, and keeps nothing itself from then on.
   *
   * @param last The last event, which only those see whose turn has ended in the database too.
   */
  async close(last: ChatEventBody | null): Promise<
    { readonly last: ChatEvent | null; readonly batch: TurnBatch }
  > {
    this.#stopWaiting();
    this.#isOver = true;
    await settle(this.#saving);
    this.#stopWaiting();
    const seq = this.#seq++;
    if (last !== null) this.#unsaved.push({ seq, event: last.event, data: last.data });
    return {
      last: last === null ? null : { id: `${this.#options.turnId}:${seq}`, ...last },
      batch: this.#takeBatch(),
    };
  }

  #wait(ms: number): void {
    if (!this.#isLetIn || this.#isOver || (this.#timer !== undefined && ms === HEARTBEAT_MS)) {
      return;
    }
    this.#stopWaiting();
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#saving = this.#saveInBackground(this.#saving);
    }, ms);
  }

  #stopWaiting(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  async #saveInBackground(before: Promise<void>): Promise<void> {
    await settle(before);
    if (this.#isOver) return;
    try {
      await this.#save();
    } catch (cause) {
      this.#options.onStop(
        cause instanceof AppError ? cause : new AppError("internal_error", { cause }),
      );
      return;
    }
    this.#wait(HEARTBEAT_MS);
  }

  async #saveAfter(before: Promise<void>): Promise<void> {
    await settle(before);
    await this.#save();
    this.#wait(HEARTBEAT_MS);
  }

  async #save(): Promise<void> {
    const batch = this.#takeBatch();
    let answer: SaveAnswer;
    try {
      answer = await this.#saveBatch(batch);
    } catch (cause) {
      // No turn ends without its taint, whatever became of the rest
      this.#isTaintKept &&= !batch.isTainted;
      if (!(cause instanceof AppError) || cause.status >= 500) this.#putBack(batch);
      throw cause;
    }
    this.#hasModelBudget = answer.hasModelBudget;
    if (answer.isCancelled) this.#options.onStop("cancelled");
  }

  async #saveBatch(batch: TurnBatch): Promise<SaveAnswer> {
    const { store, turnId, worker } = this.#options;
    try {
      return await store.save(turnId, worker, batch);
    } catch (cause) {
      // Its answer may have been lost on the way; the same batch again changes nothing
      if (!(cause instanceof AppError) || cause.status < 500) throw cause;
      return await store.save(turnId, worker, batch);
    }
  }

  /** What could not be kept now is still to be kept; what was refused will be refused again. */
  #putBack({ events, toolExecutions, modelTurns, usage }: TurnBatch): void {
    this.#unsaved = [...events, ...this.#unsaved];
    this.#usage = [...usage, ...this.#usage];
    for (const { id } of toolExecutions) this.#changed.add(id);
    this.#keptModelTurns = modelTurns?.from ?? this.#keptModelTurns;
  }

  #takeBatch(): TurnBatch {
    const turns = this.#modelTurns.slice(this.#keptModelTurns);
    const batch: TurnBatch = {
      events: this.#unsaved,
      toolExecutions: this.executions.filter(({ id }) => this.#changed.has(id)),
      modelTurns: turns.length === 0 ? null : { from: this.#keptModelTurns, turns },
      usage: this.#usage,
      isTainted: this.#isTainted,
    };
    this.#unsaved = [];
    this.#changed = new Set();
    this.#usage = [];
    this.#keptModelTurns = this.#modelTurns.length;
    this.#isTaintKept = this.#isTainted;
    return batch;
  }

  /** Whether nothing but events and costs is left to be kept, which the end takes. */
  get isKeptButEvents(): boolean {
    return this.#changed.size === 0 && this.#keptModelTurns === this.#modelTurns.length &&
      this.#isTaintKept === this.#isTainted;
  }
}

/** Whoever comes after a failure is not the one to be told of it. */
async function settle(work: Promise<void>): Promise<void> {
  try {
    await work;
  } catch {
    // Told where it was waited for
  }
}
