// Exports everything that the caller said to the copilot and was answered, page by page.
import { z } from "zod";
import { AppError, fromPostgrestError } from "../../errors/app_error.ts";
import type { RequestContext } from "../../platform/request_context.ts";
import type { ExportInput } from "./contract.ts";
import { ConversationExport } from "./messages.ts";

/** One page, and where the next one begins. */
export interface ExportPage {
  readonly data: ConversationExport;
  readonly next_cursor: string | null;
}

const Exported = ConversationExport.extend({
  next: z.strictObject({ conversation_id: z.uuid(), seq: z.int() }).nullable(),
});

/** Where a page begins. The database knows it too, and gives no page but the next. */
const Place = z.strictObject({ id: z.uuid(), after: z.uuid(), seq: z.int().nonnegative() });
type Place = z.infer<typeof Place>;

/**
 * Gives a page of an export; a thousand messages at most.
 *
 * @param ctx The caller.
 * @param input Organization, and the page.
 * @throws {AppError} `export_limit_reached` for the eleventh export in an hour; `rate_limited` for
 * one within a minute after six in ten minutes; `not_found` for a page that is not the next;
 * `organization_not_found`, `no_active_organization`, `mfa_required`.
 */
export async function exportConversations(
  ctx: Pick<RequestContext, "db" | "orgId">,
  input: ExportInput,
): Promise<ExportPage> {
  const place = input.cursor === undefined ? null : decode(input.cursor);
  const { data, error } = await ctx.db.rpc("export_copilot_conversations", {
    p_org_id: input.org_id ?? ctx.orgId,
    p_export_id: place?.id ?? null,
    p_after_conversation: place?.after ?? null,
    p_after_seq: place?.seq ?? null,
  });
  if (error) throw withWait(fromPostgrestError(error), error.details);
  const { next, ...page } = Exported.parse(data);
  return {
    data: page,
    next_cursor: next &&
      encode({ id: page.export_id, after: next.conversation_id, seq: next.seq }),
  };
}

/** A refused export says in its details how many seconds to wait. */
function withWait(error: AppError, details: string | null): AppError {
  const seconds = /^\d{1,4}$/.test(details ?? "") ? Number(details) : undefined;
  if (seconds === undefined) return error;
  return new AppError(error.code, { cause: error.cause, retryAfterSeconds: seconds });
}

function encode(place: Place): string {
  return btoa(JSON.stringify(place)).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}

function decode(cursor: string): Place {
  try {
    return Place.parse(JSON.parse(atob(cursor.replaceAll("-", "+").replaceAll("_", "/"))));
  } catch (cause) {
    const issue = {
      path: "cursor",
      code: "invalid_cursor",
      message: "is not a cursor of this export",
    };
    throw new AppError("invalid_request", { issues: [issue], cause });
  }
}
