// The picture of a recording's states in docs/recordings.md, held against the tables that the database
// moves recordings by, and its list of failures against the one that people are shown.
import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { BOT_FAILURES, explainFailure } from "@shared/recordings/explain_failure.ts";

const DOCUMENT = await readProjectFile("docs/recordings.md");
const SCHEMA = await readProjectFile("supabase/schemas/52_bot_events.sql");
const STATES = await readProjectFile("supabase/schemas/50_recordings.sql");

function readProjectFile(path: string): Promise<string> {
  return Deno.readTextFile(new URL(`../../${path}`, import.meta.url));
}

interface Arrow {
  readonly from: string;
  readonly to: string;
  /** Whose doing it is; none stands for a report of the bot. */
  readonly label: string | undefined;
}

function arrowsOf(document: string): Arrow[] {
  const diagram = /```mermaid\n([^`]*)```/.exec(document)?.[1] ?? "";
  return [...diagram.matchAll(/^ *(\S+) --> (\S+)(?: : (.+))?$/gm)]
    .map(([, from = "", to = "", label]) => ({ from, to, label }));
}

function valuesOf(table: string): string[][] {
  const statement = new RegExp(`insert into ${table} [^;]*;`).exec(SCHEMA)?.[0] ?? "";
  return [...statement.matchAll(/\('(\w+)', '(\w+)'\)/g)].map(([, a = "", b = ""]) => [a, b]);
}

/** Every step that a path of arrows makes possible. */
function closureOf(arrows: readonly Arrow[]): Set<string> {
  const steps = new Set(arrows.map(({ from, to }) => `${from} ${to}`));
  for (let size = -1; size !== steps.size;) {
    size = steps.size;
    for (const step of [...steps]) {
      const [from, via] = step.split(" ");
      for (const arrow of arrows) if (arrow.from === via) steps.add(`${from} ${arrow.to}`);
    }
  }
  return steps;
}

Deno.test("U60-106 the picture of a bot's states is the table of transitions", () => {
  const arrows = arrowsOf(DOCUMENT);
  const reports = arrows.filter(({ from, to, label }) =>
    label === undefined && from !== "[*]" && to !== "[*]"
  );
  const table = valuesOf("private.bot_transitions").map((row) => row.join(" "));
  ok(table.length > 30);
  deepStrictEqual([...closureOf(reports)].sort(), [...table].sort());
});

Deno.test("U60-106 the picture has every state that a recording can be in", () => {
  const known = /recordings_status_is_known check \(([^;]*?)\)\s*\),/.exec(STATES)?.[1] ?? "";
  const states = [...known.matchAll(/'(\w+)'/g)].map(([, state]) => state);
  strictEqual(states.length, 10);
  const drawn = new Set(arrowsOf(DOCUMENT).flatMap(({ from, to }) => [from, to]));
  drawn.delete("[*]");
  deepStrictEqual([...drawn].sort(), [...states].sort());
});

Deno.test("R-09 each status code of the provider stands for a state that a report can reach", () => {
  const reachable = new Set(valuesOf("private.bot_transitions").map(([, to]) => to));
  const codes = valuesOf("private.bot_status_codes");
  strictEqual(new Set(codes.map(([code]) => code)).size, 22);
  for (const [code = "", status = ""] of codes) ok(reachable.has(status), code);
});

Deno.test("each failure that is explained to people is in the document, in the same words", () => {
  const rows = [...DOCUMENT.matchAll(/^\| `(\w+)` +\| ([^|]*?) *\| ([^|]*?) *\|$/gm)]
    .map(([, code, meaning, advice]) => [code, meaning, advice || null]);
  deepStrictEqual(
    rows,
    Object.entries(BOT_FAILURES).map(([code, { meaning, advice }]) => [code, meaning, advice]),
  );
  for (const code of Object.keys(BOT_FAILURES)) ok(/^[a-z0-9_]{1,100}$/.test(code), code);
  strictEqual(explainFailure("constructor").meaning, 'The provider\'s reason was "constructor".');
});
