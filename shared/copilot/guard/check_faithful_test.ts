// Unit tests of tracing: true answers pass, and each value that is changed is found where it stands.
import { deepStrictEqual, ok } from "node:assert/strict";
import { PANELS } from "../panels/catalogue.ts";
import { checkFaithful } from "./check_faithful.ts";
import { corruptions } from "./corrupt_panel.ts";

const A = "00000000-0000-4000-a000-0000000000aa";
const B = "00000000-0000-4000-a000-0000000000bb";
const ROWS = [
  {
    id: A,
    name: "Platform rollout",
    amount: 48_000,
    closes: "2026-12-04",
    company: { name: "TechCorp" },
  },
  { id: B, name: "Pilot", amount: 9_000, closes: "2027-01-15", company: { name: "Acme" } },
];
const NOW = new Date("2026-11-22T12:00:00Z");
const OPTIONS = { now: NOW, timeZone: "America/New_York", calculated: [57_000, 2], own: ["Join"] };
const PANEL = {
  type: "deal_list",
  version: 1,
  total: 2,
  sum: 57_000,
  deals: [
    {
      deal_id: A,
      name: "Platform rollout",
      amount: 48_000,
      closes: "2026-12-04",
      company: { name: "TechCorp" },
    },
    { deal_id: B, name: "Pilot", amount: 9_000, closes: "2027-01-15", company: { name: "Acme" } },
  ],
  note: "Platform rollout is worth 48,000.",
  action: { label: "Join" },
};

const pathsOf = (panel: unknown): string[] =>
  checkFaithful(panel, ROWS, OPTIONS).map(({ path }) => path);

Deno.test("U60-071 checkFaithful() passes what the rows hold", () => {
  deepStrictEqual(checkFaithful(PANEL, ROWS, OPTIONS), []);
});

Deno.test("U60-071 checkFaithful() finds each number, name and date that is changed", () => {
  const changed = corruptions(PANEL);
  ok(changed.length >= 12);
  for (const { path, panel } of changed) deepStrictEqual(pathsOf(panel), [path]);
});

Deno.test("U60-071 checkFaithful() finds a true value beside the wrong name", () => {
  const [first, second] = PANEL.deals;
  deepStrictEqual(
    pathsOf({ ...PANEL, deals: [{ ...first, amount: 9_000 }, second] }),
    ["deals[0].amount"],
  );
  deepStrictEqual(
    pathsOf({ ...PANEL, deals: [{ ...first, name: "Pilot" }, second] }),
    ["deals[0].name"],
  );
  deepStrictEqual(
    pathsOf({ ...PANEL, deals: [first, { ...second, closes: "2026-12-04" }] }),
    ["deals[1].closes"],
  );
  deepStrictEqual(
    pathsOf({ ...PANEL, deals: [{ ...first, company: { name: "Acme" } }, second] }),
    ["deals[0].company.name"],
  );
});

Deno.test("U60-071 each change to each published example is found, held against itself", () => {
  let count = 0;
  for (const [type, { example }] of Object.entries(PANELS)) {
    const options = { now: NOW, timeZone: "UTC" };
    deepStrictEqual(checkFaithful(example, [example], options), [], type);
    for (const { path, panel } of corruptions(example)) {
      count++;
      const found = checkFaithful(panel, [example], options).map((finding) => finding.path);
      ok(found.includes(path), `${type} ${path}`);
    }
  }
  ok(count >= 300, `only ${count} changes`);
  console.info(`U60-071 changes to examples: ${count}, all found`);
});
