// Unit tests of finding competitors in what is known of a meeting.
import { deepStrictEqual } from "node:assert/strict";
import { FoundBrief } from "../../panels/brief_rows.ts";
import { findCompetitors } from "./find_competitors.ts";

const ORG = "00000000-0000-4000-8000-000000000001";
const COMPANY = "00000000-0000-4000-8000-000000000002";
const PAST = "00000000-0000-4000-8000-000000000003";
const INSIGHT = "00000000-0000-4000-8000-000000000004";

function brief(notes: string, more: Record<string, unknown> = {}): FoundBrief {
  return FoundBrief.parse({
    org_id: ORG,
    time_zone: "UTC",
    now: "2026-11-23T08:00:00Z",
    event: null,
    companies: [{
      company_id: COMPANY,
      name: "TechCorp",
      domain: null,
      industry: null,
      employee_count: null,
      notes,
    }],
    known_competitors: [{ name: "C++ Tools (EU)", positioning: "Ours is safe." }],
    ...more,
  });
}

Deno.test("U60-012 a competitor is found by name, as a whole word, with its positioning and where", () => {
  const found = [{
    name: "C++ Tools (EU)",
    positioning: "Ours is safe.",
    mentions: [{ table: "companies", id: COMPANY }],
  }];
  deepStrictEqual(findCompetitors(brief("They like c++ tools (EU), they say.")), found);
  deepStrictEqual(findCompetitors(brief("They like C++ Tools (EU)X.")), []);
  deepStrictEqual(findCompetitors(brief("Nobody else.")), []);
});

Deno.test("U60-012 one that was only heard is there too, without a word on it", () => {
  const heard = {
    insight_id: INSIGHT,
    meeting_id: PAST,
    meeting_title: "Discovery",
    kind: "competitor",
    text: "They offer the same for less.",
    subject: "WidgetCo",
    assignee_name: null,
    due_text: null,
    due_on: null,
  };
  const history = { action_items: [], insights: [heard], meetings: [] };
  deepStrictEqual(findCompetitors(brief("WIDGETCO!", { history })), [{
    name: "WidgetCo",
    positioning: null,
    mentions: [{ table: "companies", id: COMPANY }, { table: "meeting_insights", id: INSIGHT }],
  }]);
});
