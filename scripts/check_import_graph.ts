// What a function loads before it serves its first request is what its cold start costs. Packages
// that it may load then are few and listed; SDKs are loaded when they are first used.
import { join } from "node:path";
import { z } from "zod";
import { FUNCTION_REGISTRY } from "../shared/platform/function_registry.ts";
import { runCommand } from "./checks/generated_file.ts";
import { projectDir } from "./checks/project_dir.ts";
import { type Finding, reportFindings } from "./checks/report_findings.ts";

/** Packages that are small enough to be loaded at start, each with what it is for. */
const AT_START: Readonly<Record<string, string>> = {
  hono: "routes",
  zod: "contracts and settings",
  "@supabase/postgrest-js": "the database client; a tenth of supabase-js",
};
const MAX_MODULES = 80;

/** What `deno info --json` says about a module graph, as far as it matters here. */
export const ModuleGraph = z.looseObject({
  roots: z.array(z.string()),
  modules: z.array(z.looseObject({
    specifier: z.string(),
    dependencies: z.array(z.looseObject({
      code: z.looseObject({ specifier: z.string().optional() }).optional(),
      isDynamic: z.boolean().optional(),
    })).default([]),
  })),
});
export type ModuleGraph = z.infer<typeof ModuleGraph>;

/** What is loaded at start. */
export interface StartGraph {
  /** Files of ours. */
  readonly files: ReadonlySet<string>;
  /** Names of packages. */
  readonly packages: ReadonlySet<string>;
}

/**
 * Follows the imports that run at start: no types, and nothing that is imported on demand.
 *
 * @param graph The whole graph.
 * @returns What is loaded.
 */
export function startGraph(graph: ModuleGraph): StartGraph {
  const modules = new Map(graph.modules.map((module) => [module.specifier, module]));
  const files = new Set<string>();
  const packages = new Set<string>();
  const pending = [...graph.roots];
  while (pending.length > 0) {
    const specifier = pending.pop() ?? "";
    if (specifier.startsWith("npm:")) {
      packages.add(packageName(specifier));
    } else if (!files.has(specifier)) {
      files.add(specifier);
      for (const { code, isDynamic } of modules.get(specifier)?.dependencies ?? []) {
        if (code?.specifier !== undefined && isDynamic !== true) pending.push(code.specifier);
      }
    }
  }
  return { files, packages };
}

/**
 * Says what is wrong with what a function loads at start.
 *
 * @param name The function.
 * @param graph What it loads.
 * @returns A finding for each package that is not on the list, and one when files are too many.
 */
export function checkStartGraph(name: string, { files, packages }: StartGraph): Finding[] {
  const findings = [...packages].filter((found) => !(found in AT_START)).map((found) =>
    `${name}: loads ${found} at start; import it where it is used`
  );
  if (files.size > MAX_MODULES) {
    findings.push(`${name}: loads ${files.size} files at start; ${MAX_MODULES} at most`);
  }
  return findings;
}

/** `npm:/@scope/name@1.2.3/sub` → `@scope/name`. */
function packageName(specifier: string): string {
  const [, name] = /^npm:\/?((?:@[^/]+\/)?[^@/]+)/.exec(specifier) ?? [];
  return name ?? specifier;
}

async function main(): Promise<void> {
  const root = projectDir();
  const findings: Finding[] = [];
  for (const name of Object.keys(FUNCTION_REGISTRY)) {
    const entrypoint = join(root, "supabase/functions", name, "index.ts");
    const text = await runCommand(Deno.execPath(), ["info", "--json", entrypoint]);
    const graph = startGraph(ModuleGraph.parse(JSON.parse(text)));
    console.log(`${name}: ${graph.files.size} files, ${[...graph.packages].sort().join(", ")}`);
    findings.push(...checkStartGraph(name, graph));
  }
  reportFindings("import graph", findings);
}

if (import.meta.main) await main();
