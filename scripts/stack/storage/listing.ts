// Walks sorted names with prefix, delimiter and limit: the rule behind every S3 listing.
import { lowerBound } from "./object_index.ts";

/** Which names are asked for. */
export interface ListingQuery {
  readonly prefix: string;
  readonly delimiter: string;
  /** Names up to and including this one are skipped; a common prefix skips all below it. */
  readonly after: string;
  readonly limit: number;
}

/** One page. */
export interface Listing {
  readonly names: readonly string[];
  readonly commonPrefixes: readonly string[];
  /** Where the next page continues; undefined on the last page. */
  readonly next: string | undefined;
}

/**
 * Takes one page out of sorted names. Names that share the text between the prefix and the
 * delimiter are rolled up into one common prefix, which counts as one entry.
 *
 * @param sorted The names, in UTF-8 order.
 * @param query Which of them.
 */
export function takePage(sorted: readonly string[], query: ListingQuery): Listing {
  const names: string[] = [];
  const commonPrefixes: string[] = [];
  let last = query.after;
  let index = lowerBound(sorted, query.prefix);
  if (query.after !== "") index = Math.max(index, placeAfter(sorted, query));
  while (index < sorted.length) {
    const name = sorted[index] ?? "";
    if (!name.startsWith(query.prefix)) break;
    if (names.length + commonPrefixes.length >= query.limit) {
      return { names, commonPrefixes, next: query.limit === 0 ? undefined : last };
    }
    const group = commonPrefixOf(name, query);
    if (group === undefined) {
      names.push(name);
      last = name;
      index += 1;
    } else {
      commonPrefixes.push(group);
      last = group;
      index = skipGroup(sorted, index, group);
    }
  }
  return { names, commonPrefixes, next: undefined };
}

function placeAfter(sorted: readonly string[], query: ListingQuery): number {
  const index = lowerBound(sorted, query.after);
  const isGroup = query.delimiter !== "" && query.after.endsWith(query.delimiter) &&
    query.after.length > query.prefix.length;
  if (isGroup) return skipGroup(sorted, index, query.after);
  return sorted[index] === query.after ? index + 1 : index;
}

function commonPrefixOf(name: string, { prefix, delimiter }: ListingQuery): string | undefined {
  if (delimiter === "") return undefined;
  const at = name.indexOf(delimiter, prefix.length);
  return at === -1 ? undefined : name.slice(0, at + delimiter.length);
}

function skipGroup(sorted: readonly string[], from: number, group: string): number {
  let index = from;
  while (index < sorted.length && sorted[index]?.startsWith(group)) index += 1;
  return index;
}
