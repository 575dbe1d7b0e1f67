// Finds a value in a context by its path. A path is data: it reads own properties of plain data and
// nothing else, so that no document can reach what an object is made of.

/** What a document can name: plain data by name. */
export type TemplateContext = Readonly<Record<string, unknown>>;

/** Names that lead out of the data into what objects are made of. */
const REFUSED: ReadonlySet<string> = new Set(["__proto__", "constructor", "prototype"]);
const SEGMENT = /(?:^|\.)([\p{L}_$][\p{L}\p{N}_$-]*)|\[(\d{1,6})\]/uy;

/**
 * Takes a path apart.
 *
 * @param path Such as `outputs.leads[0].contact.name`.
 * @returns Its segments; null where it is not a path, or names what is refused.
 */
export function parsePath(path: string): readonly (string | number)[] | null {
  const segments: (string | number)[] = [];
  const text = path.trim();
  const pattern = new RegExp(SEGMENT);
  while (pattern.lastIndex < text.length) {
    const match = pattern.exec(text);
    if (match === null) return null;
    const [, name, index] = match;
    if (name !== undefined && REFUSED.has(name)) return null;
    segments.push(name ?? Number(index));
  }
  return typeof segments[0] === "string" ? segments : null;
}

/**
 * Finds a value (U60-096).
 *
 * @param context Where to look.
 * @param path Such as `outputs.leads[0].contact.name`.
 * @returns The value as it is; undefined where there is none or the path is none. Never throws.
 */
export function resolvePath(context: TemplateContext, path: string): unknown {
  const segments = parsePath(path);
  if (segments === null) return undefined;
  let value: unknown = context;
  for (const segment of segments) {
    if (typeof segment === "number" && !Array.isArray(value)) return undefined;
    value = ownValue(value, segment);
    if (value === undefined) return undefined;
  }
  return value;
}

/** Reads data only: a property that would run code when it is read has no value here. */
function ownValue(holder: unknown, key: string | number): unknown {
  if (typeof holder !== "object" || holder === null) return undefined;
  return Object.getOwnPropertyDescriptor(holder, key)?.value;
}
