// Contacts that something would be sent to: rows that its preview rests on.
import { fromPostgrestError } from "../../../errors/app_error.ts";
import type { ActionContext } from "../action.ts";
import type { Mention } from "../evidence_rows.ts";

/**
 * Finds the contacts behind addresses; colleagues and strangers have none.
 *
 * @param ctx The caller.
 * @param addresses In lower case.
 * @returns Their rows, as far as the caller may read them.
 */
export async function readRecipientRows(
  ctx: ActionContext,
  addresses: readonly string[],
): Promise<Mention[]> {
  if (addresses.length === 0) return [];
  const { data, error } = await ctx.db.from("contacts").select("id")
    .eq("org_id", ctx.orgId).in("email", addresses).order("id").limit(100);
  if (error) throw fromPostgrestError(error);
  return data.map(({ id }) => ["contacts", id]);
}
