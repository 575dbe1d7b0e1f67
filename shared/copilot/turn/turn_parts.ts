// Which parts a turn is put together from.
import { z } from "zod";
import { AppError } from "../../errors/app_error.ts";
import { READ_ACTION_CATALOGUE } from "../actions/catalogue.ts";
import { guardText } from "../guard/guard_text.ts";
import { readReply } from "../replies/read_reply.ts";
import { routeMessage } from "../routing/route_message.ts";
import { resolveEntityTool } from "../tools/resolve_entity_tool.ts";
import type { TurnParts, TurnTool } from "./parts.ts";

const NOTHING: TurnTool = {
  description: "Lists skills.",
  label: "Looking up skills",
  args: z.strictObject({}),
  explainArgs: () => ({}),
  run: () =>
    Promise.resolve({
      data: {},
      count: 0,
      evidence: [],
      panel: null,
      text: "",
      readsForeignText: false,
    }),
};

/** The parts of every turn. */
export const TURN_PARTS: TurnParts = {
  routeMessage,
  readReply,
  guardText,
  readActions: READ_ACTION_CATALOGUE,
  proposeActions: {},
  propose: () => Promise.reject(new AppError("not_configured")),
  confirm: () => Promise.reject(new AppError("not_configured")),
  cancel: () => Promise.reject(new AppError("not_configured")),
  previewPanel: () => null,
  tools: { list_skills: NOTHING, get_skill: NOTHING, resolve_entity: resolveEntityTool },
  run: () => Promise.reject(new AppError("not_configured")),
  runArgs: {
    run_skill: z.strictObject({
      key: z.string(),
      inputs: z.record(z.string(), z.unknown()).default({}),
    }),
    run_sequence: z.strictObject({
      key: z.string(),
      inputs: z.record(z.string(), z.unknown()).default({}),
      is_simulation: z.literal(true).default(true),
    }),
  },
  readSelection: () => null,
  compileSystemPrompt: (context, index) =>
    `You help ${context.first_name ?? "a person"}.\n\nACTIONS\n${index}`,
};
