// Which parts a turn is put together from.
import { READ_ACTION_CATALOGUE } from "../actions/catalogue.ts";
import { PROPOSE_ACTION_CATALOGUE } from "../actions/propose/catalogue.ts";
import { askAbout, readAmbiguity } from "../clarify/ask_about_message.ts";
import { readChoice, readSelection } from "../clarify/read_choice.ts";
import { PlainArgs } from "../clarify/reference_places.ts";
import { resolveInputs, resolveReferences } from "../clarify/resolve_references.ts";
import { buildActionPreview } from "../panels/action_preview.ts";
import { readAction } from "../proposals/decide_action.ts";
import { proposeAction } from "../proposals/propose_action.ts";
import { cancelByReply, confirmByReply } from "../tools/decide_action_by_reply.ts";
import { guardText } from "../guard/guard_text.ts";
import { compileSystemPrompt } from "../persona/compile_system_prompt.ts";
import { readReply } from "../replies/read_reply.ts";
import { routeMessage } from "../routing/route_message.ts";
import { DatabaseWorkflowStore } from "../../skills/database_workflow_store.ts";
import { type LibraryHandles, RUN_ARGS, runLibrary } from "../tools/run_library.ts";
import { describeSkills, getSkillTool, inputsOf, listSkillsTool } from "../tools/skill_tools.ts";
import { resolveEntityTool } from "../tools/resolve_entity_tool.ts";
import { readOrgKnowledge } from "../../skills/read_org_skills.ts";
import type { TurnParts } from "./parts.ts";

const LIBRARY: LibraryHandles = {
  openStore: ({ ctx, turnId, worker }) => new DatabaseWorkflowStore(ctx.db, turnId, worker),
  readKnowledge: ({ ctx }) => readOrgKnowledge(ctx),
};

/** The parts of every turn. */
export const TURN_PARTS: TurnParts = {
  routeMessage,
  readReply,
  guardText,
  readActions: READ_ACTION_CATALOGUE,
  proposeActions: PROPOSE_ACTION_CATALOGUE,
  propose: proposeAction,
  confirm: confirmByReply,
  cancel: cancelByReply,
  readPending: async (ctx, id) => (await readAction(ctx, id)).action,
  previewPanel: buildActionPreview,
  tools: {
    list_skills: listSkillsTool,
    get_skill: getSkillTool,
    resolve_entity: resolveEntityTool,
  },
  run: (handles, name, args) => runLibrary(LIBRARY, handles, name, args),
  runArgs: RUN_ARGS,
  resolveReferences,
  resolveInputs: (ctx, { action, args }, context) => {
    const plain = PlainArgs.parse(args);
    return resolveInputs(ctx, { action, args: plain }, inputsOf(context, String(plain["key"])));
  },
  readSelection,
  readChoice,
  readAmbiguity,
  askAbout,
  describeSkills,
  compileSystemPrompt: ({ persona, time_zone: timeZone }, skillsIndex, now) =>
    compileSystemPrompt({ persona, skillsIndex, date: { now, timeZone } }),
};
