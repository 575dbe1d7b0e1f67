// Every rule by its name.
import { competitorCards } from "./competitor_cards.ts";
import { knowledgeFacts, objectionAnswers, questionList } from "./conversation_rules.ts";
import { dealFacts } from "./deal_facts.ts";
import { dealGaps, hygieneFindings, mutualPlan } from "./deal_gaps.ts";
import { dealRisks, rescueSteps } from "./deal_risks.ts";
import { meetingFacts, peopleFacts } from "./meeting_facts.ts";
import { meetingTalkingPoints } from "./meeting_talking_points.ts";
import { openCommitments } from "./open_commitments.ts";
import {
  accountFacts,
  activityFacts,
  contactFacts,
  draftFacts,
  relationshipFacts,
  threadFacts,
} from "./people_rules.ts";
import { dayPlan, meetingLines, pipelineFacts, taskFacts } from "./pipeline_rules.ts";
import type { Rule } from "./rule.ts";
import type { RuleName } from "./rule_names.ts";

/** The rules; the compiler says when one is missing. */
export const RULE_CATALOGUE: Readonly<Record<RuleName, Rule>> = {
  account_facts: accountFacts,
  activity_facts: activityFacts,
  competitor_cards: competitorCards,
  contact_facts: contactFacts,
  day_plan: dayPlan,
  deal_facts: dealFacts,
  deal_gaps: dealGaps,
  deal_risks: dealRisks,
  draft_facts: draftFacts,
  hygiene_findings: hygieneFindings,
  knowledge_facts: knowledgeFacts,
  meeting_facts: meetingFacts,
  meeting_lines: meetingLines,
  meeting_talking_points: meetingTalkingPoints,
  mutual_plan: mutualPlan,
  objection_answers: objectionAnswers,
  open_commitments: openCommitments,
  people_facts: peopleFacts,
  pipeline_facts: pipelineFacts,
  question_list: questionList,
  relationship_facts: relationshipFacts,
  rescue_steps: rescueSteps,
  task_facts: taskFacts,
  thread_facts: threadFacts,
};
