// The network of a process that may die: counts its steps, notes which parts went out, and from the
// moment of death lets nothing through in either direction.

import type { WorkerOptions } from "./upload_stage.ts";

/** A part that was sent, or begun to be. */
export interface SentPart {
  readonly number: number;
  readonly bytes: number;
}

/** Bytes that a stream delivers between two steps. */
const STREAM_STEP_BYTES = 1024 * 1024;

/** A network that ends at a chosen step: before a call, after its answer, or within a body. */
export class KillableNetwork {
  readonly parts: SentPart[] = [];
  readonly #end = Promise.withResolvers<void>();
  readonly #abort = new AbortController();
  #steps = 0;
  #killAt = Infinity;

  /** Steps so far. */
  get steps(): number {
    return this.#steps;
  }

  /** Whether the process has died. */
  get isDead(): boolean {
    return this.#abort.signal.aborted;
  }

  /** Settles when the process dies. */
  get death(): Promise<void> {
    return this.#end.promise;
  }

  /** The network as a worker's options. */
  get options(): Pick<WorkerOptions, "fetch" | "onDatabase"> {
    return { fetch: this.fetch, onDatabase: () => this.#step() };
  }

  /** @param step The process dies when it comes to it. */
  killAt(step: number): void {
    this.#killAt = step;
  }

  /** The network, as the process sees it. */
  readonly fetch: typeof globalThis.fetch = async (input, init) => {
    const url = new URL(input instanceof Request ? input.url : String(input));
    await this.#step();
    const number = url.searchParams.get("partNumber");
    if (number !== null && init?.method === "PUT" && init.body instanceof Uint8Array) {
      this.parts.push({ number: Number(number), bytes: init.body.byteLength });
    }
    const given = init?.signal ?? new AbortController().signal;
    const signal = AbortSignal.any([given, this.#abort.signal]);
    const response = await fetch(input, { ...init, signal });
    await this.#step();
    return response.body === null || init?.method === "PUT" ? response : this.#watched(response);
  };

  async #step(): Promise<void> {
    this.#steps += 1;
    if (this.#steps < this.#killAt) return;
    this.#abort.abort();
    this.#end.resolve();
    // The dead wait for nothing
    await new Promise(() => {});
  }

  #watched(response: Response): Response {
    let sinceStep = 0;
    const counted = new TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>({
      transform: async (chunk, controller) => {
        sinceStep += chunk.byteLength;
        if (sinceStep >= STREAM_STEP_BYTES) {
          sinceStep = 0;
          await this.#step();
        }
        controller.enqueue(chunk);
      },
    });
    const { status, statusText, headers } = response;
    return new Response(response.body?.pipeThrough(counted) ?? null, {
      status,
      statusText,
      headers,
    });
  }
}
