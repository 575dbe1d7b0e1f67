// Carries out what was planned for a turn. Whatever the plan, its answer is filled in by code.
import { AppError } from "../../errors/app_error.ts";
import { askBack, AskedBackError } from "./ask_back.ts";
import { askWhichAction } from "./ask_for_yes.ts";
import { answerByModel, type ModelSide, say } from "./answer_by_model.ts";
import type { TurnPlan } from "./plan_turn.ts";
import { checkArgs, type EarlyRead, runAction } from "./run_action.ts";
import { runStep, type TurnState } from "./turn_state.ts";

/** What carrying out a plan may need. */
export interface PlanHandles {
  /** Asked for only where a model has to answer. */
  readonly openModelSide: () => Promise<ModelSide>;
  readonly earlyRead: EarlyRead | null;
}

/**
 * Carries out a plan.
 *
 * @param turn The turn; its answer is filled in.
 * @param plan What to do.
 * @param handles The model, and what was begun before.
 * @throws {AppError} When the turn can't be answered at all.
 */
export async function runPlan(
  turn: TurnState,
  plan: TurnPlan,
  handles: PlanHandles,
): Promise<void> {
  switch (plan.kind) {
    case "model":
      return await answerByModel(turn, await handles.openModelSide());
    case "confirm":
    case "cancel":
      return await decide(turn, plan.kind, plan.actionId);
    case "ask_back":
      return askAboutOpen(turn, plan.actionIds);
    case "repeat_question":
      askBack(turn, plan.clarification);
      return say(turn, turn.answer.plainText);
    case "clarify":
      return await clarify(turn, plan.ambiguity, handles);
    case "nothing_waits":
      return say(turn, NOTHING_WAITS[plan.reply]);
    case "stale_selection":
      return say(turn, "That question is not open any more. Please ask again.");
    case "tool":
      return await runListSkills(turn);
    case "action":
      return await runRouted(turn, plan, handles.earlyRead);
  }
}

/** Also what a second "confirm" is told: what the first one did is done once. */
const NOTHING_WAITS = {
  confirm:
    "Nothing waits for your yes, so nothing was done. What you confirmed before is not done " +
    "again.",
  cancel: "Nothing waits for your yes, so there is nothing to cancel.",
};

async function runRouted(
  turn: TurnState,
  plan: Extract<TurnPlan, { kind: "action" }>,
  early: EarlyRead | null,
): Promise<void> {
  try {
    const { text } = await runAction(turn, plan.action, plan.args, early ?? undefined);
    say(turn, text);
  } catch (cause) {
    if (cause instanceof AskedBackError) return say(turn, turn.answer.plainText);
    // What does not exist, or is not theirs, is an answer; what broke is not
    if (!(cause instanceof AppError) || !ANSWERS.has(cause.code)) throw cause;
    say(turn, cause.detail);
  }
}

/** Refusals that answer a question; all others are failures. */
const ANSWERS: ReadonlySet<string> = new Set([
  "calendar_not_connected",
  "conflict",
  "email_not_connected",
  "not_found",
  "recipient_not_allowed",
  "slack_not_connected",
]);

/** Asks what a message with several meanings means; what a model makes of it where nothing fits. */
async function clarify(
  turn: TurnState,
  ambiguity: Extract<TurnPlan, { kind: "clarify" }>["ambiguity"],
  handles: PlanHandles,
): Promise<void> {
  const tool = turn.parts.tools.resolve_entity;
  const { question } = await runStep(
    turn,
    { tool: "resolve_entity", action: null, label: tool.label, args: { ambiguity } },
    async () => {
      const asked = await turn.parts.askAbout(turn.ctx, ambiguity);
      const count = asked?.clarification.panel.options.length ?? 0;
      return { question: asked, count, evidence: asked?.evidence ?? [] };
    },
  );
  if (question === null) {
    turn.answer.routing = { ...turn.answer.routing, decided_by: "model" };
    return await answerByModel(turn, await handles.openModelSide());
  }
  if (question.readsForeignText) turn.journal.taint();
  askBack(turn, question.clarification);
  say(turn, turn.answer.plainText);
}

async function runListSkills(turn: TurnState): Promise<void> {
  const tool = turn.parts.tools.list_skills;
  const args = checkArgs(tool.args, {});
  const finding = await runStep(
    turn,
    { tool: "list_skills", action: null, label: tool.label, args: tool.explainArgs(args) },
    async () => await tool.run(turn.ctx, args, turn.context),
  );
  if (finding.readsForeignText) turn.journal.taint();
  turn.answer.panel = finding.panel;
  say(turn, finding.text);
}

async function decide(turn: TurnState, kind: "confirm" | "cancel", id: string): Promise<void> {
  const { parts, ctx, journal, context } = turn;
  const open = context.open_actions.find((action) => action.id === id);
  const decision = await runStep(
    turn,
    {
      tool: "execute_action",
      action: kind === "confirm" ? "confirm_pending_action" : "cancel_pending_action",
      label: kind === "confirm" ? "Doing what you confirmed" : "Cancelling it",
      args: { pending_action_id: id },
    },
    async () => {
      // Whoever continues after a kill must know that this was decided
      await journal.flush();
      const made = kind === "confirm"
        ? await parts.confirm(ctx, id, open?.payload_sha256 ?? null)
        : await parts.cancel(ctx, id);
      return { ...made, count: made.outcome === "executed" || made.outcome === "queued" ? 1 : 0 };
    },
  );
  turn.answer.panel = decision.panel;
  turn.answer.pending = decision.pending;
  say(turn, decision.text);
}

function askAboutOpen(turn: TurnState, ids: readonly string[]): void {
  const open = turn.context.open_actions.filter(({ id }) => ids.includes(id));
  say(turn, askWhichAction(open));
}
