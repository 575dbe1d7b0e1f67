// Panels of the running stack against the rows behind them, read anew as the caller: every number, name
// and date traces to a row, and each one that is changed is found.
import { deepStrictEqual, ok } from "node:assert/strict";
import type { ReadActionName } from "@shared/copilot/actions/action_names.ts";
import { READ_ACTION_CATALOGUE } from "@shared/copilot/actions/catalogue.ts";
import { faithfulCheck } from "@shared/copilot/guard/check_faithful.ts";
import { corruptions } from "@shared/copilot/guard/corrupt_panel.ts";
import { actionContext } from "../support/action_context.ts";
import { createCrmScene, CRM_NOW } from "../support/crm_scene.ts";
import { createMeetingScene, NOW } from "../support/meeting_scene.ts";
import { type Actor, createRivals } from "../support/rivals.ts";
import { readableRows, type Row, Rows } from "../support/readable_rows.ts";
import { testStack } from "../support/stack.ts";

const stack = await testStack();
const crm = await createRivals(stack);
const crmScene = await createCrmScene(stack, crm);
const day = await createRivals(stack);
const scene = await createMeetingScene(stack, day.rep, day.colleague);
const TIME_ZONE = "Europe/Berlin";

/** What may be calculated from rows: counts, weighted amounts, sums by what deals have in common. */
function calculated(rows: readonly Row[]): number[] {
  const deals = rows.flatMap((row) => {
    const stage = Rows.element.safeParse(row["its_stage_id"]);
    const amount = Number(row["amount"]);
    if (!stage.success || Number.isNaN(amount)) return [];
    const probability = Number(row["probability"] ?? stage.data["win_probability"]);
    return [{ row, amount, weighted: Math.round(amount * probability) / 100 }];
  });
  const groups = new Map<string, typeof deals>();
  for (const deal of deals) {
    const { currency, stage_id: stage, status, expected_close_on: closes } = deal.row;
    for (
      const key of [
        `${currency}`,
        `${currency} ${status}`,
        `${currency} ${stage}`,
        `${currency} ${status} ${String(closes).slice(0, 7)}`,
      ]
    ) {
      groups.set(key, [...(groups.get(key) ?? []), deal]);
    }
  }
  const sums = [...groups.values()].flatMap((group) => [
    group.reduce((sum, { amount }) => sum + amount, 0),
    group.reduce((sum, { weighted }) => sum + weighted, 0),
  ]);
  return [
    ...Array(61).keys(),
    ...[...Array(61).keys()].map((count) => -count),
    ...deals.map(({ weighted }) => weighted),
    ...sums,
  ];
}

/** What panels say of their own. */
const OWN = [
  "Untitled meeting",
  "Join",
  "Watch the recording",
  "Last meeting",
  "Next meeting",
  "Try again.",
  "Follow-up",
];

/** Days and moments that only the clock decides: today, and the bounds of what is asked about. */
function periods(now: string): string[] {
  const day = now.slice(0, 10);
  const [year = 0, month = 0] = day.split("-").map(Number);
  const date = (at: number): string => new Date(at).toISOString().slice(0, 10);
  const quarter = month - 1 - (month - 1) % 3;
  const midnight = Date.parse(`${day}T00:00:00+01:00`);
  return [
    now,
    day,
    date(Date.UTC(year, month - 1, 1)),
    date(Date.UTC(year, month, 0)),
    date(Date.UTC(year, quarter, 1)),
    date(Date.UTC(year, quarter + 3, 0)),
    ...[-7, -30].map((days) => new Date(Date.parse(now) + days * 86_400_000).toISOString()),
    ...[0, 1].map((days) => new Date(midnight + days * 86_400_000).toISOString()),
  ];
}

const LOOK_UPS: readonly (readonly [ReadActionName, Record<string, unknown>, Actor, string])[] = [
  ["get_contact", { contact_id: crmScene.dana }, crm.rep, CRM_NOW],
  ["get_company", { company_id: crmScene.company }, crm.rep, CRM_NOW],
  ["get_deal", { deal_id: crmScene.pilot }, crm.rep, CRM_NOW],
  ["list_deals", {}, crm.rep, CRM_NOW],
  ["search_contacts", { query: "Dana" }, crm.rep, CRM_NOW],
  ["get_pipeline_summary", {}, crm.rep, CRM_NOW],
  ["list_at_risk_deals", {}, crm.rep, CRM_NOW],
  ["get_relationship_health", { contact_id: crmScene.dana }, crm.rep, CRM_NOW],
  ["get_meetings_for_period", { period: "today" }, day.rep, NOW],
  ["get_meeting_brief_data", {}, day.rep, NOW],
  ["search_meetings", { query: scene.word }, day.rep, NOW],
  ["get_activities", { deal_id: scene.dealId }, day.rep, NOW],
  ["list_tasks", {}, day.rep, NOW],
  ["get_email_thread", { thread_id: scene.threadId }, day.rep, NOW],
  ["get_recording_status", { meeting_id: scene.meetingId }, day.rep, NOW],
  ["draft_email", { meeting_id: scene.meetingId }, day.rep, NOW],
];

for (const [name, args, actor, now] of LOOK_UPS) {
  Deno.test(`U60-071 ${name}: every number, name and date is in a row, and each change is found`, async () => {
    const action = READ_ACTION_CATALOGUE[name];
    ok(action !== undefined);
    const { panel } = await action.run(
      actionContext(stack, actor, { now }),
      action.args.parse(args),
    );
    ok(panel !== null);
    const rows = await readableRows(stack, actor);
    const check = faithfulCheck(rows, {
      now: new Date(now),
      timeZone: TIME_ZONE,
      calculated: [...calculated(rows), ...periods(now)],
      own: OWN,
    });
    deepStrictEqual(check(panel), []);
    const changes = corruptions(panel);
    ok(changes.length >= 3, `${changes.length} changes`);
    const unseen = changes.filter(({ path, panel: changed }) =>
      !check(changed).some((finding) => finding.path === path)
    );
    deepStrictEqual(unseen.map(({ path }) => path), []);
    console.info(`U60-071 ${name}: ${changes.length} changes, all found`);
  });
}
