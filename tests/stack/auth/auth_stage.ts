// A database of the platform's kind with auth rooms on it, and clients that reach them over HTTP.

import { createClient, type SupabaseClient } from "@supabase/supabase-js";
import type { StackKeys } from "../../../scripts/stack/contracts.ts";
import { type AuthHandlerOptions, createAuthHandler } from "../../../scripts/stack/auth/handler.ts";
import { createKeys } from "../../../scripts/stack/auth/keys.ts";
import type { Mail } from "../../../scripts/stack/auth/mailbox.ts";
import {
  createPasswordHasher,
  type PasswordHasher,
} from "../../../scripts/stack/auth/password_hasher.ts";
import { withConnection } from "../../../scripts/stack/postgres/connection.ts";
import { installPlatform } from "../../../scripts/stack/postgres/platform.ts";
import { startPostgres } from "../../../scripts/stack/postgres/server.ts";

/** A clock that tests move by hand; it stands where it was made until then. */
export interface TestClock {
  now(): number;
  advance(seconds: number): void;
}

/** A served auth room. */
export interface ServedAuth {
  readonly keys: StackKeys;
  /** What supabase-js takes as the project's URL. */
  readonly url: string;
  readonly issuer: string;
  readonly clock: TestClock;
  /** What the room reported as unexpected. */
  readonly failures: unknown[];
  /** A client without a login, or of somebody whose session it will keep. */
  client(): SupabaseClient;
  /** A client with the secret key. */
  service(): SupabaseClient;
  /** A plain request below /auth/v1; `as` is a bearer token. */
  request(path: string, init?: RequestInit & { readonly as?: string }): Promise<Response>;
  mails(to: string): Promise<Mail[]>;
  /** Signs somebody up under an address that nobody else has. */
  newcomer(): Promise<{ client: SupabaseClient; email: string; id: string }>;
}

/** A database and the auth rooms on it. */
export interface AuthStage {
  serve(options?: Partial<AuthHandlerOptions>): Promise<ServedAuth>;
  sql<Row extends Record<string, unknown>>(
    text: string,
    values?: readonly unknown[],
    role?: "supabase_admin" | "postgres",
  ): Promise<Row[]>;
  close(): Promise<void>;
}

/** The password that tests sign up with. */
export const PASSWORD = "correct horse battery";

/** Starts a database in a temporary folder. */
export async function openAuthStage(): Promise<AuthStage> {
  const folder = await Deno.makeTempDir({ prefix: "auth-stage-" });
  const keys = await createKeys();
  const server = await startPostgres({
    dataDir: folder,
    port: await freePort(),
    passwords: keys.databasePasswords,
  });
  await installPlatform(server, keys);
  // Nothing here has to survive a power cut.
  await withConnection(server.url("supabase_admin"), async (client) => {
    await client.query("alter system set fsync = off");
    await client.query("alter system set synchronous_commit = off");
    await client.query("select pg_reload_conf()");
  });
  const passwords = createPasswordHasher(4);
  const closers: Array<() => Promise<void>> = [];
  return {
    serve: async (options = {}) => {
      const served = await serveAuth(
        server.url("supabase_auth_admin"),
        keys,
        passwords,
        options,
      );
      closers.push(served.close);
      return served;
    },
    sql: async (text, values = [], role = "supabase_admin") => {
      return await withConnection(server.url(role), async (client) => {
        return (await client.query(text, [...values])).rows;
      });
    },
    close: async () => {
      for (const close of closers) await close();
      passwords.close();
      await server.stop();
      await Deno.remove(folder, { recursive: true });
    },
  };
}

async function serveAuth(
  databaseUrl: string,
  keys: StackKeys,
  passwords: PasswordHasher,
  options: Partial<AuthHandlerOptions>,
): Promise<ServedAuth & { close(): Promise<void> }> {
  const clock = createClock();
  const failures: unknown[] = [];
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const issuer = `${url}/auth/v1`;
  const room = await createAuthHandler({
    databaseUrl,
    keys,
    issuer,
    siteUrl: "http://127.0.0.1:3000",
    passwords,
    now: clock.now,
    onError: (error) => failures.push(error),
    ...options,
  });
  const server = Deno.serve({ port, hostname: "127.0.0.1", onListen: () => {} }, (request) => {
    return room.fetch(new Request(request.url.replace("/auth/v1", ""), request));
  });
  const served: ServedAuth = {
    keys,
    url,
    issuer,
    clock,
    failures,
    client: () => newClient(url, keys.anonJwt),
    service: () => newClient(url, keys.serviceRoleJwt),
    request: async (path, { as, ...init } = {}) => {
      const headers = new Headers(init.headers);
      if (as) headers.set("authorization", `Bearer ${as}`);
      return await fetch(`${issuer}${path}`, { redirect: "manual", ...init, headers });
    },
    mails: async (to) => {
      const path = `/_mailbox?to=${encodeURIComponent(to)}`;
      return await (await served.request(path, { as: keys.serviceRoleJwt })).json();
    },
    newcomer: () => signUpNewcomer(served),
  };
  return {
    ...served,
    close: async () => {
      await server.shutdown();
      await room.close();
    },
  };
}

async function signUpNewcomer(
  served: ServedAuth,
): Promise<{ client: SupabaseClient; email: string; id: string }> {
  const client = served.client();
  const email = newEmail();
  const { data, error } = await client.auth.signUp({ email, password: PASSWORD });
  if (error) throw error;
  return { client, email, id: data.user?.id ?? "" };
}

/** An address that nobody has used yet. */
export function newEmail(): string {
  return `${crypto.randomUUID()}@example.com`;
}

function newClient(url: string, key: string): SupabaseClient {
  return createClient(url, key, {
    auth: { autoRefreshToken: false, persistSession: false, detectSessionInUrl: false },
  });
}

// It begins at the real moment, since clients compare a token's end with their own clock.
function createClock(): TestClock {
  let now = Date.now();
  return {
    now: () => now,
    advance: (seconds) => {
      now += seconds * 1000;
    },
  };
}

function freePort(): Promise<number> {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  listener.close();
  return Promise.resolve(port);
}
