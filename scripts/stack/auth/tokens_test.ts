// Which tokens the shared verifier believes, and for how long it remembers them.

import assert from "node:assert/strict";
import { type JWTPayload, SignJWT } from "jose";
import { createKeys } from "./keys.ts";
import { importSigningKey } from "./signing_key.ts";
import { createTokenVerifier, TokenError, type TokenRefusal } from "./tokens.ts";

const ISSUER = "http://127.0.0.1:54321/auth/v1";
const NOW = Date.UTC(2026, 5, 1, 12);
const keys = await createKeys(NOW);

const goodClaims: JWTPayload = {
  iss: ISSUER,
  aud: "authenticated",
  sub: "00000000-0000-4000-8000-000000000001",
  role: "authenticated",
  iat: NOW / 1000,
  exp: NOW / 1000 + 3600,
};

async function sign(
  claims: JWTPayload,
  header: Record<string, string> = {},
  jwk: JsonWebKey = keys.signingJwk,
): Promise<string> {
  return await new SignJWT(claims)
    .setProtectedHeader({ alg: "ES256", kid: keys.signingJwk.kid, typ: "JWT", ...header })
    .sign(await importSigningKey({ ...jwk, kty: jwk.kty ?? "EC" }));
}

function without(claim: "aud" | "exp"): JWTPayload {
  const { [claim]: _removed, ...rest } = goodClaims;
  return rest;
}

async function refusal(jwt: string, now = NOW): Promise<TokenRefusal | "accepted"> {
  const verify = createTokenVerifier(keys, ISSUER, { now: () => now });
  try {
    await verify(jwt);
    return "accepted";
  } catch (error) {
    assert.ok(error instanceof TokenError);
    return error.reason;
  }
}

function encode(value: unknown): string {
  return new TextEncoder().encode(JSON.stringify(value))
    .toBase64({ alphabet: "base64url", omitPadding: true });
}

Deno.test("U60-147 a token of this stack is believed", async () => {
  assert.equal(await refusal(await sign(goodClaims)), "accepted");
});

Deno.test("U60-147 an expired token is refused", async () => {
  assert.equal(await refusal(await sign(goodClaims), NOW + 3600_000), "expired");
  assert.equal(await refusal(await sign(without("exp"))), "malformed");
});

Deno.test("U60-147 a token of another issuer or audience is refused", async () => {
  assert.equal(await refusal(await sign({ ...goodClaims, iss: "http://evil/auth/v1" })), "issuer");
  assert.equal(await refusal(await sign({ ...goodClaims, aud: "other" })), "audience");
  assert.equal(await refusal(await sign(without("aud"))), "audience");
  assert.equal(
    await refusal(await sign({ ...goodClaims, aud: ["authenticated", "other"] })),
    "accepted",
  );
});

Deno.test("U60-147 alg none and HMAC with the public key are refused", async () => {
  const body = encode(goodClaims);
  assert.equal(await refusal(`${encode({ alg: "none" })}.${body}.`), "algorithm");

  const secret = new TextEncoder().encode(JSON.stringify(keys.jwks.keys[0]));
  const hmac = await new SignJWT(goodClaims)
    .setProtectedHeader({ alg: "HS256", kid: keys.signingJwk.kid })
    .sign(secret);
  assert.equal(await refusal(hmac), "algorithm");
});

Deno.test("U60-147 a tampered token and a stranger's key are refused", async () => {
  const [header, , signature] = (await sign(goodClaims)).split(".");
  const promoted = encode({ ...goodClaims, role: "service_role" });
  assert.equal(await refusal(`${header}.${promoted}.${signature}`), "signature");

  const stranger = await createKeys(NOW);
  assert.equal(await refusal(await sign(goodClaims, {}, stranger.signingJwk)), "signature");
  assert.equal(await refusal(await sign(goodClaims, { kid: "unknown" })), "unknown_key");
  assert.equal(await refusal("not.a.token"), "malformed");
  assert.equal(await refusal(""), "malformed");
});

Deno.test("U60-147 a remembered token is refused once it has expired", async () => {
  let now = NOW;
  const verify = createTokenVerifier(keys, ISSUER, { now: () => now });
  const jwt = await sign(goodClaims);
  const first = await verify(jwt);
  assert.equal(await verify(jwt), first, "the second answer comes from memory");
  assert.throws(() => Object.assign(first, { role: "service_role" }), TypeError);
  now += 3600_000;
  await assert.rejects(() => verify(jwt), TokenError);
});

Deno.test("a token refused for its time is believed when its time has come", async () => {
  let now = NOW - 60_000;
  const verify = createTokenVerifier(keys, ISSUER, { now: () => now });
  const jwt = await sign({ ...goodClaims, nbf: NOW / 1000 });
  await assert.rejects(() => verify(jwt), { reason: "not_yet_valid" });
  now = NOW;
  assert.equal((await verify(jwt)).sub, goodClaims.sub);
  now = NOW - 1;
  await assert.rejects(() => verify(jwt), { reason: "not_yet_valid" });
});

Deno.test("the memory of tokens is bounded and keeps what is used", async () => {
  const verify = createTokenVerifier(keys, ISSUER, { now: () => NOW, maxEntries: 2 });
  const [a, b, c] = await Promise.all(["a", "b", "c"].map((jti) => sign({ ...goodClaims, jti })));
  assert.ok(a && b && c);
  const [firstA, firstB] = [await verify(a), await verify(b)];
  assert.equal(await verify(a), firstA);
  await verify(c);
  assert.equal(await verify(a), firstA, "used last, so kept");
  assert.notEqual(await verify(b), firstB, "unused for longest, so verified anew");
});

Deno.test("U60-028 a listed issuer's tokens count, with its own keys only", async () => {
  const clerk = await createKeys(NOW);
  const server = Deno.serve(
    { port: 0, hostname: "127.0.0.1", onListen: () => {} },
    () => Response.json(clerk.jwks),
  );
  try {
    const issuer = "https://clerk.example";
    const jwksUrl = `http://127.0.0.1:${server.addr.port}/jwks.json`;
    const verify = createTokenVerifier(keys, ISSUER, {
      now: () => NOW,
      trustedIssuers: [{ issuer, jwksUrl }, { issuer: ISSUER, jwksUrl }],
    });
    const claims = { ...without("aud"), iss: issuer, sub: "user_2abc" };
    const header = { kid: clerk.signingJwk.kid };
    assert.equal((await verify(await sign(claims, header, clerk.signingJwk))).sub, "user_2abc");
    assert.equal((await verify(await sign(goodClaims))).sub, goodClaims.sub, "ours still count");

    const elevated = await sign({ ...claims, role: "service_role" }, header, clerk.signingJwk);
    await assert.rejects(() => verify(elevated), { reason: "issuer" });
    const posing = await sign(goodClaims, header, clerk.signingJwk);
    await assert.rejects(() => verify(posing), { reason: "unknown_key" });
    await assert.rejects(async () => verify(await sign(claims)), { reason: "unknown_key" });
    const unlisted = await sign(
      { ...claims, iss: "https://other.example" },
      header,
      clerk.signingJwk,
    );
    await assert.rejects(() => verify(unlisted), { reason: "unknown_key" });
  } finally {
    await server.shutdown();
  }
});
