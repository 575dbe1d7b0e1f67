// A running stack for tests: the lane's, when the lane runner started one, or one of the test
// process's own on free ports in a temporary folder, which ends with the process.
//
// Get it at the top level of a test file, not inside a test: starting it opens what outlives a test.

import { createClient, type SupabaseClient } from "@supabase/supabase-js";
import { withConnection } from "../../scripts/stack/postgres/connection.ts";
import { readSeedPassword } from "../../scripts/stack/seeded_logins.ts";
import { spawnStack } from "../../scripts/stack/spawn_stack.ts";
import { readDescription, type StackDescription } from "../../scripts/stack/stack_description.ts";

/** Names the file with the description of the stack that the lane runner started. */
export const STACK_VARIABLE = "SIXTY_STACK";

/** A value that a row of a result holds, by column. */
export type Row = Record<string, unknown>;

/** Runs one statement of a transaction. */
export type RunStatement = (text: string, parameters: readonly unknown[]) => Promise<Row[]>;

/** A running stack and the ways into it. */
export interface TestStack {
  readonly description: StackDescription;
  /** Base URL of the gateway. */
  readonly url: string;
  /** A client without a login. */
  anon(): SupabaseClient;
  /** A client of somebody who has signed in; the seed's password is taken when none is given. */
  signIn(email: string, password?: string): Promise<SupabaseClient>;
  /** The access token of somebody who signs in now, for plain requests. */
  tokenOf(email: string, password?: string): Promise<string>;
  /** A client with the secret key, which passes by row-level security. */
  service(): SupabaseClient;
  /** Runs SQL as the superuser, past every policy; for setting up and looking behind. */
  sql<T extends Row>(text: string, parameters?: readonly unknown[]): Promise<T[]>;
  /** Runs several statements in one transaction, as `sql` does. */
  transaction<T>(work: (query: RunStatement) => Promise<T>): Promise<T>;
  /** Calls a function with a plain request. */
  callFunction(path: string, init?: RequestInit): Promise<Response>;
  /** Scripts the simulators of third parties. */
  controlProviders(order: Row): Promise<unknown>;
  /** Moves the clock of the cron worker, such as `PT1H`, and waits for what falls due. */
  advanceClock(duration: string): Promise<unknown>;
}

const running: { stack?: Promise<TestStack> } = {};

/**
 * Gives the stack of this test process; the second call gives the same one.
 *
 * @throws When it doesn't come up.
 */
export function testStack(): Promise<TestStack> {
  return running.stack ??= open();
}

async function open(): Promise<TestStack> {
  const path = Deno.env.get(STACK_VARIABLE);
  return enter(path ? await readDescription(path) : await startOwn());
}

function enter(description: StackDescription): TestStack {
  const { url, publishableKey, secretKey } = description;

  async function signIn(email: string, password?: string): Promise<SupabaseClient> {
    const client = connect(url, publishableKey);
    const { error } = await client.auth.signInWithPassword({
      email,
      password: password ?? await readSeedPassword(description.projectDir) ?? "",
    });
    if (error) throw new Error(`Cannot sign in as ${email}: ${error.message}`, { cause: error });
    return client;
  }
  return {
    description,
    url,
    signIn,
    anon: () => connect(url, publishableKey),
    service: () => connect(url, secretKey),
    async tokenOf(email, password) {
      const { data } = await (await signIn(email, password)).auth.getSession();
      if (!data.session) throw new Error(`No session for ${email}`);
      return data.session.access_token;
    },
    sql: (text, parameters = []) =>
      withConnection(description.databaseUrls.supabase_admin, async (client) => {
        return (await client.query(text, [...parameters])).rows;
      }),
    transaction: (work) =>
      withConnection(description.databaseUrls.supabase_admin, async (client) => {
        await client.query("begin");
        const result = await work(async (text, parameters) => {
          return (await client.query(text, [...parameters])).rows;
        });
        await client.query("commit");
        return result;
      }),
    callFunction: (path, init) => fetch(`${url}/functions/v1/${path}`, init),
    controlProviders: (order) => postControl(description.providersUrl, order),
    advanceClock: (duration) => postControl(description.cronUrl, { advance: duration }),
  };
}

function connect(url: string, key: string): SupabaseClient {
  return createClient(url, key, {
    auth: { persistSession: false, autoRefreshToken: false, detectSessionInUrl: false },
  });
}

async function postControl(url: string, order: Row): Promise<unknown> {
  const response = await fetch(`${url}/_control`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(order),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`POST ${url}/_control answered ${response.status}: ${text}`);
  return text ? JSON.parse(text) : null;
}

/** Starts a stack that ends, and takes its data along, with this process. */
async function startOwn(): Promise<StackDescription> {
  const dataDir = await Deno.makeTempDir({ prefix: "sixty-stack-" });
  return (await spawnStack({ dataDir })).description;
}
