// What a document names must be there: inputs and variables that it declares, outputs of earlier
// steps, and nothing of anybody else's.
import type { SkillDocument, SkillStep } from "./document.ts";
import { parsePath } from "./template/resolve_path.ts";

/** Something that is wrong with a document, and where. */
export interface DocumentIssue {
  readonly path: string;
  readonly message: string;
}

const VARIABLE = /\$\{([^{}]*)\}/g;
const ORG: readonly string[] = ["name"];
const PERSON: readonly string[] = ["first_name", "full_name", "time_zone"];

interface Scope {
  readonly inputs: readonly string[];
  readonly variables: readonly string[];
  readonly outputs: readonly string[];
  readonly hasItem: boolean;
}

/**
 * Finds references that lead nowhere.
 *
 * @param document The document, whose form is right.
 * @returns An issue for each.
 */
export function checkReferences(document: SkillDocument): DocumentIssue[] {
  const issues: DocumentIssue[] = [];
  const declared = {
    inputs: document.inputs.map((input) => input.name),
    variables: document.variables.map((variable) => variable.name),
  };
  const look = (path: string, value: unknown, scope: Scope): void => {
    for (const message of wrongIn(value, scope)) issues.push({ path, message });
  };
  const before: string[] = [];
  document.steps.forEach((step, index) => {
    const path = `steps.${index}`;
    const outer = { ...declared, outputs: [...before], hasItem: false };
    look(`${path}.when`, step.when, outer);
    if ("each" in step) look(`${path}.each`, step.each, outer);
    look(path, argumentsOf(step), { ...outer, hasItem: "each" in step && step.each !== undefined });
    if ("improves" in step && !isRule(document, step.improves, before)) {
      issues.push({ path: `${path}.improves`, message: "names no rule step before it" });
    }
    if (before.includes(step.id)) issues.push({ path, message: `a second step "${step.id}"` });
    before.push(step.id);
  });
  const after = { ...declared, outputs: before, hasItem: false };
  look("sections", document.sections, after);
  look("title", [document.title, document.subtitle], after);
  // Whoever reads the document has not run it: it can name what is known before.
  look("body", [document.body, document.description, document.name], { ...after, outputs: [] });
  return issues;
}

function isRule({ steps }: SkillDocument, id: string, before: readonly string[]): boolean {
  return before.includes(id) && steps.some((step) => step.id === id && "rule" in step);
}

function argumentsOf(step: SkillStep): unknown {
  if ("args" in step) return step.args;
  if ("from" in step) return step.from;
  return "model" in step ? step.model : null;
}

function* wrongIn(value: unknown, scope: Scope): Generator<string> {
  if (typeof value === "string") {
    for (const [whole, path = ""] of value.matchAll(VARIABLE)) {
      const problem = wrongPath(path, scope);
      if (problem !== null) yield `${whole} ${problem}`;
    }
    if (/\$\{[^}]*$/.test(value)) yield "an expression is not closed";
  } else if (typeof value === "object" && value !== null) {
    for (const item of Object.values(value)) yield* wrongIn(item, scope);
  }
}

function wrongPath(path: string, scope: Scope): string | null {
  const segments = parsePath(path);
  if (segments === null) return "is not a path";
  const [root, next] = segments;
  const known: Readonly<Record<string, readonly string[]>> = {
    inputs: scope.inputs,
    variables: scope.variables,
    outputs: scope.outputs,
    org: ORG,
    person: PERSON,
  };
  if (root === "today" || root === "now") return segments.length === 1 ? null : "has no parts";
  if (root === "item" || root === "index") return scope.hasItem ? null : "stands outside an each";
  const names = Object.hasOwn(known, String(root)) ? known[String(root)] : undefined;
  if (names === undefined) return "begins with nothing that a document has";
  return names.includes(String(next)) ? null : "names nothing that is there before";
}
