// Takes a query string apart into select, filters, logic, order, ranges and the rest.
import { parseColumnNames, parseFilter, parseLogic } from "./filter_parser.ts";
import { parseOrder } from "./order_parser.ts";
import type { Filter, LogicTree, OrderTerm, Placed, SelectItem } from "./query_types.ts";
import { rangeFromParameters, type RowRange } from "./row_range.ts";
import { parseSelect } from "./select_parser.ts";

/** A query string, understood. */
export interface QueryParameters {
  /** The parameters, sorted and encoded anew. */
  readonly canonical: string;
  /** Arguments of a function called by GET. */
  readonly arguments: ReadonlyArray<readonly [string, string]>;
  /** Ranges by the path of their embed; the empty path is the top level. */
  readonly ranges: ReadonlyArray<Placed<RowRange>>;
  readonly order: ReadonlyArray<Placed<readonly OrderTerm[]>>;
  readonly logic: ReadonlyArray<Placed<LogicTree>>;
  readonly columns: readonly string[] | undefined;
  readonly select: readonly SelectItem[];
  readonly filters: ReadonlyArray<Placed<Filter>>;
  /** The keys of all filters as they were written. */
  readonly filterKeys: readonly string[];
  readonly onConflict: readonly string[] | undefined;
}

type Pair = readonly [string, string];

function decodeBytes(escapes: string): string {
  const bytes = escapes.split("%").slice(1).map((hex) => Number.parseInt(hex, 16));
  return new TextDecoder().decode(Uint8Array.from(bytes));
}

// A percent sign that escapes nothing stands for itself.
function decode(text: string): string {
  return text.replaceAll("+", " ").replace(/(?:%[0-9a-f]{2})+/gi, decodeBytes);
}

function splitQuery(query: string): Array<[string, string | undefined]> {
  return query.split(/[&;]/).filter((part) => part !== "").map((part) => {
    const at = part.indexOf("=");
    if (at < 0) return [decode(part), undefined];
    return [decode(part.slice(0, at)), decode(part.slice(at + 1))];
  });
}

function encode(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

function canonicalQuery(pairs: ReadonlyArray<readonly [string, string | undefined]>): string {
  const values = new Map<string, string[]>();
  for (const [key, value] of pairs) {
    values.set(key, [...values.get(key) ?? [], encode(value ?? "")]);
  }
  const keys = [...values.keys()].sort();
  return keys.map((key) => `${encode(key)}=${values.get(key)?.join(",")}`).join("&");
}

function lastWord(key: string): string {
  return key.slice(key.lastIndexOf(".") + 1);
}

function withoutLastWord(key: string): string {
  return key.slice(0, key.lastIndexOf(".") + 1);
}

function collectRanges(
  limits: readonly Pair[],
  offsets: readonly Pair[],
): Array<Placed<RowRange>> {
  const limitOf = new Map(limits.map(([key, value]) => [withoutLastWord(key), value]));
  const offsetOf = new Map(offsets.map(([key, value]) => [withoutLastWord(key), value]));
  const prefixes = new Set([...limitOf.keys(), ...offsetOf.keys()]);
  return [...prefixes].map((prefix) => ({
    path: parseFilterPath(prefix),
    value: rangeFromParameters(limitOf.get(prefix), offsetOf.get(prefix)),
  }));
}

function parseFilterPath(prefix: string): readonly string[] {
  if (prefix === "") return [];
  return parseOrder(`${prefix}limit`, "limit").path;
}

const RESERVED = new Set(["select", "columns", "on_conflict"]);
const RESERVED_LAST = new Set(["order", "limit", "offset", "and", "or"]);

/**
 * Takes a query string apart.
 *
 * @param query The query string without its question mark.
 * @param isCall Whether a function is called by GET, so that plain values are its arguments.
 * @throws {RestError} PGRST100 when a part does not parse.
 */
export function parseQueryParameters(query: string, isCall: boolean): QueryParameters {
  const all = splitQuery(query);
  const pairs = all.filter((pair): pair is [string, string] => pair[1] !== undefined);
  const ending = (word: string): Pair[] => pairs.filter(([key]) => lastWord(key) === word);
  const lookup = (name: string): string | undefined => all.find(([key]) => key === name)?.[1];
  const columns = lookup("columns");
  const onConflict = lookup("on_conflict");

  const order = ending("order").map(([key, value]) => parseOrder(key, value));
  const logic = pairs.filter(([key]) => ["and", "or"].includes(lastWord(key)))
    .map(([key, value]) => parseLogic(key, value));
  const columnNames = columns === undefined ? undefined : parseColumnNames("columns", columns);
  const select = parseSelect(lookup("select") ?? "*");

  const filters: Array<Placed<Filter>> = [];
  const args: Pair[] = [];
  const filterPairs = pairs.filter(([key]) =>
    !RESERVED.has(key) && !RESERVED_LAST.has(lastWord(key))
  );
  for (const [key, value] of filterPairs) {
    const { path, value: { field, expression } } = parseFilter(key, value, isCall);
    if (expression) filters.push({ path, value: { kind: "filter", field, ...expression } });
    else args.push([field.name, value]);
  }
  return {
    canonical: canonicalQuery(all),
    arguments: args,
    ranges: collectRanges(ending("limit"), ending("offset")),
    order,
    logic,
    columns: columnNames === undefined ? undefined : [...new Set(columnNames)],
    select,
    filters,
    filterKeys: filterPairs.map(([key]) => key),
    onConflict: onConflict === undefined ? undefined : parseColumnNames("on_conflict", onConflict),
  };
}
