// Makes a value that a JSON Schema, or the API's own subset of one, allows.
import { z } from "zod";
import type { Findings } from "./analyze_lines.ts";

const Schema = z.looseObject({
  type: z.union([z.string(), z.array(z.string())]).optional(),
  enum: z.array(z.unknown()).optional(),
  const: z.unknown().optional(),
  anyOf: z.array(z.unknown()).optional(),
  properties: z.record(z.string(), z.unknown()).optional(),
  items: z.unknown().optional(),
  minItems: z.number().optional(),
  minimum: z.number().optional(),
});
type Schema = z.infer<typeof Schema>;

/**
 * Fills a schema.
 *
 * @param input The schema.
 * @param findings Entries for the arrays whose names they carry; other arrays stay empty.
 */
export function fillSchema(input: unknown, findings: Findings): unknown {
  return fill(input, findings, "", undefined);
}

function fill(input: unknown, findings: Findings, name: string, known: unknown): unknown {
  const schema = Schema.parse(input ?? {});
  if (schema.const !== undefined) return schema.const;
  if (schema.enum !== undefined) {
    return schema.enum.includes("neutral") ? "neutral" : schema.enum[0];
  }
  if (schema.anyOf !== undefined) return fillAny(schema.anyOf, findings, name, known);
  switch (typeOf(schema)) {
    case "object":
      return Object.fromEntries(
        Object.entries(schema.properties ?? {}).map(([key, inner]) => [
          key,
          fill(inner, findings, key, lookUp(known, key)),
        ]),
      );
    case "array":
      return fillArray(schema, findings, name, known);
    case "integer":
    case "number":
      return typeof known === "number" ? known : schema.minimum ?? 0;
    case "boolean":
      return known === true;
    case "null":
      return null;
    default:
      return typeof known === "string" ? known : isNullable(schema) ? null : "simulated";
  }
}

function fillAny(
  options: readonly unknown[],
  findings: Findings,
  name: string,
  known: unknown,
): unknown {
  const isNull = (option: unknown) => Schema.parse(option ?? {}).type === "null";
  const wanted = known === undefined || known === null ? options.find(isNull) : undefined;
  return fill(wanted ?? options.find((option) => !isNull(option)), findings, name, known);
}

function fillArray(schema: Schema, findings: Findings, name: string, known: unknown): unknown[] {
  const entries = Array.isArray(known) ? known : findings[name] ?? [];
  const filled = entries.map((entry: unknown) => fill(schema.items, findings, "", entry));
  while (filled.length < (schema.minItems ?? 0)) {
    filled.push(fill(schema.items, findings, "", undefined));
  }
  return filled;
}

function typeOf(schema: Schema): string | undefined {
  const type = Array.isArray(schema.type)
    ? schema.type.find((each) => each !== "null")
    : schema.type;
  return type?.toLowerCase();
}

function isNullable(schema: Schema): boolean {
  return schema["nullable"] === true ||
    (Array.isArray(schema.type) && schema.type.includes("null"));
}

function lookUp(known: unknown, key: string): unknown {
  return known !== null && typeof known === "object" && !Array.isArray(known)
    ? Object.entries(known).find(([name]) => name === key)?.[1]
    : undefined;
}
