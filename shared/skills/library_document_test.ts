// docs/skills.md says what there is, and the document that it teaches by runs.
import assert from "node:assert/strict";
import { LIBRARY } from "./library.ts";
import { parseDocument } from "./parse_document.ts";

const text = await Deno.readTextFile(new URL("../../docs/skills.md", import.meta.url));

Deno.test("docs/skills.md lists every document with what it does, its panel and its version", () => {
  const rows = text.split("\n").map((line) => line.split("|").map((cell) => cell.trim()))
    .filter(([, key]) => key?.startsWith("`"));
  const newest = new Map(LIBRARY.map(({ document }) => [document.key, document]));
  assert.deepEqual(
    rows.map(([, key, does, panel, version]) => ({ key, does, panel, version })),
    [...newest.values()].toSorted((a, b) => a.kind === b.kind ? 0 : a.kind === "sequence" ? -1 : 1)
      .map(({ key, description, panel, version }) => ({
        key: `\`${key}\``,
        does: description,
        panel: `\`${panel}\``,
        version: String(version),
      })),
  );
});

Deno.test("the document that docs/skills.md teaches by is one", () => {
  const [, source = ""] = /```markdown\n([\s\S]*?)```/.exec(text) ?? [];
  assert.equal(parseDocument(source).key, "seq-first-steps");
});
