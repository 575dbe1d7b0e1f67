// list_skills and get_skill as tools of a turn (U60-063, U60-064): the library as the caller's
// organization has set it.
import { z } from "zod";
import { getSkill, listSkills, OrgSkill } from "../../skills/get_skill.ts";
import { SkillKey } from "../../skills/document.ts";
import { skillListPanel } from "../panels/playbook_skills.ts";
import type { TurnTool } from "../turn/parts.ts";
import type { TurnContext } from "../turn/turn_store.ts";

const ListArgs = z.strictObject({
  category: z.enum(["meetings", "deals", "pipeline", "outreach", "accounts", "conversations"])
    .optional(),
});
const GetArgs = z.strictObject({ key: SkillKey.describe("Of the index, or of list_skills.") });

/** `list_skills`. */
export const listSkillsTool: TurnTool = {
  description: "Lists the skills and sequences that the person's organization has switched on.",
  label: "Looking up what I can do",
  args: ListArgs,
  explainArgs: (args) => {
    const { category } = ListArgs.parse(args);
    return category === undefined ? {} : { category };
  },
  run(_, args, context) {
    const { category } = ListArgs.parse(args);
    const skills = listSkills(readOrgSkills(context))
      .filter((skill) => category === undefined || skill.category === category);
    const panel = { type: "skill_list" as const, version: 1 as const, skills };
    return Promise.resolve({
      data: {
        skills: skills.map(({ key, kind, name, description }) => ({
          key,
          kind,
          name,
          description,
        })),
      },
      count: skills.length,
      evidence: [],
      panel,
      text: skillListPanel.describe(panel),
      readsForeignText: false,
    });
  },
};

/** `get_skill`. */
export const getSkillTool: TurnTool = {
  description: "Gives one skill or sequence: how it is done well, its steps and its inputs.",
  label: "Reading a skill",
  args: GetArgs,
  explainArgs: (args) => ({ key: GetArgs.parse(args).key }),
  run(ctx, args, context) {
    const { key } = GetArgs.parse(args);
    const settings = readOrgSkills(context);
    const skill = getSkill(key, settings, ctx, ctx.clock.now());
    return Promise.resolve({
      data: { skill },
      count: 1,
      evidence: [],
      panel: null,
      text: `${skill.name}: ${skill.description}`,
      // Whoever wrote an organization's own document may have copied it from anywhere
      readsForeignText: settings.some((own) => own.key === key && own.document !== null),
    });
  },
};

/**
 * Reads what an organization has set; an entry that nobody understands counts as not set.
 *
 * @param context What the turn begins with.
 */
export function readOrgSkills(context: Pick<TurnContext, "org_skills">): OrgSkill[] {
  return context.org_skills.flatMap((setting) => {
    const parsed = OrgSkill.safeParse(setting);
    return parsed.success ? [parsed.data] : [];
  });
}

/**
 * Describes the library in a few lines for the model.
 *
 * @param context What the turn begins with.
 * @returns `key: what it does`, sequences first.
 */
export function describeSkills(context: Pick<TurnContext, "org_skills">): string {
  return listSkills(readOrgSkills(context))
    .map(({ key, description }) => `- ${key}: ${description}`).join("\n");
}
