// A seeded person's session on the running stack, over the same HTTP that the app would use.

import { createClient, type SupabaseClient } from "@supabase/supabase-js";
import { fileURLToPath } from "node:url";
import { join } from "node:path";
import { z } from "zod";
import { withCommandPrefix } from "../stack/command_prefix.ts";
import { readSeedPassword } from "../stack/seeded_logins.ts";
import { readDescription, type StackDescription } from "../stack/stack_description.ts";
import { findRunningStack } from "../stack/stack_state.ts";

const PROJECT_DIR = fileURLToPath(new URL("../../", import.meta.url));
const NAME_COLUMNS: Readonly<Record<string, string>> = {
  companies: "name",
  contacts: "email",
  deals: "name",
  meetings: "title",
};
const Member = z.object({ org_id: z.string() });

/** What the simulated consent grants: without it, connecting anew would take sending away again. */
export const GRANTED_SCOPES: readonly string[] = [
  "https://www.googleapis.com/auth/calendar.readonly",
  "https://www.googleapis.com/auth/calendar.events",
  "https://www.googleapis.com/auth/gmail.send",
  "https://www.googleapis.com/auth/gmail.readonly",
];

/** Somebody who is signed in. */
export interface DemoSession {
  readonly email: string;
  readonly userId: string;
  /** One of the person's organizations. */
  readonly orgId: string;
  readonly stack: StackDescription;
  /** The person's own client. */
  readonly db: SupabaseClient;
  /** A client that passes by row-level security, for what an administrator would set up. */
  readonly service: SupabaseClient;
  /** Calls a function as the person, and says so. */
  call(method: string, path: string, body?: unknown): Promise<unknown>;
  /** The same, without a word, for answers that are read as they come. */
  request(method: string, path: string, body: unknown, accept: string): Promise<Response>;
  /** The names of all rows of a table that the person sees. */
  names(table: string): Promise<string[]>;
}

/**
 * Signs a seeded person in.
 *
 * @param email Who.
 * @param dataDir Where the stack keeps its data; in the project where this is missing.
 * @throws When no stack runs, or the person is not there.
 */
export async function openSession(
  email: string,
  dataDir: string | undefined,
): Promise<DemoSession> {
  const stack = await findStack(dataDir ?? join(PROJECT_DIR, ".stack"));
  const db = connect(stack.url, stack.publishableKey);
  const password = await readSeedPassword(PROJECT_DIR) ?? "";
  const { data, error } = await db.auth.signInWithPassword({ email, password });
  if (error) throw new Error(`Cannot sign in as ${email}: ${error.message}`);
  const membership = await db.from("organization_members").select("org_id")
    .eq("user_id", data.user.id).order("org_id").limit(1).single();
  const member = Member.parse(membership.data);

  const request = (method: string, path: string, body: unknown, accept: string) =>
    requestFunction(stack, data.session.access_token, { method, path, body, accept });
  return {
    email,
    userId: data.user.id,
    orgId: member.org_id,
    stack,
    db,
    service: connect(stack.url, stack.secretKey),
    request,
    async call(method, path, body) {
      const shown = body === undefined ? "" : ` ${JSON.stringify(body)}`;
      console.log(`${method} ${stack.url}/functions/v1/${path}${shown}`);
      const response = await request(method, path, body, "application/json");
      const text = await response.text();
      console.log(`${response.status} ${response.statusText}`);
      if (!response.ok) throw new Error(text);
      return text ? JSON.parse(text) : null;
    },
    async names(table) {
      const column = NAME_COLUMNS[table] ?? "id";
      const rows = await db.from(table).select(column).order(column);
      if (rows.error) throw new Error(`Cannot read ${table}: ${rows.error.message}`);
      return rows.data.map((row) => String(Object.values(row)[0]));
    },
  };
}

interface FunctionCall {
  readonly method: string;
  readonly path: string;
  readonly body: unknown;
  readonly accept: string;
}

async function requestFunction(
  stack: StackDescription,
  token: string,
  { method, path, body, accept }: FunctionCall,
): Promise<Response> {
  return await fetch(`${stack.url}/functions/v1/${path}`, {
    method,
    headers: {
      accept,
      "content-type": "application/json",
      apikey: stack.publishableKey,
      authorization: `Bearer ${token}`,
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
}

async function findStack(dataDir: string): Promise<StackDescription> {
  const path = Deno.env.get("SIXTY_STACK");
  if (path) return await readDescription(path);
  const state = await findRunningStack(dataDir);
  if (state?.description) return state.description;
  throw new Error(withCommandPrefix("No stack runs. Start one first: deno task start"));
}

function connect(url: string, key: string): SupabaseClient {
  return createClient(url, key, {
    auth: { persistSession: false, autoRefreshToken: false, detectSessionInUrl: false },
  });
}
