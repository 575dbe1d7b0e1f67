// The action_preview panel, version 1: what would happen, and what can be decided about it (U60-087).
import { z } from "zod";
import { PendingAction } from "../proposals/proposal.ts";
import { EXAMPLE_ACTION } from "./action_example.ts";
import { definePanel } from "./panel.ts";
import { countEffects, previewLines } from "./preview_lines.ts";

/** The panel. Its buttons send `payload_sha256` along: the yes is to exactly what is shown. */
export const ActionPreview = z.strictObject({
  type: z.literal("action_preview"),
  version: z.literal(1),
  action: PendingAction,
  decisions: z.array(z.enum(["confirm", "edit", "cancel"]))
    .describe("What can be decided now; none once it is no longer open."),
}).describe("What the copilot would do, before anything is done.");
/** See the schema of the same name. */
export type ActionPreview = z.infer<typeof ActionPreview>;

/**
 * Makes the panel.
 *
 * @param action The stored action.
 */
export function buildActionPreview(action: PendingAction): ActionPreview {
  return {
    type: "action_preview",
    version: 1,
    action,
    decisions: action.status === "open" ? ["confirm", "edit", "cancel"] : [],
  };
}

function describe({ action }: ActionPreview): string {
  const { effects } = action;
  const undo = action.is_reversible ? "It can be undone afterwards." : "It can't be undone.";
  const isOpen = action.status === "open";
  return [
    isOpen
      ? `I would do ${effects.length === 1 ? "this" : `these ${countEffects(effects)}`}:`
      : `This is no longer open (${action.status.replace("_", " ")}):`,
    ...previewLines(effects),
    ...(isOpen ? [`${undo} Nothing happens before you confirm.`] : []),
  ].join("\n");
}

/** How the panel is published. */
export const actionPreviewPanel = definePanel({
  summary: "What would happen, word for word, with confirm, edit and cancel.",
  schema: ActionPreview,
  example: buildActionPreview(EXAMPLE_ACTION),
  describe,
});
