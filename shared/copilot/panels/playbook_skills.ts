// Panels of the library itself: what there is, and what a skill without a panel of its own found.
import { z } from "zod";
import { definePanel } from "./panel.ts";
import { plainLine } from "./plain_text.ts";
import { describePlaybook, playbookSchema } from "./playbook.ts";
import { playbookExample } from "./playbook_example.ts";

const SkillResult = playbookSchema("skill_result", z.string().regex(/^[a-z][a-z0-9_]{0,39}$/));

/** What a skill found. */
export const skillResultPanel = definePanel({
  summary: "What a skill without a panel of its own found.",
  schema: SkillResult,
  example: playbookExample({
    type: "skill_result",
    key: "deal-qualification",
    name: "Deal qualification",
    title: "Qualification: TechCorp rollout",
    sections: [["deal", "The deal", "deal"], ["gaps", "What is not known yet", "risk"]],
  }),
  describe: describePlaybook,
});

/** A document, as lists show it. */
export const ListedSkill = z.strictObject({
  key: z.string(),
  kind: z.enum(["skill", "sequence"]),
  name: z.string(),
  category: z.string(),
  description: z.string(),
  version: z.int().positive(),
  phrases: z.array(z.string()).max(12).describe("How people ask for it."),
});
/** See the schema of the same name. */
export type ListedSkill = z.infer<typeof ListedSkill>;

const SkillList = z.strictObject({
  type: z.literal("skill_list"),
  version: z.literal(1),
  skills: z.array(ListedSkill).max(200),
}).describe("What the organization can have done.");

/** What there is. */
export const skillListPanel = definePanel({
  summary: "When the person asks what the copilot can do.",
  schema: SkillList,
  example: {
    type: "skill_list",
    version: 1,
    skills: [{
      key: "seq-next-meeting-command-center",
      kind: "sequence",
      name: "Next meeting command center",
      category: "meetings",
      description: "Prepares the person's next meeting.",
      version: 1,
      phrases: ["prep for my next meeting"],
    }],
  },
  describe: ({ skills }) =>
    [
      `${skills.length} things I can do for you:`,
      ...skills.map(({ name, description }) =>
        `• ${plainLine(name, 80)}: ${plainLine(description, 300)}`
      ),
    ].join("\n"),
});
