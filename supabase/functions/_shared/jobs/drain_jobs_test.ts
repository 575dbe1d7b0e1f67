// The outbox itself is played here; tests/workers/jobs_test.ts drains the real one.
import { deepStrictEqual, ok, rejects, strictEqual } from "node:assert/strict";
import type { HandleJob } from "@shared/platform/jobs.ts";
import { type AnswerRpc, serviceContext } from "../../../../tests/support/rpc_context.ts";
import { drainJobs, type JobLimits } from "./drain_jobs.ts";

interface Row {
  readonly id: string;
  readonly kind: string;
  readonly request_id: string | null;
  state: string;
  attempts: number;
  worker: string | null;
  error: string | null;
  isFinal?: boolean;
  at?: unknown;
}

const LIMITS: JobLimits = {
  batchSize: 4,
  maxJobs: 100,
  budgetMs: 20_000,
  leaseSeconds: 60,
  concurrency: 2,
};

/** An outbox of `count` jobs that answers as the database does, without the clock. */
function outbox(count: number, kind = "recording.deploy") {
  const rows: Row[] = Array.from({ length: count }, (_, index) => ({
    id: `job-${index}`,
    kind,
    request_id: `request-${index}`,
    state: "ready",
    attempts: 0,
    worker: null,
    error: null,
  }));
  const calls: string[] = [];
  const mine = (args: Record<string, unknown>): Row[] =>
    rows.filter((row) =>
      (args.p_ids as string[]).includes(row.id) && row.state === "running" &&
      row.worker === args.p_worker
    );
  const answers: Record<string, AnswerRpc> = {
    claim_jobs: (_, args) => {
      const due = rows.filter((row) => row.state === "ready" && row.kind === args.p_kind)
        .slice(0, Number(args.p_limit));
      for (const row of due) {
        Object.assign(row, { state: "running", attempts: row.attempts + 1, worker: args.p_worker });
      }
      return due.map((row) => ({
        ...row,
        org_id: null,
        payload: { n: row.id },
        acting_user_id: null,
        max_attempts: 5,
      }));
    },
    complete_jobs: (_, args) =>
      mine(args).map((row) => {
        row.state = "done";
        return row.id;
      }),
    renew_jobs: (_, args) => mine(args).map((row) => row.id),
    postpone_jobs: (_, args) =>
      mine(args).map((row) => {
        Object.assign(row, { state: "later", attempts: row.attempts - 1, at: args.p_run_at });
        return row.id;
      }),
    fail_job: (_, args) => {
      const [row] = mine({ ...args, p_ids: [args.p_id] });
      if (row === undefined) return null;
      row.state = args.p_is_final ? "dead" : "later";
      Object.assign(row, { error: args.p_error, at: args.p_retry_at });
      return args.p_is_final ? "dead" : "ready";
    },
  };
  const answer: AnswerRpc = (name, args) => {
    calls.push(name);
    return answers[name]?.(name, args);
  };
  return { rows, calls, answer, answers };
}

const succeed: HandleJob = () => Promise.resolve({ outcome: "done" });

Deno.test("drainJobs() does every due job once and ticks it off, of its kinds only", async () => {
  const queue = outbox(10);
  queue.rows.push({ ...queue.rows[0] as Row, id: "other", kind: "recording.leave" });
  const seen: string[] = [];
  const result = await drainJobs(serviceContext(queue.answer), {
    "recording.deploy": (_, job) => {
      seen.push(job.id);
      strictEqual(job.attempt, 1);
      return Promise.resolve({ outcome: "done" });
    },
  }, LIMITS);
  deepStrictEqual(result, { done: 10, retried: 0, failed: 0 });
  strictEqual(new Set(seen).size, 10);
  deepStrictEqual(queue.rows.filter(({ state }) => state !== "done").map(({ id }) => id), [
    "other",
  ]);
});

Deno.test("drainJobs() drains several kinds in one run", async () => {
  const queue = outbox(3);
  queue.rows.push({ ...queue.rows[0] as Row, id: "other", kind: "recording.leave" });
  const handlers = { "recording.deploy": succeed, "recording.leave": succeed };
  const result = await drainJobs(serviceContext(queue.answer), handlers, LIMITS);
  strictEqual(result.done, 4);
});

Deno.test("drainJobs() keeps to its concurrency, its batch and its maximum", async () => {
  const queue = outbox(50);
  let running = 0;
  let most = 0;
  const result = await drainJobs(serviceContext(queue.answer), {
    "recording.deploy": async () => {
      most = Math.max(most, ++running);
      await new Promise((resolve) => setTimeout(resolve, 2));
      running -= 1;
      return { outcome: "done" };
    },
  }, { ...LIMITS, maxJobs: 10, concurrency: 3 });
  strictEqual(result.done, 10);
  strictEqual(most, 3);
  strictEqual(queue.rows.filter(({ attempts }) => attempts > 0).length, 10, "claimed no more");
});

Deno.test("drainJobs() gives back unspent what it claimed and has no time for", async () => {
  const queue = outbox(4);
  const stop = new AbortController();
  const result = await drainJobs(serviceContext(queue.answer, stop.signal), {
    "recording.deploy": () => {
      stop.abort();
      return Promise.resolve({ outcome: "done" });
    },
  }, { ...LIMITS, concurrency: 1 });
  strictEqual(result.done, 1);
  deepStrictEqual(queue.rows.map(({ state, attempts }) => [state, attempts]), [
    ["done", 1],
    ["later", 0],
    ["later", 0],
    ["later", 0],
  ]);
});

Deno.test("drainJobs() begins nothing after its budget", async () => {
  const queue = outbox(9);
  const result = await drainJobs(serviceContext(queue.answer), {
    "recording.deploy": async () => {
      await new Promise((resolve) => setTimeout(resolve, 60));
      return { outcome: "done" };
    },
  }, { ...LIMITS, batchSize: 1, concurrency: 1, budgetMs: 20 });
  strictEqual(result.done, 1);
});

Deno.test("drainJobs() passes on when a job comes back, and buries what is final", async () => {
  const at = new Date("2026-12-01T10:00:00Z");
  const queue = outbox(5);
  const outcomes: Record<string, HandleJob> = {
    "job-0": () => Promise.resolve({ outcome: "retry", at, code: "rate_limited" }),
    "job-1": () => Promise.resolve({ outcome: "retry", at: null, code: "unavailable" }),
    "job-2": () => Promise.resolve({ outcome: "failed", code: "no_tokens" }),
    "job-3": () => Promise.resolve({ outcome: "postponed", at, code: "moved" }),
  };
  const result = await drainJobs(serviceContext(queue.answer), {
    "recording.deploy": (ctx, job) => (outcomes[job.id] ?? succeed)(ctx, job),
  }, LIMITS);
  deepStrictEqual(result, { done: 1, retried: 3, failed: 1 });
  const [limited, unavailable, final, moved] = queue.rows;
  deepStrictEqual([limited?.error, limited?.at], ["rate_limited", at.toISOString()]);
  deepStrictEqual([unavailable?.error, unavailable?.at], ["unavailable", null]);
  deepStrictEqual([final?.error, final?.state], ["no_tokens", "dead"]);
  deepStrictEqual([moved?.attempts, moved?.at], [0, at.toISOString()], "nothing was tried");
});

Deno.test("drainJobs() survives a job that throws, and keeps its words out of the outbox", async () => {
  const queue = outbox(3);
  const result = await drainJobs(serviceContext(queue.answer), {
    "recording.deploy": (_, job) => {
      if (job.id === "job-0") throw new Error("secret sk-123 of ada@acme.test");
      return Promise.resolve({ outcome: "done" });
    },
  }, LIMITS);
  deepStrictEqual(result, { done: 2, retried: 1, failed: 0 });
  ok(!queue.rows[0]?.error?.includes("sk-123"));
});

Deno.test("drainJobs() lets a job act for the request that called for it", async () => {
  const queue = outbox(1);
  const seen: string[] = [];
  await drainJobs(serviceContext(queue.answer), {
    "recording.deploy": (ctx) => {
      seen.push(ctx.requestId, ctx.db.headers.get("x-request-id") ?? "");
      return Promise.resolve({ outcome: "done" });
    },
  }, LIMITS);
  deepStrictEqual(seen, ["request-0", "request-0"]);
});

Deno.test("drainJobs() renews leases while jobs go on, and stops one whose lease was lost", async () => {
  const queue = outbox(2);
  let ended = "";
  const result = await drainJobs(serviceContext(queue.answer), {
    "recording.deploy": async (ctx, job) => {
      if (job.id === "job-0") Object.assign(queue.rows[0] as Row, { worker: "another" });
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, 400);
        ctx.signal.addEventListener("abort", () => {
          ended = job.id;
          clearTimeout(timer);
          resolve();
        });
      });
      return { outcome: "done" };
    },
  }, { ...LIMITS, leaseSeconds: 0.3 });
  ok(queue.calls.filter((name) => name === "renew_jobs").length >= 2);
  strictEqual(ended, "job-0", "only the one that went to another worker was stopped");
  deepStrictEqual(result, { done: 1, retried: 0, failed: 0 });
  strictEqual(queue.rows[0]?.state, "running", "and it is the other worker's to tick off");
});

Deno.test("drainJobs() ticks off together what ends while it waits for an answer", async () => {
  const queue = outbox(40);
  const slow: AnswerRpc = async (name, args) => {
    if (name === "complete_jobs") await new Promise((resolve) => setTimeout(resolve, 5));
    return queue.answer(name, args);
  };
  const limits = { ...LIMITS, batchSize: 40, concurrency: 40 };
  const result = await drainJobs(serviceContext(slow), { "recording.deploy": succeed }, limits);
  strictEqual(result.done, 40);
  ok(queue.calls.filter((name) => name === "complete_jobs").length <= 3);
});

Deno.test("drainJobs() loses nothing when the outbox stops to answer", async () => {
  const down = (): Response => Response.json({ code: "57P01", message: "bye" }, { status: 503 });
  const queue = outbox(2);
  const ctx = serviceContext((name, args) =>
    name === "claim_jobs" ? queue.answer(name, args) : down()
  );
  const handlers = { "recording.deploy": succeed };
  deepStrictEqual(await drainJobs(ctx, handlers, LIMITS), { done: 0, retried: 0, failed: 0 });
  deepStrictEqual(queue.rows.map(({ state }) => state), ["running", "running"], "their leases end");
  await rejects(drainJobs(serviceContext(down), handlers, LIMITS), {
    code: "upstream_unavailable",
  });
});
