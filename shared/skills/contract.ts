// What clients of the library's operations get.
import { z } from "zod";
import { ListedSkill } from "../copilot/panels/playbook_skills.ts";
import { CompiledSkill } from "./get_skill.ts";

/** What an organization can have done. */
export const SkillList = z.array(ListedSkill);

/** A document, compiled for the caller, with what their organization has set. */
export const SkillDetail = CompiledSkill.extend({
  variables: z.array(z.strictObject({
    name: z.string(),
    description: z.string(),
    value: z.union([z.string(), z.number(), z.boolean()]),
    default: z.union([z.string(), z.number(), z.boolean()]),
  })),
  is_own: z.boolean().describe("Whether the organization has put a document of its own in place."),
  library_versions: z.array(z.int()).describe("Versions that it can be held at."),
});
/** See the schema of the same name. */
export type SkillDetail = z.infer<typeof SkillDetail>;
