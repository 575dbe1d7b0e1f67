// Finds the competitors that are named in what is known of a meeting: those of the organization's own
// knowledge, and those that the notetaker heard.
import type { FoundBrief, MentionedCompetitor } from "../../panels/brief_rows.ts";

type Mention = MentionedCompetitor["mentions"][number];
type Passage = readonly [
  table: Mention["table"],
  id: string | null,
  texts: readonly (string | null)[],
];

/** Rows named for one competitor; more say the same. */
const MENTIONS_MAX = 10;

/**
 * Finds competitors.
 *
 * @param found What the database found.
 * @returns Each competitor that is named, once, with where; known ones first.
 */
export function findCompetitors(found: FoundBrief): MentionedCompetitor[] {
  const positioning = new Map(
    found.known_competitors.map(({ name, positioning }) => [fold(name), { name, positioning }]),
  );
  const heard = [...found.outcome.insights, ...found.history.insights]
    .flatMap(({ subject }) => subject === null ? [] : [subject]);
  // Those that the organization has a word on come first.
  const names = new Map([
    ...positioning,
    ...heard.filter((name) => !positioning.has(fold(name)))
      .map((name) => [fold(name), { name, positioning: null }] as const),
  ]);
  const passages = [...passagesOf(found)];
  return [...names.values()].flatMap(({ name, positioning }) => {
    const mentions = passages.flatMap(([table, id, texts]): Mention[] =>
      id !== null && texts.some((text) => text !== null && isNamed(text, name))
        ? [{ table, id }]
        : []
    );
    return mentions.length === 0
      ? []
      : [{ name, positioning, mentions: mentions.slice(0, MENTIONS_MAX) }];
  });
}

function fold(text: string): string {
  return text.normalize("NFKC").toLowerCase().trim();
}

/** Whether the name stands in the text, not as a part of another word. */
function isNamed(text: string, name: string): boolean {
  const escaped = fold(name).replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  return new RegExp(`(?<![\\p{L}\\p{N}])${escaped}(?![\\p{L}\\p{N}])`, "u").test(fold(text));
}

function* passagesOf(found: FoundBrief): Generator<Passage> {
  const { event } = found;
  if (event) {
    yield ["calendar_events", event.calendar_event_id, [event.title, event.description]];
    yield ["meetings", event.meeting_id, [event.title, event.summary]];
  }
  for (const { contact_id, notes } of found.people) yield ["contacts", contact_id, [notes]];
  for (const { company_id, notes } of found.companies) yield ["companies", company_id, [notes]];
  for (const deal of found.deals) yield ["deals", deal.deal_id, [deal.name, deal.next_step]];
  for (const outcome of [found.outcome, found.history]) {
    for (const { insight_id, text, subject } of outcome.insights) {
      yield ["meeting_insights", insight_id, [text, subject]];
    }
    for (const { action_item_id, description } of outcome.action_items) {
      yield ["meeting_action_items", action_item_id, [description]];
    }
  }
  for (const past of found.history.meetings) {
    yield ["meetings", past.meeting_id, [past.title, past.summary]];
  }
  for (const { activity_id, subject, details } of found.activities) {
    yield ["activities", activity_id, [subject, details]];
  }
  for (const { email_id, subject } of found.emails) yield ["emails", email_id, [subject]];
  for (const { task_id, title, details } of found.tasks) yield ["tasks", task_id, [title, details]];
}
