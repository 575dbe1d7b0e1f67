// Stores what would be done, for its owner to say yes to. Whatever is sent here, the database decides
// what a proposal may be and whom it may reach.
import { asJson } from "../../database/as_json.ts";
import { fromPostgrestError } from "../../errors/app_error.ts";
import type { RequestContext } from "../../platform/request_context.ts";
import { canonicalEffects } from "./canonical_effects.ts";
import { PendingAction, type Proposal } from "./proposal.ts";

/** What is to be stored. */
export interface ProposalToStore {
  readonly turnId: string;
  /** Names it within the turn: the same key gives the same stored action. */
  readonly key: string;
  /** In words; the previews' own where it is null. */
  readonly summary: string | null;
  readonly proposal: Proposal;
  /** Whether words of people outside were read before; the turn may know of more. */
  readonly isTainted: boolean;
  /** The open action that it is an edited form of. */
  readonly replaces: string | null;
}

const SUMMARY_MAX = 500;

/**
 * Stores a proposal.
 *
 * @param ctx The person whose turn it is.
 * @param request The proposal.
 * @returns The stored action. Where the organization lets own tasks happen at once it has happened.
 * @throws {AppError} `recipient_not_allowed`, `email_not_connected`, `action_not_open`, `forbidden`,
 *   `not_found` or `invalid_request`.
 */
export async function proposeAction(
  ctx: Pick<RequestContext, "db">,
  request: ProposalToStore,
): Promise<PendingAction> {
  const { effects, previews, evidence } = request.proposal;
  const { data, error } = await ctx.db.rpc("propose_action", {
    p_turn_id: request.turnId,
    p_key: request.key,
    p_summary: summaryOf(request),
    p_effects: canonicalEffects(effects),
    p_previews: asJson(previews),
    p_evidence: asJson(evidence),
    p_is_tainted: request.isTainted,
    p_replaces: request.replaces,
  });
  if (error) throw fromPostgrestError(error);
  return PendingAction.parse(data);
}

/** What it would do, in words, as it is stored. */
export function summaryOf(
  { summary, proposal }: Pick<ProposalToStore, "proposal" | "summary">,
): string {
  const words = summary ?? proposal.previews.map((preview) => preview.summary).join("; ");
  return words.slice(0, SUMMARY_MAX);
}
