// Mailed links and codes: confirming, signing in, recovering, inviting, changing an address.

import assert from "node:assert/strict";
import { createClient } from "@supabase/supabase-js";
import { decodeJwt } from "jose";
import type { Mail } from "../../../scripts/stack/auth/mailbox.ts";
import { newEmail, openAuthStage, PASSWORD, type ServedAuth } from "./auth_stage.ts";

const stage = await openAuthStage();
const auth = await stage.serve({ isEmailAutoconfirmed: false, mailIntervalSeconds: 0 });
Deno.test.afterAll(() => stage.close());

async function lastMail(served: ServedAuth, to: string): Promise<Mail> {
  const mail = (await served.mails(to)).at(-1);
  assert.ok(mail, `no mail for ${to}`);
  return mail;
}

async function confirmedPerson(): Promise<string> {
  const email = newEmail();
  await auth.service().auth.admin.createUser({ email, password: PASSWORD, email_confirm: true });
  return email;
}

async function click(mail: Mail): Promise<URL> {
  const response = await fetch(mail.action_link ?? "", { redirect: "manual" });
  assert.equal(response.status, 303);
  return new URL(response.headers.get("location") ?? "");
}

Deno.test("signUp with confirmation gives no session until the code is typed in", async () => {
  const email = newEmail();
  const { data } = await auth.client().auth.signUp({ email, password: PASSWORD });
  assert.equal(data.session, null);
  assert.equal(data.user?.email_confirmed_at, undefined);
  assert.ok(data.user?.confirmation_sent_at);
  const early = await auth.client().auth.signInWithPassword({ email, password: PASSWORD });
  assert.equal(early.error?.code, "email_not_confirmed");
  const client = auth.client();
  const { otp } = await lastMail(auth, email);
  assert.match(otp, /^\d{6}$/);
  const wrong = await client.auth.verifyOtp({ email, token: "x", type: "email" });
  assert.equal(wrong.error?.code, "otp_expired");
  assert.equal(wrong.error?.status, 403);
  const right = await client.auth.verifyOtp({ email, token: otp, type: "email" });
  assert.equal(right.error, null);
  assert.ok(right.data.user?.email_confirmed_at);
  assert.deepEqual(
    (decodeJwt(right.data.session?.access_token ?? "").amr as Array<{ method: string }>)[0]?.method,
    "otp",
  );
  const again = await client.auth.verifyOtp({ email, token: otp, type: "email" });
  assert.equal(again.error?.code, "otp_expired", "a code works once");
});

Deno.test("a repeated signUp doesn't tell whether somebody is registered", async () => {
  const email = await confirmedPerson();
  const { data, error } = await auth.client().auth.signUp({ email, password: "another phrase" });
  assert.equal(error, null);
  assert.equal(data.session, null);
  assert.deepEqual(data.user?.identities, []);
  const [row] = await stage.sql<{ id: string }>("select id from auth.users where email = $1", [
    email,
  ]);
  assert.notEqual(data.user?.id, row?.id);
  const old = await auth.client().auth.signInWithPassword({ email, password: PASSWORD });
  assert.equal(old.error, null, "the password is still the old one");
});

Deno.test("a clicked link signs in at an allowed address only", async () => {
  const email = newEmail();
  await auth.client().auth.signUp({
    email,
    password: PASSWORD,
    options: { emailRedirectTo: "http://127.0.0.1:3000/welcome" },
  });
  const target = await click(await lastMail(auth, email));
  assert.equal(target.origin + target.pathname, "http://127.0.0.1:3000/welcome");
  const session = new URLSearchParams(target.hash.slice(1));
  assert.equal(session.get("type"), "signup");
  assert.equal(decodeJwt(session.get("access_token") ?? "").email, email);

  const evil = newEmail();
  await auth.client().auth.signUp({
    email: evil,
    password: PASSWORD,
    options: { emailRedirectTo: "https://evil.example/steal" },
  });
  assert.equal((await click(await lastMail(auth, evil))).origin, "http://127.0.0.1:3000");

  const other = await stage.serve({
    isEmailAutoconfirmed: false,
    redirectUrls: ["https://*.app.example/**"],
  });
  const allowed = newEmail();
  await other.client().auth.signUp({
    email: allowed,
    password: PASSWORD,
    options: { emailRedirectTo: "https://beta.app.example/a/b" },
  });
  assert.equal((await click(await lastMail(other, allowed))).host, "beta.app.example");
});

Deno.test("a link that is used or old leads back with the reason", async () => {
  const own = await stage.serve({ isEmailAutoconfirmed: false, mailIntervalSeconds: 0 });
  const email = newEmail();
  await own.client().auth.signUp({ email, password: PASSWORD });
  const mail = await lastMail(own, email);
  own.clock.advance(3601);
  const late = await click(mail);
  const reason = new URLSearchParams(late.hash.slice(1));
  assert.equal(reason.get("error"), "access_denied");
  assert.equal(reason.get("error_code"), "otp_expired");
  assert.equal(reason.get("access_token"), null);
  await own.client().auth.resend({ type: "signup", email });
  const fresh = await lastMail(own, email);
  assert.ok((await click(fresh)).hash.includes("access_token"));
  assert.ok((await click(fresh)).hash.includes("otp_expired"));
});

Deno.test("one link clicked twice at once signs in once", async () => {
  const email = newEmail();
  await auth.client().auth.signUp({ email, password: PASSWORD });
  const mail = await lastMail(auth, email);
  const targets = await Promise.all([click(mail), click(mail), click(mail)]);
  assert.equal(targets.filter(({ hash }) => hash.includes("access_token")).length, 1);
});

Deno.test("PKCE: the link gives a code that only the window which asked can use", async () => {
  const email = newEmail();
  const storage = new Map<string, string>();
  const client = createClient(auth.url, auth.keys.anonJwt, {
    auth: {
      flowType: "pkce",
      autoRefreshToken: false,
      detectSessionInUrl: false,
      persistSession: true,
      storage: {
        getItem: (key) => storage.get(key) ?? null,
        setItem: (key, value) => void storage.set(key, value),
        removeItem: (key) => void storage.delete(key),
      },
    },
  });
  assert.equal((await client.auth.signUp({ email, password: PASSWORD })).error, null);
  const target = await click(await lastMail(auth, email));
  assert.equal(target.hash, "");
  const code = target.searchParams.get("code") ?? "";
  const stolen = await auth.request("/token?grant_type=pkce", {
    method: "POST",
    body: JSON.stringify({ auth_code: code, code_verifier: "x".repeat(43) }),
  });
  assert.equal((await stolen.json()).error_code, "bad_code_verifier");
  const { data, error } = await client.auth.exchangeCodeForSession(code);
  assert.equal(error, null);
  assert.equal(data.user?.email, email);
  const twice = await auth.request("/token?grant_type=pkce", {
    method: "POST",
    body: JSON.stringify({ auth_code: code, code_verifier: "x".repeat(43) }),
  });
  assert.equal((await twice.json()).error_code, "flow_state_not_found");
});

Deno.test("signInWithOtp signs in who is known, and signs up who is new unless told not to", async () => {
  const email = await confirmedPerson();
  assert.equal((await auth.client().auth.signInWithOtp({ email })).error, null);
  const mail = await lastMail(auth, email);
  assert.equal(mail.type, "magiclink");
  const { data } = await auth.client().auth.verifyOtp({
    token_hash: mail.token_hash ?? "",
    type: "email",
  });
  assert.equal(data.user?.email, email);

  const stranger = newEmail();
  const refused = await auth.client().auth.signInWithOtp({
    email: stranger,
    options: { shouldCreateUser: false },
  });
  assert.equal(refused.error?.code, "otp_disabled");
  assert.deepEqual(await auth.mails(stranger), []);
  assert.equal((await auth.client().auth.signInWithOtp({ email: stranger })).error, null);
  const welcome = await lastMail(auth, stranger);
  const first = await auth.client().auth.verifyOtp({
    email: stranger,
    token: welcome.otp,
    type: "email",
  });
  assert.equal(first.data.user?.email, stranger);

  const phone = await auth.client().auth.signInWithOtp({ phone: "+447700900123" });
  assert.equal(phone.error?.code, "phone_provider_disabled");
});

Deno.test("POST /magiclink mails a link, and where addresses need no confirming signs up first", async () => {
  const own = await stage.serve({ mailIntervalSeconds: 0 });
  const email = newEmail();
  const body = JSON.stringify({ email, data: { from: "a form" } });
  const answer = await own.request("/magiclink", { method: "POST", body });
  assert.deepEqual(await answer.json(), {});
  const mail = await lastMail(own, email);
  assert.equal(mail.type, "magiclink");
  const { data } = await own.client().auth.verifyOtp({
    token_hash: mail.token_hash ?? "",
    type: "magiclink",
  });
  assert.equal(data.user?.user_metadata.from, "a form");
});

Deno.test("a forgotten password is replaced through a mailed link", async () => {
  const email = await confirmedPerson();
  assert.equal((await auth.client().auth.resetPasswordForEmail(email)).error, null);
  const mail = await lastMail(auth, email);
  assert.equal(mail.type, "recovery");
  const client = auth.client();
  const { error } = await client.auth.verifyOtp({ email, token: mail.otp, type: "recovery" });
  assert.equal(error, null);
  assert.equal((await client.auth.updateUser({ password: "remembered now" })).error, null);
  const back = await auth.client().auth.signInWithPassword({ email, password: "remembered now" });
  assert.equal(back.error, null);
  const nobody = newEmail();
  assert.equal((await auth.client().auth.resetPasswordForEmail(nobody)).error, null);
  assert.deepEqual(await auth.mails(nobody), []);
});

Deno.test("a change of address needs both addresses to agree", async () => {
  const email = await confirmedPerson();
  const client = auth.client();
  await client.auth.signInWithPassword({ email, password: PASSWORD });
  const next = newEmail();
  const asked = await client.auth.updateUser({ email: next });
  assert.equal(asked.data.user?.email, email);
  assert.equal(asked.data.user?.new_email, next);
  const half = await click(await lastMail(auth, next));
  const message = new URLSearchParams(half.hash.slice(1)).get("message") ?? "";
  assert.match(message, /proceed to confirm link sent to the other email/);
  assert.equal((await client.auth.getUser()).data.user?.email, email);
  const whole = await click(await lastMail(auth, email));
  assert.ok(whole.hash.includes("access_token"));
  const { data } = await client.auth.getUser();
  assert.equal(data.user?.email, next);
  assert.equal(data.user?.identities?.[0]?.identity_data?.email, next);
});

Deno.test("a change of address by typed codes works as well", async () => {
  const email = await confirmedPerson();
  const client = auth.client();
  await client.auth.signInWithPassword({ email, password: PASSWORD });
  const next = newEmail();
  await client.auth.updateUser({ email: next });
  const old = await lastMail(auth, email);
  const half = await auth.request("/verify", {
    method: "POST",
    body: JSON.stringify({ type: "email_change", email, token: old.otp }),
  });
  assert.equal((await half.json()).code, "200");
  const mail = await lastMail(auth, next);
  const whole = await client.auth.verifyOtp({ email: next, token: mail.otp, type: "email_change" });
  assert.equal(whole.data.user?.email, next);
});

Deno.test("inviteUserByEmail brings in somebody who then chooses a password", async () => {
  const email = newEmail();
  const admin = auth.service().auth.admin;
  const { data, error } = await admin.inviteUserByEmail(email, { data: { team: "sales" } });
  assert.equal(error, null);
  assert.ok(data.user?.invited_at);
  const client = auth.client();
  const mail = await lastMail(auth, email);
  const accepted = await client.auth.verifyOtp({
    token_hash: mail.token_hash ?? "",
    type: "invite",
  });
  assert.equal(accepted.data.user?.user_metadata.team, "sales");
  assert.equal((await client.auth.updateUser({ password: PASSWORD })).error, null);
  const back = await auth.client().auth.signInWithPassword({ email, password: PASSWORD });
  assert.equal(back.error, null);
  const twice = await admin.inviteUserByEmail(email);
  assert.equal(twice.error?.code, "email_exists");
});

Deno.test("generateLink gives servers the links without mailing anybody", async () => {
  const admin = auth.service().auth.admin;
  const known = await confirmedPerson();
  const stranger = newEmail();
  const magic = await admin.generateLink({ type: "magiclink", email: known });
  assert.equal(magic.data.properties?.verification_type, "magiclink");
  assert.equal(magic.data.user?.email, known);
  assert.deepEqual(await auth.mails(known), []);
  const { data } = await auth.client().auth.verifyOtp({
    token_hash: magic.data.properties?.hashed_token ?? "",
    type: "magiclink",
  });
  assert.equal(data.user?.email, known);

  const signUp = await admin.generateLink({ type: "signup", email: stranger, password: PASSWORD });
  assert.equal(signUp.data.properties?.verification_type, "signup");
  const link = signUp.data.properties?.action_link ?? "";
  const target = await fetch(link, { redirect: "manual" });
  assert.ok(target.headers.get("location")?.includes("access_token"));
  const again = await admin.generateLink({ type: "signup", email: stranger, password: PASSWORD });
  assert.equal(again.error?.code, "email_exists");
  const nobody = await admin.generateLink({ type: "recovery", email: newEmail() });
  assert.equal(nobody.error?.code, "user_not_found");
  const change = await admin.generateLink({
    type: "email_change_new",
    email: known,
    newEmail: newEmail(),
  });
  assert.equal(change.data.properties?.verification_type, "email_change_new");
  assert.ok(change.data.properties?.action_link.includes("type=email_change&"));
});

Deno.test("mails keep a distance, and the mailbox can be emptied", async () => {
  const own = await stage.serve({ isEmailAutoconfirmed: false, mailIntervalSeconds: 60 });
  const email = newEmail();
  await own.client().auth.signUp({ email, password: PASSWORD });
  const hasty = await own.client().auth.resend({ type: "signup", email });
  assert.equal(hasty.error?.code, "over_email_send_rate_limit");
  assert.equal(hasty.error?.status, 429);
  own.clock.advance(61);
  assert.equal((await own.client().auth.resend({ type: "signup", email })).error, null);
  assert.equal((await own.mails(email)).length, 2);
  const as = own.keys.serviceRoleJwt;
  assert.equal((await own.request("/_mailbox", { method: "DELETE", as })).status, 204);
  assert.deepEqual(await own.mails(email), []);
});

Deno.test("verify and resend refuse what makes no sense", async () => {
  const email = newEmail();
  const attempts: ReadonlyArray<[string, object, string]> = [
    ["/verify", { token: "1", email }, "validation_failed"],
    ["/verify", { type: "email", email }, "validation_failed"],
    ["/verify", { type: "email", email, token: "1", token_hash: "2" }, "validation_failed"],
    ["/verify", { type: "email", token_hash: "2", email }, "validation_failed"],
    ["/verify", { type: "nonsense", token_hash: "2" }, "validation_failed"],
    ["/verify", { type: "sms", token: "1", phone: "447700900123" }, "otp_expired"],
    ["/resend", { type: "nonsense", email }, "validation_failed"],
    ["/resend", { type: "sms", phone: "447700900123" }, "phone_provider_disabled"],
    ["/resend", { type: "signup" }, "validation_failed"],
    ["/recover", {}, "validation_failed"],
    ["/otp", {}, "validation_failed"],
    ["/magiclink", {}, "validation_failed"],
    ["/otp", { email, code_challenge: "x" }, "validation_failed"],
  ];
  for (const [path, body, code] of attempts) {
    const response = await auth.request(path, { method: "POST", body: JSON.stringify(body) });
    assert.equal((await response.json()).error_code, code, `${path} ${JSON.stringify(body)}`);
  }
});
