// What a service that sends bots into meetings must be able to do for us, and how it may fail. The edge
// implements it.
import type { BotEvent } from "./bot_event.ts";

/** One bot to be sent now. */
export interface BotRequest {
  /** Ours: the service echoes it in everything it says about the bot. */
  readonly recordingId: string;
  readonly botName: string;
  readonly meetingUrl: string;
  /** Said in the meeting's chat when the bot joins; null says nothing. */
  readonly entryMessage: string | null;
  /** Whether the service itself transcribes; it costs more. */
  readonly isTranscribed: boolean;
  /** How long the bot waits to be let in and for somebody to come. */
  readonly waitSeconds: number;
  /** How long everybody may be silent before it leaves. */
  readonly silenceSeconds: number;
  /** Whether it goes although a bot went there minutes ago; otherwise that is `bot_exists`. */
  readonly isOneOfMany: boolean;
}

/** A bot as it stands in a list: enough to tell whose it is and whether it lives. */
export interface ListedBot {
  readonly botId: string;
  readonly recordingId: string | null;
  /** A code of the service, known to us or not. */
  readonly status: string;
  /** ISO 8601; null when the service did not say. */
  readonly createdAt: string | null;
}

/** How far the service's own transcript of a bot is. */
export interface BotTranscription {
  /** queued, processing, done, error, not-applicable, not-started; the list is open. */
  readonly status: string | null;
}

/** A service that sends bots. */
export interface BotProvider {
  /**
   * Sends a bot into a meeting now.
   *
   * @returns The service's id of the bot.
   * @throws {BotProviderError} When `mayHaveHappened`, look for the bot before the next try.
   */
  createBot(request: BotRequest): Promise<string>;
  /**
   * Reads a bot; addresses of its files are fresh and live for four hours.
   *
   * @returns What it says of itself, marked as asked for by us; null for a bot it does not know.
   * @throws {BotProviderError} When it can't be asked.
   */
  getBot(botId: string): Promise<BotEvent | null>;
  /** Reads how far the service's own transcript is; null for a bot it does not know. */
  getTranscription(botId: string): Promise<BotTranscription | null>;
  /** Lists the bots that were sent for a recording, the newest first. @throws {BotProviderError} */
  listBots(recordingId: string): Promise<readonly ListedBot[]>;
  /**
   * Has a bot leave.
   *
   * @returns `over` where it had left or ended before, `unknown` where there is no such bot.
   * @throws {BotProviderError}
   */
  leaveBot(botId: string): Promise<"leaving" | "over" | "unknown">;
  /** Has all that the service keeps of a bot deleted; fine when it keeps nothing. @throws {BotProviderError} */
  deleteData(botId: string): Promise<void>;
}

/**
 * Why a call failed, as far as it decides what to do next.
 *
 * - `insufficient_tokens`: our account has run out; only an operator can mend it.
 * - `bot_exists`: a bot went to this meeting minutes ago, ours or another's.
 * - `rate_limited`: too fast; seconds. `daily_bot_cap`: our account's bots of a day are used up; hours.
 * - `request_rejected`: this meeting can't be joined as asked.
 * - `key_rejected`: our key is wrong or too narrow; only an operator can mend it.
 * - `unavailable`: later. `malformed_answer`: a defect, ours or theirs.
 */
export type BotFailure =
  | "insufficient_tokens"
  | "bot_exists"
  | "rate_limited"
  | "daily_bot_cap"
  | "request_rejected"
  | "key_rejected"
  | "unavailable"
  | "malformed_answer";

/** A call of the bot service that did not work. */
export class BotProviderError extends Error {
  override readonly name = "BotProviderError";

  /**
   * @param failure What it means for us.
   * @param status The HTTP status, if there was an answer.
   * @param retryAfterSeconds How long the service asked us to wait.
   * @param options The cause, if something was thrown.
   */
  constructor(
    readonly failure: BotFailure,
    readonly status: number | null = null,
    readonly retryAfterSeconds: number | null = null,
    options?: ErrorOptions,
  ) {
    super(failure, options);
  }

  /** The same, under the name that the log reads. */
  get code(): string {
    return this.failure;
  }

  /** Whether what was asked for may have been done although no good answer came. */
  get mayHaveHappened(): boolean {
    return this.failure === "unavailable" || this.failure === "malformed_answer";
  }
}
