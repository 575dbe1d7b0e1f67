// The deal_card panel, version 1: one deal with its people, tasks and what happened last.
import { z } from "zod";
import { ClickableAction } from "../clickable_action.ts";
import { EXAMPLE_DEAL, EXAMPLE_IDS } from "./crm_examples.ts";
import {
  ActivityLine,
  DealLine,
  describeActivities,
  describeMeetingMarks,
  formatMoney,
  meetingMarks,
  nameLabel,
  openMarks,
  toActivityLine,
  toDealLine,
  toMeetingMarks,
} from "./crm_parts.ts";
import type { FoundDealDetail } from "./crm_rows.ts";
import { definePanel } from "./panel.ts";
import { dayOf, formatDay, plainLine } from "./plain_text.ts";

const TaskLine = z.strictObject({
  task_id: z.uuid(),
  title: z.string(),
  due_at: z.iso.datetime({ offset: true }).nullable(),
  priority: z.enum(["low", "normal", "high", "urgent"]),
});

/** The panel. */
export const DealCard = z.strictObject({
  type: z.literal("deal_card"),
  version: z.literal(1),
  deal: DealLine,
  lost_reason: z.string().nullable(),
  stage_changed_at: z.iso.datetime({ offset: true }).describe("Since when it is in its stage."),
  closed_at: z.iso.datetime({ offset: true }).nullable(),
  tasks: z.array(TaskLine).describe("At most five open ones that the person may see."),
  ...meetingMarks,
  activities: z.array(ActivityLine).describe("The latest five."),
  actions: z.array(ClickableAction),
}).describe("One deal, its people, open tasks, meetings and latest activities.");
/** See the schema of the same name. */
export type DealCard = z.infer<typeof DealCard>;

/**
 * Makes the panel.
 *
 * @param found What the database found under the caller's rights.
 */
export function buildDealCard(found: FoundDealDetail): DealCard {
  const deal = toDealLine(found.deal);
  const marks = toMeetingMarks(found);
  const tasks = found.tasks.map(({ id, title, due_at, priority }) => ({
    task_id: id,
    title,
    due_at,
    priority,
  }));
  return {
    type: "deal_card",
    version: 1,
    deal,
    lost_reason: found.deal.lost_reason,
    stage_changed_at: found.deal.stage_changed_at,
    closed_at: found.deal.closed_at,
    tasks,
    time_zone: found.time_zone,
    ...marks,
    activities: found.activities.map(toActivityLine),
    actions: [
      ...openMarks({ deals: [deal], ...marks }),
      ...(deal.contact
        ? [{
          type: "open_contact" as const,
          contact_id: deal.contact.contact_id,
          ...nameLabel(deal.contact.name),
        }]
        : []),
      ...tasks.map((task) => ({
        type: "open_task" as const,
        task_id: task.task_id,
        ...nameLabel(task.title),
      })),
    ],
  };
}

function describeDealCard(card: DealCard): string {
  const { deal } = card;
  const day = (at: string): string => formatDay(dayOf(at, card.time_zone), "short");
  const people = [deal.company?.name, deal.contact?.name].flatMap((part) =>
    part ? [plainLine(part)] : []
  );
  const state = card.closed_at === null
    ? `${plainLine(deal.stage)} since ${day(card.stage_changed_at)}, ${deal.probability} %`
    : `${plainLine(deal.stage)} on ${day(card.closed_at)}`;
  const due = (task: DealCard["tasks"][number]): string =>
    task.due_at === null ? "" : ` (due ${day(task.due_at)})`;
  return [
    `${plainLine(deal.name)}: ${formatMoney(deal.amount, deal.currency)}`,
    state,
    ...(people.length > 0 ? [people.join(", ")] : []),
    ...(deal.is_mine || deal.owner_name === null ? [] : [`Owner: ${plainLine(deal.owner_name)}`]),
    ...(deal.expected_close_on === null
      ? []
      : [`Expected to close on ${formatDay(deal.expected_close_on, "long")}`]),
    ...(deal.next_step ? [`Next step: ${plainLine(deal.next_step)}`] : []),
    ...(card.lost_reason ? [`Lost because: ${plainLine(card.lost_reason)}`] : []),
    ...describeMeetingMarks(card),
    ...(card.tasks.length > 0
      ? ["Open tasks:", ...card.tasks.map((task) => `• ${plainLine(task.title)}${due(task)}`)]
      : []),
    ...(card.activities.length > 0
      ? ["Latest:", ...describeActivities(card.activities, card.time_zone)]
      : []),
  ].join("\n");
}

/** How the panel is published. */
export const dealCardPanel = definePanel({
  summary: "One deal: amount, stage, people, open tasks, meetings and what happened last.",
  schema: DealCard,
  example: {
    type: "deal_card",
    version: 1,
    deal: EXAMPLE_DEAL,
    lost_reason: null,
    stage_changed_at: "2026-11-12T09:00:00+00:00",
    closed_at: null,
    tasks: [{
      task_id: EXAMPLE_IDS.task,
      title: "Draft the order form",
      due_at: "2026-11-25T17:00:00+00:00",
      priority: "high",
    }],
    time_zone: "America/New_York",
    last_meeting: {
      meeting_id: EXAMPLE_IDS.meeting,
      calendar_event_id: null,
      title: "Northwind: pilot review",
      at: "2026-11-20T15:00:00+00:00",
    },
    next_meeting: null,
    activities: [{
      activity_id: EXAMPLE_IDS.activity,
      kind: "call",
      subject: "Talked about the start date",
      occurred_at: "2026-11-20T17:30:00+00:00",
    }],
    actions: [
      { type: "open_deal", deal_id: EXAMPLE_IDS.deal, label: "Northwind: pilot" },
      { type: "open_contact", contact_id: EXAMPLE_IDS.contact, label: "Ada Park" },
      { type: "open_task", task_id: EXAMPLE_IDS.task, label: "Draft the order form" },
    ],
  },
  describe: describeDealCard,
});
