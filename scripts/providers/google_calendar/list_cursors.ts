// The opaque tokens of `events.list`: where a page ended, and up to where a client knows everything.
import { Buffer } from "node:buffer";
import type { CalendarAccount } from "./calendar_account.ts";
import { badParameter, gone } from "./google_error.ts";

/** Where a page ended. */
export interface PageCursor {
  readonly generation: string;
  readonly query: string;
  readonly key: number;
  readonly id: string;
  readonly page: number;
}

/** Up to where a client knows everything, and by what query. */
export interface SyncCursor {
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
 * Reads the page token of a query.
 *
 * @throws {GoogleError} 400, or 410 within an incremental sync that is too old.
 */
export function readPageCursor(
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

/** What two calls must have in common for a page token to be good. */
export function fingerprint(params: URLSearchParams): string {
  return [...params].filter(([name]) => name !== "pageToken")
    .map(([name, value]) => `${name}=${value}`).sort().join("&");
}

/** Writes a cursor as an opaque token. */
export function writeCursor<T>(cursor: T): string {
  return Buffer.from(JSON.stringify(cursor)).toString("base64url");
}

/**
 * Reads a token.
 *
 * @throws {GoogleError} 400 when it is none of ours.
 */
export function readCursor<T>(token: string, name: string): T {
  try {
    const cursor: T = JSON.parse(Buffer.from(token, "base64url").toString("utf8"));
    if (typeof cursor === "object" && cursor !== null && "generation" in cursor) return cursor;
  } catch (cause) {
    if (!(cause instanceof SyntaxError)) throw cause;
  }
  const words = name === "syncToken" ? "sync token" : "page token";
  throw badParameter(name, `Invalid ${words} value.`);
}
