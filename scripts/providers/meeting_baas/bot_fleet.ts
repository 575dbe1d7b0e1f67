// All bots of the account, and the rules by which new ones are let in.
import { composeConversation } from "../artifacts/conversation.ts";
import type { Person } from "../people.ts";
import { pickCustomer } from "../people.ts";
import { SeededRandom } from "../seeded_random.ts";
import type { VirtualClock } from "../virtual_clock.ts";
import { type Bot, type MeetingPlan, wayOf } from "./bot.ts";
import { platformOf, type ReadBotRequest } from "./bot_request.ts";
import { MeetingBaasError } from "./meeting_baas_error.ts";

/** What the account may do. */
export interface FleetLimits {
  /** Bots in any 24 hours. */
  dailyCap: number;
  /** Half of one is taken for each bot. */
  tokens: number;
  /** How long one bot keeps others away from a meeting. */
  lockSeconds: number;
}

/** The limits of the provider's third plan. */
export const DEFAULT_LIMITS: Readonly<FleetLimits> = {
  dailyCap: 1000,
  tokens: 1000,
  lockSeconds: 300,
};

/** Knows who is invited to the meeting at an address. */
export type FindGuests = (meetingUrl: string) => readonly Person[] | undefined;

const DAY_MS = 24 * 3_600_000;
const TOKENS_PER_BOT = 0.5;
const ORDINARY: MeetingPlan = { endsAs: "completed", isTranscribed: true };
const HOST: Person = { name: "Alex Host", email: "alex.host@host.example" };

/** The account's bots. */
export class BotFleet {
  readonly #clock: VirtualClock;
  readonly #findGuests: FindGuests;
  readonly #bots = new Map<string, Bot>();
  readonly #plans = new Map<string, MeetingPlan>();
  limits: FleetLimits = { ...DEFAULT_LIMITS };

  /**
   * @param clock The simulators' time.
   * @param findGuests Who is invited, where no plan says it.
   */
  constructor(clock: VirtualClock, findGuests: FindGuests) {
    this.#clock = clock;
    this.#findGuests = findGuests;
  }

  /** Says what the meeting at an address will be like. */
  plan(meetingUrl: string, plan: MeetingPlan): void {
    this.#plans.set(meetingUrl, plan);
  }

  /** Finds a bot. */
  get(id: string): Bot | undefined {
    return this.#bots.get(id);
  }

  /** All bots, oldest first. */
  list(): Bot[] {
    return [...this.#bots.values()];
  }

  /** Forgets all. */
  reset(): void {
    this.#bots.clear();
    this.#plans.clear();
    this.limits = { ...DEFAULT_LIMITS };
  }

  /**
   * Makes a bot.
   *
   * @throws {MeetingBaasError} 429 beyond the daily cap, 402 without tokens, 409 where one is already.
   */
  create({ request, ignoredFields }: ReadBotRequest): Bot {
    const now = this.#clock.now();
    this.#admit(request.meeting_url, request.allow_multiple_bots, now);
    this.limits.tokens -= TOKENS_PER_BOT;
    const plan = this.#plans.get(request.meeting_url) ?? ORDINARY;
    const bot: Bot = {
      id: crypto.randomUUID(),
      request,
      platform: platformOf(request.meeting_url) ?? "meet",
      ignoredFields,
      createdAt: now,
      plan,
      conversation: composeConversation({
        seed: request.meeting_url,
        participants: plan.participants ?? this.#findGuests(request.meeting_url) ??
          [HOST, ...pickCustomer(new SeededRandom(request.meeting_url), HOST.email).people],
        topic: plan.topic,
        lines: plan.lines,
        durationSeconds: plan.durationSeconds,
      }),
      history: [{ code: "queued", at: now }],
      ahead: wayOf(request, plan),
      isPlaying: false,
      joinedAt: null,
      exitedAt: null,
      artifacts: null,
      areArtifactsDeleted: false,
      transcription: request.transcription_enabled ? "not-started" : "not-applicable",
      errorCode: null,
      errorMessage: null,
    };
    this.#bots.set(bot.id, bot);
    return bot;
  }

  #admit(meetingUrl: string, areMoreAllowed: boolean, now: Date): void {
    const { dailyCap, tokens, lockSeconds } = this.limits;
    const ageOf = (bot: Bot): number => now.getTime() - bot.createdAt.getTime();
    const ofDay = this.list().filter((bot) => ageOf(bot) < DAY_MS).length;
    if (ofDay >= dailyCap) {
      throw new MeetingBaasError(
        429,
        "DAILY_BOT_CAP_REACHED",
        `Daily bot cap has been reached: ${dailyCap} bots created within the last 24 hours`,
      );
    }
    if (tokens < TOKENS_PER_BOT) {
      throw new MeetingBaasError(402, "INSUFFICIENT_TOKENS", "Not enough tokens to launch the bot");
    }
    const isLocked = !areMoreAllowed &&
      this.list().some((bot) =>
        bot.request.meeting_url === meetingUrl && ageOf(bot) < lockSeconds * 1000
      );
    if (isLocked) {
      throw new MeetingBaasError(
        409,
        "BOT_ALREADY_EXISTS",
        `A bot already exists for this meeting within the last ${lockSeconds} seconds`,
      );
    }
  }
}
