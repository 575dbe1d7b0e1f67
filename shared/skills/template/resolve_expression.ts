// Fills `${…}` in texts and in whole arguments. What was filled in is never looked at again: a value
// that itself holds `${…}` stays text.
import { resolvePath, type TemplateContext } from "./resolve_path.ts";

const LONE = /^\s*\$\{([^{}]*)\}\s*$/;
const EACH = /\$\{([^{}]*)\}/g;
const DEPTH_MAX = 12;

/**
 * Resolves an expression (U60-097).
 *
 * @param template One `${path}` alone gives the value itself, its type kept, undefined where there is
 *   none. Anything else gives a text with the values written into it; what has none stays as it is,
 *   for `cleanUnresolvedVariables`.
 * @param context Where to look.
 */
export function resolveExpression(template: string, context: TemplateContext): unknown {
  const lone = LONE.exec(template);
  if (lone !== null) return resolvePath(context, lone[1] ?? "");
  return template.replaceAll(EACH, (whole, path: string) => {
    const value = resolvePath(context, path);
    return value === undefined || value === null ? whole : writeValue(value);
  });
}

/**
 * Resolves every text in a value.
 *
 * @param value Arguments as a document has them.
 * @param context Where to look.
 * @returns The same shape; a property whose whole value is missing is left out, an item too.
 */
export function resolveTemplate(value: unknown, context: TemplateContext, depth = 0): unknown {
  if (typeof value === "string") return resolveExpression(value, context);
  if (typeof value !== "object" || value === null || depth > DEPTH_MAX) return value;
  if (Array.isArray(value)) {
    return value.map((item) => resolveTemplate(item, context, depth + 1))
      .filter((item) => item !== undefined);
  }
  const entries = Object.entries(value)
    .map(([key, item]) => [key, resolveTemplate(item, context, depth + 1)] as const)
    .filter(([, item]) => item !== undefined);
  return Object.fromEntries(entries);
}

function writeValue(value: unknown): string {
  if (typeof value !== "object") return String(value);
  if (!Array.isArray(value)) return JSON.stringify(value);
  const isPlain = value.every((item) => typeof item !== "object");
  return isPlain ? value.join(", ") : JSON.stringify(value);
}
