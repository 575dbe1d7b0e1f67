// Ranges of rows, from `limit`/`offset`, the Range header and the server's own maximum.

/** From the first row on (zero-based) to the last one, or without end. */
export interface RowRange {
  readonly first: number;
  readonly last: number | null;
}

/** Every row. */
export const ALL_ROWS: RowRange = { first: 0, last: null };

/** What `limit=0` asks for: no row, and no complaint about it. */
export const NO_ROWS: RowRange = { first: 0, last: -1 };

const EMPTY: RowRange = { first: 1, last: 0 };

/** Whether no row lies in the range. */
export function isEmptyRange(range: RowRange): boolean {
  return range.last !== null && range.last < range.first;
}

/** Whether the range came from `limit=0`. */
export function isLimitZero(range: RowRange): boolean {
  return range.last === -1;
}

/** Whether the range leaves nothing out. */
export function isAllRows(range: RowRange): boolean {
  return range.first === 0 && range.last === null;
}

/** The rows that lie in both. */
export function intersectRanges(a: RowRange, b: RowRange): RowRange {
  if (isEmptyRange(a) || isEmptyRange(b)) return EMPTY;
  const lasts = [a.last, b.last].filter((last) => last !== null);
  return {
    first: Math.max(a.first, b.first),
    last: lasts.length > 0 ? Math.min(...lasts) : null,
  };
}

/** At most so many rows of the range. */
export function restrictRange(range: RowRange, rows: number | null): RowRange {
  if (rows === null) return range;
  const restricted = intersectRanges(range, { first: 0, last: range.first + rows - 1 });
  return isLimitZero(range) ? NO_ROWS : restricted;
}

function integer(text: string | undefined): number | undefined {
  return text !== undefined && /^\s*-?\d+\s*$/.test(text) ? Number(text) : undefined;
}

/** The range that `limit` and `offset` ask for; what is no number is ignored. */
export function rangeFromParameters(
  limit: string | undefined,
  offset: string | undefined,
): RowRange {
  const rows = integer(limit);
  const first = integer(offset) ?? 0;
  if (limit === undefined) return { first, last: null };
  if (offset === undefined) return { first: 0, last: rows === undefined ? null : rows - 1 };
  return { first, last: first + (rows ?? 0) - 1 };
}

/** The range that a Range header asks for; every row when it is not understood. */
export function rangeFromHeader(header: string | null): RowRange {
  const match = /^([0-9]+)-([0-9]*)$/.exec(header ?? "");
  if (!match) return ALL_ROWS;
  const range = { first: Number(match[1]), last: match[2] ? Number(match[2]) : null };
  return isEmptyRange(range) ? EMPTY : range;
}

/** The Content-Range header. */
export function contentRange(first: number, last: number, total: number | null): string {
  const rows = total !== 0 && first <= last ? `${first}-${last}` : "*";
  return `${rows}/${total ?? "*"}`;
}
