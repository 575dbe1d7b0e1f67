// Questions for somebody's own meetings, as people write them. Only a message that is such a question
// from its first word to its last is one.
import { canonicalMessage, whole } from "./canonical_message.ts";

/** The days that a question is about, as its words say it; the database turns them into dates. */
export type MeetingPeriod =
  | { readonly kind: "today" | "tomorrow" | "yesterday" }
  | { readonly kind: "this_week" | "next_week" | "last_week" }
  /** The next such day, today included; 1 is Monday, as in ISO 8601. */
  | { readonly kind: "weekday"; readonly weekday: number }
  /** Whatever has not begun yet, the nearest few. */
  | { readonly kind: "upcoming" }
  /** From this morning on: a question that names somebody and no day. */
  | { readonly kind: "from_today" };

/** A question that we answer ourselves. */
export interface MeetingsIntent {
  readonly name: "meetings_for_period";
  readonly period: MeetingPeriod;
  /** A person or a company named in the question, in lower case. */
  readonly withWhom: string | null;
}

const NAME_MAX_WORDS = 4;

const WEEKDAYS: readonly string[] = [
  "monday",
  "tuesday",
  "wednesday",
  "thursday",
  "friday",
  "saturday",
  "sunday",
];
const NAMED_PERIODS: Readonly<Record<string, MeetingPeriod>> = {
  "today": { kind: "today" },
  "tomorrow": { kind: "tomorrow" },
  "yesterday": { kind: "yesterday" },
  "this week": { kind: "this_week" },
  "next week": { kind: "next_week" },
  "last week": { kind: "last_week" },
};

const DAY = WEEKDAYS.join("|");
const ANY_PERIOD = `(?:for )?(?<period>${
  Object.keys(NAMED_PERIODS).join("|")
}|(?:on |this )?(?:${DAY}))`;
const PAST_PERIOD = "(?<period>today|yesterday|this week|last week)";
const WITH = "with (?<who>[^,;:?!]+?)";
const ASK = "(?:what are |what's |which are |show |show me |list |give me |tell me )?";

/** "What meetings do I have": a period may follow, or somebody's name, or both. */
const ASKING_NOW = [
  "(?:what|which) meetings? (?:do i have|will i have|have i got|have i|i have|i've got)",
  "do i have (?:any meetings?|a meeting|meetings)",
  "have i got (?:any meetings?|a meeting|meetings)",
  "any meetings?",
].join("|");

/** "What meetings did I have": only a period that lies behind, or has begun, makes sense. */
const ASKING_BACK =
  "(?:what|which) meetings? did i have|did i have (?:any meetings?|a meeting|meetings)";

/** "My meetings": a list without a tense, so the period must be said. */
const LISTING = `${ASK}(?:all )?my meetings|${ASK}meetings`;

const WHEN_IS =
  "when is my (?:next )?meeting|when's my (?:next )?meeting|when are my (?:next )?meetings";

const UPCOMING =
  `${ASK}(?:my )?(?:upcoming|next) meetings|when is my next meeting|when's my next meeting|(?:what|which) (?:upcoming )?meetings do i have coming up|` +
  "(?:what|which) upcoming meetings do i have|do i have (?:any )?upcoming meetings|any upcoming meetings";

/** Whole questions, each anchored at both ends, and the period of those that name none. */
const QUESTIONS: ReadonlyArray<readonly [RegExp, MeetingPeriod | null]> = [
  [whole(`(?:${ASKING_NOW}|${LISTING}) ${ANY_PERIOD}(?: ${WITH})?`), null],
  [whole(`(?:${ASKING_NOW}|${LISTING}) ${WITH} ${ANY_PERIOD}`), null],
  [whole(`(?:${ASKING_BACK}) ${PAST_PERIOD}(?: ${WITH})?`), null],
  [whole(`(?:${ASKING_BACK}) ${WITH} ${PAST_PERIOD}`), null],
  [
    whole(
      `${ASK}(?:all )?(?:my )?(?<period>(?:today|tomorrow|yesterday|(?:this|next|last) week)'s) meetings(?: ${WITH})?`,
    ),
    null,
  ],
  [whole(`${ASK}(?:all )?(?:my )?(?<period>${DAY})(?:'s)? meetings(?: ${WITH})?`), null],
  [whole(`(?:${ASKING_NOW}|${WHEN_IS}) ${WITH}`), { kind: "from_today" }],
  [whole(`(?:${UPCOMING})(?: ${WITH})?`), { kind: "upcoming" }],
];

/**
 * Words that no name in such a question contains. With one of them the message asks for more than a
 * list, or names a kind of people instead of somebody.
 */
const NOT_IN_NAMES: ReadonlySet<string> = new Set(
  ("a about after again agenda all also an and any anyone anybody are as at attendees be because " +
    "before besides book both boss but by call can cancel candidates ceo cfo change client clients " +
    "coming confirm conflict conflicts could create cto customer customers deal deals decline delay " +
    "delete did do does draft during each either email every everybody everyone except external find " +
    "for from future guests had has have he her him his how i if in instead internal investors invite " +
    "invited is it its join just last later lead leads leadership least mail manager me more move my " +
    "new next no nobody none nor not notes now of off on once only open or other others our out " +
    "outside over partner partners past people people's plus postpone prep prepare prospect prospects " +
    "record recorded recording recordings regarding remind remove reschedule same schedule send set she " +
    "should show since so some somebody someone soon still summarise summarize summary team than that " +
    "the their them then there these they this those to today together tomorrow tonight transcript " +
    "transcripts two until up us vendor vendors versus via video was we week were what when where which " +
    "while who whom whose why will within without would yesterday you your").split(" "),
);

/**
 * Reads a question for meetings.
 *
 * @param message What the person wrote.
 * @returns The question, or null when the message is not one from its first word to its last.
 */
export function readMeetingQuestion(message: string): MeetingsIntent | null {
  const text = canonicalMessage(message);
  if (text === null) return null;
  for (const [question, period] of QUESTIONS) {
    const match = question.exec(text);
    const intent = match ? readIntent(match.groups ?? {}, period) : null;
    if (intent) return intent;
  }
  return null;
}

function readIntent(
  groups: Readonly<Record<string, string | undefined>>,
  impliedPeriod: MeetingPeriod | null,
): MeetingsIntent | null {
  const who = groups["who"];
  const withWhom = who === undefined ? null : readName(who);
  if (who !== undefined && withWhom === null) return null;
  const period = impliedPeriod ?? readPeriod(groups["period"] ?? "");
  return period ? { name: "meetings_for_period", period, withWhom } : null;
}

function readPeriod(words: string): MeetingPeriod | null {
  const plain = words.replace(/'s$/, "").replace(/^(?:on|this) (?!week)/, "");
  const weekday = WEEKDAYS.indexOf(plain) + 1;
  return weekday > 0 ? { kind: "weekday", weekday } : NAMED_PERIODS[plain] ?? null;
}

function readName(who: string): string | null {
  const words = who.trim().split(" ");
  const isName = words.length <= NAME_MAX_WORDS &&
    words.every((word) =>
      /^[\p{L}\p{N}][\p{L}\p{N}\p{M}.@&'_-]*$/u.test(word) && !NOT_IN_NAMES.has(word) &&
      !WEEKDAYS.includes(word)
    );
  return isName ? words.join(" ") : null;
}
