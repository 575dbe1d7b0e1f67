// The copilot. Trust boundary: a user's token; everything an answer rests on is read with the
// caller's own rights, and conversations by functions that know nobody but their owner.
import { ContextCache } from "@shared/copilot/turn/context_cache.ts";
import { type Api, createApi } from "../_shared/http/create_api.ts";
import { type FunctionDeps, productionDeps } from "../_shared/http/function_deps.ts";
import { addActionOperations } from "./action_operations.ts";
import { addChatOperations } from "./chat_operations.ts";
import { addConversationOperations } from "./conversation_operations.ts";
import { addPanelOperations } from "./panel_operations.ts";
import { addSkillOperations } from "./skill_operations.ts";

/**
 * Builds `api-copilot`.
 *
 * @param deps Its surroundings; tests pass their own.
 * @returns The function.
 */
export function createApp(deps: FunctionDeps = productionDeps()): Api {
  const api = createApi("api-copilot", deps);
  const cache = new ContextCache(() => deps.clock.now().getTime());
  addChatOperations(api, deps, cache);
  addActionOperations(api);
  addConversationOperations(api, cache);
  addPanelOperations(api);
  addSkillOperations(api);
  return api;
}
