import { deepStrictEqual, ok, strictEqual, throws } from "node:assert/strict";
import { EnvironmentError, readPlatformEnv } from "./platform_env.ts";

const GOOD: Readonly<Record<string, string>> = {
  SUPABASE_URL: "http://127.0.0.1:54321/",
  SUPABASE_PUBLISHABLE_KEYS: '{"default":"sb_publishable_a"}',
  SUPABASE_SECRET_KEYS: '{"default":"sb_secret_a","cron":"sb_secret_b"}',
  SUPABASE_JWKS: '{"keys":[{"kty":"EC","kid":"k","crv":"P-256","x":"x","y":"y"}]}',
  SIXTY_ENVIRONMENT: "production",
  SIXTY_ALLOWED_ORIGINS: "https://app.example.com, https://www.example.com",
};

function read(changes: Readonly<Record<string, string | undefined>> = {}) {
  const values: Readonly<Record<string, string | undefined>> = { ...GOOD, ...changes };
  return readPlatformEnv((name) => values[name]);
}

Deno.test("readPlatformEnv() reads what the platform and the operator set", () => {
  const env = read();
  strictEqual(env.supabaseUrl, "http://127.0.0.1:54321");
  strictEqual(env.issuer, "http://127.0.0.1:54321/auth/v1");
  strictEqual(env.cronKey, "sb_secret_b");
  deepStrictEqual([...env.allowedOrigins], ["https://app.example.com", "https://www.example.com"]);
  deepStrictEqual(env.trustedIssuers, []);
  strictEqual(
    read({ SIXTY_AUTH_ISSUER: "http://127.0.0.1:1/auth/v1" }).issuer,
    "http://127.0.0.1:1/auth/v1",
  );
});

Deno.test("U60-139 readPlatformEnv() refuses to go on when a setting is missing, and names it", () => {
  for (const name of Object.keys(GOOD)) {
    for (const missing of [undefined, ""]) {
      throws(() => read({ [name]: missing }), (error) => {
        ok(error instanceof EnvironmentError);
        strictEqual(error.message, `${name} is not set`);
        return true;
      });
    }
  }
});

Deno.test("U60-024 readPlatformEnv() refuses a malformed setting, and never shows its value", () => {
  const malformed: readonly (readonly [string, string])[] = [
    ["SUPABASE_URL", "canary"],
    ["SUPABASE_URL", "file:///canary"],
    ["SUPABASE_SECRET_KEYS", "sb_secret_canary"],
    ["SUPABASE_SECRET_KEYS", '{"cron":"canary"}'],
    ["SUPABASE_SECRET_KEYS", '["canary"]'],
    ["SUPABASE_PUBLISHABLE_KEYS", '{"default":""}'],
    ["SUPABASE_JWKS", '{"keys":"canary"}'],
    ["SUPABASE_JWKS", '{"keys":[{"kty":"oct","kid":"canary","k":"AAAA"}]}'],
    ["SIXTY_ENVIRONMENT", "canary"],
    ["SIXTY_ALLOWED_ORIGINS", "*"],
    ["SIXTY_ALLOWED_ORIGINS", "https://canary.example.com/"],
    ["SIXTY_ALLOWED_ORIGINS", "https://canary.example.com/app"],
    ["SIXTY_ALLOWED_ORIGINS", "canary.example.com"],
    ["SIXTY_ALLOWED_ORIGINS", "null"],
    ["SIXTY_TRUSTED_ISSUERS", '[{"issuer":"http://canary.example.com"}]'],
  ];
  for (const [name, value] of malformed) {
    throws(() => read({ [name]: value }), (error) => {
      ok(error instanceof EnvironmentError);
      strictEqual(error.message, `${name} is malformed`);
      return true;
    }, `${name}=${value}`);
  }
});
