// Keeps runs in memory: for trying documents out against fixtures, and for tests. Nothing of it is
// written anywhere.
import type {
  FinishedStep,
  StartedWorkflow,
  WorkflowEnd,
  WorkflowStart,
  WorkflowStore,
} from "./workflow_store.ts";

interface Kept {
  readonly executionId: string;
  readonly startedAt: string;
  readonly steps: Map<string, FinishedStep>;
  end: WorkflowEnd | null;
}

/** Runs of one turn, in memory. */
export class MemoryWorkflowStore implements WorkflowStore {
  readonly #runs = new Map<string, Kept>();
  readonly #now: () => Date;

  /** @param now The time that runs begin at. */
  constructor(now: () => Date) {
    this.#now = now;
  }

  begin(start: WorkflowStart): Promise<StartedWorkflow> {
    const name = `${start.key} ${start.inputsSha256} ${start.documentSha256}`;
    const kept = this.#runs.get(name) ?? {
      executionId: crypto.randomUUID(),
      startedAt: this.#now().toISOString(),
      steps: new Map<string, FinishedStep>(),
      end: null,
    };
    this.#runs.set(name, kept);
    const { executionId, startedAt, steps } = kept;
    return Promise.resolve({ executionId, startedAt, steps: [...steps.values()] });
  }

  saveStep(executionId: string, step: FinishedStep): Promise<void> {
    const kept = this.#find(executionId);
    if (!kept.steps.has(step.id)) kept.steps.set(step.id, structuredClone(step));
    return Promise.resolve();
  }

  finish(executionId: string, end: WorkflowEnd): Promise<void> {
    this.#find(executionId).end ??= end;
    return Promise.resolve();
  }

  /** How the run ended; null while it has not. */
  endOf(executionId: string): WorkflowEnd | null {
    return this.#find(executionId).end;
  }

  #find(executionId: string): Kept {
    const kept = [...this.#runs.values()].find((run) => run.executionId === executionId);
    if (kept === undefined) throw new RangeError("No such run");
    return kept;
  }
}
