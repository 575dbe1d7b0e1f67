// Unit tests of what goes to a model, and of the index that it reads.
import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import fc from "fast-check";
import { READ_ACTION_CATALOGUE } from "../actions/catalogue.ts";
import { PROPOSE_ACTION_CATALOGUE } from "../actions/propose/catalogue.ts";
import { describeActions, listActions } from "./action_index.ts";
import { minimiseResult } from "./minimise_result.ts";
import { declareTools } from "./tool_declarations.ts";
import { getSkillTool, listSkillsTool } from "./skill_tools.ts";
import { resolveEntityTool } from "./resolve_entity_tool.ts";

Deno.test("a result is never larger for a model than it may be, whatever it holds", () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 6 }), fc.integer({ min: 1, max: 400 }), (value, times) => {
      const text = JSON.stringify(minimiseResult(Array(times).fill(value)));
      ok(text.length <= 24_100, `${text.length}`);
    }),
  );
});

Deno.test("what fits stays as it is, without empty fields; what is cut says so", () => {
  deepStrictEqual(
    minimiseResult({ name: "Acme", amount: 0, is_won: false, note: null, people: [], id: "1" }),
    { name: "Acme", amount: 0, is_won: false, id: "1" },
  );
  const cut = minimiseResult({ text: "x".repeat(9_000), rows: Array(80).fill({ a: 1 }) });
  match(JSON.stringify(cut), /… \(cut\)/);
  match(JSON.stringify(cut), /… and 30 more/);
});

Deno.test("U60-062 four tools are declared, in the same bytes each time", () => {
  const tools = {
    list_skills: listSkillsTool,
    get_skill: getSkillTool,
    resolve_entity: resolveEntityTool,
  };
  const declared = declareTools(tools);
  deepStrictEqual(declared.map(({ name }) => name), [
    "execute_action",
    "get_skill",
    "list_skills",
    "resolve_entity",
  ]);
  strictEqual(JSON.stringify(declareTools(tools)), JSON.stringify(declared));
});

Deno.test("U60-065 the index has a line for every action that there is, with its arguments", () => {
  const index = describeActions(listActions(READ_ACTION_CATALOGUE, PROPOSE_ACTION_CATALOGUE));
  const lines = index.split("\n");
  strictEqual(
    lines.length,
    Object.keys(READ_ACTION_CATALOGUE).length + Object.keys(PROPOSE_ACTION_CATALOGUE).length,
  );
  for (const line of lines) match(line, /^- [a-z_]+\(.*\): \S/);
  match(index, /get_meetings_for_period\(period: today\|tomorrow/);
});
