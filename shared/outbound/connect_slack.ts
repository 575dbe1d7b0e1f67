// Connects an organization's Slack workspace: what Slack says of the bot's token is what is written down.
import { fromPostgrestError } from "../errors/app_error.ts";
import type { ServiceContext } from "../platform/request_context.ts";
import { OutboundError } from "./outbound_error.ts";
import type { SlackPoster, SlackWorkspace } from "./outbound_ports.ts";

/** Without these nothing could be posted, or found again. */
const NEEDED_SCOPES: readonly string[] = ["chat:write", "channels:history"];

/** What connecting needs. */
export interface ConnectSlackDeps {
  readonly db: Pick<ServiceContext["db"], "rpc">;
  readonly slack: SlackPoster;
}

/**
 * Connects, or reconnects, a workspace. Its channels stay closed until an admin opens them.
 *
 * @param deps The service role's database and Slack.
 * @param orgId The organization.
 * @param botToken What installing the app brought; it goes to the vault.
 * @returns The workspace.
 * @throws {OutboundError} `scope_missing` when the bot could not post or find what it posted,
 *   `reconnect_required` when Slack does not take the token.
 * @throws {AppError} `organization_not_found`.
 */
export async function connectSlack(
  { db, slack }: ConnectSlackDeps,
  orgId: string,
  botToken: string,
): Promise<SlackWorkspace> {
  const workspace = await slack.describeWorkspace(botToken);
  if (NEEDED_SCOPES.some((scope) => !workspace.scopes.includes(scope))) {
    throw new OutboundError("scope_missing");
  }
  const { error } = await db.rpc("connect_slack", {
    p_org_id: orgId,
    p_team_id: workspace.teamId,
    p_team_name: workspace.teamName,
    p_bot_user_id: workspace.botUserId,
    p_scopes: [...workspace.scopes],
    p_bot_token: botToken,
    p_channels: workspace.channels.map(({ id, name }) => ({ id, name })),
  });
  if (error) throw fromPostgrestError(error);
  return workspace;
}
