// /_mailbox: reading the mails that development captures. The codes in them sign people in, so it
// takes the secret key.

import type { AuthDeps } from "./auth_deps.ts";
import { type AuthRequest, requireAdmin } from "./auth_request.ts";

/** Answers GET /_mailbox, or of one person with `?to=`. */
export async function readMailbox(deps: AuthDeps, request: AuthRequest): Promise<Response> {
  await requireAdmin(deps, request);
  return Response.json(deps.mailbox.list(request.query.get("to") ?? undefined));
}

/** Answers DELETE /_mailbox. */
export async function clearMailbox(deps: AuthDeps, request: AuthRequest): Promise<Response> {
  await requireAdmin(deps, request);
  deps.mailbox.clear();
  return new Response(null, { status: 204 });
}
