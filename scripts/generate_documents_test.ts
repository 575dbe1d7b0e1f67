import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { PANELS } from "../shared/copilot/panels/catalogue.ts";
import { publishPanels } from "../shared/copilot/panels/publish_panels.ts";
import { FUNCTION_REGISTRY } from "../shared/platform/function_registry.ts";
import { SERVICE_REASONS } from "../shared/platform/service_reasons.ts";
import { writeOrCheck } from "./checks/generated_file.ts";
import { projectDir } from "./checks/project_dir.ts";
import { describeFunctions } from "./generate_functions_doc.ts";
import { describeApis } from "./generate_openapi.ts";
import { describePanels } from "./generate_panels_doc.ts";

Deno.test("describeFunctions() names every function and every reason for the service role", () => {
  const text = describeFunctions();
  for (const name of Object.keys(FUNCTION_REGISTRY)) ok(text.includes(`| \`${name}\` |`), name);
  for (const reason of Object.keys(SERVICE_REASONS)) ok(text.includes(`| \`${reason}\` |`), reason);
});

Deno.test("U60-071 describePanels() lists every panel once, with its version and where it comes from", () => {
  const rows = describePanels(publishPanels()).split("\n").filter((line) => line.startsWith("| `"));
  deepStrictEqual(rows.map((row) => row.split("`")[1]), Object.keys(PANELS).sort());
  for (const row of rows) ok(!/\|\s*\|/.test(row), row);
});

Deno.test("describeApis() makes the same document each time, with every operation behind a token", async () => {
  const document = await describeApis(projectDir());
  deepStrictEqual(await describeApis(projectDir()), document);
  const operations = Object.values(document.paths).flatMap((path) => Object.values(path));
  ok(operations.length > 0);
  for (const operation of operations) {
    ok(typeof operation === "object" && operation !== null && !Array.isArray(operation));
    deepStrictEqual(operation["security"], [{ user: [] }]);
    ok(typeof operation["operationId"] === "string");
  }
});

Deno.test("writeOrCheck() writes, finds nothing while the file is as it should be, and a finding after", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const file = { path: `${folder}/docs/a.md`, text: "a\n", command: "make a" };
    strictEqual((await writeOrCheck(file, ["--check"])).length, 1, "missing");
    deepStrictEqual(await writeOrCheck(file, []), []);
    deepStrictEqual(await writeOrCheck(file, ["--check"]), []);
    await Deno.writeTextFile(file.path, "b\n");
    strictEqual((await writeOrCheck(file, ["--check"])).length, 1, "changed");
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
