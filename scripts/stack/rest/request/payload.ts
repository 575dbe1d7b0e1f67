// Reads the body of a request: what is to be stored, or the arguments of a function.
import { invalidBody } from "../errors/request_errors.ts";
import { csvToObjects } from "./csv.ts";
import { type MediaType, mediaTypeName } from "./media_type.ts";

/** A body, as far as it must be understood here: the database parses JSON itself. */
export type Payload =
  | { readonly kind: "json"; readonly raw: string }
  | { readonly kind: "form"; readonly pairs: ReadonlyArray<readonly [string, string]> }
  | { readonly kind: "raw"; readonly bytes: Uint8Array };

/** The body together with the names that it sets, sorted. */
export interface ParsedPayload {
  readonly payload: Payload | undefined;
  readonly columns: readonly string[];
}

function sortedKeys(object: object): string[] {
  return Object.keys(object).sort();
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function haveSameKeys(rows: readonly unknown[], keys: readonly string[]): boolean {
  return rows.every((row) => {
    if (!isObject(row)) return false;
    const names = Object.keys(row);
    return names.length === keys.length && keys.every((key) => Object.hasOwn(row, key));
  });
}

function describeJson(raw: string, value: unknown): ParsedPayload {
  const empty: ParsedPayload = { payload: { kind: "json", raw: "[]" }, columns: [] };
  if (isObject(value)) return { payload: { kind: "json", raw }, columns: sortedKeys(value) };
  if (!Array.isArray(value) || value.length === 0) return empty;
  const [first] = value;
  const keys = isObject(first) ? sortedKeys(first) : [];
  if (!isObject(first) || !haveSameKeys(value, keys)) {
    throw invalidBody("All object keys must match");
  }
  return { payload: { kind: "json", raw }, columns: keys };
}

function parseJson(raw: string): unknown {
  try {
    return JSON.parse(raw);
  } catch {
    throw invalidBody("Empty or invalid json");
  }
}

function parseForm(text: string): Array<[string, string]> {
  return [...new URLSearchParams(text)];
}

/**
 * Reads a body.
 *
 * @param bytes The body.
 * @param type Its content type.
 * @param columns The `columns` parameter; with it a JSON body is not looked into.
 * @param isCall Whether the body holds the arguments of a function.
 * @throws {RestError} PGRST102 when the body is not what it should be.
 */
export function parsePayload(
  bytes: Uint8Array,
  type: MediaType,
  columns: readonly string[] | undefined,
  isCall: boolean,
): ParsedPayload {
  const text = (): string => new TextDecoder().decode(bytes);
  switch (type.kind) {
    case "json": {
      const raw = text();
      if (columns) return { payload: { kind: "json", raw }, columns: [...columns].sort() };
      if (raw === "" && isCall) return describeJson("{}", {});
      return describeJson(raw, parseJson(raw));
    }
    case "csv": {
      const rows = csvToObjects(text());
      return describeJson(JSON.stringify(rows), rows);
    }
    case "form": {
      const pairs = parseForm(text());
      const object = Object.fromEntries(pairs);
      if (!isCall) return describeJson(JSON.stringify(object), object);
      return { payload: { kind: "form", pairs }, columns: sortedKeys(object) };
    }
    case "text":
    case "xml":
    case "octets":
      if (isCall) return { payload: { kind: "raw", bytes }, columns: [] };
      break;
  }
  throw invalidBody(`Content-Type not acceptable: ${mediaTypeName(type)}`);
}
