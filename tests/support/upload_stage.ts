// The whole way of an upload in one process: a migrated database behind its REST room, the stack's S3
// server, the simulated host of the provider's files; and a worker whose network a test can watch,
// break and cut off, as if its process had died.
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { PostgrestClient } from "@supabase/postgrest-js";
import type { ApiDatabase } from "@shared/database/api_database.ts";
import { systemClock } from "@shared/platform/clock.ts";
import type { ServiceClient, ServiceContext } from "@shared/platform/request_context.ts";
import { parseArtifactPolicy } from "@shared/recordings/artifact_address.ts";
import type { BotEvent } from "@shared/recordings/bot_event.ts";
import type { ObjectStorage } from "@shared/recordings/object_storage.ts";
import type { UploadDeps } from "@shared/recordings/upload_contract.ts";
import { serveProviders } from "../../scripts/providers/server.ts";
import { createRestHandler } from "../../scripts/stack/rest/handler.ts";
import { applyMigrations } from "../../scripts/stack/postgres/migrations.ts";
import { connect } from "../../scripts/stack/postgres/connection.ts";
import { installPlatform } from "../../scripts/stack/postgres/platform.ts";
import { startPostgres } from "../../scripts/stack/postgres/server.ts";
import { freePorts } from "../../scripts/stack/ports.ts";
import { serveStorage } from "../../scripts/stack/storage/server.ts";
import { startWarden } from "../../scripts/stack/warden.ts";
import { createArtifactFetch } from "../../supabase/functions/_shared/http/guarded_fetch.ts";
import { createS3Storage } from "../../supabase/functions/_shared/providers/s3_storage.ts";
import type { Row } from "./stack.ts";

/** A file that waits for its upload. */
export interface StagedUpload {
  readonly recordingId: string;
  /** Its id at the artifact host. */
  readonly artifactId: string;
  readonly key: string;
  readonly bytes: number;
}

/** What a test may choose about a worker. */
export interface WorkerOptions {
  readonly fetch?: typeof globalThis.fetch;
  /** Asked before each call of the database and after it; what it throws breaks the call. */
  readonly onDatabase?: () => Promise<void>;
  /** Stops the run after so many bytes, all files together; never, unless given. */
  readonly isSpent?: (bytes: number) => boolean;
  readonly limits?: Partial<UploadDeps["limits"]>;
  readonly getBot?: (botId: string) => Promise<BotEvent | null>;
  readonly signal?: AbortSignal;
}

/** The stage. */
export interface UploadStage extends AsyncDisposable {
  readonly storage: ObjectStorage;
  sql<T extends Row>(text: string, parameters?: readonly unknown[]): Promise<T[]>;
  /** Scripts the artifact host. */
  artifacts(order: Row): Promise<Row>;
  /** Scripts the store. */
  store(order: Row): Promise<void>;
  /** A recording with one file to upload; its address is good for four hours. */
  given(file: { bytes: number; seed?: string; kind?: "video" | "audio" }): Promise<StagedUpload>;
  worker(options?: WorkerOptions): UploadDeps;
  /** What the provider says of the bot that made a file, with a fresh address. */
  botOf(upload: StagedUpload): Promise<BotEvent>;
  /** The row of an upload. */
  row(upload: StagedUpload): Promise<Row>;
  /** Ends every lease and every wait. */
  makeDue(): Promise<void>;
  /** SHA-256 of what is stored, in hexadecimal digits. */
  storedChecksum(key: string): Promise<string>;
}

const BUCKET = "recordings";
const CREDENTIALS = { accessKeyId: "AKIASTAGE", secretAccessKey: "a secret of this test only" };
const PASSWORDS = {
  supabase_admin: "stage",
  postgres: "stage",
  authenticator: "stage",
  supabase_auth_admin: "stage",
};

/** Sets the stage; a few seconds. */
export async function openUploadStage(): Promise<UploadStage> {
  await using cleanup = new AsyncDisposableStack();
  const database = await startDatabase(cleanup);
  const admin = await connect(database.url("supabase_admin"));
  cleanup.defer(() => admin.end());
  await admin.query(STAGE_SQL);
  const [org] =
    (await admin.query("select org_id as id, user_id from public.organization_members")).rows;
  const rest = await createRestHandler({
    databaseUrl: database.url("authenticator"),
    schemas: ["public"],
    extraSearchPath: ["public", "extensions"],
    anonRole: "anon",
    maxRows: 1000,
    verify: () => Promise.resolve({ role: "service_role" }),
  });
  cleanup.defer(() => rest.close());
  const dataDir = await Deno.makeTempDir({ prefix: "sixty-upload-" });
  cleanup.defer(() => Deno.remove(dataDir, { recursive: true }));
  const s3 = await serveStorage({ port: 0, dataDir, credentials: CREDENTIALS, buckets: [BUCKET] });
  cleanup.defer(() => s3.close());
  const providers = await serveProviders({ port: 0 });
  cleanup.defer(() => providers.close());

  const openStore = (fetch: typeof globalThis.fetch, signal: AbortSignal): ObjectStorage =>
    createS3Storage({
      readVariable: (name) => variables[name],
      fetch,
      now: () => new Date(),
      signal,
      wait: () => Promise.resolve(),
    });
  const variables: Readonly<Record<string, string>> = {
    AWS_REGION: "us-east-1",
    AWS_S3_BUCKET: BUCKET,
    AWS_ACCESS_KEY_ID: CREDENTIALS.accessKeyId,
    AWS_SECRET_ACCESS_KEY: CREDENTIALS.secretAccessKey,
    AWS_S3_ENDPOINT: s3.url,
  };
  const storage = openStore(fetch, new AbortController().signal);
  const artifacts = async (order: Row): Promise<Row> => {
    const url = `${providers.url}/_control`;
    return await post(url, { provider: "artifacts", ...order }) as Row;
  };
  const policy = parseArtifactPolicy(providers.url, true);
  const sql = async <T extends Row>(text: string, parameters: readonly unknown[] = []) =>
    (await admin.query(text, [...parameters])).rows as T[];
  const owned = cleanup.move();

  return {
    storage,
    sql,
    artifacts,
    store: async (order) => void await post(`${s3.url}/_control`, order),
    async given({ bytes, seed, kind = "video" }) {
      const made = await artifacts({ action: "put", kind, bytes, ...(seed && { seed }) });
      const [recording] = await sql<{ id: string; key: string }>(GIVEN_SQL, [
        org?.id,
        org?.user_id,
        crypto.randomUUID(),
        kind,
        made["url"],
      ]);
      if (recording === undefined) throw new Error("No recording was made");
      const { id: recordingId, key } = recording;
      return { recordingId, artifactId: String(made["id"]), key, bytes };
    },
    worker(options = {}) {
      const network = options.fetch ?? fetch;
      const signal = options.signal ?? new AbortController().signal;
      const db = new PostgrestClient<ApiDatabase>("http://rest.stage", {
        fetch: async (input, init) => {
          await options.onDatabase?.();
          const answer = await rest.fetch(new Request(input, init));
          await options.onDatabase?.();
          return answer;
        },
        headers: { authorization: "Bearer a.stage.token" },
        retry: false,
      });
      const ctx: Pick<ServiceContext, "db" | "log" | "clock" | "signal"> = {
        db: Object.assign(db, { isService: true as const }) as ServiceClient,
        log: { info: () => {}, warn: () => {}, error: () => {} },
        clock: systemClock,
        signal,
      };
      return {
        ctx,
        storage: openStore(network, signal),
        fetchArtifact: createArtifactFetch({ policy, fetch: network }),
        bots: { getBot: options.getBot ?? (() => Promise.resolve(null)) },
        budget: countBytes(options.isSpent),
        limits: {
          maxBytes: 1024 ** 3,
          leaseSeconds: 60,
          checkpointParts: 2,
          checkpointMs: 5_000,
          idleMs: 2_000,
          ...options.limits,
        },
        workerId: crypto.randomUUID(),
      };
    },
    async botOf({ artifactId }) {
      const { url } = await artifacts({ action: "presign", id: artifactId });
      return { ...BOT, sources: { video: String(url) } };
    },
    async row({ recordingId }) {
      const [row] = await sql(ROW_SQL, [recordingId]);
      return row ?? {};
    },
    makeDue: async () => {
      await sql(
        "update private.recording_uploads set next_attempt_at = clock_timestamp(), leased_until = clock_timestamp() where state in ('pending', 'uploading', 'waiting')",
      );
    },
    async storedChecksum(key) {
      const { createHash } = await import("node:crypto");
      const hash = createHash("sha256");
      const answer = await fetch(await storage.presignGet(key, 60));
      if (!answer.ok || answer.body === null) return `no object: ${answer.status}`;
      for await (const chunk of answer.body) hash.update(chunk);
      return hash.digest("hex");
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

async function startDatabase(
  cleanup: AsyncDisposableStack,
): Promise<Awaited<ReturnType<typeof startPostgres>>> {
  const dataDir = await Deno.makeTempDir({ prefix: "sixty-stage-" });
  cleanup.defer(() => Deno.remove(dataDir, { recursive: true }));
  const port = freePorts().database;
  const server = await startPostgres({ dataDir, port, passwords: PASSWORDS });
  cleanup.defer(() => server.stop());
  const warden = startWarden();
  cleanup.defer(() => warden.close());
  await warden.watch(server.pid, "QUIT");
  await installPlatform(server, { databasePasswords: PASSWORDS });
  const migrations = fileURLToPath(new URL("../../supabase/migrations", import.meta.url));
  await applyMigrations(server.url("postgres"), join(migrations));
  return server;
}

function countBytes(isSpent: (bytes: number) => boolean = () => false): UploadDeps["budget"] {
  let bytes = 0;
  return { note: (moved) => void (bytes += moved), isSpent: () => isSpent(bytes) };
}

async function post(url: string, order: Row): Promise<unknown> {
  const answer = await fetch(url, { method: "POST", body: JSON.stringify(order) });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`POST ${url} answered ${answer.status}: ${text}`);
  return JSON.parse(text);
}

const BOT: BotEvent = {
  kind: "completed",
  event: "read",
  bot_id: null,
  recording_id: null,
  code: "completed",
  at: null,
  started_at: null,
  joined_at: null,
  exited_at: null,
  duration_seconds: null,
  is_data_deleted: false,
  sources: {},
  sources_live_seconds: 14_400,
  participants: [],
  error_code: null,
  is_confirmed: true,
};

// Nobody listens to what the database calls, so that a test alone says when a worker runs
const STAGE_SQL = `
  create or replace function private.call_function(p_function text, p_body jsonb default '{}')
  returns bigint language sql as 'select 0::bigint';
  insert into auth.users (id, aud, role, email) values (gen_random_uuid(), 'authenticated', 'authenticated', 'a@stage.test');
  insert into public.organizations (name, slug) values ('Stage', 'stage');
  insert into public.org_settings (org_id) select id from public.organizations;
  insert into public.organization_members (org_id, user_id, role, status)
  select o.id, u.id, 'owner', 'active' from public.organizations as o, auth.users as u;`;

const GIVEN_SQL = `
  with r as (
    insert into public.recordings (
      org_id, owner_user_id, storage_user_id, meeting_key, title, meeting_url, platform,
      scheduled_start_at, status, bot_id, s3_upload_status
    )
    values ($1, $2, $2, $3, 'Stage', 'https://meet.google.com/abc-defg-hij', 'meet', now(), 'completed', $3, 'pending')
    returning org_id, id, s3_prefix
  ),
  s as (
    insert into private.recording_sources (org_id, recording_id, kind, url, expires_at)
    select org_id, id, $4, $5, now() + interval '4 hours' from r
  )
  insert into private.recording_uploads (org_id, recording_id, kind, object_key)
  select org_id, id, $4, s3_prefix || $4 || '.mp4' from r
  returning recording_id as id, object_key as key`;

const ROW_SQL = `
  select u.state, u.failures, u.restarts, u.last_error, u.parts_done, u.bytes_done::int, u.invocations,
    u.source_bytes::int, u.upload_id, r.s3_upload_status, r.s3_upload_retry_count, r.s3_upload_error,
    r.s3_video_url, r.s3_file_size_bytes::int,
    array(
      select e.code || coalesce(':' || (e.detail ->> 'reason'), '') from public.recording_events as e
      where e.recording_id = r.id and e.kind = 'upload' order by e.occurred_at
    ) as events
  from private.recording_uploads as u
  join public.recordings as r on r.org_id = u.org_id and r.id = u.recording_id
  where u.recording_id = $1`;
