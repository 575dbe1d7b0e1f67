// Runs a sequence or a skill of the library for one person.
import { AppError } from "../errors/app_error.ts";
import type { SkillDocument } from "./document.ts";
import { getEntry, type OrgSkill } from "./get_skill.ts";
import type { RunResult, SkillRunDeps } from "./run_deps.ts";
import { runDocument } from "./run_document.ts";

/** How a document is run. */
export interface RunOptions {
  /** What the organization has set; from the context of the turn. */
  readonly settings: readonly OrgSkill[];
  /** The turn: hashes of inputs are worth nothing outside it. */
  readonly turnId: string;
  /**
   * True shows what would happen and asks. False is refused where anything would happen: only a yes
   * to what was shown carries it out, and then exactly that.
   */
  readonly isSimulation: boolean;
}

/**
 * Runs a sequence: look-ups, findings, and one thing to say yes to for all that it would do.
 *
 * @param deps The person's own rights.
 * @param key The sequence's key.
 * @param inputs What it is given.
 * @param options Settings, turn, simulation.
 * @returns Its panel, and what waits.
 * @throws {AppError} `not_found` where the organization has no such sequence; `preview_first` where it
 *   is not a simulation and would do something; what `runDocument` throws.
 */
export async function runSequence(
  deps: SkillRunDeps,
  key: string,
  inputs: Readonly<Record<string, unknown>>,
  options: RunOptions,
): Promise<RunResult> {
  return await run(deps, { key, kind: "sequence" }, inputs, options);
}

/**
 * Runs a skill: look-ups and findings; it proposes nothing.
 *
 * @param deps The person's own rights.
 * @param key The skill's key.
 * @param inputs What it is given.
 * @param options Settings and turn.
 * @returns Its panel.
 * @throws {AppError} As `runSequence`.
 */
export async function runSkill(
  deps: SkillRunDeps,
  key: string,
  inputs: Readonly<Record<string, unknown>>,
  options: Omit<RunOptions, "isSimulation">,
): Promise<RunResult> {
  return await run(deps, { key, kind: "skill" }, inputs, { ...options, isSimulation: true });
}

async function run(
  deps: SkillRunDeps,
  { key, kind }: Pick<SkillDocument, "key" | "kind">,
  inputs: Readonly<Record<string, unknown>>,
  { settings, turnId, isSimulation }: RunOptions,
): Promise<RunResult> {
  const { entry, variables } = getEntry(key, settings);
  if (entry.document.kind !== kind) throw new AppError("not_found");
  const proposes = entry.document.steps.some((step) => "propose" in step);
  if (!isSimulation && proposes) throw new AppError("preview_first");
  return await runDocument(deps, { entry, variables, inputs, salt: turnId });
}
