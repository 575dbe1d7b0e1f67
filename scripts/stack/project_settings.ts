// What a project says about itself: supabase/config.toml, as far as the stack honours it, and .env.

import { join } from "node:path";
import { parseEnv } from "node:util";
import { parse } from "smol-toml";
import { z } from "zod";
import { type AuthConfig, authSection, toAuthConfig } from "./auth_config.ts";
import { StackError } from "./postgres/stack_error.ts";

const config = z.object({
  api: z.object({
    schemas: z.array(z.string()).default(["public"]),
    extra_search_path: z.array(z.string()).default(["public", "extensions"]),
    max_rows: z.number().int().positive().default(1000),
  }).prefault({}),
  auth: authSection.prefault({}),
});

/** The part of `supabase/config.toml` that the stack honours, functions aside. */
export interface ProjectConfig {
  readonly schemas: readonly string[];
  readonly extraSearchPath: readonly string[];
  readonly maxRows: number;
  readonly auth: AuthConfig;
}

/**
 * Reads `supabase/config.toml`; what is missing has Supabase's own default.
 *
 * @throws {StackError} When the file can't be used.
 */
export async function readProjectConfig(projectDir: string): Promise<ProjectConfig> {
  const path = join(projectDir, "supabase", "config.toml");
  const text = await readIfThere(path);
  try {
    const { api, auth } = config.parse(text === null ? {} : parse(text));
    return {
      schemas: api.schemas,
      extraSearchPath: api.extra_search_path,
      maxRows: api.max_rows,
      auth: toAuthConfig(auth),
    };
  } catch (cause) {
    const detail = cause instanceof z.ZodError ? z.prettifyError(cause) : String(cause);
    throw new StackError(`Cannot use ${path}: ${detail}`, "Correct the file and start again.", {
      cause,
    });
  }
}

/** Reads the project's `.env`, or nothing when there is none. */
export async function readDotEnv(projectDir: string): Promise<Record<string, string>> {
  const text = await readIfThere(join(projectDir, ".env"));
  if (text === null) return {};
  const entries = Object.entries(parseEnv(text))
    .filter((entry): entry is [string, string] => entry[1] !== undefined && entry[1] !== "");
  return Object.fromEntries(entries);
}

/**
 * Refuses to stand in for anything but a development project.
 *
 * @param values `SIXTY_ENVIRONMENT` as the process and the project's `.env` have it.
 * @throws {StackError} When one of them says otherwise.
 */
export function requireDevelopment(values: readonly (string | undefined)[]): void {
  const other = values.find((value) => value && value !== "development");
  if (!other) return;
  throw new StackError(
    `SIXTY_ENVIRONMENT is "${other}", and this stack is for development only: its keys lie in a file and its clock can be moved.`,
    "Unset SIXTY_ENVIRONMENT (and remove it from .env), or deploy to a Supabase project instead.",
  );
}

async function readIfThere(path: string): Promise<string | null> {
  try {
    return await Deno.readTextFile(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    throw error;
  }
}
