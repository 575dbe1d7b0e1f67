// Calls the project's own function that may change the claims of every token, as
// supabase_auth_admin and inside the transaction that issues the token.

import type { JWTPayload } from "jose";
import { AuthError, internalError } from "./auth_error.ts";
import type { Queryable } from "./database.ts";
import type { AuthenticationMethod } from "./sessions.ts";
import type { JsonObject } from "./users.ts";

const TIMEOUT_MS = 2_000;

/** What the function is told. */
export interface HookEvent {
  readonly userId: string;
  readonly claims: JWTPayload;
  readonly method: AuthenticationMethod;
  readonly ipAddress: string;
}

/**
 * Lets the project change the claims.
 *
 * @param hook `pg-functions://postgres/<schema>/<function>`, or `<schema>.<function>`
 * @returns the claims as the function gives them back
 * @throws {AuthError} what the function refuses with, or 500 when it fails, takes longer than two
 *   seconds, or loses a claim that every token needs
 */
export async function runCustomAccessTokenHook(
  db: Queryable,
  hook: string,
  event: HookEvent,
  now: Date,
): Promise<JWTPayload> {
  const name = qualifiedName(hook);
  const request = {
    metadata: {
      uuid: crypto.randomUUID(),
      time: now.toISOString(),
      name: "customize-access-token",
      ip_address: event.ipAddress,
    },
    user_id: event.userId,
    claims: event.claims,
    authentication_method: event.method,
  };
  const response = await callHook(db, hook, name, request);
  refuseWhenAsked(response);
  const claims = isObject(response.claims) ? response.claims : {};
  requireClaims(claims);
  return claims;
}

async function callHook(
  db: Queryable,
  hook: string,
  name: string,
  request: JsonObject,
): Promise<JsonObject> {
  try {
    await db.query(`set local statement_timeout to ${TIMEOUT_MS}`);
    const [row] = await db.query<{ response: unknown }>(`select ${name}($1) as response`, [
      request,
    ]);
    await db.query("set local statement_timeout to default");
    return isObject(row?.response) ? row.response : {};
  } catch (cause) {
    throw internalError(`Error running hook URI: ${hook}`, cause);
  }
}

function qualifiedName(hook: string): string {
  const uri = /^pg-functions:\/\/[^/]+\/([^/]+)\/([^/?]+)$/.exec(hook);
  const plain = /^([^./]+)\.([^./]+)$/.exec(hook);
  const [, schema, name] = uri ?? plain ?? [];
  if (!schema || !name) {
    throw internalError(
      `Error running hook URI: ${hook}`,
      new Error("A hook is named pg-functions://postgres/<schema>/<function>"),
    );
  }
  return [schema, name].map((part) => `"${part.replaceAll('"', '""')}"`).join(".");
}

function refuseWhenAsked(response: JsonObject): void {
  if (!isObject(response.error)) return;
  const { http_code: status, message } = response.error;
  if (typeof message !== "string" || message === "") return;
  const isStatus = typeof status === "number" && status >= 400 && status <= 599;
  throw new AuthError(
    isStatus ? status : 500,
    isStatus && status < 500 ? "unknown" : "unexpected_failure",
    message,
  );
}

const CLAIM_TYPES: Readonly<Record<string, (value: unknown) => boolean>> = {
  aud: (value) => typeof value === "string" || Array.isArray(value),
  exp: Number.isInteger,
  jti: isText,
  iat: Number.isInteger,
  iss: isText,
  nbf: Number.isInteger,
  sub: isText,
  email: isText,
  phone: isText,
  app_metadata: isObject,
  user_metadata: isObject,
  role: isText,
  aal: isText,
  amr: (value) => Array.isArray(value) && value.every((entry) => isText(entry) || isObject(entry)),
  session_id: isText,
  client_id: isText,
};

const REQUIRED_CLAIMS = [
  "aud",
  "exp",
  "iat",
  "sub",
  "email",
  "phone",
  "role",
  "aal",
  "session_id",
  "is_anonymous",
];

function requireClaims(claims: JsonObject): void {
  const missing = REQUIRED_CLAIMS.filter((name) => !(name in claims))
    .map((name) => `- (root): ${name} is required\n`);
  const mistyped = Object.entries(CLAIM_TYPES)
    .filter(([name, isRight]) => name in claims && !isRight(claims[name]))
    .map(([name]) => `- ${name}: Invalid type\n`);
  if (missing.length + mistyped.length === 0) return;
  const faults = [...missing, ...mistyped].join("");
  throw internalError(`output claims do not conform to the expected schema: \n${faults}`);
}

function isText(value: unknown): value is string {
  return typeof value === "string";
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
