// The simulated MeetingBaaS: routes of its v2 API, authentication, limits, failures on demand.
import type { ArtifactSimulator } from "../artifacts/artifact_simulator.ts";
import { CallLimit } from "../call_limit.ts";
import type { Simulator } from "../simulator.ts";
import type { VirtualClock } from "../virtual_clock.ts";
import { presignAll, renderDetails, renderStatus } from "./bot_documents.ts";
import { BotFleet, type FindGuests } from "./bot_fleet.ts";
import { BotLife } from "./bot_life.ts";
import { type Bot, statusOf, TERMINAL } from "./bot.ts";
import { readBotRequest } from "./bot_request.ts";
import { CallFailures, failCall } from "./call_failures.ts";
import { EventDesk } from "./event_desk.ts";
import { listBots } from "./list_bots.ts";
import { botNotFound, MeetingBaasError, renderError } from "./meeting_baas_error.ts";
import { controlMeetingBaas } from "./meeting_baas_control.ts";
import { MessageSender } from "./message_sender.ts";
import { describeAccount } from "./describe_account.ts";

/** The account that the simulator serves. */
export interface MeetingBaasAccount {
  readonly apiKey: string;
  /** Account webhook of v2. */
  readonly webhook?: { readonly url: string; readonly secret: string } | undefined;
}

/** One answered call. */
export interface LoggedCall {
  readonly at: string;
  readonly route: string;
  readonly status: number;
  readonly bot_id: string | null;
  readonly ignored_fields: readonly string[];
}

/** What a development stack's functions use. */
export const DEFAULT_ACCOUNT: MeetingBaasAccount = { apiKey: "sim-meetingbaas-key" };

const CALLS_PER_SECOND = 20;
const KEPT_CALLS = 20_000;

/** MeetingBaaS, as far as bots and their events go. */
export class MeetingBaasSimulator implements Simulator {
  readonly name = "meeting_baas";
  readonly prefix = "meeting-baas";
  readonly fleet: BotFleet;
  readonly sender: MessageSender;
  readonly desk: EventDesk;
  readonly life: BotLife;
  readonly limit: CallLimit;
  readonly failures = new CallFailures();
  readonly calls: LoggedCall[] = [];
  readonly #account: MeetingBaasAccount;

  /**
   * @param clock The simulators' time.
   * @param artifacts Where recordings are put.
   * @param findGuests Who is invited to the meeting at an address.
   * @param account Whose bots these are.
   */
  constructor(
    readonly clock: VirtualClock,
    readonly artifacts: ArtifactSimulator,
    findGuests: FindGuests,
    account: MeetingBaasAccount = DEFAULT_ACCOUNT,
  ) {
    this.#account = account;
    this.fleet = new BotFleet(clock, findGuests);
    this.sender = new MessageSender(clock);
    this.desk = new EventDesk(this.sender, {
      webhook: account.webhook,
      v1Webhook: undefined,
      apiKey: account.apiKey,
    });
    this.life = new BotLife(clock, this.desk, artifacts);
    this.limit = new CallLimit(clock, CALLS_PER_SECOND, 1);
  }

  async answer(request: Request, path: string): Promise<Response> {
    const route = `${request.method} ${path.replace(/\/[0-9a-f-]{36}(?=\/|$)/, "/{id}")}`;
    const failure = this.failures.take(route);
    const note = { botId: null as string | null, ignoredFields: [] as readonly string[] };
    const response = await this.#withLimit(request, async () => {
      if (failure !== undefined && !failure.isDoneFirst) return await failCall(failure, request);
      const answered = await this.#dispatch(request, path, note);
      return failure === undefined ? answered : await failCall(failure, request);
    });
    this.calls.push({
      at: this.clock.now().toISOString(),
      route,
      status: response.status,
      bot_id: note.botId,
      ignored_fields: note.ignoredFields,
    });
    if (this.calls.length > KEPT_CALLS) this.calls.splice(0, KEPT_CALLS / 2);
    return response;
  }

  /** Authenticates, counts, and turns refusals into answers. */
  async #withLimit(request: Request, work: () => Promise<Response>): Promise<Response> {
    const isReading = request.method === "GET";
    const state = isReading ? undefined : this.limit.count("team");
    try {
      this.#authenticate(request);
      if (state?.isExceeded) {
        throw new MeetingBaasError(
          429,
          "TOO_MANY_REQUESTS",
          `Rate limit exceeded. Maximum ${state.limit} request(s) per second allowed. ` +
            `Retry after ${state.resetSeconds} seconds`,
          state.resetSeconds,
        );
      }
      return withHeaders(await work(), state);
    } catch (cause) {
      if (!(cause instanceof MeetingBaasError)) throw cause;
      return withHeaders(renderError(cause), state);
    }
  }

  #authenticate(request: Request): void {
    const key = request.headers.get("x-meeting-baas-api-key");
    const { apiKey } = this.#account;
    const isSendingOnly = key === `${apiKey}-sending` && request.method === "POST" &&
      /\/v2\/bots(\/batch)?$/.test(new URL(request.url).pathname);
    if (key !== apiKey && !isSendingOnly) {
      throw new MeetingBaasError(403, "FORBIDDEN", "Invalid or missing API key");
    }
  }

  async #dispatch(
    request: Request,
    path: string,
    note: { botId: string | null; ignoredFields: readonly string[] },
  ): Promise<Response> {
    const { method } = request;
    if (path === "/v2/bots" && method === "GET") {
      return Response.json(listBots(this.fleet.list(), new URL(request.url).searchParams));
    }
    if (path === "/v2/bots" && method === "POST") {
      const read = readBotRequest(await readJson(request));
      note.ignoredFields = read.ignoredFields;
      const bot = this.fleet.create(read);
      note.botId = bot.id;
      if (this.life.settings.isAutomatic) this.life.play(bot);
      return Response.json({ success: true, data: { bot_id: bot.id } }, { status: 201 });
    }
    const [, id, action = ""] = /^\/v2\/bots\/([^/]+)(?:\/([a-z-]+))?$/.exec(path) ?? [];
    if (id === undefined) throw new MeetingBaasError(404, "NOT_FOUND", "Route not found");
    if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(id)) {
      throw new MeetingBaasError(400, "VALIDATION", "params/bot_id Invalid UUID");
    }
    const bot = this.fleet.get(id.toLowerCase());
    if (bot === undefined) throw botNotFound(id);
    note.botId = bot.id;
    return Response.json({ success: true, data: this.#act(bot, `${method} ${action}`) });
  }

  #act(bot: Bot, action: string): unknown {
    const { store } = this.artifacts;
    switch (action) {
      case "GET ":
        return renderDetails(bot, presignAll(bot, store, this.life.settings.urlLifetimeSeconds));
      case "GET status":
        return renderStatus(bot);
      case "POST leave":
        requireStatus(!TERMINAL.has(statusOf(bot).code));
        this.life.leave(bot);
        return { message: "Bot is leaving the meeting" };
      case "DELETE delete-data":
        this.deleteData(bot);
        return { message: "Bot data deleted" };
      case "POST resend-webhook":
      case "POST retry-callback":
        requireStatus(TERMINAL.has(statusOf(bot).code));
        this.life.announceEnd(bot);
        return { message: "Sent" };
      default:
        throw new MeetingBaasError(404, "NOT_FOUND", "Route not found");
    }
  }

  /** Deletes what a bot recorded; its row stays. */
  deleteData(bot: Bot): void {
    for (const id of Object.values(bot.artifacts ?? {})) {
      if (id !== null) this.artifacts.store.delete(id);
    }
    bot.areArtifactsDeleted = true;
  }

  async control(input: unknown): Promise<unknown> {
    return await controlMeetingBaas(this, input);
  }

  state(): unknown {
    return describeAccount(this);
  }

  reset(): void {
    this.life.reset();
    this.desk.reset();
    this.sender.reset();
    this.fleet.reset();
    this.failures.reset();
    this.limit.reset();
    this.calls.length = 0;
    this.desk.destinations.webhook = this.#account.webhook;
    this.desk.destinations.v1Webhook = undefined;
  }

  async close(): Promise<void> {
    this.life.reset();
    this.failures.reset();
    this.sender.reset();
    await this.sender.settle();
  }
}

function requireStatus(isAllowed: boolean): void {
  if (isAllowed) return;
  throw new MeetingBaasError(409, "BOT_STATUS", "The bot's status does not allow this operation");
}

function withHeaders(
  response: Response,
  state:
    | { readonly limit: number; readonly remaining: number; readonly resetSeconds: number }
    | undefined,
): Response {
  if (state === undefined) return response;
  response.headers.set("x-ratelimit-limit", String(state.limit));
  response.headers.set("x-ratelimit-remaining", String(state.remaining));
  response.headers.set("x-ratelimit-reset", String(state.resetSeconds));
  return response;
}

async function readJson(request: Request): Promise<unknown> {
  try {
    return await request.json();
  } catch (cause) {
    if (!(cause instanceof SyntaxError)) throw cause;
    throw new MeetingBaasError(400, "INVALID_JSON_BODY", "Body is not valid JSON");
  }
}
