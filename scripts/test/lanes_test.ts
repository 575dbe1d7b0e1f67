import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { LANES, lanesAtOnce, TYPES_LANE } from "./lanes.ts";

const PROJECT_DIR = fileURLToPath(new URL("../../", import.meta.url));
const NOT_OURS = new Set(["node_modules", ".git", ".stack", "dist"]);

async function findTests(folder: string): Promise<string[]> {
  const found: string[] = [];
  for await (const entry of Deno.readDir(folder)) {
    if (NOT_OURS.has(entry.name)) continue;
    const path = join(folder, entry.name);
    if (entry.isDirectory) found.push(...await findTests(path));
    else if (/(_test\.ts|\.test\.sql)$/.test(entry.name)) found.push(relative(PROJECT_DIR, path));
  }
  return found.sort();
}

Deno.test("LANES run every test file of the project", async () => {
  const stray = (await findTests(PROJECT_DIR)).filter((file) => {
    const kind = file.endsWith(".sql") ? "pgtap" : "deno";
    return !LANES.some(({ runner }) =>
      runner.kind === kind && runner.paths.some((path) => file.startsWith(`${path}/`))
    );
  });
  deepStrictEqual(stray, []);
});

const Tasks = z.object({
  tasks: z.object({ check: z.string(), ok: z.object({ dependencies: z.array(z.string()) }) }),
});

// In a whole run no other lane checks its types.
Deno.test("TYPES_LANE runs the gate that checks the types of every test file", async () => {
  const { tasks } = Tasks.parse(
    JSON.parse(await Deno.readTextFile(join(PROJECT_DIR, "deno.json"))),
  );
  const [command, check, ...folders] = tasks.check.split(" ");
  strictEqual(`${command} ${check}`, "deno check");
  const unchecked = (await findTests(PROJECT_DIR)).filter((file) =>
    file.endsWith(".ts") && !folders.some((folder) => file.startsWith(`${folder}/`))
  );
  deepStrictEqual(unchecked, []);
  ok(tasks.ok.dependencies.includes("check"));
  const lane = LANES.find(({ name }) => name === TYPES_LANE);
  deepStrictEqual(lane?.runner.paths, ["tests/lint"], "gates_test.ts runs what `ok` depends on");
});

Deno.test("lanesAtOnce() leaves the third lane out where memory is short", () => {
  deepStrictEqual([4, 5.9, 6, 24].map((gib) => lanesAtOnce(gib * 2 ** 30)), [2, 2, 3, 3]);
});
