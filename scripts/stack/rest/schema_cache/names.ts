// Names of things in the database, and how they are written in SQL.

/** A name within a schema; an empty schema leaves it to the search path. */
export interface QualifiedName {
  readonly schema: string;
  readonly name: string;
}

/** Quotes an identifier. */
export function quoteIdentifier(name: string): string {
  const end = name.indexOf("\0");
  return `"${(end < 0 ? name : name.slice(0, end)).replaceAll('"', '""')}"`;
}

/** Quotes a name with its schema. */
export function quoteName({ schema, name }: QualifiedName): string {
  return schema === ""
    ? quoteIdentifier(name)
    : `${quoteIdentifier(schema)}.${quoteIdentifier(name)}`;
}

/** Reads `schema.name`, or a name without a schema. */
export function parseQualifiedName(text: string): QualifiedName {
  const at = text.indexOf(".");
  return at < 0
    ? { schema: "", name: text }
    : { schema: text.slice(0, at), name: text.slice(at + 1) };
}

/** A name as the key of a map. */
export function nameKey({ schema, name }: QualifiedName): string {
  return `${schema}\0${name}`;
}

/** The name that a key stands for. */
export function nameOfKey(key: string): QualifiedName {
  const [schema = "", name = ""] = key.split("\0");
  return { schema, name };
}

/** Whether both are the same thing. */
export function isSameName(a: QualifiedName, b: QualifiedName): boolean {
  return a.schema === b.schema && a.name === b.name;
}
