// Keeps runs in the database, for the worker that holds the person's turn.
import { z } from "zod";
import { EVIDENCE_TABLES } from "../copilot/actions/action.ts";
import { storableJson } from "../database/storable_json.ts";
import { fromPostgrestError } from "../errors/app_error.ts";
import type { UserClient } from "../platform/request_context.ts";
import type {
  FinishedStep,
  StartedWorkflow,
  WorkflowEnd,
  WorkflowStart,
  WorkflowStore,
} from "./workflow_store.ts";

const StoredStep = z.object({
  id: z.string(),
  position: z.int(),
  kind: z.enum(["read", "knowledge", "model", "propose"]),
  action: z.string().nullable(),
  args: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
  status: z.enum(["succeeded", "skipped"]),
  output: z.unknown(),
  evidence: z.array(z.object({ table: z.enum(EVIDENCE_TABLES), id: z.uuid() })),
  error_code: z.string().nullable(),
  started_at: z.string(),
  finished_at: z.string(),
});

const Started = z.object({
  execution_id: z.uuid(),
  started_at: z.iso.datetime({ offset: true }),
  steps: z.array(StoredStep),
});

/** Runs of one turn, in the database. */
export class DatabaseWorkflowStore implements WorkflowStore {
  readonly #db: UserClient;
  readonly #turnId: string;
  readonly #worker: string;

  /**
   * @param db The person's own client.
   * @param turnId The turn that runs are for.
   * @param worker Who holds the turn.
   */
  constructor(db: UserClient, turnId: string, worker: string) {
    this.#db = db;
    this.#turnId = turnId;
    this.#worker = worker;
  }

  /** @throws {AppError} `turn_not_held` when somebody else has taken the turn up. */
  async begin(start: WorkflowStart): Promise<StartedWorkflow> {
    const { data, error } = await this.#db.rpc("start_workflow", {
      p_turn_id: this.#turnId,
      p_worker: this.#worker,
      p_key: start.key,
      p_version: start.version,
      p_document_sha256: start.documentSha256,
      p_inputs_sha256: start.inputsSha256,
      p_inputs: storableJson(start.inputs),
    });
    if (error) throw fromPostgrestError(error);
    const { execution_id, started_at, steps } = Started.parse(data);
    return { executionId: execution_id, startedAt: started_at, steps: steps.map(fromStored) };
  }

  /** @throws {AppError} `turn_not_held` when somebody else has taken the turn up. */
  async saveStep(executionId: string, step: FinishedStep): Promise<void> {
    const { startedAt, finishedAt, errorCode, ...rest } = step;
    const { error } = await this.#db.rpc("save_workflow_step", {
      p_execution_id: executionId,
      p_worker: this.#worker,
      p_step: storableJson({
        ...rest,
        output: rest.output ?? null,
        error_code: errorCode,
        started_at: startedAt,
        finished_at: finishedAt,
      }),
    });
    if (error) throw fromPostgrestError(error);
  }

  /** @throws {AppError} `turn_not_held` when somebody else has taken the turn up. */
  async finish(executionId: string, end: WorkflowEnd): Promise<void> {
    const { error } = await this.#db.rpc("finish_workflow", {
      p_execution_id: executionId,
      p_worker: this.#worker,
      p_status: end.status,
      p_output: end.output === null ? null : storableJson(end.output),
      p_pending_action_id: end.pendingActionId,
      p_error_code: end.errorCode,
    });
    if (error) throw fromPostgrestError(error);
  }
}

function fromStored(stored: z.infer<typeof StoredStep>): FinishedStep {
  const { error_code, started_at, finished_at, ...rest } = stored;
  return { ...rest, errorCode: error_code, startedAt: started_at, finishedAt: finished_at };
}
