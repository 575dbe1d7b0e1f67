// What there is to see of the simulated account: bots, calls, deliveries; no secrets.
import { type Bot, statusOf } from "./bot.ts";
import type { MeetingBaasSimulator } from "./meeting_baas_simulator.ts";

const SHOWN_CALLS = 2000;

/** One bot, for a ledger. */
export function describeBot(bot: Bot): Record<string, unknown> {
  return {
    bot_id: bot.id,
    meeting_url: bot.request.meeting_url,
    extra: bot.request.extra,
    status: statusOf(bot).code,
    created_at: bot.createdAt.toISOString(),
    history: bot.history.map(({ code, at }) => ({ code, at: at.toISOString() })),
    ahead: bot.ahead,
    is_playing: bot.isPlaying,
    duration_seconds: bot.conversation.durationSeconds,
    participants: bot.conversation.participants,
    artifacts: bot.artifacts,
    artifacts_deleted: bot.areArtifactsDeleted,
    error_code: bot.errorCode,
    ignored_fields: bot.ignoredFields,
  };
}

/** The whole account. */
export function describeAccount(simulator: MeetingBaasSimulator): Record<string, unknown> {
  const { fleet, calls, sender, desk, failures } = simulator;
  const bots = fleet.list();
  return {
    bots: bots.map(describeBot),
    bots_per_extra: countBy(bots.map((bot) => String(bot.request.extra?.["recording_id"] ?? ""))),
    bots_per_url: countBy(bots.map((bot) => bot.request.meeting_url)),
    calls: calls.slice(-SHOWN_CALLS),
    calls_per_route: countBy(calls.map(({ route, status }) => `${route} ${status}`)),
    deliveries: sender.log(),
    retries_waiting: sender.waiting,
    held: desk.held().map(({ id, botId, event, scheme }) => ({ id, bot_id: botId, event, scheme })),
    failures: failures.list(),
    limits: fleet.limits,
  };
}

function countBy(names: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const name of names) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}
