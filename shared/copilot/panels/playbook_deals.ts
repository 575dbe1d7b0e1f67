// Panels of the sequences around deals, the pipeline and accounts.
import { z } from "zod";
import { definePlaybook, playbookSchema } from "./playbook.ts";
import { playbookExample } from "./playbook_example.ts";
import { PLAYBOOK_SECTIONS } from "./playbook_sections.ts";

const DealRescuePlan = playbookSchema(
  "deal_rescue_plan",
  z.enum(PLAYBOOK_SECTIONS.deal_rescue_plan),
);
/** When a deal is in danger: why, and what to do first. */
export const dealRescuePlanPanel = definePlaybook(
  DealRescuePlan,
  "When a deal is in danger: why, and what to do first.",
  playbookExample({
    type: "deal_rescue_plan",
    key: "seq-deal-rescue-plan",
    name: "Deal rescue plan",
    title: "Rescue plan: TechCorp rollout",
    sections: [["risks", "What endangers it", "risk"], ["deal", "The deal", "deal"]],
    proposes: "Create a task: Call Dana Reyes about the pilot",
  }),
);

const PipelineReview = playbookSchema("pipeline_review", z.enum(PLAYBOOK_SECTIONS.pipeline_review));
/** The person's pipeline in figures, its risks and its gaps. */
export const pipelineReviewPanel = definePlaybook(
  PipelineReview,
  "The person's pipeline in figures, its risks and its gaps.",
  playbookExample({
    type: "pipeline_review",
    key: "seq-pipeline-review",
    name: "Pipeline review",
    title: "Pipeline review",
    sections: [["pipeline", "In figures", "deal"], ["risks", "At risk", "risk"]],
  }),
);

const HandoverPack = playbookSchema("handover_pack", z.enum(PLAYBOOK_SECTIONS.handover_pack));
/** When a deal goes to a colleague. */
export const handoverPackPanel = definePlaybook(
  HandoverPack,
  "When a deal goes to a colleague.",
  playbookExample({
    type: "handover_pack",
    key: "seq-handover-pack",
    name: "Handover pack",
    title: "Handover: TechCorp rollout",
    sections: [["deal", "The deal", "deal"], ["people", "People", "person"]],
  }),
);

const QbrPack = playbookSchema("qbr_pack", z.enum(PLAYBOOK_SECTIONS.qbr_pack));
/** Before a business review with a customer. */
export const qbrPackPanel = definePlaybook(
  QbrPack,
  "Before a business review with a customer.",
  playbookExample({
    type: "qbr_pack",
    key: "seq-qbr-prep",
    name: "Business review pack",
    title: "Business review: TechCorp",
    sections: [["account", "The account", "person"], ["deals", "Deals", "deal"]],
  }),
);

const MutualActionPlan = playbookSchema(
  "mutual_action_plan",
  z.enum(PLAYBOOK_SECTIONS.mutual_action_plan),
);
/** Steps to the closing day, agreed by both sides. */
export const mutualActionPlanPanel = definePlaybook(
  MutualActionPlan,
  "Steps to the closing day, agreed by both sides.",
  playbookExample({
    type: "mutual_action_plan",
    key: "seq-mutual-action-plan",
    name: "Mutual action plan",
    title: "Action plan: TechCorp rollout",
    sections: [["deal", "The deal", "deal"], ["plan", "Steps", "line"]],
    proposes: "Create a task: Agree the action plan with Dana Reyes",
  }),
);
