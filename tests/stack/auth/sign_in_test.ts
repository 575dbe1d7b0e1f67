// Signing up and in, and what a token says, through supabase-js.

import assert from "node:assert/strict";
import { decodeJwt, decodeProtectedHeader } from "jose";
import { newEmail, openAuthStage, PASSWORD } from "./auth_stage.ts";

const stage = await openAuthStage();
const auth = await stage.serve();
Deno.test.afterAll(() => stage.close());

Deno.test("signUp gives a session and a user of role authenticated", async () => {
  const email = newEmail().toUpperCase();
  const { data, error } = await auth.client().auth.signUp({
    email,
    password: PASSWORD,
    options: { data: { full_name: "Ada" } },
  });
  assert.equal(error, null);
  assert.equal(data.user?.email, email.toLowerCase());
  assert.equal(data.user?.role, "authenticated");
  assert.equal(data.user?.aud, "authenticated");
  assert.deepEqual(data.user?.app_metadata, { provider: "email", providers: ["email"] });
  assert.equal(data.user?.user_metadata.full_name, "Ada");
  assert.equal(data.user?.user_metadata.email_verified, true);
  assert.ok(data.user?.email_confirmed_at);
  assert.equal(data.user?.identities?.[0]?.provider, "email");
  assert.equal(data.user?.identities?.[0]?.id, data.user?.id);
  assert.equal(data.session?.token_type, "bearer");
  assert.equal(data.session?.expires_in, 3600);
});

Deno.test("U60-147 a token carries the claims of the platform, signed with ES256", async () => {
  const { client, email, id } = await auth.newcomer();
  const { data } = await client.auth.getSession();
  const token = data.session?.access_token ?? "";
  const claims = decodeJwt(token);
  assert.equal(decodeProtectedHeader(token).alg, "ES256");
  assert.equal(decodeProtectedHeader(token).kid, auth.keys.signingJwk.kid);
  assert.equal(claims.iss, auth.issuer);
  assert.equal(claims.aud, "authenticated");
  assert.equal(claims.sub, id);
  assert.equal(claims.role, "authenticated");
  assert.equal(claims.email, email);
  assert.equal(claims.phone, "");
  assert.equal(claims.aal, "aal1");
  assert.equal(claims.is_anonymous, false);
  assert.equal((claims.exp ?? 0) - (claims.iat ?? 0), 3600);
  assert.deepEqual(claims.amr, [{ method: "password", timestamp: claims.iat }]);
  assert.deepEqual(claims.app_metadata, { provider: "email", providers: ["email"] });
  assert.match(String(claims.session_id), /^[0-9a-f-]{36}$/);

  const verified = await client.auth.getClaims();
  assert.equal(verified.error, null);
  assert.equal(verified.data?.claims.sub, id);
});

Deno.test("FLW-012 passwords are kept as bcrypt hashes of the chosen cost, and nowhere else", async () => {
  const { id } = await auth.newcomer();
  const [row] = await stage.sql<{ hash: string; whole: string }>(
    "select encrypted_password as hash, u::text as whole from auth.users u where id = $1",
    [id],
  );
  assert.match(row?.hash ?? "", /^\$2b\$04\$[./A-Za-z0-9]{53}$/);
  assert.ok(!row?.whole.includes(PASSWORD));
});

Deno.test("signInWithPassword accepts the right password and nothing else", async () => {
  const { email } = await auth.newcomer();
  const right = await auth.client().auth.signInWithPassword({ email, password: PASSWORD });
  assert.equal(right.error, null);
  assert.equal(right.data.user.email, email);
  for (
    const attempt of [
      { email, password: "wrong" },
      { email, password: "" },
      { email: newEmail(), password: PASSWORD },
    ]
  ) {
    const { error } = await auth.client().auth.signInWithPassword(attempt);
    assert.equal(error?.code, "invalid_credentials");
    assert.equal(error?.status, 400);
    assert.equal(error?.message, "Invalid login credentials");
  }
});

Deno.test("hashes that the database's own crypt() made are accepted", async () => {
  const { id, email } = await auth.newcomer();
  await stage.sql(
    "update auth.users set encrypted_password = extensions.crypt($2, extensions.gen_salt('bf', 4)) where id = $1",
    [id, "made in sql"],
  );
  const { error } = await auth.client().auth.signInWithPassword({ email, password: "made in sql" });
  assert.equal(error, null);
});

Deno.test("signUp refuses a second account for an address", async () => {
  const { email } = await auth.newcomer();
  const { error } = await auth.client().auth.signUp({ email, password: PASSWORD });
  assert.equal(error?.code, "user_already_exists");
  assert.equal(error?.status, 422);
});

Deno.test("signUp of one address at the same time makes one account", async () => {
  const email = newEmail();
  const answers = await Promise.all(
    [1, 2, 3, 4].map(() => auth.client().auth.signUp({ email, password: PASSWORD })),
  );
  assert.equal(answers.filter(({ error }) => error === null).length, 1);
  const codes = answers.flatMap(({ error }) => error ? [error.code] : []);
  assert.deepEqual(new Set(codes), new Set(["user_already_exists"]));
  const rows = await stage.sql("select id from auth.users where email = $1", [email]);
  assert.equal(rows.length, 1);
});

Deno.test("signUp refuses weak and overlong passwords with reasons", async () => {
  const weak = await auth.client().auth.signUp({ email: newEmail(), password: "short" });
  assert.equal(weak.error?.code, "weak_password");
  assert.equal(weak.error?.status, 422);
  assert.equal(weak.error?.name, "AuthWeakPasswordError");
  assert.ok(weak.error && "reasons" in weak.error);
  assert.deepEqual(weak.error.reasons, ["length"]);
  const long = await auth.client().auth.signUp({ email: newEmail(), password: "x".repeat(73) });
  assert.equal(long.error?.code, "validation_failed");
  assert.equal(long.error?.message, "Password cannot be longer than 72 characters");
});

Deno.test("signUp refuses telephones, malformed addresses and missing passwords", async () => {
  const phone = await auth.client().auth.signUp({ phone: "+447700900123", password: PASSWORD });
  assert.equal(phone.error?.code, "phone_provider_disabled");
  const malformed = await auth.client().auth.signUp({
    email: "not an address",
    password: PASSWORD,
  });
  assert.equal(malformed.error?.message, "Unable to validate email address: invalid format");
  assert.equal(malformed.error?.code, "validation_failed");
  const missing = await auth.client().auth.signUp({ email: newEmail(), password: "" });
  assert.equal(missing.error?.message, "Signup requires a valid password");
});

Deno.test("anonymous sign-in is off by default and can be switched on", async () => {
  const off = await auth.client().auth.signInAnonymously();
  assert.equal(off.error?.code, "anonymous_provider_disabled");
  assert.equal(off.error?.status, 422);

  const open = await stage.serve({ isAnonymousSignInEnabled: true });
  const client = open.client();
  const { data, error } = await client.auth.signInAnonymously({ options: { data: { a: 1 } } });
  assert.equal(error, null);
  assert.equal(data.user?.is_anonymous, true);
  const claims = decodeJwt(data.session?.access_token ?? "");
  assert.equal(claims.is_anonymous, true);
  assert.deepEqual(claims.amr, [{ method: "anonymous", timestamp: claims.iat }]);
  const refused = await client.auth.mfa.enroll({ factorType: "totp" });
  assert.equal(refused.error?.code, "no_authorization");

  const email = newEmail();
  const named = await client.auth.updateUser({ email, password: PASSWORD });
  assert.equal(named.error, null);
  assert.equal(named.data.user?.is_anonymous, false);
  assert.equal(named.data.user?.email, email);
  const back = await open.client().auth.signInWithPassword({ email, password: PASSWORD });
  assert.equal(back.data.user?.id, data.user?.id);
});

Deno.test("signUp can be switched off", async () => {
  const closed = await stage.serve({ isSignupEnabled: false });
  const { error } = await closed.client().auth.signUp({ email: newEmail(), password: PASSWORD });
  assert.equal(error?.code, "signup_disabled");
  const otp = await closed.client().auth.signInWithOtp({ email: newEmail() });
  assert.equal(otp.error?.code, "signup_disabled");
});

Deno.test("signInWithPassword tells about a password that new rules would refuse", async () => {
  const { email } = await auth.newcomer();
  const strict = await stage.serve({ requiredCharacters: ["0123456789"] });
  const { data, error } = await strict.client().auth.signInWithPassword({
    email,
    password: PASSWORD,
  });
  assert.equal(error, null);
  assert.deepEqual(data.weakPassword?.reasons, ["characters"]);
});

Deno.test("errors have both shapes of the hosted service", async () => {
  const attempt = { method: "POST", body: JSON.stringify({ email: newEmail(), password: "x" }) };
  const old = await auth.request("/token?grant_type=password", attempt);
  assert.equal(old.status, 400);
  assert.equal(old.headers.get("x-sb-error-code"), "invalid_credentials");
  assert.deepEqual(await old.json(), {
    code: 400,
    error_code: "invalid_credentials",
    msg: "Invalid login credentials",
  });

  const named = await auth.request("/token?grant_type=password", {
    ...attempt,
    headers: { "x-supabase-api-version": "2024-01-01" },
  });
  assert.equal(named.headers.get("x-supabase-api-version"), "2024-01-01");
  assert.deepEqual(await named.json(), {
    code: "invalid_credentials",
    message: "Invalid login credentials",
  });
});

Deno.test("malformed requests are refused with their reason", async () => {
  const bad = await auth.request("/signup", { method: "POST", body: "{not json" });
  assert.equal(bad.headers.get("x-sb-error-code"), "bad_json");
  await bad.body?.cancel();
  const mistyped = await auth.request("/signup", { method: "POST", body: '{"email":5}' });
  assert.equal(mistyped.headers.get("x-sb-error-code"), "bad_json");
  await mistyped.body?.cancel();
  const huge = await auth.request("/signup", {
    method: "POST",
    body: JSON.stringify({ email: "x".repeat(1 << 20) }),
  });
  assert.equal(huge.status, 413);
  await huge.body?.cancel();
  const grant = await auth.request("/token?grant_type=magic", { method: "POST", body: "{}" });
  assert.equal((await grant.json()).msg, "unsupported_grant_type");
  const nowhere = await auth.request("/nowhere");
  assert.equal(nowhere.status, 404);
  assert.equal((await nowhere.json()).code, 404);
  const method = await auth.request("/signup");
  assert.equal(method.status, 405);
  await method.body?.cancel();
});

Deno.test("what a trigger on auth.users raises reaches the caller, and nothing is stored", async () => {
  await stage.sql(`
    create function public.refuse_rivals() returns trigger language plpgsql as $$
    begin
      if new.email like '%@rival.example' then raise exception 'no rivals here'; end if;
      return new;
    end $$;
    create trigger refuse_rivals before insert on auth.users
      for each row execute function public.refuse_rivals();
  `);
  const email = "someone@rival.example";
  const body = JSON.stringify({ email, password: PASSWORD });
  const raw = await auth.request("/signup", { method: "POST", body });
  assert.equal(raw.status, 500);
  assert.deepEqual(await raw.json(), { code: "P0001", message: "no rivals here" });
  const { error } = await auth.client().auth.signUp({ email, password: PASSWORD });
  assert.equal(error?.message, "Database error saving new user");
  assert.equal(error?.status, 500);
  assert.equal((await auth.newcomer()).email.endsWith("@example.com"), true);
});

Deno.test("a seeded row that the hosted service couldn't read is not read here either", async () => {
  const { id, email } = await auth.newcomer();
  await stage.sql("update auth.users set confirmation_token = null where id = $1", [id]);
  const { error } = await auth.client().auth.signInWithPassword({ email, password: PASSWORD });
  assert.equal(error?.message, "Database error querying schema");
  assert.ok(auth.failures.some((failure) => String(failure).includes("confirmation_token")));
});

Deno.test("settings, health and keys are public", async () => {
  const settings = await (await auth.request("/settings")).json();
  assert.equal(settings.external.email, true);
  assert.equal(settings.external.google, false);
  assert.equal(settings.disable_signup, false);
  assert.equal(settings.mailer_autoconfirm, true);
  assert.equal((await (await auth.request("/health")).json()).name, "GoTrue");
  const keys = await auth.request("/.well-known/jwks.json");
  assert.equal(keys.headers.get("cache-control"), "public, max-age=600");
  const [key] = (await keys.json()).keys;
  assert.deepEqual(Object.keys(key).sort(), [
    "alg",
    "crv",
    "ext",
    "key_ops",
    "kid",
    "kty",
    "use",
    "x",
    "y",
  ]);
});

Deno.test("the discovery document names this room", async () => {
  const document = await (await auth.request("/.well-known/openid-configuration")).json();
  assert.equal(document.issuer, auth.issuer);
  assert.equal(document.jwks_uri, `${auth.issuer}/.well-known/jwks.json`);
});

Deno.test("tokens of other providers are refused in the words of OAuth", async () => {
  const unknown = await auth.client().auth.signInWithIdToken({ provider: "google", token: "x" });
  assert.equal(unknown.error?.code, "provider_disabled");
  const missing = await auth.request("/token?grant_type=id_token", { method: "POST", body: "{}" });
  assert.deepEqual(await missing.json(), {
    error: "invalid request",
    error_description: "id_token required",
  });
});

Deno.test("what is switched off says so", async () => {
  const { client } = await auth.newcomer();
  const { data } = await client.auth.getSession();
  const as = data.session?.access_token ?? "";
  const refusals: ReadonlyArray<[string, string, string]> = [
    ["GET", "/authorize?provider=google", "validation_failed"],
    ["POST", "/token?grant_type=web3", "web3_provider_disabled"],
    ["POST", "/sso", "saml_provider_disabled"],
    ["GET", "/sso/saml/metadata", "saml_provider_disabled"],
    ["POST", "/passkeys/authentication/options", "passkey_disabled"],
    ["GET", "/user/identities/authorize?provider=google", "manual_linking_disabled"],
    ["GET", "/user/oauth/grants", "feature_disabled"],
    ["GET", "/oauth/authorizations/1", "feature_disabled"],
  ];
  for (const [method, path, code] of refusals) {
    const response = await auth.request(path, { method, as });
    assert.equal(response.headers.get("x-sb-error-code"), code, path);
    await response.body?.cancel();
  }
});
