// JSON in one form: the same value gives the same bytes, which is what a prompt cache compares.

/**
 * Puts the keys of every object in order.
 *
 * @param value A JSON value.
 * @returns The same value; arrays keep their order.
 */
export function canonicalize(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(canonicalize);
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(
    Object.entries(value).sort(([a], [b]) => a < b ? -1 : 1)
      .map(([key, inner]) => [key, canonicalize(inner)]),
  );
}
