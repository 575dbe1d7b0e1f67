// Every document of the library: its form, its example, and that its result rests on rows.
import assert from "node:assert/strict";
import { sha256Hex } from "../../platform/sha256.ts";
import { type GradedExample, gradeRun } from "../lab/graded_example.ts";
import { openFixtureWorld } from "../lab/fixture_world.ts";
import { LIBRARY } from "../library.ts";
import { parseDocument } from "../parse_document.ts";
import type { RunResult } from "../run_deps.ts";
import { runSequence, runSkill } from "../run_sequence.ts";
import { RULE_CATALOGUE } from "../rules/catalogue.ts";
import { hasUnresolvedVariables } from "../template/clean_unresolved_variables.ts";
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

function run(example: GradedExample, world = TECHCORP_WORLD): ReturnType<typeof runSkill> {
  const { deps } = openFixtureWorld(world);
  const options = { settings: [], turnId: "turn", isSimulation: true };
  return example.key.startsWith("seq-")
    ? runSequence(deps, example.key, example.inputs, options)
    : runSkill(deps, example.key, example.inputs, options);
}

Deno.test("U60-009 there are at least twenty skills and eight sequences, each key once", () => {
  const documents = LIBRARY.map(({ document }) => document);
  const keys = (kind: string): Set<string> =>
    new Set(documents.filter((one) => one.kind === kind).map(({ key }) => key));
  assert.ok(keys("skill").size >= 20, `${keys("skill").size} skills`);
  assert.ok(keys("sequence").size >= 8, `${keys("sequence").size} sequences`);
  const versions = documents.map(({ key, version }) => `${key} ${version}`);
  assert.equal(new Set(versions).size, versions.length);
});

Deno.test("U60-064 what is compiled is what the files say, with the hash of their text", async () => {
  for (const { document, sha256 } of LIBRARY) {
    const newest = LIBRARY.findLast((one) => one.document.key === document.key)?.document.version;
    const folder = new URL(document.kind === "skill" ? "skills/" : "sequences/", import.meta.url);
    const name = document.version === newest ? document.key : `${document.key}@${document.version}`;
    const text = await Deno.readTextFile(new URL(`${name}.md`, folder));
    assert.deepEqual(parseDocument(text), document, name);
    assert.equal(await sha256Hex(text), sha256, name);
  }
});

Deno.test("no document is filler: bodies differ, say something, and hold no placeholder", () => {
  const bodies = LIBRARY.filter(({ document }) =>
    document.key !== "seq-pipeline-review" || document.version > 1
  )
    .map(({ document }) => document.body);
  assert.equal(new Set(bodies).size, bodies.length);
  for (const body of bodies) {
    assert.ok(body.split(/\s+/).length >= 90, body.slice(0, 60));
    assert.doesNotMatch(body, /lorem|ipsum|TODO|TBD|xxx|placeholder/i);
  }
});

Deno.test("every rule is used by a document", () => {
  const used = new Set(
    LIBRARY.flatMap(({ document }) =>
      document.steps.flatMap((step) => "rule" in step ? [step.rule] : [])
    ),
  );
  assert.deepEqual(Object.keys(RULE_CATALOGUE).filter((name) => !used.has(name as never)), []);
});

Deno.test("U60-016 every document has a graded example", () => {
  const graded = new Set(EXAMPLES.map(({ key }) => key));
  const missing = LIBRARY.map(({ document }) => document.key).filter((key) => !graded.has(key));
  assert.deepEqual(missing, []);
});

Deno.test("U60-016 every graded example holds in full, without a model", async (t) => {
  for (const example of EXAMPLES) {
    await t.step(example.key, async () => {
      const result = await run(example);
      assert.deepEqual(gradeRun(result, example), { score: 1, failures: [] });
      assert.equal(result.modelCalls, 0);
      assert.ok(!hasUnresolvedVariables(result.text), "a variable is left");
      assert.doesNotMatch(result.text, /undefined|\[object|NaN/);
      assert.deepEqual(panelOf(result).missing, []);
    });
  }
});

/** What anybody could have written to anybody. */
const FILLER =
  /\bhope (?:this|you)\b|\bjust (?:checking|following)|\btouch(?:ing)? base|\bcircl(?:e|ing) back|\bas an ai\b|\bgreat question|\bhappy to help|\bhesitate to|\bsynerg|\bgame[- ]chang|\breach(?:ing)? out\b|\bexciting\b/i;
/** Two minutes of reading. */
const WORDS_MAX = 480;

Deno.test("V-02 no document speaks filler, none takes two minutes to read, and each speaks of the person's own", async () => {
  for (const example of EXAMPLES) {
    const result = await run(example);
    assert.doesNotMatch(result.text, FILLER, example.key);
    const words = result.text.split(/\s+/).length;
    assert.ok(words <= WORDS_MAX, `${example.key}: ${words} words`);
    const rows = panelOf(result).sections.flatMap(({ items }) => items)
      .flatMap(({ evidence }) => evidence);
    assert.ok(rows.length > 0, `${example.key} names nothing of theirs`);
  }
});

Deno.test("U60-016 a grade falls when a fact does: without the rows behind it no example holds", async () => {
  const empty = { ...TECHCORP_WORLD, reads: {}, knowledge: null };
  for (const example of EXAMPLES) {
    const grade = await gradeOf(example, empty);
    assert.ok(grade < 1, example.key);
  }
});

Deno.test("U60-064 a reading of a document's panel rests on rows: ids of findings come from look-ups", async () => {
  for (const example of EXAMPLES) {
    const { deps, trace } = openFixtureWorld(TECHCORP_WORLD);
    const options = { settings: [], turnId: "turn", isSimulation: true };
    const result = await (example.key.startsWith("seq-")
      ? runSequence(deps, example.key, example.inputs, options)
      : runSkill(deps, example.key, example.inputs, options));
    const seen = JSON.stringify([
      trace.calls.map(({ data }) =>
        data
      ),
      TECHCORP_WORLD.knowledge,
    ]);
    for (const item of panelOf(result).sections.flatMap(({ items }) => items)) {
      for (const { id } of item.evidence) {
        assert.ok(
          seen.includes(id),
          `${example.key}: ${item.text}`,
        );
      }
      for (const action of item.actions) {
        const [id] = Object.entries(action).flatMap(([name, value]) =>
          name.endsWith("_id") ? [value] : []
        );
        if (id !== undefined) assert.ok(seen.includes(String(id)), `${example.key}: ${item.text}`);
      }
    }
  }
});

function panelOf(result: RunResult): {
  readonly missing: readonly string[];
  readonly sections: readonly {
    readonly items: readonly {
      readonly text: string;
      readonly evidence: readonly { readonly id: string }[];
      readonly actions: readonly object[];
    }[];
  }[];
} {
  assert.ok("sections" in result.panel && "missing" in result.panel);
  return result.panel;
}

async function gradeOf(example: GradedExample, world: typeof TECHCORP_WORLD): Promise<number> {
  try {
    return gradeRun(await run(example, world), example).score;
  } catch {
    return 0;
  }
}
