// Unit tests of promises: what is a task already is made no second time, and what somebody owes the
// people of a meeting is said before it.
import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { LAST_BRIEF, NEXT_BRIEF } from "../library/fixtures/techcorp_days.ts";
import { openCommitments } from "./open_commitments.ts";
import type { RuleContext } from "./rule.ts";

const CONTEXT: RuleContext = {
  now: new Date("2026-11-23T14:00:00Z"),
  today: "2026-11-23",
  timeZone: "America/New_York",
  organizationName: "Fernhollow",
  firstName: "Sarah",
  email: "sarah@fernhollow.example",
};
const TASK = "00000000-0000-4000-8000-00000000a001";
const task = (title: string) => ({
  task_id: TASK,
  title,
  due_at: "2026-11-21T22:00:00+00:00",
  due_day: "2026-11-21",
  is_overdue: true,
  priority: "high",
  status: "open",
});
const tasksOf = (brief: unknown): unknown[] =>
  openCommitments({ brief }, CONTEXT).values["tasks"] as unknown[];

Deno.test("U60-086 a promise that is a task of the person's already is no second one", () => {
  const promised = tasksOf(LAST_BRIEF) as { title: string }[];
  const [first] = promised;
  if (first === undefined) throw new Error("the fixture promises nothing");
  const known = { ...LAST_BRIEF, tasks: [task(`${first.title.toUpperCase()}.`)] };
  deepStrictEqual(tasksOf(known), promised.slice(1));
  strictEqual(
    openCommitments({ brief: known }, CONTEXT).items.length,
    openCommitments({ brief: LAST_BRIEF }, CONTEXT).items.length,
    "it was agreed all the same",
  );
});

Deno.test("U60-085 before a meeting the person's own tasks with its people are open, after it not", () => {
  const own = [task("Send the price for two years")];
  const before = openCommitments({ brief: { ...NEXT_BRIEF, tasks: own } }, CONTEXT).items;
  deepStrictEqual(before.at(-1), {
    text: "You: Send the price for two years, due Sat 21 Nov",
    detail: null,
    tone: "warning",
    evidence: [{ table: "tasks", id: TASK }],
    actions: [{ type: "open_task", task_id: TASK }],
  });
  deepStrictEqual(
    openCommitments({ brief: { ...LAST_BRIEF, tasks: own } }, CONTEXT).items,
    openCommitments({ brief: LAST_BRIEF }, CONTEXT).items,
  );
});
