// What a project's own SQL may do with auth: the token hook, references, triggers and reads.

import assert from "node:assert/strict";
import { decodeJwt } from "jose";
import { newEmail, openAuthStage, PASSWORD } from "./auth_stage.ts";

const stage = await openAuthStage();
Deno.test.afterAll(() => stage.close());

async function defineHook(name: string, body: string): Promise<string> {
  await stage.sql(
    `create function public.${name}(event jsonb) returns jsonb language plpgsql as $hook$
    begin ${body} end $hook$;
    revoke execute on function public.${name} from public, anon, authenticated;
    grant execute on function public.${name} to supabase_auth_admin;
    grant usage on schema public to supabase_auth_admin;`,
    [],
    "postgres",
  );
  return `pg-functions://postgres/public/${name}`;
}

Deno.test("the token hook adds claims at sign-in and at every refresh", async () => {
  const hook = await defineHook(
    "add_org",
    `return jsonb_build_object('claims', event -> 'claims' || jsonb_build_object(
      'org_id', 'org-1',
      'seen', event ->> 'authentication_method',
      'ran_as', current_user,
      'same_user', event ->> 'user_id' = event -> 'claims' ->> 'sub'
    ));`,
  );
  const auth = await stage.serve({ customAccessTokenHook: hook });
  const { client } = await auth.newcomer();
  const { data } = await client.auth.getSession();
  const claims = decodeJwt(data.session?.access_token ?? "");
  assert.equal(claims.org_id, "org-1");
  assert.equal(claims.seen, "password");
  assert.equal(claims.ran_as, "supabase_auth_admin");
  assert.equal(claims.same_user, true);
  assert.equal(claims.role, "authenticated");
  const refreshed = await client.auth.refreshSession();
  assert.equal(decodeJwt(refreshed.data.session?.access_token ?? "").seen, "token_refresh");
  assert.equal((await client.auth.getUser()).error, null);
});

Deno.test("the token hook may be named with its schema and a dot", async () => {
  await defineHook("as_is", "return jsonb_build_object('claims', event -> 'claims');");
  const auth = await stage.serve({ customAccessTokenHook: "public.as_is" });
  await auth.newcomer();
});

Deno.test("a token hook may refuse, and then nobody is signed in", async () => {
  const hook = await defineHook(
    "refuse",
    `return jsonb_build_object('error', jsonb_build_object(
      'http_code', 403, 'message', 'not in office hours'));`,
  );
  const auth = await stage.serve({ customAccessTokenHook: hook });
  const email = newEmail();
  const body = JSON.stringify({ email, password: PASSWORD });
  const response = await auth.request("/signup", { method: "POST", body });
  assert.equal(response.status, 403);
  assert.equal((await response.json()).msg, "not in office hours");
  const sessions = await stage.sql(
    "select s.id from auth.sessions s join auth.users u on u.id = s.user_id where u.email = $1",
    [email],
  );
  assert.deepEqual(sessions, []);
});

Deno.test("a token hook that loses, mistypes or breaks something is an error", async () => {
  const faults: ReadonlyArray<[string, string, RegExp]> = [
    [
      "loses",
      "return jsonb_build_object('claims', (event -> 'claims') - 'aal');",
      /aal is required/,
    ],
    [
      "mistypes",
      "return jsonb_build_object('claims', (event -> 'claims') || '{\"exp\": \"soon\"}');",
      /exp: Invalid type/,
    ],
    ["breaks", "raise exception 'broken'; return event;", /broken/],
    ["sleeps", "perform pg_sleep(3); return event;", /statement timeout/],
  ];
  for (const [name, definition, reason] of faults) {
    const hook = await defineHook(name, definition);
    const auth = await stage.serve({ customAccessTokenHook: hook });
    const body = JSON.stringify({ email: newEmail(), password: PASSWORD });
    const response = await auth.request("/signup", { method: "POST", body });
    assert.equal(response.status, 500, name);
    const answer = JSON.stringify(await response.json());
    assert.match(`${answer} ${auth.failures.map(String).join()}`, reason, name);
  }
  const missing = await stage.serve({
    customAccessTokenHook: "pg-functions://postgres/public/none",
  });
  const { error } = await missing.client().auth.signUp({ email: newEmail(), password: PASSWORD });
  assert.equal(error?.message, "Error running hook URI: pg-functions://postgres/public/none");
});

Deno.test("a migration may refer to auth.users, hang triggers on it and read it", async () => {
  await stage.sql(
    `create table public.people (
      id uuid primary key references auth.users (id) on delete cascade,
      email text
    );
    create function public.greet() returns trigger language plpgsql security definer
      set search_path = '' as $$
    begin
      insert into public.people (id, email) values (new.id, new.email);
      return new;
    end $$;
    create trigger greet after insert on auth.users for each row execute function public.greet();
    create view public.heads as select count(*) as n from auth.users;`,
    [],
    "postgres",
  );
  const auth = await stage.serve();
  const { id, email } = await auth.newcomer();
  const rows = await stage.sql("select id, email from public.people where id = $1", [id]);
  assert.deepEqual(rows, [{ id, email }]);
  const [heads] = await stage.sql<{ n: string }>("select n from public.heads", [], "postgres");
  assert.ok(Number(heads?.n) > 0);
});

Deno.test("the API roles have no way to the tables of schema auth", async () => {
  const reachable = await stage.sql(`
    select r.role, c.relname, p.privilege
    from pg_class c
    cross join unnest(array['anon', 'authenticated', 'service_role']) r (role)
    cross join unnest(array['select', 'insert', 'update', 'delete', 'truncate']) p (privilege)
    where c.relnamespace = 'auth'::regnamespace and c.relkind = 'r'
      and has_table_privilege(r.role, c.oid, p.privilege)`);
  assert.deepEqual(reachable, []);
  const unsafe = await stage.sql(`
    select relname from pg_class
    where relnamespace = 'auth'::regnamespace and relkind = 'r'
      and (not relrowsecurity or relowner <> 'supabase_auth_admin'::regrole)`);
  assert.deepEqual(unsafe, []);
  const [control] = await stage.sql<{ can: boolean }>(
    "select has_table_privilege('postgres', 'auth.users', 'select, references, trigger') as can",
  );
  assert.equal(control?.can, true);
});

Deno.test("schema.sql may run again without changing anything", async () => {
  const auth = await stage.serve();
  const { id } = await auth.newcomer();
  const schema = new URL("../../../scripts/stack/auth/schema.sql", import.meta.url);
  await stage.sql(await Deno.readTextFile(schema));
  assert.equal((await stage.sql("select id from auth.users where id = $1", [id])).length, 1);
});
