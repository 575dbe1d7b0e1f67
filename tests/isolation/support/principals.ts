// Who tries: every role of one organization, a person in both, and those who should get nothing.
import { createHash } from "node:crypto";

/**
 * How the organizations are set while cells run. `open`: ours shares everything, the rivals nothing;
 * `closed`: the other way round; `strict`: as open, and our admin powers ask for a second factor.
 */
export const MODES = ["open", "closed", "strict"] as const;
export type Mode = typeof MODES[number];

/** Somebody, or something, that tries. */
export interface Principal {
  readonly name: string;
  /** Database role of the request. */
  readonly role: "anon" | "authenticated" | "service_role";
  /** Memberships: organization and role in it. */
  readonly memberships: ReadonlyArray<{ org: OrgName; role: string; status: string }>;
}

export type OrgName = "ours" | "rivals";

/**
 * Everybody in the matrix; the order is the one of the expectations file. `both` and `twice` belong
 * to both organizations, as manager and as admin; `guest` is an admin of ours who may only look at
 * the rivals'.
 */
export const PRINCIPALS: readonly Principal[] = [
  member("owner"),
  member("admin"),
  member("manager"),
  member("agent"),
  member("viewer"),
  {
    name: "both",
    role: "authenticated",
    memberships: [active("ours", "manager"), active("rivals", "manager")],
  },
  {
    name: "twice",
    role: "authenticated",
    memberships: [active("ours", "admin"), active("rivals", "admin")],
  },
  {
    name: "guest",
    role: "authenticated",
    memberships: [active("ours", "admin"), active("rivals", "viewer")],
  },
  { name: "rival", role: "authenticated", memberships: [active("rivals", "owner")] },
  {
    name: "suspended",
    role: "authenticated",
    memberships: [{ org: "ours", role: "admin", status: "suspended" }],
  },
  { name: "stranger", role: "authenticated", memberships: [] },
  { name: "signed_out", role: "authenticated", memberships: [active("ours", "owner")] },
  { name: "anon", role: "anon", memberships: [] },
  { name: "service", role: "service_role", memberships: [] },
];

/** People who own rows and never try anything themselves. */
export const BYSTANDERS: readonly Principal[] = [
  { name: "colleague", role: "authenticated", memberships: [active("ours", "manager")] },
  { name: "foreigner", role: "authenticated", memberships: [active("rivals", "manager")] },
];

function member(role: string): Principal {
  return { name: role, role: "authenticated", memberships: [active("ours", role)] };
}

function active(org: OrgName, role: string): { org: OrgName; role: string; status: string } {
  return { org, role, status: "active" };
}

/** A stable uuid for a name, so that a failing cell can be looked up by hand. */
export function idOf(name: string): string {
  const hex = createHash("md5").update(`isolation:${name}`).digest("hex");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

/** Claims of the principal's token; a signed-out person still holds one whose session is gone. */
export function claimsOf(principal: Principal): Record<string, unknown> | null {
  if (principal.role === "anon") return { role: "anon" };
  if (principal.role === "service_role") return { role: "service_role" };
  return {
    iss: "http://127.0.0.1:54321/auth/v1",
    aud: "authenticated",
    role: "authenticated",
    sub: idOf(principal.name),
    session_id: idOf(`session of ${principal.name}`),
    aal: "aal1",
    is_anonymous: false,
  };
}
