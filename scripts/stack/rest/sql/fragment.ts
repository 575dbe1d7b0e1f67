// SQL in pieces: text that we wrote, and values that only ever travel as parameters.
import { type QualifiedName, quoteIdentifier, quoteName } from "../schema_cache/names.ts";

/** A value that becomes a parameter. */
class Parameter {
  constructor(readonly value: string | null) {}
}

/** A piece of SQL; nested pieces are joined when it is rendered. */
export interface Fragment {
  readonly pieces: ReadonlyArray<string | Parameter | Fragment>;
}

/** SQL ready to be sent. */
export interface RenderedSql {
  readonly text: string;
  readonly values: ReadonlyArray<string | null>;
}

/** Nothing. */
export const EMPTY: Fragment = { pieces: [] };

/**
 * SQL with other pieces inside. Only fragments fit in: a plain string cannot slip into the text.
 *
 * @example A condition
 * sql`${identifier("id")} = ${parameter(id)}`
 */
export function sql(texts: TemplateStringsArray, ...inner: readonly Fragment[]): Fragment {
  const pieces: Array<string | Fragment> = [];
  texts.forEach((text, i) => {
    if (text !== "") pieces.push(text);
    const fragment = inner[i];
    if (fragment) pieces.push(fragment);
  });
  return { pieces };
}

/** A value. */
export function parameter(value: string | null): Fragment {
  return { pieces: [new Parameter(value)] };
}

/** Text that is known to be safe: ours, a checked cast, or what the catalog printed. */
export function trusted(text: string): Fragment {
  return { pieces: [text] };
}

/** A quoted identifier. */
export function identifier(name: string): Fragment {
  return { pieces: [quoteIdentifier(name)] };
}

/** A quoted name with its schema. */
export function qualified(name: QualifiedName): Fragment {
  return { pieces: [quoteName(name)] };
}

/** A quoted literal, for names that must stand in the text. */
export function literal(text: string): Fragment {
  const quoted = `'${text.replaceAll("'", "''")}'`;
  return { pieces: [text.includes("\\") ? `E${quoted.replaceAll("\\", "\\\\")}` : quoted] };
}

/** Pieces with a separator between them. */
export function join(fragments: readonly Fragment[], separator: string): Fragment {
  return {
    pieces: fragments.flatMap((fragment, i) => i === 0 ? [fragment] : [separator, fragment]),
  };
}

function append(fragment: Fragment, texts: string[], values: Array<string | null>): void {
  for (const piece of fragment.pieces) {
    if (typeof piece === "string") texts.push(piece);
    else if (piece instanceof Parameter) {
      values.push(piece.value);
      texts.push(`$${values.length}`);
    } else append(piece, texts, values);
  }
}

/** Joins all pieces and numbers the parameters. */
export function render(fragment: Fragment): RenderedSql {
  const texts: string[] = [];
  const values: Array<string | null> = [];
  append(fragment, texts, values);
  return { text: texts.join(""), values };
}
