// Checks what a run is given against what its document declares.
import { z } from "zod";
import { AppError } from "../errors/app_error.ts";
import { canonicalize } from "../model/canonical_json.ts";
import { sha256Hex } from "../platform/sha256.ts";
import type { SkillDocument, SkillInput } from "./document.ts";

/** Inputs by name, checked. */
export type RunInputs = Readonly<Record<string, string | number | boolean>>;

/**
 * Checks inputs.
 *
 * @param document What declares them.
 * @param inputs What was given; null stands for missing.
 * @returns Those that are there, defaults among them.
 * @throws {AppError} `invalid_request` with an issue for each that is missing, wrong or unknown.
 */
export function readInputs(
  document: SkillDocument,
  inputs: Readonly<Record<string, unknown>>,
): RunInputs {
  const given = Object.fromEntries(Object.entries(inputs).filter(([, value]) => value !== null));
  const parsed = inputsSchema(document).safeParse(given);
  if (!parsed.success) {
    throw new AppError("invalid_request", {
      issues: parsed.error.issues.map(({ path, code, message }) => ({
        path: ["inputs", ...path].map(String).join("."),
        code,
        message,
      })),
    });
  }
  const known = Object.entries(parsed.data).filter(([, value]) => value !== undefined);
  return Object.fromEntries(known) as RunInputs;
}

/**
 * Makes the schema of a document's inputs.
 *
 * @param document The document.
 */
export function inputsSchema(
  document: SkillDocument,
): z.ZodObject<Record<string, z.ZodType<string | number | boolean | undefined>>> {
  return z.strictObject(
    Object.fromEntries(document.inputs.map((input) => [input.name, schemaOf(input)])),
  );
}

/**
 * Names inputs by their hash: the same request is the same run.
 *
 * @param inputs The inputs, checked.
 * @param salt What makes hashes of short texts useless elsewhere, such as the turn's id.
 * @returns SHA-256 in hex.
 */
export async function hashInputs(inputs: RunInputs, salt: string): Promise<string> {
  return await sha256Hex(`${salt} ${JSON.stringify(canonicalize(inputs))}`);
}

/**
 * Keeps of arguments what explains a step and is nobody's words.
 *
 * @param args The arguments.
 * @returns Ids, dates, numbers and booleans as they are; of a text only that it was there.
 */
export function minimizeArgs(
  args: unknown,
): Readonly<Record<string, string | number | boolean>> {
  if (typeof args !== "object" || args === null) return {};
  const kept: Record<string, string | number | boolean> = {};
  for (const [name, value] of Object.entries(args)) {
    if (typeof value === "number" || typeof value === "boolean") kept[name] = value;
    else if (typeof value === "string" && PLAIN.test(value)) kept[name] = value;
    else if (value !== null && value !== undefined) kept[`has_${name}`] = true;
  }
  return kept;
}

/** An id, a date, or one of our own words such as a period. */
const PLAIN =
  /^(?:[0-9a-f]{8}-[0-9a-f-]{27}|\d{4}-\d{2}-\d{2}|today|tomorrow|yesterday|(?:this|next|last)_week|upcoming|from_today|last|next)$/;

function schemaOf(input: SkillInput): z.ZodType<string | number | boolean | undefined> {
  const schemas = {
    id: z.uuid(),
    text: z.string().trim().min(1).max(500),
    number: z.number().min(-1e9).max(1e9),
    boolean: z.boolean(),
    date: z.iso.date(),
  };
  const schema: z.ZodType<string | number | boolean> = schemas[input.type];
  if (input.default !== undefined) return schema.default(input.default);
  return input.is_required ? schema : schema.optional();
}
