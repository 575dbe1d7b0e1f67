// Rules about what surrounds a request: no state that outlives it, no settings or output that go
// around the frame.
import { isProduct, projectPath } from "../place.ts";

/** Modules that may remember something, and why that is safe. */
const MAY_KEEP_STATE: Readonly<Record<string, string>> = {};

const MUTABLE_CLASSES: ReadonlySet<string> = new Set(["Map", "Set", "WeakMap", "WeakSet", "Array"]);

/** Workers are reused between tenants: nothing at module level may change (TEL-032). */
export const noModuleState: Deno.lint.Rule = {
  create(context) {
    const path = projectPath(context.filename);
    if (!isProduct(path) || path in MAY_KEEP_STATE) return {};
    const check = (node: Deno.lint.VariableDeclaration): void => {
      for (const declaration of node.declarations) {
        if (node.kind === "const" && !isMutable(declaration, context.sourceCode)) continue;
        context.report({
          node: declaration,
          message: "Nothing at module level may change: a worker serves many tenants.",
          hint: "Move it into the function, or give it a readonly type.",
        });
      }
    };
    return {
      "Program > VariableDeclaration": check,
      "Program > ExportNamedDeclaration > VariableDeclaration": check,
    };
  },
};

function isMutable(
  { id, init }: Deno.lint.VariableDeclarator,
  source: Deno.lint.SourceCode,
): boolean {
  if (init === null) return true;
  const annotation = id.type === "Identifier" && id.typeAnnotation
    ? source.getText(id.typeAnnotation)
    : "";
  if (/^:\s*(?:Readonly|readonly\b)/.test(annotation)) return false;
  if (init.type === "ArrayExpression") return true;
  return init.type === "NewExpression" && init.callee.type === "Identifier" &&
    MUTABLE_CLASSES.has(init.callee.name);
}

/** Only the logger writes: it knows what must not be written. */
export const noConsole: Deno.lint.Rule = {
  create(context) {
    const path = projectPath(context.filename);
    if (!isProduct(path) || path === "supabase/functions/_shared/logging/write_line.ts") return {};
    return {
      'MemberExpression[object.name="console"]'(node: Deno.lint.MemberExpression) {
        context.report({
          node,
          message: "Write through ctx.log; it leaves out what must not be logged.",
        });
      },
    };
  },
};

/** Settings are read in one place, checked, before anything starts. */
export const noEnvironment: Deno.lint.Rule = {
  create(context) {
    const path = projectPath(context.filename);
    if (!isProduct(path) || path === "supabase/functions/_shared/http/function_deps.ts") return {};
    return {
      'MemberExpression[object.name="Deno"][property.name="env"]'(
        node: Deno.lint.MemberExpression,
      ) {
        context.report({
          node,
          message: "Read settings through the function's deps, with a schema.",
        });
      },
      'MemberExpression[object.name="process"][property.name="env"]'(
        node: Deno.lint.MemberExpression,
      ) {
        context.report({
          node,
          message: "Read settings through the function's deps, with a schema.",
        });
      },
    };
  },
};
