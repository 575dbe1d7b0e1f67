// Where a run is kept, so that one that was killed goes on where it stopped.
import type { EvidenceRow } from "../copilot/actions/action.ts";

/** A step that is over. Its output is what later steps and the panel are made from. */
export interface FinishedStep {
  /** Name of the step in its document. */
  readonly id: string;
  readonly position: number;
  readonly kind: "read" | "knowledge" | "model" | "propose";
  /** The action, where it ran one. */
  readonly action: string | null;
  /** The least of the arguments that explains the step. */
  readonly args: Readonly<Record<string, string | number | boolean>>;
  readonly status: "succeeded" | "skipped" | "failed";
  /** Plain data. */
  readonly output: unknown;
  readonly evidence: readonly EvidenceRow[];
  readonly errorCode: string | null;
  readonly startedAt: string;
  readonly finishedAt: string;
}

/** What a run is known by. */
export interface WorkflowStart {
  readonly key: string;
  readonly version: number;
  /** SHA-256 of the document's text, in hex. */
  readonly documentSha256: string;
  /** SHA-256 of the inputs, in hex: the same request in the same turn is the same run. */
  readonly inputsSha256: string;
  /** The least of the inputs that explains the run. */
  readonly inputs: Readonly<Record<string, string | number | boolean>>;
  readonly isSimulation: boolean;
}

/** A run that was begun now, or before and not ended. */
export interface StartedWorkflow {
  readonly executionId: string;
  /** When it was first begun: what "today" means in it, also when it goes on later. */
  readonly startedAt: string;
  /** Steps that are over already. */
  readonly steps: readonly FinishedStep[];
}

/** How a run ended. */
export interface WorkflowEnd {
  readonly status: "succeeded" | "failed";
  /** The panel that it made; null where it failed. */
  readonly output: object | null;
  readonly evidence: readonly EvidenceRow[];
  readonly pendingActionId: string | null;
  readonly errorCode: string | null;
}

/** Keeps runs of one person's turn. */
export interface WorkflowStore {
  /**
   * Begins a run, or takes up the same one where it stopped.
   *
   * @throws {AppError} `turn_not_held` when somebody else has taken the turn up.
   */
  begin(start: WorkflowStart): Promise<StartedWorkflow>;
  /**
   * Keeps a step that is over; keeping it again changes nothing.
   *
   * @throws {AppError} `turn_not_held` when somebody else has taken the turn up.
   */
  saveStep(executionId: string, step: FinishedStep): Promise<void>;
  /** @throws {AppError} `turn_not_held` when somebody else has taken the turn up. */
  finish(executionId: string, end: WorkflowEnd): Promise<void>;
}
