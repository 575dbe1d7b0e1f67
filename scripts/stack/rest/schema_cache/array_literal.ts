// Arrays travel as text: the server infers the type of their elements.

/** Writes an array the way the database reads it. */
export function arrayLiteral(values: readonly string[]): string {
  const quoted = values.map((value) => {
    return `"${value.replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"`;
  });
  return `{${quoted.join(",")}}`;
}
