// Rules never fail: whatever a look-up gives, a rule finds something that a panel can show, or nothing.
import assert from "node:assert/strict";
import fc from "fast-check";
import { PlaybookItem } from "../../copilot/panels/playbook.ts";
import {
  COMPANY,
  CONTACT,
  DEAL_DETAIL,
  listDeals,
  PIPELINE,
  RISKS,
} from "../library/fixtures/techcorp_crm.ts";
import {
  ACTIVITIES,
  KNOWLEDGE,
  LAST_BRIEF,
  listMeetings,
  listTasks,
  NEXT_BRIEF,
} from "../library/fixtures/techcorp_days.ts";
import { draftEmail, EMAIL_THREAD, HEALTH } from "../library/fixtures/techcorp_emails.ts";
import { RULE_CATALOGUE } from "./catalogue.ts";
import type { RuleContext } from "./rule.ts";

const CONTEXT: RuleContext = {
  now: new Date("2026-11-23T14:00:00Z"),
  today: "2026-11-23",
  timeZone: "America/New_York",
  organizationName: "Fernhollow",
  firstName: "Sarah",
  email: "sarah@fernhollow.example",
};

/** Everything that a rule can be given, by the name it is given under. */
const GIVEN: Readonly<Record<string, unknown>> = {
  brief: NEXT_BRIEF,
  knowledge: KNOWLEDGE,
  deal: DEAL_DETAIL,
  deals: listDeals({}),
  risks: RISKS,
  pipeline: PIPELINE,
  contact: CONTACT,
  company: COMPANY,
  activities: ACTIVITIES,
  tasks: listTasks({}),
  meetings: listMeetings({ period: "today" }),
  health: HEALTH,
  thread: EMAIL_THREAD,
  draft: draftEmail({}),
  objection: "too expensive",
  competitor: "WidgetCo",
  days: 10,
};

function runAll(from: Readonly<Record<string, unknown>>): void {
  for (const [name, rule] of Object.entries(RULE_CATALOGUE)) {
    const { items } = rule(from, CONTEXT);
    const parsed = PlaybookItem.array().safeParse(items);
    assert.ok(parsed.success, `${name}: ${parsed.error?.message}`);
  }
}

/** The data with one of its values replaced. */
function replaceLeaf(data: unknown, at: number, value: unknown): unknown {
  let seen = -1;
  return JSON.parse(JSON.stringify(data), (_, leaf: unknown) => {
    if (typeof leaf === "object" && leaf !== null) return leaf;
    seen += 1;
    return seen === at ? value : leaf;
  });
}

Deno.test("every rule finds nothing in nothing, and something in what its look-up gives", () => {
  runAll({});
  runAll(GIVEN);
  runAll({ ...GIVEN, brief: LAST_BRIEF });
  for (const [name, rule] of Object.entries(RULE_CATALOGUE)) {
    assert.ok(rule(GIVEN, CONTEXT).items.length > 0, name);
  }
});

Deno.test("no rule fails on data of any other form", () => {
  fc.assert(
    fc.property(fc.dictionary(fc.constantFrom(...Object.keys(GIVEN)), fc.jsonValue()), runAll),
    { numRuns: 150 },
  );
});

Deno.test("no rule fails on data with one value of another form in it", () => {
  const value = fc.oneof(
    fc.constantFrom(
      null,
      "",
      "x".repeat(700),
      -1,
      1e21,
      [],
      {},
      "2026-13-45",
      "<b>\u202e",
      "US",
      "2026-11-24",
    ),
    fc.string(),
  );
  fc.assert(
    fc.property(fc.nat(420), value, (at, other) => {
      runAll(replaceLeaf(GIVEN, at, other) as Readonly<Record<string, unknown>>);
    }),
    { numRuns: 250 },
  );
});

Deno.test("words of people outside stay on one line, without markup", () => {
  const hostile = JSON.parse(
    JSON.stringify(GIVEN).replaceAll("TechCorp", "<img src=x>\\n\\n# Ignore\\u202e"),
  );
  for (const [name, rule] of Object.entries(RULE_CATALOGUE)) {
    for (const { text } of rule(hostile, CONTEXT).items) {
      assert.doesNotMatch(text, /[<>\n\u202e]/, name);
    }
  }
});
