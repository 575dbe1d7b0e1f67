// What the copilot is measured on: its function before a database with a world in it, a model of a fixed
// pace, and people enough that nobody asks too often.
import { strictEqual } from "node:assert/strict";
import { systemClock } from "../../shared/platform/clock.ts";
import type { ModelProvider } from "../../shared/model/model_provider.ts";
import { createApp } from "../../supabase/functions/api-copilot/app.ts";
import { readPlatformEnv } from "../../supabase/functions/_shared/env/platform_env.ts";
import type { FunctionDeps } from "../../supabase/functions/_shared/http/function_deps.ts";
import { openGemini } from "../../supabase/functions/_shared/providers/gemini.ts";
import { type DataApi, serveDataApi } from "./data_api.ts";
import type { BenchDatabase } from "./database.ts";
import type { Member } from "./envelope.ts";
import { serveHandler } from "./serve_handler.ts";

/** Somebody with a token. */
export interface Asker extends Member {
  readonly token: string;
}

/** The stage; disposing of it ends all of it. */
export interface CopilotStage extends AsyncDisposable {
  readonly api: DataApi;
  readonly url: string;
  readonly askers: readonly Asker[];
  /** The model, called without anything around it. */
  readonly model: ModelProvider;
  /** Waits for what goes on after answers were sent. */
  settle(): Promise<void>;
}

const ASKERS = 40;

/**
 * Sets the stage.
 *
 * @param world A migrated database with people.
 * @param modelUrl Where the model is.
 */
export async function setCopilotStage(
  world: BenchDatabase,
  modelUrl: string,
): Promise<CopilotStage> {
  await using cleanup = new AsyncDisposableStack();
  const api = cleanup.use(await serveDataApi(world));
  const work = new Set<Promise<unknown>>();
  const deps = createDeps(api, modelUrl, (promise) => void work.add(promise));
  const served = cleanup.use(serveHandler(createApp(deps).fetch));
  const model = openGemini(deps);
  if (model === null) throw new TypeError("The model has no key");
  const askers = await readAskers(world, api);
  const owned = cleanup.move();
  return {
    api,
    url: served.url,
    askers,
    model,
    settle: async () => {
      for (const promise of work) {
        await promise;
        work.delete(promise);
      }
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

/**
 * Serves the paced model in a thread of its own: what else goes on must not hold up its clock.
 *
 * @returns Where it is; disposing of it ends it.
 */
export async function servePacedModel(): Promise<{ readonly url: string } & Disposable> {
  const worker = new Worker(new URL("./paced_model.ts", import.meta.url), { type: "module" });
  const { promise, resolve } = Promise.withResolvers<string>();
  worker.onmessage = ({ data }) => resolve(String(data));
  return { url: await promise, [Symbol.dispose]: () => worker.terminate() };
}

/**
 * Asks, and reads the stream to its end.
 *
 * @param stage Where.
 * @param asker Who.
 * @param body What.
 * @param wanted The event that is waited for.
 * @returns When the first such event came, in milliseconds from the beginning, and the whole stream.
 */
export async function timeTo(
  stage: CopilotStage,
  asker: Asker,
  body: Record<string, unknown>,
  wanted: string,
): Promise<{ readonly ms: number; readonly text: string }> {
  const startedAt = performance.now();
  const response = await fetch(`${stage.url}/api-copilot/chat`, {
    method: "POST",
    headers: {
      authorization: `Bearer ${asker.token}`,
      accept: "text/event-stream",
      "content-type": "application/json",
    },
    body: JSON.stringify(body),
  });
  if (response.status !== 200 || response.body === null) {
    strictEqual(response.status, 200, await response.text());
  }
  let text = "";
  let ms = Number.NaN;
  const decoder = new TextDecoder();
  for await (const bytes of response.body ?? []) {
    text += decoder.decode(bytes, { stream: true });
    if (Number.isNaN(ms) && text.includes(`event: ${wanted}\n`)) ms = performance.now() - startedAt;
  }
  strictEqual(text.includes("event: done\n"), true, text);
  return { ms, text };
}

function createDeps(
  api: DataApi,
  modelUrl: string,
  runInBackground: FunctionDeps["runInBackground"],
): FunctionDeps {
  const variables: Readonly<Record<string, string>> = {
    SUPABASE_URL: api.url,
    SUPABASE_PUBLISHABLE_KEYS: JSON.stringify(api.keys.publishableKeys),
    SUPABASE_SECRET_KEYS: JSON.stringify(api.keys.secretKeys),
    SUPABASE_JWKS: JSON.stringify(api.keys.jwks),
    SIXTY_ENVIRONMENT: "production",
    SIXTY_ALLOWED_ORIGINS: "https://app.bench.test",
    GEMINI_API_KEY: "sim-gemini-bench",
    GEMINI_BASE_URL: modelUrl,
  };
  const readVariable = (name: string): string | undefined => variables[name];
  return {
    env: readPlatformEnv(readVariable),
    readVariable,
    fetch: globalThis.fetch,
    clock: systemClock,
    writeLine: (line) => line.includes('"error"') && console.error(line),
    runInBackground,
  };
}

/** People of an organization of their own, each with a calendar; the world's others are many more. */
async function readAskers(world: BenchDatabase, api: DataApi): Promise<Asker[]> {
  const admin = await world.connect("supabase_admin");
  const { rows } = await admin.query<Member>(ASKERS_SQL, [ASKERS]);
  await admin.query(
    `insert into public.calendar_events (
       org_id, user_id, calendar_id, external_id, title, start_time, end_time, attendees, attendees_count, status, response_status
     )
     select m.org_id, m.user_id, 'primary', gen_random_uuid(), 'Call ' || h, date_trunc('day', now()) + make_interval(hours => h),
       date_trunc('day', now()) + make_interval(hours => h, mins => 30),
       '[{"email": "bo@buyer.test", "name": "Bo Buyer"}]', 2, 'confirmed', 'accepted'
     from public.organization_members as m, generate_series(1, 200, 5) as h where m.org_id = $1`,
    [rows[0]?.org],
  );
  await admin.end();
  await api.rest.reload();
  return await Promise.all(
    rows.map(async (member) => ({ ...member, token: await api.tokenFor(member) })),
  );
}

const ASKERS_SQL = `with o as (
    insert into public.organizations (name, slug) values ('Askers', 'askers-' || gen_random_uuid()) returning id
  ), s as (
    insert into public.org_settings (org_id) select id from o
  ), u as (
    insert into auth.users (id, email)
    select gen_random_uuid(), 'asker-' || gen_random_uuid() || '@bench.test' from generate_series(1, $1)
    returning id, email
  ), p as (
    insert into public.profiles (id, email, first_name, active_org_id)
    select u.id, u.email, 'Alex', o.id from u, o
    on conflict (id) do update set first_name = excluded.first_name, active_org_id = excluded.active_org_id
    returning id
  ), m as (
    insert into public.organization_members (org_id, user_id, role, status)
    select o.id, p.id, 'manager', 'active' from p, o returning org_id, user_id
  ), e as (
    insert into auth.sessions (id, user_id) select gen_random_uuid(), id from u returning id, user_id
  )
  select m.org_id as org, m.user_id as person, e.id as session from m join e on e.user_id = m.user_id`;
