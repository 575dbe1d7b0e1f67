// Rules about reaching the database: columns by name, clients from one place, the service role only
// where it is registered.
import { SERVICE_REASONS } from "../../../shared/platform/service_reasons.ts";
import { isProduct, projectPath } from "../place.ts";

const CLIENT_PACKAGES: ReadonlySet<string> = new Set([
  "@supabase/supabase-js",
  "@supabase/postgrest-js",
  "pg",
]);
const CLIENTS = "supabase/functions/_shared/clients/";

/** Columns are named: what a table gains later must not leave by itself (U60-033). */
export const noSelectStar: Deno.lint.Rule = {
  create(context) {
    if (!isProduct(projectPath(context.filename))) return {};
    return {
      'CallExpression[callee.property.name="select"]'(node: Deno.lint.CallExpression) {
        const [columns] = node.arguments;
        const isStar = columns === undefined ||
          /(?:^|[\s,(:"'`])\*(?:$|[\s,)"'`])/.test(context.sourceCode.getText(columns));
        if (isStar) {
          context.report({
            node,
            message: "Name the columns; `*` also selects what is added later.",
          });
        }
      },
    };
  },
};

/** Tables that nobody has a privilege on: what people say to the copilot (C-01). */
const CLOSED_TABLES = /^(?:copilot_\w+|tool_executions)$/;

/** Conversations are reached by functions that check whose they are and log it (U60-168). */
export const noClosedTables: Deno.lint.Rule = {
  create(context) {
    if (!isProduct(projectPath(context.filename))) return {};
    return {
      'CallExpression[callee.property.name="from"]'(node: Deno.lint.CallExpression) {
        const [table] = node.arguments;
        if (table === undefined || table.type === "SpreadElement") return;
        const name = context.sourceCode.getText(table).slice(1, -1);
        if (!CLOSED_TABLES.test(name)) return;
        context.report({
          node,
          message: `Nobody reads ${name} directly, with whatever client; call its functions.`,
        });
      },
    };
  },
};

/** A client is made in _shared/clients only, where its authority can be reviewed (U60-187). */
export const noClientElsewhere: Deno.lint.Rule = {
  create(context) {
    const path = projectPath(context.filename);
    if (!isProduct(path) || path.startsWith(CLIENTS)) return {};
    return {
      ImportDeclaration(node: Deno.lint.ImportDeclaration) {
        if (node.importKind === "type" || !CLIENT_PACKAGES.has(node.source.value)) return;
        context.report({ node, message: `Clients are made in ${CLIENTS} only.` });
      },
      ImportExpression(node: Deno.lint.ImportExpression) {
        const text = context.sourceCode.getText(node.source).slice(1, -1);
        if (CLIENT_PACKAGES.has(text)) {
          context.report({ node, message: `Clients are made in ${CLIENTS} only.` });
        }
      },
    };
  },
};

/** The service role is asked for with a literal reason that is registered for this function (U60-170). */
export const noUnregisteredService: Deno.lint.Rule = {
  create(context) {
    const path = projectPath(context.filename);
    if (!isProduct(path) || path.startsWith(CLIENTS)) return {};
    const name = /^supabase\/functions\/([^_/][^/]*)\//.exec(path)?.[1];
    return {
      CallExpression(node: Deno.lint.CallExpression) {
        const reason = reasonOf(node);
        if (reason === undefined) return;
        if (path.startsWith("shared/")) {
          context.report({ node, message: "The domain is given its client and opens none." });
        } else if (name !== undefined && (reason === null || !isRegistered(name, reason))) {
          context.report({
            node,
            message: `The service role needs a literal reason that is registered for ${name}.`,
            hint: "See shared/platform/service_reasons.ts.",
          });
        }
      },
    };
  },
};

/** The reason given; null when it is no literal; undefined when no client is opened here. */
function reasonOf(node: Deno.lint.CallExpression): string | null | undefined {
  const [first] = node.arguments;
  const callee = node.callee.type === "Identifier"
    ? node.callee.name
    : node.callee.type === "MemberExpression" && node.callee.property.type === "Identifier"
    ? node.callee.property.name
    : "";
  if (callee === "openServiceClient" || callee === "service") return literalOf(first);
  if (callee !== "serviceClient") return undefined;
  if (first?.type !== "ObjectExpression") return null;
  for (const property of first.properties) {
    if (
      property.type === "Property" && property.key.type === "Identifier" &&
      property.key.name === "reason"
    ) return literalOf(property.value);
  }
  return null;
}

function literalOf(node: Deno.lint.Node | undefined): string | null {
  return node?.type === "Literal" && typeof node.value === "string" ? node.value : null;
}

function isRegistered(name: string, reason: string): boolean {
  const entries: Readonly<Record<string, { readonly functions: readonly string[] }>> =
    SERVICE_REASONS;
  return entries[reason]?.functions.includes(name) ?? false;
}
