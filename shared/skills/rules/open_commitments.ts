// What was agreed and is not done: the person's own promises, which become tasks where they are none
// yet, and those of others.
import { formatDay } from "../../copilot/panels/plain_text.ts";
import { addDays, item, openMeeting, row } from "./items.ts";
import { readBrief } from "./meeting_facts.ts";
import { taskItem } from "./pipeline_rules.ts";
import type { RuleContext, RuleResult } from "./rule.ts";
import type { ActionItemView, BriefView } from "./views.ts";

const DEFAULT_DAYS = 2;
const TASKS_MAX = 5;

/** A promise, and whose it is. */
export interface Commitment {
  readonly about: ActionItemView;
  readonly isMine: boolean;
  /** The day that was said, if one was. */
  readonly dueOn: string | null;
}

/**
 * Finds what is open from a meeting; where the meeting lies ahead, from those before it.
 *
 * @param brief The brief.
 * @param context Whose promises are their own.
 */
export function findCommitments(brief: BriefView, context: RuleContext): Commitment[] {
  const said = brief.outcome.action_items.length > 0 ? brief.outcome : brief.history;
  return said.action_items.filter(({ is_completed }) => !is_completed).map((about) => ({
    about,
    isMine: isMine(about, context),
    dueOn: said.insights.find(({ text }) => sameWords(text, about.description))?.due_on ?? null,
  }));
}

/**
 * Each promise with its owner; own ones also as tasks to make. Before a meeting the person's own tasks
 * with its people are promises, too.
 */
export function openCommitments(
  from: Readonly<Record<string, unknown>>,
  context: RuleContext,
): RuleResult {
  const brief = readBrief(from["brief"]);
  const days = Number(from["default_days"]) || DEFAULT_DAYS;
  const commitments = findCommitments(brief, context);
  const items = commitments.map(({ about, isMine, dueOn }) =>
    item(`${ownerOf(about, isMine)}: ${about.description}${fromMeeting(about)}${until(dueOn)}`, {
      tone: isMine ? "warning" : "neutral",
      evidence: [
        row("meeting_action_items", about.action_item_id),
        row("meetings", about.meeting_id),
      ],
      actions: [openMeeting(about.meeting_id)],
    })
  );
  const isAhead = !brief.event?.meeting_id;
  const others = brief.tasks.filter(({ title }) =>
    !commitments.some(({ about }) => sameWords(about.description, title))
  );
  const owed = isAhead ? others.slice(0, TASKS_MAX).map((task) => taskItem(task, "You: ")) : [];
  const mine = commitments.filter(({ isMine }) => isMine);
  const isTask = ({ about }: Commitment): boolean =>
    brief.tasks.some(({ title }) => sameWords(title, about.description));
  const deal = brief.deals.find((one) => one.is_mine !== false) ?? null;
  const tasks = mine.filter((each) => !isTask(each)).map(({ about, dueOn }) => ({
    title: about.description.slice(0, 500),
    details: `Agreed in ${about.meeting_title ?? "a meeting"}`,
    due_at: dueOn ?? addDays(context.today, days),
    deal_id: deal?.deal_id ?? deal?.id ?? null,
    meeting_id: about.meeting_id,
  }));
  return {
    items: [...items, ...owed],
    values: { tasks, mine: mine.length, theirs: commitments.length - mine.length },
  };
}

function ownerOf(about: ActionItemView, isMine: boolean): string {
  return isMine ? "You" : about.assignee_name ?? about.assignee_email ?? "Nobody named";
}

function fromMeeting({ meeting_title: title }: ActionItemView): string {
  return title ? ` (from “${title}”)` : "";
}

function until(dueOn: string | null): string {
  return dueOn === null ? "" : `, until ${formatDay(dueOn, "short")}`;
}

/** Who is named decides; a promise without a name is nobody's, and is shown as such. */
function isMine(about: ActionItemView, { email, firstName }: RuleContext): boolean {
  if (about.assignee_email) return about.assignee_email === email?.toLowerCase();
  const [name] = (about.assignee_name ?? "").toLowerCase().split(/\s+/);
  return Boolean(name) && name === firstName?.toLowerCase();
}

function sameWords(left: string, right: string): boolean {
  return squeeze(left) === squeeze(right);
}

function squeeze(text: string): string {
  return (text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []).join(" ");
}
