// `events.list`: full and incremental sync, pages, and what may not be combined.
import { Buffer } from "node:buffer";
import { type CalendarAccount, startOf } from "./calendar_account.ts";
import { instantOf, renderEvent, type StoredEvent } from "./calendar_event.ts";
import { badParameter, gone } from "./google_error.ts";

const DEFAULT_PAGE = 250;
const MAX_PAGE = 2500;
const HORIZON_MS = 365 * 24 * 3600 * 1000;
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
/** A query that the provider cannot continue from gets no sync token. */
const NOT_SYNCABLE = ["iCalUID", "orderBy", "q", "updatedMin"];

interface Query {
  readonly params: URLSearchParams;
  readonly singleEvents: boolean;
  readonly showDeleted: boolean;
  readonly eventTypes: readonly string[];
  readonly maxResults: number;
  readonly orderBy: string | null;
  readonly timeMin: number | undefined;
  readonly timeMax: number | undefined;
  readonly updatedMin: number | undefined;
  readonly since: number | undefined;
}

interface PageCursor {
  readonly generation: string;
  readonly query: string;
  readonly key: number;
  readonly id: string;
  readonly page: number;
}

interface SyncCursor {
  readonly generation: string;
  readonly version: number;
  readonly singleEvents: boolean;
  readonly eventTypes: readonly string[];
}

/**
 * Says which page of a listing a request asks for, so that a scripted failure can hit it.
 *
 * @param params The query.
 */
export function pageNumber(params: URLSearchParams): number {
  const token = params.get("pageToken");
  return token === null ? 1 : readCursor<PageCursor>(token, "pageToken").page;
}

/**
 * Lists events.
 *
 * @param account Whose.
 * @param params The query.
 * @param now The service's time.
 * @throws {GoogleError} 400 for what may not be asked, 410 for tokens too old.
 */
export function listEvents(
  account: CalendarAccount,
  params: URLSearchParams,
  now: Date,
): Record<string, unknown> {
  const query = readQuery(account, params, now);
  const cursor = readPageCursor(account, params);
  const events = selectEvents(account, query, now)
    .map((stored) => ({ stored, key: sortKey(stored, account, query) }))
    .sort((a, b) => a.key - b.key || compareIds(a.stored, b.stored))
    .filter(({ stored, key }) =>
      cursor === undefined || key > cursor.key ||
      (key === cursor.key && stored.content.id > cursor.id)
    );
  const page = events.slice(0, query.maxResults);
  const last = page.at(-1);
  const hasMore = events.length > page.length && last !== undefined;
  return {
    kind: "calendar#events",
    etag: `"p${account.generation}${account.version}"`,
    summary: account.email,
    description: "",
    updated: account.updatedAt,
    timeZone: account.timeZone,
    accessRole: "owner",
    defaultReminders: [{ method: "popup", minutes: 10 }],
    ...(hasMore
      ? {
        nextPageToken: writeCursor<PageCursor>({
          generation: account.generation,
          query: fingerprint(params),
          key: last.key,
          id: last.stored.content.id,
          page: (cursor?.page ?? 1) + 1,
        }),
      }
      : endOfListing(account, query)),
    items: page.map(({ stored }) => renderEvent(stored)),
  };
}

function endOfListing(account: CalendarAccount, query: Query): Record<string, string> {
  if (NOT_SYNCABLE.some((name) => query.params.has(name))) return {};
  return {
    nextSyncToken: writeCursor<SyncCursor>({
      generation: account.generation,
      version: account.version,
      singleEvents: query.singleEvents,
      eventTypes: query.eventTypes,
    }),
  };
}

function readQuery(account: CalendarAccount, params: URLSearchParams, now: Date): Query {
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

function readPageCursor(
  account: CalendarAccount,
  params: URLSearchParams,
): PageCursor | undefined {
  const token = params.get("pageToken");
  if (token === null) return undefined;
  const cursor = readCursor<PageCursor>(token, "pageToken");
  if (cursor.generation !== account.generation && params.has("syncToken")) throw gone();
  if (cursor.generation !== account.generation || cursor.query !== fingerprint(params)) {
    throw badParameter("pageToken", "Invalid page token value.");
  }
  return cursor;
}

function selectEvents(account: CalendarAccount, query: Query, now: Date): StoredEvent[] {
  const horizon = {
    from: query.timeMin ?? now.getTime() - HORIZON_MS,
    until: query.timeMax ?? now.getTime() + HORIZON_MS,
  };
  const events = query.singleEvents ? account.expanded(horizon) : account.all();
  return events.filter((stored) => isSelected(stored, account, query));
}

function isSelected(stored: StoredEvent, account: CalendarAccount, query: Query): boolean {
  const { content } = stored;
  const isTypeWanted = query.eventTypes.length === 0 ||
    query.eventTypes.includes(content.eventType ?? "default");
  if (!isTypeWanted) return false;
  if (query.since !== undefined) return stored.version > query.since;
  if (content.status === "cancelled" && !isCancelledWanted(stored, query)) return false;
  if (query.updatedMin !== undefined && Date.parse(stored.updatedAt) < query.updatedMin) {
    return false;
  }
  if (!isWithin(stored, account, query)) return false;
  const uid = query.params.get("iCalUID");
  if (uid !== null && uid !== `${content.recurringEventId ?? content.id}@google.com`) return false;
  return isFound(stored, query.params.get("q"));
}

/** A series that is listed whole lies within a range when one of its instances does. */
function isWithin(stored: StoredEvent, account: CalendarAccount, query: Query): boolean {
  const { timeMin = -Infinity, timeMax = Infinity } = query;
  if (stored.content.recurrence !== undefined) {
    return account.instancesOf(stored, { from: timeMin, until: timeMax - 1 }).length > 0;
  }
  const ends = instantOf(stored.content.end, account.timeZone);
  return ends > timeMin && startOf(stored, account) < timeMax;
}

function isCancelledWanted(stored: StoredEvent, query: Query): boolean {
  if (query.showDeleted || query.updatedMin !== undefined) return true;
  // A hole in a series is told also to those who don't ask for deleted events.
  return !query.singleEvents && stored.content.recurringEventId !== undefined;
}

function isFound({ content }: StoredEvent, words: string | null): boolean {
  if (words === null) return true;
  const people = (content.attendees ?? []).map((one) => `${one.email} ${one.displayName ?? ""}`);
  const text = [content.summary, content.description, content.location, ...people]
    .join(" ").toLowerCase();
  return words.toLowerCase().split(/\s+/).every((word) => text.includes(word));
}

function sortKey(stored: StoredEvent, account: CalendarAccount, query: Query): number {
  if (query.orderBy === "startTime") return startOf(stored, account);
  if (query.orderBy === "updated") return Date.parse(stored.updatedAt);
  return stored.version;
}

function compareIds(a: StoredEvent, b: StoredEvent): number {
  return a.content.id < b.content.id ? -1 : a.content.id > b.content.id ? 1 : 0;
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

function fingerprint(params: URLSearchParams): string {
  return [...params].filter(([name]) => name !== "pageToken")
    .map(([name, value]) => `${name}=${value}`).sort().join("&");
}

function writeCursor<T>(cursor: T): string {
  return Buffer.from(JSON.stringify(cursor)).toString("base64url");
}

function readCursor<T>(token: string, name: string): T {
  try {
    const cursor: T = JSON.parse(Buffer.from(token, "base64url").toString("utf8"));
    if (typeof cursor === "object" && cursor !== null && "generation" in cursor) return cursor;
  } catch (cause) {
    if (!(cause instanceof SyntaxError)) throw cause;
  }
  const words = name === "syncToken" ? "sync token" : "page token";
  throw badParameter(name, `Invalid ${words} value.`);
}
