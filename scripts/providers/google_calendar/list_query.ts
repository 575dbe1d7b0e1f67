// Reads the parameters of `events.list`, and refuses what may not be asked or not together.
import type { CalendarAccount } from "./calendar_account.ts";
import { badParameter, gone } from "./google_error.ts";
import { readCursor, type SyncCursor } from "./list_cursors.ts";

const DEFAULT_PAGE = 250;
const MAX_PAGE = 2500;
const OLDEST_UPDATE_MS = 28 * 24 * 3600 * 1000;
const FORBIDDEN_WITH_SYNC_TOKEN = [
  "iCalUID",
  "orderBy",
  "privateExtendedProperty",
  "q",
  "sharedExtendedProperty",
  "timeMin",
  "timeMax",
  "updatedMin",
];
/** A query of `events.list` that makes sense. */
export interface ListQuery {
  readonly params: URLSearchParams;
  readonly singleEvents: boolean;
  readonly showDeleted: boolean;
  readonly eventTypes: readonly string[];
  readonly maxResults: number;
  readonly orderBy: string | null;
  readonly timeMin: number | undefined;
  readonly timeMax: number | undefined;
  readonly updatedMin: number | undefined;
  /** The version that the sync token stands for. */
  readonly since: number | undefined;
}

/**
 * Reads a query.
 *
 * @param account Whose events are listed.
 * @param params The parameters.
 * @param now The service's time.
 * @throws {GoogleError} 400 for what may not be asked, 410 for what lies too far back.
 */
export function readListQuery(
  account: CalendarAccount,
  params: URLSearchParams,
  now: Date,
): ListQuery {
  const singleEvents = readBoolean(params, "singleEvents") ?? false;
  const eventTypes = params.getAll("eventTypes").sort();
  const orderBy = params.get("orderBy");
  if (orderBy !== null && !["startTime", "updated"].includes(orderBy)) {
    throw badParameter("orderBy", `Invalid string value: '${orderBy}'`);
  }
  if (orderBy === "startTime" && !singleEvents) {
    throw badParameter(
      "orderBy",
      "The requested ordering is not available for the particular query.",
    );
  }
  const timeMin = readTime(params, "timeMin");
  const timeMax = readTime(params, "timeMax");
  if (timeMin !== undefined && timeMax !== undefined && timeMax <= timeMin) {
    throw badParameter("timeMax", "The specified time range is empty.");
  }
  const updatedMin = readTime(params, "updatedMin");
  if (updatedMin !== undefined && now.getTime() - updatedMin > OLDEST_UPDATE_MS) {
    throw gone("updatedMinTooLongAgo");
  }
  return {
    params,
    singleEvents,
    showDeleted: readBoolean(params, "showDeleted") ?? false,
    eventTypes,
    maxResults: readMaxResults(params),
    orderBy,
    timeMin,
    timeMax,
    updatedMin,
    since: readSince(account, params, singleEvents, eventTypes),
  };
}

function readSince(
  account: CalendarAccount,
  params: URLSearchParams,
  singleEvents: boolean,
  eventTypes: readonly string[],
): number | undefined {
  const token = params.get("syncToken");
  if (token === null) return undefined;
  for (const name of FORBIDDEN_WITH_SYNC_TOKEN) {
    if (params.has(name)) {
      throw badParameter(name, `Sync token cannot be used together with ${name}.`);
    }
  }
  if (readBoolean(params, "showDeleted") === false) {
    throw badParameter("showDeleted", "Sync token cannot be used with showDeleted set to false.");
  }
  const cursor = readCursor<SyncCursor>(token, "syncToken");
  if (cursor.generation !== account.generation) throw gone();
  // Google calls this undefined; a simulator does better to refuse what would go wrong silently.
  const isSameQuery = cursor.singleEvents === singleEvents &&
    cursor.eventTypes.join() === eventTypes.join();
  if (!isSameQuery) {
    throw badParameter("syncToken", "The query differs from the one that made the sync token.");
  }
  return cursor.version;
}

function readBoolean(params: URLSearchParams, name: string): boolean | undefined {
  const text = params.get(name);
  if (text === null) return undefined;
  if (text !== "true" && text !== "false") {
    throw badParameter(name, `Invalid boolean value: '${text}'.`);
  }
  return text === "true";
}

function readTime(params: URLSearchParams, name: string): number | undefined {
  const text = params.get(name);
  if (text === null) return undefined;
  const hasOffset = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/.test(text);
  if (!hasOffset || Number.isNaN(Date.parse(text))) throw badParameter(name, "Bad Request");
  return Date.parse(text);
}

function readMaxResults(params: URLSearchParams): number {
  const text = params.get("maxResults");
  if (text === null) return DEFAULT_PAGE;
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) {
    throw badParameter("maxResults", `Invalid integer value: '${text}'.`);
  }
  return Math.min(value, MAX_PAGE);
}
