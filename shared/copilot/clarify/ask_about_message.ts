// Messages that are known to mean several things: "help me with my meeting", "deals closing soon".
// Decided by rules, without a model; the options are what the caller may see (U60-061).
import type { ActionContext } from "../actions/action.ts";
import { getMeetingsForPeriod } from "../actions/read/get_meetings_for_period.ts";
import type { EvidenceRow } from "../actions/action.ts";
import { formatDay, formatTime, plainLine } from "../panels/plain_text.ts";
import {
  buildClarification,
  type ChosenAction,
  type ClarificationOption,
  type StoredClarification,
} from "./clarification.ts";

/** What a message leaves open. */
export type Ambiguity = "help_with_meeting" | "deals_soon" | "meetings_sometime";

const POLITE = "(?:(?:please|hi|hello|hey|ok|okay|can you|could you|copilot)[, ]+)*";
const SHOW =
  "(?:show me |show |list |what are |what're |which are |give me |tell me about |look at )?";

const PHRASES: ReadonlyArray<readonly [Ambiguity, RegExp]> = [
  [
    "help_with_meeting",
    /^(?:i need )?(?:some )?(?:help|assist)(?: me)?(?: out)? with (?:my|the|a) meetings?$/,
  ],
  ["help_with_meeting", /^(?:my|the) meeting$/],
  ["deals_soon", new RegExp(`^${SHOW}(?:my |the )?deals (?:that are )?closing soon$`)],
  ["deals_soon", /^(?:which|what) (?:of my )?deals (?:are closing|close|will close) soon$/],
  ["meetings_sometime", new RegExp(`^${SHOW}my meetings$`)],
];

/**
 * Reads whether a message is one that means several things.
 *
 * @param message What the person wrote.
 * @returns What it leaves open; null for every other message.
 */
export function readAmbiguity(message: string): Ambiguity | null {
  const text = message.normalize("NFKC").toLowerCase().trim().replaceAll(/\s+/g, " ")
    .replace(/[ ?.!]+$/, "").replace(/[, ]+(?:please|thanks)$/, "")
    .replace(new RegExp(`^${POLITE}`), "");
  return PHRASES.find(([, phrase]) => phrase.test(text))?.[0] ?? null;
}

/** A question with the rows that its options were made from. */
export interface Question {
  readonly clarification: StoredClarification;
  readonly evidence: readonly EvidenceRow[];
  /** Whether titles of invitations stand in it. */
  readonly readsForeignText: boolean;
}

/**
 * Asks about a message that means several things.
 *
 * @param ctx The caller.
 * @param ambiguity What it leaves open.
 * @returns The question; null where the caller has nothing to choose from.
 */
export async function askAbout(
  ctx: ActionContext,
  ambiguity: Ambiguity,
): Promise<Question | null> {
  if (ambiguity === "help_with_meeting") return await askAboutMeeting(ctx);
  const clarification = ambiguity === "deals_soon"
    ? buildClarification({ reason: "period", text: "How soon?" }, dealPeriods())
    : buildClarification({ reason: "period", text: "Which meetings?" }, meetingPeriods());
  return clarification && { clarification, evidence: [], readsForeignText: false };
}

function option(label: string, chosen: ChosenAction): ClarificationOption {
  return { label, description: null, chosen };
}

function dealPeriods(): ClarificationOption[] {
  return ([["This week", "this_week"], ["This month", "this_month"], [
    "This quarter",
    "this_quarter",
  ]] as const)
    .map(([label, closing]) => option(label, { action: "list_deals", args: { closing } }));
}

function meetingPeriods(): ClarificationOption[] {
  return ([["Today", "today"], ["This week", "this_week"], ["Last week", "last_week"], [
    "The next five",
    "upcoming",
  ]] as const)
    .map(([label, period]) =>
      option(label, { action: "get_meetings_for_period", args: { period } })
    );
}

const MEETINGS_OFFERED = 3;

/** Which of the next ones to prepare; or what came out of the last one. */
async function askAboutMeeting(ctx: ActionContext): Promise<Question | null> {
  const upcoming = await getMeetingsForPeriod.run(ctx, { period: "upcoming" });
  const { meetings, period } = upcoming.data;
  const options = meetings.filter(({ calendar_event_id: id }) => id !== null)
    .slice(0, MEETINGS_OFFERED).map((meeting) => ({
      label: `Prepare for ${plainLine(meeting.title ?? "Untitled meeting", 150)}`,
      description: `${formatDay(meeting.day, "short")}${
        meeting.all_day ? "" : ` at ${formatTime(meeting.start_time, period.time_zone)}`
      }`,
      chosen: {
        action: "run_sequence" as const,
        args: {
          key: "seq-next-meeting-command-center",
          inputs: { calendar_event_id: meeting.calendar_event_id ?? "" },
          is_simulation: true,
        },
      },
    }));
  const followUp = option("Follow up on the last meeting", {
    action: "run_sequence",
    args: { key: "seq-post-meeting-followup-pack", inputs: {}, is_simulation: true },
  });
  const clarification = buildClarification(
    { reason: options.length > 1 ? "meeting" : "intent", text: "What can I help you with?" },
    [...options, followUp],
  );
  return clarification &&
    { clarification, evidence: upcoming.evidence, readsForeignText: true };
}
