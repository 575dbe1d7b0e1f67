// Through what the person's actions could leave, asked before anything is proposed that could not.
import { fromPostgrestError } from "../../../errors/app_error.ts";
import { OutboundConnections } from "../../../outbound/outbound_contract.ts";
import type { ActionContext } from "../action.ts";

/**
 * Reads the caller's connections.
 *
 * @param ctx The caller.
 * @throws {AppError} `organization_not_found`.
 */
export async function readConnections(ctx: ActionContext): Promise<OutboundConnections> {
  const { data, error } = await ctx.db.rpc("my_outbound_connections", { p_org_id: ctx.orgId });
  if (error) throw fromPostgrestError(error);
  return OutboundConnections.parse(data);
}
