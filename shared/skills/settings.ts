// What is asked of the library's operations, and what an organization has set. Apart from what they
// answer, which hangs on the whole library.
import { z } from "zod";
import { SkillKey } from "./document.ts";

/** Which organization; the active one where this is missing. */
export const SkillsQuery = z.strictObject({
  org_id: z.uuid().optional()
    .describe("One of the caller's organizations; the active one where this is missing."),
});
/** See the schema of the same name. */
export type SkillsQuery = z.infer<typeof SkillsQuery>;

/** A document in an address. */
export const SkillPath = z.strictObject({ key: SkillKey });

/** What an admin sets; all of it replaces what was set before. */
export const SkillSettingsInput = z.strictObject({
  org_id: z.uuid().optional(),
  is_active: z.boolean().default(true),
  version: z.int().positive().nullable().default(null)
    .describe("Holds the document at a version; null follows the library."),
  variables: z.record(z.string(), z.union([z.string().max(500), z.number(), z.boolean()]))
    .default({}),
  document: z.string().min(1).max(40_000).nullable().default(null)
    .describe(
      "The organization's own document, front matter and Markdown; null uses the library's.",
    ),
});
/** See the schema of the same name. */
export type SkillSettingsInput = z.infer<typeof SkillSettingsInput>;

/** What is set now. */
export const SkillSettings = z.strictObject({
  key: SkillKey,
  is_active: z.boolean(),
  version: z.int().nullable(),
  variables: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
  has_own_document: z.boolean(),
  document_sha256: z.string().nullable(),
});
/** See the schema of the same name. */
export type SkillSettings = z.infer<typeof SkillSettings>;
