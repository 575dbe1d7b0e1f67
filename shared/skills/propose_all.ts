// Makes one thing to say yes to of everything that a run would do.
import { EXTERNAL_EFFECTS } from "../copilot/proposals/effect.ts";
import type { PendingAction, Proposal } from "../copilot/proposals/proposal.ts";
import { AppError } from "../errors/app_error.ts";
import type { SkillRunDeps } from "./run_deps.ts";
import type { RunState } from "./run_step.ts";

/** Effects that one yes may carry out. */
const EFFECTS_MAX = 10;
/** Refusals of what would leave the company; the rest can still be proposed. */
const NOT_OUTSIDE: ReadonlySet<string> = new Set([
  "recipient_not_allowed",
  "email_not_connected",
  "slack_not_connected",
  "calendar_not_connected",
]);

/**
 * Stores what a run proposes. Where the database refuses whom it would reach, what stays inside is
 * proposed without it.
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
  try {
    return await deps.propose({ ...name, proposal });
  } catch (error) {
    if (!(error instanceof AppError) || !NOT_OUTSIDE.has(error.code)) throw error;
    const inside = joinProposals(state.proposals.filter(staysInside));
    if (inside.effects.length === proposal.effects.length) throw error;
    state.missing.push(`what would leave the company: ${error.entry.title.toLowerCase()}`);
    return inside.effects.length === 0 ? null : await deps.propose({ ...name, proposal: inside });
  }
}

function staysInside({ effects }: Proposal): boolean {
  return !effects.some(({ kind }) => EXTERNAL_EFFECTS.has(kind));
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
