// What the bots report, from MeetingBaaS. Trust boundary: the signature or secret of the call; whose
// bot it is, only our own row says (U60-106).
import { applyBotEvent } from "@shared/recordings/apply_bot_event.ts";
import { createWebhook, type ServedFunction } from "../_shared/http/create_webhook.ts";
import { type FunctionDeps, productionDeps } from "../_shared/http/function_deps.ts";

/**
 * Builds `meetingbaas-webhook`: `POST /meetingbaas-webhook`.
 *
 * @param deps Its surroundings; tests pass their own.
 * @returns The function.
 */
export function createApp(
  deps: FunctionDeps = productionDeps(),
): ServedFunction {
  return createWebhook(
    "meetingbaas-webhook",
    // A finished bot of version 1 brings its whole transcript along
    { process: applyBotEvent, maxBodyBytes: 8 * 1024 * 1024 },
    deps,
  );
}
