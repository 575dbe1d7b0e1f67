// Writes down which parts the store has, several at a time and while the next ones are on their way: a
// call for each part would cost a seventh of the CPU. What a dead run had not written down yet is
// found in the store's own list.
import { asJson } from "../database/as_json.ts";
import { fromPostgrestError } from "../errors/app_error.ts";
import type { StoredPart } from "./object_storage.ts";
import { leaseOf, type UploadClaim, type UploadDeps } from "./upload_contract.ts";

/** The parts that one run sends. */
export class PartLedger {
  readonly #deps: UploadDeps;
  readonly #claim: UploadClaim;
  #unsaved: StoredPart[] = [];
  #saving: Promise<void> | null = null;
  #savedAt = performance.now();

  /** @param deps The run. @param claim The file. */
  constructor(deps: UploadDeps, claim: UploadClaim) {
    this.#deps = deps;
    this.#claim = claim;
  }

  /**
   * Adds a part and writes down what has gathered, if it is time to. The write runs on; its failure
   * shows with the next one.
   *
   * @throws {AppError} `already_running` when the lease is gone.
   */
  async add(part: StoredPart): Promise<void> {
    this.#unsaved.push(part);
    const { checkpointParts, checkpointMs } = this.#deps.limits;
    const isDue = this.#unsaved.length >= checkpointParts ||
      performance.now() - this.#savedAt >= checkpointMs;
    if (!isDue) return;
    await this.#saving;
    this.#saving = this.#save();
    // Whoever waits for it next is told
    this.#saving.catch(() => undefined);
  }

  /** Writes down the rest. @throws {AppError} As above. */
  async flush(): Promise<void> {
    await this.#saving;
    this.#saving = null;
    if (this.#unsaved.length > 0) await this.#save();
  }

  async #save(): Promise<void> {
    const parts = this.#unsaved;
    this.#unsaved = [];
    this.#savedAt = performance.now();
    const { error } = await this.#deps.ctx.db.rpc("checkpoint_recording_upload", {
      ...leaseOf(this.#deps, this.#claim),
      p_parts: asJson(parts),
      p_lease_seconds: this.#deps.limits.leaseSeconds,
    });
    if (error) throw fromPostgrestError(error);
  }
}
