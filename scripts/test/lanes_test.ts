import { deepStrictEqual } from "node:assert/strict";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { LANES } from "./lanes.ts";

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
