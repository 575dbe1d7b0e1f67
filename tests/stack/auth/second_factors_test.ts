// TOTP from enrolment to aal2 and back, through supabase-js.

import assert from "node:assert/strict";
import type { SupabaseClient } from "@supabase/supabase-js";
import { decodeJwt, type JWTPayload } from "jose";
import * as OTPAuth from "otpauth";
import { newEmail, openAuthStage, PASSWORD, type ServedAuth } from "./auth_stage.ts";

const stage = await openAuthStage();
Deno.test.afterAll(() => stage.close());

async function claimsOf(client: SupabaseClient): Promise<JWTPayload> {
  const { data } = await client.auth.getSession();
  return decodeJwt(data.session?.access_token ?? "");
}

function codeFor(auth: ServedAuth, secret: string): string {
  return new OTPAuth.TOTP({ secret }).generate({ timestamp: auth.clock.now() });
}

async function enroll(
  client: SupabaseClient,
  friendlyName = "phone",
): Promise<{ factorId: string; secret: string; uri: string; qrCode: string }> {
  const { data, error } = await client.auth.mfa.enroll({ factorType: "totp", friendlyName });
  if (error) throw error;
  const { secret, uri, qr_code: qrCode } = data.totp;
  return { factorId: data.id, secret, uri, qrCode };
}

async function enrollAndVerify(
  auth: ServedAuth,
  client: SupabaseClient,
): Promise<{ factorId: string; secret: string }> {
  const factor = await enroll(client);
  const code = codeFor(auth, factor.secret);
  const { error } = await client.auth.mfa.challengeAndVerify({ factorId: factor.factorId, code });
  assert.equal(error, null);
  return factor;
}

Deno.test("FLW-013 a TOTP factor raises a session to aal2 and says so in amr", async () => {
  const auth = await stage.serve();
  const { client, email } = await auth.newcomer();
  const factor = await enroll(client);
  assert.match(factor.secret, /^[A-Z2-7]{32}$/);
  assert.equal(new URL(factor.uri).searchParams.get("secret"), factor.secret);
  assert.equal(new URL(factor.uri).searchParams.get("issuer"), "127.0.0.1:3000");
  assert.ok(decodeURIComponent(factor.uri).includes(email));
  assert.match(factor.qrCode, /^data:image\/svg\+xml;utf-8,<svg/);

  const before = await client.auth.mfa.getAuthenticatorAssuranceLevel();
  assert.deepEqual([before.data?.currentLevel, before.data?.nextLevel], ["aal1", "aal1"]);
  auth.clock.advance(5);
  const challenge = await client.auth.mfa.challenge({ factorId: factor.factorId });
  assert.equal(challenge.data?.type, "totp");
  const { data, error } = await client.auth.mfa.verify({
    factorId: factor.factorId,
    challengeId: challenge.data?.id ?? "",
    code: codeFor(auth, factor.secret),
  });
  assert.equal(error, null);
  assert.equal(data?.user.email, email);
  const claims = await claimsOf(client);
  assert.equal(claims.aal, "aal2");
  const amr = claims.amr as Array<{ method: string; timestamp: number }>;
  assert.deepEqual(amr.map(({ method }) => method), ["totp", "password"], "newest first");
  const after = await client.auth.mfa.getAuthenticatorAssuranceLevel();
  assert.deepEqual([after.data?.currentLevel, after.data?.nextLevel], ["aal2", "aal2"]);
  const { data: factors } = await client.auth.mfa.listFactors();
  assert.equal(factors?.totp[0]?.status, "verified");
  assert.equal(JSON.stringify(factors).includes(factor.secret), false);
});

Deno.test("the second level survives a refresh, and tokens from before it are void", async () => {
  const auth = await stage.serve();
  const { client, email } = await auth.newcomer();
  const other = auth.client();
  await other.auth.signInWithPassword({ email, password: PASSWORD });
  await enrollAndVerify(auth, client);
  auth.clock.advance(60);
  assert.equal((await client.auth.refreshSession()).error, null);
  assert.equal((await claimsOf(client)).aal, "aal2");
  assert.equal((await other.auth.getUser()).error?.name, "AuthSessionMissingError");
});

Deno.test("a refresh token from before the second factor can't fetch tokens of the second level", async () => {
  const auth = await stage.serve();
  const { client } = await auth.newcomer();
  const { data: before } = await client.auth.getSession();
  await enrollAndVerify(auth, client);
  const refresh = async (token: string | undefined): Promise<number> => {
    const response = await auth.request("/token?grant_type=refresh_token", {
      method: "POST",
      body: JSON.stringify({ refresh_token: token }),
    });
    await response.body?.cancel();
    return response.status;
  };
  assert.equal(await refresh(before.session?.refresh_token), 400);
  const { data: after } = await client.auth.getSession();
  assert.equal(await refresh(after.session?.refresh_token), 200, "the control");
});

Deno.test("a new sign-in begins at aal1 and reaches aal2 with a code", async () => {
  const auth = await stage.serve();
  const { client, email } = await auth.newcomer();
  const { factorId, secret } = await enrollAndVerify(auth, client);
  const again = auth.client();
  await again.auth.signInWithPassword({ email, password: PASSWORD });
  const level = await again.auth.mfa.getAuthenticatorAssuranceLevel();
  assert.deepEqual([level.data?.currentLevel, level.data?.nextLevel], ["aal1", "aal2"]);
  auth.clock.advance(30);
  const code = codeFor(auth, secret);
  assert.equal((await again.auth.mfa.challengeAndVerify({ factorId, code })).error, null);
  assert.equal((await claimsOf(again)).aal, "aal2");
});

Deno.test("wrong codes, used, foreign and stale challenges are refused", async () => {
  const auth = await stage.serve();
  const { client } = await auth.newcomer();
  const { factorId, secret } = await enroll(client);
  const wrong = await client.auth.mfa.challengeAndVerify({ factorId, code: "000000" });
  assert.equal(wrong.error?.code, "mfa_verification_failed");
  assert.equal(wrong.error?.status, 422);
  const empty = await client.auth.mfa.challengeAndVerify({ factorId, code: "" });
  assert.equal(empty.error?.code, "validation_failed");

  const { data: stale } = await client.auth.mfa.challenge({ factorId });
  auth.clock.advance(301);
  const late = await client.auth.mfa.verify({
    factorId,
    challengeId: stale?.id ?? "",
    code: codeFor(auth, secret),
  });
  assert.equal(late.error?.code, "mfa_challenge_expired");

  const { data: challenge } = await client.auth.mfa.challenge({ factorId });
  const answer = { factorId, challengeId: challenge?.id ?? "", code: codeFor(auth, secret) };
  const unknown = { ...answer, challengeId: crypto.randomUUID() };
  assert.equal((await client.auth.mfa.verify(unknown)).error?.code, "mfa_factor_not_found");
  assert.equal((await client.auth.mfa.verify(answer)).error, null);
  assert.equal((await client.auth.mfa.verify(answer)).error?.code, "mfa_ip_address_mismatch");

  const stranger = await auth.newcomer();
  const foreign = await stranger.client.auth.mfa.challenge({ factorId });
  assert.equal(foreign.error?.code, "mfa_factor_not_found");
  assert.equal(foreign.error?.status, 404);
});

Deno.test("one challenge answered twice at once counts once", async () => {
  const auth = await stage.serve();
  const { client } = await auth.newcomer();
  const { factorId, secret } = await enroll(client);
  const { data: challenge } = await client.auth.mfa.challenge({ factorId });
  const { data } = await client.auth.getSession();
  const answers = await Promise.all([1, 2, 3].map(async () => {
    const response = await auth.request(`/factors/${factorId}/verify`, {
      method: "POST",
      as: data.session?.access_token ?? "",
      body: JSON.stringify({ challenge_id: challenge?.id, code: codeFor(auth, secret) }),
    });
    await response.body?.cancel();
    return response.status;
  }));
  assert.deepEqual(answers.sort(), [200, 422, 422]);
});

Deno.test("enrolment needs a free name, room, and the second level once there is one", async () => {
  const auth = await stage.serve({ maximumFactors: 3 });
  const { client, email } = await auth.newcomer();
  await enroll(client, "phone");
  const twice = await client.auth.mfa.enroll({ factorType: "totp", friendlyName: "phone" });
  assert.equal(twice.error?.code, "mfa_factor_name_conflict");
  await enroll(client, "b");
  await enroll(client, "c");
  const full = await client.auth.mfa.enroll({ factorType: "totp", friendlyName: "d" });
  assert.equal(full.error?.code, "too_many_enrolled_mfa_factors");
  auth.clock.advance(301);
  await enroll(client, "phone");

  const careful = await auth.newcomer();
  await enrollAndVerify(auth, careful.client);
  const onlyPassword = auth.client();
  await onlyPassword.auth.signInWithPassword({ email: careful.email, password: PASSWORD });
  const low = await onlyPassword.auth.mfa.enroll({ factorType: "totp", friendlyName: "mine" });
  assert.equal(low.error?.code, "insufficient_aal");
  assert.equal(low.error?.status, 403);
  assert.notEqual(email, careful.email);
});

Deno.test("with a factor, password and address change only at aal2", async () => {
  const auth = await stage.serve();
  const { client, email } = await auth.newcomer();
  await enrollAndVerify(auth, client);
  const low = auth.client();
  await low.auth.signInWithPassword({ email, password: PASSWORD });
  const password = await low.auth.updateUser({ password: "another phrase" });
  assert.equal(password.error?.code, "insufficient_aal");
  assert.equal(password.error?.status, 401);
  const address = await low.auth.updateUser({ email: newEmail() });
  assert.equal(address.error?.code, "insufficient_aal");
  assert.equal((await low.auth.updateUser({ data: { a: 1 } })).error, null);
  assert.equal((await client.auth.updateUser({ password: "another phrase" })).error, null);
});

Deno.test("unenroll needs aal2, and lowers the level at the next refresh", async () => {
  const auth = await stage.serve();
  const { client, email } = await auth.newcomer();
  const { factorId } = await enrollAndVerify(auth, client);
  const low = auth.client();
  await low.auth.signInWithPassword({ email, password: PASSWORD });
  const refused = await low.auth.mfa.unenroll({ factorId });
  assert.equal(refused.error?.code, "insufficient_aal");
  const done = await client.auth.mfa.unenroll({ factorId });
  assert.equal(done.data?.id, factorId);
  assert.equal((await claimsOf(client)).aal, "aal2", "the token at hand still says so");
  await client.auth.refreshSession();
  const claims = await claimsOf(client);
  assert.equal(claims.aal, "aal1");
  assert.deepEqual((claims.amr as Array<{ method: string }>).map(({ method }) => method), [
    "password",
  ]);
});

Deno.test("telephone and passkey factors, and a switched-off TOTP, are refused", async () => {
  const auth = await stage.serve();
  const { client } = await auth.newcomer();
  const phone = await client.auth.mfa.enroll({ factorType: "phone", phone: "+447700900123" });
  assert.equal(phone.error?.code, "mfa_phone_enroll_not_enabled");
  const { data } = await client.auth.getSession();
  const as = data.session?.access_token ?? "";
  for (
    const [factorType, code] of [
      ["webauthn", "mfa_webauthn_enroll_not_enabled"],
      ["carrier pigeon", "validation_failed"],
    ]
  ) {
    const body = JSON.stringify({ factor_type: factorType });
    const response = await auth.request("/factors", { method: "POST", as, body });
    assert.equal((await response.json()).error_code, code);
  }
  const off = await stage.serve({ isTotpEnabled: false });
  const newcomer = await off.newcomer();
  const totp = await newcomer.client.auth.mfa.enroll({ factorType: "totp" });
  assert.equal(totp.error?.code, "mfa_totp_enroll_not_enabled");
});

Deno.test("an administrator sees and removes another person's factor", async () => {
  const auth = await stage.serve();
  const { client, id } = await auth.newcomer();
  const { factorId, secret } = await enrollAndVerify(auth, client);
  const admin = auth.service().auth.admin.mfa;
  const { data: listed } = await admin.listFactors({ userId: id });
  assert.equal(listed?.factors[0]?.id, factorId);
  assert.equal(JSON.stringify(listed).includes(secret), false);
  const renamed = await auth.request(`/admin/users/${id}/factors/${factorId}`, {
    method: "PUT",
    as: auth.keys.serviceRoleJwt,
    body: JSON.stringify({ friendly_name: "old phone" }),
  });
  assert.equal((await renamed.json()).friendly_name, "old phone");
  const gone = await admin.deleteFactor({ id: factorId, userId: id });
  assert.equal(gone.error, null);
  await client.auth.refreshSession();
  assert.equal((await claimsOf(client)).aal, "aal1");
  const missing = await admin.deleteFactor({ id: factorId, userId: id });
  assert.equal(missing.error?.code, "mfa_factor_not_found");
});
