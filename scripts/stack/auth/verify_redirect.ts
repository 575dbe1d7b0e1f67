// How the outcome of a clicked link travels to the application: in the fragment, or as a code.

import type { AuthError } from "./auth_error.ts";
import type { JsonObject } from "./users.ts";

const OAUTH_WORDS: Readonly<Record<number, string>> = {
  400: "invalid_request",
  401: "unauthorized_client",
  403: "access_denied",
  500: "server_error",
  503: "temporarily_unavailable",
};

/**
 * Sends somebody on, signed in.
 *
 * @param outcome a session, or the code of a PKCE flow to fetch one with
 */
export function redirectWithSession(
  target: string,
  type: string,
  outcome: JsonObject | string,
): Response {
  if (typeof outcome === "string") {
    const url = new URL(target);
    url.searchParams.set("code", outcome);
    return seeOther(url.href);
  }
  const fragment = new URLSearchParams({ type, sb: "" });
  for (
    const name of ["access_token", "token_type", "expires_in", "expires_at", "refresh_token"]
  ) {
    fragment.set(name, String(outcome[name]));
  }
  fragment.sort();
  return seeOther(`${target}#${fragment}`);
}

/** Sends somebody on with a word about what is still to do. */
export function redirectWithMessage(target: string, message: string, isPkce: boolean): Response {
  const url = new URL(target);
  if (isPkce) url.searchParams.set("message", message);
  url.hash = new URLSearchParams({ message, sb: "" }).toString();
  return seeOther(url.href);
}

/** Sends somebody on with the reason why they aren't signed in. */
export function redirectWithError(target: string, error: AuthError, isPkce: boolean): Response {
  const url = new URL(target);
  const word = OAUTH_WORDS[error.status];
  const reason = {
    ...(word && { error: word }),
    error_code: error.code,
    error_description: error.message,
  };
  if (isPkce) {
    for (const [name, value] of Object.entries(reason)) url.searchParams.set(name, value);
  }
  url.hash = new URLSearchParams({ ...reason, sb: "" }).toString();
  return seeOther(url.href);
}

function seeOther(location: string): Response {
  return new Response(null, { status: 303, headers: { location } });
}
