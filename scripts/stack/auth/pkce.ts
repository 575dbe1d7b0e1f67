// Sign-in flows whose link ends in another window than they began in: rows of auth.flow_state.

import { createHash, timingSafeEqual } from "node:crypto";
import { AuthError } from "./auth_error.ts";
import type { Queryable } from "./database.ts";
import type { AuthenticationMethod } from "./sessions.ts";

/** What a client sends to begin such a flow; empty for the other kind. */
export interface CodeChallenge {
  readonly code_challenge: string;
  readonly code_challenge_method: string;
}

/** One row of auth.flow_state. */
export interface FlowState {
  readonly id: string;
  readonly user_id: string | null;
  readonly auth_code: string;
  readonly code_challenge_method: "s256" | "plain";
  readonly code_challenge: string;
  readonly authentication_method: AuthenticationMethod;
  readonly auth_code_issued_at: Date | null;
  readonly created_at: Date;
}

const FLOW_LIFETIME_MS = 300_000;
const COLUMNS = `id, user_id, auth_code, code_challenge_method, code_challenge,
  authentication_method, auth_code_issued_at, created_at`;

/** @throws {AuthError} `validation_failed` when a challenge is incomplete or malformed */
export function requireCodeChallenge(challenge: CodeChallenge): void {
  const { code_challenge: code, code_challenge_method: method } = challenge;
  if ((code === "") !== (method === "")) {
    throw invalid("PKCE flow requires code_challenge_method and code_challenge");
  }
  if (code === "") return;
  if (code.length < 43 || code.length > 128) {
    throw invalid("code challenge has to be between 43 and 128 characters");
  }
  if (!/^[a-zA-Z._~0-9-]+$/.test(code)) {
    throw invalid(
      "code challenge can only contain alphanumeric characters, hyphens, periods, underscores and tildes",
    );
  }
  if (!["s256", "plain"].includes(method.toLowerCase())) {
    throw invalid(`unsupported code_challenge method "${method}"`);
  }
}

/** Remembers a flow that has begun; does nothing for the other kind. */
export async function beginFlow(
  db: Queryable,
  userId: string,
  method: AuthenticationMethod,
  challenge: CodeChallenge,
  now: Date,
): Promise<void> {
  if (challenge.code_challenge === "") return;
  await db.query(
    `insert into auth.flow_state (id, user_id, auth_code, code_challenge_method, code_challenge,
      provider_type, provider_access_token, provider_refresh_token, created_at, updated_at,
      authentication_method)
    values (gen_random_uuid(), $1, $2, $3, $4, $5, '', '', $6, $6, $5)`,
    [
      userId,
      crypto.randomUUID(),
      challenge.code_challenge_method.toLowerCase(),
      challenge.code_challenge,
      method,
      now,
    ],
  );
}

/** Hands out the code of a user's latest flow of a kind, now that its link was clicked. */
export async function issueAuthCode(
  db: Queryable,
  userId: string,
  method: AuthenticationMethod,
  now: Date,
): Promise<string> {
  const [row] = await db.query<{ auth_code: string }>(
    `update auth.flow_state set auth_code_issued_at = $3, updated_at = $3
    where id = (
      select id from auth.flow_state where user_id = $1 and authentication_method = $2
      order by created_at desc, id desc limit 1
    )
    returning auth_code`,
    [userId, method, now],
  );
  if (row) return row.auth_code;
  throw new AuthError(422, "flow_state_not_found", "No valid flow state found for user.");
}

/**
 * Ends a flow: its code is used up.
 *
 * @throws {AuthError} when the code is unknown or old, or the verifier isn't that of whoever began it
 */
export async function finishFlow(
  db: Queryable,
  authCode: string,
  codeVerifier: string,
  now: Date,
): Promise<FlowState & { readonly user_id: string }> {
  const [flow] = await db.query<FlowState>(
    `select ${COLUMNS} from auth.flow_state where auth_code = $1 for update`,
    [authCode],
  );
  if (!flow || flow.user_id === null) {
    const message = "invalid flow state, no valid flow state found";
    throw new AuthError(404, "flow_state_not_found", message);
  }
  const isMagicLink = flow.authentication_method === "magiclink";
  const begunAt = isMagicLink && flow.auth_code_issued_at
    ? flow.auth_code_issued_at
    : flow.created_at;
  if (now.getTime() > begunAt.getTime() + FLOW_LIFETIME_MS) {
    const message = "invalid flow state, flow state has expired";
    throw new AuthError(422, "flow_state_expired", message);
  }
  if (!isVerifierOf(flow, codeVerifier)) {
    const message = "code challenge does not match previously saved code verifier";
    throw new AuthError(400, "bad_code_verifier", message);
  }
  await db.query("delete from auth.flow_state where id = $1", [flow.id]);
  return { ...flow, user_id: flow.user_id };
}

function isVerifierOf(flow: FlowState, verifier: string): boolean {
  const claimed = flow.code_challenge_method === "plain"
    ? verifier
    : createHash("sha256").update(verifier).digest("base64url");
  const [expected, actual] = [flow.code_challenge, claimed].map((text) => {
    return createHash("sha256").update(text).digest();
  });
  return expected !== undefined && actual !== undefined && timingSafeEqual(expected, actual);
}

function invalid(message: string): AuthError {
  return new AuthError(400, "validation_failed", message);
}
