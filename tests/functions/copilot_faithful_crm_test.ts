// Every number, name and date in a panel about the CRM traces to a row of its evidence, read behind the
// actions' back; each one that is changed is caught.
import { deepStrictEqual, ok } from "node:assert/strict";
import type { EvidenceRow } from "@shared/copilot/actions/action.ts";
import type { ReadActionName } from "@shared/copilot/actions/action_names.ts";
import { READ_ACTION_CATALOGUE } from "@shared/copilot/actions/catalogue.ts";
import { checkFaithful } from "@shared/copilot/guard/check_faithful.ts";
import { corruptions } from "@shared/copilot/guard/corrupt_panel.ts";
import { HEALTH_FORMULA } from "@shared/copilot/health/score_relationship.ts";
import { actionContext } from "../support/action_context.ts";
import { createCrmScene, CRM_NOW } from "../support/crm_scene.ts";
import { createRivals } from "../support/rivals.ts";
import { testStack } from "../support/stack.ts";

const stack = await testStack();
const rivals = await createRivals(stack);
const { rep, colleague } = rivals;
const scene = await createCrmScene(stack, rivals);
await stack.sql(
  "update public.profiles set first_name = 'Rosa', last_name = 'Reyes' where id = $1",
  [
    rep.userId,
  ],
);
await stack.sql(
  "update public.profiles set first_name = 'Colin', last_name = 'Quist' where id = $1",
  [
    colleague.userId,
  ],
);

const OWNER =
  "(select jsonb_build_object('first_name', p.first_name, 'last_name', p.last_name) from public.profiles as p where p.id = r.user_id)";

/** The rows as the database has them, with what a panel says of their parents. */
async function readRows(evidence: readonly EvidenceRow[]): Promise<unknown[]> {
  const rows: unknown[] = [];
  for (const table of new Set(evidence.map((row) => row.table))) {
    const ids = evidence.filter((row) => row.table === table).map(({ id }) => id);
    const more = table === "deals"
      ? `|| jsonb_build_object('owner', ${OWNER}, 'stage', (
           select jsonb_build_object('id', s.id, 'name', s.name, 'win_probability', s.win_probability,
             'weighted', round(r.amount * s.win_probability / 100, 2))
           from public.deal_stages as s where s.org_id = r.org_id and s.id = r.stage_id),
         'last_at', (select max(a.at) from (
           select occurred_at as at from public.activities where deal_id = r.id
           union all select started_at from public.meetings where deal_id = r.id) as a))`
      : table === "contacts" || table === "companies"
      ? `|| jsonb_build_object('owner', ${OWNER})`
      : "";
    const found = await stack.sql<{ row: unknown }>(
      `select to_jsonb(r) ${more} as row from public.${table} as r where r.org_id = $1 and r.id = any($2)`,
      [rep.orgId, ids],
    );
    rows.push(...found.map(({ row }) => row));
  }
  return rows;
}

interface Case {
  readonly name: ReadActionName;
  readonly args: Record<string, unknown>;
  /** Counts, sums and days between, worked out by hand from the scene. */
  readonly calculated: readonly number[];
  readonly own?: readonly string[];
  /** Days and moments that the question itself brings. */
  readonly asked?: Record<string, unknown>;
}

const MARKS = ["Last meeting", "Next meeting"];
const FORMULA_NUMBERS = [
  ...Object.values(HEALTH_FORMULA).map(({ max }) => max),
  30,
  4,
  5,
  0,
  10,
  -3,
  56,
];

const CASES: readonly Case[] = [
  { name: "get_contact", args: { contact_id: scene.dana }, calculated: [2], own: MARKS },
  { name: "get_company", args: { company_id: scene.company }, calculated: [2, 3], own: MARKS },
  { name: "get_deal", args: { deal_id: scene.pilot }, calculated: [], own: MARKS },
  { name: "search_contacts", args: { query: "dana" }, calculated: [2], own: ["dana"] },
  {
    name: "list_deals",
    args: { owner: "all" },
    calculated: [3, 2, 1, 240_000, 70_000, 9_000.5, 6_750.38],
  },
  {
    name: "get_pipeline_summary",
    args: { owner: "all" },
    calculated: [3, 2, 1, 240_000, 70_000, 9_000.5, 6_750.38, 10, 25, 50, 75],
    asked: {
      days: ["2026-11-23", "2026-11-22", "2026-11-01", "2026-11-30", "2026-10-01", "2026-12-31"],
      since: "2026-11-16T15:00:00Z",
    },
  },
  {
    name: "list_at_risk_deals",
    args: {},
    calculated: [0, 1, 2, 3, 10, 40],
    asked: { today: "2026-11-23" },
  },
  {
    name: "get_relationship_health",
    args: { contact_id: scene.dana },
    calculated: FORMULA_NUMBERS,
    own: ["2026-11-23T15:00:00+00:00"],
  },
];

for (const { name, args, calculated, own = [], asked = {} } of CASES) {
  Deno.test(`U60-071 the panel of ${name} says nothing that its rows don't, and a changed value is caught`, async () => {
    const action = READ_ACTION_CATALOGUE[name];
    ok(action !== undefined);
    const ctx = actionContext(stack, rep, { now: CRM_NOW });
    const { panel, evidence } = await action.run(ctx, action.args.parse(args));
    const stages = await stack.sql(
      "select id, name, win_probability from public.deal_stages where org_id = $1",
      [rep.orgId],
    );
    const rows = [...await readRows(evidence), ...stages, asked];
    const options = {
      timeZone: "Europe/Berlin",
      now: new Date(CRM_NOW),
      calculated,
      own: [...own, "Europe/Berlin", "mine", "all", "open", "closing"],
    };
    deepStrictEqual(checkFaithful(panel, rows, options), []);
    const changed = corruptions(panel);
    ok(changed.length >= 5, `${changed.length} values`);
    const missed = changed.filter(({ path, panel: corrupted }) =>
      !checkFaithful(corrupted, rows, options).some((found) => found.path === path)
    );
    deepStrictEqual(missed.map(({ path }) => path), []);
  });
}
