// The four tools as a model is told of them: the same bytes for everybody, so that they can be cached
// (U60-062). What a caller may do with them is decided elsewhere, call by call.
import { z } from "zod";
import type { ToolDeclaration } from "../../model/model_provider.ts";
import { ActionName } from "../actions/action_names.ts";
import { ToolName } from "../contract.ts";

/** What an `execute_action` call must look like. */
export const ExecuteActionArgs = z.strictObject({
  action: ActionName.describe("One of the actions of the index."),
  args: z.record(z.string(), z.unknown()).default({})
    .describe("As the index says. Where an id is wanted, a name will do: it is looked up."),
});

/** A tool that is answered by code, as far as the model is told of it. */
export interface DeclaredTool {
  readonly description: string;
  readonly args: z.ZodType;
}

const EXECUTE_ACTION: DeclaredTool = {
  description:
    "Looks something up, or prepares a change, an email, a message or a meeting as a preview that " +
    "the person confirms. The actions and their arguments are in the index.",
  args: ExecuteActionArgs,
};

/**
 * Declares the tools.
 *
 * @param tools Those that are not `execute_action`.
 * @returns Exactly four, always in the same order.
 */
export function declareTools(
  tools: Readonly<Record<Exclude<z.infer<typeof ToolName>, "execute_action">, DeclaredTool>>,
): readonly ToolDeclaration[] {
  const all = { ...tools, execute_action: EXECUTE_ACTION };
  return [...ToolName.options].sort().map((name) => ({
    name,
    description: all[name].description,
    parameters: schemaOf(all[name].args),
  }));
}

function schemaOf(schema: z.ZodType): Readonly<Record<string, unknown>> {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io: "input", unrepresentable: "any" });
  return JSON.parse(JSON.stringify(rest));
}
