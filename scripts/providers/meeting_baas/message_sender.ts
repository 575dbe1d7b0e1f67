// Delivers messages as the provider does: each of its three ways signs, waits and retries in a way of
// its own. Retries wait on the simulators' clock, but what is signed is the real time, so that a
// skipped day does not make a message stale.
import { signWebhook } from "../fathom/sign_webhook.ts";
import { stableId } from "../seeded_random.ts";
import { ControlError } from "../simulator.ts";
import type { VirtualClock } from "../virtual_clock.ts";
import { VirtualTimers } from "../virtual_timers.ts";

/** How a message proves itself: Svix, the callback's secret, or the account's own key. */
export type Scheme = "v2" | "callback" | "v1";

/** A message for one destination. */
export interface OutgoingMessage {
  /** `svix-id`; of no meaning to the receiver in the other schemes. */
  readonly id: string;
  readonly botId: string;
  readonly event: string;
  readonly scheme: Scheme;
  readonly destination: string;
  readonly method: "POST" | "PUT";
  /** Null: nothing proves it. */
  readonly secret: string | null;
  readonly body: string;
  readonly timestampShiftSeconds: number;
  /** Sent once, whatever the answer is. */
  readonly isFinal: boolean;
}

/** One try. */
export interface Attempt {
  readonly at: string;
  readonly status: number | null;
  readonly error: string | null;
  readonly answer: string;
}

/** What became of a message. */
export interface DeliveryEntry {
  readonly message_id: string;
  readonly bot_id: string;
  readonly event: string;
  readonly scheme: Scheme;
  readonly destination: string;
  state: "pending" | "delivered" | "failed" | "dropped";
  readonly attempts: Attempt[];
}

/** The waits between attempts, in seconds. */
export type RetryDelays = Record<Scheme, readonly number[]>;

const DEFAULT_DELAYS: RetryDelays = {
  v2: [5, 10, 300, 900, 1800, 7200],
  callback: [1, 5, 15],
  // Not documented, so nothing may rely on any.
  v1: [],
};
const TIMEOUTS_MS: Readonly<Record<Scheme, number>> = { v2: 30_000, callback: 30_000, v1: 10_000 };
const KEPT_ENTRIES = 5000;
const KEPT_ANSWER_CHARACTERS = 300;

/** Sends messages and keeps the log. */
export class MessageSender {
  readonly #clock: VirtualClock;
  readonly #timers: VirtualTimers;
  readonly #entries: DeliveryEntry[] = [];
  readonly #messages = new Map<string, OutgoingMessage>();
  readonly #running = new Set<Promise<unknown>>();
  #stop = new AbortController();
  delays: RetryDelays = DEFAULT_DELAYS;
  timeoutMs: number | undefined;

  /** @param clock Tells when a retry is due. */
  constructor(clock: VirtualClock) {
    this.#clock = clock;
    this.#timers = new VirtualTimers(clock);
  }

  /** Makes an id for a message. */
  nextId(): string {
    return `msg_${stableId(crypto.randomUUID(), 27)}`;
  }

  /** The log, oldest first. */
  log(): readonly DeliveryEntry[] {
    return this.#entries;
  }

  /** How many retries wait for their time. */
  get waiting(): number {
    return this.#timers.pending;
  }

  /** Notes a message that is not sent at all. */
  drop(message: OutgoingMessage): void {
    this.#note(message).state = "dropped";
  }

  /**
   * Sends a message; retries go on in the background.
   *
   * @returns Its log entry, once the first attempt was answered.
   */
  async send(message: OutgoingMessage): Promise<DeliveryEntry> {
    const entry = this.#note(message);
    await this.#track(this.#attempt(message, entry, this.#stop.signal));
    return entry;
  }

  /** @throws {ControlError} When nothing was ever sent under that id. */
  async sendAgain(messageId: string): Promise<DeliveryEntry> {
    const message = this.#messages.get(messageId);
    if (message === undefined) throw new ControlError(`No message has the id ${messageId}`);
    return await this.send(message);
  }

  /** Waits until no attempt is under way; retries that wait for their time are not waited for. */
  async settle(): Promise<void> {
    while (this.#running.size > 0) await Promise.allSettled(this.#running);
  }

  /** Stops everything and forgets the log. */
  reset(): void {
    this.#stop.abort();
    this.#stop = new AbortController();
    this.#timers.clear();
    this.#entries.length = 0;
    this.#messages.clear();
    this.delays = DEFAULT_DELAYS;
    this.timeoutMs = undefined;
  }

  #note(message: OutgoingMessage): DeliveryEntry {
    const entry: DeliveryEntry = {
      message_id: message.id,
      bot_id: message.botId,
      event: message.event,
      scheme: message.scheme,
      destination: message.destination,
      state: "pending",
      attempts: [],
    };
    this.#entries.push(entry);
    this.#messages.set(message.id, message);
    if (this.#entries.length > KEPT_ENTRIES) {
      this.#messages.delete(this.#entries.shift()?.message_id ?? "");
    }
    return entry;
  }

  async #attempt(
    message: OutgoingMessage,
    entry: DeliveryEntry,
    signal: AbortSignal,
  ): Promise<void> {
    if (signal.aborted) return;
    const at = this.#clock.now().toISOString();
    const outcome = await post(message, this.timeoutMs ?? TIMEOUTS_MS[message.scheme], signal);
    entry.attempts.push({ at, ...outcome });
    const { status } = outcome;
    if (status !== null && status >= 200 && status < 300) {
      entry.state = "delivered";
      return;
    }
    const delay = this.delays[message.scheme][entry.attempts.length - 1];
    // A callback that the receiver refuses is not sent again.
    const isRefused = message.scheme === "callback" && status !== null && status < 500;
    if (message.isFinal || isRefused || delay === undefined) {
      entry.state = "failed";
      return;
    }
    this.#timers.after(delay, () => {
      void this.#track(this.#attempt(message, entry, signal));
    });
  }

  async #track(work: Promise<void>): Promise<void> {
    this.#running.add(work);
    try {
      await work;
    } finally {
      this.#running.delete(work);
    }
  }
}

async function post(
  message: OutgoingMessage,
  timeoutMs: number,
  stop: AbortSignal,
): Promise<Omit<Attempt, "at">> {
  try {
    const answer = await fetch(message.destination, {
      method: message.method,
      redirect: "manual",
      signal: AbortSignal.any([stop, AbortSignal.timeout(timeoutMs)]),
      headers: { "content-type": "application/json", ...proofOf(message) },
      body: message.body,
    });
    const text = (await answer.text()).slice(0, KEPT_ANSWER_CHARACTERS);
    return { status: answer.status, error: null, answer: text };
  } catch (cause) {
    return { status: null, error: cause instanceof Error ? cause.message : "failed", answer: "" };
  }
}

function proofOf(message: OutgoingMessage): Record<string, string> {
  const { scheme, secret, id } = message;
  const timestamp = Math.floor(Date.now() / 1000) + message.timestampShiftSeconds;
  if (scheme === "v1") {
    return secret === null ? {} : { "x-meeting-baas-api-key": secret };
  }
  if (scheme === "callback") return secret === null ? {} : { "x-mb-secret": secret };
  return {
    "user-agent": "Svix-Webhooks/1.62.0",
    ...(secret !== null && {
      "svix-id": id,
      "svix-timestamp": String(timestamp),
      "svix-signature": signWebhook(secret, id, timestamp, message.body),
    }),
  };
}
