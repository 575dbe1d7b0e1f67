// Reads what the caller's organization has set for the library, and whose names stand in its documents.
import { z } from "zod";
import type { Person } from "../copilot/actions/action.ts";
import { fromPostgrestError } from "../errors/app_error.ts";
import type { RequestContext } from "../platform/request_context.ts";
import { OrgSkill } from "./get_skill.ts";
import { OrgKnowledge } from "./rules/rule.ts";

const Found = z.object({
  org_id: z.uuid(),
  organization_name: z.string(),
  user_id: z.uuid(),
  first_name: z.string().nullable(),
  full_name: z.string().nullable(),
  email: z.string().nullable(),
  time_zone: z.string(),
  settings: z.array(OrgSkill),
});

/** An organization's settings, and the person who reads them. */
export interface OrgSkills {
  readonly orgId: string;
  readonly organizationName: string;
  readonly person: Person;
  readonly settings: readonly OrgSkill[];
}

/**
 * Reads the settings.
 *
 * @param ctx The caller.
 * @param orgId The organization; null for the caller's active one.
 * @throws {AppError} `organization_not_found`, `no_active_organization` or `mfa_required`.
 */
export async function readOrgSkills(
  ctx: Pick<RequestContext, "db" | "orgId">,
  orgId: string | null,
): Promise<OrgSkills> {
  const { data, error } = await ctx.db.rpc("read_org_skills", { p_org_id: orgId ?? ctx.orgId });
  if (error) throw fromPostgrestError(error);
  const found = Found.parse(data);
  return {
    orgId: found.org_id,
    organizationName: found.organization_name,
    person: {
      id: found.user_id,
      firstName: found.first_name,
      fullName: found.full_name,
      email: found.email,
      timeZone: found.time_zone,
    },
    settings: found.settings,
  };
}

/**
 * Reads what an organization has written about itself.
 *
 * @param ctx The caller, a member of it.
 * @returns Products, competitors and pains; null where nothing is there to be read.
 * @throws {AppError} When the database can't be asked.
 */
export async function readOrgKnowledge(
  ctx: Pick<RequestContext, "db"> & { readonly orgId: string },
): Promise<OrgKnowledge | null> {
  const { data, error } = await ctx.db.from("org_knowledge")
    .select("org_id, products, competitors, pain_points").eq("org_id", ctx.orgId).maybeSingle();
  if (error) throw fromPostgrestError(error);
  return data === null ? null : OrgKnowledge.parse(data);
}
