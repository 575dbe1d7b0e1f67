// Makes one thing to say yes to of everything that a run would do.
import type { PendingAction, Proposal } from "../copilot/proposals/proposal.ts";
import type { SkillRunDeps } from "./run_deps.ts";
import type { RunState } from "./run_step.ts";

/** Effects that one yes may carry out. */
const EFFECTS_MAX = 10;

/**
 * Stores what a run proposes.
 *
 * @param deps Stores it.
 * @param state The run; its proposals are in the order of the steps.
 * @param name What it is called: the key makes a second try the same thing.
 * @returns What waits; null where there is nothing to do.
 */
export async function proposeAll(
  deps: SkillRunDeps,
  state: RunState,
  name: { readonly key: string; readonly summary: string },
): Promise<PendingAction | null> {
  const proposal = joinProposals(state.proposals);
  const left = state.proposals.flatMap(({ effects }) => effects).length - proposal.effects.length;
  if (left > 0) state.missing.push(`${left} more to do than one confirmation holds`);
  if (proposal.effects.length === 0) return null;
  return await deps.propose({ ...name, proposal });
}

/** Whole proposals only: half of one is something nobody has worked out. */
function joinProposals(proposals: readonly Proposal[]): Proposal {
  let joined: Proposal = { effects: [], previews: [], evidence: [] };
  for (const { effects, previews, evidence } of proposals) {
    if (joined.effects.length + effects.length > EFFECTS_MAX) continue;
    joined = {
      effects: [...joined.effects, ...effects],
      previews: [...joined.previews, ...previews],
      evidence: [...joined.evidence, ...evidence],
    };
  }
  return joined;
}
