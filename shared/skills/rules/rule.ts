// What a rule is: the same rows give the same findings, without a model.
import { z } from "zod";
import type { PlaybookItem } from "../../copilot/panels/playbook.ts";

/** What a rule knows beside the rows. */
export interface RuleContext {
  /** When the run was begun. */
  readonly now: Date;
  /** That day, in the person's zone, as `2026-11-23`. */
  readonly today: string;
  readonly timeZone: string;
  readonly organizationName: string;
  /** What the person is called; null where it is not known. */
  readonly firstName: string | null;
  /** The person's own address, which is never written to. */
  readonly email: string | null;
}

/** What a rule found. */
export interface RuleResult {
  /** What a panel shows; each with the rows that it rests on. */
  readonly items: readonly PlaybookItem[];
  /** What later steps use, such as the parts of a draft. */
  readonly values: Readonly<Record<string, unknown>>;
}

/** Works findings out from rows. */
export type Rule = (from: Readonly<Record<string, unknown>>, context: RuleContext) => RuleResult;

/** What an organization has written about itself. */
export const OrgKnowledge = z.object({
  org_id: z.uuid(),
  products: z.array(z.string()).default([]),
  competitors: z.array(z.object({ name: z.string(), positioning: z.string().nullish() }))
    .default([]),
  pain_points: z.array(z.string()).default([]),
});
/** See the schema of the same name. */
export type OrgKnowledge = z.infer<typeof OrgKnowledge>;
