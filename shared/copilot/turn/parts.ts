// What a turn is put together from. The engine knows these parts by what they do; `turn_parts.ts` says
// which they are, and tests bring their own.
import type { z } from "zod";
import type { ActionContext, EvidenceRow, ProposeAction, ReadAction } from "../actions/action.ts";
import type { ActionName, ProposeActionName, ReadActionName } from "../actions/action_names.ts";
import type { Ambiguity, Question } from "../clarify/ask_about_message.ts";
import type { ChosenAction } from "../clarify/clarification.ts";
import type { Choice } from "../clarify/read_choice.ts";
import type { ResolvedReferences } from "../clarify/resolve_references.ts";
import type { GuardOptions, TextGuard } from "../guard/guard_text.ts";
import type { StructuredResponse } from "../panels/catalogue.ts";
import type { PendingAction } from "../proposals/proposal.ts";
import type { ProposalToStore } from "../proposals/propose_action.ts";
import type { Reply, ReplyMoment } from "../replies/read_reply.ts";
import type { Route } from "../routing/route_message.ts";
import type { RunObserver, SkillRunDeps } from "../../skills/run_deps.ts";
import type { OpenAction, TurnContext } from "./turn_store.ts";

/** What deciding about a stored action came to. */
export interface Decision {
  readonly outcome: string;
  readonly text: string;
  readonly panel: StructuredResponse | null;
  /** Still to be looked at, where there is something to look at. */
  readonly pending: PendingAction | null;
  readonly evidence: readonly EvidenceRow[];
}

/** What a tool found that is not an action's result. */
export interface ToolFinding {
  /** For the model. */
  readonly data: Readonly<Record<string, unknown>>;
  readonly count: number;
  readonly evidence: readonly EvidenceRow[];
  readonly panel: StructuredResponse | null;
  /** Plain text that says the same, for answers without a model. */
  readonly text: string;
  readonly readsForeignText: boolean;
}

/** What an action came to, or a document of the library. */
export interface RunFinding extends ToolFinding {
  readonly pending: PendingAction | null;
}

/** What a document of the library gets from the turn that it runs in. */
export interface RunHandles
  extends Pick<SkillRunDeps, "askModel" | "ctx" | "prepareAction" | "propose" | "readAction"> {
  readonly turnId: string;
  /** Who holds the turn. */
  readonly worker: string;
  readonly context: TurnContext;
  readonly observer: RunObserver;
}

/** A tool that is answered by code. */
export interface TurnTool {
  readonly description: string;
  readonly args: z.ZodType;
  readonly label: string;
  explainArgs(args: unknown): Readonly<Record<string, string | number | boolean>>;
  run(ctx: ActionContext, args: unknown, context: TurnContext): Promise<ToolFinding>;
}

/** The parts of a turn. */
export interface TurnParts {
  routeMessage(message: string): Route | null;
  readReply(message: string, open: readonly OpenAction[], moment: ReplyMoment): Reply;
  readonly readActions: Readonly<Partial<Record<ReadActionName, ReadAction>>>;
  readonly proposeActions: Readonly<Partial<Record<ProposeActionName, ProposeAction>>>;
  /** Stores what would be done; the same key gives the same stored action. */
  propose(ctx: ActionContext, request: ProposalToStore): Promise<PendingAction>;
  /** Says yes; without a hash, to the action as it is stored. */
  confirm(ctx: ActionContext, id: string, sha256: string | null): Promise<Decision>;
  cancel(ctx: ActionContext, id: string): Promise<Decision>;
  readPending(ctx: ActionContext, id: string): Promise<PendingAction>;
  previewPanel(pending: PendingAction): StructuredResponse | null;
  readonly tools: {
    readonly list_skills: TurnTool;
    readonly get_skill: TurnTool;
    readonly resolve_entity: TurnTool;
  };
  run(
    handles: RunHandles,
    name: "run_skill" | "run_sequence",
    args: unknown,
  ): Promise<RunFinding>;
  /** Contracts of run_skill and run_sequence, both strict objects. */
  readonly runArgs: Readonly<Record<"run_skill" | "run_sequence", z.ZodType>>;
  /** Puts ids where arguments name somebody or something. */
  resolveReferences(
    ctx: ActionContext,
    action: ActionName,
    args: unknown,
  ): Promise<ResolvedReferences>;
  /** The same among what a document of the library is given; `args` are checked. */
  resolveInputs(
    ctx: ActionContext,
    run: { readonly action: "run_skill" | "run_sequence"; readonly args: unknown },
    context: TurnContext,
  ): Promise<ResolvedReferences>;
  /** Reads which option was chosen by ids; null where it is none of the question's. */
  readSelection(
    clarification: unknown,
    selection: { readonly clarification_id: string; readonly option_id: string },
  ): ChosenAction | null;
  /** Reads which option was chosen by words. */
  readChoice(clarification: unknown, message: string): Choice;
  readAmbiguity(message: string): Ambiguity | null;
  /** Asks what a message with several meanings means; null where there is nothing to choose from. */
  askAbout(ctx: ActionContext, ambiguity: Ambiguity): Promise<Question | null>;
  /** What an organization has of the library, in a few lines. */
  describeSkills(context: TurnContext): string;
  /** Instructions with the stable part first; `index` is the same for a whole organization. */
  compileSystemPrompt(context: TurnContext, index: string, now: Date): string;
  /** Guards what a model says, piece by piece, by what was read for it. */
  guardText(options: GuardOptions): TextGuard;
}
