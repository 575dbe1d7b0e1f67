import { notStrictEqual, ok, strictEqual } from "node:assert/strict";
import { DEFAULT_PORTS, type StackKeys } from "./contracts.ts";
import { DEVELOPMENT_BUCKET, functionVariables } from "./function_variables.ts";

function keysOf(cron: string): StackKeys {
  return {
    signingJwk: { kid: "k", kty: "EC" },
    jwks: { keys: [] },
    publishableKeys: { default: "sb_publishable_x" },
    secretKeys: { default: "secret", cron },
    anonJwt: "anon",
    serviceRoleJwt: "service",
    databasePasswords: {
      supabase_admin: "a",
      postgres: "b",
      authenticator: "c",
      supabase_auth_admin: "d",
    },
    storage: { accessKeyId: "access", secretAccessKey: "hidden" },
  };
}

Deno.test("functionVariables() points the notetaker at the simulators and at the stack's own store", () => {
  const variables = functionVariables(DEFAULT_PORTS, keysOf("one"), {});
  strictEqual(variables["MEETINGBAAS_BASE_URL"], "http://127.0.0.1:54331/meeting-baas");
  strictEqual(variables["MEETINGBAAS_ARTIFACT_HOSTS"], "http://127.0.0.1:54331");
  strictEqual(variables["AWS_S3_ENDPOINT"], "http://127.0.0.1:54330");
  strictEqual(variables["AWS_S3_BUCKET"], DEVELOPMENT_BUCKET);
  strictEqual(variables["AWS_SECRET_ACCESS_KEY"], "hidden");
});

Deno.test("functionVariables() derives what proves webhooks from the stack's keys, and repeats it", () => {
  const one = functionVariables(DEFAULT_PORTS, keysOf("one"), {});
  const again = functionVariables(DEFAULT_PORTS, keysOf("one"), {});
  const other = functionVariables(DEFAULT_PORTS, keysOf("other"), {});
  for (const name of ["MEETINGBAAS_WEBHOOK_SECRET", "MEETINGBAAS_CALLBACK_SECRET"]) {
    strictEqual(one[name], again[name]);
    notStrictEqual(one[name], other[name]);
  }
  const secret = one["MEETINGBAAS_WEBHOOK_SECRET"] ?? "";
  ok(secret.startsWith("whsec_"));
  strictEqual(Uint8Array.fromBase64(secret.slice("whsec_".length)).length, 32);
  notStrictEqual(one["MEETINGBAAS_CALLBACK_SECRET"], secret);
});

Deno.test("functionVariables() lets the project's own settings win, but not over the platform's", () => {
  const variables = functionVariables(DEFAULT_PORTS, keysOf("one"), {
    AWS_S3_BUCKET: "mine",
    SUPABASE_URL: "https://elsewhere.example",
  });
  strictEqual(variables["AWS_S3_BUCKET"], "mine");
  strictEqual(variables["SUPABASE_URL"], "http://127.0.0.1:54321");
});
