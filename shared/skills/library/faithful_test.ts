// Panels of runs say what their rows say: with other names, amounts and days in the rows, every finding
// says the others and none of the old ones; and a panel that was changed is no longer what its rows give.
import assert from "node:assert/strict";
import { corruptions } from "../../copilot/guard/corrupt_panel.ts";
import { PlaybookItem } from "../../copilot/panels/playbook.ts";
import { type FixtureWorld, openFixtureWorld } from "../lab/fixture_world.ts";
import type { GradedExample } from "../lab/graded_example.ts";
import type { RunResult } from "../run_deps.ts";
import { runSequence, runSkill } from "../run_sequence.ts";
import { SEQUENCE_EXAMPLES } from "./fixtures/examples_sequences.ts";
import { PEOPLE_SEQUENCE_EXAMPLES } from "./fixtures/examples_sequences_of_people.ts";
import { DEAL_SKILL_EXAMPLES } from "./fixtures/examples_skills_of_deals.ts";
import { PEOPLE_SKILL_EXAMPLES } from "./fixtures/examples_skills_of_people.ts";
import { TECHCORP_WORLD } from "./fixtures/techcorp_world.ts";

const EXAMPLES: readonly GradedExample[] = [
  ...SEQUENCE_EXAMPLES,
  ...PEOPLE_SEQUENCE_EXAMPLES,
  ...DEAL_SKILL_EXAMPLES,
  ...PEOPLE_SKILL_EXAMPLES,
];

/** Values of the rows, as JSON has them, and what they are in the other world. */
const OTHERS: readonly (readonly [string, string])[] = [
  ["Dana", "Zora"],
  ["Reyes", "Quill"],
  ["Priya", "Odell"],
  ["TechCorp", "Northgate"],
  ["rollout", "migration"],
  ["renewal", "extension"],
  ["Bluepeak", "Redvale"],
  ["Harborline", "Stonequay"],
  ["WidgetCo", "Gizmo"],
  ["48000", "51234"],
  ["12500", "13777"],
  ["60500", "65011"],
  ["2026-11-20", "2026-11-19"],
  ["Security review", "Data export"],
  ["security paper", "privacy paper"],
  ["yearly price", "monthly fee"],
  ["empty return trips", "late deliveries"],
  ["Route planning", "Slot booking"],
];

/** How the old values read in a finding. */
const OLD =
  /Dana|Reyes|Priya|TechCorp|rollout|renewal|Bluepeak|Harborline|WidgetCo|48,000|12,500|60,500|Fri 20 Nov|Security review|security paper|yearly price|empty return|Route planning/;

function replaced<T>(value: T): T {
  const text = OTHERS.reduce(
    (json, [from, to]) => json.replaceAll(from, to),
    JSON.stringify(value),
  );
  return JSON.parse(text) as T;
}

const OTHER_WORLD: FixtureWorld = {
  ...TECHCORP_WORLD,
  knowledge: replaced(TECHCORP_WORLD.knowledge),
  reads: Object.fromEntries(
    Object.entries(TECHCORP_WORLD.reads).map(([name, read]) => [
      name,
      (args: Readonly<Record<string, unknown>>) => replaced(read(args)),
    ]),
  ),
};

function run(example: GradedExample, world: FixtureWorld): Promise<RunResult> {
  const { deps } = openFixtureWorld(world);
  const options = { settings: [], turnId: "turn", isSimulation: true };
  return example.key.startsWith("seq-")
    ? runSequence(deps, example.key, example.inputs, options)
    : runSkill(deps, example.key, example.inputs, options);
}

function findingsOf({ panel }: RunResult): PlaybookItem[] {
  assert.ok("sections" in panel && Array.isArray(panel.sections));
  return panel.sections.flatMap(({ items }) => PlaybookItem.array().parse(items))
    .filter(({ evidence }) => evidence.length > 0);
}

Deno.test("every finding with a row says what is in the row, and nothing of another world's", async (t) => {
  for (const example of EXAMPLES) {
    await t.step(example.key, async () => {
      const here = await run(example, TECHCORP_WORLD);
      const there = await run({ ...example, inputs: replaced(example.inputs) }, OTHER_WORLD);
      const [old, other] = [findingsOf(here), findingsOf(there)];
      assert.equal(other.length, old.length);
      const said = other.map(({ text, detail }) => `${text} ${detail ?? ""}`);
      for (const text of said) assert.doesNotMatch(text, OLD);
    });
  }
});

Deno.test("a panel in which one number, name or date was changed is not what its rows give", async () => {
  let changed = 0;
  for (const example of EXAMPLES.filter(({ key }) => key.startsWith("seq-"))) {
    const { panel } = await run(example, TECHCORP_WORLD);
    const again = await run(example, TECHCORP_WORLD);
    const plain = (value: unknown): string =>
      JSON.stringify(value).replace(/"execution_id":"[^"]*"/, "");
    assert.equal(plain(again.panel), plain(panel), "the same rows give the same panel");
    for (const { path, panel: corrupt } of corruptions(panel)) {
      if (path === "execution_id") continue;
      changed += 1;
      assert.notEqual(plain(corrupt), plain(again.panel), `${example.key} ${path}`);
    }
  }
  assert.ok(changed > 300, `${changed} values`);
});
