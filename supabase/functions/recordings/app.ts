// Recordings, as people and operators see them. Trust boundary: a user's token; every operation runs
// with the caller's own authority, and what they may not read does not exist.
import { type Api, createApi } from "../_shared/http/create_api.ts";
import { type FunctionDeps, productionDeps } from "../_shared/http/function_deps.ts";
import { addBotOperations } from "./bot_operations.ts";
import { addOperatorOperations } from "./operator_operations.ts";
import { addRecordingOperations } from "./recording_operations.ts";
import { addStorageUsage } from "./storage_usage_operations.ts";

/**
 * Builds `recordings`.
 *
 * @param deps Its surroundings; tests pass their own.
 * @returns The function.
 */
export function createApp(deps: FunctionDeps = productionDeps()): Api {
  const api = createApi("recordings", deps);
  // Before the paths that any one part fits
  addStorageUsage(api);
  addOperatorOperations(api);
  addBotOperations(api);
  addRecordingOperations(api, deps);
  return api;
}
