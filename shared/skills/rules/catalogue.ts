// Every rule by its name.
import { competitorCards } from "./competitor_cards.ts";
import { dealFacts } from "./deal_facts.ts";
import { draftFollowup } from "./draft_followup.ts";
import { meetingFacts, peopleFacts } from "./meeting_facts.ts";
import { meetingTalkingPoints } from "./meeting_talking_points.ts";
import { openCommitments } from "./open_commitments.ts";
import type { Rule } from "./rule.ts";
import type { RuleName } from "./rule_names.ts";

/** The rules; the compiler says when one is missing. */
export const RULE_CATALOGUE: Readonly<Record<RuleName, Rule>> = {
  competitor_cards: competitorCards,
  deal_facts: dealFacts,
  draft_followup: draftFollowup,
  meeting_facts: meetingFacts,
  meeting_talking_points: meetingTalkingPoints,
  open_commitments: openCommitments,
  people_facts: peopleFacts,
};
