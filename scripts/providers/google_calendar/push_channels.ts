// Push notifications: channels that are told "something changed", and never what.
import { z } from "zod";
import { stableId } from "../seeded_random.ts";
import type { VirtualClock } from "../virtual_clock.ts";
import type { CalendarAccount } from "./calendar_account.ts";
import { GoogleError, notFound } from "./google_error.ts";

/** An open channel. */
export interface PushChannel {
  readonly id: string;
  readonly email: string;
  readonly resourceId: string;
  readonly resourceUri: string;
  readonly address: string;
  readonly token: string | undefined;
  readonly expiresAt: number;
  nextNumber: number;
}

/** A notification that was sent. */
export interface SentNotification {
  readonly channelId: string;
  readonly messageNumber: number;
  readonly state: "sync" | "exists";
  readonly statuses: Array<number | null>;
}

const MAX_LIFETIME_MS = 7 * 24 * 3600 * 1000;
const RETRIED = new Set([500, 502, 503, 504]);
const RETRY_DELAYS_MS = [100, 300, 900];
const NUMBER_STEPS = [1, 2, 5, 1, 3];

const WatchInput = z.object({
  id: z.string().regex(/^[A-Za-z0-9\-_+/=]{1,64}$/),
  type: z.enum(["web_hook", "webhook"]),
  address: z.url(),
  token: z.string().max(256).optional(),
  expiration: z.coerce.number().optional(),
});

const StopInput = z.object({ id: z.string(), resourceId: z.string() });

/** The channels of all accounts. */
export class PushChannels {
  readonly #clock: VirtualClock;
  readonly #channels = new Map<string, PushChannel>();
  readonly #usedIds = new Set<string>();
  readonly #sending = new Set<Promise<void>>();
  readonly sent: SentNotification[] = [];
  /** What is granted at most, whatever is asked for. */
  maxLifetimeMs = MAX_LIFETIME_MS;

  /** @param clock Ends channels. */
  constructor(clock: VirtualClock) {
    this.#clock = clock;
  }

  /** The channels that are open now. */
  open(): PushChannel[] {
    const now = this.#clock.now().getTime();
    return [...this.#channels.values()].filter(({ expiresAt }) => expiresAt > now);
  }

  /**
   * Opens a channel and sends its first message, `sync`.
   *
   * @param account Whose events are watched.
   * @param resourceUri What is watched.
   * @param input The body of the request.
   * @throws {GoogleError} 400 for a used id or an address that cannot be called.
   */
  watch(account: CalendarAccount, resourceUri: string, input: unknown): Record<string, unknown> {
    const parsed = WatchInput.safeParse(input);
    if (!parsed.success) {
      throw new GoogleError(400, { reason: "required", message: z.prettifyError(parsed.error) });
    }
    const { id, address, token, expiration } = parsed.data;
    if (!isCallable(address)) {
      throw new GoogleError(400, {
        reason: "push.webhookUrlNotHttps",
        message: `WebHook callback must be HTTPS: ${address}`,
      });
    }
    if (this.#usedIds.has(id)) {
      throw new GoogleError(400, {
        reason: "channelIdNotUnique",
        message: `Channel id ${id} not unique`,
      });
    }
    const now = this.#clock.now().getTime();
    const channel: PushChannel = {
      id,
      email: account.email,
      resourceId: stableId(resourceUri, 27),
      resourceUri,
      address,
      token,
      expiresAt: Math.min(expiration ?? Infinity, now + this.maxLifetimeMs),
      nextNumber: 1,
    };
    this.#usedIds.add(id);
    this.#channels.set(id, channel);
    this.#notify(channel, "sync");
    return {
      kind: "api#channel",
      id,
      resourceId: channel.resourceId,
      resourceUri,
      ...(token !== undefined && { token }),
      expiration: String(channel.expiresAt),
    };
  }

  /** Closes a channel. */
  stop(email: string, input: unknown): void {
    const parsed = StopInput.safeParse(input);
    const channel = this.#channels.get(parsed.data?.id ?? "");
    const isSame = channel?.email === email && channel.resourceId === parsed.data?.resourceId;
    if (!isSame) throw notFound();
    this.#channels.delete(channel.id);
  }

  /** Tells every channel of an account that something changed. */
  announce(email: string): void {
    for (const channel of this.open()) {
      if (channel.email === email) this.#notify(channel, "exists");
    }
  }

  /** Waits until every notification was sent. */
  async settle(): Promise<void> {
    while (this.#sending.size > 0) await Promise.allSettled(this.#sending);
  }

  /** Closes all channels. */
  reset(): void {
    this.#channels.clear();
    this.#usedIds.clear();
    this.sent.length = 0;
    this.maxLifetimeMs = MAX_LIFETIME_MS;
  }

  #notify(channel: PushChannel, state: SentNotification["state"]): void {
    const messageNumber = channel.nextNumber;
    // Numbers rise, and they skip: nobody may count on the next one.
    channel.nextNumber += NUMBER_STEPS[messageNumber % NUMBER_STEPS.length] ?? 1;
    const notification: SentNotification = {
      channelId: channel.id,
      messageNumber,
      state,
      statuses: [],
    };
    this.sent.push(notification);
    void this.#track(this.#send(channel, notification));
  }

  async #track(work: Promise<void>): Promise<void> {
    this.#sending.add(work);
    try {
      await work;
    } finally {
      this.#sending.delete(work);
    }
  }

  async #send(channel: PushChannel, notification: SentNotification): Promise<void> {
    for (const delay of [0, ...RETRY_DELAYS_MS]) {
      if (delay > 0) await new Promise<void>((resolve) => setTimeout(resolve, delay));
      if (!this.#channels.has(channel.id)) return;
      const status = await post(channel, notification);
      notification.statuses.push(status);
      if (status === null || !RETRIED.has(status)) return;
    }
  }
}

async function post(channel: PushChannel, notification: SentNotification): Promise<number | null> {
  try {
    const answer = await fetch(channel.address, {
      method: "POST",
      redirect: "manual",
      signal: AbortSignal.timeout(10_000),
      headers: {
        "user-agent": "APIs-Google; (+https://developers.google.com/webmasters/APIs-Google.html)",
        "content-type": "application/json; utf-8",
        "x-goog-channel-id": channel.id,
        "x-goog-message-number": String(notification.messageNumber),
        "x-goog-resource-id": channel.resourceId,
        "x-goog-resource-state": notification.state,
        "x-goog-resource-uri": channel.resourceUri,
        "x-goog-channel-expiration": new Date(channel.expiresAt).toUTCString(),
        ...(channel.token !== undefined && { "x-goog-channel-token": channel.token }),
      },
    });
    await answer.body?.cancel();
    return answer.status;
  } catch {
    // Unreachable: the provider only notes that nobody answered.
    return null;
  }
}

/** Only HTTPS, as the real service insists, or this very machine. */
function isCallable(address: string): boolean {
  const { protocol, hostname } = new URL(address);
  return protocol === "https:" || ["127.0.0.1", "localhost", "[::1]"].includes(hostname);
}
