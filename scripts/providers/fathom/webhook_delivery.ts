// Delivers webhooks as a sender does: signed anew on each attempt, the same id, until a 2xx.
import { stableId } from "../seeded_random.ts";
import { ControlError } from "../simulator.ts";
import type { VirtualClock } from "../virtual_clock.ts";
import { signWebhook } from "./sign_webhook.ts";

/** A message for one destination. */
export interface WebhookMessage {
  readonly webhookId: string;
  readonly recordingId: number;
  readonly destination: string;
  readonly secret: string;
  readonly body: string;
  /** Added to the time that is signed: a negative one makes the message stale. */
  readonly timestampShiftSeconds?: number;
  /** The signature is made with another key than the receiver has. */
  readonly isForged?: boolean;
  /** Sent once, whatever the answer is. */
  readonly isFinal?: boolean;
}

/** One try. */
export interface DeliveryAttempt {
  readonly at: string;
  readonly status: number | null;
  readonly error: string | null;
  readonly answer: string;
  readonly durationMs: number;
}

/** What became of a message. */
export interface DeliveryRecord {
  readonly webhookId: string;
  readonly recordingId: number;
  readonly destination: string;
  state: "pending" | "delivered" | "failed";
  readonly attempts: DeliveryAttempt[];
}

/** Undocumented by the provider; compressed, so that a test or a newcomer sees a resend. */
export const DEFAULT_RETRY_DELAYS_MS: readonly number[] = [200, 500, 1000, 2000, 5000];
const DEFAULT_TIMEOUT_MS = 15_000;
const KEPT_RECORDS = 1000;
const KEPT_ANSWER_CHARACTERS = 500;
const FORGED_SECRET = "whsec_Zm9yZ2VkIGtleSBvZiBzb21lYm9keSBlbHNlIQ==";

/** Sends messages and keeps the log. */
export class WebhookDelivery {
  readonly #clock: VirtualClock;
  readonly #records: DeliveryRecord[] = [];
  readonly #messages = new Map<string, WebhookMessage>();
  readonly #running = new Set<Promise<void>>();
  #stop = new AbortController();
  #sent = 0;
  retryDelaysMs: readonly number[] = DEFAULT_RETRY_DELAYS_MS;
  timeoutMs = DEFAULT_TIMEOUT_MS;

  /** @param clock Gives the time that is signed. */
  constructor(clock: VirtualClock) {
    this.#clock = clock;
  }

  /** Makes an id for a message. */
  nextId(): string {
    this.#sent += 1;
    return `msg_${stableId(`${crypto.randomUUID()} ${this.#sent}`, 27)}`;
  }

  /** The log, oldest first. */
  log(): readonly DeliveryRecord[] {
    return this.#records;
  }

  /**
   * Sends a message; resends go on in the background.
   *
   * @param message The message.
   * @returns Its log entry, once the first attempt was answered.
   */
  async send(message: WebhookMessage): Promise<DeliveryRecord> {
    const record: DeliveryRecord = {
      webhookId: message.webhookId,
      recordingId: message.recordingId,
      destination: message.destination,
      state: "pending",
      attempts: [],
    };
    this.#records.push(record);
    this.#messages.set(message.webhookId, message);
    if (this.#records.length > KEPT_RECORDS) {
      this.#messages.delete(this.#records.shift()?.webhookId ?? "");
    }
    const signal = this.#stop.signal;
    await this.#attempt(message, record, signal);
    if (record.state !== "delivered" && message.isFinal) record.state = "failed";
    if (record.state === "pending") this.#track(this.#resend(message, record, signal));
    return record;
  }

  /**
   * Sends a message once more, under its old id.
   *
   * @throws {ControlError} When nothing was ever sent under that id.
   */
  async sendAgain(webhookId: string): Promise<DeliveryRecord> {
    const message = this.#messages.get(webhookId);
    if (message === undefined) throw new ControlError(`No message has the id ${webhookId}`);
    return await this.send(message);
  }

  /** Waits until no resend is under way. */
  async settle(): Promise<void> {
    while (this.#running.size > 0) await Promise.allSettled(this.#running);
  }

  /** Stops resends and forgets the log. */
  reset(): void {
    this.#stop.abort();
    this.#stop = new AbortController();
    this.#records.length = 0;
    this.#messages.clear();
    this.retryDelaysMs = DEFAULT_RETRY_DELAYS_MS;
    this.timeoutMs = DEFAULT_TIMEOUT_MS;
  }

  async #track(work: Promise<void>): Promise<void> {
    this.#running.add(work);
    try {
      await work;
    } finally {
      this.#running.delete(work);
    }
  }

  async #resend(
    message: WebhookMessage,
    record: DeliveryRecord,
    signal: AbortSignal,
  ): Promise<void> {
    for (const delay of this.retryDelaysMs) {
      await pause(delay, signal);
      if (signal.aborted) return;
      await this.#attempt(message, record, signal);
      if (record.state === "delivered") return;
    }
    record.state = "failed";
  }

  async #attempt(
    message: WebhookMessage,
    record: DeliveryRecord,
    signal: AbortSignal,
  ): Promise<void> {
    const at = this.#clock.now();
    const timestamp = Math.floor(at.getTime() / 1000) + (message.timestampShiftSeconds ?? 0);
    const secret = message.isForged ? FORGED_SECRET : message.secret;
    const started = performance.now();
    const outcome = await post(message, timestamp, secret, this.timeoutMs, signal);
    record.attempts.push({
      at: at.toISOString(),
      ...outcome,
      durationMs: Math.round(performance.now() - started),
    });
    const isAccepted = outcome.status !== null && outcome.status >= 200 && outcome.status < 300;
    if (isAccepted) record.state = "delivered";
  }
}

async function post(
  message: WebhookMessage,
  timestamp: number,
  secret: string,
  timeoutMs: number,
  stop: AbortSignal,
): Promise<{ status: number | null; error: string | null; answer: string }> {
  try {
    const answer = await fetch(message.destination, {
      method: "POST",
      redirect: "manual",
      signal: AbortSignal.any([stop, AbortSignal.timeout(timeoutMs)]),
      headers: {
        "content-type": "application/json",
        "user-agent": "Fathom-Webhooks/1.0",
        "webhook-id": message.webhookId,
        "webhook-timestamp": String(timestamp),
        "webhook-signature": signWebhook(secret, message.webhookId, timestamp, message.body),
      },
      body: message.body,
    });
    const text = (await answer.text()).slice(0, KEPT_ANSWER_CHARACTERS);
    return { status: answer.status, error: null, answer: text };
  } catch (cause) {
    return { status: null, error: cause instanceof Error ? cause.message : "failed", answer: "" };
  }
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, ms);
  const stop = (): void => resolve();
  signal.addEventListener("abort", stop, { once: true });
  await promise;
  clearTimeout(timer);
  signal.removeEventListener("abort", stop);
}
