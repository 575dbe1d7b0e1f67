// Every gate of `deno task ok`, each by the task that a contributor would run, so that the two cannot
// differ. A failing gate prints its findings.
import { deepStrictEqual, ok } from "node:assert/strict";
import { join } from "node:path";
import { z } from "zod";
import { projectDir } from "../../scripts/checks/project_dir.ts";

/** What no merge may go without; the task may have more. */
const REQUIRED: readonly string[] = [
  "fmt:check",
  "lint",
  "check",
  "check:layers",
  "check:functions",
  "check:import-graph",
  "check:sizes",
  "check:secrets",
  "check:errors",
  "check:functions-doc",
  "check:requirements",
  "check:openapi",
  "check:types",
  "check:parity",
  "check:migrations",
  "check:advisors",
];

const Configuration = z.object({
  tasks: z.object({ ok: z.object({ dependencies: z.array(z.string()) }) }),
  lint: z.object({ plugins: z.array(z.string()) }),
});

const root = projectDir();
const { tasks, lint } = Configuration.parse(
  JSON.parse(await Deno.readTextFile(join(root, "deno.json"))),
);

Deno.test("`deno task ok` runs every gate that no merge may go without", () => {
  deepStrictEqual(REQUIRED.filter((gate) => !tasks.ok.dependencies.includes(gate)), []);
});

Deno.test("U60-034 `deno lint` loads the rules of the house", () => {
  deepStrictEqual(lint.plugins, ["./scripts/lint/plugin.ts"]);
});

for (const gate of tasks.ok.dependencies) {
  Deno.test(`the gate ${gate} finds nothing`, async () => {
    const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["task", "--quiet", gate],
      cwd: root,
      env: { NO_COLOR: "1" },
      stdout: "piped",
      stderr: "piped",
    }).output();
    const said = new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
    ok(success, `\n${said.trim()}`);
  });
}
