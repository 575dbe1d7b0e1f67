// What a turn asks the model: instructions and tools that stay the same come first, the conversation
// after them, so that equal beginnings have equal bytes.
import type { ModelRequest } from "../../model/model_provider.ts";
import { type ModelTurn, userTurn } from "../../model/model_turn.ts";
import { fenceText } from "../guard/foreign_text.ts";
import { describeActions, listActions } from "../tools/action_index.ts";
import { declareTools } from "../tools/tool_declarations.ts";
import type { TurnParts } from "./parts.ts";
import type { HistoryMessage, TurnContext } from "./turn_store.ts";

/** Thoughts count too: too little leaves nothing for the answer. */
const MAX_OUTPUT_TOKENS = 8_192;

/** What every request of a turn begins with. */
export interface RequestFrame {
  readonly system: string;
  readonly tools: ModelRequest["tools"];
  /** The conversation before, and the message. */
  readonly opening: readonly ModelTurn[];
}

/** The part of the parts that requests are made of. */
export type RequestParts = Pick<
  TurnParts,
  "compileSystemPrompt" | "describeSkills" | "proposeActions" | "readActions" | "runArgs" | "tools"
>;

/** Organizations' settings whose index is remembered; most have the library as it ships. */
const MAX_INDEXES = 20;

/** Frames the requests of an isolate; what is the same for everybody is worked out once. */
export class RequestFramer {
  readonly #parts: RequestParts;
  readonly #skills = new Map<string, string>();
  #fixed: { readonly actions: string; readonly tools: ModelRequest["tools"] } | null = null;

  /** @param parts Instructions and tools. */
  constructor(parts: RequestParts) {
    this.#parts = parts;
  }

  /**
   * Makes the beginning of a turn's requests.
   *
   * @param message What the person wrote.
   * @param context What the turn begins with.
   * @param now The moment; only its day in the person's zone is told.
   */
  frame(message: string, context: TurnContext, now: Date): RequestFrame {
    const { actions, tools } = this.#fixed ??= this.#fix();
    const index = `Actions of execute_action:\n${actions}\n\nSkills and sequences:\n${
      this.#skillsOf(context)
    }`;
    return {
      system: this.#parts.compileSystemPrompt(context, index, now),
      tools,
      opening: [
        ...context.history.map((message) => historyTurn(message, context.conversation_id)),
        userTurn(message),
      ],
    };
  }

  /** Works out what is the same for everybody, while there is nothing else to do. */
  warm(): void {
    this.#fixed ??= this.#fix();
  }

  #fix(): { readonly actions: string; readonly tools: ModelRequest["tools"] } {
    const { readActions, proposeActions, runArgs, tools } = this.#parts;
    const runs = (["run_skill", "run_sequence"] as const).map((name) => ({
      name,
      description: `Works through a ${name.slice(4)} of the index for the person.`,
      args: runArgs[name],
    }));
    return {
      actions: describeActions([...listActions(readActions, proposeActions), ...runs]),
      tools: declareTools(tools),
    };
  }

  #skillsOf(context: TurnContext): string {
    const key = JSON.stringify(context.org_skills);
    const known = this.#skills.get(key);
    if (known !== undefined) return known;
    const index = this.#parts.describeSkills(context);
    if (this.#skills.size >= MAX_INDEXES) this.#skills.clear();
    this.#skills.set(key, index);
    return index;
  }
}

/**
 * A message of the conversation before. Answers repeat titles, names and emails of people outside, and
 * nothing that those wrote may come back as the model's own word: they are data like what was read.
 * The mark is the conversation's, so that the same beginning has the same bytes in every turn.
 */
function historyTurn({ role, text }: HistoryMessage, conversationId: string): ModelTurn {
  return role === "user"
    ? userTurn(text)
    : { role: "model", parts: [{ text: fenceText(text, "answer", conversationId) }] };
}

/**
 * Makes a request.
 *
 * @param frame What all of them begin with.
 * @param turns The whole conversation, from the frame's opening on.
 */
export function composeRequest(
  { system, tools }: RequestFrame,
  turns: readonly ModelTurn[],
): ModelRequest {
  return {
    system,
    tools,
    turns,
    answerSchema: null,
    thinking: "low",
    maxOutputTokens: MAX_OUTPUT_TOKENS,
  };
}

/** Whether two frames ask the same. */
export function isSameFrame(a: RequestFrame, b: RequestFrame): boolean {
  return a.system === b.system && JSON.stringify(a.opening) === JSON.stringify(b.opening);
}
