// One request to the auth room: what is believed of it, and who is asking.

import { isIP } from "node:net";
import type { JWTPayload } from "jose";
import { z } from "zod";
import type { AuthDeps } from "./auth_deps.ts";
import { AuthError } from "./auth_error.ts";
import { type ClientOrigin, findSession, sessionExpiry, type SessionRow } from "./sessions.ts";
import { TOKEN_AUDIENCE, TokenError } from "./tokens.ts";
import { findUserById, isBanned, type UserRow } from "./users.ts";

/** A request after routing. */
export interface AuthRequest {
  readonly raw: Request;
  readonly query: URLSearchParams;
  readonly path: string;
  /** What the route's pattern captured. */
  readonly params: Readonly<Record<string, string>>;
}

/** Somebody signed in. */
export interface Caller {
  readonly claims: JWTPayload;
  readonly user: UserRow;
  /** Absent only for tokens that name no session. */
  readonly session: SessionRow | undefined;
}

const MOST_BODY_BYTES = 1 << 20;
const ADMIN_ROLES: readonly unknown[] = ["service_role", "supabase_admin"];

/** A text that may be missing or null; then it is empty. */
export const looseText = z.string().nullish().transform((value) => value ?? "");

/** A yes or no that may be missing or null; then it is no. */
export const looseFlag = z.boolean().nullish().transform((value) => value ?? false);

/** A JSON object that may be missing or null. */
export const looseObject = z.record(z.string(), z.unknown()).nullish()
  .transform((value) => value ?? undefined);

/**
 * Reads the JSON body.
 *
 * @throws {AuthError} `bad_json`, or `request_entity_too_large` beyond a megabyte
 */
export async function readBody<Shape extends z.ZodType>(
  request: AuthRequest,
  shape: Shape,
): Promise<z.output<Shape>> {
  const text = await request.raw.text();
  if (text.length > MOST_BODY_BYTES) {
    throw new AuthError(
      413,
      "request_entity_too_large",
      `Request body too large (max ${MOST_BODY_BYTES} bytes)`,
    );
  }
  const parsed = shape.safeParse(parseJson(text) ?? {});
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw badJson(`${issue?.path.join(".")}: ${issue?.message}`);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw badJson(text === "" ? "unexpected end of JSON input" : String(error));
  }
}

function badJson(reason: string): AuthError {
  return new AuthError(400, "bad_json", `Could not parse request body as JSON: ${reason}`);
}

/** Where the request came from; the first forwarded address counts, as behind the gateway. */
export function clientOrigin(request: AuthRequest): ClientOrigin {
  const forwarded = request.raw.headers.get("x-forwarded-for")?.split(",")[0]?.trim() ?? "";
  return {
    ipAddress: isIP(forwarded) !== 0 ? forwarded : "127.0.0.1",
    userAgent: request.raw.headers.get("user-agent"),
  };
}

/**
 * Says who is asking.
 *
 * @throws {AuthError} without a valid token of a living session
 */
export async function requireCaller(deps: AuthDeps, request: AuthRequest): Promise<Caller> {
  const claims = await requireClaims(deps, request);
  const caller = await loadCaller(deps, claims);
  if (isBanned(caller.user, deps.now())) throw new AuthError(403, "user_banned", "User is banned");
  return caller;
}

/**
 * Lets only servers with a secret key through.
 *
 * @returns the role that they act with
 * @throws {AuthError} `no_authorization`, `bad_jwt` or `not_admin`
 */
export async function requireAdmin(deps: AuthDeps, request: AuthRequest): Promise<string> {
  const claims = await requireClaims(deps, request);
  if (typeof claims.session_id === "string" && claims.session_id !== "") {
    const { session } = await loadCaller(deps, claims);
    if (session && sessionExpiry(session, deps.settings, deps.now())) {
      throw new AuthError(403, "session_expired", "Session is no longer valid");
    }
  }
  if (typeof claims.role === "string" && ADMIN_ROLES.includes(claims.role)) return claims.role;
  throw new AuthError(403, "not_admin", "User not allowed");
}

/** The audience that a request is about. */
export function requestAudience(request: AuthRequest, claims?: JWTPayload): string {
  const named = request.raw.headers.get("x-jwt-aud");
  if (named) return named;
  const claimed = Array.isArray(claims?.aud) ? claims.aud[0] : claims?.aud;
  return claimed && !ADMIN_ROLES.includes(claims?.role) ? claimed : TOKEN_AUDIENCE;
}

/** Tells whether a text is a UUID. */
export function isUuid(text: unknown): text is string {
  return typeof text === "string" &&
    /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i.test(text);
}

async function requireClaims(deps: AuthDeps, request: AuthRequest): Promise<JWTPayload> {
  const header = request.raw.headers.get("authorization") ?? "";
  const token = /^bearer\s+(\S+)$/i.exec(header)?.[1];
  if (!token) {
    throw new AuthError(401, "no_authorization", "This endpoint requires a valid Bearer token");
  }
  try {
    return await deps.verifyToken(token);
  } catch (error) {
    if (!(error instanceof TokenError)) throw error;
    const reason = `invalid JWT: unable to parse or verify signature, ${error.message}`;
    throw new AuthError(403, "bad_jwt", reason, { cause: error });
  }
}

async function loadCaller(deps: AuthDeps, claims: JWTPayload): Promise<Caller> {
  const { sub, session_id: sessionId } = claims;
  if (!sub) throw new AuthError(403, "bad_jwt", "invalid claim: missing sub claim");
  if (!isUuid(sub)) {
    throw new AuthError(400, "bad_jwt", "invalid claim: sub claim must be a UUID");
  }
  const user = await findUserById(deps.db, sub);
  if (!user) {
    throw new AuthError(403, "user_not_found", "User from sub claim in JWT does not exist");
  }
  if (typeof sessionId !== "string" || sessionId === "") {
    return { claims, user, session: undefined };
  }
  if (!isUuid(sessionId)) {
    throw new AuthError(403, "bad_jwt", "invalid claim: session_id claim must be a UUID");
  }
  const session = await findSession(deps.db, sessionId);
  if (!session || session.user_id !== user.id) {
    const message = "Session from session_id claim in JWT does not exist";
    throw new AuthError(403, "session_not_found", message);
  }
  return { claims, user, session };
}
