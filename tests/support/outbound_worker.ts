// The worker that executes confirmed actions, in this process, on the stack's database and simulators:
// the same code as in the function, with a network of the test's.
import { createExecuteHandler } from "@shared/outbound/execute_effect.ts";
import { systemClock } from "@shared/platform/clock.ts";
import type { ClaimedJob, JobOutcome } from "@shared/platform/jobs.ts";
import type { ServiceContext } from "@shared/platform/request_context.ts";
import { openServiceClient } from "../../supabase/functions/_shared/clients/service_client.ts";
import { openOutbound } from "../../supabase/functions/_shared/providers/outbound_worker.ts";
import { createTestDeps } from "./function_deps.ts";
import { outboundSettings } from "./outbound_clients.ts";
import type { TestStack } from "./stack.ts";

/** What a test may choose of a job and its surroundings. */
export interface OneTry {
  readonly effectId: string;
  readonly attempt?: number;
  readonly worker?: string;
  readonly network?: typeof globalThis.fetch;
  readonly elapsed?: () => number;
  readonly signal?: AbortSignal;
  readonly settings?: Readonly<Record<string, string>>;
}

/**
 * Does the job of one effect, once.
 *
 * @param stack The running stack.
 * @param wish Which effect, by whom, over what network.
 */
export async function tryEffect(stack: TestStack, wish: OneTry): Promise<JobOutcome> {
  const network = wish.network ?? fetch;
  const settings = wish.settings ?? outboundSettings(stack.description.providersUrl);
  const deps = await createTestDeps({
    env: { supabaseUrl: stack.url, secretKey: stack.description.secretKey },
  });
  const ctx: ServiceContext = {
    db: openServiceClient("execute_confirmed_actions", {
      functionName: "execute-confirmed-actions",
      requestId: "test",
      env: deps.env,
      fetch: network,
    }),
    requestId: "test",
    log: { info: () => {}, warn: () => {}, error: () => {} },
    clock: systemClock,
    signal: wish.signal ?? AbortSignal.timeout(30_000),
    fetch: network,
  };
  const job: ClaimedJob = {
    id: crypto.randomUUID(),
    kind: "action.execute",
    orgId: null,
    payload: { effect_id: wish.effectId },
    actingUserId: null,
    attempt: wish.attempt ?? 1,
    maxAttempts: 8,
    requestId: null,
    worker: wish.worker ?? `test:${crypto.randomUUID()}`,
  };
  const execute = createExecuteHandler({
    open: (own, claimed) => openOutbound(own, claimed, (name) => settings[name]),
    ...(wish.elapsed && { elapsed: wish.elapsed }),
  });
  return await execute(ctx, job);
}

/** As time passes: the lease of a dead worker ends, for the effect and for refreshing tokens. */
export async function endLeases(stack: TestStack, effectId: string): Promise<void> {
  await stack.sql(
    "update private.outbound_effects set leased_until = now() where id = $1 and status = 'running'",
    [effectId],
  );
  await stack.sql(
    `update private.calendar_sync_runs set refresh_leased_until = now()
     where refresh_leased_until > now() and org_id = (select org_id from private.outbound_effects where id = $1)`,
    [effectId],
  );
}
