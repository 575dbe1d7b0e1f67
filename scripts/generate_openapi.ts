// Writes docs/openapi.json, the contracts of all apis in one document: `generate_openapi.ts
// [--check]`. Each api is built in this process, with settings that name nothing, and asked.
import { join } from "node:path";
import { systemClock } from "../shared/platform/clock.ts";
import { FUNCTION_REGISTRY } from "../shared/platform/function_registry.ts";
import type { Api } from "../supabase/functions/_shared/http/create_api.ts";
import type { FunctionDeps } from "../supabase/functions/_shared/http/function_deps.ts";
import type {
  JsonObject,
  OpenApiDocument,
} from "../supabase/functions/_shared/http/openapi_document.ts";
import { writeOrCheck } from "./checks/generated_file.ts";
import { projectDir } from "./checks/project_dir.ts";
import { reportFindings } from "./checks/report_findings.ts";

/** Enough to build an api; it is never called. */
const INERT: FunctionDeps = {
  env: {
    supabaseUrl: "http://project.invalid",
    publishableKey: "none",
    secretKey: "none",
    cronKey: undefined,
    jwks: { keys: [] },
    issuer: "http://project.invalid/auth/v1",
    environment: "development",
    allowedOrigins: new Set(),
    trustedIssuers: [],
  },
  readVariable: (name) => /_URL$/.test(name) ? "http://provider.invalid" : "none",
  fetch: () => Promise.reject(new TypeError("documents are made without a network")),
  clock: systemClock,
  writeLine: () => {},
  runInBackground: () => {},
};

interface AppModule {
  createApp(deps: FunctionDeps): Api;
}

/**
 * Describes every api.
 *
 * @param root The repository.
 * @returns One OpenAPI document; the same contracts always make the same one.
 * @throws {TypeError} When an api has no `createApp`.
 */
export async function describeApis(root: string): Promise<OpenApiDocument> {
  const names = Object.entries(FUNCTION_REGISTRY)
    .filter(([, { kind }]) => kind === "api").map(([name]) => name).sort();
  const documents = await Promise.all(names.map((name) => describeApi(root, name)));
  const [first] = documents;
  if (first === undefined) throw new TypeError("there is no api to describe");
  return {
    ...first,
    info: {
      title: "Sixty",
      version: "1",
      summary: "Apis of the Sixty backend. Addresses are below /functions/v1 of the project.",
    },
    paths: Object.assign({}, ...documents.map(({ paths }) => paths)),
    components: { ...first.components, schemas: mergeSchemas(documents) },
  };
}

/** Two apis may name the same schema, never two schemas the same. */
function mergeSchemas(documents: readonly OpenApiDocument[]): JsonObject {
  const merged: JsonObject = {};
  for (const { components } of documents) {
    for (const [name, schema] of Object.entries(components["schemas"] as JsonObject)) {
      const known = merged[name];
      if (known !== undefined && JSON.stringify(known) !== JSON.stringify(schema)) {
        throw new TypeError(`two apis mean different schemas by ${name}`);
      }
      merged[name] = schema;
    }
  }
  return merged;
}

async function describeApi(root: string, name: string): Promise<OpenApiDocument> {
  const module: AppModule = await import(`file://${join(root, "supabase/functions", name)}/app.ts`);
  return await module.createApp(INERT).document();
}

async function main(): Promise<void> {
  const root = projectDir();
  const text = `${JSON.stringify(await describeApis(root), null, 2)}\n`;
  const path = join(root, "docs/openapi.json");
  reportFindings("openapi", await writeOrCheck({ path, text, command: "deno task docs:openapi" }));
}

if (import.meta.main) await main();
