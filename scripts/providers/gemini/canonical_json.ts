// JSON in one form, so that what is equal has equal bytes.

/**
 * Writes a value with the keys of its objects in order.
 *
 * @param value Anything that JSON can hold; what is undefined is left out, as JSON does.
 */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(
    value,
    (_, inner: unknown) =>
      inner !== null && typeof inner === "object" && !Array.isArray(inner)
        ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => a < b ? -1 : 1))
        : inner,
  ) ?? "null";
}
