// Runs one step that reaches outside the document, and keeps what came of it before the next begins.
import type { EvidenceRow } from "../copilot/actions/action.ts";
import { PlaybookItem } from "../copilot/panels/playbook.ts";
import type { Proposal } from "../copilot/proposals/proposal.ts";
import { AppError } from "../errors/app_error.ts";
import type { SkillStep } from "./document.ts";
import { improveItems } from "./improve_items.ts";
import { minimizeArgs } from "./read_inputs.ts";
import type { RuleContext } from "./rules/rule.ts";
import type { SkillRunDeps, StepStart } from "./run_deps.ts";
import { cleanDeep } from "./template/clean_unresolved_variables.ts";
import { resolveTemplate } from "./template/resolve_expression.ts";
import type { TemplateContext } from "./template/resolve_path.ts";
import type { FinishedStep } from "./workflow_store.ts";

/** A step that is kept; rules are not, they are worked out again. */
export type KeptStep = Exclude<SkillStep, { readonly rule: unknown }>;

/** A run while it runs. */
export interface RunState {
  readonly executionId: string;
  readonly context: TemplateContext;
  readonly rules: RuleContext;
  /** By step; the context reads it. */
  readonly outputs: Record<string, unknown>;
  readonly finished: Map<string, FinishedStep>;
  /** What could not be looked up or prepared, in words. */
  readonly missing: string[];
  readonly proposals: Proposal[];
  readonly evidence: EvidenceRow[];
  modelCalls: number;
}

interface Outcome {
  readonly output: unknown;
  readonly evidence: readonly EvidenceRow[];
  readonly count: number | null;
}

/** What "nothing there" is called; anything else is a failure. */
const ABSENT: ReadonlySet<string> = new Set([
  "not_found",
  "invalid_request",
  "invalid_action_arguments",
  "email_not_connected",
  "slack_not_connected",
  "calendar_not_connected",
  "recipient_not_allowed",
  "forbidden",
]);

/**
 * Runs a step.
 *
 * @param deps The person's own rights.
 * @param state The run so far.
 * @param step The step; it is wanted and not over.
 * @param position Its place in the document, from 1.
 * @returns What came of it, kept already.
 * @throws {AppError} What a step that is needed throws.
 */
export async function runStep(
  deps: SkillRunDeps,
  state: RunState,
  step: KeptStep,
  position: number,
): Promise<FinishedStep> {
  const calls = callsOf(step, state.context);
  const start = startOf(step, state, position, calls);
  const startedAt = deps.ctx.clock.now().toISOString();
  await deps.observer?.started(start);
  const finish = async (
    part: Pick<FinishedStep, "status" | "output" | "evidence" | "errorCode">,
    count: number | null,
  ): Promise<FinishedStep> => {
    const finishedAt = deps.ctx.clock.now().toISOString();
    const { id, kind, action, args } = start;
    const end = { id, position, kind, action, args, startedAt, finishedAt, ...part };
    await deps.store.saveStep(state.executionId, end);
    await deps.observer?.finished(start, end, count);
    return end;
  };
  try {
    const { output, evidence, count } = await perform(deps, state, step, calls);
    return await finish({ status: "succeeded", output, evidence, errorCode: null }, count);
  } catch (error) {
    const code = error instanceof AppError ? error.code : "internal_error";
    if (code === "turn_not_held" || deps.ctx.signal.aborted) throw error;
    const isOptional = "is_optional" in step && step.is_optional && ABSENT.has(code);
    const status = isOptional ? "skipped" : "failed";
    const output = "propose" in step ? [] : null;
    if (isOptional) return await finish({ status, output, evidence: [], errorCode: code }, 0);
    // Not kept as over: the next try runs it again.
    const finishedAt = deps.ctx.clock.now().toISOString();
    const { id, kind, action, args } = start;
    const part = { status, output, evidence: [], errorCode: code } as const;
    const end = { id, position, kind, action, args, startedAt, finishedAt, ...part };
    await deps.observer?.finished(start, end, null);
    throw error;
  }
}

async function perform(
  deps: SkillRunDeps,
  state: RunState,
  step: KeptStep,
  calls: readonly unknown[],
): Promise<Outcome> {
  if ("read" in step) {
    const results = [];
    for (const args of calls) results.push(await deps.readAction(step.read, args));
    const data = results.map((result) => result.data);
    return {
      output: step.each === undefined ? data[0] ?? null : data,
      evidence: results.flatMap((result) => result.evidence),
      count: results.reduce((sum, result) => sum + result.count, 0),
    };
  }
  if ("propose" in step) {
    const proposals = [];
    for (const args of calls) proposals.push(await deps.prepareAction(step.propose, args));
    const evidence = proposals.flatMap((proposal) => proposal.evidence);
    return { output: proposals, evidence, count: proposals.length };
  }
  if ("knowledge" in step) {
    const knowledge = await deps.readKnowledge();
    const id = knowledge?.org_id;
    const evidence = id === undefined ? [] : [{ table: "org_knowledge", id } as const];
    return { output: knowledge, evidence, count: evidence.length };
  }
  return await reword(deps, state, step);
}

async function reword(
  deps: SkillRunDeps,
  state: RunState,
  step: Extract<KeptStep, { readonly model: unknown }>,
): Promise<Outcome> {
  const items = itemsOf(state.outputs[step.improves]);
  if (deps.askModel === null || items.length === 0) {
    return { output: { items }, evidence: [], count: items.length };
  }
  state.modelCalls += 1;
  const instruction = String(cleanDeep(resolveTemplate(step.model, state.context)));
  const improved = await improveItems(deps.askModel, instruction, items);
  return { output: { items: improved }, evidence: [], count: improved.length };
}

/** Arguments of each call that the step makes. */
function callsOf(step: KeptStep, context: TemplateContext): readonly unknown[] {
  if (!("args" in step)) return [];
  if (step.each === undefined) return [argsFor(step.args, context)];
  const list = resolveTemplate(step.each, context);
  if (!Array.isArray(list)) return [];
  return list.slice(0, step.limit).map((item, index) =>
    argsFor(step.args, { ...context, item, index })
  );
}

/** Null says nothing to an action that has defaults: it is left out like what is missing. */
function argsFor(args: unknown, context: TemplateContext): unknown {
  const value = cleanDeep(resolveTemplate(args, context));
  if (typeof value !== "object" || value === null) return {};
  return Object.fromEntries(Object.entries(value).filter(([, inner]) => inner !== null));
}

function startOf(
  step: KeptStep,
  state: RunState,
  position: number,
  calls: readonly unknown[],
): StepStart {
  const action = "read" in step ? step.read : "propose" in step ? step.propose : null;
  const kind = "read" in step
    ? "read"
    : "propose" in step
    ? "propose"
    : "knowledge" in step
    ? "knowledge"
    : "model";
  const args = calls.length > 1 ? { times: calls.length } : minimizeArgs(calls[0]);
  const label = step.label ?? LABELS[kind];
  return { executionId: state.executionId, id: step.id, position, kind, action, label, args };
}

const LABELS = {
  read: "Looking things up",
  propose: "Preparing what to do",
  knowledge: "Reading what your company says about itself",
  model: "Finding the words",
} as const;

/**
 * Reads findings out of the output of a rule or a model step.
 *
 * @param output What the step gave.
 * @returns Its items; none where it has none.
 */
export function itemsOf(output: unknown): readonly PlaybookItem[] {
  if (typeof output !== "object" || output === null || !("items" in output)) return [];
  const parsed = PlaybookItem.array().safeParse(output.items);
  return parsed.success ? parsed.data : [];
}
