// Days, weeks and the pipeline in figures.
import { countOf, formatDay, formatTime } from "../../copilot/panels/plain_text.ts";
import type { PlaybookItem } from "../../copilot/panels/playbook.ts";
import { MeetingsView, PipelineView, TasksView, type TotalView } from "./crm_views.ts";
import { readRisks, sayRisk } from "./deal_risks.ts";
import {
  dealId,
  item,
  joinNames,
  money,
  openDeal,
  openMeeting,
  openTask,
  openUrl,
  row,
} from "./items.ts";
import type { RuleContext, RuleResult } from "./rule.ts";
import { type TaskView, view } from "./views.ts";

const PEOPLE_MAX = 3;
const PLAN_MAX = 8;

/** The pipeline: all of it, by stage, what should close, what changed in a week. */
export function pipelineFacts(
  from: Readonly<Record<string, unknown>>,
  _context: RuleContext,
): RuleResult {
  const found = view(PipelineView, from["pipeline"]);
  if (found === null) return { items: [], values: {} };
  const items = [
    ...found.totals.map((total) => item(`Open: ${sayTotal(total)}`)),
    ...found.stages.flatMap(({ name, totals }) =>
      totals.map((total) => item(`${name}: ${sayTotal(total)}`))
    ),
    ...found.closing.flatMap(({ period, totals }) =>
      totals.filter(({ count }) => count > 0).map((total) =>
        item(`${PERIODS[period] ?? period}: ${sayTotal(total)}`, {
          tone: period === "overdue" ? "warning" : "neutral",
        })
      )
    ),
    ...found.changes.deals.map((deal) =>
      item(
        `${deal.name} ${CHANGES[deal.change] ?? deal.change}: ${deal.stage}, ${
          money(deal.amount, deal.currency)
        }`,
        {
          tone: deal.change === "won" ? "good" : deal.change === "lost" ? "risk" : "neutral",
          evidence: [row("deals", deal.id)],
          actions: [openDeal(deal.id)],
        },
      )
    ),
  ];
  return { items, values: { open: found.totals.reduce((sum, { count }) => sum + count, 0) } };
}

const PERIODS: Readonly<Record<string, string>> = {
  overdue: "Past their closing date",
  this_month: "Closing this month",
  this_quarter: "Closing this quarter",
};
const CHANGES: Readonly<Record<string, string>> = {
  created: "is new",
  moved: "has moved",
  won: "was won",
  lost: "was lost",
};

function sayTotal({ count, amount, currency, weighted_amount: weighted }: TotalView): string {
  const tail = weighted === null || weighted === undefined
    ? ""
    : `, ${money(weighted, currency)} weighted`;
  return `${countOf(count, "deal")}, ${money(amount, currency)}${tail}`;
}

/** Meetings of a period, each in a line. */
export function meetingLines(
  from: Readonly<Record<string, unknown>>,
  context: RuleContext,
): RuleResult {
  const found = view(MeetingsView, from["meetings"]);
  const meetings = found?.meetings ?? [];
  const items = meetings.map((meeting) => {
    const names = meeting.people.map(({ name, email }) => name ?? email)
      .filter((name) => name !== null && name !== undefined);
    const who = names.length === 0 ? "" : ` with ${joinNames(names.slice(0, PEOPLE_MAX))}`;
    const more = names.length > PEOPLE_MAX ? ` and ${names.length - PEOPLE_MAX} more` : "";
    const time = meeting.all_day ? "all day" : formatTime(meeting.start_time, context.timeZone);
    const title = meeting.title ?? "Untitled meeting";
    return item(`${formatDay(meeting.day, "short")} ${time} ${title}${who}${more}`, {
      evidence: [
        row("calendar_events", meeting.calendar_event_id),
        row("meetings", meeting.meeting_id),
      ],
      actions: [
        openMeeting(meeting.meeting_id, meeting.calendar_event_id),
        openUrl(meeting.meeting_url, "Join"),
      ],
    });
  });
  return { items, values: { total: found?.total ?? 0 } };
}

/** Tasks, each in a line; overdue ones stand out. */
export function taskFacts(
  from: Readonly<Record<string, unknown>>,
  _context: RuleContext,
): RuleResult {
  const found = view(TasksView, from["tasks"]);
  const items = (found?.tasks ?? []).map((task) => taskItem(task));
  return { items, values: { total: found?.total ?? 0, overdue: found?.overdue ?? 0 } };
}

/**
 * A task in a line.
 *
 * @param task The task.
 * @param prefix Stands before it.
 */
export function taskItem(task: TaskView, prefix = ""): PlaybookItem {
  const id = task.task_id ?? task.id;
  const due = task.due_day ? `, due ${formatDay(task.due_day, "short")}` : "";
  const about = task.deal?.name ?? task.contact?.name;
  return item(`${prefix}${task.title}${about ? ` (${about})` : ""}${due}`, {
    tone: task.is_overdue ? "warning" : "neutral",
    evidence: [row("tasks", id), row("deals", task.deal?.id)],
    actions: [openTask(id)],
  });
}

/** What to do today, in order: overdue tasks that are urgent, deals in danger, the rest of the tasks. */
export function dayPlan(
  from: Readonly<Record<string, unknown>>,
  _context: RuleContext,
): RuleResult {
  const tasks = view(TasksView, from["tasks"])?.tasks ?? [];
  const isPressing = (task: TaskView): boolean =>
    Boolean(task.is_overdue) || task.priority === "urgent" || task.priority === "high";
  const risky = readRisks(from["risks"]).slice(0, 3);
  const plan = [
    ...tasks.filter(isPressing).map((task) => taskItem(task, "Do first: ")),
    ...risky.map(({ deal, reasons }) =>
      item(`Move ${deal.name}: ${reasons.slice(0, 2).map(sayRisk).join("; ")}`, {
        tone: "risk",
        evidence: [row("deals", dealId(deal)), ...reasons.flatMap(({ evidence }) => evidence)],
        actions: [openDeal(dealId(deal))],
      })
    ),
    ...tasks.filter((task) => !isPressing(task)).map((task) => taskItem(task, "Then: ")),
  ].slice(0, PLAN_MAX);
  return { items: plan, values: { count: plan.length } };
}
