// The outbox over the API: several workers at once, workers that are killed, jobs that kill theirs.
import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { PostgrestClient } from "@supabase/postgrest-js";
import type { ApiDatabase } from "@shared/database/api_database.ts";
import { systemClock } from "@shared/platform/clock.ts";
import type { HandleJob, JobKind } from "@shared/platform/jobs.ts";
import type { ServiceContext } from "@shared/platform/request_context.ts";
import { drainJobs, type JobLimits } from "../../supabase/functions/_shared/jobs/drain_jobs.ts";
import { testStack } from "../support/stack.ts";

const stack = await testStack();

/** Each test's jobs are of a kind that no worker of the stack takes. */
const newKind = (): JobKind => `test.${crypto.randomUUID().slice(0, 8)}` as JobKind;

const LIMITS: JobLimits = {
  batchSize: 10,
  maxJobs: 10_000,
  budgetMs: 60_000,
  leaseSeconds: 30,
  concurrency: 5,
};

function openContext(network: typeof globalThis.fetch = fetch): ServiceContext {
  const key = stack.description.secretKey;
  const db = new PostgrestClient<ApiDatabase>(`${stack.url}/rest/v1`, {
    headers: { apikey: key, authorization: `Bearer ${key}` },
    fetch: network,
    retry: false,
  });
  return {
    db: Object.assign(db, { isService: true as const }),
    requestId: "jobs-test",
    log: { info: () => {}, warn: () => {}, error: () => {} },
    clock: systemClock,
    signal: new AbortController().signal,
    fetch: network,
  };
}

async function enqueue(kind: JobKind, count: number): Promise<void> {
  await stack.sql(
    `select private.enqueue_job($1, jsonb_build_object('n', n), null, $1 || ':' || n, null, 3, null, 'request-' || n)
     from generate_series(1, $2::integer) as n`,
    [kind, count],
  );
}

async function left(kind: JobKind): Promise<Record<string, unknown>[]> {
  return await stack.sql(
    "select state, attempts, last_error from private.jobs where kind = $1 order by (payload ->> 'n')::integer",
    [kind],
  );
}

const numberOf = (payload: unknown): number => (payload as { n: number }).n;

Deno.test("five workers at once do each of 300 jobs once", async () => {
  const kind = newKind();
  await enqueue(kind, 300);
  const done: number[] = [];
  const requests = new Set<string>();
  const handle: HandleJob = (ctx, job) => {
    done.push(numberOf(job.payload));
    requests.add(ctx.requestId);
    return Promise.resolve({ outcome: "done" });
  };
  const drains = Array.from(
    { length: 5 },
    () => drainJobs(openContext(), { [kind]: handle }, LIMITS),
  );
  const results = await Promise.all(drains);
  strictEqual(results.reduce((sum, result) => sum + result.done, 0), 300);
  strictEqual(done.length, 300);
  strictEqual(new Set(done).size, 300);
  strictEqual(requests.size, 300, "each for the request that called for it");
  deepStrictEqual(await left(kind), []);
  await enqueue(kind, 300);
  deepStrictEqual(await left(kind), [], "and never again under the same key");
});

Deno.test("a worker that is killed loses nothing: what it held is done by the next", async () => {
  const kind = newKind();
  await enqueue(kind, 60);
  const effects = new Map<number, number>();
  const handle: HandleJob = (_, job) => {
    const number = numberOf(job.payload);
    effects.set(number, (effects.get(number) ?? 0) + 1);
    return Promise.resolve({ outcome: "done" });
  };
  for (let life = 1; life <= 8; life++) {
    let calls = 0;
    // Dead from some call on: what was asked before it had its effect, nothing after it has
    const dying: typeof globalThis.fetch = (input, init) =>
      ++calls > life ? Promise.reject(new Error("killed")) : fetch(input, init);
    try {
      await drainJobs(openContext(dying), { [kind]: handle }, LIMITS);
    } catch {
      // As a process that is gone
    }
    await stack.sql(
      "update private.jobs set run_at = now(), locked_until = now() where kind = $1 and state = 'running'",
      [kind],
    );
    // Killing costs attempts; here it is about what is lost
    await stack.sql("update private.jobs set attempts = 0 where kind = $1", [kind]);
  }
  await drainJobs(openContext(), { [kind]: handle }, LIMITS);
  deepStrictEqual(await left(kind), []);
  strictEqual(effects.size, 60, "none lost");
});

Deno.test("a job that kills its worker each time is buried, and holds up no other", async () => {
  const kind = newKind();
  await enqueue(kind, 5);
  const done = new Set<number>();
  for (let life = 0; life < 4; life++) {
    let isDead = false;
    const mortal: typeof globalThis.fetch = (input, init) =>
      isDead ? Promise.reject(new Error("killed")) : fetch(input, init);
    const handle: HandleJob = (_, job) => {
      if (numberOf(job.payload) === 3) isDead = true;
      else done.add(numberOf(job.payload));
      return Promise.resolve({ outcome: "done" });
    };
    await drainJobs(openContext(mortal), { [kind]: handle }, {
      ...LIMITS,
      concurrency: 1,
      batchSize: 1,
    })
      .catch(() => {});
    await stack.sql(
      "update private.jobs set run_at = now() where kind = $1 and state = 'running'",
      [kind],
    );
  }
  await stack.sql("select private.bury_exhausted()");
  deepStrictEqual([...done].sort(), [1, 2, 4, 5]);
  const [poison, ...others] = await left(kind);
  deepStrictEqual(others, []);
  deepStrictEqual([poison?.["state"], poison?.["attempts"], poison?.["last_error"]], [
    "dead",
    3,
    "lease_expired",
  ]);

  const [row] = await stack.sql<{ id: string }>("select id from private.jobs where kind = $1", [
    kind,
  ]);
  const { data } = await stack.service().rpc("redrive_job", { p_id: row?.id });
  strictEqual(data, true);
  const { done: redriven } = await drainJobs(
    openContext(),
    { [kind]: () => Promise.resolve({ outcome: "done" }) },
    LIMITS,
  );
  strictEqual(redriven, 1, "an operator can have it tried again");
});

Deno.test("a job longer than its lease is renewed; a zombie's is another's, and it ticks nothing off", async () => {
  const kind = newKind();
  await enqueue(kind, 1);
  let workers = 0;
  const slow: HandleJob = async (ctx) => {
    workers += 1;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, 3_500);
      ctx.signal.addEventListener("abort", () => {
        clearTimeout(timer);
        resolve();
      });
    });
    return { outcome: "done" };
  };
  const limits = { ...LIMITS, leaseSeconds: 2 };
  const first = drainJobs(openContext(), { [kind]: slow }, limits);
  await new Promise((resolve) => setTimeout(resolve, 2_800));
  const second = await drainJobs(openContext(), { [kind]: slow }, limits);
  deepStrictEqual([second.done, (await first).done, workers], [0, 1, 1], "renewed past its lease");

  await enqueue(kind, 2);
  const cut: typeof globalThis.fetch = (input, init) =>
    // Cannot renew, as one that sleeps
    String(input).endsWith("/renew_jobs")
      ? Promise.resolve(Response.json({ message: "asleep" }, { status: 503 }))
      : fetch(input, init);
  const zombie = drainJobs(openContext(cut), { [kind]: slow }, limits);
  await new Promise((resolve) => setTimeout(resolve, 2_300));
  const heir = await drainJobs(
    openContext(),
    { [kind]: () => Promise.resolve({ outcome: "done" }) },
    limits,
  );
  deepStrictEqual([heir.done, (await zombie).done], [1, 0]);
  ok((await left(kind)).length === 0);
});
