// Finds out who calls: verifies the bearer token and takes the role from its claims.
import {
  checkClaims,
  emptyToken,
  tokenError,
  tokenRequired,
  unexpectedTokenParts,
} from "./errors/token_errors.ts";
import type { Caller } from "./sql/settings_sql.ts";

/** Verifies a token and gives its claims; throws when it is not to be trusted. */
export type VerifyToken = (jwt: string) => Promise<Readonly<Record<string, unknown>>>;

function bearerToken(header: string | null): string | undefined {
  const match = /^(\S+)\s*(.*)$/s.exec(header ?? "");
  if (match?.[1]?.toLowerCase() !== "bearer") return undefined;
  return match[2] ?? "";
}

async function verifiedClaims(
  token: string,
  verify: VerifyToken,
): Promise<Readonly<Record<string, unknown>>> {
  if (token === "") throw emptyToken();
  const parts = token.split(".").length;
  if (parts !== 3) throw unexpectedTokenParts(parts);
  let claims: Readonly<Record<string, unknown>>;
  try {
    claims = await verify(token);
  } catch (error) {
    throw tokenError(error);
  }
  checkClaims(claims);
  return claims;
}

/**
 * Finds out who calls. A token that is present and bad is refused, never taken for no token.
 *
 * @param request The request.
 * @param verify Verifies tokens.
 * @param anonRole The role of callers without a token; null when they are turned away.
 * @throws {RestError} PGRST301, PGRST302 or PGRST303.
 */
export async function identifyCaller(
  request: Request,
  verify: VerifyToken,
  anonRole: string | null,
): Promise<Caller> {
  const token = bearerToken(request.headers.get("authorization"));
  const claims = token === undefined ? {} : await verifiedClaims(token, verify);
  const role = claims.role ?? anonRole;
  if (role === null) throw tokenRequired();
  return { role: typeof role === "string" ? role : JSON.stringify(role), claims };
}
