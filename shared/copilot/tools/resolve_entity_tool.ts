// resolve_entity as a tool of a turn.
import type { TurnTool } from "../turn/parts.ts";
import { RESOLVE_ENTITY_DESCRIPTION, resolveEntity, ResolveEntityArgs } from "./resolve_entity.ts";

/** The tool. */
export const resolveEntityTool: TurnTool = {
  description: RESOLVE_ENTITY_DESCRIPTION,
  label: "Working out who is meant",
  args: ResolveEntityArgs,
  explainArgs: (args) => ({ kinds: ResolveEntityArgs.parse(args).kinds?.join(", ") ?? "any" }),
  async run(ctx, args) {
    const { result, evidence } = await resolveEntity(ctx, ResolveEntityArgs.parse(args));
    const names = result.candidates.map(({ label }) => label).join(", ");
    return {
      data: result,
      count: result.total,
      evidence,
      panel: null,
      text: names === "" ? "I found nobody and nothing of that name." : `I found: ${names}.`,
      // The model reads the names, and but for colleagues' somebody outside has chosen them
      readsForeignText: result.candidates.some(({ kind }) => kind !== "colleague"),
    };
  },
};
