// What a run needs from outside, and what comes of it.
import type { ActionContext, EvidenceRow, ReadResult } from "../copilot/actions/action.ts";
import type { ProposeActionName, ReadActionName } from "../copilot/actions/action_names.ts";
import type { StructuredResponse } from "../copilot/panels/catalogue.ts";
import type { PendingAction, Proposal } from "../copilot/proposals/proposal.ts";
import type { CallOutcome } from "../model/call_model.ts";
import type { ModelRequest } from "../model/model_provider.ts";
import type { OrgKnowledge } from "./rules/rule.ts";
import type { FinishedStep, WorkflowStore } from "./workflow_store.ts";

/** Everything that a run would do, as one thing to say yes to. */
export interface ProposalRequest {
  /** Names it in the turn: proposing it again changes nothing. */
  readonly key: string;
  /** What it would do, in words. */
  readonly summary: string;
  readonly proposal: Proposal;
}

/** A step as it begins; steps that were over before are not told again. */
export interface StepStart {
  readonly executionId: string;
  readonly id: string;
  readonly position: number;
  readonly kind: FinishedStep["kind"];
  readonly action: string | null;
  /** For the person who waits. */
  readonly label: string;
  readonly args: Readonly<Record<string, string | number | boolean>>;
}

/** Watches the steps of a run: the working story is made of them. */
export interface RunObserver {
  started(step: StepStart): Promise<void> | void;
  finished(step: StepStart, end: FinishedStep, count: number | null): Promise<void> | void;
}

/** What a run needs. Nothing of it opens more than the caller's own rights. */
export interface SkillRunDeps {
  readonly ctx: ActionContext;
  readonly store: WorkflowStore;
  /**
   * Runs a look-up: arguments are checked by its schema, the data by the caller's rights.
   *
   * @throws {AppError} `invalid_request` for wrong arguments, `not_found` where there is nothing.
   */
  readonly readAction: (name: ReadActionName, args: unknown) => Promise<ReadResult<unknown>>;
  /** Works out what an action would do; nothing does. */
  readonly prepareAction: (name: ProposeActionName, args: unknown) => Promise<Proposal>;
  /** Stores what waits for a yes. */
  readonly propose: (request: ProposalRequest) => Promise<PendingAction>;
  /** What the organization has written about itself; null where it has not. */
  readonly readKnowledge: () => Promise<OrgKnowledge | null>;
  /** Asks the model once; null where none is asked, and everything works all the same. */
  readonly askModel: ((request: ModelRequest) => Promise<CallOutcome>) | null;
  readonly observer?: RunObserver;
}

/** What came of a run. */
export interface RunResult {
  readonly executionId: string;
  readonly key: string;
  readonly version: number;
  readonly isSimulation: boolean;
  readonly panel: StructuredResponse;
  /** The panel as plain text. */
  readonly text: string;
  /** Every row that the run rests on. */
  readonly evidence: readonly EvidenceRow[];
  /** What waits for a yes; null where the run proposes nothing. */
  readonly pendingAction: PendingAction | null;
  readonly steps: readonly FinishedStep[];
  readonly modelCalls: number;
}
