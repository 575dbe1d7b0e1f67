// Operations about the skill library: members see what their organization can have done, admins set it.
import {
  SkillPath,
  SkillSettings,
  SkillSettingsInput,
  SkillsQuery,
} from "@shared/skills/settings.ts";
import type { Api } from "../_shared/http/create_api.ts";

/** Loaded with the first question about it: the library is large. */
const library = async () => ({
  ...await import("@shared/skills/contract.ts"),
  ...await import("@shared/skills/get_skill.ts"),
  ...await import("@shared/skills/read_org_skills.ts"),
  ...await import("@shared/skills/set_org_skill.ts"),
});

const ORG_ERRORS = [
  "organization_not_found",
  "no_active_organization",
  "mfa_required",
] as const;

/**
 * Adds the operations.
 *
 * @param api The api.
 */
export function addSkillOperations(api: Api): void {
  api.operation({
    operation: "copilot.list_skills",
    method: "get",
    path: "/skills",
    summary: "Lists the skills and sequences that the organization has switched on.",
    query: SkillsQuery,
    response: async () => (await library()).SkillList,
    errors: ORG_ERRORS,
  }, async (ctx, { query }) => {
    const { listSkills, readOrgSkills } = await library();
    const { settings } = await readOrgSkills(ctx, query.org_id ?? null);
    return { data: listSkills(settings) };
  });

  api.operation({
    operation: "copilot.get_skill",
    method: "get",
    path: "/skills/:key",
    summary: "Reads one, compiled for the caller's organization, with its variables.",
    params: SkillPath,
    query: SkillsQuery,
    response: async () => (await library()).SkillDetail,
    errors: [...ORG_ERRORS, "not_found"],
  }, async (ctx, { params, query }) => {
    const { describeSettings, getSkill, readOrgSkills } = await library();
    const org = await readOrgSkills(ctx, query.org_id ?? null);
    const skill = getSkill(params.key, org.settings, org, ctx.clock.now());
    return {
      data: { ...skill, ...describeSettings(params.key, org.settings) },
    };
  });

  api.operation({
    operation: "copilot.set_skill",
    method: "put",
    path: "/skills/:key",
    summary: "Sets whether it is on, its version, variables and own document; for admins.",
    params: SkillPath,
    body: SkillSettingsInput,
    response: SkillSettings,
    errors: [...ORG_ERRORS, "forbidden", "not_found", "conflict"],
  }, async (ctx, { params, body }) => {
    const { readOrgSkills, setOrgSkill } = await library();
    const { org_id: orgId, ...input } = body;
    const org = await readOrgSkills(ctx, orgId ?? null);
    return { data: await setOrgSkill(ctx, org.orgId, params.key, input) };
  });
}
