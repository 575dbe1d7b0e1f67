// People, their conversations and what waits in them for a yes, on a database of the test's own.
// Everybody acts over a connection of their own, with the role and claims that the API sets.
import pg from "pg";
import { openDatabase } from "./database.ts";

/** A proposal as its owner was shown it. */
export interface Shown {
  readonly id: string;
  readonly hash: string;
  /** The turn that proposed it. */
  readonly turn: string;
}

/** Proposals of a turn here; as many edits of them fit in besides. */
const PROPOSALS_A_TURN = 50;

/** Somebody who can sign in. */
export interface Person {
  readonly id: string;
  readonly session: string;
}

/** What a decision answered, or the code it was refused with. */
export interface Answer {
  readonly outcome: string;
}

/** Things that were done, inside and outside. */
export interface Executions {
  readonly tasks: number;
  readonly effects: number;
  readonly jobs: number;
}

const COUNTS = `select
  (select count(*) from public.tasks)::integer as tasks,
  (select count(*) from private.outbound_effects)::integer as effects,
  (select count(*) from private.jobs where kind = 'action.execute')::integer as jobs`;

const OPEN_CHANNEL = `
insert into private.slack_connections (org_id, team_id, team_name, bot_user_id, bot_token_secret_id)
values ($1, 'T0TEAM', 'Team', 'U1', gen_random_uuid())`;

/** The world of the approval tests. */
export class Approvals implements AsyncDisposable {
  readonly admin: pg.Client;
  readonly #resources = new AsyncDisposableStack();

  private constructor(admin: pg.Client) {
    this.admin = admin;
  }

  /** Boots a database. */
  static async open(): Promise<Approvals> {
    const database = await openDatabase();
    const world = new Approvals(database.client);
    world.#resources.use(database);
    return world;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#resources.disposeAsync();
  }

  /** Makes an organization with an open Slack channel. */
  async givenOrg(): Promise<string> {
    const id = crypto.randomUUID();
    await this.admin.query(
      "insert into public.organizations (id, name, slug) values ($1, 'Org', $2)",
      [id, `org-${id.slice(0, 8)}`],
    );
    await this.admin.query(
      "insert into public.org_settings (org_id, mfa_required_for) values ($1, 'none')",
      [id],
    );
    await this.admin.query(OPEN_CHANNEL, [id]);
    await this.admin.query(
      "insert into private.slack_channels (org_id, channel_id, name, is_open) values ($1, 'COPEN', 'sales', true)",
      [id],
    );
    return id;
  }

  /** Makes somebody with a session, a member of organizations by their role there. */
  async givenPerson(roles: Readonly<Record<string, string>>): Promise<Person> {
    const person = { id: crypto.randomUUID(), session: crypto.randomUUID() };
    await this.admin.query(
      `insert into auth.users (id, aud, role, email, email_confirmed_at, raw_user_meta_data, created_at, updated_at)
       values ($1, 'authenticated', 'authenticated', $2, now(), '{}', now(), now())`,
      [person.id, `${person.id}@people.test`],
    );
    await this.admin.query(
      "insert into auth.sessions (id, user_id, created_at, updated_at) values ($1, $2, now(), now())",
      [person.session, person.id],
    );
    for (const [org, role] of Object.entries(roles)) {
      await this.admin.query(
        "insert into public.organization_members (org_id, user_id, role) values ($1, $2, $3)",
        [org, person.id, role],
      );
    }
    return person;
  }

  /** Opens a connection that acts as somebody, each statement a transaction of its own. */
  async act(person: Person, aal = "aal1"): Promise<pg.Client> {
    return await this.#connect("authenticated", {
      iss: "http://127.0.0.1:54321/auth/v1",
      aud: "authenticated",
      role: "authenticated",
      sub: person.id,
      session_id: person.session,
      aal,
      is_anonymous: false,
    });
  }

  /** Opens a connection of a role without a person. */
  async actAsRole(role: "anon" | "service_role"): Promise<pg.Client> {
    return await this.#connect(role, { role });
  }

  async #connect(role: string, claims: Record<string, unknown>): Promise<pg.Client> {
    const { host, port, database } = this.admin;
    const client = new pg.Client({
      host,
      port,
      database: database ?? "postgres",
      user: "supabase_admin",
      password: "isolation",
    });
    await client.connect();
    this.#resources.defer(() => client.end());
    await client.query("select set_config('request.jwt.claims', $1, false)", [
      JSON.stringify(claims),
    ]);
    await client.query(`set role ${role}`);
    return client;
  }

  /** Begins a turn of a new conversation. */
  async givenTurn(client: pg.Client, org: string): Promise<string> {
    const turn = crypto.randomUUID();
    await client.query("select public.begin_copilot_turn($1, $2, $3, 'Please do', 'test')", [
      org,
      crypto.randomUUID(),
      turn,
    ]);
    return turn;
  }

  /** Stores proposals of somebody's in an organization, over as many turns as it takes. */
  async givenProposals(
    client: pg.Client,
    person: Person,
    org: string,
    count: number,
  ): Promise<readonly Shown[]> {
    const shown: Shown[] = [];
    while (shown.length < count) {
      // Thirty turns a minute are a person's share
      await this.admin.query("delete from private.copilot_accesses where user_id = $1", [
        person.id,
      ]);
      const turn = await this.givenTurn(client, org);
      shown.push(
        ...await propose(client, turn, Math.min(PROPOSALS_A_TURN, count - shown.length)),
      );
    }
    return shown;
  }

  /** Waits until a connection waits for a row that another one holds. */
  async untilSomebodyWaits(): Promise<void> {
    const waiting = "select from pg_catalog.pg_locks where not granted limit 1";
    for (let tries = 0; tries < 500; tries++) {
      if ((await this.admin.query(waiting)).rows.length > 0) return;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    throw new Error("nobody waits");
  }

  /** What was done so far. */
  async executions(): Promise<Executions> {
    const { rows: [counts] } = await this.admin.query<Executions>(COUNTS);
    if (counts === undefined) throw new Error("no counts");
    return counts;
  }
}

const PROPOSE = `
select a ->> 'id' as id, a ->> 'payload_sha256' as hash
from generate_series(1, $2) as n,
  lateral (select jsonb_build_array(
    jsonb_build_object('kind', 'create_task', 'title', $3 || n),
    jsonb_build_object('kind', 'post_slack_message', 'channel_id', 'COPEN', 'channel_name', 'sales', 'text', $3 || n)
  ) as effects) as e,
  lateral public.propose_action($1, $3 || n, 'Does it', e.effects::text, jsonb_build_array(
    jsonb_build_object('kind', 'create_task', 'fields', jsonb_build_array(jsonb_build_object('name', 'Title', 'value', $3 || n))),
    jsonb_build_object('kind', 'post_slack_message', 'fields', jsonb_build_array(jsonb_build_object('name', 'Text', 'value', $3 || n)))
  ), '[]', false) as a`;

/** Stores proposals, each with one effect inside and one outside. */
export async function propose(
  client: pg.Client,
  turn: string,
  count: number,
): Promise<readonly Shown[]> {
  const mark = crypto.randomUUID().slice(0, 8);
  const { rows } = await client.query<{ id: string; hash: string }>(PROPOSE, [
    turn,
    count,
    `${mark} `,
  ]);
  return rows.map((row) => ({ ...row, turn }));
}

/** Stores an edited form of a proposal. */
export async function edit(client: pg.Client, turn: string, id: string): Promise<Shown> {
  const key = crypto.randomUUID();
  const { rows: [row] } = await client.query<{ id: string; hash: string }>(
    `select a ->> 'id' as id, a ->> 'payload_sha256' as hash from public.propose_action($1, $2, 'Does it',
       jsonb_build_array(jsonb_build_object('kind', 'create_task', 'title', $2::text))::text,
       jsonb_build_array(jsonb_build_object('kind', 'create_task', 'fields', jsonb_build_array(jsonb_build_object('name', 'Title', 'value', $2::text)))),
       '[]', false, $3) as a`,
    [turn, key, id],
  );
  if (row === undefined) throw new Error("nothing was proposed");
  return { ...row, turn };
}

/** Decides, and says what came of it: the outcome, or the code of a refusal. */
export async function decide(
  client: pg.Client,
  verb: "confirm" | "cancel",
  shown: Shown,
): Promise<string> {
  return await refusalOr(async () => {
    const { rows: [row] } = verb === "confirm"
      ? await client.query<Answer>(
        "select public.confirm_pending_action($1, $2) ->> 'outcome' as outcome",
        [shown.id, shown.hash],
      )
      : await client.query<Answer>(
        "select public.cancel_pending_action($1) ->> 'outcome' as outcome",
        [shown.id],
      );
    return row?.outcome ?? "nothing";
  });
}

/** What something answers, or the code that the database refused it with. */
export async function refusalOr(work: () => Promise<string>): Promise<string> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof pg.DatabaseError)) throw error;
    return /^PT/.test(error.code ?? "") ? error.message : error.code ?? "error";
  }
}

/** Confirms every one of them, in one statement; how often each outcome came. */
export async function confirmAll(
  client: pg.Client,
  tries: readonly Shown[],
): Promise<Readonly<Record<string, number>>> {
  const counts: Record<string, number> = {};
  const { rows } = await client.query<{ outcome: string; count: number }>(
    `select o.outcome, count(*)::integer as count from (
       select public.confirm_pending_action(t.id, t.hash) ->> 'outcome' as outcome
       from jsonb_to_recordset($1) as t (id uuid, hash text)
     ) as o group by 1`,
    [JSON.stringify(tries)],
  );
  for (const { outcome, count } of rows) counts[outcome] = count;
  return counts;
}
