// run_skill and run_sequence as actions of a turn: documents of the library, in simulation, for the
// person who asks. What they would do is stored and waits for a yes (U60-085…087).
import { z } from "zod";
import { SkillKey } from "../../skills/document.ts";
import type { SkillRunDeps } from "../../skills/run_deps.ts";
import { runSequence, runSkill } from "../../skills/run_sequence.ts";
import type { WorkflowStore } from "../../skills/workflow_store.ts";
import type { RunFinding, RunHandles } from "../turn/parts.ts";
import { readOrgSkills } from "./skill_tools.ts";

const RunArgs = z.strictObject({
  key: SkillKey.describe("Of the index."),
  inputs: z.record(z.string(), z.unknown()).default({}).describe("As get_skill says; often none."),
});

/** Contracts of the two actions. */
export const RUN_ARGS = {
  run_skill: RunArgs,
  run_sequence: RunArgs.extend({
    is_simulation: z.literal(true).default(true)
      .describe("Only a person's yes to what was previewed does anything."),
  }),
} as const;

/** What running needs beside the turn. */
export interface LibraryHandles {
  readonly openStore: (handles: RunHandles) => WorkflowStore;
  readonly readKnowledge: (handles: RunHandles) => ReturnType<SkillRunDeps["readKnowledge"]>;
}

/**
 * Runs a document.
 *
 * @param library Where runs are kept, and what the organization has written about itself.
 * @param handles What the turn gives.
 * @param name Which kind of document.
 * @param args Checked by the contract of that name.
 */
export async function runLibrary(
  library: LibraryHandles,
  handles: RunHandles,
  name: keyof typeof RUN_ARGS,
  args: unknown,
): Promise<RunFinding> {
  const { key, inputs } = RunArgs.parse(pickArgs(args));
  const deps: SkillRunDeps = {
    ctx: handles.ctx,
    store: library.openStore(handles),
    readAction: handles.readAction,
    prepareAction: handles.prepareAction,
    propose: handles.propose,
    readKnowledge: () => library.readKnowledge(handles),
    askModel: handles.askModel,
    observer: handles.observer,
  };
  const options = { settings: readOrgSkills(handles.context), turnId: handles.turnId };
  const result = name === "run_skill"
    ? await runSkill(deps, key, inputs, options)
    : await runSequence(deps, key, inputs, { ...options, isSimulation: true });
  return {
    data: {
      status: result.pendingAction === null ? "done" : "waiting_for_confirmation",
      result: result.panel,
      ...(result.pendingAction !== null && {
        note: "Nothing has been done. The person sees a preview and decides.",
        waiting: result.pendingAction.summary,
      }),
    },
    count: result.steps.length,
    evidence: result.evidence,
    panel: result.panel,
    text: result.text,
    readsForeignText: true,
    pending: result.pendingAction,
  };
}

function pickArgs(args: unknown): unknown {
  const { key, inputs } = z.object({ key: z.unknown(), inputs: z.unknown() }).parse(args);
  return { key, inputs };
}
