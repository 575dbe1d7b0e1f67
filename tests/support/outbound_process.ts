// A worker of confirmed actions as a process of its own, to be killed: it boots, waits for a line, works
// off what is due, and ends. What it is told comes in its environment.
import { createExecuteHandler } from "@shared/outbound/execute_effect.ts";
import { systemClock } from "@shared/platform/clock.ts";
import type { ServiceContext } from "@shared/platform/request_context.ts";
import { openServiceClient } from "../../supabase/functions/_shared/clients/service_client.ts";
import { drainJobs } from "../../supabase/functions/_shared/jobs/drain_jobs.ts";
import { openOutbound } from "../../supabase/functions/_shared/providers/outbound_worker.ts";
import { createTestDeps } from "./function_deps.ts";
import { outboundSettings } from "./outbound_clients.ts";

const told = (name: string): string => Deno.env.get(name) ?? "";
const settings = outboundSettings(told("PROVIDERS_URL"));
const deps = await createTestDeps({
  env: { supabaseUrl: told("STACK_URL"), secretKey: told("STACK_SECRET_KEY") },
});
const ctx: ServiceContext = {
  db: openServiceClient("execute_confirmed_actions", {
    functionName: "execute-confirmed-actions",
    requestId: "kill-test",
    env: deps.env,
    fetch,
  }),
  requestId: "kill-test",
  log: { info: () => {}, warn: () => {}, error: () => {} },
  clock: systemClock,
  signal: AbortSignal.timeout(30_000),
  fetch,
};
const execute = createExecuteHandler({
  open: (own, job) => openOutbound(own, job, (name) => settings[name]),
});
// As in the function: it is loaded with the first message
await import("@slack/web-api");
await Deno.stdout.write(new TextEncoder().encode("ready\n"));
await Deno.stdin.read(new Uint8Array(8));
await drainJobs(ctx, { "action.execute": execute }, {
  batchSize: 3,
  maxJobs: 100,
  budgetMs: 25_000,
  leaseSeconds: 60,
  concurrency: 3,
});
Deno.exit(0);
