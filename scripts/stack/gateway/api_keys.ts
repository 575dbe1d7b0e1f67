// What an API key stands for at the gateway: opaque keys become tokens, a person's token is left alone.
//
// Trust boundary: everything that reaches the rest and auth rooms passes here first.

import type { StackKeys } from "../contracts.ts";

/** Either the headers to go on with, or the gateway's refusal. */
export type KeyCheck =
  | { readonly headers: Headers }
  | { readonly refusal: Response };

/** Checks the key of a request and puts a token where only a key was sent. */
export type KeyTranslator = (request: Request, url: URL) => KeyCheck;

const OPAQUE_BEARER = /^bearer sb_/i;
const BROWSER_AGENT = /^Mozilla\//;

/**
 * Makes the check of a stack's keys.
 *
 * @param keys The stack's keys.
 */
export function createKeyTranslator(keys: StackKeys): KeyTranslator {
  const publishable = new Set(Object.values(keys.publishableKeys));
  const secret = new Set(Object.values(keys.secretKeys));
  const legacy = new Set([keys.anonJwt, keys.serviceRoleJwt]);

  function tokenOf(key: string): string | null {
    if (publishable.has(key)) return keys.anonJwt;
    if (secret.has(key)) return keys.serviceRoleJwt;
    return legacy.has(key) ? key : null;
  }

  return function translate(request, url) {
    const key = request.headers.get("apikey") ?? url.searchParams.get("apikey");
    if (!key) return { refusal: missingKey() };
    const token = tokenOf(key);
    if (!token) return { refusal: key.startsWith("sb_") ? unregisteredKey() : invalidKey() };
    if (secret.has(key) && BROWSER_AGENT.test(request.headers.get("user-agent") ?? "")) {
      return { refusal: secretKeyInBrowser() };
    }

    const headers = new Headers(request.headers);
    const authorization = headers.get("authorization");
    if (!authorization) {
      headers.set("authorization", `Bearer ${token}`);
    } else if (OPAQUE_BEARER.test(authorization)) {
      const bearer = authorization.slice("Bearer ".length);
      const bearerToken = tokenOf(bearer);
      if (!bearerToken) return { refusal: unregisteredKey() };
      // The key decides what the caller may do; two different ones would make that ambiguous.
      if (bearer !== key) return { refusal: invalidKey() };
      headers.set("authorization", `Bearer ${bearerToken}`);
    }
    return { headers };
  };
}

function missingKey(): Response {
  return refuse(
    "No API key found in request",
    "No `apikey` request header or url param was found.",
  );
}

function invalidKey(): Response {
  return refuse(
    "Invalid API key",
    "Double check your Supabase `anon` or `service_role` API key.",
  );
}

function unregisteredKey(): Response {
  return refuse(
    "Unregistered API key",
    "Double check the provided API key as it is not registered for this project.",
  );
}

function secretKeyInBrowser(): Response {
  return refuse(
    "Forbidden use of secret API key in browser",
    "Secret API keys can only be used in a protected environment and should never be used in a browser. Delete this secret API key immediately.",
  );
}

function refuse(message: string, hint: string): Response {
  return Response.json({ message, hint }, { status: 401 });
}
