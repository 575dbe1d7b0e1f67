// Every path that the auth room answers, as clients of the hosted service know them.

import {
  deleteFactorForAdmin,
  listFactorsForAdmin,
  updateFactorForAdmin,
} from "./admin_factors.ts";
import { generateLink, invite } from "./admin_invitations.ts";
import {
  createUser,
  deleteUser,
  getUser,
  listUsersForAdmin,
  updateUserForAdmin,
} from "./admin_users.ts";
import type { AuthDeps } from "./auth_deps.ts";
import type { AuthRequest } from "./auth_request.ts";
import { clearMailbox, readMailbox } from "./captured_mail.ts";
import { health, openidConfiguration, publicSettings, publishedKeys } from "./discovery.ts";
import { magicLink, reauthenticate, recover, resend, sendOtp } from "./email_flows.ts";
import { getOwnUser, updateOwnUser } from "./own_user.ts";
import { challengeFactor, enrollFactor, unenrollFactor, verifyFactor } from "./second_factors.ts";
import { signOut } from "./sign_out.ts";
import { signUp } from "./sign_up.ts";
import { grantToken } from "./token_grants.ts";
import { unlinkIdentity } from "./unlink_identity.ts";
import {
  refuseAdminFeature,
  refuseLinking,
  refuseOauthServer,
  refusePasskeys,
  refuseProvider,
  refuseSaml,
} from "./unsupported.ts";
import { verifyByLink, verifyByPost } from "./verify.ts";

/** Answers one kind of request. */
export type RouteHandler = (deps: AuthDeps, request: AuthRequest) => Response | Promise<Response>;

/** A path pattern and who answers it for each method. */
export interface Route {
  readonly pattern: URLPattern;
  readonly methods: Readonly<Record<string, RouteHandler>>;
}

/** The route table, first match first. */
export const ROUTES: readonly Route[] = [
  route("/health", { GET: health }),
  route("/settings", { GET: publicSettings }),
  route("/.well-known/jwks.json", { GET: publishedKeys }),
  route("/.well-known/openid-configuration", { GET: openidConfiguration }),
  route("/.well-known/oauth-authorization-server", { GET: refuseOauthServer }),

  route("/signup", { POST: signUp }),
  route("/token", { POST: grantToken }),
  route("/logout", { POST: signOut }),
  route("/verify", { GET: verifyByLink, POST: verifyByPost }),
  route("/recover", { POST: recover }),
  route("/otp", { POST: sendOtp }),
  route("/magiclink", { POST: magicLink }),
  route("/resend", { POST: resend }),
  route("/reauthenticate", { GET: reauthenticate }),

  route("/user", { GET: getOwnUser, PUT: updateOwnUser }),
  route("/user/identities/authorize", { GET: refuseLinking }),
  route("/user/identities/:identityId", { DELETE: unlinkIdentity }),
  route("/factors", { POST: enrollFactor }),
  route("/factors/:factorId", { DELETE: unenrollFactor }),
  route("/factors/:factorId/challenge", { POST: challengeFactor }),
  route("/factors/:factorId/verify", { POST: verifyFactor }),

  route("/invite", { POST: invite }),
  route("/admin/generate_link", { POST: generateLink }),
  route("/admin/users", { GET: listUsersForAdmin, POST: createUser }),
  route("/admin/users/:userId", {
    GET: getUser,
    PUT: updateUserForAdmin,
    DELETE: deleteUser,
  }),
  route("/admin/users/:userId/factors", { GET: listFactorsForAdmin }),
  route("/admin/users/:userId/factors/:factorId", {
    PUT: updateFactorForAdmin,
    DELETE: deleteFactorForAdmin,
  }),
  route("/admin/*", everyMethod(refuseAdminFeature)),

  route("/authorize", { GET: refuseProvider }),
  route("/callback", { GET: refuseProvider, POST: refuseProvider }),
  route("/sso{/*}?", everyMethod(refuseSaml)),
  route("/passkeys{/*}?", everyMethod(refusePasskeys)),
  route("/oauth/*", everyMethod(refuseOauthServer)),
  route("/user/oauth/*", everyMethod(refuseOauthServer)),

  route("/_mailbox", { GET: readMailbox, DELETE: clearMailbox }),
];

function route(pathname: string, methods: Record<string, RouteHandler>): Route {
  return { pattern: new URLPattern({ pathname }), methods };
}

function everyMethod(handler: RouteHandler): Record<string, RouteHandler> {
  return { GET: handler, POST: handler, PUT: handler, PATCH: handler, DELETE: handler };
}
