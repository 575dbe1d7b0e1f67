// list_skills and get_skill as tools of a turn (U60-063, U60-064): the library as the caller's
// organization has set it.
import { z } from "zod";
import { AppError } from "../../errors/app_error.ts";
import { getEntry, getSkill, listSkills, OrgSkill } from "../../skills/get_skill.ts";
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
    const settings = readOrgSkills(context);
    const skills = listSkills(settings)
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
      readsForeignText: skills.some(({ key }) => isOwn(settings, key)),
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
      readsForeignText: isOwn(settings, key),
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
 * Which inputs a document takes.
 *
 * @param context What the turn begins with.
 * @param key The document's key.
 * @returns Their names; none where the organization has no such document.
 */
export function inputsOf(
  context: Pick<TurnContext, "org_skills">,
  key: string,
): ReadonlySet<string> {
  try {
    const { entry } = getEntry(key, readOrgSkills(context));
    return new Set(entry.document.inputs.map(({ name }) => name));
  } catch (cause) {
    // Whoever runs it says that it is not there
    if (cause instanceof AppError && cause.code === "not_found") return new Set();
    throw cause;
  }
}

/** Whoever wrote an organization's own document may have copied it from anywhere. */
function isOwn(settings: readonly OrgSkill[], key: string): boolean {
  return settings.some((own) => own.key === key && own.document !== null);
}

/**
 * Describes the library in a few lines for the model. They stand among its instructions, so nothing of
 * an organization's own documents is in them but the key: get_skill gives those as data.
 *
 * @param context What the turn begins with.
 * @returns `key: what it does`, sequences first.
 */
export function describeSkills(context: Pick<TurnContext, "org_skills">): string {
  const settings = readOrgSkills(context);
  const shipped = new Map(listSkills([]).map(({ key, description }) => [key, description]));
  return listSkills(settings).map(({ key, description }) => {
    const told = isOwn(settings, key) ? shipped.get(key) ?? OWN_DOCUMENT : description;
    return `- ${key}: ${told}`;
  }).join("\n");
}

const OWN_DOCUMENT = "The organization's own; get_skill says what it does.";
