// Reads the Prefer headers.

export type Resolution = "merge-duplicates" | "ignore-duplicates";
export type Representation = "representation" | "minimal" | "headers-only";
export type CountPreference = "exact" | "planned" | "estimated";

/** What the caller prefers; undefined where it is all the same to them. */
export interface Preferences {
  readonly resolution?: Resolution | undefined;
  readonly representation?: Representation | undefined;
  readonly count?: CountPreference | undefined;
  readonly transaction?: "commit" | "rollback" | undefined;
  readonly missing?: "default" | "null" | undefined;
  readonly handling?: "strict" | "lenient" | undefined;
  readonly timezone?: string | undefined;
  readonly maxAffected?: number | undefined;
  /** Preferences that nobody knows. */
  readonly unknown: readonly string[];
}

const KNOWN = {
  resolution: ["merge-duplicates", "ignore-duplicates"],
  return: ["representation", "minimal", "headers-only"],
  count: ["exact", "planned", "estimated"],
  tx: ["commit", "rollback"],
  missing: ["default", "null"],
  handling: ["strict", "lenient"],
} as const;

function first<T extends string>(
  preferences: readonly string[],
  key: string,
  values: readonly T[],
): T | undefined {
  for (const preference of preferences) {
    const value = values.find((candidate) => preference === `${key}=${candidate}`);
    if (value !== undefined) return value;
  }
  return undefined;
}

function valueOf(preferences: readonly string[], key: string): string | undefined {
  return preferences.find((preference) => preference.startsWith(`${key}=`))?.slice(key.length + 1);
}

const KNOWN_PAIRS = new Set(
  Object.entries(KNOWN).flatMap(([key, values]) => values.map((value) => `${key}=${value}`)),
);

/**
 * Reads the Prefer headers of a request.
 *
 * @param header All Prefer headers, joined by commas; null when there is none.
 * @param options Whether the caller may choose how the transaction ends, and the time zones known.
 */
export function parsePreferences(
  header: string | null,
  options: { readonly mayEndTransaction: boolean; readonly timezones: ReadonlySet<string> },
): Preferences {
  if (header === null) return { unknown: [] };
  const preferences = header.split(",").map((preference) => preference.trim());
  const timezone = valueOf(preferences, "timezone");
  const knowsTimezone = timezone !== undefined && options.timezones.has(timezone);
  const maxAffected = valueOf(preferences, "max-affected");
  return {
    resolution: first(preferences, "resolution", KNOWN.resolution),
    representation: first(preferences, "return", KNOWN.return),
    count: first(preferences, "count", KNOWN.count),
    transaction: options.mayEndTransaction ? first(preferences, "tx", KNOWN.tx) : undefined,
    missing: first(preferences, "missing", KNOWN.missing),
    handling: first(preferences, "handling", KNOWN.handling),
    timezone: knowsTimezone ? timezone : undefined,
    maxAffected: /^-?\d+$/.test(maxAffected ?? "") ? Number(maxAffected) : undefined,
    unknown: preferences.filter((preference) =>
      !KNOWN_PAIRS.has(preference) && !preference.startsWith("max-affected=") &&
      !(preference.startsWith("timezone=") && knowsTimezone)
    ),
  };
}

/** The Preference-Applied header of a response, or undefined when nothing was applied. */
export function preferenceApplied(preferences: Omit<Preferences, "unknown">): string | undefined {
  const { maxAffected, handling } = preferences;
  const applied: Array<[string, string | number | undefined]> = [
    ["resolution", preferences.resolution],
    ["missing", preferences.missing],
    ["return", preferences.representation],
    ["count", preferences.count],
    ["tx", preferences.transaction],
    ["handling", handling],
    ["timezone", preferences.timezone],
    ["max-affected", handling === "strict" ? maxAffected : undefined],
  ];
  const pairs = applied.filter(([, value]) => value !== undefined);
  if (pairs.length === 0) return undefined;
  return pairs.map(([key, value]) => `${key}=${value}`).join(", ");
}
