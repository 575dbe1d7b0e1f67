// What a server with the secret key does to people, through supabase-js.

import assert from "node:assert/strict";
import { decodeJwt } from "jose";
import { newEmail, openAuthStage, PASSWORD } from "./auth_stage.ts";

const stage = await openAuthStage();
const auth = await stage.serve();
const admin = auth.service().auth.admin;
Deno.test.afterAll(() => stage.close());

Deno.test("createUser makes somebody who can sign in at once when confirmed", async () => {
  const email = newEmail();
  const { data, error } = await admin.createUser({
    email,
    password: PASSWORD,
    email_confirm: true,
    user_metadata: { full_name: "Grace" },
    app_metadata: { plan: "team" },
  });
  assert.equal(error, null);
  assert.deepEqual(data.user?.app_metadata, {
    plan: "team",
    provider: "email",
    providers: ["email"],
  });
  assert.deepEqual(data.user?.user_metadata, { full_name: "Grace", email_verified: true });
  assert.equal(data.user?.identities?.[0]?.provider, "email");
  const signedIn = await auth.client().auth.signInWithPassword({ email, password: PASSWORD });
  assert.equal(decodeJwt(signedIn.data.session?.access_token ?? "").sub, data.user?.id);
});

Deno.test("createUser without confirmation makes somebody who can't sign in yet", async () => {
  const email = newEmail();
  const { data } = await admin.createUser({ email, password: PASSWORD });
  const early = await auth.client().auth.signInWithPassword({ email, password: PASSWORD });
  assert.equal(early.error?.code, "email_not_confirmed");
  await admin.updateUserById(data.user?.id ?? "", { email_confirm: true });
  const late = await auth.client().auth.signInWithPassword({ email, password: PASSWORD });
  assert.equal(late.error, null);
});

Deno.test("createUser takes an id, a role, a telephone and a bcrypt hash", async () => {
  const id = crypto.randomUUID();
  const phone = `4477${Math.floor(10_000_000 + Math.random() * 89_999_999)}`;
  const { data, error } = await admin.createUser({
    id,
    email: newEmail(),
    phone: `+${phone}`,
    phone_confirm: true,
    email_confirm: true,
    role: "service_desk",
    password_hash: "$2y$10$SXEz2HeT8PUIGQXo9yeUIem8KzNxgG0d7o/.eGj2rj8KbRgAuRVlq",
  });
  assert.equal(error, null);
  assert.equal(data.user?.id, id);
  assert.equal(data.user?.role, "service_desk");
  assert.equal(data.user?.phone, phone);
  assert.ok(data.user?.phone_confirmed_at);
  assert.deepEqual(data.user?.app_metadata.providers, ["email", "phone"]);
  const twice = await admin.createUser({ phone });
  assert.equal(twice.error?.code, "phone_exists");
});

Deno.test("createUser refuses what makes no sense", async () => {
  const { email } = await auth.newcomer();
  const refusals: ReadonlyArray<[Parameters<typeof admin.createUser>[0], string, number]> = [
    [{ email, password: PASSWORD }, "email_exists", 422],
    [{ password: PASSWORD }, "validation_failed", 400],
    [{ email: "nonsense" }, "validation_failed", 400],
    [{ phone: "123x" }, "validation_failed", 400],
    [{ email: newEmail(), id: "1" }, "validation_failed", 400],
    [{ email: newEmail(), password: "x".repeat(73) }, "validation_failed", 400],
    [{ email: newEmail(), password_hash: "plain text" }, "validation_failed", 400],
    [{ email: newEmail(), ban_duration: "a while" }, "validation_failed", 400],
  ];
  for (const [attributes, code, status] of refusals) {
    const { error } = await admin.createUser(attributes);
    assert.equal(error?.code, code, JSON.stringify(attributes));
    assert.equal(error?.status, status);
  }
});

Deno.test("only the secret key opens administration", async () => {
  const { client } = await auth.newcomer();
  const { data } = await client.auth.getSession();
  const token = data.session?.access_token ?? "";
  const routes: ReadonlyArray<[string, string]> = [
    ["GET", "/admin/users"],
    ["POST", "/admin/users"],
    ["GET", `/admin/users/${crypto.randomUUID()}`],
    ["PUT", `/admin/users/${crypto.randomUUID()}`],
    ["DELETE", `/admin/users/${crypto.randomUUID()}`],
    ["GET", `/admin/users/${crypto.randomUUID()}/factors`],
    ["POST", "/admin/generate_link"],
    ["GET", "/admin/sso/providers"],
    ["POST", "/invite"],
    ["GET", "/_mailbox"],
    ["DELETE", "/_mailbox"],
  ];
  for (const [method, path] of routes) {
    for (const as of [token, auth.keys.anonJwt]) {
      const response = await auth.request(path, { method, as });
      assert.equal(response.status, 403, `${method} ${path}`);
      assert.equal((await response.json()).error_code, "not_admin");
    }
    const nobody = await auth.request(path, { method });
    assert.equal(nobody.status, 401, `${method} ${path}`);
    await nobody.body?.cancel();
  }
  assert.equal((await admin.listUsers()).error, null, "the control");
});

Deno.test("administration of what is switched off says so", async () => {
  const refusals: ReadonlyArray<[string, string]> = [
    ["/admin/sso/providers", "saml_provider_disabled"],
    ["/admin/oauth/clients", "feature_disabled"],
    [`/admin/users/${crypto.randomUUID()}/passkeys`, "passkey_disabled"],
    ["/admin/nowhere", "unknown"],
  ];
  for (const [path, code] of refusals) {
    const response = await auth.request(path, { as: auth.keys.serviceRoleJwt });
    assert.equal(response.status, 404, path);
    assert.equal((await response.json()).error_code, code, path);
  }
});

Deno.test("a signed-in administrator's token ends with its session", async () => {
  const { client, id } = await auth.newcomer();
  await admin.updateUserById(id, { role: "service_role" });
  await client.auth.refreshSession();
  const { data } = await client.auth.getSession();
  const as = data.session?.access_token ?? "";
  const before = await auth.request("/admin/users", { as });
  assert.equal(before.status, 200);
  await before.body?.cancel();
  await client.auth.signOut();
  const after = await auth.request("/admin/users", { as });
  assert.equal((await after.json()).error_code, "session_not_found");
});

Deno.test("listUsers pages with the headers that clients read", async () => {
  const own = await stage.serve();
  await stage.sql("delete from auth.users");
  for (let index = 0; index < 5; index += 1) {
    await own.newcomer();
    own.clock.advance(1);
  }
  const { data, error } = await own.service().auth.admin.listUsers({ page: 2, perPage: 2 });
  assert.equal(error, null);
  assert.ok("total" in data);
  assert.equal(data.users.length, 2);
  assert.equal(data.total, 5);
  assert.equal(data.nextPage, 3);
  assert.equal(data.lastPage, 3);
  assert.equal(data.aud, "authenticated");
  const as = own.keys.serviceRoleJwt;
  const last = await own.request("/admin/users?page=3&per_page=2", { as });
  assert.equal(last.headers.get("link"), '</admin/users?page=3&per_page=2>; rel="last"');
  assert.equal((await last.json()).users.length, 1);
  const oldest = await own.request("/admin/users?sort=created_at%20asc&per_page=1", { as });
  const newest = await own.request("/admin/users?per_page=1", { as });
  const [first] = (await oldest.json()).users;
  const [latest] = (await newest.json()).users;
  assert.ok(first.created_at < latest.created_at);
  const found = await own.request(`/admin/users?filter=${latest.email.slice(0, 13)}`, { as });
  assert.deepEqual((await found.json()).users.map(({ id }: { id: string }) => id), [latest.id]);
  for (const query of ["page=x", "sort=email", "sort=created_at+sideways"]) {
    const bad = await own.request(`/admin/users?${query}`, { as });
    assert.equal((await bad.json()).error_code, "validation_failed", query);
  }
});

Deno.test("getUserById finds people, and says when there is nobody", async () => {
  const { id, email } = await auth.newcomer();
  assert.equal((await admin.getUserById(id)).data.user?.email, email);
  const nobody = await admin.getUserById(crypto.randomUUID());
  assert.equal(nobody.error?.code, "user_not_found");
  assert.equal(nobody.error?.status, 404);
  const odd = await auth.request("/admin/users/one", { as: auth.keys.serviceRoleJwt });
  assert.equal((await odd.json()).msg, "user_id must be an UUID");
});

Deno.test("updateUserById changes address, metadata and password, and signs the person out", async () => {
  const { client, id } = await auth.newcomer();
  const email = newEmail();
  const { data, error } = await admin.updateUserById(id, {
    email,
    password: "a fresh start",
    user_metadata: { nickname: "Al" },
    app_metadata: { seats: 3 },
  });
  assert.equal(error, null);
  assert.equal(data.user?.email, email);
  assert.equal(data.user?.user_metadata.nickname, "Al");
  assert.equal(data.user?.app_metadata.seats, 3);
  assert.equal((await client.auth.getUser()).error?.name, "AuthSessionMissingError");
  const back = await auth.client().auth.signInWithPassword({ email, password: "a fresh start" });
  assert.equal(
    decodeJwt(back.data.session?.access_token ?? "").app_metadata instanceof Object,
    true,
  );
  const weak = await admin.updateUserById(id, { password: "123" });
  assert.equal(weak.error?.code, "weak_password");
  const other = await auth.newcomer();
  const taken = await admin.updateUserById(id, { email: other.email });
  assert.equal(taken.error?.status, 500, "as the hosted service answers");
});

Deno.test("a banned person can neither sign in, nor refresh, nor use a token they have", async () => {
  const { client, id, email } = await auth.newcomer();
  const { data } = await client.auth.getSession();
  const banned = await admin.updateUserById(id, { ban_duration: "1h30m" });
  assert.equal(
    Date.parse(banned.data.user?.banned_until ?? "") - auth.clock.now(),
    90 * 60 * 1000,
  );
  const signIn = await auth.client().auth.signInWithPassword({ email, password: PASSWORD });
  assert.equal(signIn.error?.code, "user_banned");
  const me = await auth.request("/user", { as: data.session?.access_token ?? "" });
  assert.equal((await me.json()).error_code, "user_banned");
  const token = { refresh_token: data.session?.refresh_token ?? "" };
  assert.equal((await client.auth.refreshSession(token)).error?.code, "user_banned");
  await admin.updateUserById(id, { ban_duration: "none" });
  const again = await auth.client().auth.signInWithPassword({ email, password: PASSWORD });
  assert.equal(again.error, null);
});

Deno.test("admin.signOut ends another person's sessions", async () => {
  const { client } = await auth.newcomer();
  const { data } = await client.auth.getSession();
  assert.equal((await admin.signOut(data.session?.access_token ?? "")).error, null);
  assert.equal((await client.auth.getUser()).error?.name, "AuthSessionMissingError");
});

Deno.test("deleteUser removes the person and everything that refers to them by cascade", async () => {
  await stage.sql(
    "create table if not exists public.notes (user_id uuid references auth.users (id) on delete cascade)",
    [],
    "postgres",
  );
  const { client, id } = await auth.newcomer();
  const { data } = await client.auth.getSession();
  await stage.sql("insert into public.notes (user_id) values ($1)", [id], "postgres");
  assert.equal((await admin.deleteUser(id)).error, null);
  assert.deepEqual(await stage.sql("select user_id from public.notes"), []);
  assert.deepEqual(await stage.sql("select id from auth.sessions where user_id = $1", [id]), []);
  const me = await auth.request("/user", { as: data.session?.access_token ?? "" });
  assert.equal((await me.json()).error_code, "user_not_found");
  assert.equal((await admin.deleteUser(id)).error?.code, "user_not_found");
});

Deno.test("a soft deletion keeps the row and nothing that tells who it was", async () => {
  const { id, email, client } = await auth.newcomer();
  assert.equal((await admin.deleteUser(id, true)).error, null);
  const [row] = await stage.sql<{ whole: string; deleted_at: Date }>(
    "select u::text as whole, deleted_at from auth.users u where id = $1",
    [id],
  );
  assert.ok(row?.deleted_at);
  assert.equal(row.whole.includes(email), false);
  const [identity] = await stage.sql<{ whole: string }>(
    "select i::text as whole from auth.identities i where user_id = $1",
    [id],
  );
  assert.equal(identity?.whole.includes(email), false);
  assert.equal((await client.auth.getUser()).error?.name, "AuthSessionMissingError");
  const again = await auth.client().auth.signUp({ email, password: PASSWORD });
  assert.equal(again.error, null, "the address is free again");
});

Deno.test("every change is in the audit trail of schema auth", async () => {
  const { id, client } = await auth.newcomer();
  await client.auth.refreshSession();
  await client.auth.signOut();
  await admin.deleteUser(id);
  const rows = await stage.sql<{ action: string }>(
    `select payload ->> 'action' as action from auth.audit_log_entries
    where payload ->> 'actor_id' = $1 or payload -> 'traits' ->> 'user_id' = $1`,
    [id],
  );
  const actions = new Set(rows.map(({ action }) => action));
  for (const action of ["user_signedup", "login", "token_refreshed", "logout", "user_deleted"]) {
    assert.ok(actions.has(action), action);
  }
});
