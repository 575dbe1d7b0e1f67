// Reads the one row that every statement gives.
import { invalidResponseHeaders, invalidResponseStatus } from "../errors/request_errors.ts";
import type { StatementResult } from "../database/pipelined_query.ts";

/** What a statement gave. */
export interface ResultSet {
  /** How many rows there are in all, if they were counted. */
  readonly total: number | null;
  /** How many rows this request gave or changed. */
  readonly rows: number;
  /** The primary key of a new row. */
  readonly location: ReadonlyArray<readonly [string, string]>;
  readonly body: string | Uint8Array<ArrayBuffer>;
  /** What a function wants the answer to be. */
  readonly headers: ReadonlyArray<readonly [string, string]>;
  readonly status: number | null;
  /** How many rows were created; null where nobody counted. */
  readonly inserted: number | null;
}

const BYTEA = 17;

function fromHex(text: string): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(text.length / 2 - 1);
  for (let i = 0; i < bytes.length; i += 1) {
    bytes[i] = Number.parseInt(text.slice(2 + i * 2, 4 + i * 2), 16);
  }
  return bytes;
}

function numberOrNull(text: string | null | undefined): number | null {
  return text === null || text === undefined || text === "" ? null : Number(text);
}

function isHeader(value: unknown): value is Record<string, string> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  const values = Object.values(value);
  return values.length === 1 && typeof values[0] === "string";
}

function responseHeaders(text: string | null | undefined): Array<[string, string]> {
  if (text === null || text === undefined) return [];
  let list: unknown;
  try {
    list = JSON.parse(text);
  } catch {
    throw invalidResponseHeaders();
  }
  if (!Array.isArray(list) || !list.every(isHeader)) throw invalidResponseHeaders();
  return list.flatMap((header) => Object.entries<string>(header));
}

function responseStatus(text: string | null | undefined): number | null {
  if (text === null || text === undefined) return null;
  const digits = /^\d+/.exec(text)?.[0];
  if (digits === undefined) throw invalidResponseStatus();
  const status = Number(digits);
  // Others cannot be sent as the status of an answer.
  if (status < 200 || status > 599) throw invalidResponseStatus();
  return status;
}

/**
 * Reads the row of a statement.
 *
 * @throws {RestError} PGRST111 or PGRST112 when a function asked for an impossible answer.
 */
export function readResultSet({ rows, columnTypes }: StatementResult): ResultSet {
  const [total, pageTotal, location, body, headers, status, inserted] = rows[0] ?? [];
  const isBinary = columnTypes[3] === BYTEA && typeof body === "string";
  return {
    total: numberOrNull(total),
    rows: numberOrNull(pageTotal) ?? 0,
    location: JSON.parse(location ?? "[]"),
    body: isBinary ? fromHex(body) : body ?? "",
    headers: responseHeaders(headers),
    status: responseStatus(status),
    inserted: numberOrNull(inserted),
  };
}

/** Reads the planner's guess from an execution plan. */
export function readEstimate({ rows }: StatementResult): number | null {
  const plan: ReadonlyArray<{ Plan?: { "Plan Rows"?: number } }> = JSON.parse(
    rows[0]?.[0] ?? "[]",
  );
  return plan[0]?.Plan?.["Plan Rows"] ?? null;
}
