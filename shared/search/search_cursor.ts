// Where the next page of a search begins. Opaque to clients, and worth nothing to a forger: it only
// says after which row to go on, and the database checks every row's permission anyway.
import { z } from "zod";
import { AppError } from "../errors/app_error.ts";

/** The last row of a page, in the terms of its order. */
export const SearchPosition = z.union([
  z.strictObject({ rank: z.number(), id: z.uuid() }),
  z.strictObject({
    started_at: z.iso.datetime({ offset: true }),
    meeting_id: z.uuid(),
    seq: z.int(),
  }),
]);
/** See the schema of the same name. */
export type SearchPosition = z.infer<typeof SearchPosition>;

/**
 * Writes a cursor.
 *
 * @param position The last row of the page.
 * @returns Text that is safe in an address.
 */
export function encodeCursor(position: SearchPosition): string {
  return btoa(JSON.stringify(position)).replaceAll("+", "-").replaceAll("/", "_").replace(
    /=+$/,
    "",
  );
}

/**
 * Reads a cursor.
 *
 * @param cursor What a client sent.
 * @param order The order of the search; a cursor of the other order is refused.
 * @returns The position.
 * @throws {AppError} `invalid_request` when it is none of ours.
 */
export function decodeCursor(cursor: string, order: "relevance" | "recent"): SearchPosition {
  let value: unknown;
  try {
    value = JSON.parse(atob(cursor.replaceAll("-", "+").replaceAll("_", "/")));
  } catch (cause) {
    throw invalidCursor(cause);
  }
  const parsed = SearchPosition.safeParse(value);
  if (!parsed.success) throw invalidCursor(parsed.error);
  if (("rank" in parsed.data) !== (order === "relevance")) throw invalidCursor(undefined);
  return parsed.data;
}

function invalidCursor(cause: unknown): AppError {
  const issue = {
    path: "cursor",
    code: "invalid_cursor",
    message: "is not a cursor of this search",
  };
  return new AppError("invalid_request", { issues: [issue], cause });
}
