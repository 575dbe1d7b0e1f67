// The simulated Google Calendar v3 with its token endpoint: routes, authentication, quota, control.
import { CallLimit } from "../call_limit.ts";
import { FailureScript } from "../failure_script.ts";
import { WireFaults } from "../wire_faults.ts";
import { nameOf, type Person } from "../people.ts";
import type { Simulator } from "../simulator.ts";
import type { VirtualClock } from "../virtual_clock.ts";
import { CalendarAccount } from "./calendar_account.ts";
import { controlCalendar } from "./calendar_control.ts";
import { type EventContent, renderEvent } from "./calendar_event.ts";
import {
  GoogleError,
  notFound,
  renderGoogleError,
  scopeMissing,
  scriptedError,
  tooManyCalls,
  unauthenticated,
} from "./google_error.ts";
import { GoogleOAuth } from "./google_oauth.ts";
import { type InsertEntry, insertEvent } from "./insert_event.ts";
import { pageNumber } from "./list_cursors.ts";
import { listEvents } from "./list_events.ts";
import { PushChannels } from "./push_channels.ts";

const CALLS_PER_MINUTE = 600;
const DEFAULT_TIME_ZONE = "UTC";
const WRITING: readonly string[] = ["calendar", "calendar.events"]
  .map((name) => `https://www.googleapis.com/auth/${name}`);

/** Google Calendar, as far as a sync needs it. */
export class CalendarSimulator implements Simulator {
  readonly name = "google_calendar";
  readonly prefix = "google";
  readonly oauth: GoogleOAuth;
  readonly channels: PushChannels;
  readonly quota: CallLimit;
  readonly failures = new FailureScript();
  /** For events.insert and events.get, which may be done and not answered. */
  readonly faults = new WireFaults();
  readonly inserts: InsertEntry[] = [];
  readonly #accounts = new Map<string, CalendarAccount>();

  /** @param clock The simulators' time. */
  constructor(readonly clock: VirtualClock) {
    this.oauth = new GoogleOAuth(clock);
    this.channels = new PushChannels(clock);
    this.quota = new CallLimit(clock, CALLS_PER_MINUTE, 60);
  }

  /** Gives the calendar of an account; a new one is filled with a believable week. */
  account(email: string, timeZone = DEFAULT_TIME_ZONE): CalendarAccount {
    const found = this.#accounts.get(email);
    if (found !== undefined) return found;
    return this.replaceAccount(email, timeZone);
  }

  /** Makes the calendar of an account anew. */
  replaceAccount(email: string, timeZone: string): CalendarAccount {
    const account = new CalendarAccount(
      email,
      timeZone,
      this.clock,
      () => this.channels.announce(email),
    );
    this.#accounts.set(email, account);
    return account;
  }

  /**
   * Who is expected in the call at an address: whoever owns the calendar first, then those who have
   * not declined. Undefined when no calendar has a meeting there.
   */
  guestsAt(callUrl: string): readonly Person[] | undefined {
    for (const account of this.#accounts.values()) {
      const event = account.all().map(({ content }) => content).find((content) =>
        content.status !== "cancelled" && leadsTo(content, callUrl)
      );
      if (event !== undefined) return guestsOf(event, account.email);
    }
    return undefined;
  }

  async answer(request: Request, path: string): Promise<Response> {
    try {
      return path === "/oauth2/token"
        ? await this.#answerToken(request)
        : await this.#answerApi(request, path);
    } catch (cause) {
      if (cause instanceof GoogleError) return renderGoogleError(cause);
      throw cause;
    }
  }

  async #answerToken(request: Request): Promise<Response> {
    const failure = this.failures.take("token");
    if (failure === undefined) return await this.oauth.answer(request);
    await pause(failure.delayMs);
    if (failure.status >= 500) {
      return new Response("Service Unavailable", { status: failure.status });
    }
    return Response.json({ error: failure.reason ?? "invalid_request" }, {
      status: failure.status,
    });
  }

  async #answerApi(request: Request, path: string): Promise<Response> {
    const route = path.replace(/^\/calendar\/v3/, "");
    if (route === path) throw notFound();
    const email = this.oauth.identify(request.headers);
    if (email === undefined) throw unauthenticated();
    if (this.quota.count(email).isExceeded) throw tooManyCalls();
    const url = new URL(request.url);
    const account = this.account(email);
    const [, calendars, calendarId, events, last, ...rest] = route.split("/").map(
      decodeURIComponent,
    );
    if (route === "/channels/stop" && request.method === "POST") {
      await this.#maybeFail("channels.stop");
      this.channels.stop(email, await readJson(request));
      return new Response(null, { status: 204 });
    }
    if (route === "/users/me/calendarList" && request.method === "GET") {
      return Response.json(describeCalendarList(account));
    }
    const isOwn = calendarId === "primary" || calendarId === email;
    if (calendars !== "calendars" || !isOwn || events !== "events" || rest.length > 0) {
      throw notFound();
    }
    if (last === "watch" && request.method === "POST") {
      await this.#maybeFail("events.watch");
      const uri = `${url.origin}${url.pathname.replace(/\/watch$/, "")}?alt=json`;
      return Response.json(this.channels.watch(account, uri, await readJson(request)));
    }
    if (request.method === "POST" && last === undefined) {
      return await this.#faultily("events.insert", request, () => this.#insert(request, account));
    }
    if (request.method !== "GET") throw notFound();
    if (last !== undefined) {
      return await this.#faultily("events.get", request, () => {
        const found = account.find(last);
        if (found === undefined) throw notFound();
        return Promise.resolve(Response.json(renderEvent(found)));
      });
    }
    await this.#maybeFail("events.list", pageNumber(url.searchParams));
    return Response.json(listEvents(account, url.searchParams, this.clock.now()));
  }

  async #faultily(
    route: string,
    request: Request,
    serve: () => Promise<Response>,
  ): Promise<Response> {
    return await this.faults.answer({
      request,
      route,
      serve,
      refuse: ({ status, reason }) => {
        throw reason === "insufficientPermissions" ? scopeMissing() : scriptedError(status, reason);
      },
    });
  }

  async #insert(request: Request, account: CalendarAccount): Promise<Response> {
    const granted = this.oauth.scopesOf(account.email);
    if (!WRITING.some((scope) => granted.includes(scope))) throw scopeMissing();
    const sendUpdates = new URL(request.url).searchParams.get("sendUpdates") ?? "none";
    const { event, entry } = insertEvent(
      account,
      await request.text(),
      sendUpdates,
      this.clock.now(),
    );
    this.inserts.push(entry);
    return Response.json(event);
  }

  async #maybeFail(route: string, page?: number): Promise<void> {
    const failure = this.failures.take(route, page);
    if (failure === undefined) return;
    await pause(failure.delayMs);
    throw scriptedError(failure.status, failure.reason);
  }

  async control(input: unknown): Promise<unknown> {
    return await controlCalendar(this, input);
  }

  state(): unknown {
    return {
      accounts: [...this.#accounts.values()].map((account) => ({
        email: account.email,
        time_zone: account.timeZone,
        events: account.all().map(({ content }) => ({
          id: content.id,
          status: content.status,
          summary: content.summary,
          start: content.start,
        })),
      })),
      channels: this.channels.open(),
      notifications: this.channels.sent,
      tokens_issued: this.oauth.issuedCount,
      inserts: this.inserts,
      failures: this.failures.list(),
      faults: this.faults.list(),
    };
  }

  reset(): void {
    this.#accounts.clear();
    this.oauth.reset();
    this.channels.reset();
    this.quota.reset();
    this.failures.reset();
    this.faults.reset();
    this.inserts.length = 0;
  }

  async close(): Promise<void> {
    this.faults.reset();
    this.channels.reset();
    await this.channels.settle();
  }
}

function leadsTo(event: EventContent, callUrl: string): boolean {
  const entries = event.conferenceData?.entryPoints ?? [];
  return event.hangoutLink === callUrl || event.location === callUrl ||
    entries.some(({ uri }) => uri === callUrl);
}

function guestsOf(event: EventContent, owner: string): readonly Person[] {
  const others = (event.attendees ?? []).filter((attendee) =>
    attendee.email !== owner && attendee.resource !== true && attendee.responseStatus !== "declined"
  );
  return [
    { email: owner, name: nameOf(owner) },
    ...others.map(({ email, displayName }) => ({ email, name: displayName ?? nameOf(email) })),
  ];
}

function describeCalendarList(account: CalendarAccount): Record<string, unknown> {
  return {
    kind: "calendar#calendarList",
    items: [{
      kind: "calendar#calendarListEntry",
      id: account.email,
      summary: account.email,
      timeZone: account.timeZone,
      accessRole: "owner",
      primary: true,
      selected: true,
    }],
  };
}

async function readJson(request: Request): Promise<unknown> {
  try {
    return await request.json();
  } catch (cause) {
    if (!(cause instanceof SyntaxError)) throw cause;
    throw new GoogleError(400, { reason: "parseError", message: "Parse Error" });
  }
}

async function pause(ms: number): Promise<void> {
  if (ms > 0) await new Promise<void>((resolve) => setTimeout(resolve, ms));
}
