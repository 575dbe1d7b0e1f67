// /admin/users/:id/factors: other people's second factors, for whoever lost their telephone.

import { z } from "zod";
import { actingAdmin, actingUser, recordAudit } from "./audit.ts";
import { requireTarget } from "./admin_users.ts";
import type { AuthDeps } from "./auth_deps.ts";
import { AuthError } from "./auth_error.ts";
import {
  type AuthRequest,
  clientOrigin,
  isUuid,
  looseText,
  readBody,
  requireAdmin,
} from "./auth_request.ts";
import { deleteFactor, type FactorRow, findFactor, listFactors, updateFactor } from "./factors.ts";
import { factorJson } from "./user_json.ts";
import type { UserRow } from "./users.ts";

const factorBody = z.object({ friendly_name: looseText, phone: looseText });

/** Answers GET /admin/users/:id/factors. */
export async function listFactorsForAdmin(
  deps: AuthDeps,
  request: AuthRequest,
): Promise<Response> {
  await requireAdmin(deps, request);
  const user = await requireTarget(deps, request);
  const factors = await listFactors(deps.db, user.id);
  return Response.json(factors.map(factorJson));
}

/** Answers PUT /admin/users/:id/factors/:factor. */
export async function updateFactorForAdmin(
  deps: AuthDeps,
  request: AuthRequest,
): Promise<Response> {
  const role = await requireAdmin(deps, request);
  const { user, factor } = await requireTargetFactor(deps, request);
  const body = await readBody(request, factorBody);
  const changed = await deps.db.transaction(async (tx) => {
    const now = deps.now();
    const traits = { user_id: user.id, factor_id: factor.id, factor_type: factor.factor_type };
    await recordAudit(tx, actingAdmin(role), "factor_updated", now, { traits });
    if (body.friendly_name === "") return factor;
    return await updateFactor(tx, factor.id, { friendlyName: body.friendly_name }, now) ?? factor;
  });
  return Response.json(factorJson(changed));
}

/** Answers DELETE /admin/users/:id/factors/:factor; the person's sessions fall back to aal1. */
export async function deleteFactorForAdmin(
  deps: AuthDeps,
  request: AuthRequest,
): Promise<Response> {
  await requireAdmin(deps, request);
  const { user, factor } = await requireTargetFactor(deps, request);
  await deps.db.transaction(async (tx) => {
    const traits = { user_id: user.id, factor_id: factor.id };
    const { ipAddress } = clientOrigin(request);
    await recordAudit(tx, actingUser(user), "factor_deleted", deps.now(), { ipAddress, traits });
    await deleteFactor(tx, factor);
  });
  return Response.json(factorJson(factor));
}

async function requireTargetFactor(
  deps: AuthDeps,
  request: AuthRequest,
): Promise<{ user: UserRow; factor: FactorRow }> {
  const user = await requireTarget(deps, request);
  const { factorId } = request.params;
  if (!isUuid(factorId)) {
    throw new AuthError(404, "validation_failed", "factor_id must be an UUID");
  }
  const factor = await findFactor(deps.db, user.id, factorId);
  if (!factor) throw new AuthError(404, "mfa_factor_not_found", "Factor not found");
  return { user, factor };
}
