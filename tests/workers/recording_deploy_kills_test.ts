// The worker that sends bots dies at every call that it makes, before it and after it, and so does the
// one that comes next: there is one bot in the end, and the recording knows it. The database, the API
// and the bot service are the stack's; only the worker is this process's, so that it can be killed to
// the call.
import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { PostgrestClient } from "@supabase/postgrest-js";
import type { ApiDatabase } from "@shared/database/api_database.ts";
import { systemClock } from "@shared/platform/clock.ts";
import type { ClaimedJob, JobOutcome } from "@shared/platform/jobs.ts";
import type { ServiceContext } from "@shared/platform/request_context.ts";
import { createDeployHandler } from "@shared/recordings/deploy_recording_bot.ts";
import { createMeetingBaas } from "../../supabase/functions/_shared/providers/meeting_baas.ts";
import { createRivals, eventually } from "../support/rivals.ts";
import { testStack } from "../support/stack.ts";

const stack = await testStack();
const { rep } = await createRivals(stack);
await stack.controlProviders({ provider: "meeting_baas", action: "configure", rate_limit: 1_000 });

/** At which call a worker dies, counted from 1, and whether that call still had its effect. */
interface Death {
  readonly call: number;
  readonly isAfter: boolean;
}

class Killed extends Error {}

/** A network that is cut at one call; whoever used it is dead from then on. */
function mortalNetwork(death: Death | null, beforeFirst: () => Promise<unknown>) {
  let calls = 0;
  let isDead = false;
  const network: typeof globalThis.fetch = async (input, init) => {
    if (isDead) throw new Killed();
    calls += 1;
    if (calls === 1) await beforeFirst();
    if (death === null || calls !== death.call) return await fetch(input, init);
    isDead = true;
    if (death.isAfter) await (await fetch(input, init)).arrayBuffer();
    throw new Killed();
  };
  return { network, calls: () => calls, isDead: () => isDead };
}

interface Planned {
  readonly id: string;
  readonly jobId: string;
}

/** A recording whose job only this test takes: its lease is ours from the start. */
async function plan(): Promise<Planned> {
  const mark = crypto.randomUUID();
  const [row] = await stack.sql<{ id: string; job_id: string }>(
    `with r as (
       insert into public.recordings (org_id, owner_user_id, storage_user_id, meeting_key, requested_by, title, meeting_url, platform, scheduled_start_at)
       values ($1, $2, $2, $3, 'person', 'Killed', 'https://meet.google.com/' || $3, 'meet', now()) returning id
     )
     insert into private.jobs (org_id, kind, payload, state, attempts, max_attempts, locked_by, locked_until, run_at)
     select $1, 'recording.deploy', jsonb_build_object('recording_id', r.id), 'running', 1, 10, 'nobody', now(), now() + interval '1 hour' from r
     returning payload ->> 'recording_id' as id, id as job_id`,
    [rep.orgId, rep.userId, mark],
  );
  return { id: row?.id ?? "", jobId: row?.job_id ?? "" };
}

interface Run {
  readonly outcome: JobOutcome | null;
  readonly calls: number;
  readonly isDead: boolean;
}

/** One worker's try, with a lease of its own. */
async function work(
  planned: Planned,
  death: Death | null,
  beforeFirst: () => Promise<unknown> = () => Promise.resolve(),
): Promise<Run> {
  const worker = `kill:${crypto.randomUUID()}`;
  await stack.sql(
    "update private.jobs set locked_by = $2, locked_until = now() + interval '1 hour' where id = $1",
    [planned.jobId, worker],
  );
  const { network, calls, isDead } = mortalNetwork(death, beforeFirst);
  const key = stack.description.secretKey;
  const client = new PostgrestClient<ApiDatabase>(`${stack.url}/rest/v1`, {
    headers: { apikey: key, authorization: `Bearer ${key}` },
    fetch: network,
    retry: false,
  });
  const ctx: ServiceContext = {
    db: Object.assign(client, { isService: true as const }),
    requestId: worker,
    log: { info: () => {}, warn: () => {}, error: () => {} },
    clock: systemClock,
    signal: new AbortController().signal,
    fetch: network,
  };
  const settings: Readonly<Record<string, string>> = {
    MEETINGBAAS_API_KEY: "sim-meetingbaas-key",
    MEETINGBAAS_BASE_URL: `${stack.description.providersUrl}/meeting-baas`,
    SUPABASE_URL: stack.url,
  };
  const handle = createDeployHandler({
    openBots: () =>
      createMeetingBaas({
        readVariable: (name) => settings[name],
        fetch: network,
        clock: systemClock,
        signal: ctx.signal,
      }),
    refreshCalendars: () => Promise.resolve(),
    providerTranscribes: "always",
  });
  const job: ClaimedJob = {
    id: planned.jobId,
    kind: "recording.deploy",
    orgId: rep.orgId,
    payload: { recording_id: planned.id },
    actingUserId: rep.userId,
    attempt: 1,
    maxAttempts: 10,
    requestId: null,
    worker,
  };
  try {
    return { outcome: await handle(ctx, job), calls: calls(), isDead: isDead() };
  } catch (error) {
    // Only its own death may end a worker like this
    if (!isDead()) throw error;
    return { outcome: null, calls: calls(), isDead: true };
  }
}

interface BotOfRecording {
  readonly bot_id: string;
  readonly extra: { readonly recording_id?: string } | null;
}

async function botsOf(...recordings: readonly Planned[]): Promise<Map<string, string[]>> {
  const answer = await stack.controlProviders({ provider: "meeting_baas", action: "bots" });
  const bots = Array.isArray(answer) ? answer : (answer as { bots: unknown[] }).bots;
  const found = new Map<string, string[]>(recordings.map(({ id }) => [id, []]));
  for (const bot of bots as BotOfRecording[]) {
    found.get(bot.extra?.recording_id ?? "")?.push(bot.bot_id);
  }
  return found;
}

async function botIdOf({ id }: Planned): Promise<string | null> {
  const [row] = await stack.sql<{ bot_id: string | null }>(
    "select bot_id from public.recordings where id = $1",
    [id],
  );
  return row?.bot_id ?? null;
}

function deathsUpTo(calls: number): Death[] {
  return Array.from({ length: calls }, (_, index) => index + 1)
    .flatMap((call) => [{ call, isAfter: false }, { call, isAfter: true }]);
}

interface History extends Planned {
  readonly deaths: readonly Death[];
}

/** Lives through the deaths one after the other, and then in peace. */
async function live(deaths: readonly Death[]): Promise<History & { readonly lastCalls: number }> {
  const planned = await plan();
  for (const death of deaths) await work(planned, death);
  const last = await work(planned, null);
  deepStrictEqual(last.outcome, { outcome: "done" }, JSON.stringify(deaths));
  return { ...planned, deaths, lastCalls: last.calls };
}

async function liveAll(
  lives: readonly (readonly Death[])[],
): Promise<Awaited<ReturnType<typeof live>>[]> {
  const waiting = [...lives];
  const lived: Awaited<ReturnType<typeof live>>[] = [];
  await Promise.all(Array.from({ length: 4 }, async () => {
    for (let next = waiting.shift(); next; next = waiting.shift()) lived.push(await live(next));
  }));
  return lived;
}

Deno.test("U60-105 a worker killed at any call, and the next one killed at any call, leave one bot", async () => {
  const calm = await live([]);
  const once = await liveAll(deathsUpTo(calm.lastCalls).map((death) => [death]));
  const twice = await liveAll(
    once.flatMap(({ deaths, lastCalls }) =>
      deathsUpTo(lastCalls).map((death) => [...deaths, death])
    ),
  );
  const histories = [calm, ...once, ...twice];
  ok(histories.length >= 60, `only ${histories.length} histories`);
  const bots = await botsOf(...histories);
  for (const history of histories) {
    const text = JSON.stringify(history.deaths);
    strictEqual(bots.get(history.id)?.length, 1, text);
    strictEqual(await botIdOf(history), bots.get(history.id)?.[0], text);
  }
});

Deno.test("U60-105 a worker that slept past its lease sends no second bot", async () => {
  for (const change of ["locked_until = now() - interval '1 second'", "locked_by = 'another'"]) {
    const planned = await plan();
    const run = await work(
      planned,
      null,
      () => stack.sql(`update private.jobs set ${change} where id = $1`, [planned.jobId]),
    );
    deepStrictEqual(run.outcome, { outcome: "done" });
    deepStrictEqual((await botsOf(planned)).get(planned.id), []);
    strictEqual(await botIdOf(planned), null);
  }
});

Deno.test("U60-105 a bot that is called off while it is being made leaves as soon as it is there", async () => {
  const planned = await plan();
  const { lastCalls } = await live([]);
  // Dead after the bot was made, and before anybody was told
  await work(planned, { call: lastCalls - 1, isAfter: true });
  const [botId] = (await botsOf(planned)).get(planned.id) ?? [];
  ok(botId);
  await stack.sql(
    "select private.end_unsent_recording(r, 'cancelled', 'called_off', 'deploy') from public.recordings as r where r.id = $1",
    [planned.id],
  );
  deepStrictEqual((await work(planned, null)).outcome, { outcome: "done" });
  strictEqual(await botIdOf(planned), null);
  await eventually("it has left because it was told to", async () => {
    const answer = await fetch(
      `${stack.description.providersUrl}/meeting-baas/v2/bots/${botId}`,
      { headers: { "x-meeting-baas-api-key": "sim-meetingbaas-key" } },
    );
    const { data } = await answer.json();
    return ["EXITING_MEETING_BEFORE_RECORD", "API_REQUEST"].includes(data.error_code);
  });
});
