import { deepStrictEqual, ok, strictEqual, throws } from "node:assert/strict";
import { createHmac } from "node:crypto";
import { z } from "zod";
import { AppError } from "@shared/errors/app_error.ts";
import {
  createTestDeps,
  TEST_CRON_KEY,
  type TestDeps,
} from "../../../../tests/support/function_deps.ts";
import { createJob, type JobName, type JobSpec } from "./create_job.ts";
import type { ServedFunction } from "./create_webhook.ts";

const NAME = "process-webhook-events";

interface Signing {
  readonly functionName?: string;
  readonly minute?: number | string;
  readonly nonce?: string;
  readonly body?: string;
  readonly signedBody?: string;
  readonly key?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

function thisMinute(): number {
  return Math.floor(Date.now() / 60_000);
}

/** A call as the database makes it. */
function scheduled(signing: Signing = {}): Request {
  const { functionName = NAME, body = "{}", key = TEST_CRON_KEY } = signing;
  const minute = String(signing.minute ?? thisMinute());
  const nonce = signing.nonce ?? crypto.randomUUID();
  const digest = createHmac("sha256", key)
    .update(`${functionName}.${minute}.${nonce}.${signing.signedBody ?? body}`).digest("hex");
  return new Request(`http://function.test/${NAME}`, {
    method: "POST",
    body,
    headers: {
      "content-type": "application/json",
      "x-cron-minute": minute,
      "x-cron-nonce": nonce,
      "x-cron-signature": `v1,${digest}`,
      ...signing.headers,
    },
  });
}

async function createDrain(
  spec: Partial<JobSpec<z.ZodType>> = {},
): Promise<{ readonly app: ServedFunction; readonly deps: TestDeps; readonly runs: () => number }> {
  let runs = 0;
  const used = new Set<string>();
  const deps = await createTestDeps({
    network: async (request) => {
      if (!request.url.endsWith("/consume_cron_nonce")) return Response.json(null);
      const { p_nonce } = await request.json();
      const isFresh = !used.has(p_nonce);
      used.add(p_nonce);
      return Response.json(isFresh);
    },
  });
  const app = createJob<z.ZodType>(NAME, {
    reason: "process_webhook_events",
    run: () => {
      runs += 1;
      return Promise.resolve({ processed: 3 });
    },
    ...spec,
  }, deps);
  return { app, deps, runs: () => runs };
}

Deno.test("createJob() runs for a call that our schedule signed, and answers what it came to", async () => {
  const { app, deps, runs } = await createDrain();
  const response = await app.fetch(scheduled());
  strictEqual(response.status, 200);
  deepStrictEqual(await response.json(), { data: { processed: 3 } });
  strictEqual(runs(), 1);
  const line = JSON.parse(deps.lines.at(-1) ?? "{}");
  strictEqual(line.actor_kind, "job");
  strictEqual(line.auth, "ok");
});

Deno.test("createJob() refuses a call that is not our schedule's, and runs nothing", async () => {
  const { app, runs, deps } = await createDrain();
  const good = scheduled();
  const signature = good.headers.get("x-cron-signature") ?? "";
  const forged: Record<string, Request> = {
    "another function": scheduled({ functionName: "calendar-sync-scheduler" }),
    "another body": scheduled({ signedBody: '{"a":1}' }),
    "another key": scheduled({ key: "sb_secret_other" }),
    "an empty key": scheduled({ key: "" }),
    "three minutes old": scheduled({ minute: thisMinute() - 3 }),
    "three minutes ahead": scheduled({ minute: thisMinute() + 3 }),
    "a minute that is no number": scheduled({ minute: "1e7" }),
    "a minute in seconds": scheduled({ minute: thisMinute() * 60 }),
    "another minute": scheduled({ headers: { "x-cron-minute": String(thisMinute() - 1) } }),
    "another nonce": scheduled({ headers: { "x-cron-nonce": crypto.randomUUID() } }),
    "a nonce that is no uuid": scheduled({ nonce: "1" }),
    "a signature in capitals": scheduled({
      headers: { "x-cron-signature": signature.toUpperCase() },
    }),
    "a cut signature": scheduled({ headers: { "x-cron-signature": signature.slice(0, -2) } }),
    "a bare signature": scheduled({ headers: { "x-cron-signature": signature.slice(3) } }),
    "no signature": scheduled({ headers: { "x-cron-signature": "" } }),
    "the key as bearer": new Request(`http://function.test/${NAME}`, {
      method: "POST",
      headers: { authorization: `Bearer ${TEST_CRON_KEY}`, apikey: TEST_CRON_KEY },
    }),
  };
  for (const [kind, request] of Object.entries(forged)) {
    const response = await app.fetch(request);
    strictEqual(response.status, 401, kind);
    strictEqual((await response.json()).code, "invalid_signature", kind);
  }
  strictEqual(runs(), 0);
  strictEqual(deps.calls.length, 0, "the database was not even asked");
  strictEqual((await app.fetch(scheduled())).status, 200, "control");
});

Deno.test("createJob() accepts two minutes of difference between clocks", async () => {
  const { app } = await createDrain();
  for (const minutes of [-2, -1, 1, 2]) {
    // A little inside, so that the test may cross into the next minute
    if (minutes === -2 && Date.now() % 60_000 > 55_000) continue;
    strictEqual((await app.fetch(scheduled({ minute: thisMinute() + minutes }))).status, 200);
  }
});

Deno.test("CRE-046 createJob() runs once for a call that is sent twice", async () => {
  const { app, runs, deps } = await createDrain();
  const nonce = crypto.randomUUID();
  strictEqual((await app.fetch(scheduled({ nonce }))).status, 200);
  strictEqual((await app.fetch(scheduled({ nonce }))).status, 401);
  strictEqual(JSON.parse(deps.lines.at(-1) ?? "{}").auth, "replayed");
  strictEqual(runs(), 1);
});

Deno.test("createJob() runs nothing when the nonce cannot be used up or the key is not set", async () => {
  let runs = 0;
  const spec: JobSpec<z.ZodType> = {
    reason: "process_webhook_events",
    run: () => {
      runs += 1;
      return Promise.resolve({});
    },
  };
  const down = await createTestDeps({ network: () => new Response("down", { status: 503 }) });
  ok((await createJob<z.ZodType>(NAME, spec, down).fetch(scheduled())).status >= 500);
  const keyless = await createTestDeps({ env: { cronKey: undefined } });
  strictEqual(
    (await createJob<z.ZodType>(NAME, spec, keyless).fetch(scheduled({ key: "" }))).status,
    503,
  );
  strictEqual(runs, 0);
});

Deno.test("U60-188 createJob() records the service role's use before it runs, and runs nothing without the record", async () => {
  const { app, deps } = await createDrain();
  await app.fetch(scheduled());
  deepStrictEqual(deps.calls.map((call) => call.url.split("/").at(-1)), [
    "consume_cron_nonce",
    "record_service_use",
  ]);
  strictEqual((await deps.calls[1]?.json()).p_reason, "process_webhook_events");

  const unrecorded = await createTestDeps({
    network: (request) =>
      request.url.endsWith("/record_service_use")
        ? Response.json({ code: "53300", message: "too many connections" }, { status: 503 })
        : Response.json(true),
  });
  let runs = 0;
  const job = createJob(NAME, {
    reason: "process_webhook_events",
    run: () => {
      runs += 1;
      return Promise.resolve({});
    },
  }, unrecorded);
  strictEqual((await job.fetch(scheduled())).status, 503);
  strictEqual(runs, 0);
});

Deno.test("createJob() checks what its schedule sends", async () => {
  const { app } = await createDrain();
  strictEqual((await app.fetch(scheduled({ body: '{"limit":1}' }))).status, 400);
  const limited = await createDrain({ body: z.strictObject({ limit: z.number() }) });
  strictEqual((await limited.app.fetch(scheduled({ body: '{"limit":1}' }))).status, 200);
  strictEqual((await limited.app.fetch(scheduled({ body: "{}" }))).status, 400);
});

Deno.test("createJob() tells its run to stop when the time is up, and answers failures by code", async () => {
  const slow = await createDrain({
    maxMs: 20,
    run: async (ctx) => {
      await new Promise((resolve) => ctx.signal.addEventListener("abort", resolve));
      return { outcome: "stopped" };
    },
  });
  deepStrictEqual(await (await slow.app.fetch(scheduled())).json(), {
    data: { outcome: "stopped" },
  });
  const busy = await createDrain({ run: () => Promise.reject(new AppError("already_running")) });
  strictEqual((await busy.app.fetch(scheduled())).status, 409);
});

Deno.test("U60-170 createJob() refuses to start with a reason that is not registered for it", async () => {
  const deps = await createTestDeps();
  const run = (): Promise<Record<string, number>> => Promise.resolve({});
  throws(() => createJob(NAME, { reason: "accept_webhook", run }, deps), /not registered/);
  throws(
    () => createJob("api-copilot" as JobName, { reason: "accept_webhook", run }, deps),
    /registered as api/,
  );
});

Deno.test("createJob() describes itself as OpenAPI, without a signature", async () => {
  const { app } = await createDrain({ body: z.strictObject({ limit: z.number() }) });
  const response = await app.fetch(new Request(`http://function.test/${NAME}/openapi.json`));
  strictEqual(response.status, 200);
  const { post } = (await response.json()).paths[`/${NAME}`];
  deepStrictEqual(post.security, [{ signature: [] }]);
  deepStrictEqual(post.requestBody.content["application/json"].schema.required, ["limit"]);
});
