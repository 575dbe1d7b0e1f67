// Which parts a turn is put together from.
import { AppError } from "../../errors/app_error.ts";
import { READ_ACTION_CATALOGUE } from "../actions/catalogue.ts";
import { guardText } from "../guard/guard_text.ts";
import { compileSystemPrompt } from "../persona/compile_system_prompt.ts";
import { readReply } from "../replies/read_reply.ts";
import { routeMessage } from "../routing/route_message.ts";
import { MemoryWorkflowStore } from "../../skills/memory_workflow_store.ts";
import { type LibraryHandles, RUN_ARGS, runLibrary } from "../tools/run_library.ts";
import { describeSkills, getSkillTool, listSkillsTool } from "../tools/skill_tools.ts";
import { resolveEntityTool } from "../tools/resolve_entity_tool.ts";
import type { TurnParts } from "./parts.ts";

const LIBRARY: LibraryHandles = {
  openStore: ({ ctx }) => new MemoryWorkflowStore(() => ctx.clock.now()),
  readKnowledge: () => Promise.resolve(null),
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
  tools: {
    list_skills: listSkillsTool,
    get_skill: getSkillTool,
    resolve_entity: resolveEntityTool,
  },
  run: (handles, name, args) => runLibrary(LIBRARY, handles, name, args),
  runArgs: RUN_ARGS,
  readSelection: () => null,
  describeSkills,
  compileSystemPrompt: ({ persona, time_zone: timeZone }, skillsIndex, now) =>
    compileSystemPrompt({ persona, skillsIndex, date: { now, timeZone } }),
};
