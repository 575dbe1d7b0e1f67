// The action_result panel, version 1: what a decision came to, and what can be opened or taken back.
import { z } from "zod";
import { ClickableAction } from "../clickable_action.ts";
import { type ActionOutcome, EffectResult, Outcome } from "../proposals/outcome.ts";
import { PendingAction } from "../proposals/proposal.ts";
import { EXAMPLE_ACTION } from "./action_example.ts";
import { definePanel } from "./panel.ts";
import { plainLine } from "./plain_text.ts";

/** The panel. */
export const ActionResult = z.strictObject({
  type: z.literal("action_result"),
  version: z.literal(1),
  outcome: Outcome,
  action: PendingAction,
  error_code: z.string().nullable(),
  results: z.array(EffectResult),
  can_undo: z.boolean().describe("For a day, while nobody changes what it changed."),
  actions: z.array(ClickableAction),
}).describe("What a decision about a stored action came to.");
/** See the schema of the same name. */
export type ActionResult = z.infer<typeof ActionResult>;

/**
 * Makes the panel.
 *
 * @param decided What the database says.
 */
export function buildActionResult(decided: ActionOutcome): ActionResult {
  return {
    type: "action_result",
    version: 1,
    outcome: decided.outcome,
    action: decided.action,
    error_code: decided.error_code,
    results: decided.results,
    can_undo: decided.action.status === "executed" && decided.action.is_reversible,
    actions: decided.action.status === "undone" ? [] : decided.results.flatMap(clicks),
  };
}

function clicks({ table, id }: EffectResult): ClickableAction[] {
  if (id === null) return [];
  if (table === "tasks") return [{ type: "open_task", task_id: id }];
  if (table === "deals") return [{ type: "open_deal", deal_id: id }];
  if (table === "contacts") return [{ type: "open_contact", contact_id: id }];
  return [];
}

const SENTENCES: Readonly<Record<Outcome, string>> = {
  executed: "Done",
  queued: "Confirmed; it is on its way",
  already_decided: "Nothing new was done; this was decided before",
  expired: "Nothing was done; the preview had expired",
  changed: "Nothing was done; this is not what was shown. Please look at the preview again",
  failed: "It could not be done, and nothing of it was",
  cancelled: "Cancelled; nothing was done",
  undone: "Taken back",
  already_undone: "It was taken back before",
  not_reversible: "This can't be taken back",
  too_late: "It is too late to take this back",
  changed_since: "It was changed since, so it was left as it is",
};

const REASONS: Readonly<Record<string, string>> = {
  not_found: "something it is about is gone, or no longer yours to see",
  forbidden: "your role does not allow it",
  recipient_not_allowed: "it can't go to that recipient",
  email_not_connected: "no email account is connected",
  invalid_request: "a value in it is not possible",
};

function describe({ outcome, action, error_code: code, can_undo: canUndo }: ActionResult): string {
  const reason = outcome === "failed" && code !== null ? REASONS[code] : undefined;
  const sentence = `${SENTENCES[outcome]}${reason === undefined ? "" : `: ${reason}`}.`;
  const undo = canUndo && outcome === "executed" ? " You can undo it for a day." : "";
  return `${sentence}${undo}\n${plainLine(action.summary, 500)}`;
}

/** How the panel is published. */
export const actionResultPanel = definePanel({
  summary: "What a decision came to: done, on its way, too late, or taken back.",
  schema: ActionResult,
  example: {
    type: "action_result",
    version: 1,
    outcome: "queued",
    action: { ...EXAMPLE_ACTION, status: "executing", decided_at: "2026-11-22T16:05:00+00:00" },
    error_code: null,
    results: [{
      position: 0,
      kind: "send_email",
      status: "queued",
      table: null,
      id: null,
      external_id: null,
      error_code: null,
    }],
    can_undo: false,
    actions: [],
  },
  describe,
});
