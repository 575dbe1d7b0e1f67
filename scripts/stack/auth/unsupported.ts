// What a local project has switched off is refused as the hosted service refuses it when off.

import type { AuthDeps } from "./auth_deps.ts";
import { AuthError } from "./auth_error.ts";
import { type AuthRequest, requireAdmin, requireCaller } from "./auth_request.ts";
import { requireManualLinking } from "./unlink_identity.ts";

/** Refuses GET /authorize: no other sign-in providers. */
export function refuseProvider(_deps: AuthDeps, request: AuthRequest): Promise<Response> {
  const provider = request.query.get("provider") ?? "";
  const message = provider === ""
    ? "Unsupported provider: missing provider"
    : "Unsupported provider: provider is not enabled";
  return Promise.reject(new AuthError(400, "validation_failed", message));
}

/** Refuses GET /user/identities/authorize: there is no provider to link. */
export async function refuseLinking(deps: AuthDeps, request: AuthRequest): Promise<Response> {
  await requireCaller(deps, request);
  requireManualLinking(deps);
  return await refuseProvider(deps, request);
}

/** Refuses a company's sign-on. */
export function refuseSaml(): Promise<Response> {
  return Promise.reject(new AuthError(404, "saml_provider_disabled", "SAML 2.0 is disabled"));
}

/** Refuses passkeys. */
export function refusePasskeys(): Promise<Response> {
  return Promise.reject(new AuthError(404, "passkey_disabled", "Passkeys are disabled"));
}

/** Refuses what belongs to being an OAuth server. */
export function refuseOauthServer(): Promise<Response> {
  return Promise.reject(new AuthError(404, "feature_disabled", "OAuth server is disabled"));
}

/** Refuses the administration of what is switched off, to administrators only. */
export async function refuseAdminFeature(deps: AuthDeps, request: AuthRequest): Promise<Response> {
  await requireAdmin(deps, request);
  if (request.path.startsWith("/admin/sso/")) return await refuseSaml();
  if (request.path.includes("/passkeys")) return await refusePasskeys();
  if (request.path.startsWith("/admin/oauth/")) return await refuseOauthServer();
  throw new AuthError(404, "unknown", "404 page not found");
}
