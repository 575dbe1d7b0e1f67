// Imports run one way: functions → _shared → shared. Says which import runs back, sideways, or out
// of the product into the tools around it.
import { dirname, join, normalize } from "node:path";
import { projectDir } from "./checks/project_dir.ts";
import { type Finding, reportFindings } from "./checks/report_findings.ts";
import { type SourceFile, sourceFiles } from "./checks/source_files.ts";

/** One import of a file: what it names, and the file of ours that this is, if it is one. */
interface Import {
  readonly specifier: string;
  /** Path from the root; null for packages and the platform. */
  readonly target: string | null;
}

/** A part of the tree, and what it may import. */
interface Layer {
  readonly name: string;
  readonly matches: (path: string) => boolean;
  /** Why an import is wrong; null when it is allowed. */
  readonly refuse: (path: string, target: Import) => string | null;
}

const FUNCTION = /^supabase\/functions\/(?!_shared\/)([^/]+)\//;

const LAYERS: readonly Layer[] = [
  {
    name: "shared",
    matches: (path) => path.startsWith("shared/"),
    refuse: (_, { specifier, target }) => {
      if (target === null) return specifier.startsWith("node:") ? "the platform" : null;
      return target.startsWith("shared/") ? null : "another layer";
    },
  },
  {
    name: "_shared",
    matches: (path) => path.startsWith("supabase/functions/_shared/"),
    refuse: (_, { target }) =>
      target === null || /^(?:shared|supabase\/functions\/_shared)\//.test(target)
        ? null
        : "another layer",
  },
  {
    name: "function",
    matches: (path) => FUNCTION.test(path),
    refuse: (path, { target }) => {
      if (target === null || /^(?:shared|supabase\/functions\/_shared)\//.test(target)) return null;
      return FUNCTION.exec(target)?.[1] === FUNCTION.exec(path)?.[1] ? null : "another function";
    },
  },
  {
    name: "tests over the network",
    matches: (path) => /^tests\/(?:functions|e2e)\//.test(path),
    refuse: (_, { target }) =>
      target !== null && target.startsWith("supabase/") ? "the inside of what it tests" : null,
  },
  {
    name: "stack",
    matches: (path) => path.startsWith("scripts/stack/"),
    refuse: (_, { target }) =>
      target !== null && /^(?:shared|supabase)\//.test(target) ? "the product" : null,
  },
  {
    name: "providers",
    matches: (path) => path.startsWith("scripts/providers/"),
    refuse: (_, { target }) =>
      target !== null && /^(?:shared|supabase)\//.test(target) ? "the product" : null,
  },
];

/**
 * Finds imports that run the wrong way.
 *
 * @param files The project's TypeScript files.
 * @returns A finding for each.
 */
export function checkLayers(files: readonly SourceFile[]): Finding[] {
  const findings: Finding[] = [];
  for (const { path, text } of files) {
    const layer = LAYERS.find(({ matches }) => matches(path));
    if (layer === undefined) continue;
    const isTest = path.endsWith("_test.ts");
    for (const found of importsOf(path, text)) {
      // A test beside its source may use the tests' support, and nothing else that is new
      if (isTest && (found.target?.startsWith("tests/support/") ?? true)) continue;
      const reason = layer.refuse(path, found);
      if (reason !== null) findings.push(`${path}: imports ${reason}: ${found.specifier}`);
    }
    if (layer.name === "shared" && !isTest && usesDeno(text)) {
      findings.push(`${path}: uses Deno; the domain takes handles and opens none`);
    }
  }
  return findings;
}

/** Static and dynamic imports, and what is exported from elsewhere; not what a comment shows. */
const IMPORT = /(?:\bfrom\s*|\bimport\s*\(\s*|^\s*import\s*)(["'])([^"']+)\1/gm;

function importsOf(path: string, text: string): Import[] {
  return [...withoutComments(text).matchAll(IMPORT)].map(([, , specifier = ""]) => ({
    specifier,
    target: resolveTarget(path, specifier),
  }));
}

function resolveTarget(path: string, specifier: string): string | null {
  if (specifier.startsWith("@shared/")) return `shared/${specifier.slice("@shared/".length)}`;
  if (!specifier.startsWith(".")) return null;
  return normalize(join(dirname(path), specifier)).replaceAll("\\", "/");
}

function usesDeno(text: string): boolean {
  return /\bDeno\s*\./.test(withoutComments(text));
}

function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, "").replace(/^\s*\/\/.*$/gm, "");
}

async function main(): Promise<void> {
  const files = await sourceFiles(projectDir(), ["shared", "supabase", "scripts", "tests"], [
    ".ts",
  ]);
  reportFindings("layers", checkLayers(files));
}

if (import.meta.main) await main();
