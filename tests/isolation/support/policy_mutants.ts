// Breaks one policy at a time, in the ways that policies are broken by hand. Works on the expression
// that PostgreSQL prints back, so that it follows whatever the migrations say.
import type pg from "pg";

/** A policy as the catalog has it. */
export interface Policy {
  readonly table: string;
  readonly name: string;
  readonly command: "select" | "insert" | "update" | "delete" | "all";
  readonly using: string | null;
  readonly check: string | null;
}

/** One way of breaking something, as SQL to run before the cells. */
export interface Mutant {
  readonly table: string;
  readonly name: string;
  /** Operation whose cells can tell; undefined asks for all of them. */
  readonly operation?: "select" | "insert" | "update" | "delete";
  readonly sql: string;
  /** The foreign key whose grafts can tell, when that is what is broken. */
  readonly graft?: string;
}

const POLICIES = `
select schemaname || '.' || tablename as table, policyname as name, lower(cmd) as command,
  qual as "using", with_check as "check"
from pg_policies where schemaname in ('public', 'private') order by 1, 2`;

/** Reads every policy of `public` and `private`. */
export async function readPolicies(client: pg.Client): Promise<Policy[]> {
  return (await client.query<Policy>(POLICIES)).rows;
}

/** All mutants of one policy; at least six where the policy has the terms to break. */
export function mutantsOf(policy: Policy): Mutant[] {
  const { table, name } = policy;
  const quoted = `"${name.replaceAll('"', '""')}" on ${table}`;
  const operation = policy.command === "all" ? {} : { operation: policy.command };
  const mutants: Mutant[] = [
    { table, name: `${name}: dropped`, ...operation, sql: `drop policy ${quoted}` },
  ];
  for (const clause of ["using", "check"] as const) {
    const expression = policy[clause];
    if (expression === null) continue;
    const keyword = clause === "using" ? "using" : "with check";
    for (const [what, broken] of brokenForms(expression)) {
      mutants.push({
        table,
        name: `${name}: ${keyword} ${what}`,
        ...operation,
        sql: `alter policy ${quoted} ${keyword} (${broken})`,
      });
    }
  }
  return mutants;
}

/** The broken forms of one expression, each once. */
export function brokenForms(expression: string): ReadonlyArray<readonly [string, string]> {
  const forms = new Map<string, string>();
  const add = (what: string, broken: string): void => {
    if (broken !== expression && ![...forms.values()].includes(broken)) forms.set(what, broken);
  };
  add("true", "true");
  const terms = splitTopLevel(stripParentheses(expression), " AND ");
  terms.forEach((term, index) => {
    const rest = terms.filter((_, other) => other !== index);
    if (rest.length > 0) add(`without ${label(term)}`, rest.join(" AND "));
  });
  if (terms.length > 1) add("with or for and", terms.join(" OR "));
  for (const [what, broken] of brokenCases(expression)) add(what, broken);
  return [...forms];
}

/** Each branch of a CASE is a term of its own: what makes a row mine, and what shares it. */
function brokenCases(expression: string): ReadonlyArray<readonly [string, string]> {
  const broken: Array<readonly [string, string]> = [];
  const replaceAt = (match: RegExpExecArray, replacement: string): string =>
    expression.slice(0, match.index) + replacement +
    expression.slice(match.index + match[0].length);
  for (const [index, match] of [...expression.matchAll(/THEN true/g)].entries()) {
    broken.push([`without branch ${index + 1}`, replaceAt(match, "THEN false")]);
  }
  for (
    const [index, match] of [...expression.matchAll(/CASE\s+WHEN (.+?) THEN true/gs)].entries()
  ) {
    broken.push([`with branch ${index + 1} always`, replaceAt(match, "CASE WHEN true THEN true")]);
  }
  // A nested CASE is not a leaf: its own branches are broken one by one.
  for (const match of expression.matchAll(/ELSE (?!CASE)((?:(?!CASE|ELSE).)+?)\s+END/gs)) {
    broken.push(["otherwise always", replaceAt(match, "ELSE true END")]);
    if (match[1] !== "false") broken.push(["otherwise never", replaceAt(match, "ELSE false END")]);
  }
  return broken;
}

function label(term: string): string {
  const subject = /\b(user_id|owner_user_id|assigned_to|org_id|id)\b/.exec(term)?.[1] ?? "a";
  return `the ${term.includes("CASE") ? "case" : subject} term`;
}

/** Splits where the separator stands outside of parentheses, quotes and CASE … END. */
export function splitTopLevel(expression: string, separator: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let quoted = false;
  let start = 0;
  for (let index = 0; index < expression.length; index++) {
    const character = expression[index];
    if (character === "'") quoted = !quoted;
    if (quoted) continue;
    if (character === "(") depth++;
    if (character === ")") depth--;
    if (/\bCASE$/.test(expression.slice(Math.max(0, index - 4), index + 1))) depth++;
    if (/\bEND$/.test(expression.slice(Math.max(0, index - 3), index + 1))) depth--;
    if (depth === 0 && expression.startsWith(separator, index)) {
      parts.push(expression.slice(start, index).trim());
      start = index + separator.length;
    }
  }
  parts.push(expression.slice(start).trim());
  return parts;
}

/** Removes parentheses that enclose the whole expression. */
export function stripParentheses(expression: string): string {
  const trimmed = expression.trim();
  if (!trimmed.startsWith("(") || !trimmed.endsWith(")")) return trimmed;
  let depth = 0;
  for (let index = 0; index < trimmed.length; index++) {
    if (trimmed[index] === "(") depth++;
    if (trimmed[index] === ")") depth--;
    if (depth === 0 && index < trimmed.length - 1) return trimmed;
  }
  return stripParentheses(trimmed.slice(1, -1));
}
