// The actions in a few lines for the model: with the index in the instructions that never change, most
// wishes need one request that calls and one that answers, and no listing before.
import { z } from "zod";
import type { ProposeAction, ReadAction } from "../actions/action.ts";

/** One line of the index. */
export interface IndexedAction {
  readonly name: string;
  readonly description: string;
  readonly args: z.ZodType;
}

interface JsonSchema {
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly format?: string;
  readonly anyOf?: readonly JsonSchema[];
  readonly oneOf?: readonly JsonSchema[];
  readonly items?: JsonSchema;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly description?: string;
}

const NESTED_MAX = 2;
const ENUM_MAX = 16;

/**
 * Describes actions, one a line.
 *
 * @param actions The actions.
 * @returns `name(argument: kind, optional?: kind): what it does`, in the order of their names.
 */
export function describeActions(actions: readonly IndexedAction[]): string {
  return [...actions].sort((a, b) => a.name < b.name ? -1 : 1)
    .map(({ name, args, description }) => `- ${name}(${describeArgs(args)}): ${description}`)
    .join("\n");
}

/**
 * The actions that a catalogue holds.
 *
 * @param catalogues The catalogues.
 */
export function listActions(
  ...catalogues: Readonly<Partial<Record<string, ReadAction | ProposeAction>>>[]
): IndexedAction[] {
  return catalogues.flatMap((catalogue) => Object.values(catalogue)).filter((action) =>
    action !== undefined
  );
}

function describeArgs(args: z.ZodType): string {
  const schema = z.toJSONSchema(args, { io: "input", unrepresentable: "any" }) as JsonSchema;
  return describeProperties(schema, 0);
}

function describeProperties(schema: JsonSchema, depth: number): string {
  const required = new Set(schema.required ?? []);
  return Object.entries(schema.properties ?? {}).map(([name, property]) => {
    const hint = property.description === undefined || depth > 0
      ? ""
      : ` (${property.description.replace(/\.$/, "")})`;
    return `${name}${required.has(name) ? "" : "?"}: ${describeKind(property, depth)}${hint}`;
  }).join(", ");
}

function describeKind(schema: JsonSchema, depth: number): string {
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum !== undefined) return schema.enum.slice(0, ENUM_MAX).map(String).join("|");
  const options = schema.anyOf ?? schema.oneOf;
  if (options !== undefined) {
    return [...new Set(options.map((option) => describeKind(option, depth)))].join("|");
  }
  const type = Array.isArray(schema.type) ? schema.type.join("|") : schema.type ?? "any";
  if (type === "array") return `[${describeKind(schema.items ?? {}, depth)}]`;
  if (type === "object" && depth < NESTED_MAX) {
    return `{${describeProperties(schema, depth + 1)}}`;
  }
  if (type === "string" && schema.format !== undefined) return schema.format;
  if (type === "integer" && schema.minimum !== undefined && schema.maximum !== undefined) {
    return `${schema.minimum}..${schema.maximum}`;
  }
  return String(type);
}
