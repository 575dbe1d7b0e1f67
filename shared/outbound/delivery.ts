// One attempt at one effect: asked whether it was done before, and done. What is sent is what was
// stored when its owner said yes; nothing is looked up or decided here.
import type { Effect } from "../copilot/proposals/effect.ts";
import { fromPostgrestError } from "../errors/app_error.ts";
import type { ServiceContext } from "../platform/request_context.ts";
import { type GoogleAccessDeps, type GoogleUse, withGoogleAccess } from "./google_access.ts";
import { type RunningEffect, SlackAccessAnswer } from "./outbound_contract.ts";
import { OutboundError } from "./outbound_error.ts";
import type { CalendarWriter, EmailSender, SlackPoster } from "./outbound_ports.ts";
import { addressOf, readEmailHeaders } from "./read_email_headers.ts";

/** What the service keeps of a thing that was sent. */
export interface Delivered {
  /** Its id at the service. */
  readonly externalId: string;
  /** What else the person's app can use; ids and addresses of pages, no contents. */
  readonly result: Readonly<Record<string, string | null>>;
}

/** One attempt. */
export interface Delivery {
  /** Looks for it by our own id; null when it surely was not sent. @throws {OutboundError} */
  find(): Promise<Delivered | null>;
  /** Sends it. @throws {OutboundError} */
  send(): Promise<Delivered>;
}

/** The services; null where one is not configured. */
export interface OutboundDeps extends GoogleAccessDeps {
  readonly ctx: Pick<ServiceContext, "db" | "log" | "clock" | "signal">;
  readonly email: EmailSender | null;
  readonly slack: SlackPoster | null;
  readonly calendar: CalendarWriter | null;
}

type EffectOf<K extends Effect["kind"]> = Extract<Effect, { kind: K }>;

/** What is sent to, besides the effect. */
export interface Attempt {
  readonly running: RunningEffect;
  /** Before the first try. */
  readonly since: Date;
}

/**
 * Opens the way out of an effect.
 *
 * @param deps Database and services.
 * @param effect The stored effect.
 * @param attempt Whose it is, and since when it may have been sent.
 * @returns The attempt.
 * @throws {OutboundError} `not_configured` where its service is not, `rejected` where it never leaves.
 */
export function openDelivery(deps: OutboundDeps, effect: Effect, attempt: Attempt): Delivery {
  switch (effect.kind) {
    case "send_email":
      return emailDelivery(deps, configured(deps.email), effect, attempt);
    case "post_slack_message":
      return slackDelivery(deps, configured(deps.slack), effect, attempt);
    case "schedule_meeting":
      return eventDelivery(deps, configured(deps.calendar), effect, attempt);
    default:
      throw new OutboundError("rejected");
  }
}

function emailDelivery(
  deps: OutboundDeps,
  email: EmailSender,
  { raw, message_id: messageId, thread_id: threadId }: EffectOf<"send_email">,
  { running, since }: Attempt,
): Delivery {
  const use: GoogleUse = {
    orgId: running.org_id,
    userId: running.user_id,
    use: "email",
    // The preview said from whom it comes
    accountEmail: addressOf(readEmailHeaders(raw).get("From")),
  };
  return {
    find: () =>
      withGoogleAccess(deps, use, async ({ accessToken }) => {
        const found = await email.findSent(accessToken, { messageId, since });
        return found === null ? null : describeEmail(found);
      }),
    send: () =>
      withGoogleAccess(
        deps,
        use,
        async ({ accessToken }) => describeEmail(await email.send(accessToken, { raw, threadId })),
      ),
  };
}

function describeEmail({ id, threadId }: { id: string; threadId: string }): Delivered {
  return { externalId: id, result: { message_id: id, thread_id: threadId } };
}

function slackDelivery(
  deps: OutboundDeps,
  slack: SlackPoster,
  { channel_id: channelId, text }: EffectOf<"post_slack_message">,
  { running, since }: Attempt,
): Delivery {
  const effectId = running.effect_id;
  return {
    find: () =>
      withSlackAccess(deps, running.org_id, channelId, async (botToken) => {
        const found = await slack.findPosted(botToken, { channelId, effectId, since });
        return found === null ? null : describeMessage(found);
      }),
    send: () =>
      withSlackAccess(
        deps,
        running.org_id,
        channelId,
        async (botToken) =>
          describeMessage(await slack.post(botToken, { channelId, text, effectId })),
      ),
  };
}

function describeMessage({ channelId, ts }: { channelId: string; ts: string }): Delivered {
  return { externalId: `${channelId}:${ts}`, result: { channel_id: channelId, ts } };
}

async function withSlackAccess<T>(
  deps: OutboundDeps,
  orgId: string,
  channelId: string,
  work: (botToken: string) => Promise<T>,
): Promise<T> {
  const { data, error } = await deps.ctx.db.rpc("begin_slack_access", {
    p_org_id: orgId,
    p_channel_id: channelId,
  });
  if (error) throw fromPostgrestError(error);
  const access = SlackAccessAnswer.parse(data);
  if (access.status === "needs_reconnect") throw new OutboundError("reconnect_required");
  if (access.status !== "ready") throw new OutboundError(access.status);
  try {
    return await work(access.bot_token);
  } catch (cause) {
    if (cause instanceof OutboundError && cause.failure === "reconnect_required") {
      const { error: notRecorded } = await deps.ctx.db.rpc("reject_slack_access", {
        p_org_id: orgId,
        p_team_id: access.team_id,
        p_error: "token_rejected",
      });
      if (notRecorded) throw fromPostgrestError(notRecorded);
    }
    throw cause;
  }
}

function eventDelivery(
  deps: OutboundDeps,
  calendar: CalendarWriter,
  effect: EffectOf<"schedule_meeting">,
  { running }: Attempt,
): Delivery {
  const use: GoogleUse = {
    orgId: running.org_id,
    userId: running.user_id,
    use: "calendar",
    accountEmail: null,
  };
  const event = {
    id: effect.event_id,
    title: effect.title,
    description: effect.description,
    startsAt: effect.starts_at,
    endsAt: effect.ends_at,
    timeZone: effect.time_zone,
    attendees: effect.attendees,
  };
  return {
    find: () =>
      withGoogleAccess(deps, use, async ({ accessToken, calendarId }) => {
        const found = await calendar.findEvent(accessToken, { calendarId, eventId: event.id });
        return found === null ? null : describeEvent(found);
      }),
    send: () =>
      withGoogleAccess(deps, use, async ({ accessToken, calendarId }) => {
        const made = await calendar.insertEvent(accessToken, { calendarId, event });
        // The id is ours, so the event that is there is this one
        return describeEvent(made ?? { id: event.id, htmlLink: null });
      }),
  };
}

function describeEvent({ id, htmlLink }: { id: string; htmlLink: string | null }): Delivered {
  return { externalId: id, result: { event_id: id, html_link: htmlLink } };
}

function configured<T>(service: T | null): T {
  if (service === null) throw new OutboundError("not_configured");
  return service;
}
