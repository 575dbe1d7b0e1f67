// The transaction around a request, as the data API opens it: settings of the role, the role, and the
// claims of the verified token, all for this transaction only.
import type pg from "pg";

/** Somebody signed in, and the organization they work in. */
export interface Member {
  readonly org: string;
  readonly person: string;
  readonly session: string;
}

/** A query under a name, so that the server keeps its plan as it does for the data API. */
export interface NamedQuery {
  readonly name: string;
  readonly sql: string;
  readonly values: readonly unknown[];
}

/** Runs queries in one role. */
export type Envelope = (member: Member, query: NamedQuery) => Promise<unknown[]>;

/**
 * Runs each query as the signed-in member, under all policies.
 *
 * @param client A connection as `authenticator`.
 * @returns The envelope; the role's own settings are read once, as the data API reads them.
 */
export async function openMemberEnvelope(client: pg.Client): Promise<Envelope> {
  const { rows } = await client.query<{ name: string; value: string }>(
    `select split_part(setting, '=', 1) as name, substr(setting, strpos(setting, '=') + 1) as value
     from pg_catalog.pg_roles cross join unnest(rolconfig) as setting
     where rolname = 'authenticated'`,
  );
  return openEnvelope(client, "authenticated", rows);
}

/**
 * Runs each query past all policies: the same login and the same envelope, in a role that policies do
 * not bind and that is otherwise as ordinary.
 *
 * @param client A connection as `authenticator`.
 * @returns The envelope.
 */
export function openBareEnvelope(client: pg.Client): Envelope {
  return openEnvelope(client, "bench_reader", []);
}

function openEnvelope(
  client: pg.Client,
  role: string,
  settings: ReadonlyArray<{ readonly name: string; readonly value: string }>,
): Envelope {
  const calls = settings.map((_, index) =>
    `set_config($${2 * index + 3}, $${2 * index + 4}, true)`
  );
  const text = `select ${
    [...calls, "set_config('role', $1, true)", "set_config('request.jwt.claims', $2, true)"].join()
  }`;
  const fixed = settings.flatMap(({ name, value }) => [name, value]);
  return async (member, query) => {
    await client.query("begin read only");
    await client.query({
      name: "envelope",
      text,
      values: [role, JSON.stringify(claimsOf(member)), ...fixed],
    });
    const { rows } = await client.query({
      name: query.name,
      text: query.sql,
      values: [...query.values],
    });
    await client.query("commit");
    return rows;
  };
}

/**
 * What a token of the platform carries, in its usual length.
 *
 * @param member Whose token.
 */
export function claimsOf({ person, session }: Member): Record<string, unknown> {
  return {
    iss: "http://127.0.0.1:54321/auth/v1",
    sub: person,
    aud: "authenticated",
    exp: Math.floor(Date.now() / 1000) + 3600,
    iat: Math.floor(Date.now() / 1000),
    email: "person@bench.test",
    phone: "",
    app_metadata: { provider: "email", providers: ["email"] },
    user_metadata: { first_name: "Per", last_name: "Son" },
    role: "authenticated",
    aal: "aal1",
    amr: [{ method: "password", timestamp: 1_763_800_000 }],
    session_id: session,
    is_anonymous: false,
  };
}
