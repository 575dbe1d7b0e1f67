// `events.list`: which events a query gets, page by page, and the token to continue from.
import { type CalendarAccount, startOf } from "./calendar_account.ts";
import { instantOf, renderEvent, type StoredEvent } from "./calendar_event.ts";
import {
  fingerprint,
  type PageCursor,
  readPageCursor,
  type SyncCursor,
  writeCursor,
} from "./list_cursors.ts";
import { type ListQuery, readListQuery } from "./list_query.ts";

const HORIZON_MS = 365 * 24 * 3600 * 1000;
/** A query that the provider cannot continue from gets no sync token. */
const NOT_SYNCABLE = ["iCalUID", "orderBy", "q", "updatedMin"];

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
  const query = readListQuery(account, params, now);
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

function endOfListing(account: CalendarAccount, query: ListQuery): Record<string, string> {
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

function selectEvents(account: CalendarAccount, query: ListQuery, now: Date): StoredEvent[] {
  const horizon = {
    from: query.timeMin ?? now.getTime() - HORIZON_MS,
    until: query.timeMax ?? now.getTime() + HORIZON_MS,
  };
  const events = query.singleEvents ? account.expanded(horizon) : account.all();
  return events.filter((stored) => isSelected(stored, account, query));
}

function isSelected(stored: StoredEvent, account: CalendarAccount, query: ListQuery): boolean {
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
function isWithin(stored: StoredEvent, account: CalendarAccount, query: ListQuery): boolean {
  const { timeMin = -Infinity, timeMax = Infinity } = query;
  if (stored.content.recurrence !== undefined) {
    return account.instancesOf(stored, { from: timeMin, until: timeMax - 1 }).length > 0;
  }
  const ends = instantOf(stored.content.end, account.timeZone);
  return ends > timeMin && startOf(stored, account) < timeMax;
}

function isCancelledWanted(stored: StoredEvent, query: ListQuery): boolean {
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

function sortKey(stored: StoredEvent, account: CalendarAccount, query: ListQuery): number {
  if (query.orderBy === "startTime") return startOf(stored, account);
  if (query.orderBy === "updated") return Date.parse(stored.updatedAt);
  return stored.version;
}

function compareIds(a: StoredEvent, b: StoredEvent): number {
  return a.content.id < b.content.id ? -1 : a.content.id > b.content.id ? 1 : 0;
}
