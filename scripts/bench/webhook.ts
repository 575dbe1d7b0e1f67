// Accepting a webhook: verify, dedupe and enqueue in one round trip, against a bare handler that
// stores the body unread. Both over HTTP, through the gateway and the REST room, to disk.
import { strictEqual } from "node:assert/strict";
import { createHash, createHmac, randomBytes } from "node:crypto";
import { PostgrestClient } from "@supabase/postgrest-js";
import { systemClock } from "../../shared/platform/clock.ts";
import { readPlatformEnv } from "../../supabase/functions/_shared/env/platform_env.ts";
import type { FunctionDeps } from "../../supabase/functions/_shared/http/function_deps.ts";
import { createApp } from "../../supabase/functions/fathom-webhook/app.ts";
import { benchBotWebhook } from "./bot_webhook.ts";
import { type DataApi, serveDataApi } from "./data_api.ts";
import { type BenchDatabase, idSql } from "./database.ts";
import { type BenchRow, compare, toRow } from "./harness.ts";
import { type Served, serveHandler } from "./serve_handler.ts";

const ROUNDS = 250;
const BODY_BYTES = 2_000;

/**
 * Measures one sender and eight at a time, then resent events against fresh ones.
 *
 * @param world A migrated database; its inbox is written to.
 * @returns The rows of the table.
 */
export async function benchWebhook(world: BenchDatabase): Promise<BenchRow[]> {
  await using api = await serveDataApi(world);
  const key = randomBytes(32).toString("base64url");
  const secret = randomBytes(32);
  await prepare(world, api, key, secret);
  await using webhook = serveHandler(createApp(createDeps(api)).fetch);
  await using bare = serveHandler(createBareHandler(api));

  const accept = (id: string): Promise<void> => postSigned(webhook, key, secret, id);
  const store = (): Promise<void> => postBare(bare);
  const fresh = (): Promise<void> => accept(newId());
  const known = newId();
  await accept(known);
  const resend = (): Promise<void> => accept(known);
  const eight = (run: () => Promise<void>) => async (): Promise<void> => {
    await Promise.all(Array.from({ length: 8 }, run));
  };
  const acceptance = {
    against: "bare insert, same layers",
    goal: { atLeast: 0.6 },
    ratioOf: "rate",
    warmupRounds: 40,
  } as const;
  return [
    await compare({
      ...acceptance,
      name: "webhook: accept, one sender",
      rounds: ROUNDS,
      ours: fresh,
      theirs: store,
    }),
    await compare({
      ...acceptance,
      name: "webhook: accept, eight senders",
      rounds: ROUNDS / 2,
      ours: eight(fresh),
      theirs: eight(store),
    }),
    await compare({
      name: "webhook: resent event, all layers",
      against: "fresh event",
      goal: "stated",
      ratioOf: "rate",
      rounds: ROUNDS,
      ours: resend,
      theirs: fresh,
    }),
    await compareDatabaseTimes(world),
    ...await benchBotWebhook((more) => createDeps(api, more), (body) => postBare(bare, body)),
  ];
}

/** What the event itself costs: the database's part, without the layers that both go through. */
async function compareDatabaseTimes(world: BenchDatabase): Promise<BenchRow> {
  const client = await world.connect("supabase_admin");
  const accept = (id: string): Promise<unknown> =>
    client.query({
      name: "accept",
      text: "select is_duplicate from public.accept_webhook('fathom', $1, $2, '{}', 'bench')",
      values: [id, PAYLOAD],
    });
  const known = newId();
  await accept(known);
  const time = async (id: string): Promise<number> => {
    const start = performance.now();
    await accept(id);
    return performance.now() - start;
  };
  const resent: number[] = [];
  const fresh: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    resent.push(await time(known));
    fresh.push(await time(newId()));
  }
  await client.end();
  return toRow(
    {
      name: "webhook: resent event, in the database",
      against: "fresh event",
      goal: { atLeast: 2 },
      ratioOf: "rate",
    },
    resent,
    fresh,
  );
}

async function prepare(
  world: BenchDatabase,
  api: DataApi,
  key: string,
  secret: Uint8Array,
): Promise<void> {
  const admin = await world.connect("supabase_admin");
  await admin.query(
    `select public.connect_fathom(${idSql("org", 1)}, ${idSql("person", 1)}, $1, $2, $3)`,
    [
      "recorder@bench.test",
      createHash("sha256").update(key).digest("hex"),
      `whsec_${secret.toBase64()}`,
    ],
  );
  await admin.query(
    `create table if not exists public.bench_bodies (
       id uuid primary key default gen_random_uuid(), body jsonb not null, received_at timestamptz default now()
     )`,
  );
  await admin.query("grant insert on public.bench_bodies to service_role");
  await admin.end();
  await api.rest.reload();
}

function createDeps(
  api: DataApi,
  more: Readonly<Record<string, string>> = {},
): FunctionDeps {
  const variables: Readonly<Record<string, string>> = {
    SUPABASE_URL: api.url,
    SUPABASE_PUBLISHABLE_KEYS: JSON.stringify(api.keys.publishableKeys),
    SUPABASE_SECRET_KEYS: JSON.stringify(api.keys.secretKeys),
    SUPABASE_JWKS: JSON.stringify(api.keys.jwks),
    SIXTY_ENVIRONMENT: "production",
    SIXTY_ALLOWED_ORIGINS: "https://app.bench.test",
    ...more,
  };
  const readVariable = (name: string): string | undefined => variables[name];
  return {
    env: readPlatformEnv(readVariable),
    readVariable,
    // Processing starts by saying so, and is kept off what is measured by never being answered: one
    // drain is under way from the first event to the last, as in a burst. Refusing it measured, for
    // each event, how a failure is described and logged.
    fetch: (input, init) =>
      String(input).endsWith("/rpc/record_service_use")
        ? new Promise<Response>(() => {})
        : fetch(input, init),
    clock: systemClock,
    writeLine: () => {},
    runInBackground: () => {},
  };
}

/** What one would write without a frame: no check of anything, one insert. */
function createBareHandler({ url, keys }: DataApi): (request: Request) => Promise<Response> {
  const client = new PostgrestClient(`${url}/rest/v1`, {
    headers: {
      apikey: keys.secretKeys.default,
      authorization: `Bearer ${keys.secretKeys.default}`,
    },
    schema: "public",
    retry: false,
  });
  return async (request) => {
    const { error } = await client.from("bench_bodies").insert({ body: await request.json() });
    return Response.json({ received: error === null }, { status: error === null ? 200 : 500 });
  };
}

const PAYLOAD = JSON.stringify({
  recording_id: 1,
  title: "Weekly call",
  transcript: Array.from({ length: 12 }, (_, index) => ({
    speaker: { display_name: `Speaker ${index % 3}` },
    text: "We went through the numbers of the quarter and agreed on next steps. ".repeat(2),
    timestamp: "00:00:03",
  })),
}).slice(0, -1).padEnd(BODY_BYTES - 1) + "}";

function newId(): string {
  return `msg_${randomBytes(12).toString("hex")}`;
}

async function postSigned(
  { url }: Served,
  key: string,
  secret: Uint8Array,
  id: string,
): Promise<void> {
  const timestamp = String(Math.floor(Date.now() / 1000));
  const signature = createHmac("sha256", secret).update(`${id}.${timestamp}.${PAYLOAD}`);
  const response = await fetch(`${url}/fathom-webhook/${key}`, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      "webhook-id": id,
      "webhook-timestamp": timestamp,
      "webhook-signature": `v1,${signature.digest("base64")}`,
    },
    body: PAYLOAD,
  });
  const text = await response.text();
  strictEqual(response.status, 200, text);
}

async function postBare({ url }: Served, body = PAYLOAD): Promise<void> {
  const response = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body,
  });
  const text = await response.text();
  strictEqual(response.status, 200, text);
}
