// The auth room: sign-up, sign-in, sessions and second factors, as the hosted service serves them
// below /auth/v1. It only ever serves development stacks on loopback.

import type { HttpRoom, StackKeys } from "../contracts.ts";
import type { AuthDeps } from "./auth_deps.ts";
import { AuthError, OAuthError, renderError } from "./auth_error.ts";
import type { AuthRequest } from "./auth_request.ts";
import { openDatabase } from "./database.ts";
import { createMailbox } from "./mailbox.ts";
import { createPasswordHasher, type PasswordHasher } from "./password_hasher.ts";
import { ROUTES } from "./routes.ts";
import { type AuthSettings, DEFAULT_AUTH_SETTINGS } from "./settings.ts";
import { importSigningKey } from "./signing_key.ts";
import { createTokenVerifier } from "./tokens.ts";

/** What the auth room needs, and what it may be told to do differently. */
export interface AuthHandlerOptions extends Partial<AuthSettings> {
  /** Connection string for role `supabase_auth_admin`. */
  readonly databaseUrl: string;
  readonly keys: StackKeys;
  /** The room's URL as clients see it, `<url>/auth/v1`. */
  readonly issuer: string;
  readonly siteUrl: string;
  /** A hasher that several rooms share; whoever made it closes it. */
  readonly passwords?: PasswordHasher;
  /** The present moment in milliseconds. */
  readonly now?: () => number;
  /** Told about failures that callers only see as "unexpected"; prints them by default. */
  readonly onError?: (error: unknown) => void;
}

/**
 * Opens the auth room.
 *
 * @example Serving it on a port of its own
 * ```ts
 * const auth = await createAuthHandler({ databaseUrl, keys, issuer, siteUrl });
 * Deno.serve({ hostname: "127.0.0.1", port: 9999 }, auth.fetch);
 * ```
 */
export async function createAuthHandler(options: AuthHandlerOptions): Promise<HttpRoom> {
  const { databaseUrl, keys, issuer, passwords, now = Date.now, onError = printFailure, ...rest } =
    options;
  const settings = { ...DEFAULT_AUTH_SETTINGS, ...rest };
  const deps: AuthDeps = {
    db: openDatabase(databaseUrl, onError),
    settings,
    issuer,
    jwks: keys.jwks,
    signingKey: await importSigningKey({ ...keys.signingJwk, kty: keys.signingJwk.kty ?? "EC" }),
    signingKeyId: keys.signingJwk.kid,
    verifyToken: createTokenVerifier(keys, issuer, { now }),
    passwords: passwords ?? createPasswordHasher(settings.bcryptCost),
    mailbox: createMailbox(),
    now: () => new Date(now()),
    onError,
  };
  return {
    fetch: (request) => answer(deps, request),
    close: async () => {
      if (!passwords) deps.passwords.close();
      await deps.db.close();
    },
  };
}

function printFailure(error: unknown): void {
  console.error(`auth: ${error instanceof Error ? error.message : String(error)}`);
}

async function answer(deps: AuthDeps, request: Request): Promise<Response> {
  try {
    return await dispatch(deps, request);
  } catch (error) {
    reportFailure(deps, error);
    return renderError(error, request);
  }
}

function reportFailure(deps: AuthDeps, error: unknown): void {
  if (error instanceof OAuthError) return;
  if (!(error instanceof AuthError)) deps.onError(error);
  else if (error.status >= 500) deps.onError(error.cause ?? error);
}

async function dispatch(deps: AuthDeps, raw: Request): Promise<Response> {
  const url = new URL(raw.url);
  const path = url.pathname.replace(/(?<=.)\/+$/, "");
  for (const { pattern, methods } of ROUTES) {
    const match = pattern.exec({ pathname: path });
    if (!match) continue;
    const handler = methods[raw.method === "HEAD" ? "GET" : raw.method];
    if (!handler) throw new AuthError(405, "unknown", "Method Not Allowed");
    return await handler(deps, toAuthRequest(raw, url, path, match));
  }
  throw new AuthError(404, "unknown", "404 page not found");
}

function toAuthRequest(
  raw: Request,
  url: URL,
  path: string,
  match: URLPatternResult,
): AuthRequest {
  const params: Record<string, string> = {};
  for (const [name, value] of Object.entries(match.pathname.groups)) {
    if (value !== undefined) params[name] = value;
  }
  return { raw, query: url.searchParams, path, params };
}
