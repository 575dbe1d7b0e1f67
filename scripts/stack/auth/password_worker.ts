// The thread in which bcrypt runs; started by password_hasher.ts.

/// <reference lib="deno.worker" />

import bcrypt from "bcryptjs";

/** What the worker is asked to do. */
export type PasswordJob =
  | { readonly kind: "hash"; readonly password: string; readonly cost: number }
  | { readonly kind: "compare"; readonly password: string; readonly hash: string };

/** What it answers. */
export type PasswordResult =
  | { readonly id: number; readonly value: string | boolean }
  | { readonly id: number; readonly error: string };

const BCRYPT_HASH = /^\$2[abxy]?\$\d{2}\$[./A-Za-z0-9]{53}$/;

self.onmessage = ({ data }: MessageEvent<PasswordJob & { readonly id: number }>) => {
  self.postMessage(answer(data));
};

function answer(job: PasswordJob & { readonly id: number }): PasswordResult {
  try {
    if (job.kind === "hash") return { id: job.id, value: bcrypt.hashSync(job.password, job.cost) };
    const isMatch = BCRYPT_HASH.test(job.hash) && bcrypt.compareSync(job.password, job.hash);
    return { id: job.id, value: isMatch };
  } catch (error) {
    return { id: job.id, error: error instanceof Error ? error.message : String(error) };
  }
}
