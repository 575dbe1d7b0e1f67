// Posts results to the address that a job named: no signature, no secret, no retry that is documented.

/** A callback on its way. */
export interface CallbackMessage {
  readonly jobId: string | null;
  readonly url: string;
  readonly method: "POST" | "PUT";
  readonly body: string;
}

/** What became of a callback; the unguessable end of its address is not shown. */
export interface CallbackRecord {
  readonly job_id: string | null;
  readonly address: string;
  readonly event: string | null;
  readonly status: number | null;
  readonly error: string | null;
  readonly at: string;
}

const TIMEOUT_MS = 15_000;

/** Sends callbacks and keeps the log. */
export class CallbackDelivery {
  readonly #log: CallbackRecord[] = [];
  readonly #now: () => Date;

  /** @param now The simulators' time. */
  constructor(now: () => Date) {
    this.#now = now;
  }

  /** The log, oldest first. */
  log(): readonly CallbackRecord[] {
    return this.#log;
  }

  /** Forgets the log. */
  clear(): void {
    this.#log.length = 0;
  }

  /**
   * Posts one callback.
   *
   * @param message What and where.
   * @param signal Ends the call.
   * @returns What became of it.
   */
  async send(message: CallbackMessage, signal: AbortSignal): Promise<CallbackRecord> {
    const outcome = await post(message, signal);
    const record: CallbackRecord = {
      job_id: message.jobId,
      address: message.url.replace(/[^/]+$/, "…"),
      event: /"event":"([^"]{1,60})"/.exec(message.body)?.[1] ?? null,
      ...outcome,
      at: this.#now().toISOString(),
    };
    this.#log.push(record);
    return record;
  }
}

async function post(
  message: CallbackMessage,
  signal: AbortSignal,
): Promise<{ status: number | null; error: string | null }> {
  try {
    const answer = await fetch(message.url, {
      method: message.method,
      redirect: "manual",
      headers: { "content-type": "application/json", "user-agent": "axios/1.7.7" },
      body: message.body,
      signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]),
    });
    await answer.body?.cancel();
    return { status: answer.status, error: null };
  } catch (cause) {
    return { status: null, error: cause instanceof Error ? cause.name : "failed" };
  }
}
