// A decision as a turn of the conversation tells it: in words, with a panel and what it rests on.
import type { EvidenceRow } from "../actions/action.ts";
import { EVIDENCE_TABLES } from "../actions/action.ts";
import { actionPreviewPanel, buildActionPreview } from "../panels/action_preview.ts";
import { actionResultPanel, buildActionResult } from "../panels/action_result.ts";
import type { StructuredResponse } from "../panels/catalogue.ts";
import type { ActionOutcome } from "./outcome.ts";
import type { PendingAction } from "./proposal.ts";

/** What a decision came to. */
export interface TellableDecision {
  readonly outcome: string;
  readonly text: string;
  readonly panel: StructuredResponse | null;
  /** Still to be looked at, where there is something to look at. */
  readonly pending: PendingAction | null;
  readonly evidence: readonly EvidenceRow[];
}

/**
 * Tells what a decision came to.
 *
 * @param decided What the database says.
 * @returns Words and panel; where what was confirmed is not what stands there, that is shown again.
 */
export function tellDecision(decided: ActionOutcome): TellableDecision {
  const evidence = decided.results.flatMap(({ table, id }): EvidenceRow[] =>
    id !== null && isEvidenceTable(table) ? [{ table, id }] : []
  );
  const panel = buildActionResult(decided);
  const told = {
    outcome: decided.outcome,
    text: actionResultPanel.describe(panel),
    panel,
    pending: null,
    evidence,
  };
  if (decided.outcome !== "changed") return told;
  const preview = buildActionPreview(decided.action);
  return {
    ...told,
    text: `${told.text}\n${actionPreviewPanel.describe(preview)}`,
    panel: preview,
    pending: decided.action,
  };
}

function isEvidenceTable(table: string | null): table is EvidenceRow["table"] {
  return EVIDENCE_TABLES.some((known) => known === table);
}
