// A plain-spoken assistant behind the copilot's four tools, for whoever has no key: it reads the last
// message by a list of patterns, calls what fits, and says what came back. It is no model and says so.
import type { Content, Part } from "./generate_request.ts";

/** Stands in every answer, in words that nobody has to bear out. */
export const SAYS_WHAT_IT_IS =
  "This answer comes from a simulator that stands in for the language model.";

/** Said where no pattern fits. */
const WHAT_IT_READS = "You can ask what I can do, or ask me to plan your day or to create a task.";

interface Wish {
  readonly pattern: RegExp;
  /** The call; `$1` and so on are what the pattern caught. */
  readonly call: (found: RegExpExecArray) => Readonly<Record<string, unknown>>;
}

const action = (name: string, args: Readonly<Record<string, unknown>> = {}) => ({
  name: "execute_action",
  args: { action: name, args },
});
const NAME = "([\\p{Lu}][\\p{L}'-]+(?: [\\p{Lu}][\\p{L}'-]+){0,3})";
const named = (before: string, after = "") => new RegExp(`${before} ${NAME}${after}`, "u");

const sequence = (key: string) => action("run_sequence", { key, inputs: {}, is_simulation: true });

/** The first that fits is taken. */
const WISHES: readonly Wish[] = [
  {
    pattern: /\bweekly summary\b|\bsum(?:marize)? (?:up )?my week\b/i,
    call: () => sequence("seq-weekly-summary"),
  },
  {
    pattern: /\b(?:daily|morning) briefing\b|\bplan my day\b|\bwhat should I do today\b/i,
    call: () => sequence("seq-daily-briefing"),
  },
  {
    pattern: /\b(?:pipeline review|review (?:of )?my pipeline)\b/i,
    call: () => sequence("seq-pipeline-review"),
  },
  {
    pattern: /\brescue plan\b(?! for)/i,
    call: () => sequence("seq-deal-rescue-plan"),
  },
  {
    pattern:
      /\b(?:create|add|make|set) (?:me )?(?:a )?(?:task|reminder|to-?do)(?: to|:| for| about)? (.{3,200})/i,
    call: ([, title]) => action("create_task", { title: sentence(title) }),
  },
  {
    pattern: /\bremind me to (.{3,200})/i,
    call: ([, title]) => action("create_task", { title: sentence(title) }),
  },
  {
    pattern: /\bpost\b.*?\b(?:to|in|on) (?:slack )?#?([\w-]{2,60})[^:]*: ?(.{3,500})/i,
    call: ([, channel, text]) => action("post_slack_message", { channel, text: sentence(text) }),
  },
  {
    pattern: new RegExp(`\\b[Ee]mail ${NAME}[^:]*: ?(.{3,1000})`, "u"),
    call: ([, who, body]) =>
      action("send_email", { to: [who], subject: "Following up", body: sentence(body) }),
  },
  {
    pattern: named(
      "\\b(?:[Dd]raft|[Ww]rite)(?: me)?(?: an?)? ?(?:email|follow-?up|note)?(?: to| for)",
    ),
    call: ([, who]) => action("draft_email", { contact_id: who }),
  },
  {
    pattern: /\b(?:at risk|stalled|slipping|in danger)\b/i,
    call: () => action("list_at_risk_deals"),
  },
  {
    pattern: /\b(?:pipeline|forecast)\b/i,
    call: () => action("get_pipeline_summary"),
  },
  {
    pattern: named(
      "\\b(?:[Tt]ell me about|[Hh]ow is|[Ss]how me|[Ww]hat about)(?: the)?",
      " (?:deal|opportunity)",
    ),
    call: ([, deal]) => action("get_deal", { deal_id: deal }),
  },
  {
    pattern: named("\\b[Rr]elationship with"),
    call: ([, who]) => action("get_relationship_health", { contact_id: who }),
  },
  {
    pattern:
      /\b(?:biggest|largest|top|my|open|won|lost|closing)\b.*\bdeals?\b|\bdeals?\b.*\b(?:close|closing|open)\b/i,
    call: () => action("list_deals", { sort: "amount", limit: 5 }),
  },
  {
    pattern: /\b(?:free|available|availability|open slots?)\b/i,
    call: () => action("get_calendar_availability", { period: "this_week" }),
  },
  {
    pattern:
      /\b(?:who|what|when|did|has|have) .{0,40}\b(?:said|say|mentioned?|talk(?:ed)?|discuss(?:ed)?)\b.{0,20}?(?: about)? ([\p{L}\d' -]{3,60})/iu,
    call: ([, query]) => action("search_meetings", { query: sentence(query) }),
  },
  {
    pattern: named("\\b(?:[Ww]ho is|[Tt]ell me about|[Ww]hat do we know about|[Ff]ind)"),
    call: ([, who]) => action("get_contact", { contact_id: who }),
  },
  {
    pattern: /\b(?:to-?dos?|tasks?)\b/i,
    call: () => action("list_tasks", { filter: "open" }),
  },
  {
    pattern: /\b(?:prep|prepare|brief)\b/i,
    call: () => action("get_meeting_brief_data", { which: "next" }),
  },
  {
    pattern: /\b(?:meetings?|calendar|schedule)\b/i,
    call: () => action("get_meetings_for_period", { period: "this_week" }),
  },
  {
    pattern: /\b(?:skills?|sequences?|what can you do)\b/i,
    call: () => ({ name: "list_skills", args: {} }),
  },
  {
    pattern: /\b(?:activit(?:y|ies)|calls|notes) /i,
    call: () => action("get_activities"),
  },
];

/**
 * Plans the next parts of a conversation with the four tools.
 *
 * @param contents The turns so far.
 * @returns A call, or words.
 */
export function assist(contents: readonly Content[]): { call: Part } | { text: string } {
  const results =
    contents.at(-1)?.parts.flatMap(({ functionResponse }) =>
      functionResponse === undefined ? [] : [functionResponse.response]
    ) ?? [];
  if (results.length > 0) {
    return { text: [...results.map(describeResult), SAYS_WHAT_IT_IS].join(" ") };
  }
  const asked = contents.at(-1)?.parts.map(({ text }) => text ?? "").join(" ") ?? "";
  for (const { pattern, call } of WISHES) {
    const found = pattern.exec(asked);
    if (found === null) continue;
    const { name, args } = call(found) as { name: string; args: Record<string, unknown> };
    return { call: { functionCall: { name, args } } };
  }
  return { text: `I did not understand what to look up. ${WHAT_IT_READS} ${SAYS_WHAT_IT_IS}` };
}

function describeResult(result: Readonly<Record<string, unknown>>): string {
  const { output, error } = result as {
    output?: { status?: string; count?: number; outcome?: string };
    error?: { code?: string; message?: string };
  };
  if (error !== undefined) return error.message ?? "That did not work.";
  if (output?.status === "waiting_for_confirmation") {
    return "I have prepared it, and nothing has been done: please look at the preview and confirm.";
  }
  return output?.count === 0
    ? "I looked it up and found nothing."
    : "I looked it up: the panel shows what I found.";
}

function sentence(text: string | undefined): string {
  return (text ?? "").trim().replace(/[\s.!?]+$/, "");
}
