// A database and REST rooms for tests: real PostgreSQL, real HTTP, the client that callers use.

import { createClient, type SupabaseClient } from "@supabase/supabase-js";
import { type JWTPayload, jwtVerify, SignJWT } from "jose";
import type { PlatformRole } from "../../../scripts/stack/contracts.ts";
import { createClient as connect } from "../../../scripts/stack/rest/database/driver.ts";
import {
  createRestHandler,
  type RestOptions,
  type RestRoom,
} from "../../../scripts/stack/rest/handler.ts";
import { startPostgres } from "../../../scripts/stack/postgres/server.ts";

/** Two people with secrets of their own. */
export const USER_ONE = "00000000-0000-4000-8000-000000000001";
export const USER_TWO = "00000000-0000-4000-8000-000000000002";

const SECRET = crypto.getRandomValues(new Uint8Array(32));
const PASSWORD = crypto.randomUUID();
const PASSWORDS: Readonly<Record<PlatformRole, string>> = {
  supabase_admin: PASSWORD,
  postgres: PASSWORD,
  authenticator: PASSWORD,
  supabase_auth_admin: PASSWORD,
};

/** A token for a role, signed as this stage's rooms expect. */
export async function signToken(claims: JWTPayload, expires: string = "1h"): Promise<string> {
  return await new SignJWT(claims)
    .setProtectedHeader({ alg: "HS256" })
    .setExpirationTime(expires)
    .sign(SECRET);
}

async function verify(token: string): Promise<JWTPayload> {
  return (await jwtVerify(token, SECRET, { algorithms: ["HS256"] })).payload;
}

/** A REST room that is being served. */
export interface ServedRest extends AsyncDisposable {
  readonly room: RestRoom;
  readonly url: string;
  /** A client without a login. */
  readonly anon: SupabaseClient;
  /** A client of a role, or of a person. */
  as(claims: JWTPayload): Promise<SupabaseClient>;
  /** A request as it is, for what the client cannot say. */
  request(path: string, init?: RequestInit): Promise<Response>;
}

/** A database with a schema in it. */
export interface RestStage {
  /** Runs SQL as the superuser. */
  sql(text: string): Promise<ReadonlyArray<Readonly<Record<string, string | null>>>>;
  serve(options?: Partial<RestOptions>): Promise<ServedRest>;
  close(): Promise<void>;
}

async function freePort(): Promise<number> {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr as Deno.NetAddr;
  await Promise.resolve(listener.close());
  return port;
}

function newClient(url: string, key: string): SupabaseClient {
  return createClient(url, key, {
    auth: { persistSession: false, autoRefreshToken: false },
    // A refused request is what many tests are about: asking again would only cost time.
    db: { retry: false },
  });
}

async function serveRoom(room: RestRoom): Promise<ServedRest> {
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, (request) => {
    const url = new URL(request.url);
    url.pathname = url.pathname.replace(/^\/rest\/v1/, "") || "/";
    return room.fetch(new Request(url, request));
  });
  const url = `http://127.0.0.1:${server.addr.port}`;
  return {
    room,
    url,
    anon: newClient(url, await signToken({ role: "anon" })),
    as: async (claims) => newClient(url, await signToken({ role: "authenticated", ...claims })),
    request: (path, init) => fetch(`${url}/rest/v1${path}`, init),
    [Symbol.asyncDispose]: async () => {
      await server.shutdown();
      await room.close();
    },
  };
}

/** Starts a database of its own, with the schema of `rest_stage.sql`. */
export async function openRestStage(): Promise<RestStage> {
  const dataDir = await Deno.makeTempDir({ prefix: "rest-" });
  const server = await startPostgres({ dataDir, port: await freePort(), passwords: PASSWORDS });
  const admin = connect({
    connectionString: server.url("supabase_admin", "postgres"),
    applicationName: "rest tests",
  });
  await admin.connect();
  await admin.query(await Deno.readTextFile(new URL("rest_stage.sql", import.meta.url)));
  await admin.query(`alter role authenticator password '${PASSWORD}'`);
  return {
    sql: async (text) => (await admin.query(text)).rows,
    serve: async (options) => {
      const room = await createRestHandler({
        databaseUrl: server.url("authenticator", "postgres"),
        schemas: ["public", "other"],
        extraSearchPath: ["public"],
        anonRole: "anon",
        maxRows: null,
        verify,
        poolSize: 4,
        settings: { aggregatesEnabled: true, planEnabled: true, mayEndTransaction: true },
        ...options,
      });
      return await serveRoom(room);
    },
    close: async () => {
      await admin.end();
      await server.stop();
      await Deno.remove(dataDir, { recursive: true });
    },
  };
}
