// execute_action: an action by its name, with arguments that nobody has checked yet (U60-065). Reads
// run under the caller's rights, whatever would change something is stored and not done.
import type { z } from "zod";
import { AppError } from "../../errors/app_error.ts";
import { isErrorCode } from "../../errors/catalogue.ts";
import { canonicalize } from "../../model/canonical_json.ts";
import { sha256Hex } from "../../platform/sha256.ts";
import type { ProposeAction, ReadAction, ReadResult } from "../actions/action.ts";
import { ActionName } from "../actions/action_names.ts";
import type { PendingAction } from "../proposals/proposal.ts";
import type { RunFinding, RunHandles } from "./parts.ts";
import { showFinding, storePreview } from "./previews.ts";
import { resolveInputNames, resolveNames } from "./resolve_names.ts";
import { beginStep, nameIntent, type RunningStep, runStep, type TurnState } from "./turn_state.ts";

/** A look-up that was begun before the turn was let in. */
export interface EarlyRead {
  readonly action: string;
  readonly startedAt: Date;
  readonly result: Promise<ReadResult<unknown>>;
}

const RUN_LABELS = {
  run_skill: "Working through a skill",
  run_sequence: "Working through a sequence",
};

/**
 * Runs an action.
 *
 * @param turn The turn it belongs to.
 * @param name What somebody says its name is.
 * @param args What somebody says its arguments are.
 * @param early The same look-up, if it was begun before.
 * @returns What it found, or what waits for a yes.
 * @throws {AppError} `unknown_action`, `invalid_action_arguments`, and what the action throws.
 */
export async function runAction(
  turn: TurnState,
  name: string,
  args: unknown,
  early?: EarlyRead,
): Promise<RunFinding> {
  const parsed = ActionName.safeParse(name);
  if (!parsed.success) throw new AppError("unknown_action");
  const action = parsed.data;
  const finding = action === "run_skill" || action === "run_sequence"
    ? await runDocument(turn, action, args)
    : await runNamed(turn, action, args, early);
  nameIntent(turn.answer, action);
  showFinding(turn.answer, finding);
  return finding;
}

async function runNamed(
  turn: TurnState,
  name: Exclude<ActionName, "run_skill" | "run_sequence">,
  args: unknown,
  early: EarlyRead | undefined,
): Promise<RunFinding> {
  const action = findAction(turn, name);
  const checked = checkArgs(action.args, await resolveNames(turn, action.name, args));
  const beginning = {
    tool: "execute_action",
    action: action.name,
    label: action.label,
    args: action.explainArgs(checked),
  } as const;
  const isBegun = early?.action === action.name;
  return await runStep(
    turn,
    isBegun ? { ...beginning, startedAt: early.startedAt } : beginning,
    async () =>
      action.kind === "read"
        ? await read(turn, action, checked, early)
        : await propose(turn, action, checked),
  );
}

async function read(
  turn: TurnState,
  action: ReadAction,
  args: unknown,
  early: EarlyRead | undefined,
): Promise<RunFinding> {
  const result = await lookAgain(turn, action, args, early);
  return {
    data: { status: "found", count: result.count, data: result.data },
    count: result.count,
    evidence: result.evidence,
    panel: result.panel,
    text: result.text,
    readsForeignText: action.readsForeignText,
    pending: null,
  };
}

/**
 * Runs a look-up without telling of it; what it found is data by its own contract.
 *
 * @param turn The turn, which is tainted by it where it reads words of people outside.
 * @param action The action.
 * @param args Checked arguments.
 * @param early The same look-up, if it was begun before.
 */
export async function lookAgain(
  turn: TurnState,
  action: ReadAction,
  args: unknown,
  early?: EarlyRead,
): Promise<ReadResult<unknown>> {
  // Marked before its words are seen: a failure half-way has read them too
  if (action.readsForeignText) turn.journal.taint();
  const result = early?.action === action.name
    ? await early.result
    : await action.run(turn.ctx, args);
  const checked = action.result.safeParse(result.data);
  if (!checked.success) throw new AppError("internal_error", { cause: checked.error });
  turn.evidence.addRows(result.data);
  return result;
}

async function propose(
  turn: TurnState,
  action: ProposeAction,
  args: unknown,
): Promise<RunFinding> {
  const proposal = await action.prepare(turn.ctx, args);
  const pending = await storePreview(turn, {
    key: await proposalKey(action.name, args),
    summary: null,
    proposal,
  });
  return {
    data: pending.status === "open"
      ? {
        status: "waiting_for_confirmation",
        note:
          "Nothing has been done. The person sees a preview and decides; do not say it was done.",
        summary: pending.summary,
        effects: pending.effects,
      }
      : { status: pending.status, summary: pending.summary, effects: pending.effects },
    count: pending.effects.length,
    evidence: proposal.evidence,
    panel: turn.parts.previewPanel(pending),
    text: describePending(pending),
    readsForeignText: false,
    pending,
  };
}

async function runDocument(
  turn: TurnState,
  name: "run_skill" | "run_sequence",
  args: unknown,
): Promise<RunFinding> {
  const given = checkArgs(turn.parts.runArgs[name], args);
  const checked = await resolveInputNames(turn, name, given);
  const key = readKey(checked);
  const beginning = {
    tool: "execute_action",
    action: name,
    label: RUN_LABELS[name],
    args: { key, is_simulation: true },
  } as const;
  const finding = await runStep(turn, beginning, async () => {
    // Its look-ups are kept as they come and taken up after a kill without being read again: that they
    // read words of people outside is kept before any of them
    turn.journal.taint();
    await turn.journal.flush();
    return await turn.parts.run(runHandles(turn, name), name, checked);
  });
  turn.answer.routing = { ...turn.answer.routing, skill_key: key };
  turn.evidence.addRows(finding.data);
  return finding;
}

function runHandles(turn: TurnState, run: "run_skill" | "run_sequence"): RunHandles {
  const steps = new Map<string, RunningStep>();
  return {
    ctx: turn.ctx,
    turnId: turn.id,
    worker: turn.worker,
    context: turn.context,
    readAction: async (name, args) => {
      const action = findAction(turn, name);
      if (action.kind !== "read") throw new AppError("unknown_action");
      return await lookAgain(turn, action, checkArgs(action.args, args));
    },
    prepareAction: async (name, args) => {
      const action = findAction(turn, name);
      if (action.kind !== "propose") throw new AppError("unknown_action");
      return await action.prepare(turn.ctx, checkArgs(action.args, args));
    },
    propose: (request) => storePreview(turn, request),
    // What rules have decided needs no model anywhere: it is answered as fast as the rows are read
    askModel: turn.answer.routing.decided_by === "rules" ? null : turn.askModel,
    observer: {
      started: ({ id, action, label, args }) => {
        const named = ActionName.safeParse(action);
        const step = { tool: "execute_action", label, args } as const;
        steps.set(id, beginStep(turn, { ...step, action: named.data ?? run }));
      },
      finished: ({ id }, end, count) => {
        const step = steps.get(id);
        if (end.status === "failed") {
          step?.fail(isErrorCode(end.errorCode) ? new AppError(end.errorCode) : end.errorCode);
        } else step?.succeed({ count, evidence: end.evidence });
      },
    },
  };
}

function findAction(turn: TurnState, name: string): ProposeAction | ReadAction {
  const actions: Readonly<Partial<Record<string, ReadAction | ProposeAction>>> = {
    ...turn.parts.readActions,
    ...turn.parts.proposeActions,
  };
  const action = Object.hasOwn(actions, name) ? actions[name] : undefined;
  if (action === undefined) throw new AppError("unknown_action");
  return action;
}

/**
 * Checks arguments against a contract.
 *
 * @param schema The contract.
 * @param args What was given.
 * @returns The arguments as the contract makes them.
 * @throws {AppError} `invalid_action_arguments` with an issue for each problem.
 */
export function checkArgs(schema: z.ZodType, args: unknown): unknown {
  const parsed = schema.safeParse(args ?? {});
  if (parsed.success) return parsed.data;
  throw new AppError("invalid_action_arguments", {
    issues: parsed.error.issues.slice(0, 10).map((issue) => ({
      path: ["args", ...issue.path.map(String)].join("."),
      code: issue.code,
      message: issue.message.slice(0, 200),
    })),
  });
}

/** The same wish of the same turn is one proposal, however often it is made. */
async function proposalKey(name: string, args: unknown): Promise<string> {
  const digest = await sha256Hex(JSON.stringify([name, canonicalize(args)]));
  return `${name}:${digest.slice(0, 32)}`;
}

function readKey(args: unknown): string {
  const key = args !== null && typeof args === "object" && "key" in args ? args.key : "";
  return String(key).slice(0, 100);
}

function describePending(pending: PendingAction): string {
  // An organization may let own tasks happen at once
  if (pending.status !== "open") return `Done: ${pending.summary}. It can be undone.`;
  const undo = pending.is_reversible ? "It can be undone afterwards." : "It cannot be undone.";
  return `${pending.summary}\n${undo} Nothing happens before you confirm.`;
}
