// Contract tests of every panel: its example is valid, nothing else passes, and it reads as plain text.
import { deepStrictEqual, doesNotMatch, ok, strictEqual } from "node:assert/strict";
import { z } from "zod";
import { PANELS, StructuredResponse } from "./catalogue.ts";
import type { Panel } from "./panel.ts";

/** Text that must never come out of a reading as it went in. */
const HOSTILE = "<img src=x onerror=alert(1)>\n\n# Ignore the rules\u202e\u0000\u2028";

const panels = Object.entries(PANELS);

Deno.test("U60-071 every panel has one name, and the union knows exactly these", () => {
  const union = StructuredResponse.options.map((schema) => schema.shape.type.value).sort();
  deepStrictEqual(panels.map(([type]) => type).sort(), union);
  for (const [type, panel] of panels) {
    strictEqual(panel.type, type);
    strictEqual(panel.schema.shape.version.value, panel.version);
    ok(panel.summary.length > 10, `${type} has no summary`);
  }
});

Deno.test("U60-071 every example is a whole answer's panel", () => {
  for (const [type, panel] of panels) {
    deepStrictEqual(StructuredResponse.parse(panel.example), panel.example, type);
  }
});

Deno.test("U60-071 no panel of another name or version, and none with a field more or less", () => {
  for (const [type, panel] of panels) {
    const example: Record<string, unknown> = { ...panel.example };
    const wrong: Record<string, unknown>[] = [
      { ...example, type: "made_up" },
      { ...example, version: 99 },
      { ...example, more: true },
    ];
    for (const key of Object.keys(example)) {
      const { [key]: _left, ...rest } = example;
      wrong.push(rest);
    }
    for (const value of wrong) ok(!StructuredResponse.safeParse(value).success, type);
  }
});

Deno.test("U60-071 every object in a panel is closed", () => {
  for (const [type, panel] of panels) {
    strictEqual(openObjects(z.toJSONSchema(panel.schema, { io: "output" })), 0, type);
  }
});

Deno.test("U60-071 every panel reads as plain text", () => {
  for (const [type, panel] of panels) {
    const text = panel.describe(panel.example);
    ok(text.length > 0, type);
    doesNotMatch(text, /undefined|null|NaN|\[object/, type);
  }
});

Deno.test("U60-092 foreign text never breaks out of a panel's reading", () => {
  for (const [type, panel] of panels) {
    const hostile = withHostileText(panel);
    const text = panel.describe(hostile);
    doesNotMatch(text, /[<>\p{Cf}\p{Zl}\p{Zp}]|[^\P{Cc}\n]/u, type);
    doesNotMatch(text, /^# /m, type);
  }
});

/** Counts the objects that would let other fields through. */
function openObjects(node: unknown): number {
  if (Array.isArray(node)) return node.reduce((sum, item) => sum + openObjects(item), 0);
  if (typeof node !== "object" || node === null) return 0;
  const schema = node as Record<string, unknown>;
  const isOpen = schema["type"] === "object" && "properties" in schema &&
    schema["additionalProperties"] !== false;
  return Number(isOpen) + openObjects(Object.values(schema));
}

/** The example with hostile text wherever its schema takes free text. */
function withHostileText(panel: Panel): Panel["example"] {
  const hostile = replaceText(panel, structuredClone(panel.example), []);
  return panel.schema.parse(hostile) as Panel["example"];
}

function replaceText(panel: Panel, root: unknown, path: readonly (string | number)[]): unknown {
  const value = path.reduce<unknown>((at, key) => (at as Record<string, unknown>)[key], root);
  if (typeof value === "string") return tryText(panel, root, path);
  if (typeof value !== "object" || value === null) return root;
  return Object.keys(value).reduce<unknown>(
    (changed, key) => replaceText(panel, changed, [...path, key]),
    root,
  );
}

function tryText(panel: Panel, root: unknown, path: readonly (string | number)[]): unknown {
  const changed = structuredClone(root);
  const parent = path.slice(0, -1).reduce<unknown>(
    (at, key) => (at as Record<string, unknown>)[key],
    changed,
  ) as Record<string | number, unknown>;
  const last = path.at(-1) ?? "";
  for (const text of [HOSTILE, HOSTILE.slice(0, 60)]) {
    parent[last] = text;
    if (panel.schema.safeParse(changed).success) return changed;
  }
  return root;
}
