// Unit tests of what a run may spend, and of what it refuses to start without.
import { strictEqual, throws } from "node:assert/strict";
import { createTestDeps } from "../../../../tests/support/function_deps.ts";
import { serviceContext } from "../../../../tests/support/rpc_context.ts";
import { createUploadWorker, startBudget } from "./upload_worker.ts";

const MEBIBYTE = 1024 * 1024;
const LIMITS = { cpuMs: 1_500, cpuMsPerMebibyte: 5, wallMs: 60_000 };

Deno.test("a run stops when its CPU is spent, as the runtime counts it", () => {
  let spentMs = 0;
  const budget = startBudget(
    LIMITS,
    () => ({ user: 7_000 + spentMs * 900, system: spentMs * 100 }),
  );
  budget.note(10_000 * MEBIBYTE);
  strictEqual(budget.isSpent(), false, "bytes say nothing where time is known");
  spentMs = 1_499;
  strictEqual(budget.isSpent(), false);
  spentMs = 1_500;
  strictEqual(budget.isSpent(), true);
});

Deno.test("where the runtime does not count, each MiB is taken to cost its share", () => {
  let asked = 0;
  const budget = startBudget(LIMITS, () => {
    asked += 1;
    return { user: 0, system: 0 };
  });
  budget.note(200 * MEBIBYTE);
  budget.note(99 * MEBIBYTE);
  strictEqual(budget.isSpent(), false);
  budget.note(MEBIBYTE);
  strictEqual(budget.isSpent(), true, "of all files together");
  strictEqual(asked, 1, "the hosted runtime complains each time");
});

Deno.test("a run stops when its time is up", () => {
  const budget = startBudget({ ...LIMITS, wallMs: 0 }, () => ({ user: 1, system: 0 }));
  strictEqual(budget.isSpent(), true);
});

Deno.test("U60-141 without a bucket, a key or registered hosts a worker does not start", async () => {
  const all: Readonly<Record<string, string>> = {
    SUPABASE_URL: "http://stack.test",
    MEETINGBAAS_API_KEY: "key",
    MEETINGBAAS_ARTIFACT_HOSTS: "media.provider.test",
    AWS_REGION: "eu-west-1",
    AWS_S3_BUCKET: "recordings",
    AWS_ACCESS_KEY_ID: "id",
    AWS_SECRET_ACCESS_KEY: "secret",
  };
  const start = async (variables: Readonly<Record<string, string>>): Promise<unknown> =>
    createUploadWorker(await createTestDeps({ variables }), serviceContext(() => null));
  await start(all);
  for (const name of Object.keys(all)) {
    const { [name]: _, ...others } = all;
    const deps = await createTestDeps({ variables: others });
    throws(
      () => createUploadWorker(deps, serviceContext(() => null)),
      { code: "not_configured" },
      name,
    );
  }
  const deps = await createTestDeps({
    variables: { ...all, MEETINGBAAS_ARTIFACT_HOSTS: "http://127.0.0.1:1" },
    env: { environment: "production" },
  });
  throws(() => createUploadWorker(deps, serviceContext(() => null)), { code: "not_configured" });
});
