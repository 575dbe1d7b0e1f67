import { deepStrictEqual, ok } from "node:assert/strict";
import { checkFunctions, type FunctionFacts, readFunctionFacts } from "./check_functions.ts";
import { projectDir } from "./checks/project_dir.ts";

const BLOCK = `[functions.notes]
enabled = true
verify_jwt = false
import_map = "./functions/notes/deno.json"
entrypoint = "./functions/notes/index.ts"
`;
const FILES: Readonly<Record<string, string>> = {
  "app.ts": 'export const createApp = (deps) => createApi("notes", deps);',
  "deno.json": '{ "importMap": "../../../import_map.json" }',
  "index.ts": "const app = createApp();\n\nexport default { fetch: app.fetch };\n",
};

interface Changes {
  readonly config?: string;
  readonly files?: Readonly<Record<string, string | undefined>>;
  readonly registry?: FunctionFacts["registry"];
  readonly privileged?: readonly string[];
}

const ENTRY = {
  kind: "api",
  auth: "user",
  privilege: "user",
  capability: "notes",
  summary: "Notes.",
} as const;

function factsWith(changes: Changes = {}): FunctionFacts {
  const files = Object.entries({ ...FILES, ...changes.files });
  return {
    registry: changes.registry ?? { notes: ENTRY },
    privileged: new Set(changes.privileged ?? []),
    config: changes.config ?? BLOCK,
    files: files.flatMap(([name, text]) =>
      text === undefined ? [] : [{ path: `supabase/functions/notes/${name}`, text }]
    ),
  };
}

Deno.test("checkFunctions() is content when registry, folder, config and builder agree", () => {
  deepStrictEqual(checkFunctions(factsWith()), []);
});

Deno.test("U60-170 checkFunctions() finds every kind of disagreement", () => {
  const disagreements: Readonly<Record<string, Changes>> = {
    "is not in the registry": { registry: {} },
    "has no block": { config: "" },
    "has no folder": {
      files: { "app.ts": undefined, "deno.json": undefined, "index.ts": undefined },
    },
    "leaves verify_jwt out": { config: BLOCK.replace("verify_jwt = false\n", "") },
    "verify_jwt knows only": { config: BLOCK.replace("false", "true") },
    "does not enable": { config: BLOCK.replace("enabled = true", "enabled = false") },
    "another import map": { config: BLOCK.replace("notes/deno.json", "other/deno.json") },
    "another entrypoint": { config: BLOCK.replace("index.ts", "main.ts") },
    "cannot have auth": { registry: { notes: { ...ENTRY, auth: "cron" } } },
    "no registered reason": { registry: { notes: { ...ENTRY, privilege: "service" } } },
    "not the privilege": { privileged: ["notes"] },
    "is built by createJob": { files: { "app.ts": 'createJob("notes", spec)' } },
    'is built by createApi("other")': { files: { "app.ts": 'createApi("other")' } },
    "not 0 times": { files: { "app.ts": "" } },
    "not 2 times": { files: { "more.ts": 'createApi("notes")' } },
    "deno.json must be": { files: { "deno.json": '{ "imports": {} }' } },
    "index.ts must end": { files: { "index.ts": "Deno.serve(app.fetch);" } },
  };
  for (const [expected, changes] of Object.entries(disagreements)) {
    const findings = checkFunctions(factsWith(changes));
    ok(
      findings.some((finding) => finding.includes(expected)),
      `${expected}: ${findings.join("; ")}`,
    );
  }
});

Deno.test("checkFunctions() finds nothing in this project", async () => {
  deepStrictEqual(checkFunctions(await readFunctionFacts(projectDir())), []);
});
