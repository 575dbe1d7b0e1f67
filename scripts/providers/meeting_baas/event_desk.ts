// Decides which messages an event becomes and when they leave: at once, later, twice, in disorder,
// or never.
import { SeededRandom } from "../seeded_random.ts";
import type { Bot } from "./bot.ts";
import type { DeliveryEntry, MessageSender, OutgoingMessage, Scheme } from "./message_sender.ts";
import type { WebhookBody } from "./webhook_bodies.ts";

/** What happens to messages: `hold` keeps them for control, `reorder` until the bot's end. */
export type DeliveryMode = "normal" | "hold" | "never" | "duplicate" | "reorder";

/** How one message misbehaves. */
export type MessageScript =
  | "normal"
  | "duplicate"
  | "concurrent"
  | "forged"
  | "stale"
  | "future"
  | "malformed"
  | "unsigned";

/** The receivers of an account. */
export interface Destinations {
  /** Account webhook of v2, signed by Svix. */
  webhook: { readonly url: string; readonly secret: string } | undefined;
  v1Webhook: { readonly url: string } | undefined;
  readonly apiKey: string;
}

const STALE_SECONDS = 600;
const FORGED_KEY = `whsec_${btoa("not the key of this receiver!!!!")}`;

/** Sends the events of bots. */
export class EventDesk {
  readonly #sender: MessageSender;
  readonly #held: OutgoingMessage[] = [];
  /** One bot's messages leave one after the other. */
  readonly #lines = new Map<string, Promise<unknown>>();
  mode: DeliveryMode = "normal";
  schemes: readonly Scheme[] = ["v2", "callback"];

  /**
   * @param sender Sends.
   * @param destinations Whom to.
   */
  constructor(sender: MessageSender, readonly destinations: Destinations) {
    this.#sender = sender;
  }

  /** Messages that wait for control. */
  held(): readonly OutgoingMessage[] {
    return this.#held;
  }

  /**
   * Sends an event to whoever wants it in that scheme.
   *
   * @param isLast Whether nothing follows; releases what `reorder` kept.
   */
  announce(bot: Bot, scheme: Scheme, body: WebhookBody, isLast = false): void {
    if (!this.schemes.includes(scheme)) return;
    const message = this.compose(bot, scheme, body);
    if (message === undefined) return;
    switch (this.mode) {
      case "never":
        return this.#sender.drop(message);
      case "hold":
        this.#held.push(message);
        return;
      case "reorder":
        this.#held.push(message);
        if (isLast) void this.release("shuffle", bot.id, bot.id);
        return;
      case "duplicate":
        this.#enqueue(message);
        return this.#enqueue(message);
      case "normal":
        this.#enqueue(message);
    }
  }

  /** Sends one message in a way of the caller's choosing, past every mode. */
  async sendScripted(
    bot: Bot,
    scheme: Scheme,
    body: WebhookBody,
    script: MessageScript,
  ): Promise<DeliveryEntry[]> {
    const message = this.compose(bot, scheme, body);
    if (message === undefined) return [];
    const messages = scripted(message, script);
    if (script === "concurrent") {
      return await Promise.all(messages.map((one) => this.#sender.send(one)));
    }
    const entries: DeliveryEntry[] = [];
    for (const one of messages) entries.push(await this.#sender.send(one));
    return entries;
  }

  /** Writes the message of an event; undefined when nobody receives that scheme. */
  compose(bot: Bot, scheme: Scheme, body: WebhookBody): OutgoingMessage | undefined {
    const receiver = this.#receiverOf(bot, scheme);
    if (receiver === undefined) return undefined;
    return {
      id: this.#sender.nextId(),
      botId: bot.id,
      event: body.event,
      scheme,
      body: JSON.stringify(body),
      timestampShiftSeconds: 0,
      isFinal: false,
      ...receiver,
    };
  }

  /** Sends what was held, in that order. */
  async release(
    order: "normal" | "reverse" | "shuffle" | "duplicate",
    seed: string,
    botId?: string,
  ): Promise<DeliveryEntry[]> {
    const taken = this.take(botId);
    const entries: DeliveryEntry[] = [];
    for (const message of arrange(taken, order, seed)) {
      entries.push(await this.#sender.send(message));
    }
    return entries;
  }

  /** Takes what was held without sending it. */
  take(botId?: string): OutgoingMessage[] {
    const isWanted = (message: OutgoingMessage): boolean =>
      botId === undefined || message.botId === botId;
    const taken = this.#held.filter(isWanted);
    const left = this.#held.filter((message) => !isWanted(message));
    this.#held.splice(0, this.#held.length, ...left);
    return taken;
  }

  /** Waits until nothing is on its way. */
  async settle(): Promise<void> {
    await Promise.allSettled(this.#lines.values());
    await this.#sender.settle();
  }

  /** Forgets what was held, and returns to normal. */
  reset(): void {
    this.#held.length = 0;
    this.#lines.clear();
    this.mode = "normal";
    this.schemes = ["v2", "callback"];
  }

  #enqueue(message: OutgoingMessage): void {
    const before = this.#lines.get(message.botId);
    this.#lines.set(message.botId, this.#sendAfter(before, message));
  }

  async #sendAfter(before: Promise<unknown> | undefined, message: OutgoingMessage): Promise<void> {
    await before;
    await this.#sender.send(message);
  }

  #receiverOf(
    bot: Bot,
    scheme: Scheme,
  ): Pick<OutgoingMessage, "destination" | "method" | "secret"> | undefined {
    const { webhook, v1Webhook, apiKey } = this.destinations;
    switch (scheme) {
      case "v2":
        return webhook && { destination: webhook.url, method: "POST", secret: webhook.secret };
      case "v1":
        return v1Webhook && { destination: v1Webhook.url, method: "POST", secret: apiKey };
      case "callback": {
        const { callback_enabled: isEnabled, callback_config: config } = bot.request;
        if (!isEnabled || config === null) return undefined;
        return { destination: config.url, method: config.method, secret: config.secret ?? null };
      }
    }
  }
}

function scripted(message: OutgoingMessage, script: MessageScript): OutgoingMessage[] {
  const once = { ...message, isFinal: true };
  switch (script) {
    case "duplicate":
    case "concurrent":
      return [message, message];
    case "forged":
      return [{ ...once, secret: message.secret === null ? null : FORGED_KEY }];
    case "stale":
      return [{ ...once, timestampShiftSeconds: -STALE_SECONDS }];
    case "future":
      return [{ ...once, timestampShiftSeconds: STALE_SECONDS }];
    case "malformed":
      return [{ ...once, body: message.body.slice(0, -10) }];
    case "unsigned":
      return [{ ...once, secret: null }];
    case "normal":
      return [message];
  }
}

function arrange(
  messages: readonly OutgoingMessage[],
  order: "normal" | "reverse" | "shuffle" | "duplicate",
  seed: string,
): OutgoingMessage[] {
  if (order === "reverse") return messages.toReversed();
  if (order === "duplicate") return messages.flatMap((message) => [message, message]);
  if (order === "normal") return [...messages];
  const random = new SeededRandom(seed);
  return messages.map((message) => ({ message, place: random.below(1_000_000) }))
    .toSorted((one, other) => one.place - other.place)
    .map(({ message }) => message);
}
