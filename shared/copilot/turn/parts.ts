// What a turn is put together from. The engine knows these parts by what they do; `turn_parts.ts` says
// which they are, and tests bring their own.
import type { z } from "zod";
import type { ActionContext, EvidenceRow, ProposeAction, ReadAction } from "../actions/action.ts";
import type { ProposeActionName, ReadActionName } from "../actions/action_names.ts";
import type { GuardOptions, TextGuard } from "../guard/guard_text.ts";
import type { StructuredResponse } from "../panels/catalogue.ts";
import type { PendingAction, Proposal } from "../proposals/proposal.ts";
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
  /** A question back to the person, with what each option does. */
  readonly clarification?: unknown;
}

/** What running a document of the library came to. */
export interface RunFinding extends ToolFinding {
  readonly pending: PendingAction | null;
}

/** What a document of the library gets from the turn that it runs in. */
export interface RunHandles
  extends Pick<SkillRunDeps, "askModel" | "ctx" | "prepareAction" | "propose" | "readAction"> {
  readonly turnId: string;
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

/** What is to be stored until its owner says yes. */
export interface StoreRequest {
  readonly turnId: string;
  readonly key: string;
  /** In words; the previews' own where it is null. */
  readonly summary: string | null;
  readonly proposal: Proposal;
  readonly isTainted: boolean;
  /** The stored action that the person wants otherwise. */
  readonly replaces: string | null;
}

/** The parts of a turn. */
export interface TurnParts {
  routeMessage(message: string): Route | null;
  readReply(message: string, open: readonly OpenAction[], moment: ReplyMoment): Reply;
  readonly readActions: Readonly<Partial<Record<ReadActionName, ReadAction>>>;
  readonly proposeActions: Readonly<Partial<Record<ProposeActionName, ProposeAction>>>;
  /** Stores what would be done; the same key gives the same stored action. */
  propose(ctx: ActionContext, request: StoreRequest): Promise<PendingAction>;
  confirm(ctx: ActionContext, action: OpenAction | { readonly id: string }): Promise<Decision>;
  cancel(ctx: ActionContext, action: { readonly id: string }): Promise<Decision>;
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
  /** Reads which option was chosen; null where it is none of the question's. */
  readSelection(
    clarification: unknown,
    selection: { readonly clarification_id: string; readonly option_id: string },
  ): { readonly action: string; readonly args: Readonly<Record<string, unknown>> } | null;
  /** What an organization has of the library, in a few lines. */
  describeSkills(context: TurnContext): string;
  /** Instructions with the stable part first; `index` is the same for a whole organization. */
  compileSystemPrompt(context: TurnContext, index: string, now: Date): string;
  /** Guards what a model says, piece by piece, by what was read for it. */
  guardText(options: GuardOptions): TextGuard;
}
