// Proposals of a world without a database: of the right form, so that panels and counts are real, and
// going nowhere.
import type { ProposeActionName } from "../../copilot/actions/action_names.ts";
import { Effect } from "../../copilot/proposals/effect.ts";
import type { PendingAction, Proposal } from "../../copilot/proposals/proposal.ts";
import type { ProposalRequest } from "../run_deps.ts";

/** What an email takes beside its arguments; made up. */
const EMAIL_PARTS = { message_id: "<fixture@lab.example>", raw: "ZmljdGlvbg" };

/**
 * Makes up what an action would do.
 *
 * @param name The action.
 * @param args Its arguments.
 * @throws {z.ZodError} Where the arguments make no effect.
 */
export function pretendProposal(name: ProposeActionName, args: unknown): Proposal {
  const given = typeof args === "object" && args !== null ? args : {};
  const effect = Effect.parse({
    kind: name,
    ...(name === "send_email" ? EMAIL_PARTS : {}),
    ...instantsOf(given),
    ...channelOf(given),
  });
  return {
    effects: [effect],
    previews: [{
      kind: name,
      summary: summaryOf(effect),
      recipients: "to" in effect ? effect.to : [],
      fields: [],
      is_reversible: name !== "send_email" && name !== "post_slack_message",
    }],
    evidence: [],
  };
}

/**
 * Makes up what waits for a yes.
 *
 * @param request What is proposed.
 * @param world Where and when.
 */
export function pendingOf(
  request: ProposalRequest,
  { orgId, now }: { readonly orgId: string; readonly now: string },
): PendingAction {
  const { previews } = request.proposal;
  return {
    id: "00000000-0000-4000-8000-0000000000a1",
    org_id: orgId,
    conversation_id: "00000000-0000-4000-8000-0000000000a2",
    turn_id: "00000000-0000-4000-8000-0000000000a3",
    summary: request.summary,
    effects: [...previews],
    payload_sha256: "0".repeat(64),
    is_reversible: previews.every(({ is_reversible }) => is_reversible),
    is_tainted: true,
    evidence: [],
    status: "open",
    created_at: now,
    expires_at: now,
    decided_at: null,
  };
}

function summaryOf(effect: Effect): string {
  if ("title" in effect) return effect.title;
  return "subject" in effect ? effect.subject : effect.kind;
}

/** A day alone is its end of work, as the real action takes it. */
function instantsOf(args: object): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(args).map(([name, value]) => [
      name,
      typeof value === "string" && /^\d{4}-\d{2}-\d{2}$/.test(value) ? `${value}T17:00:00Z` : value,
    ]),
  );
}

function channelOf(args: object): Record<string, unknown> {
  if (!("channel" in args)) return {};
  return { channel_id: "C0FIXTURE", channel_name: String(args.channel), channel: undefined };
}
