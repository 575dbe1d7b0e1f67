// What Slack's words for failures mean for us. It answers most of them with HTTP 200; its list of words
// is open, and one that nobody knows is taken for a refusal.
import type { OutboundFailure } from "@shared/outbound/outbound_error.ts";

const RECONNECT: ReadonlySet<string> = new Set([
  "account_inactive",
  "invalid_auth",
  "missing_scope",
  "no_permission",
  "not_authed",
  "token_expired",
  "token_revoked",
]);
const CHANNEL: ReadonlySet<string> = new Set([
  "channel_not_found",
  "is_archived",
  "not_in_channel",
  "restricted_action",
]);
const LATER: ReadonlySet<string> = new Set([
  "ratelimited",
  "rate_limited",
  "message_limit_exceeded",
]);
/** Said of a defect on their side, so nobody knows how far it came. */
const UNCLEAR: ReadonlySet<string> = new Set([
  "fatal_error",
  "internal_error",
  "request_timeout",
  "service_unavailable",
]);

/**
 * Reads an error of Slack's.
 *
 * @param error Its word; an answer that is not Slack's own JSON comes as its whole text, and says nothing.
 * @returns What it means.
 */
export function slackFailure(error: string): OutboundFailure {
  if (RECONNECT.has(error)) return "reconnect_required";
  if (CHANNEL.has(error)) return "channel_not_open";
  if (LATER.has(error)) return "rate_limited";
  if (UNCLEAR.has(error) || !/^[a-z_]{1,60}$/.test(error)) return "unavailable";
  return "rejected";
}
