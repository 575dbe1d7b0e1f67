// The database client of one caller. Trust boundary: takes a token already verified.
import { PostgrestClient } from "@supabase/postgrest-js";
import type { ApiDatabase } from "@shared/database/api_database.ts";
import type { UserClient } from "@shared/platform/request_context.ts";

/** Where the stack is, and a key that has no authority of its own. */
export interface UserClientEnv {
  readonly supabaseUrl: string;
  readonly publishableKey: string;
}

/** One verified caller, for one request. */
export interface UserClientOptions {
  readonly env: UserClientEnv;
  /** A token that `verifyCaller` accepted; never the raw header. */
  readonly accessToken: string;
  /** Sent with every database call, so that audit rows can be joined to log lines. */
  readonly requestId: string;
  /** The network, with its time limit; from `createRestFetch`. */
  readonly fetch: typeof globalThis.fetch;
}

/**
 * Creates the database client for one caller and one request.
 *
 * The caller's token is its only authority, so row-level security applies to all it does. Nothing
 * outlives the request: no session, no refresh, no client at module level. It is the part of
 * supabase-js that speaks to the database; leaving the rest out halves the time to start.
 *
 * @param options The environment, the verified token and the request it belongs to.
 * @returns A client that can do what the caller can do, and nothing more.
 *
 * @example Reading as the caller
 * ```ts ignore
 * const db = createUserClient({ env, accessToken: caller.token, requestId, fetch });
 * const { data, error } = await db.from("meetings").select("id, title").limit(50);
 * ```
 */
export function createUserClient(options: UserClientOptions): UserClient {
  const { env, accessToken, requestId, fetch } = options;
  return new PostgrestClient<ApiDatabase>(`${env.supabaseUrl}/rest/v1`, {
    headers: {
      apikey: env.publishableKey,
      authorization: `Bearer ${accessToken}`,
      "x-request-id": requestId,
    },
    schema: "public",
    fetch,
    // A caller waits for the answer: the second try is theirs to make
    retry: false,
  });
}
