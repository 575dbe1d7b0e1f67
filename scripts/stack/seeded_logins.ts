// Who can sign in to a seeded stack, read from the database itself.

import { join } from "node:path";
import { withConnection } from "./postgres/connection.ts";

/** A person of the seed data and where they belong. */
export interface SeededLogin {
  readonly email: string;
  /** `role in organization`, one for each membership. */
  readonly memberships: readonly string[];
}

const PASSWORD_LINE = /^--\s*password[^:\n]*:\s*(\S+)/im;
const LOGIN_LIMIT = 20;

/**
 * Lists the people of the seed data.
 *
 * @param databaseUrl Connection of the superuser.
 */
export async function listSeededLogins(databaseUrl: string): Promise<SeededLogin[]> {
  return await withConnection(databaseUrl, async (client) => {
    const tables = await client.query<{ present: boolean }>(
      "select to_regclass('public.organization_members') is not null as present",
    );
    if (!tables.rows[0]?.present) return [];
    const people = await client.query<SeededLogin>(
      `select u.email::text,
              coalesce(array_agg(m.role::text || ' in ' || o.name order by o.name)
                filter (where o.id is not null), '{}') as memberships
       from auth.users as u
       left join public.organization_members as m on m.user_id = u.id
       left join public.organizations as o on o.id = m.org_id
       group by u.id, u.email, u.created_at
       order by u.created_at, u.email
       limit $1`,
      [LOGIN_LIMIT],
    );
    return people.rows;
  });
}

/**
 * The password of the seed's people: the seed names it in a comment, `-- password of everybody: …`.
 *
 * @param projectDir The folder that holds `supabase/`.
 */
export async function readSeedPassword(projectDir: string): Promise<string | null> {
  try {
    const seed = await Deno.readTextFile(join(projectDir, "supabase", "seed.sql"));
    return PASSWORD_LINE.exec(seed)?.[1] ?? null;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    throw error;
  }
}
