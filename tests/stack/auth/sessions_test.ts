// Refreshing, theft, signing out, and tokens that nobody should believe.

import assert from "node:assert/strict";
import type { Session, SupabaseClient } from "@supabase/supabase-js";
import { decodeJwt, type JWTPayload, SignJWT } from "jose";
import { createKeys } from "../../../scripts/stack/auth/keys.ts";
import { importSigningKey } from "../../../scripts/stack/auth/signing_key.ts";
import { newEmail, openAuthStage, PASSWORD, type ServedAuth } from "./auth_stage.ts";

const stage = await openAuthStage();
Deno.test.afterAll(() => stage.close());

async function sessionOf(client: SupabaseClient): Promise<Session> {
  const { data } = await client.auth.getSession();
  assert.ok(data.session);
  return data.session;
}

interface RefreshAnswer {
  readonly status: number;
  readonly body: Record<string, unknown>;
}

async function refresh(auth: ServedAuth, token: unknown): Promise<RefreshAnswer> {
  const response = await auth.request("/token?grant_type=refresh_token", {
    method: "POST",
    body: JSON.stringify({ refresh_token: token }),
  });
  return { status: response.status, body: await response.json() };
}

Deno.test("refreshSession gives a new pair of tokens for the same session", async () => {
  const auth = await stage.serve();
  const { client } = await auth.newcomer();
  const before = await sessionOf(client);
  auth.clock.advance(60);
  const { data, error } = await client.auth.refreshSession();
  assert.equal(error, null);
  assert.notEqual(data.session?.refresh_token, before.refresh_token);
  const [old, fresh] = [before.access_token, data.session?.access_token ?? ""].map(decodeJwt);
  assert.equal(fresh?.session_id, old?.session_id);
  assert.equal(fresh?.iat, (old?.iat ?? 0) + 60);
  assert.deepEqual(fresh?.amr, old?.amr, "a refresh is no proof of who somebody is");
});

Deno.test("two refreshes at once with one token get the same successor", async () => {
  const auth = await stage.serve();
  const { client } = await auth.newcomer();
  const { refresh_token: token } = await sessionOf(client);
  const answers = await Promise.all(Array.from({ length: 6 }, () => refresh(auth, token)));
  assert.deepEqual(new Set(answers.map(({ status }) => status)), new Set([200]));
  assert.equal(new Set(answers.map(({ body }) => body.refresh_token)).size, 1);
});

Deno.test("a client that lost the answer may ask again, however late", async () => {
  const auth = await stage.serve();
  const { client } = await auth.newcomer();
  const { refresh_token: token } = await sessionOf(client);
  const first = await refresh(auth, token);
  auth.clock.advance(3600);
  const second = await refresh(auth, token);
  assert.equal(second.body.refresh_token, first.body.refresh_token);
});

Deno.test("a token used twice within ten seconds is taken for an impatient client", async () => {
  const auth = await stage.serve();
  const { client } = await auth.newcomer();
  const { refresh_token: first } = await sessionOf(client);
  const second = await refresh(auth, first);
  const third = await refresh(auth, second.body.refresh_token);
  auth.clock.advance(10);
  assert.equal((await refresh(auth, first)).status, 200);
  assert.equal((await refresh(auth, third.body.refresh_token)).status, 200);
});

Deno.test("a stolen token ends the whole session, at once and for everybody", async () => {
  const auth = await stage.serve();
  const { client, email } = await auth.newcomer();
  const { refresh_token: stolen } = await sessionOf(client);
  const elsewhere = auth.client();
  await elsewhere.auth.signInWithPassword({ email, password: PASSWORD });
  const second = await refresh(auth, stolen);
  const third = await refresh(auth, second.body.refresh_token);
  auth.clock.advance(11);

  const theft = await refresh(auth, stolen);
  assert.equal(theft.status, 400);
  assert.equal(theft.body.error_code, "refresh_token_already_used");
  assert.equal(theft.body.msg, "Invalid Refresh Token: Already Used");

  const owner = await refresh(auth, third.body.refresh_token);
  assert.equal(owner.status, 400, "the newest token of the family is void too");
  const as = String(third.body.access_token);
  const me = await auth.request("/user", { as });
  assert.equal((await me.json()).error_code, "session_not_found");
  assert.equal((await elsewhere.auth.getUser()).error, null, "another session is untouched");
});

Deno.test("refreshSession refuses unknown and malformed tokens", async () => {
  const auth = await stage.serve();
  assert.equal((await refresh(auth, "abcdefghijkl")).body.error_code, "refresh_token_not_found");
  assert.equal((await refresh(auth, "x")).body.error_code, "validation_failed");
  assert.equal((await refresh(auth, null)).body.error_code, "validation_failed");
});

Deno.test("sessions can be limited in length and in idleness", async () => {
  const auth = await stage.serve({ sessionTimeboxSeconds: 7200, sessionInactivitySeconds: 3600 });
  const { client } = await auth.newcomer();
  auth.clock.advance(3000);
  const kept = await refresh(auth, (await sessionOf(client)).refresh_token);
  assert.equal(kept.status, 200);
  auth.clock.advance(3601);
  const idle = await refresh(auth, kept.body.refresh_token);
  assert.equal(idle.body.error_code, "session_expired");
  assert.equal(idle.body.msg, "Invalid Refresh Token: Session Expired (Inactivity)");
});

Deno.test("U60-147 signOut ends the session on the server: its tokens work no more", async () => {
  const auth = await stage.serve();
  const { client } = await auth.newcomer();
  const before = await sessionOf(client);
  assert.equal((await client.auth.getUser()).error, null);
  assert.equal((await client.auth.signOut({ scope: "local" })).error, null);
  const me = await auth.request("/user", { as: before.access_token });
  assert.equal(me.status, 403);
  assert.equal((await me.json()).error_code, "session_not_found");
  const late = await refresh(auth, before.refresh_token);
  assert.equal(late.body.error_code, "refresh_token_not_found");
});

Deno.test("signOut has three scopes", async () => {
  const auth = await stage.serve();
  for (
    const [scope, mine, others] of [
      ["local", false, true],
      ["others", true, false],
      ["global", false, false],
    ] as const
  ) {
    const { client, email } = await auth.newcomer();
    const elsewhere = auth.client();
    await elsewhere.auth.signInWithPassword({ email, password: PASSWORD });
    const [here, there] = [await sessionOf(client), await sessionOf(elsewhere)];
    assert.equal((await client.auth.signOut({ scope })).error, null);
    const isAlive = async (session: Session): Promise<boolean> => {
      return (await auth.request("/user", { as: session.access_token })).ok;
    };
    assert.equal(await isAlive(here), mine, `${scope}: here`);
    assert.equal(await isAlive(there), others, `${scope}: elsewhere`);
  }
  const { client } = await auth.newcomer();
  const as = (await sessionOf(client)).access_token;
  const odd = await auth.request("/logout?scope=sideways", { method: "POST", as });
  assert.equal((await odd.json()).msg, 'Unsupported logout scope "sideways"');
});

Deno.test("a changed password ends the other sessions and keeps this one", async () => {
  const auth = await stage.serve();
  const { client, email } = await auth.newcomer();
  const elsewhere = auth.client();
  await elsewhere.auth.signInWithPassword({ email, password: PASSWORD });
  const same = await client.auth.updateUser({ password: PASSWORD });
  assert.equal(same.error?.code, "same_password");
  const weak = await client.auth.updateUser({ password: "123" });
  assert.equal(weak.error?.code, "weak_password");
  assert.equal((await client.auth.updateUser({ password: "another phrase" })).error, null);
  assert.equal((await client.auth.getUser()).error, null);
  assert.equal((await elsewhere.auth.getUser()).error?.name, "AuthSessionMissingError");
  const old = await auth.client().auth.signInWithPassword({ email, password: PASSWORD });
  assert.equal(old.error?.code, "invalid_credentials");
  const fresh = await auth.client().auth.signInWithPassword({ email, password: "another phrase" });
  assert.equal(fresh.error, null);
});

Deno.test("an old session needs a mailed code to change the password, where that is required", async () => {
  const auth = await stage.serve({ isReauthenticationRequired: true, jwtExpirySeconds: 7 * 86400 });
  const { client, email } = await auth.newcomer();
  assert.equal((await client.auth.updateUser({ password: "first change" })).error, null);
  auth.clock.advance(86401);
  const needed = await client.auth.updateUser({ password: "second change" });
  assert.equal(needed.error?.code, "reauthentication_needed");
  const wrong = await client.auth.updateUser({ password: "second change", nonce: "000000" });
  assert.equal(wrong.error?.code, "reauthentication_not_valid");
  assert.equal((await client.auth.reauthenticate()).error, null);
  const [mail] = await auth.mails(email);
  assert.equal(mail?.type, "reauthentication");
  const nonce = mail?.otp ?? "";
  assert.equal((await client.auth.updateUser({ password: "second change", nonce })).error, null);
  const again = await client.auth.updateUser({ password: "third change", nonce });
  assert.equal(again.error?.code, "reauthentication_not_valid", "a code works once");
});

Deno.test("the current password is asked for, where that is required", async () => {
  const auth = await stage.serve({ isCurrentPasswordRequired: true });
  const { client } = await auth.newcomer();
  const as = (await sessionOf(client)).access_token;
  const change = async (current?: string): Promise<string | null> => {
    const body = JSON.stringify({ password: "a new phrase", current_password: current });
    const response = await auth.request("/user", { method: "PUT", as, body });
    await response.body?.cancel();
    return response.headers.get("x-sb-error-code");
  };
  assert.equal(await change(), "current_password_required");
  assert.equal(await change("wrong"), "current_password_invalid");
  assert.equal(await change(PASSWORD), null);
});

Deno.test("updateUser merges metadata and refuses what only servers may say", async () => {
  const auth = await stage.serve();
  const { client } = await auth.newcomer();
  const first = await client.auth.updateUser({ data: { theme: "dark", size: 2 } });
  assert.equal(first.data.user?.user_metadata.theme, "dark");
  const second = await client.auth.updateUser({ data: { theme: null } });
  assert.equal("theme" in (second.data.user?.user_metadata ?? {}), false);
  assert.equal(second.data.user?.user_metadata.size, 2);
  const as = (await sessionOf(client)).access_token;
  const body = JSON.stringify({ app_metadata: { role: "owner" } });
  const forbidden = await auth.request("/user", { method: "PUT", as, body });
  assert.equal(forbidden.status, 403);
  assert.equal((await forbidden.json()).error_code, "not_admin");
  const { data } = await client.auth.getUser();
  assert.equal(data.user?.app_metadata.role, undefined);
});

Deno.test("updateUser refuses another person's address and any telephone", async () => {
  const auth = await stage.serve();
  const [{ client }, other] = [await auth.newcomer(), await auth.newcomer()];
  const taken = await client.auth.updateUser({ email: other.email });
  assert.equal(taken.error?.code, "email_exists");
  const phone = await client.auth.updateUser({ phone: "+447700900123" });
  assert.equal(phone.error?.code, "phone_provider_disabled");
});

Deno.test("U60-147 forged, foreign and stale tokens are refused", async () => {
  const auth = await stage.serve();
  const { client } = await auth.newcomer();
  const good = (await sessionOf(client)).access_token;
  assert.equal((await auth.request("/user", { as: good })).status, 200, "the control");
  const claims = decodeJwt(good);
  const stranger = await createKeys();
  const [header = "", body = "", signature = ""] = good.split(".");
  const promoted = encode({ ...claims, role: "service_role" });
  const publicKey = new TextEncoder().encode(JSON.stringify(auth.keys.jwks.keys[0]));
  const forgeries: Record<string, string> = {
    "alg none": `${encode({ alg: "none", typ: "JWT" })}.${body}.`,
    "HS256 with the public key": await new SignJWT(claims)
      .setProtectedHeader({ alg: "HS256", kid: auth.keys.signingJwk.kid }).sign(publicKey),
    "another key": await sign(stranger.signingJwk, claims, auth.keys.signingJwk.kid),
    "unknown kid": await sign(auth.keys.signingJwk, claims, "unknown"),
    "another issuer": await sign(auth.keys.signingJwk, { ...claims, iss: "http://evil/auth/v1" }),
    "another audience": await sign(auth.keys.signingJwk, { ...claims, aud: "elsewhere" }),
    "changed claims": `${header}.${promoted}.${signature}`,
    "no signature": `${header}.${body}.`,
    "not a token": "abc",
  };
  for (const [name, as] of Object.entries(forgeries)) {
    for (const path of ["/user", "/admin/users"]) {
      const response = await auth.request(path, { as });
      assert.equal(response.status, 403, `${name} at ${path}`);
      assert.equal((await response.json()).error_code, "bad_jwt", `${name} at ${path}`);
    }
  }
  auth.clock.advance(3600);
  const stale = await auth.request("/user", { as: good });
  assert.equal(
    (await stale.json()).msg,
    "invalid JWT: unable to parse or verify signature, token has invalid claims: token is expired",
  );
});

Deno.test("U60-147 a token must name a living user and one of their own sessions", async () => {
  const auth = await stage.serve();
  const [mine, theirs] = [await auth.newcomer(), await auth.newcomer()];
  const claims = decodeJwt((await sessionOf(mine.client)).access_token);
  const foreign = decodeJwt((await sessionOf(theirs.client)).access_token);
  const refusal = async (changed: JWTPayload): Promise<unknown> => {
    const as = await sign(auth.keys.signingJwk, changed);
    return (await (await auth.request("/user", { as })).json()).error_code;
  };
  const { session_id } = foreign;
  assert.equal(await refusal({ ...claims, session_id }), "session_not_found");
  assert.equal(await refusal({ ...claims, sub: crypto.randomUUID() }), "user_not_found");
  assert.equal(await refusal({ ...claims, sub: "somebody" }), "bad_jwt");
  assert.equal(await refusal({ ...claims, sub: "" }), "bad_jwt");
  const anonymous = await auth.request("/user", { as: auth.keys.anonJwt });
  assert.equal((await anonymous.json()).msg, "invalid claim: missing sub claim");
  const none = await auth.request("/user");
  assert.equal(none.status, 401);
  assert.equal((await none.json()).error_code, "no_authorization");
});

Deno.test("identities can be unlinked where that is allowed, but never the last one", async () => {
  const auth = await stage.serve({ isManualLinkingEnabled: true });
  const { client, id } = await auth.newcomer();
  const { data } = await client.auth.getUserIdentities();
  const [own] = data?.identities ?? [];
  assert.ok(own);
  const last = await client.auth.unlinkIdentity(own);
  assert.equal(last.error?.code, "single_identity_not_deletable");
  const email = newEmail();
  await stage.sql(
    `insert into auth.identities (provider_id, user_id, identity_data, provider, created_at, updated_at)
    values ('g-1', $1, jsonb_build_object('sub', 'g-1', 'email', $2::text, 'email_verified', true),
      'google', now(), now())`,
    [id, email],
  );
  assert.equal((await client.auth.unlinkIdentity(own)).error, null);
  const { data: changed } = await client.auth.getUser();
  assert.equal(changed.user?.email, email);
  assert.deepEqual(changed.user?.app_metadata.providers, ["google"]);
});

async function sign(
  jwk: JsonWebKey & { readonly kid: string },
  claims: JWTPayload,
  kid = jwk.kid,
): Promise<string> {
  const key = await importSigningKey({ ...jwk, kty: "EC" });
  return await new SignJWT(claims).setProtectedHeader({ alg: "ES256", kid }).sign(key);
}

function encode(value: unknown): string {
  return new TextEncoder().encode(JSON.stringify(value))
    .toBase64({ alphabet: "base64url", omitPadding: true });
}
