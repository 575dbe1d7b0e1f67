import { notStrictEqual, ok, strictEqual } from "node:assert/strict";
import { createHmac } from "node:crypto";
import { Buffer } from "node:buffer";
import { exportSPKI, generateKeyPair, importJWK, SignJWT } from "jose";
import { fixedClock, systemClock } from "@shared/platform/clock.ts";
import {
  createTestIssuer,
  goodClaims,
  type TestClaims,
  type TestHeader,
  type TestIssuer,
  withoutUndefined,
} from "../../../../tests/support/test_issuer.ts";
import { createVerifyCaller, type VerifyCaller, type VerifyCallerDeps } from "./verify_caller.ts";

const ISSUER = "http://stack.test/auth/v1";
const now = (): number => Math.floor(Date.now() / 1000);

function verifierOf(issuer: TestIssuer, deps: Partial<VerifyCallerDeps> = {}): VerifyCaller {
  return createVerifyCaller({
    env: {
      supabaseUrl: "http://stack.test",
      issuer: issuer.issuer,
      jwks: issuer.jwks,
      trustedIssuers: [],
    },
    fetch: () => Promise.reject(new TypeError("no network in this test")),
    clock: systemClock,
    ...deps,
  });
}

function withToken(token: string): Request {
  return new Request("http://stack.test/", { headers: { authorization: `Bearer ${token}` } });
}

function encode(value: unknown): string {
  return Buffer.from(typeof value === "string" ? value : JSON.stringify(value)).toString(
    "base64url",
  );
}

/** A token put together by hand, with whatever signature. */
function assemble(header: TestHeader, claims: TestClaims | string, signature = "AAAA"): string {
  return `${encode(header)}.${encode(claims)}.${signature}`;
}

function flip(token: string, part: number): string {
  const parts = token.split(".");
  const text = parts[part] ?? "";
  const middle = Math.floor(text.length / 2);
  parts[part] = text.slice(0, middle) + (text[middle] === "A" ? "B" : "A") + text.slice(middle + 1);
  return parts.join(".");
}

/** Tokens that differ from a good one in their claims only, signed with the right key. */
const BAD_CLAIMS: Readonly<Record<string, TestClaims>> = {
  "no exp": { exp: undefined },
  "expired": { exp: now() - 1 },
  "expired long ago": { exp: 1 },
  "exp as text": { exp: String(now() + 3600) },
  "exp null": { exp: null },
  "no iss": { iss: undefined },
  "another issuer": { iss: "https://evil.test/auth/v1" },
  "issuer with a slash": { iss: `${ISSUER}/` },
  "issuer as a list": { iss: [ISSUER] },
  "no aud": { aud: undefined },
  "another audience": { aud: "anon" },
  "a list of audiences": { aud: ["authenticated", "other"] },
  "a list of one audience": { aud: ["authenticated"] },
  "no sub": { sub: undefined },
  "empty sub": { sub: "" },
  "sub as a number": { sub: 42 },
  "no session": { session_id: undefined },
  "empty session": { session_id: "" },
  "no role": { role: undefined },
  "role anon": { role: "anon" },
  "role service_role": { role: "service_role" },
  "role as a list": { role: ["authenticated"] },
  "role with a space": { role: "authenticated " },
  "anonymous": { is_anonymous: true },
  "anonymous as text": { is_anonymous: "false" },
  "not yet valid": { nbf: now() + 600 },
  "nbf as text": { nbf: "0" },
  "issued in the future": { iat: now() + 600 },
};

/** Tokens with the right claims and a header that must not be followed. */
const BAD_HEADERS: Readonly<Record<string, TestHeader>> = {
  "a key address": { jku: "https://evil.test/jwks.json" },
  "a certificate address": { x5u: "https://evil.test/cert.pem" },
  "a certificate chain": { x5c: ["MII="] },
  "another type": { typ: "at+jwt" },
  "an identity token's type": { typ: "id_token" },
};

async function forge(issuer: TestIssuer): Promise<Record<string, string>> {
  const other = await createTestIssuer(ISSUER, "test-key");
  const otherKid = await createTestIssuer(ISSUER, "another-key");
  const rsa = await generateKeyPair("RS256", { extractable: true });
  const good = await issuer.sign();
  const [head = "", payload = "", signature = ""] = good.split(".");
  const claims = goodClaims(ISSUER);
  const publicText = JSON.stringify(issuer.publicJwk);
  const publicKey = await importJWK(issuer.publicJwk, "ES256");
  if (publicKey instanceof Uint8Array) throw new TypeError("an EC key is never raw bytes");
  const publicPem = await exportSPKI(publicKey);
  const byHmac = (key: string): string => {
    const text = `${encode({ alg: "HS256", kid: "test-key", typ: "JWT" })}.${encode(claims)}`;
    return `${text}.${createHmac("sha256", key).update(text).digest("base64url")}`;
  };
  const forged: Record<string, string> = {
    "alg none": assemble({ alg: "none", kid: "test-key" }, claims, ""),
    "alg none with a signature": assemble({ alg: "none", kid: "test-key" }, claims, signature),
    "alg None": assemble({ alg: "None", kid: "test-key" }, claims, signature),
    "no signature": `${head}.${payload}.`,
    "no alg": assemble({ kid: "test-key" }, claims, signature),
    "no kid": await new SignJWT(withoutUndefined(claims)).setProtectedHeader({ alg: "ES256" })
      .sign((await generateKeyPair("ES256")).privateKey),
    "another key of the same name": await other.sign(),
    "a key that is not ours": await otherKid.sign(),
    "its own key in the header": await other.sign({}, { jwk: other.publicJwk }),
    "HMAC by the public key as JWK": byHmac(publicText),
    "HMAC by the public key as PEM": byHmac(publicPem),
    "HMAC by an empty key": byHmac(""),
    "RS256": await new SignJWT(withoutUndefined(claims))
      .setProtectedHeader({ alg: "RS256", kid: "test-key" }).sign(rsa.privateKey),
    "a signature of zeros": `${head}.${payload}.${encode("\0".repeat(64))}`,
    "a changed header": flip(good, 0),
    "a changed payload": flip(good, 1),
    "a changed signature": flip(good, 2),
    "another token's signature": `${head}.${payload}.${
      (await issuer.sign({ sub: "other" })).split(".")[2]
    }`,
    "a payload that is no JSON": assemble({ alg: "ES256", kid: "test-key" }, "{", signature),
    "a payload that is a list": assemble({ alg: "ES256", kid: "test-key" }, "[]", signature),
    "four parts": `${good}.AAAA`,
    "two parts": `${head}.${payload}`,
    "a padded part": `${head}=.${payload}.${signature}`,
    "a space inside": `${head}. ${payload}.${signature}`,
    "another spelling of the signature": `${good.slice(0, -1)}${
      String.fromCharCode((good.charCodeAt(good.length - 1)) + 1)
    }`,
    "a comma and another token": `${good}, ${good}`,
    "ten thousand characters": `${good}${"A".repeat(10_000)}`,
    "a publishable key": "sb_publishable_0123456789abcdef",
    "a secret key": "sb_secret_0123456789abcdef",
    "nothing": "",
  };
  for (const [name, change] of Object.entries(BAD_CLAIMS)) forged[name] = await issuer.sign(change);
  for (const [name, change] of Object.entries(BAD_HEADERS)) {
    forged[name] = await issuer.sign({}, change);
  }
  return forged;
}

Deno.test("U60-147 verifyCaller() refuses every forged token, and accepts the good one before and after", async () => {
  const issuer = await createTestIssuer(ISSUER);
  const verify = verifierOf(issuer);
  const good = await issuer.sign();
  strictEqual((await verify(withToken(good))).refusal, null, "control");
  const forged = await forge(issuer);
  ok(Object.keys(forged).length >= 40, `${Object.keys(forged).length} kinds`);
  for (const [kind, token] of Object.entries(forged)) {
    const { caller, refusal } = await verify(withToken(token));
    strictEqual(caller, null, `accepted: ${kind}`);
    notStrictEqual(refusal, "absent", `${kind} counted as no token`);
    notStrictEqual(refusal, "keys_unavailable", kind);
  }
  strictEqual((await verify(withToken(good))).refusal, null, "control");
});

Deno.test("U60-147 verifyCaller() reads the caller from the claims, and takes no claim it does not know", async () => {
  const issuer = await createTestIssuer(ISSUER);
  const verify = verifierOf(issuer);
  const org = "0190a7b2-7f31-7c2e-9d4e-1b2c3d4e5f60";
  const { caller } = await verify(withToken(await issuer.sign({ org_id: org })));
  strictEqual(caller?.userId, "5b6cfa4e-6d0c-4f0e-9c1e-0d4c5b5a7f10");
  strictEqual(caller?.orgId, org);
  const strange = { org_id: "x' or 1=1", user_metadata: { org_id: org } };
  strictEqual((await verify(withToken(await issuer.sign(strange)))).caller?.orgId, null);
});

Deno.test("verifyCaller() reads the scheme in any case, as HTTP does", async () => {
  const issuer = await createTestIssuer(ISSUER);
  const headers = { authorization: `bearer ${await issuer.sign()}` };
  const { refusal } = await verifierOf(issuer)(new Request("http://stack.test/", { headers }));
  strictEqual(refusal, null);
});

Deno.test("verifyCaller() says nothing was sent only when nothing was", async () => {
  const verify = verifierOf(await createTestIssuer(ISSUER));
  strictEqual((await verify(new Request("http://stack.test/"))).refusal, "absent");
  const bad = new Request("http://stack.test/", { headers: { authorization: "Basic YTpi" } });
  strictEqual((await verify(bad)).refusal, "malformed");
});

Deno.test("U60-147 verifyCaller() lets a remembered token end when the token ends", async () => {
  const issuer = await createTestIssuer(ISSUER);
  const token = await issuer.sign({ exp: now() + 5 });
  let time = Date.now();
  const verify = verifierOf(issuer, { clock: { now: () => new Date(time) } });
  strictEqual((await verify(withToken(token))).refusal, null);
  time += 4_000;
  strictEqual((await verify(withToken(token))).refusal, null, "control: still good");
  time += 2_000;
  strictEqual((await verify(withToken(token))).refusal, "expired");
});

const CLERK = {
  issuer: "https://clerk.test",
  jwks_url: "https://clerk.test/.well-known/jwks.json",
  algorithms: ["RS256" as const],
  authorized_parties: ["https://app.test"],
  session_claim: "sid",
};

async function createClerk(): Promise<{
  readonly jwks: unknown;
  readonly sign: (claims?: TestClaims) => Promise<string>;
}> {
  const { publicKey, privateKey } = await generateKeyPair("RS256", { extractable: true });
  const { exportJWK } = await import("jose");
  const jwks = { keys: [{ ...await exportJWK(publicKey), kid: "clerk-1", alg: "RS256" }] };
  const claims = {
    iss: CLERK.issuer,
    sub: "user_2abc",
    sid: "sess_2abc",
    azp: "https://app.test",
    role: "authenticated",
    exp: now() + 60,
  };
  const sign = (change: TestClaims = {}): Promise<string> =>
    new SignJWT(withoutUndefined({ ...claims, ...change }))
      .setProtectedHeader({ alg: "RS256", kid: "clerk-1", typ: "JWT" }).sign(privateKey);
  return { jwks, sign };
}

Deno.test("U60-147 verifyCaller() accepts a configured third party's tokens, for its own party only", async () => {
  const issuer = await createTestIssuer(ISSUER);
  const clerk = await createClerk();
  let asked = 0;
  const env = {
    supabaseUrl: "http://stack.test",
    issuer: ISSUER,
    jwks: issuer.jwks,
    trustedIssuers: [CLERK],
  };
  const verify = verifierOf(issuer, {
    env,
    fetch: (input) => {
      asked += 1;
      strictEqual(String(input), CLERK.jwks_url);
      return Promise.resolve(Response.json(clerk.jwks));
    },
  });
  const { caller } = await verify(withToken(await clerk.sign()));
  strictEqual(caller?.userId, "user_2abc");
  const refused: TestClaims[] = [
    { azp: "https://evil.test" },
    { azp: undefined },
    { sid: undefined },
    { role: undefined },
    { iss: ISSUER },
    { iss: "https://clerk.test.evil.test" },
  ];
  for (const change of refused) {
    strictEqual((await verify(withToken(await clerk.sign(change)))).caller, null);
  }
  // Our own key must not sign for the third party
  strictEqual((await verify(withToken(await issuer.sign({ iss: CLERK.issuer })))).caller, null);
  strictEqual(asked, 1, "keys are fetched once");
  strictEqual(
    (await verify(withToken(await issuer.sign()))).refusal,
    null,
    "control: ours still works",
  );
});

Deno.test("verifyCaller() tells a third party that cannot be reached from a bad token", async () => {
  const issuer = await createTestIssuer(ISSUER);
  const clerk = await createClerk();
  const env = {
    supabaseUrl: "http://stack.test",
    issuer: ISSUER,
    jwks: issuer.jwks,
    trustedIssuers: [CLERK],
  };
  const verify = verifierOf(issuer, { env, clock: fixedClock(new Date()) });
  strictEqual((await verify(withToken(await clerk.sign()))).refusal, "keys_unavailable");
});
