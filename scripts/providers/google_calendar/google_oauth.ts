// Google's token endpoint: refresh tokens become access tokens that end after an hour.
import { stableId } from "../seeded_random.ts";
import type { VirtualClock } from "../virtual_clock.ts";

const LIFETIME_SECONDS = 3599;
const REFRESH_TOKEN = /^sim-refresh-([^@\s]+@[^@\s]+)$/;
const AUTHORIZATION_CODE = /^sim-code-([^@\s]+@[^@\s]+)$/;
/** What a consent grants unless control says otherwise. */
const DEFAULT_SCOPES: readonly string[] = [
  "https://www.googleapis.com/auth/calendar.readonly",
  "https://www.googleapis.com/auth/calendar.events",
  "https://www.googleapis.com/auth/gmail.send",
  "https://www.googleapis.com/auth/gmail.readonly",
];

/** The tokens that were issued and are still good. */
export class GoogleOAuth {
  readonly #clock: VirtualClock;
  readonly #tokens = new Map<string, { readonly email: string; readonly expiresAt: number }>();
  readonly #revoked = new Set<string>();
  readonly #scopes = new Map<string, readonly string[]>();
  /** How many tokens were issued, so that a test can tell whether one was reused. */
  issuedCount = 0;

  /** @param clock Ends tokens. */
  constructor(clock: VirtualClock) {
    this.#clock = clock;
  }

  /** Finds the account of an access token. */
  identify(headers: Headers): string | undefined {
    const bearer = /^Bearer (.+)$/i.exec(headers.get("authorization") ?? "")?.[1] ?? "";
    const token = this.#tokens.get(bearer);
    if (token === undefined || this.#revoked.has(token.email)) return undefined;
    return token.expiresAt > this.#clock.now().getTime() ? token.email : undefined;
  }

  /**
   * Answers the token endpoint.
   *
   * @param request A form POST.
   */
  async answer(request: Request): Promise<Response> {
    if (request.method !== "POST") return new Response(null, { status: 404 });
    const form = new URLSearchParams(await request.text());
    if (!form.get("client_id") || !form.get("client_secret")) {
      return oauthError(401, "invalid_client", "The OAuth client was not found.");
    }
    const grantType = form.get("grant_type");
    if (grantType === "refresh_token") return this.#refresh(form.get("refresh_token") ?? "");
    if (grantType === "authorization_code") return this.#exchange(form.get("code") ?? "");
    return oauthError(400, "unsupported_grant_type", `Invalid grant_type: ${grantType ?? ""}`);
  }

  /** The old refresh token stays good, and the answer has no new one. */
  #refresh(refreshToken: string): Response {
    const email = REFRESH_TOKEN.exec(refreshToken)?.[1]?.toLowerCase();
    if (email === undefined || this.#revoked.has(email)) {
      return oauthError(400, "invalid_grant", "Token has been expired or revoked.");
    }
    return Response.json(this.#issue(email));
  }

  #exchange(code: string): Response {
    const email = AUTHORIZATION_CODE.exec(code)?.[1]?.toLowerCase();
    if (email === undefined) return oauthError(400, "invalid_grant", "Malformed auth code.");
    this.#revoked.delete(email);
    return Response.json({ ...this.#issue(email), refresh_token: `sim-refresh-${email}` });
  }

  #issue(email: string): Record<string, unknown> {
    this.issuedCount += 1;
    const accessToken = `sim-access-${stableId(crypto.randomUUID(), 40)}`;
    this.#tokens.set(accessToken, {
      email,
      expiresAt: this.#clock.now().getTime() + LIFETIME_SECONDS * 1000,
    });
    return {
      access_token: accessToken,
      expires_in: LIFETIME_SECONDS,
      scope: this.scopesOf(email).join(" "),
      token_type: "Bearer",
    };
  }

  /** Ends access tokens, of one account or of all. */
  expireTokens(email?: string): void {
    for (const [token, { email: owner }] of this.#tokens) {
      if (email === undefined || owner === email) this.#tokens.delete(token);
    }
  }

  /** What an account's consent covers. */
  scopesOf(email: string): readonly string[] {
    return this.#scopes.get(email) ?? DEFAULT_SCOPES;
  }

  /** Makes a consent cover just these, for the tokens that are out too. */
  grant(email: string, scopes: readonly string[]): void {
    this.#scopes.set(email, scopes);
  }

  /** Takes the grant away for good: refreshing answers `invalid_grant`. */
  revoke(email: string): void {
    this.#revoked.add(email);
  }

  /** Gives the grant back. */
  restore(email: string): void {
    this.#revoked.delete(email);
  }

  /** Forgets everything. */
  reset(): void {
    this.#tokens.clear();
    this.#revoked.clear();
    this.#scopes.clear();
    this.issuedCount = 0;
  }
}

function oauthError(status: number, error: string, description: string): Response {
  return Response.json({ error, error_description: description }, { status });
}
