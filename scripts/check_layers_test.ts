import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { checkLayers } from "./check_layers.ts";
import { projectDir } from "./checks/project_dir.ts";
import { sourceFiles } from "./checks/source_files.ts";

const ALLOWED: Readonly<Record<string, string>> = {
  "shared/meetings/cancel_meeting.ts":
    'import { z } from "zod";\nimport { a } from "../errors/app_error.ts";',
  "shared/meetings/a_test.ts":
    'import { strictEqual } from "node:assert/strict";\nDeno.test("a", () => {});',
  "supabase/functions/_shared/http/a.ts":
    'import { a } from "@shared/errors/catalogue.ts";\nconst b = await import("./b.ts");',
  "supabase/functions/_shared/http/a_test.ts":
    'import { a } from "../../../../tests/support/function_deps.ts";',
  "supabase/functions/api-copilot/app.ts":
    'import { a } from "../_shared/http/create_api.ts";\nimport { b } from "./b.ts";',
  "scripts/generate_openapi.ts": 'import { a } from "../supabase/functions/api-copilot/app.ts";',
  "shared/meetings/comment.ts":
    '/**\n * import { a } from "../../supabase/a.ts";\n */\n// import "../../scripts/b.ts"; Deno.exit()',
};

const REFUSED: Readonly<Record<string, string>> = {
  "shared/meetings/a.ts": 'import { a } from "../../supabase/functions/_shared/http/a.ts";',
  "shared/meetings/b.ts": 'import { a } from "../../scripts/providers/server.ts";',
  "shared/meetings/c.ts": 'import { join } from "node:path";',
  "shared/meetings/d.ts": 'const a = Deno.env.get("A");',
  "shared/meetings/e.ts": 'export { a } from "../../tests/support/a.ts";',
  "supabase/functions/_shared/a.ts": 'import { a } from "../api-copilot/app.ts";',
  "supabase/functions/_shared/b.ts": 'const a = await import("../../../scripts/a.ts");',
  "supabase/functions/api-copilot/a.ts": 'import { a } from "../meeting-search/app.ts";',
  "supabase/functions/api-copilot/b.ts": 'import "../../../scripts/providers/server.ts";',
  "tests/functions/a_test.ts": 'import { a } from "../../supabase/functions/api-copilot/app.ts";',
  "scripts/stack/rest/a.ts": 'import { a } from "@shared/errors/catalogue.ts";',
  "scripts/providers/a.ts": 'import { a } from "../../shared/meetings/a.ts";',
  "supabase/functions/api-copilot/a_test.ts": 'import { a } from "../meeting-search/app.ts";',
};

Deno.test("checkLayers() lets imports run down, and tests use their support", () => {
  const files = Object.entries(ALLOWED).map(([path, text]) => ({ path, text }));
  deepStrictEqual(checkLayers(files), []);
});

Deno.test("checkLayers() finds each import that runs back, sideways or out", () => {
  for (const [path, text] of Object.entries(REFUSED)) {
    strictEqual(checkLayers([{ path, text }]).length, 1, path);
  }
});

Deno.test("checkLayers() finds nothing in this project", async () => {
  const files = await sourceFiles(projectDir(), ["shared", "supabase", "scripts", "tests"], [
    ".ts",
  ]);
  deepStrictEqual(checkLayers(files), []);
});
