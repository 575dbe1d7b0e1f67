// An event on demand: true to the bot's state unless the caller says otherwise, signed or not.
import { presignAll } from "./bot_documents.ts";
import { type Bot, statusOf } from "./bot.ts";
import type { MessageScript } from "./event_desk.ts";
import type { MeetingBaasSimulator } from "./meeting_baas_simulator.ts";
import type { Scheme } from "./message_sender.ts";
import {
  completed,
  failed,
  otherEvent,
  statusChange,
  v1Complete,
  v1Failed,
  v1StatusChange,
  type WebhookBody,
} from "./webhook_bodies.ts";

/** What is to be sent. */
export interface EventOrder {
  readonly event: string;
  readonly scheme: Scheme;
  /** Of a status change; the bot's own status without. */
  readonly code?: string | undefined;
  readonly created_at?: string | undefined;
  readonly data?: Readonly<Record<string, unknown>> | undefined;
  readonly body?: Readonly<Record<string, unknown>> | undefined;
  readonly script: MessageScript;
  readonly wait: boolean;
}

/**
 * Sends an event.
 *
 * @returns The log of its deliveries, or nothing when nobody waits.
 */
export async function emitEvent(
  simulator: MeetingBaasSimulator,
  bot: Bot,
  order: EventOrder,
): Promise<unknown> {
  const body = order.body === undefined
    ? amend(write(simulator, bot, order), order.data)
    : { event: order.event, ...order.body };
  const sending = simulator.desk.sendScripted(bot, order.scheme, body, order.script);
  return order.wait ? await sending : [];
}

function write(simulator: MeetingBaasSimulator, bot: Bot, order: EventOrder): WebhookBody {
  const { settings } = simulator.life;
  const now = simulator.clock.now();
  const urls = presignAll(bot, simulator.artifacts.store, settings.urlLifetimeSeconds);
  const entry = {
    code: order.code ?? statusOf(bot).code,
    at: order.created_at === undefined ? now : new Date(order.created_at),
  };
  switch (order.event) {
    case "bot.status_change":
      return order.scheme === "v1" ? v1StatusChange(bot, entry) : statusChange(bot, entry);
    case "bot.completed":
      return completed(bot, urls, settings.spelling, now);
    case "bot.failed":
      return failed(bot, now);
    case "complete":
      return v1Complete(bot, urls);
    case "failed":
      return v1Failed(bot);
    default:
      return otherEvent(bot, order.event, urls, now);
  }
}

function amend(
  body: WebhookBody,
  data: Readonly<Record<string, unknown>> | undefined,
): WebhookBody {
  if (data === undefined) return body;
  return { ...body, data: { ...Object(body["data"]), ...data } };
}
