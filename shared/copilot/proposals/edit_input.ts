// How a person says what is to be otherwise about a preview.
import { z } from "zod";

/** What is to be otherwise. */
export const EditInput = z.strictObject({
  effect: z.int().min(0).max(9).default(0).describe(
    "Which of the action's effects, from 0.",
  ),
  changes: z.record(z.string().max(60), z.json())
    .describe(
      "Arguments of the effect's own action that change, such as `subject` or `body`.",
    ),
}).describe("What is to be otherwise about a preview.");
/** See the schema of the same name. */
export type EditInput = z.infer<typeof EditInput>;
