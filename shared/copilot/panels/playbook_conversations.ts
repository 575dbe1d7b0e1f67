// Panels of the skills for conversations.
import { z } from "zod";
import { definePlaybook, playbookSchema } from "./playbook.ts";
import { playbookExample } from "./playbook_example.ts";
import { PLAYBOOK_SECTIONS } from "./playbook_sections.ts";

const ObjectionPlaybook = playbookSchema(
  "objection_playbook",
  z.enum(PLAYBOOK_SECTIONS.objection_playbook),
);
/** When somebody objects: what was said, and how to answer. */
export const objectionPlaybookPanel = definePlaybook(
  ObjectionPlaybook,
  "When somebody objects: what was said, and how to answer.",
  playbookExample({
    type: "objection_playbook",
    key: "objection-handling",
    name: "Objection handling",
    title: "Answering: too expensive",
    sections: [["answers", "How to answer", "line"], ["deal", "The deal", "deal"]],
  }),
);

const CompetitorBattlecard = playbookSchema(
  "competitor_battlecard",
  z.enum(PLAYBOOK_SECTIONS.competitor_battlecard),
);
/** How to stand beside a competitor. */
export const competitorBattlecardPanel = definePlaybook(
  CompetitorBattlecard,
  "How to stand beside a competitor.",
  playbookExample({
    type: "competitor_battlecard",
    key: "competitor-positioning",
    name: "Competitor positioning",
    title: "Beside WidgetCo",
    sections: [["questions", "Questions to ask", "line"], ["deal", "The deal", "deal"]],
  }),
);

const DiscoveryQuestions = playbookSchema(
  "discovery_questions",
  z.enum(PLAYBOOK_SECTIONS.discovery_questions),
);
/** Questions for a first conversation. */
export const discoveryQuestionsPanel = definePlaybook(
  DiscoveryQuestions,
  "Questions for a first conversation.",
  playbookExample({
    type: "discovery_questions",
    key: "discovery-questions",
    name: "Discovery questions",
    title: "Questions for TechCorp",
    sections: [["questions", "Questions", "line"], ["deal", "The deal", "deal"]],
  }),
);
