// /admin/users: people as a server with the secret key makes, lists, changes and deletes them.

import { actingAdmin, recordAudit } from "./audit.ts";
import type { AuthDeps } from "./auth_deps.ts";
import { AuthError, internalError } from "./auth_error.ts";
import {
  type AuthRequest,
  isUuid,
  looseFlag,
  readBody,
  requestAudience,
  requireAdmin,
} from "./auth_request.ts";
import { z } from "zod";
import { applyAdminUpdate, createByAdmin, readAdminUser } from "./admin_user_changes.ts";
import { softDeleteUser } from "./soft_delete_user.ts";
import { loadUserJson, userJson } from "./user_json.ts";
import { findUserById, type JsonObject, listUsers, type UserRow } from "./users.ts";

const DEFAULT_PER_PAGE = 50;

const deleteBody = z.object({ should_soft_delete: looseFlag });

/** Answers POST /admin/users. */
export async function createUser(deps: AuthDeps, request: AuthRequest): Promise<Response> {
  const role = await requireAdmin(deps, request);
  const params = await readAdminUser(request);
  const user = await createByAdmin(deps, params, requestAudience(request), actingAdmin(role));
  return Response.json(await loadUserJson(deps.db, user));
}

/** Answers GET /admin/users, with the hosted service's paging headers. */
export async function listUsersForAdmin(deps: AuthDeps, request: AuthRequest): Promise<Response> {
  await requireAdmin(deps, request);
  const page = readCount(request, "page", 1);
  const perPage = readCount(request, "per_page", DEFAULT_PER_PAGE);
  const audience = requestAudience(request);
  const { users, total } = await listUsers(
    deps.db,
    audience,
    { limit: perPage, offset: (page - 1) * perPage },
    request.query.get("filter") ?? "",
    readDirection(request),
  );
  const body = {
    users: users.map((user) => userJson(user, { identities: null, factors: [] })),
    aud: audience,
  };
  return Response.json(body, { headers: pageHeaders(request, page, perPage, total) });
}

/** Answers GET /admin/users/:id. */
export async function getUser(deps: AuthDeps, request: AuthRequest): Promise<Response> {
  await requireAdmin(deps, request);
  return Response.json(await loadUserJson(deps.db, await requireTarget(deps, request)));
}

/** Answers PUT /admin/users/:id. */
export async function updateUserForAdmin(deps: AuthDeps, request: AuthRequest): Promise<Response> {
  const role = await requireAdmin(deps, request);
  const target = await requireTarget(deps, request);
  const params = await readAdminUser(request);
  const user = await applyAdminUpdate(deps, target, params, actingAdmin(role));
  return Response.json(await loadUserJson(deps.db, user));
}

/** Answers DELETE /admin/users/:id. */
export async function deleteUser(deps: AuthDeps, request: AuthRequest): Promise<Response> {
  const role = await requireAdmin(deps, request);
  const target = await requireTarget(deps, request);
  const { should_soft_delete: isSoft } = await readOptionalBody(request);
  await deps.db.transaction(async (tx) => {
    const traits = auditTraits(target);
    await recordAudit(tx, actingAdmin(role), "user_deleted", deps.now(), { traits });
    if (!isSoft) {
      try {
        await tx.query("delete from auth.users where id = $1", [target.id]);
      } catch (cause) {
        throw internalError("Database error deleting user", cause);
      }
    } else if (!target.deleted_at) {
      await softDeleteUser(tx, target, deps.now());
    }
  });
  return Response.json({});
}

/** Finds the user that a route is about. */
export async function requireTarget(deps: AuthDeps, request: AuthRequest): Promise<UserRow> {
  const { userId } = request.params;
  if (!isUuid(userId)) throw new AuthError(404, "validation_failed", "user_id must be an UUID");
  const user = await findUserById(deps.db, userId);
  if (!user) throw new AuthError(404, "user_not_found", "User not found");
  return user;
}

function auditTraits(user: UserRow): JsonObject {
  return { user_id: user.id, user_email: user.email ?? "", user_phone: user.phone ?? "" };
}

async function readOptionalBody(request: AuthRequest): Promise<z.output<typeof deleteBody>> {
  const hasBody = (await request.raw.clone().text()) !== "";
  return hasBody ? await readBody(request, deleteBody) : { should_soft_delete: false };
}

function readCount(request: AuthRequest, name: string, fallback: number): number {
  const text = request.query.get(name) ?? "";
  if (text === "") return fallback;
  if (!/^\d{1,9}$/.test(text)) {
    const reason = `strconv.ParseUint: parsing "${text}": invalid syntax`;
    throw new AuthError(400, "validation_failed", `Bad Pagination Parameters: ${reason}`);
  }
  return Math.max(1, Number(text));
}

function readDirection(request: AuthRequest): "asc" | "desc" {
  const sort = request.query.get("sort");
  if (sort === null) return "desc";
  const [field, direction = "desc"] = sort.split(" ", 2);
  const asked = direction.toLowerCase();
  if (field !== "created_at") {
    const reason = `bad field for sort '${field}'`;
    throw new AuthError(400, "validation_failed", `Bad Sort Parameters: ${reason}`);
  }
  if (asked === "asc" || asked === "desc") return asked;
  const reason = `bad direction for sort '${direction}', only 'asc' and 'desc' allowed`;
  throw new AuthError(400, "validation_failed", `Bad Sort Parameters: ${reason}`);
}

// Clients read the page number from the first parameter of each link.
function pageHeaders(
  request: AuthRequest,
  page: number,
  perPage: number,
  total: number,
): Record<string, string> {
  const pages = Math.ceil(total / perPage);
  function link(toPage: number, relation: string): string {
    const query = new URLSearchParams(request.query);
    query.set("page", String(toPage));
    query.sort();
    return `<${request.path}?${query}>; rel="${relation}"`;
  }
  const links = [...(pages > page ? [link(page + 1, "next")] : []), link(pages, "last")];
  return { link: links.join(", "), "x-total-count": String(total) };
}
