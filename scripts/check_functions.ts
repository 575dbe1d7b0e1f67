// Says where a function's folder, its entry in the registry, its block in config.toml and the builder
// that it uses disagree.
import { join } from "node:path";
import { parse } from "smol-toml";
import { z } from "zod";
import {
  FUNCTION_REGISTRY,
  type FunctionEntry,
  type FunctionKind,
} from "../shared/platform/function_registry.ts";
import { SERVICE_REASONS } from "../shared/platform/service_reasons.ts";
import { projectDir } from "./checks/project_dir.ts";
import { type Finding, reportFindings } from "./checks/report_findings.ts";
import { type SourceFile, sourceFiles } from "./checks/source_files.ts";

/** Everything that says something about functions. */
export interface FunctionFacts {
  readonly registry: Readonly<Record<string, FunctionEntry>>;
  /** Names of functions that some reason for the service role lists. */
  readonly privileged: ReadonlySet<string>;
  /** Text of supabase/config.toml. */
  readonly config: string;
  /** Files below supabase/functions. */
  readonly files: readonly SourceFile[];
}

const Config = z.looseObject({
  functions: z.record(
    z.string(),
    z.looseObject({
      enabled: z.boolean().optional(),
      verify_jwt: z.boolean().optional(),
      import_map: z.string().optional(),
      entrypoint: z.string().optional(),
    }),
  ).default({}),
});

const FOLDER = /^supabase\/functions\/([^_/][^/]*)\//;
const BUILDERS: Readonly<Record<FunctionKind, string>> = {
  api: "createApi",
  webhook: "createWebhook",
  job: "createJob",
};
const POINTER = { importMap: "../../../import_map.json" };
const AUTH: Readonly<Record<FunctionKind, RegExp>> = {
  api: /^user$/,
  webhook: /^webhook:[a-z0-9-]+$/,
  job: /^cron$/,
};

/**
 * Compares what is said about functions.
 *
 * @param facts Where it is said.
 * @returns A finding for each disagreement.
 */
export function checkFunctions(facts: FunctionFacts): Finding[] {
  const { functions } = Config.parse(parse(facts.config));
  const folders = new Set(
    facts.files.map(({ path }) => FOLDER.exec(path)?.[1]).filter((name) => name !== undefined),
  );
  const names = new Set([...Object.keys(facts.registry), ...folders, ...Object.keys(functions)]);
  const findings: Finding[] = [];
  for (const name of [...names].sort()) {
    const entry = facts.registry[name];
    const block = functions[name];
    if (entry === undefined) findings.push(`${name}: is not in the registry`);
    if (!folders.has(name)) findings.push(`${name}: has no folder`);
    if (block === undefined) findings.push(`${name}: has no block in config.toml`);
    else findings.push(...checkBlock(name, block));
    if (entry !== undefined) findings.push(...checkEntry(name, entry, facts));
    if (entry !== undefined && folders.has(name)) {
      findings.push(...checkFolder(name, entry, facts.files));
    }
  }
  return findings;
}

function checkBlock(
  name: string,
  block: z.infer<typeof Config>["functions"][string],
): Finding[] {
  const findings: Finding[] = [];
  if (block.enabled !== true) findings.push(`${name}: config.toml does not enable it`);
  if (block.verify_jwt === undefined) findings.push(`${name}: config.toml leaves verify_jwt out`);
  if (block.verify_jwt === true) {
    findings.push(`${name}: verify_jwt knows only legacy secrets; the function verifies itself`);
  }
  if (block.import_map !== `./functions/${name}/deno.json`) {
    findings.push(`${name}: config.toml names another import map`);
  }
  if (block.entrypoint !== `./functions/${name}/index.ts`) {
    findings.push(`${name}: config.toml names another entrypoint`);
  }
  return findings;
}

function checkEntry(name: string, entry: FunctionEntry, facts: FunctionFacts): Finding[] {
  const findings: Finding[] = [];
  if (!AUTH[entry.kind].test(entry.auth)) {
    findings.push(`${name}: a function of kind ${entry.kind} cannot have auth ${entry.auth}`);
  }
  const isPrivileged = facts.privileged.has(name);
  if (entry.privilege === "service" && !isPrivileged) {
    findings.push(`${name}: has the service role, and no registered reason for it`);
  }
  if (entry.privilege === "user" && isPrivileged) {
    findings.push(`${name}: has a registered reason for the service role, and not the privilege`);
  }
  return findings;
}

function checkFolder(name: string, entry: FunctionEntry, files: readonly SourceFile[]): Finding[] {
  const folder = `supabase/functions/${name}/`;
  const textOf = (file: string): string | undefined =>
    files.find(({ path }) => path === `${folder}${file}`)?.text;
  const findings: Finding[] = [];

  const pointer = textOf("deno.json");
  if (pointer === undefined || !isPointer(pointer)) {
    findings.push(`${name}: deno.json must be ${JSON.stringify(POINTER)}`);
  }
  if (!/export default \{ fetch: app\.fetch \};\s*$/.test(textOf("index.ts") ?? "")) {
    findings.push(`${name}: index.ts must end in "export default { fetch: app.fetch };"`);
  }
  const own = files.filter(({ path }) => path.startsWith(folder) && !path.endsWith("_test.ts"));
  const built = own.flatMap(({ text }) => [
    ...text.matchAll(/\b(create(?:Api|Webhook|Job))\s*\(\s*["']([^"']+)["']/g),
  ]);
  const [only] = built;
  if (only === undefined || built.length !== 1) {
    findings.push(`${name}: must be built exactly once, not ${built.length} times`);
  } else if (only[1] !== BUILDERS[entry.kind] || only[2] !== name) {
    findings.push(`${name}: is built by ${only[1]}("${only[2]}"), but registered as ${entry.kind}`);
  }
  return findings;
}

function isPointer(text: string): boolean {
  try {
    return JSON.stringify(JSON.parse(text)) === JSON.stringify(POINTER);
  } catch {
    return false;
  }
}

/**
 * Collects what the project says about its functions.
 *
 * @param root The repository.
 * @returns The facts.
 */
export async function readFunctionFacts(root: string): Promise<FunctionFacts> {
  return {
    registry: FUNCTION_REGISTRY,
    privileged: new Set(Object.values(SERVICE_REASONS).flatMap(({ functions }) => functions)),
    config: await Deno.readTextFile(join(root, "supabase/config.toml")),
    files: await sourceFiles(root, ["supabase/functions"], [".ts", "deno.json"]),
  };
}

if (import.meta.main) {
  reportFindings("functions", checkFunctions(await readFunctionFacts(projectDir())));
}
