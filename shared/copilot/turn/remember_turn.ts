// What the next turn can begin with, once one has ended.
import type { ChatAnswer } from "../contract.ts";
import type { ContextCache, ContextKey } from "./context_cache.ts";
import type { ResumedTurn, TurnContext } from "./turn_store.ts";

/** A turn that has ended. */
export interface EndedTurn {
  readonly key: ContextKey | null;
  readonly input: { readonly message: string };
  readonly resumed: ResumedTurn | null;
}

/**
 * Remembers what a turn ended with.
 *
 * @param cache Where.
 * @param turn The turn; nothing is remembered of one that was continued.
 * @param context What it began with.
 * @param answer What was answered; null where nothing was stored.
 */
export function rememberTurn(
  cache: ContextCache,
  { key, input, resumed }: EndedTurn,
  context: TurnContext,
  answer: ChatAnswer | null,
): void {
  if (key === null || resumed !== null) return;
  const remembered = { ...key, conversationId: context.conversation_id };
  // What the next conversation begins with, and what this one goes on with
  if (context.history.length === 0) {
    cache.remember({ ...key, conversationId: null }, { ...context, open_actions: [] });
  }
  if (answer === null) {
    cache.forget(remembered);
    return;
  }
  cache.remember(remembered, followUp(context, input.message, answer));
}

/** What the next turn of a conversation begins with, as far as this isolate can know. */
function followUp(
  context: TurnContext,
  message: string,
  { text, pending_action: pending }: ChatAnswer,
): TurnContext {
  const at = new Date().toISOString();
  const open = pending?.status === "open" ? [pending] : [];
  return {
    ...context,
    open_actions: [...context.open_actions, ...open],
    // What was asked back is known by the database; a guess that misses it is thrown away
    clarification: null,
    history: [
      ...context.history,
      { role: "user" as const, text: message, created_at: at },
      { role: "assistant" as const, text, created_at: at },
    ].slice(-HISTORY_MAX),
  };
}

const HISTORY_MAX = 20;
