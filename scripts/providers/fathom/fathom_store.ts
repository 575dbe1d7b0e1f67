// What Fathom knows: recordings, registered webhooks, issued OAuth tokens, teams.
import { domainOf, nameOf } from "../people.ts";
import { stableId } from "../seeded_random.ts";
import type { VirtualClock } from "../virtual_clock.ts";
import { composeMeeting, withNullDetails } from "./compose_meeting.ts";
import type { FathomUser, Inclusion, StoredMeeting } from "./meeting.ts";
import { createWebhookSecret } from "./sign_webhook.ts";

/** For which recordings a webhook is called. */
export const TRIGGERS = [
  "my_recordings",
  "shared_external_recordings",
  "my_shared_with_team_recordings",
  "shared_team_recordings",
] as const;

/** One of them. */
export type Trigger = (typeof TRIGGERS)[number];

/** A registered webhook. */
export interface RegisteredWebhook extends Inclusion {
  readonly id: string;
  readonly owner: string;
  readonly url: string;
  readonly secret: string;
  readonly created_at: string;
  readonly triggered_for: readonly Trigger[];
}

/** Who calls, and by what kind of credential. */
export interface FathomCaller {
  readonly email: string;
  readonly isOAuth: boolean;
}

/** A team within a company. */
export interface Team {
  readonly name: string;
  readonly created_at: string;
  readonly domain: string;
}

const ACCESS_TOKEN_SECONDS = 3600;
const HISTORY_DAYS = [2, 5, 12] as const;
const API_KEY = /^sim-fathom-([^@\s]+@[^@\s]+)$/;
const REFRESH_TOKEN = /^sim-fathom-refresh-([^@\s]+@[^@\s]+?)(?:#\d+)?$/;
const AUTHORIZATION_CODE = /^sim-fathom-code-([^@\s]+@[^@\s]+)$/;

/** The state of the simulated service. */
export class FathomStore {
  readonly #clock: VirtualClock;
  readonly #meetings = new Map<number, StoredMeeting>();
  readonly #accounts = new Set<string>();
  readonly #tokens = new Map<string, { readonly email: string; readonly expiresAt: number }>();
  readonly webhooks = new Map<string, RegisteredWebhook>();
  readonly revokedGrants = new Set<string>();
  #issued = 0;

  /** @param clock Dates what is made. */
  constructor(clock: VirtualClock) {
    this.#clock = clock;
  }

  /** Forgets everything. */
  reset(): void {
    this.#meetings.clear();
    this.#accounts.clear();
    this.#tokens.clear();
    this.webhooks.clear();
    this.revokedGrants.clear();
  }

  /** The addresses seen so far. */
  accounts(): string[] {
    return [...this.#accounts].sort();
  }

  /** Makes sure that an account exists; a new one has a short history of recordings. */
  openAccount(email: string): void {
    if (this.#accounts.has(email)) return;
    this.#accounts.add(email);
    const today = this.#clock.now().toISOString().slice(0, 10);
    for (const [index, days] of HISTORY_DAYS.entries()) {
      const startsAt = new Date(`${today}T${10 + index * 2}:00:00Z`);
      startsAt.setUTCDate(startsAt.getUTCDate() - days);
      const composed = composeMeeting({
        recordedBy: email,
        seed: `${email} ${today} ${days}`,
        startsAt,
        minutes: 30,
        team: "Sales",
      });
      // The oldest shows what Fathom leaves empty.
      const meeting = index === 2 ? withNullDetails(composed) : composed;
      this.#meetings.set(meeting.recording_id, {
        meeting,
        sharing: index === 1 ? "team" : "private",
      });
    }
  }

  /** Keeps a recording. */
  putMeeting(stored: StoredMeeting): void {
    this.#meetings.set(stored.meeting.recording_id, stored);
  }

  /** Finds a recording that a caller may see: an own one, or a shared one. */
  findMeeting(caller: FathomCaller, recordingId: number): StoredMeeting | undefined {
    const stored = this.#meetings.get(recordingId);
    return stored !== undefined && isVisible(stored, caller.email) ? stored : undefined;
  }

  /** All recordings that a caller may see, newest first. */
  visibleMeetings(caller: FathomCaller): StoredMeeting[] {
    return [...this.#meetings.values()]
      .filter((stored) => isVisible(stored, caller.email))
      .sort((a, b) =>
        Date.parse(b.meeting.created_at) - Date.parse(a.meeting.created_at) ||
        b.meeting.recording_id - a.meeting.recording_id
      );
  }

  /** The colleagues of an account, itself among them. */
  teamMembers(email: string): FathomUser[] {
    return this.accounts()
      .filter((other) => domainOf(other) === domainOf(email))
      .map((other) => ({
        name: nameOf(other),
        email: other,
        email_domain: domainOf(other),
        team: "Sales",
      }));
  }

  /** Finds out who calls, by API key or access token. */
  identify(headers: Headers): FathomCaller | undefined {
    const email = API_KEY.exec(headers.get("x-api-key") ?? "")?.[1]?.toLowerCase();
    const bearer = /^Bearer (.+)$/i.exec(headers.get("authorization") ?? "")?.[1] ?? "";
    const token = this.#tokens.get(bearer);
    const isAlive = token !== undefined && token.expiresAt > this.#clock.now().getTime();
    const caller = email !== undefined
      ? { email, isOAuth: false }
      : isAlive
      ? { email: token.email, isOAuth: true }
      : undefined;
    if (caller !== undefined) this.openAccount(caller.email);
    return caller;
  }

  /** Exchanges a code or refresh token; undefined when it is worth nothing. */
  issueToken(grantType: string, grant: string): Record<string, unknown> | undefined {
    const pattern = grantType === "refresh_token" ? REFRESH_TOKEN : AUTHORIZATION_CODE;
    const email = pattern.exec(grant)?.[1]?.toLowerCase();
    if (email === undefined || this.revokedGrants.has(email)) return undefined;
    this.#issued += 1;
    const access = `sim-fathom-access-${stableId(`${crypto.randomUUID()} ${this.#issued}`, 32)}`;
    const expiresAt = this.#clock.now().getTime() + ACCESS_TOKEN_SECONDS * 1000;
    this.#tokens.set(access, { email, expiresAt });
    return {
      access_token: access,
      token_type: "Bearer",
      expires_in: ACCESS_TOKEN_SECONDS,
      refresh_token: `sim-fathom-refresh-${email}#${this.#issued}`,
      scope: "public_api",
    };
  }

  /** Makes all access tokens worthless. */
  expireTokens(): void {
    this.#tokens.clear();
  }

  /** Registers a webhook and makes its secret. */
  registerWebhook(
    owner: string,
    webhook: Omit<RegisteredWebhook, "id" | "owner" | "secret" | "created_at">,
    secret = createWebhookSecret(),
  ): RegisteredWebhook {
    const registered: RegisteredWebhook = {
      id: stableId(crypto.randomUUID(), 20),
      owner,
      secret,
      created_at: this.#clock.now().toISOString(),
      ...webhook,
    };
    this.webhooks.set(registered.id, registered);
    return registered;
  }

  /** The webhooks that a recording triggers. */
  triggeredWebhooks(stored: StoredMeeting): RegisteredWebhook[] {
    return [...this.webhooks.values()].filter((webhook) =>
      webhook.triggered_for.some((trigger) => isTriggered(trigger, webhook.owner, stored))
    );
  }
}

/** The owner of a webhook that wants the recordings of everybody, as a stack sets it up. */
export const EVERYBODY = "*";

function isTriggered(trigger: Trigger, owner: string, stored: StoredMeeting): boolean {
  if (owner === EVERYBODY) return true;
  const { meeting, sharing } = stored;
  const recorder = meeting.recorded_by.email;
  const isColleague = recorder !== owner && domainOf(recorder) === domainOf(owner);
  switch (trigger) {
    case "my_recordings":
      return recorder === owner;
    case "my_shared_with_team_recordings":
      return recorder === owner && sharing === "team";
    case "shared_team_recordings":
      return isColleague && sharing === "team";
    case "shared_external_recordings":
      return !isColleague && recorder !== owner && isVisible(stored, owner);
  }
}

function isVisible({ meeting, sharing }: StoredMeeting, email: string): boolean {
  const recorder = meeting.recorded_by.email;
  if (recorder === email) return true;
  if (sharing === "team") return domainOf(recorder) === domainOf(email);
  if (sharing === "private") return false;
  return meeting.calendar_invitees.some((invitee) => invitee.email === email);
}
