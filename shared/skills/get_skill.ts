// What an organization can have done: the library, as its admins have set it. A document of their own
// takes the place of the library's; one that is switched off is not there.
import { z } from "zod";
import type { ActionContext } from "../copilot/actions/action.ts";
import { ListedSkill } from "../copilot/panels/playbook_skills.ts";
import { AppError } from "../errors/app_error.ts";
import type { SkillDocument } from "./document.ts";
import { findInLibrary, LIBRARY, type LibraryEntry, libraryKeys } from "./library.ts";
import { parseDocument } from "./parse_document.ts";
import { inputsSchema } from "./read_inputs.ts";
import { type SkillVariables, templateContext } from "./run_context.ts";
import { cleanUnresolvedVariables } from "./template/clean_unresolved_variables.ts";
import { resolveExpression } from "./template/resolve_expression.ts";

/** What an organization has set for one document, as the database gives it. */
export const OrgSkill = z.object({
  key: z.string(),
  is_active: z.boolean(),
  /** The version it is held at; null follows the library. */
  version: z.int().positive().nullable(),
  variables: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
  /** The organization's own document, whole; null uses the library's. */
  document: z.string().nullable(),
  document_sha256: z.string().nullable(),
});
/** See the schema of the same name. */
export type OrgSkill = z.infer<typeof OrgSkill>;

/** A document as an organization has it. */
export interface OrgSkillEntry {
  readonly entry: LibraryEntry;
  readonly variables: SkillVariables;
}

/** A document, ready to be read by a model or a person: no expression is left in it. */
export const CompiledSkill = z.strictObject({
  ...ListedSkill.shape,
  inputs: z.array(z.strictObject({
    name: z.string(),
    type: z.string(),
    description: z.string(),
    is_required: z.boolean(),
  })),
  input_schema: z.record(z.string(), z.unknown()).describe("JSON Schema of the inputs."),
  steps: z.array(z.strictObject({ id: z.string(), does: z.string() })),
  instructions: z.string().describe("Markdown: how it is done well."),
});
/** See the schema of the same name. */
export type CompiledSkill = z.infer<typeof CompiledSkill>;

/**
 * Finds a document as an organization has it.
 *
 * @param key Its key.
 * @param settings What the organization has set.
 * @throws {AppError} `not_found` where there is none, or it is switched off.
 */
export function getEntry(key: string, settings: readonly OrgSkill[]): OrgSkillEntry {
  const setting = settings.find((one) => one.key === key);
  const entry = ownEntry(setting) ?? findInLibrary(key, setting?.version ?? null);
  if (entry === null || setting?.is_active === false) throw new AppError("not_found");
  return { entry, variables: variablesOf(entry.document, setting?.variables ?? {}) };
}

/** What was stored around the functions and is no document counts as if it were not there. */
function ownEntry(setting: OrgSkill | undefined): LibraryEntry | null {
  if (!setting?.document || setting.document_sha256 === null) return null;
  try {
    const document = parseDocument(setting.document);
    return document.key === setting.key ? { document, sha256: setting.document_sha256 } : null;
  } catch {
    return null;
  }
}

/**
 * Lists what an organization can have done (U60-063).
 *
 * @param settings What the organization has set.
 * @returns Sequences first, then skills, by key; what is switched off is not among them.
 */
export function listSkills(settings: readonly OrgSkill[]): ListedSkill[] {
  const keys = new Set([...libraryKeys(), ...settings.map(({ key }) => key)]);
  return [...keys].flatMap((key) => {
    try {
      return [describe(getEntry(key, settings).entry.document)];
    } catch (error) {
      if (error instanceof AppError && error.code === "not_found") return [];
      throw error;
    }
  }).sort((a, b) => a.kind === b.kind ? (a.key < b.key ? -1 : 1) : a.kind === "sequence" ? -1 : 1);
}

/**
 * Compiles a document for an organization and a person (U60-064).
 *
 * @param key Its key.
 * @param settings What the organization has set.
 * @param ctx Whose names stand in it.
 * @param now The day that it is read.
 * @returns The document; every expression is resolved or a plain word.
 * @throws {AppError} `not_found` where there is none, or it is switched off.
 */
export function getSkill(
  key: string,
  settings: readonly OrgSkill[],
  ctx: Pick<ActionContext, "organizationName" | "person">,
  now: Date,
): CompiledSkill {
  const { entry, variables } = getEntry(key, settings);
  const { document } = entry;
  const context = templateContext(ctx, { inputs: {}, variables, now });
  const write = (text: string): string =>
    cleanUnresolvedVariables(String(resolveExpression(text, context) ?? ""));
  return {
    ...describe(document),
    description: write(document.description),
    inputs: document.inputs.map(({ name, type, description, is_required }) => ({
      name,
      type,
      description,
      is_required,
    })),
    input_schema: { ...z.toJSONSchema(inputsSchema(document), { io: "input" }) },
    steps: document.steps.map((step) => ({ id: step.id, does: whatStepDoes(step) })),
    instructions: write(document.body),
  };
}

/**
 * Adds to a compiled document what its organization has set.
 *
 * @param key Its key.
 * @param settings What the organization has set.
 */
export function describeSettings(key: string, settings: readonly OrgSkill[]): {
  readonly variables: {
    readonly name: string;
    readonly description: string;
    readonly value: string | number | boolean;
    readonly default: string | number | boolean;
  }[];
  readonly is_own: boolean;
  readonly library_versions: number[];
} {
  const { entry, variables } = getEntry(key, settings);
  return {
    variables: entry.document.variables.map(({ name, description, default: fallback }) => ({
      name,
      description,
      value: variables[name] ?? fallback,
      default: fallback,
    })),
    is_own: !LIBRARY.some(({ sha256 }) => sha256 === entry.sha256),
    library_versions: LIBRARY.filter(({ document }) => document.key === key)
      .map(({ document }) => document.version),
  };
}

function describe(document: SkillDocument): ListedSkill {
  const { key, kind, name, category, description, version, phrases } = document;
  return {
    key,
    kind,
    name: cleanUnresolvedVariables(name),
    category,
    description: cleanUnresolvedVariables(description),
    version,
    phrases,
  };
}

/** What was set counts where the document still has such a variable, of that type. */
function variablesOf(document: SkillDocument, set: SkillVariables): SkillVariables {
  return Object.fromEntries(document.variables.map(({ name, default: fallback }) => {
    const value = Object.hasOwn(set, name) ? set[name] : undefined;
    return [name, typeof value === typeof fallback && value !== undefined ? value : fallback];
  }));
}

function whatStepDoes(step: SkillDocument["steps"][number]): string {
  if ("read" in step) return `looks up: ${step.read}`;
  if ("propose" in step) return `proposes, to be confirmed: ${step.propose}`;
  if ("rule" in step) return `works out: ${step.rule}`;
  return "knowledge" in step ? "reads what the company knows about itself" : "finds the words";
}
