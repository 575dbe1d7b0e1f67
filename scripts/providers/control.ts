// The control door of the simulators: what a test or a newcomer says, so that the world moves.
//
// "This meeting was recorded" (the webhook arrives signed, the answer shows what became of it):
//
//   curl 127.0.0.1:54331/_control -d '{"provider":"fathom","action":"record","recorded_by":"ann@acme.test"}'
//
// POST /_control {"action":"reset"}                      everything as in the beginning
// POST /_control {"action":"advance","seconds":3600}     the simulators' clock goes on
// GET  /_control/state                                   all there is to see, without secrets
//
// provider "fathom":
//   record            recorded_by, title?, topic? (pricing|discovery|security), start?, minutes?,
//                     invitees? (addresses or {email,name}), transcript? ([{speaker,text}]),
//                     recording_id?, sharing? (private|team|external), nulls? (none|details|all),
//                     overrides? (merged into the payload), destination? with secret?, wait?,
//                     script? normal | silent (no webhook) | duplicate | concurrent (the same id at
//                     once) | reorder (the older state last) | forged | stale | future |
//                     unknown_recorder | malformed
//   register          destination, secret?, owner?         a webhook for all recordings, or of one owner
//   deliveries        recording_id?                        the delivery log
//   redeliver         webhook_id                           the same message once more
//   settle                                                 waits for resends, then gives the log
//   retry_schedule    delays_ms, timeout_ms?               how resends are spaced
//   rate_limit        limit, window_seconds?
//   fail              route? ("GET meetings"), status, count?, delay_ms?
//   expire_tokens, revoke {email}                          OAuth
//   API key of an account: sim-fathom-<email>; refresh token: sim-fathom-refresh-<email>
//
// provider "google_calendar":
//   upsert            email, event {id?, summary?, start?, end?, minutes?, attendees?, own_response?,
//                     recurrence?, raw? (any further field of an event)}
//   move              email, id, start
//   cancel            email, id, bare? (true: only the id is left)
//   clear, events, push {email}                            empty it; look at it; notify without a change
//   set_account       email, time_zone                     a fresh calendar in another zone
//   expire_tokens     email?                               access tokens end now
//   revoke, restore   email                                refreshing answers invalid_grant, or not
//   expire_sync_tokens email                               the next incremental sync answers 410
//   fail              route? (events.list|events.watch|channels.stop|token), page?, status, reason?,
//                     count?, delay_ms?
//   quota             limit, window_seconds?               403 userRateLimitExceeded beyond
//   channel_lifetime  seconds                              what watch grants at most
//   grant             email, scopes                        what the consent covers; calendar and Gmail
//   fail_call         see fault_control.ts; routes events.insert and events.get
//   settle                                                 waits for notifications, then lists them
//   Refresh token of an account: sim-refresh-<email>; authorization code: sim-code-<email>
//
// provider "meeting_baas": at the head of meeting_baas/meeting_baas_control.ts
// provider "artifacts": at the head of artifacts/artifact_control.ts
// provider "gmail": at the head of gmail/gmail_control.ts
// provider "slack": at the head of slack/slack_control.ts
import { z } from "zod";
import { ControlError, type Simulator } from "./simulator.ts";
import type { VirtualClock } from "./virtual_clock.ts";

/** What control requests reach. */
export interface Controlled {
  readonly simulators: readonly Simulator[];
  readonly clock: VirtualClock;
}

const Common = z.discriminatedUnion("action", [
  z.object({ action: z.literal("reset") }),
  z.object({ action: z.literal("advance"), seconds: z.number() }),
]);

/**
 * Answers `/_control` and what is below it.
 *
 * @param request The request.
 * @param path Its path.
 * @param controlled The simulators and their clock.
 */
export async function answerControl(
  request: Request,
  path: string,
  controlled: Controlled,
): Promise<Response> {
  // A web page that is open on this machine must not move the world behind its user's back.
  if (request.headers.has("origin")) return new Response(null, { status: 403 });
  if (request.method === "GET") return Response.json(describe(controlled));
  if (request.method !== "POST" || path !== "/_control") return new Response(null, { status: 404 });
  try {
    return Response.json(await obey(JSON.parse(await request.text()), controlled));
  } catch (cause) {
    if (!(cause instanceof ControlError) && !(cause instanceof SyntaxError)) throw cause;
    return Response.json({ error: cause.message }, { status: 400 });
  }
}

async function obey(input: unknown, { simulators, clock }: Controlled): Promise<unknown> {
  const provider = z.looseObject({ provider: z.string().optional() }).safeParse(input);
  if (provider.data?.provider !== undefined) {
    const name = provider.data.provider;
    const simulator = simulators.find((candidate) => candidate.name === name);
    if (simulator !== undefined) return await simulator.control(input);
    const known = simulators.map((candidate) => candidate.name).join(", ");
    throw new ControlError(`Unknown provider "${name}": expected one of ${known}`);
  }
  const common = Common.safeParse(input);
  if (!common.success) throw new ControlError(z.prettifyError(common.error));
  if (common.data.action === "advance") {
    clock.advance(common.data.seconds);
  } else {
    clock.reset();
    for (const simulator of simulators) simulator.reset();
  }
  return { now: clock.now().toISOString() };
}

function describe({ simulators, clock }: Controlled): Record<string, unknown> {
  return {
    now: clock.now().toISOString(),
    clock_offset_seconds: clock.offsetSeconds,
    ...Object.fromEntries(simulators.map((simulator) => [simulator.name, simulator.state()])),
  };
}
