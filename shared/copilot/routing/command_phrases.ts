// Phrasings that stand for one thing only and need nothing but themselves: no name, no period, no
// condition. Whoever writes more than such a phrase wants more than it gives.
import { whole } from "./canonical_message.ts";

/** What a phrase asks for. */
export type Command =
  | "prep_next_meeting"
  | "follow_up_last_meeting"
  | "my_tasks"
  | "overdue_tasks"
  | "tasks_due_today"
  | "tasks_due_this_week"
  | "pipeline"
  | "deals_at_risk"
  | "list_skills";

const SHOW = "(?:what are |what's |which are |show |show me |list |give me |tell me |see |view )?";
const NEED = "(?:i need to |i want to |i'd like to |i have to |help me |help me to |let's )?";
const NEXT = "(?:for |on )?(?:my |the )?(?:next|upcoming) meeting";
const LAST =
  "(?:for|from|after|to|on|of) (?:my |the )?(?:last|latest|previous|most recent) meeting";
const FOLLOW_UPS = "follow[- ]?ups";
const PACK = "follow[- ]?up pack";
const MAKE = "(?:create|draft|write|prepare|make|generate|prep)";
const TASKS = "(?:tasks|to-dos|todos|to dos)";
const RISKY = "(?:at[- ]risk deals|deals at risk|risky deals)";

const PHRASES: ReadonlyArray<readonly [Command, RegExp]> = [
  [
    "prep_next_meeting",
    whole([
      `${NEED}(?:prep|prepare)(?: me)? ${NEXT}`,
      `${NEED}get(?: me)? ready (?:for )?(?:my |the )?(?:next|upcoming) meeting`,
      `brief me (?:for|on|about) (?:my |the )?(?:next|upcoming) meeting`,
      `(?:meeting prep|prep) for (?:my |the )?(?:next|upcoming) meeting`,
      `(?:my )?next meeting (?:prep|brief|briefing)`,
      `(?:run|start|show|show me|give me|open)(?: my| the)? (?:next meeting (?:prep|brief|briefing)|next meeting command center)`,
    ].join("|")),
  ],
  [
    "follow_up_last_meeting",
    whole([
      `${NEED}${MAKE}(?: my| the| some)? ${FOLLOW_UPS}(?: ${LAST})?`,
      `${NEED}${MAKE} (?:a|the|my) follow[- ]?up ${LAST}`,
      `${NEED}${MAKE} (?:a|the|my) ${PACK}(?: ${LAST})?`,
      `${NEED}follow up (?:on|from|after) (?:my |the )?(?:last|latest|previous|most recent) meeting`,
      `${NEED}${MAKE}(?: my| the| some)? post[- ]meeting ${FOLLOW_UPS}`,
    ].join("|")),
  ],
  [
    "my_tasks",
    whole([
      `${SHOW}(?:all )?my (?:open )?${TASKS}`,
      `(?:what|which) (?:open )?${TASKS} do i have`,
      `do i have any (?:open )?${TASKS}`,
      `${SHOW}my (?:to-do|todo|task) list`,
      `what's on my (?:to-do|todo|task) list`,
    ].join("|")),
  ],
  [
    "overdue_tasks",
    whole([
      `${SHOW}(?:all )?(?:my )?overdue ${TASKS}`,
      `(?:what|which)(?: of my)? ${TASKS} are overdue`,
      `(?:what|which) overdue ${TASKS} do i have`,
      `(?:do i have )?any overdue ${TASKS}`,
      `do i have overdue ${TASKS}`,
    ].join("|")),
  ],
  ["tasks_due_today", dueIn("today")],
  ["tasks_due_this_week", dueIn("this week")],
  [
    "pipeline",
    whole([
      `${SHOW}my (?:sales )?pipeline(?: summary| overview)?`,
      `${SHOW}(?:a |the )?pipeline (?:summary|overview)`,
      `summari[sz]e my (?:sales )?pipeline`,
      `(?:how is|how's) my (?:sales )?pipeline(?: looking| doing)?`,
      `(?:what|how) does my (?:sales )?pipeline look(?: like)?`,
    ].join("|")),
  ],
  [
    "deals_at_risk",
    whole([
      `${SHOW}(?:all )?(?:the |my )?${RISKY}`,
      `(?:what|which)(?: of my)? deals are at risk`,
      `(?:do i have )?any ${RISKY}`,
    ].join("|")),
  ],
  [
    "list_skills",
    whole([
      `${SHOW.slice(0, -1)}(?:all )?(?:the |your |my |our )?(?:available )?skills`,
      `(?:all )?available skills`,
      `(?:what|which) skills (?:do you have|do i have|do we have|are available|are there|can you (?:run|use)|can i use)`,
      `what can you do(?: for me)?`,
    ].join("|")),
  ],
];

function dueIn(period: string): RegExp {
  return whole([
    `${SHOW}(?:all )?(?:my )?${TASKS} due ${period}`,
    `(?:what|which)(?: of my)? ${TASKS} are due ${period}`,
    `(?:what|which) ${TASKS} do i have due ${period}`,
    `do i have(?: any)? ${TASKS} due ${period}`,
  ].join("|"));
}

/**
 * Reads a command.
 *
 * @param text A canonical message.
 * @returns What it asks for; null when it is not one of the phrases from its first word to its last.
 */
export function readCommand(text: string): Command | null {
  return PHRASES.find(([, phrase]) => phrase.test(text))?.[0] ?? null;
}
