// What of a result goes to the model: no empty fields, long texts and long lists cut, and in all no
// more than fits beside the rest of the conversation. What was cut says so.

interface Measure {
  readonly textMax: number;
  readonly listMax: number;
}

const MEASURES: readonly Measure[] = [
  { textMax: 4_000, listMax: 50 },
  { textMax: 1_500, listMax: 25 },
  { textMax: 600, listMax: 12 },
  { textMax: 200, listMax: 6 },
  { textMax: 80, listMax: 3 },
];
const RESULT_MAX_CHARACTERS = 24_000;
const DEPTH_MAX = 10;

/**
 * Makes a result small enough for a model.
 *
 * @param value What an action found.
 * @returns The same, as whole as 24,000 characters of JSON allow.
 */
export function minimiseResult(value: unknown): unknown {
  let smallest: unknown = null;
  for (const measure of MEASURES) {
    smallest = minimise(value, measure, 0);
    if (JSON.stringify(smallest ?? null).length <= RESULT_MAX_CHARACTERS) return smallest;
  }
  return { note: "Too large to show. Ask for less of it." };
}

function minimise(value: unknown, measure: Measure, depth: number): unknown {
  if (typeof value === "string") {
    return value.length <= measure.textMax
      ? value
      : `${value.slice(0, measure.textMax).toWellFormed()} … (cut)`;
  }
  if (value === null || typeof value !== "object") return value;
  if (depth >= DEPTH_MAX) return "… (cut)";
  if (Array.isArray(value)) {
    const kept = value.slice(0, measure.listMax).map((each) => minimise(each, measure, depth + 1));
    const rest = value.length - kept.length;
    return rest > 0 ? [...kept, `… and ${rest} more`] : kept;
  }
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, inner]) => inner !== null && inner !== undefined && !isEmptyList(inner))
      .map(([key, inner]) => [key, minimise(inner, measure, depth + 1)]),
  );
}

function isEmptyList(value: unknown): boolean {
  return Array.isArray(value) && value.length === 0;
}
