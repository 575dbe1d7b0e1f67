import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { describeRequirements, findProofs } from "./generate_requirements.ts";

const FILES = [
  {
    path: "shared/a_test.ts",
    text: `Deno.test("U60-054 TEL-032 it's stored", () => {});
Deno.test("no requirement here", () => {});
Deno.test({ name: 'CRE-046 runs "once"', fn() {} });
await t.step(\`U60-054 found at \${once}\`, () => {});
// Deno.test("U60-999 in a comment is still a name")`,
  },
  {
    path: "tests/database/a.test.sql",
    text: `-- 'U60-998 only a comment'
select is(1, 1, 'U60-157 an owner''s wish is refused');
select throws_ok($$ select 1 $$, '42501', null, 'FLW-019: nobody may');`,
  },
];

Deno.test("findProofs() reads ids and names of tests in TypeScript and SQL", () => {
  deepStrictEqual(
    findProofs([{
      ...FILES[0],
      text: FILES[0]?.text.split("\n").slice(0, 4).join("\n") ?? "",
      path: "a",
    }])
      .map(({ ids, name }) => [ids.join(), name]),
    [
      ["U60-054,TEL-032", "it's stored"],
      ["CRE-046", 'runs "once"'],
      ["U60-054", "found at ${once}"],
    ],
  );
  deepStrictEqual(findProofs(FILES.slice(1)).map(({ ids, name }) => [ids.join(), name]), [
    ["U60-157", "an owner's wish is refused"],
    ["FLW-019", "nobody may"],
  ]);
});

Deno.test("describeRequirements() has a section for each proved requirement, and misses no wording", () => {
  const proofs = findProofs(FILES.slice(1));
  const { text, findings } = describeRequirements(proofs, { "U60-157": "It can never be shared." });
  ok(
    text.includes(
      "## U60-157\n\nIt can never be shared.\n\n- an owner's wish is refused (`tests/database/a.test.sql`)\n",
    ),
  );
  ok(!text.includes("FLW-019"));
  strictEqual(findings.length, 1);
  match(findings[0] ?? "", /cites FLW-019/);
});
