// Control of the simulated Slack, provider "slack":
//   configure     any of: seconds_per_message (1; 0 lets all through), history_limited (false; true: one
//                 conversations.history a minute, 15 messages)
//   revoke_token, restore_token  team_id
//   set_scopes    team_id, scopes
//   channel       team_id, id, name, is_private?, is_archived?, is_member?       makes or changes one
//   post          team_id, channel, text                    a person's message
//   messages      team_id, channel?                         with their metadata
//   fail_call     see ../fault_control.ts; routes are Slack's method names; status with reason: HTTP 200
//                 and ok false; status alone: a page of HTML
//   Bot token of a team: xoxb-sim-<team id>
import { z } from "zod";
import { FailCall, readFault } from "../fault_control.ts";
import { ControlError } from "../simulator.ts";
import type { SlackSimulator } from "./slack_simulator.ts";

const provider = z.literal("slack");
const Team = z.string().regex(/^[TE][A-Z0-9]+$/);
const SlackControl = z.discriminatedUnion("action", [
  z.strictObject({
    provider,
    action: z.literal("configure"),
    seconds_per_message: z.number().nonnegative().optional(),
    history_limited: z.boolean().optional(),
  }),
  z.strictObject({ provider, action: z.literal("revoke_token"), team_id: Team }),
  z.strictObject({ provider, action: z.literal("restore_token"), team_id: Team }),
  z.strictObject({
    provider,
    action: z.literal("set_scopes"),
    team_id: Team,
    scopes: z.array(z.string()),
  }),
  z.strictObject({
    provider,
    action: z.literal("channel"),
    team_id: Team,
    id: z.string().regex(/^[A-Z0-9]{3,30}$/),
    name: z.string(),
    is_private: z.boolean().default(false),
    is_archived: z.boolean().default(false),
    is_member: z.boolean().default(true),
  }),
  z.strictObject({
    provider,
    action: z.literal("post"),
    team_id: Team,
    channel: z.string(),
    text: z.string(),
  }),
  z.strictObject({
    provider,
    action: z.literal("messages"),
    team_id: Team,
    channel: z.string().optional(),
  }),
  FailCall,
]);

/**
 * Carries out a control request.
 *
 * @param simulator The simulator.
 * @param input The request.
 * @throws {ControlError} When it makes no sense.
 */
export function controlSlack(simulator: SlackSimulator, input: unknown): unknown {
  const parsed = SlackControl.safeParse(input);
  if (!parsed.success) throw new ControlError(z.prettifyError(parsed.error));
  const request = parsed.data;
  if (request.action === "fail_call") {
    simulator.faults.arm(readFault(request));
    return {};
  }
  if (request.action === "configure") {
    const { limits } = simulator;
    limits.secondsPerMessage = request.seconds_per_message ?? limits.secondsPerMessage;
    limits.isHistoryLimited = request.history_limited ?? limits.isHistoryLimited;
    return {};
  }
  const workspace = simulator.workspace(request.team_id);
  switch (request.action) {
    case "revoke_token":
    case "restore_token":
      workspace.isRevoked = request.action === "revoke_token";
      return {};
    case "set_scopes":
      workspace.scopes = request.scopes;
      return {};
    case "channel":
      workspace.channels.set(request.id, {
        id: request.id,
        name: request.name,
        isPrivate: request.is_private,
        isArchived: request.is_archived,
        isMember: request.is_member,
      });
      return {};
    case "post":
      return workspace.post({
        channel: request.channel,
        text: request.text,
        blocks: [],
        metadata: null,
        isBot: false,
        threadTs: null,
      }, simulator.clock.now());
    case "messages":
      return workspace.messages.filter(({ channel }) =>
        request.channel === undefined || channel === request.channel
      );
  }
}
