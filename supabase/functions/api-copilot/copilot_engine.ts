// The engine of this isolate: one for as long as it lives. What it remembers between requests belongs
// each to one person in one organization.
import type { ContextCache } from "@shared/copilot/turn/context_cache.ts";
import { RequestFramer } from "@shared/copilot/turn/model_request.ts";
import { openTurnStore } from "@shared/copilot/turn/rpc_turn_store.ts";
import { RunningTurns } from "@shared/copilot/turn/running_turns.ts";
import type { TurnEngine } from "@shared/copilot/turn/turn_engine.ts";
import { TURN_PARTS } from "@shared/copilot/turn/turn_parts.ts";
import type { ModelProvider } from "@shared/model/model_provider.ts";
import type { FunctionDeps } from "../_shared/http/function_deps.ts";
import { openGemini } from "../_shared/providers/gemini.ts";

/**
 * Makes the engine.
 *
 * @param deps Settings and time. The model's settings are read when it is first needed: malformed ones
 *   fail what needs it, and nothing else.
 * @param cache What turns begin with.
 */
export function createEngine(deps: FunctionDeps, cache: ContextCache): TurnEngine {
  let opened: { readonly model: ModelProvider | null } | null = null;
  return {
    parts: TURN_PARTS,
    framer: new RequestFramer(TURN_PARTS),
    cache,
    running: new RunningTurns(),
    openStore: openTurnStore,
    openModel: () => (opened ??= { model: openGemini(deps) }).model,
    wait,
    random: Math.random,
  };
}

function wait(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(finish, ms);
    function finish(): void {
      clearTimeout(timer);
      signal.removeEventListener("abort", finish);
      resolve();
    }
    if (signal.aborted) finish();
    else signal.addEventListener("abort", finish, { once: true });
  });
}
