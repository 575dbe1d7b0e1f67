// Rules about form: what would otherwise be said in every review.
import { isProduct, isTest, projectPath } from "../place.ts";

const MAX_FUNCTION_LINES = 60;

/** Async code reads from top to bottom (U60-034). */
export const noThen: Deno.lint.Rule = {
  create(context) {
    if (!isProduct(projectPath(context.filename))) return {};
    return {
      'CallExpression[callee.property.name="then"]'(node: Deno.lint.CallExpression) {
        context.report({ node, message: "Use await." });
      },
    };
  },
};

/** A cast through `unknown` turns the compiler off; a function whose name says why may do it. */
export const noDoubleCast: Deno.lint.Rule = {
  create(context) {
    const path = projectPath(context.filename);
    if (isTest(path)) return {};
    return {
      TSAsExpression(node: Deno.lint.TSAsExpression) {
        const inner = node.expression;
        if (inner.type !== "TSAsExpression" || inner.typeAnnotation.type !== "TSUnknownKeyword") {
          return;
        }
        context.report({ node, message: "Check the value, or cast in a function that says why." });
      },
    };
  },
};

type AnyFunction =
  | Deno.lint.FunctionDeclaration
  | Deno.lint.FunctionExpression
  | Deno.lint.ArrowFunctionExpression;

/** A function fits on a screen: 60 lines. */
export const shortFunctions: Deno.lint.Rule = {
  create(context) {
    if (isTest(projectPath(context.filename))) return {};
    const check = (node: AnyFunction): void => {
      const lines = context.sourceCode.getText(node).split("\n").length;
      if (lines <= MAX_FUNCTION_LINES) return;
      context.report({
        node,
        message: `A function of ${lines} lines; ${MAX_FUNCTION_LINES} fit on a screen.`,
      });
    };
    return {
      FunctionDeclaration: check,
      FunctionExpression: check,
      ArrowFunctionExpression: check,
    };
  },
};

/** What looks like the id of a requirement, well-formed or not. */
const LOOKS_LIKE_ID = /\b(?:U60|COP|FLW|TEL|CRE)[-_ ]?\d+\b/gi;
const ID = /^(?:U60|COP|FLW|TEL|CRE)-\d{3}$/;
/** Ids of threats and of contradictions may stand among them. */
const LEADING_IDS = /^(?:(?:(?:U60|COP|FLW|TEL|CRE)-\d{3}|T-\d{2}|C-\d{2}) )*/;

/** A test's name is a sentence; ids of requirements that it proves stand in front, one by one. */
export const testNames: Deno.lint.Rule = {
  create(context) {
    if (!isTest(projectPath(context.filename))) return {};
    return {
      'CallExpression[callee.object.name="Deno"][callee.property.name="test"]'(
        node: Deno.lint.CallExpression,
      ) {
        const [first] = node.arguments;
        const name = first?.type === "Literal" ? String(first.value) : null;
        if (name === null) return;
        const problem = problemOf(name);
        if (problem !== null) context.report({ node: first ?? node, message: problem });
      },
    };
  },
};

function problemOf(name: string): string | null {
  const sentence = name.replace(LEADING_IDS, "");
  if (!/\S \S/.test(sentence)) return "A test's name is a sentence: what does what, when.";
  for (const [found] of name.matchAll(LOOKS_LIKE_ID)) {
    if (!ID.test(found)) return `"${found}" is not how the id of a requirement is written.`;
  }
  if (sentence.search(LOOKS_LIKE_ID) !== -1) {
    return "Ids of requirements stand in front of a test's name.";
  }
  return null;
}
