// Runs a document step by step. Look-ups, what a model said and what is proposed are kept as they come,
// so that a run that was killed goes on where it stopped; rules are worked out again, they give the
// same each time. Everything proposed becomes one thing to say yes to, at the end.
import type { EvidenceRow } from "../copilot/actions/action.ts";
import { AppError } from "../errors/app_error.ts";
import { buildPlaybook, missingLine } from "./build_playbook.ts";
import type { SkillDocument, SkillStep } from "./document.ts";
import type { LibraryEntry } from "./library.ts";
import { proposeAll } from "./propose_all.ts";
import { hashInputs, minimizeArgs, readInputs } from "./read_inputs.ts";
import { RULE_CATALOGUE } from "./rules/catalogue.ts";
import { ruleContext, type SkillVariables, templateContext } from "./run_context.ts";
import type { RunResult, SkillRunDeps } from "./run_deps.ts";
import { type RunState, runStep } from "./run_step.ts";
import { cleanDeep } from "./template/clean_unresolved_variables.ts";
import { resolveExpression, resolveTemplate } from "./template/resolve_expression.ts";
import type { StartedWorkflow } from "./workflow_store.ts";

/** What is run. */
export interface DocumentRun {
  readonly entry: LibraryEntry;
  readonly variables: SkillVariables;
  readonly inputs: Readonly<Record<string, unknown>>;
  /** Where hashes of inputs are worth nothing elsewhere: the id of the turn. */
  readonly salt: string;
}

/**
 * Runs a document in simulation: look-ups are real, nothing else happens, and what it would do waits
 * for a yes (U60-087).
 *
 * @param deps The person's own rights.
 * @param run The document and what it is given.
 * @returns Its panel, and what waits.
 * @throws {AppError} `invalid_request` for wrong inputs; what a step that is needed throws;
 *   `turn_not_held` when somebody else has taken the turn up.
 */
export async function runDocument(deps: SkillRunDeps, run: DocumentRun): Promise<RunResult> {
  const { document, sha256 } = run.entry;
  const inputs = readInputs(document, run.inputs);
  const inputsSha256 = await hashInputs(inputs, run.salt);
  const started = await deps.store.begin({
    key: document.key,
    version: document.version,
    documentSha256: sha256,
    inputsSha256,
    inputs: minimizeArgs(inputs),
    isSimulation: true,
  });
  const state = beginState(deps, run, inputs, started);
  try {
    await runSteps(deps, document, state);
    return await endRun(deps, document, state, `workflow:${document.key}:${inputsSha256}`);
  } catch (error) {
    // A caller that went away has not failed: the run can be taken up again.
    if (!deps.ctx.signal.aborted) await failRun(deps, state, error);
    throw error;
  }
}

function beginState(
  deps: SkillRunDeps,
  { variables }: DocumentRun,
  inputs: ReturnType<typeof readInputs>,
  started: StartedWorkflow,
): RunState {
  const now = new Date(started.startedAt);
  const outputs: Record<string, unknown> = {};
  return {
    executionId: started.executionId,
    context: templateContext(deps.ctx, { inputs, variables, now, outputs }),
    rules: ruleContext(deps.ctx, now),
    outputs,
    finished: new Map(started.steps.map((step) => [step.id, step])),
    missing: [],
    proposals: [],
    evidence: [],
    modelCalls: 0,
  };
}

async function runSteps(
  deps: SkillRunDeps,
  document: SkillDocument,
  state: RunState,
): Promise<void> {
  for (const [index, step] of document.steps.entries()) {
    deps.ctx.signal.throwIfAborted();
    if (!isWanted(step, state)) {
      state.outputs[step.id] = null;
    } else if ("rule" in step) {
      const from = cleanRecord(resolveTemplate(step.from, state.context));
      state.outputs[step.id] = RULE_CATALOGUE[step.rule](from, state.rules);
    } else {
      const end = state.finished.get(step.id) ?? await runStep(deps, state, step, index + 1);
      state.finished.set(step.id, end);
      takeUp(state, step, end);
    }
  }
}

/** A step that is over counts the same, whether it ended now or before a kill. */
function takeUp(
  state: RunState,
  step: SkillStep,
  end: NonNullable<ReturnType<RunState["finished"]["get"]>>,
): void {
  state.evidence.push(...end.evidence);
  if (end.kind === "propose") {
    state.proposals.push(...(Array.isArray(end.output) ? end.output : []));
    state.outputs[step.id] = null;
  } else {
    state.outputs[step.id] = end.output;
  }
  if (end.status !== "succeeded" && end.errorCode !== null) {
    state.missing.push(missingLine(step, end.errorCode));
  }
}

function isWanted({ when = [] }: SkillStep, { context }: RunState): boolean {
  return (typeof when === "string" ? [when] : when).every((expression) => {
    const value = resolveExpression(expression, context);
    return Array.isArray(value) ? value.length > 0 : Boolean(value);
  });
}

async function endRun(
  deps: SkillRunDeps,
  document: SkillDocument,
  state: RunState,
  key: string,
): Promise<RunResult> {
  const playbook = buildPlaybook(document, state, null);
  const pendingAction = await proposeAll(deps, state, { key, summary: playbook.title });
  const { panel, text } = buildPlaybook(document, state, pendingAction);
  const evidence = distinct(state.evidence);
  await deps.store.finish(state.executionId, {
    status: "succeeded",
    output: panel,
    evidence,
    pendingActionId: pendingAction?.id ?? null,
    errorCode: null,
  });
  return {
    executionId: state.executionId,
    key: document.key,
    version: document.version,
    isSimulation: true,
    panel,
    text,
    evidence,
    pendingAction,
    steps: [...state.finished.values()].sort((a, b) => a.position - b.position),
    modelCalls: state.modelCalls,
  };
}

async function failRun(deps: SkillRunDeps, state: RunState, error: unknown): Promise<void> {
  const code = error instanceof AppError ? error.code : "internal_error";
  // Whoever has taken the run up decides how it ends.
  if (code === "turn_not_held") return;
  await deps.store.finish(state.executionId, {
    status: "failed",
    output: null,
    evidence: distinct(state.evidence),
    pendingActionId: null,
    errorCode: code,
  });
}

function distinct(rows: readonly EvidenceRow[]): EvidenceRow[] {
  return [...new Map(rows.map((row) => [`${row.table} ${row.id}`, row])).values()];
}

function cleanRecord(value: unknown): Readonly<Record<string, unknown>> {
  const clean = cleanDeep(value);
  return typeof clean === "object" && clean !== null ? { ...clean } : {};
}
