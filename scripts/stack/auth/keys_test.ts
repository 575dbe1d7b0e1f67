// What a stack's keys file promises: private, complete, the same for everybody who reads it.

import assert from "node:assert/strict";
import { decodeProtectedHeader } from "jose";
import { KeysFileError, loadOrCreateKeys } from "./keys.ts";
import { createTokenVerifier } from "./tokens.ts";

async function withFolder(run: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "auth-keys-" });
  try {
    await run(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("keys are made once, kept private and read back the same", async () => {
  await withFolder(async (folder) => {
    const file = `${folder}/deeper/keys.json`;
    const made = await loadOrCreateKeys(file);
    assert.deepEqual(await loadOrCreateKeys(file), made);
    assert.equal(((await Deno.stat(file)).mode ?? 0) & 0o777, 0o600);
    assert.deepEqual([...Deno.readDirSync(`${folder}/deeper`)].map((entry) => entry.name), [
      "keys.json",
    ]);
    assert.match(made.publishableKeys.default, /^sb_publishable_[\w-]{22}_[\w-]{8}$/);
    assert.match(made.secretKeys.cron, /^sb_secret_[\w-]{22}_[\w-]{8}$/);
    assert.notEqual(made.secretKeys.cron, made.secretKeys.default);
  });
});

Deno.test("the published keys hold nothing private and name the signing key", async () => {
  await withFolder(async (folder) => {
    const keys = await loadOrCreateKeys(`${folder}/keys.json`);
    assert.equal(keys.jwks.keys[0]?.kid, keys.signingJwk.kid);
    assert.ok(keys.signingJwk.d);
    assert.ok(keys.jwks.keys.every((key) => key.d === undefined));
    assert.equal(decodeProtectedHeader(keys.anonJwt).kid, keys.signingJwk.kid);
  });
});

Deno.test("the API keys' tokens verify and carry their role", async () => {
  await withFolder(async (folder) => {
    const keys = await loadOrCreateKeys(`${folder}/keys.json`);
    const verify = createTokenVerifier(keys, "http://127.0.0.1:1/auth/v1");
    assert.equal((await verify(keys.anonJwt)).role, "anon");
    assert.equal((await verify(keys.serviceRoleJwt)).role, "service_role");
  });
});

Deno.test("two processes that start at once share one set of keys", async () => {
  await withFolder(async (folder) => {
    const file = `${folder}/keys.json`;
    const all = await Promise.all(Array.from({ length: 5 }, () => loadOrCreateKeys(file)));
    assert.equal(new Set(all.map((keys) => keys.signingJwk.kid)).size, 1);
  });
});

Deno.test("a half-written keys file says what is wrong and the way out", async () => {
  await withFolder(async (folder) => {
    const file = `${folder}/keys.json`;
    const whole = JSON.stringify(await loadOrCreateKeys(file));
    await Deno.writeTextFile(file, whole.slice(0, whole.length / 2));
    await assert.rejects(() => loadOrCreateKeys(file), (error: unknown) => {
      assert.ok(error instanceof KeysFileError);
      assert.match(error.message, /cut off/);
      assert.match(error.wayOut, /deno task reset/);
      return true;
    });
    const { storage: _lost, ...rest } = JSON.parse(whole);
    await Deno.writeTextFile(file, JSON.stringify(rest));
    await assert.rejects(() => loadOrCreateKeys(file), /incomplete: storage/);
  });
});
