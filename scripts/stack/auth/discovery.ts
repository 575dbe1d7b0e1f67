// GET /health, /settings and /.well-known: what clients ask before they sign anybody in.

import type { AuthDeps } from "./auth_deps.ts";

const PROVIDERS_WE_LACK = [
  "apple",
  "azure",
  "bitbucket",
  "discord",
  "facebook",
  "figma",
  "fly",
  "github",
  "gitlab",
  "google",
  "kakao",
  "keycloak",
  "linkedin",
  "linkedin_oidc",
  "notion",
  "phone",
  "slack",
  "slack_oidc",
  "snapchat",
  "spotify",
  "twitch",
  "twitter",
  "workos",
  "zoom",
] as const;

/** Answers GET /health. */
export function health(): Response {
  return Response.json({
    version: "embedded",
    name: "GoTrue",
    description: "GoTrue is a user registration and authentication API",
  });
}

/** Answers GET /settings. */
export function publicSettings(deps: AuthDeps): Response {
  const { settings } = deps;
  return Response.json({
    external: {
      anonymous_users: settings.isAnonymousSignInEnabled,
      email: true,
      ...Object.fromEntries(PROVIDERS_WE_LACK.map((name) => [name, false])),
    },
    disable_signup: !settings.isSignupEnabled,
    mailer_autoconfirm: settings.isEmailAutoconfirmed,
    phone_autoconfirm: false,
    sms_provider: "",
    saml_enabled: false,
    saml_private_key_next_configured: false,
    passkeys_enabled: false,
  });
}

/** Answers GET /.well-known/jwks.json: the keys that tokens are checked with. */
export function publishedKeys(deps: AuthDeps): Response {
  return Response.json(deps.jwks, { headers: { "cache-control": "public, max-age=600" } });
}

/** Answers GET /.well-known/openid-configuration. */
export function openidConfiguration({ issuer }: AuthDeps): Response {
  return Response.json({
    issuer,
    authorization_endpoint: `${issuer}/oauth/authorize`,
    token_endpoint: `${issuer}/oauth/token`,
    jwks_uri: `${issuer}/.well-known/jwks.json`,
    userinfo_endpoint: `${issuer}/oauth/userinfo`,
    response_types_supported: ["code"],
    response_modes_supported: ["query"],
    grant_types_supported: ["authorization_code", "refresh_token"],
    subject_types_supported: ["public"],
    id_token_signing_alg_values_supported: ["ES256"],
    token_endpoint_auth_methods_supported: ["client_secret_basic", "client_secret_post", "none"],
    code_challenge_methods_supported: ["S256", "plain"],
  }, { headers: { "cache-control": "public, max-age=600" } });
}
