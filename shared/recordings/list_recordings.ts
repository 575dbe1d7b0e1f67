// Lists the recordings that the caller may read, the latest first.
import { z } from "zod";
import { AppError, fromPostgrestError } from "../errors/app_error.ts";
import type { RequestContext } from "../platform/request_context.ts";
import { DescribedRecording, type Recording, type RecordingsQuery } from "./contract.ts";
import { explainRecording } from "./read_recording.ts";

/** One page, and where the next one begins. */
export interface RecordingsPage {
  readonly data: Recording[];
  readonly next_cursor: string | null;
}

/** The last row of a page. Worth nothing to a forger: every row's permission is checked anyway. */
const Position = z.strictObject({ start: z.iso.datetime({ offset: true }), id: z.uuid() });

/**
 * Lists recordings.
 *
 * @param ctx The caller; row-level security decides what is there.
 * @param query Filters and page.
 * @returns A page.
 * @throws {AppError} `organization_not_found`, `no_active_organization`, or `invalid_request` for a
 * cursor that is none of ours.
 */
export async function listRecordings(
  ctx: RequestContext,
  query: RecordingsQuery,
): Promise<RecordingsPage> {
  const after = query.cursor === undefined ? null : decode(query.cursor);
  const { data, error } = await ctx.db.rpc("list_recordings", {
    p_org_id: query.org_id ?? ctx.orgId,
    p_bot_status: query.status ?? null,
    p_outcome: query.outcome ?? null,
    p_starts_from: query.from ?? null,
    p_starts_before: query.to ?? null,
    p_after_start: after?.start ?? null,
    p_after_id: after?.id ?? null,
    // One more tells whether there is another page
    p_limit: query.limit + 1,
  });
  if (error) throw fromPostgrestError(error);
  const found = z.array(DescribedRecording).parse(data);
  const page = found.slice(0, query.limit);
  const last = page.at(-1);
  const next = found.length > query.limit && last !== undefined
    ? encode({ start: last.scheduled_start_at, id: last.id })
    : null;
  return { data: page.map(explainRecording), next_cursor: next };
}

function encode(position: z.infer<typeof Position>): string {
  return btoa(JSON.stringify(position)).replaceAll("+", "-").replaceAll("/", "_")
    .replace(/=+$/, "");
}

function decode(cursor: string): z.infer<typeof Position> {
  try {
    return Position.parse(JSON.parse(atob(cursor.replaceAll("-", "+").replaceAll("_", "/"))));
  } catch (cause) {
    const issue = {
      path: "cursor",
      code: "invalid_cursor",
      message: "is not a cursor of this list",
    };
    throw new AppError("invalid_request", { issues: [issue], cause });
  }
}
