// The clarification panel, version 1 (U60-011, U60-061): a question back with two to four options.
// What an option does is not in it; that stays with the stored answer.
import { z } from "zod";
import { EXAMPLE_IDS } from "./crm_examples.ts";
import { definePanel } from "./panel.ts";
import { plainLine } from "./plain_text.ts";

/** What is not clear. */
export const ClarificationReason = z.enum([
  "person",
  "company",
  "deal",
  "meeting",
  "period",
  "intent",
]);
/** See the schema of the same name. */
export type ClarificationReason = z.infer<typeof ClarificationReason>;

/** The panel. */
export const Clarification = z.strictObject({
  type: z.literal("clarification"),
  version: z.literal(1),
  id: z.uuid().describe("Sent back as clarification_id."),
  reason: ClarificationReason,
  question: z.string().min(1).max(300),
  options: z.array(z.strictObject({
    id: z.string().regex(/^[1-4]$/).describe(
      "Sent back as option_id; also its number in the list.",
    ),
    label: z.string().min(1).max(200),
    description: z.string().max(300).nullable(),
    message: z.string().min(1).max(300)
      .describe("Sent as the message when it is chosen; shown is the label."),
  })).min(2).max(4),
}).describe("A question back; nothing happens before an option is chosen.");
/** See the schema of the same name. */
export type Clarification = z.infer<typeof Clarification>;

function describeClarification(panel: Clarification): string {
  const options = panel.options.map(({ id, label, description }) =>
    `${id}. ${plainLine(label)}${description ? ` (${plainLine(description, 300)})` : ""}`
  );
  return [plainLine(panel.question, 300), ...options].join("\n");
}

/** How the panel is published. */
export const clarificationPanel = definePanel({
  summary: "A question back with two to four options; choosing one runs it.",
  schema: Clarification,
  example: {
    type: "clarification",
    version: 1,
    id: EXAMPLE_IDS.clarification,
    reason: "person",
    question: 'Which "Ada" do you mean?',
    options: [{
      id: "1",
      label: "Ada Park",
      description: "Head of Operations, Northwind; is yours, you meet on Tue 24 Nov",
      message: "Option 1",
    }, {
      id: "2",
      label: "Ada Lund",
      description: "Buyer, Southbank",
      message: "Option 2",
    }],
  },
  describe: describeClarification,
});
