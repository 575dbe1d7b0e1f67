// Decides what a message makes a turn do, before any model is asked: an answer to what waits for a
// yes, an option of a question, one of the phrasings that rules know; all else is for the model.
import type { Ambiguity } from "../clarify/ask_about_message.ts";
import type { ChosenAction, StoredClarification } from "../clarify/clarification.ts";
import type { ChatInput } from "../chat_input.ts";
import { readMoment } from "./ask_for_yes.ts";
import type { TurnParts } from "./parts.ts";
import type { OpenAction, TurnContext } from "./turn_store.ts";

/** What a turn will do. */
export type TurnPlan =
  | { readonly kind: "confirm" | "cancel"; readonly actionId: string }
  | { readonly kind: "ask_back"; readonly actionIds: readonly string[]; readonly reason: string }
  /** A plain yes or no by name where nothing waits for either: nothing to ask a model about. */
  | { readonly kind: "nothing_waits"; readonly reply: "cancel" | "confirm" }
  | { readonly kind: "stale_selection" }
  | {
    readonly kind: "action";
    readonly decidedBy: "rules" | "selection";
    readonly intent: string;
    readonly action: string;
    readonly args: Readonly<Record<string, unknown>>;
  }
  /** It speaks of the last question's options and fits several: the question stands. */
  | { readonly kind: "repeat_question"; readonly clarification: StoredClarification }
  | { readonly kind: "clarify"; readonly ambiguity: Ambiguity }
  | { readonly kind: "tool"; readonly intent: string; readonly tool: "list_skills" }
  /** `replaces`: the stored action that the person wants otherwise. */
  | { readonly kind: "model"; readonly replaces: string | null };

type PlanParts = Pick<
  TurnParts,
  "readAmbiguity" | "readChoice" | "readReply" | "readSelection" | "routeMessage"
>;

/** Stands for whatever could be open: what replies to it says yes or no to something. */
export const ANYTHING_OPEN: OpenAction = {
  id: "00000000-0000-4000-8000-000000000000",
  turn_id: "00000000-0000-4000-8000-000000000000",
  summary: "Do what was asked",
  payload_sha256: "",
  created_at: "2026-01-01T00:00:00Z",
};

/**
 * Plans a turn; the same input and context always give the same plan.
 *
 * @param input What the person sent.
 * @param context What the turn begins with.
 * @param parts The rules.
 */
export function planTurn(
  input: Pick<ChatInput, "message" | "selection">,
  context: TurnContext,
  parts: PlanParts,
): TurnPlan {
  if (input.selection !== undefined) return planSelection(input.selection, context, parts);
  const reply = parts.readReply(input.message, context.open_actions, readMoment(context));
  switch (reply.kind) {
    case "confirm":
    case "cancel":
      return { kind: reply.kind, actionId: reply.id };
    case "ask_back":
      return { kind: "ask_back", actionIds: reply.ids, reason: reply.reason };
    case "edit":
      return { kind: "model", replaces: reply.id };
    case "none":
      return planChoice(input.message, context, parts);
  }
}

function planChoice(message: string, context: TurnContext, parts: PlanParts): TurnPlan {
  const choice = parts.readChoice(context.clarification, message);
  if (choice.kind === "chosen") return planChosen(choice.chosen);
  if (choice.kind === "ask_back") {
    return { kind: "repeat_question", clarification: choice.clarification };
  }
  return planRoute(message, context, parts);
}

function planChosen({ action, args }: ChosenAction): TurnPlan {
  return { kind: "action", decidedBy: "selection", intent: "selection", action, args };
}

function planRoute(message: string, context: TurnContext, parts: PlanParts): TurnPlan {
  const route = parts.routeMessage(message);
  if (route === null) return planUnrouted(message, context, parts);
  switch (route.kind) {
    case "action":
      return {
        kind: "action",
        decidedBy: "rules",
        intent: route.intent,
        action: route.action,
        args: spellAsWritten(route.args, message),
      };
    case "sequence":
      return {
        kind: "action",
        decidedBy: "rules",
        intent: route.intent,
        action: "run_sequence",
        args: { key: route.key, inputs: route.args, is_simulation: true },
      };
    case "tool":
      return { kind: "tool", intent: route.intent, tool: route.tool };
  }
}

function planUnrouted(
  message: string,
  { open_actions: open }: TurnContext,
  parts: PlanParts,
): TurnPlan {
  const ambiguity = parts.readAmbiguity(message);
  if (ambiguity !== null) return { kind: "clarify", ambiguity };
  if (open.length === 0) {
    // A bare "yes" may answer what a model asked; only what names the act is about an action
    const { kind } = parts.readReply(message, [ANYTHING_OPEN], { isAsked: false });
    if (kind === "confirm" || kind === "cancel") return { kind: "nothing_waits", reply: kind };
  }
  return { kind: "model", replaces: null };
}

function planSelection(
  selection: NonNullable<ChatInput["selection"]>,
  context: TurnContext,
  parts: PlanParts,
): TurnPlan {
  const chosen = parts.readSelection(context.clarification, selection);
  return chosen === null ? { kind: "stale_selection" } : planChosen(chosen);
}

/** The router works in lower case; the answer repeats a name as the person wrote it. */
function spellAsWritten(
  args: Readonly<Record<string, unknown>>,
  message: string,
): Readonly<Record<string, unknown>> {
  const written = message.normalize("NFKC").replaceAll(/[’‘`]/g, "'").replaceAll(/\s+/g, " ");
  const lower = written.toLowerCase();
  return Object.fromEntries(
    Object.entries(args).map(([name, value]) => {
      const start = typeof value === "string" ? lower.lastIndexOf(value) : -1;
      // A lower-case copy of another length would put the place elsewhere
      const isPlace = start >= 0 && lower.length === written.length;
      return [
        name,
        isPlace && typeof value === "string" && name.startsWith("with")
          ? written.slice(start, start + value.length)
          : value,
      ];
    }),
  );
}
