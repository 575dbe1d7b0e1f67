// The platform's roles hold the same powers, and lack the same, as on a hosted project: a migration
// that works here works there.

import assert from "node:assert/strict";
import { installPlatform } from "../../../scripts/stack/postgres/platform.ts";
import { failure, PASSWORDS, scalar, session, throwawayServer } from "./throwaway_server.ts";

const options = { sanitizeOps: false, sanitizeResources: false };

Deno.test("the platform's roles have Supabase's powers and no more", options, async (test) => {
  await using context = await throwawayServer();
  const { server } = context;
  await using postgres = await session(server, "postgres");
  await using authenticator = await session(server, "authenticator");
  await using admin = await session(server, "supabase_admin");

  await test.step("role attributes and memberships", async () => {
    const { rows } = await admin.query(`
      select rolname, rolsuper, rolcanlogin, rolbypassrls, rolcreaterole, rolinherit
      from pg_roles
      where rolname in (
        'anon', 'authenticated', 'service_role', 'authenticator', 'postgres', 'supabase_admin'
      )
      order by rolname
    `);
    assert.deepEqual(
      rows.map((row) => Object.values(row).join(" ")),
      [
        "anon false false false false true",
        "authenticated false false false false true",
        "authenticator false true false false false",
        "postgres false true true true true",
        "service_role false false true false true",
        "supabase_admin true true true true true",
      ],
    );
    for (const role of ["anon", "authenticated", "service_role"]) {
      assert.equal(await scalar(authenticator, `select pg_has_role('${role}', 'set')`), true);
    }
    for (const role of ["postgres", "supabase_admin", "supabase_auth_admin"]) {
      const denied = await failure(authenticator, `set role ${role}`);
      assert.equal(denied.code, "42501");
    }
  });

  await test.step("timeouts and search paths of the roles", async () => {
    assert.equal(await scalar(authenticator, "show statement_timeout"), "8s");
    assert.equal(await scalar(authenticator, "show lock_timeout"), "8s");
    assert.equal(await scalar(postgres, "show search_path"), '"$user", public, extensions');
    const settings = await scalar(
      admin,
      "select array_agg(rolname || ' ' || array_to_string(rolconfig, ',') order by rolname) " +
        "from pg_roles where rolname in ('anon', 'authenticated')",
    );
    assert.deepEqual(settings, ["anon statement_timeout=3s", "authenticated statement_timeout=8s"]);
  });

  await test.step("postgres is no superuser, and cannot become one", async () => {
    for (
      const statement of [
        "set role supabase_admin",
        "set role authenticator",
        "create role intruder superuser",
        "copy (select 1) to '/tmp/sixty-never'",
        "select pg_read_file('postgresql.conf')",
        "alter role supabase_admin password 'mine'",
        "create extension file_fdw",
        "create table auth.mine (id int)",
        "insert into cron.job (schedule, command) values ('* * * * *', 'select 1')",
      ]
    ) {
      await postgres.query("begin");
      if (statement.includes("cron.")) await postgres.query("create extension pg_cron");
      assert.equal((await failure(postgres, statement)).code, "42501", statement);
      await postgres.query("rollback");
    }
  });

  await test.step("postgres may do what migrations do", async () => {
    await postgres.query("begin");
    for (
      const statement of [
        "create schema private",
        "create extension if not exists pg_trgm with schema extensions",
        "create extension btree_gin with schema extensions",
        "create extension if not exists pg_cron",
        "create extension if not exists pg_net with schema extensions",
        "create extension if not exists supabase_vault",
        "create extension if not exists pgcrypto",
        'create extension if not exists "uuid-ossp"',
        "create role reporting nologin",
        "alter role authenticator set pgrst.db_pre_request = 'private.check_request'",
        "alter role authenticator set pgrst.db_aggregates_enabled = 'true'",
        "alter role anon set statement_timeout = '2s'",
        "create table public.notes (id int primary key, user_id uuid references auth.users (id))",
        "alter table public.notes enable row level security",
        "create function public.on_user() returns trigger language plpgsql as 'begin return new; end'",
        "create trigger on_user after insert on auth.users for each row execute function on_user()",
        "set local role anon",
        "set local role service_role",
        "set local role postgres",
        "create publication changes for table public.notes",
      ]
    ) {
      await postgres.query(statement);
    }
    await postgres.query("rollback");
  });

  await test.step("a new object in public is open until a migration closes it", async () => {
    await postgres.query(`
      create table public.fresh (id int generated always as identity, word text);
      create function public.fresh_call() returns int language sql as 'select 1';
      create schema private;
      create table private.inner (id int);
    `);
    for (const role of ["anon", "authenticated", "service_role"]) {
      for (const right of ["select", "insert", "update", "delete", "truncate", "trigger"]) {
        assert.equal(
          await scalar(
            admin,
            `select has_table_privilege('${role}', 'public.fresh', '${right}')`,
          ),
          true,
        );
      }
      assert.equal(
        await scalar(
          admin,
          `select has_function_privilege('${role}', 'public.fresh_call()', 'execute')`,
        ),
        true,
      );
      assert.equal(
        await scalar(admin, `select has_schema_privilege('${role}', 'private', 'usage')`),
        false,
      );
    }
    await postgres.query(
      "revoke all on public.fresh from anon, authenticated, service_role, public",
    );
    assert.equal(
      await scalar(admin, "select has_table_privilege('anon', 'public.fresh', 'select')"),
      false,
    );
  });

  await test.step("service_role passes row level security, authenticated does not", async () => {
    await postgres.query(`
      create table public.guarded (id int);
      insert into public.guarded values (1);
      alter table public.guarded enable row level security;
    `);
    await authenticator.query("begin; set local role service_role");
    assert.equal(await scalar(authenticator, "select count(*)::int from guarded"), 1);
    await authenticator.query("set local role authenticated");
    assert.equal(await scalar(authenticator, "select count(*)::int from guarded"), 0);
    await authenticator.query("rollback");
  });

  await test.step("auth.uid(), auth.role(), auth.email() and auth.jwt() read the claims", async () => {
    await authenticator.query("begin; set local role authenticated");
    assert.equal(await scalar(authenticator, "select auth.uid()"), null);
    await authenticator.query("select set_config('request.jwt.claims', $1, true)", [
      JSON.stringify({
        sub: "8d0fd2b3-9ca7-4d9e-a95f-9e13dded323e",
        role: "authenticated",
        email: "a@b.test",
        aal: "aal2",
      }),
    ]);
    assert.equal(
      await scalar(authenticator, "select auth.uid()"),
      "8d0fd2b3-9ca7-4d9e-a95f-9e13dded323e",
    );
    assert.equal(await scalar(authenticator, "select auth.role()"), "authenticated");
    assert.equal(await scalar(authenticator, "select auth.email()"), "a@b.test");
    assert.equal(await scalar(authenticator, "select auth.jwt() ->> 'aal'"), "aal2");
    await authenticator.query("rollback");
  });

  await test.step("a change of the schema tells the data API to reload", async () => {
    const heard: string[] = [];
    authenticator.on("notification", ({ payload }) => heard.push(payload ?? ""));
    await authenticator.query("listen pgrst");
    const hearAfter = async (statement: string): Promise<string[]> => {
      heard.length = 0;
      await postgres.query(statement);
      await authenticator.query("select pg_sleep(0.02)");
      return [...new Set(heard)];
    };
    assert.deepEqual(await hearAfter("create table public.seen (id int)"), ["reload schema"]);
    assert.deepEqual(await hearAfter("drop table public.seen"), ["reload schema"]);
    assert.deepEqual(await hearAfter("create temporary table unseen (id int)"), []);
    assert.deepEqual(await hearAfter("insert into public.fresh (word) values ('x')"), []);
  });

  await test.step("installing again changes nothing and keeps a migration's own settings", async () => {
    await postgres.query("alter role authenticator set pgrst.db_max_rows = '500'");
    await Deno.remove(`${server.folder.root}/platform.stamp`);
    await installPlatform(server, { databasePasswords: PASSWORDS });
    assert.match(
      String(
        await scalar(admin, "select rolconfig::text from pg_roles where rolname = 'authenticator'"),
      ),
      /pgrst\.db_max_rows=500/,
    );
    assert.equal(
      await scalar(admin, "select has_table_privilege('anon', 'public.fresh', 'select')"),
      false,
    );
  });
});
