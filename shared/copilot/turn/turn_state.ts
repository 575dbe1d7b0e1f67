// One turn while it goes on: who asks, what was found so far, and the story that is told of it.
import type { ActionContext, EvidenceRow } from "../actions/action.ts";
import type { ActionName } from "../actions/action_names.ts";
import { AppError } from "../../errors/app_error.ts";
import type { RequestContext } from "../../platform/request_context.ts";
import type { Notice, Routing, ToolExecution, ToolName } from "../contract.ts";
import type { StoredClarification } from "../clarify/clarification.ts";
import type { Evidence } from "../guard/evidence.ts";
import type { StructuredResponse } from "../panels/catalogue.ts";
import type { PendingAction } from "../proposals/proposal.ts";
import type { SkillRunDeps } from "../../skills/run_deps.ts";
import type { TurnParts } from "./parts.ts";
import type { TurnJournal } from "./turn_journal.ts";
import type { TurnContext } from "./turn_store.ts";

/** A turn that goes on. */
export interface TurnState {
  readonly id: string;
  /** Who works on it; nobody else may save. */
  readonly worker: string;
  readonly message: string;
  /** The stored action that the person wants otherwise. */
  readonly replaces: string | null;
  readonly context: TurnContext;
  readonly ctx: ActionContext;
  readonly parts: TurnParts;
  readonly journal: TurnJournal;
  /** What was read and written: what a model's words are held against. */
  readonly evidence: Evidence;
  readonly answer: AnswerSoFar;
  /** Lets a document of the library ask for words; null where no model is. */
  readonly askModel: SkillRunDeps["askModel"];
}

/** What the answer is made of so far; the code decides on it, never the model. */
export interface AnswerSoFar {
  text: string;
  /** Words of a worker that died may have been seen: the next ones begin anew. */
  mustRestart: boolean;
  /** Of the last action that found something to draw. */
  panel: StructuredResponse | null;
  /** The panel that was told; one is told again only where another stands in its place. */
  toldPanel: StructuredResponse | null;
  /** What the last action said in plain words, for when no model does. */
  plainText: string;
  pending: PendingAction | null;
  clarification: StoredClarification | null;
  routing: Omit<Routing, "model_calls">;
  notice: Notice | null;
}

/** What a step does, for the person who waits and for the record. */
export interface StepBeginning {
  readonly tool: ToolName;
  readonly action: ToolExecution["action"];
  readonly label: string;
  readonly args: ToolExecution["args"];
  /** When it began, if that was before it is told. */
  readonly startedAt?: Date;
}

/** What a step came to. */
export interface StepEnd {
  readonly count: number | null;
  readonly evidence: readonly EvidenceRow[];
}

const EVIDENCE_MAX = 200;

/**
 * Makes what actions get.
 *
 * @param ctx The caller's request.
 * @param context What the database says of them.
 */
export function actionContext(ctx: RequestContext, context: TurnContext): ActionContext {
  return {
    db: ctx.db,
    userId: ctx.userId,
    requestId: ctx.requestId,
    log: ctx.log,
    clock: ctx.clock,
    signal: ctx.signal,
    fetch: ctx.fetch,
    orgId: context.org_id,
    organizationName: context.organization_name,
    person: {
      id: context.user_id,
      firstName: context.first_name,
      fullName: context.full_name,
      email: context.email,
      timeZone: context.time_zone,
    },
  };
}

/**
 * Says what was understood by what ran; a plan that knew it before keeps its own word.
 *
 * @param answer The answer so far.
 * @param action The action that ran.
 */
export function nameIntent(answer: AnswerSoFar, action: ActionName): void {
  const { intent, skill_key: key } = answer.routing;
  answer.routing = {
    ...answer.routing,
    intent: intent === "none" ? action : intent,
    skill_key: key ?? action,
  };
}

/** A step that goes on. */
export interface RunningStep {
  succeed(end: StepEnd): void;
  fail(error: unknown): void;
}

/**
 * Begins a step and tells of it.
 *
 * @param turn The turn.
 * @param beginning What it does.
 * @returns How to tell its end, once.
 */
export function beginStep(
  { ctx, journal }: Pick<TurnState, "ctx" | "journal">,
  { startedAt = ctx.clock.now(), ...beginning }: StepBeginning,
): RunningStep {
  const step: ToolExecution = {
    id: crypto.randomUUID(),
    ...beginning,
    status: "running",
    started_at: startedAt.toISOString(),
    finished_at: null,
    duration_ms: null,
    result_count: null,
    evidence: [],
    error_code: null,
  };
  journal.emit({ event: "step_started", data: step });
  const end = (rest: Partial<ToolExecution>): void => {
    const finishedAt = ctx.clock.now();
    const finished = {
      finished_at: finishedAt.toISOString(),
      duration_ms: Math.max(0, finishedAt.getTime() - startedAt.getTime()),
    };
    journal.emit({ event: "step_finished", data: { ...step, ...finished, ...rest } });
  };
  return {
    succeed: ({ count, evidence }) =>
      end({
        status: "succeeded",
        result_count: count,
        evidence: evidence.slice(0, EVIDENCE_MAX).map(({ table, id }) => ({ table, id })),
      }),
    fail: (error) =>
      end({
        status: "failed",
        error_code: error instanceof AppError ? error.code : "internal_error",
      }),
  };
}

/**
 * Runs a step and tells of it, how it began and how it ended.
 *
 * @param turn The turn.
 * @param beginning What it does.
 * @param work Does it.
 * @returns What it gave.
 * @throws What `work` throws, after the step has been told to have failed.
 */
export async function runStep<T extends StepEnd>(
  turn: Pick<TurnState, "ctx" | "journal">,
  beginning: StepBeginning,
  work: () => Promise<T>,
): Promise<T> {
  const step = beginStep(turn, beginning);
  try {
    const result = await work();
    step.succeed(result);
    return result;
  } catch (error) {
    step.fail(error);
    throw error;
  }
}

/**
 * Tells the panel of the answer so far, if it was not told yet.
 *
 * @param turn The turn.
 */
export function tellPanel({ answer, journal }: Pick<TurnState, "answer" | "journal">): void {
  if (answer.panel === null || answer.panel === answer.toldPanel) return;
  answer.toldPanel = answer.panel;
  journal.emit({ event: "structured_response", data: answer.panel });
}
