// Reasons for which a deal is at risk: their rows, their words and the published weights.
import { deepStrictEqual, strictEqual } from "node:assert/strict";
import type { FoundRisks } from "./crm_reports.ts";
import type { FoundDeal } from "./crm_rows.ts";
import { describeRisks, explainRisks, RISK_WEIGHTS } from "./deal_risk.ts";

const DEAL: FoundDeal = {
  id: "00000000-0000-4000-8000-000000000001",
  name: "Pilot",
  amount: 10,
  currency: "USD",
  status: "open",
  stage: { id: "00000000-0000-4000-8000-000000000002", name: "Proposal" },
  probability: 50,
  weighted_amount: 5,
  expected_close_on: "2026-11-20",
  next_step: null,
  lost_reason: null,
  stage_changed_at: "2026-10-01T09:00:00+00:00",
  closed_at: null,
  created_at: "2026-09-01T09:00:00+00:00",
  company: null,
  contact: { id: "00000000-0000-4000-8000-000000000003", name: "Ada" },
  owner_name: null,
  is_own: true,
  is_assigned: false,
  last_activity: {
    table: "emails",
    id: "00000000-0000-4000-8000-000000000004",
    at: "2026-11-16T15:00:00+00:00",
  },
};

function explain(
  deal: FoundDeal,
  reasons: FoundRisks["deals"][number]["reasons"],
  meeting: FoundRisks["deals"][number]["negative_meeting"] = null,
) {
  const found: FoundRisks = {
    org_id: DEAL.id,
    time_zone: "UTC",
    today: "2026-11-23",
    now: "2026-11-23T15:00:00+00:00",
    owner: "mine",
    open_total: 1,
    total: 1,
    counts: {
      inactive: 0,
      close_date_passed: 0,
      negative_sentiment: 0,
      stage_stuck: 0,
      no_next_step: 0,
      no_meeting_planned: 0,
    },
    deals: [{ deal, score: 3, reasons, negative_meeting: meeting }],
  };
  return explainRisks(found).deals[0]?.reasons ?? [];
}

Deno.test("U60-079 the silence of a deal begins with the last row that broke it", () => {
  const [byEmail] = explain(DEAL, ["inactive"]);
  deepStrictEqual([byEmail?.days, byEmail?.evidence], [7, [{
    table: "emails",
    id: DEAL.last_activity?.id,
  }]]);
  const [byStage] = explain({ ...DEAL, stage_changed_at: "2026-11-16T15:00:01+00:00" }, [
    "inactive",
  ]);
  deepStrictEqual([byStage?.days, byStage?.evidence], [6, [{ table: "deals", id: DEAL.id }]]);
  const [byBegin] = explain({
    ...DEAL,
    last_activity: null,
    stage_changed_at: "2026-08-01T09:00:00+00:00",
  }, [
    "inactive",
  ]);
  deepStrictEqual(byBegin?.since, DEAL.created_at);
});

Deno.test("U60-079 every reason has evidence and reads as a person would say it", () => {
  const reasons = explain(DEAL, [
    "inactive",
    "close_date_passed",
    "negative_sentiment",
    "stage_stuck",
    "no_next_step",
    "no_meeting_planned",
  ], {
    id: "00000000-0000-4000-8000-000000000005",
    title: "Call",
    started_at: "2026-11-10T09:00:00+00:00",
    segment_ids: ["00000000-0000-4000-8000-000000000006"],
  });
  strictEqual(reasons.every(({ evidence }) => evidence.length > 0), true);
  deepStrictEqual(reasons[2]?.evidence.map(({ table }) => table), [
    "meetings",
    "transcript_segments",
  ]);
  deepStrictEqual(reasons[5]?.evidence.map(({ table }) => table), ["deals", "contacts"]);
  strictEqual(
    describeRisks("The <b>pilot", reasons),
    "• The ‹b›pilot: nothing happened for 7 days; its close date, Fri 20 Nov, has passed; the last " +
      "meeting went badly; in the same stage for 53 days; no next step; no meeting planned within 14 days",
  );
});

Deno.test("U60-079 the document publishes the weights as they are", async () => {
  const text = await Deno.readTextFile(
    new URL("../../../docs/relationship-health.md", import.meta.url),
  );
  const published = [...text.matchAll(/```json\n([\s\S]*?)```/g)].map(([, json]) =>
    JSON.parse(json ?? "")
  );
  deepStrictEqual(published[1], { weights: RISK_WEIGHTS });
});
