// Hashes passwords with bcrypt, away from the thread that answers requests.

import type { PasswordJob, PasswordResult } from "./password_worker.ts";

/** Makes and checks bcrypt hashes. */
export interface PasswordHasher {
  hash(password: string): Promise<string>;
  /** Answers false for anything that isn't a bcrypt hash of `password`. */
  matches(password: string, hash: string): Promise<boolean>;
  close(): void;
}

interface Waiting {
  readonly resolve: (value: string | boolean) => void;
  readonly reject: (reason: Error) => void;
}

/**
 * Makes a hasher. Its worker starts with the first password, so a stack that nobody signs in to pays
 * nothing for it.
 *
 * @param cost rounds as a power of two; 10 as the hosted service, 4 for tests
 */
export function createPasswordHasher(cost: number): PasswordHasher {
  const waiting = new Map<number, Waiting>();
  let worker: Worker | undefined;
  let lastId = 0;

  function failAll(message: string): void {
    for (const { reject } of waiting.values()) reject(new Error(message));
    waiting.clear();
  }

  function startWorker(): Worker {
    const started = new Worker(new URL("./password_worker.ts", import.meta.url), {
      type: "module",
    });
    started.onmessage = ({ data }: MessageEvent<PasswordResult>) => {
      const request = waiting.get(data.id);
      waiting.delete(data.id);
      if ("error" in data) request?.reject(new Error(data.error));
      else request?.resolve(data.value);
    };
    started.onerror = (event) => {
      event.preventDefault();
      worker = undefined;
      failAll(`The password worker stopped: ${event.message}`);
    };
    return started;
  }

  function run(job: PasswordJob): Promise<string | boolean> {
    const { promise, resolve, reject } = Promise.withResolvers<string | boolean>();
    const id = ++lastId;
    waiting.set(id, { resolve, reject });
    worker ??= startWorker();
    worker.postMessage({ ...job, id });
    return promise;
  }

  return {
    hash: async (password) => String(await run({ kind: "hash", password, cost })),
    matches: async (password, hash) => await run({ kind: "compare", password, hash }) === true,
    close: () => {
      worker?.terminate();
      worker = undefined;
      failAll("The password worker was closed.");
    },
  };
}
