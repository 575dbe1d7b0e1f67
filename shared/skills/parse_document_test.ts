// What is a document and what is not: every way to write a wrong one is refused, and says where.
import assert from "node:assert/strict";
import fc from "fast-check";
import { AppError } from "../errors/app_error.ts";
import { getSkill, listSkills, type OrgSkill } from "./get_skill.ts";
import { LIBRARY } from "./library.ts";
import { parseDocument } from "./parse_document.ts";
import { hasUnresolvedVariables } from "./template/clean_unresolved_variables.ts";

const BODY = "# How\n\n" + "Say what is on record and nothing else. ".repeat(8);
const GOOD = `---
key: own-skill
kind: skill
version: 3
name: Own skill
category: deals
description: Does what we want for \${org.name}.
phrases: [do it, do it our way]
inputs:
  - { name: deal_id, type: id, is_required: true, description: The deal. }
variables:
  - { name: days, description: Days., default: 5 }
panel: skill_result
title: "Deal \${outputs.deal.deal.name}"
steps:
  - { id: deal, read: get_deal, args: { deal_id: "\${inputs.deal_id}" } }
  - { id: facts, rule: deal_facts, from: { deal: "\${outputs.deal}" } }
sections:
  - { id: deal, heading: The deal, items: "\${outputs.facts.items}" }
  - { id: rules, heading: Rules, lines: ["Within \${variables.days} days."] }
---

${BODY}For \${person.first_name}, \${today}.
`;
const CTX = {
  organizationName: "Fernhollow",
  person: { id: "p", firstName: "Sarah", fullName: "Sarah Chen", email: null, timeZone: "UTC" },
};
const NOW = new Date("2026-11-22T12:00:00Z");

function issuesOf(source: string): string {
  try {
    parseDocument(source);
  } catch (error) {
    assert.ok(error instanceof AppError && error.code === "invalid_request", String(error));
    return error.issues.map(({ path, message }) => `${path}: ${message}`).join("; ");
  }
  return "";
}

function own(document: string, more: Partial<OrgSkill> = {}): OrgSkill {
  return {
    key: "own-skill",
    is_active: true,
    version: null,
    variables: {},
    document,
    document_sha256: "0".repeat(64),
    ...more,
  };
}

Deno.test("U60-064 a document is front matter and Markdown, and says what it holds", () => {
  const document = parseDocument(GOOD);
  assert.equal(document.key, "own-skill");
  assert.deepEqual(document.steps.map(({ id }) => id), ["deal", "facts"]);
  assert.equal(
    parseDocument(GOOD.replaceAll("\n", "\r\n")).version,
    3,
    "lines may end as on Windows",
  );
});

Deno.test("a document that could not run is refused, with the place", () => {
  const wrong: readonly (readonly [string, string, RegExp])[] = [
    ["no front matter", BODY, /front matter/],
    ["an unknown field", GOOD.replace("kind: skill", "kind: skill\nowner: me"), /Unrecognized key/],
    ["an unknown action", GOOD.replace("get_deal", "delete_deal"), /steps\.0/],
    ["an unknown rule", GOOD.replace("deal_facts", "run_code"), /steps\.1/],
    [
      "an unknown panel",
      GOOD.replace("panel: skill_result", "panel: admin_panel"),
      /names no panel/,
    ],
    [
      "a section the panel has not",
      GOOD.replace("panel: skill_result", "panel: weekly_summary"),
      /no section "deal"/,
    ],
    ["a path to nothing", GOOD.replace("outputs.facts", "outputs.fact"), /names nothing/],
    [
      "a path to a later step",
      GOOD.replace('"${inputs.deal_id}"', '"${outputs.facts.x}"'),
      /names nothing that is there before/,
    ],
    ["an undeclared input", GOOD.replace("inputs.deal_id", "inputs.deal"), /names nothing/],
    ["another's data", GOOD.replace("${today}", "${secrets.key}"), /begins with nothing/],
    ["a prototype", GOOD.replace("${today}", "${org.__proto__}"), /is not a path/],
    ["an open expression", GOOD.replace("${today}.", "${today."), /not closed/],
    [
      "an item outside each",
      GOOD.replace('"${inputs.deal_id}"', '"${item.id}"'),
      /outside an each/,
    ],
    ["outputs in the text", GOOD.replace("${today}", "${outputs.deal}"), /names nothing/],
    [
      "a proposal in a skill",
      GOOD.replace("read: get_deal", "propose: create_task"),
      /only a sequence proposes/,
    ],
    [
      "a skill named like a sequence",
      GOOD.replace("key: own-skill", "key: seq-own"),
      /begin with seq-/,
    ],
    ["a key twice", GOOD.replace("version: 3", "version: 3\nversion: 4"), /YAML/],
    [
      "an alias",
      GOOD.replace("phrases: [do it, do it our way]", "phrases: &a [do it, do it our way]").replace(
        "name: Own skill",
        "name: Own skill\nx: *a",
      ),
      /alias|YAML/i,
    ],
    ["a tag", GOOD.replace("version: 3", "version: !!js/function 3"), /YAML/],
    ["a step twice", GOOD.replace("id: facts", "id: deal"), /a second step/],
    ["nothing to read", GOOD.replace(BODY, "Short."), /body/],
    ["too much", GOOD + "x".repeat(41_000), /too long/],
    [
      "a refused key",
      GOOD.replace("args: { deal_id", "args: { __proto__: { a: 1 }, deal_id"),
      /is not a name/,
    ],
  ];
  for (const [what, source, issue] of wrong) assert.match(issuesOf(source), issue, what);
  assert.equal(issuesOf(GOOD), "", "the control");
});

Deno.test("no text makes the reader throw anything but invalid_request, or take long", () => {
  const lines = GOOD.split("\n");
  fc.assert(
    fc.property(fc.nat(lines.length - 1), fc.string(), fc.nat(3), (at, text, how) => {
      const changed = [...lines];
      if (how === 0) changed[at] = text;
      else if (how === 1) changed.splice(at, 1);
      else if (how === 2) changed.splice(at, 0, text);
      else changed[at] = `${changed[at]}${text}`;
      issuesOf(changed.join("\n"));
    }),
    { numRuns: 300 },
  );
});

Deno.test("U60-063 an organization lists what is on, its own documents among it, and nothing that is off", () => {
  const all = listSkills([]);
  assert.equal(all.length, new Set(LIBRARY.map(({ document }) => document.key)).size);
  assert.equal(all[0]?.kind, "sequence");
  const settings = [
    own(GOOD),
    own("", { key: "cold-outreach", is_active: false, document: null, document_sha256: null }),
  ];
  const listed = listSkills(settings).map(({ key }) => key);
  assert.ok(listed.includes("own-skill"));
  assert.ok(!listed.includes("cold-outreach"));
  assert.ok(all.some(({ key }) => key === "cold-outreach"), "the control");
  assert.ok(!listSkills([own(GOOD, { is_active: false })]).some(({ key }) => key === "own-skill"));
});

Deno.test("U60-064 a compiled document has names and days in it, and no variable", () => {
  const skill = getSkill("own-skill", [own(GOOD)], CTX, NOW);
  assert.equal(skill.description, "Does what we want for Fernhollow.");
  assert.match(skill.instructions, /For Sarah, 2026-11-22\.$/);
  assert.equal(skill.version, 3);
  assert.deepEqual(skill.inputs.map(({ name }) => name), ["deal_id"]);
  for (const { document } of LIBRARY) {
    const compiled = getSkill(document.key, [], CTX, NOW);
    assert.ok(!hasUnresolvedVariables(JSON.stringify(compiled)), document.key);
    const nobody = { ...CTX, person: { ...CTX.person, firstName: null, fullName: null } };
    assert.ok(
      !hasUnresolvedVariables(JSON.stringify(getSkill(document.key, [], nobody, NOW))),
      document.key,
    );
  }
});

Deno.test("what was stored around the functions and is no document counts as not there", () => {
  for (
    const document of [
      "nonsense",
      GOOD.replace("own-skill", "other-skill"),
      GOOD.replace("get_deal", "drop"),
    ]
  ) {
    assert.throws(() => getSkill("own-skill", [own(document)], CTX, NOW), AppError);
    const library = getSkill("cold-outreach", [own(document, { key: "cold-outreach" })], CTX, NOW);
    assert.equal(library.name, "Cold outreach", "the library's is used");
  }
});
