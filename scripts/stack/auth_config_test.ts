import { deepStrictEqual, strictEqual, throws } from "node:assert/strict";
import { authSection, toAuthConfig } from "./auth_config.ts";

Deno.test("toAuthConfig() gives Supabase's defaults for an empty section", () => {
  const config = toAuthConfig(authSection.parse({}));
  strictEqual(config.minimumPasswordLength, 6);
  strictEqual(config.isEmailAutoconfirmed, true);
  strictEqual(config.customAccessTokenHook, null);
  strictEqual(config.sessionTimeboxSeconds, null);
});

Deno.test("toAuthConfig() translates durations, requirements and the hook", () => {
  const config = toAuthConfig(authSection.parse({
    password_requirements: "letters_digits",
    email: { max_frequency: "1m30s", enable_confirmations: true },
    sessions: { timebox: "24h", inactivity_timeout: "500ms" },
    hook: { custom_access_token: { enabled: true, uri: "pg-functions://postgres/private/hook" } },
  }));
  strictEqual(config.mailIntervalSeconds, 90);
  strictEqual(config.isEmailAutoconfirmed, false);
  strictEqual(config.sessionTimeboxSeconds, 86_400);
  strictEqual(config.sessionInactivitySeconds, 0.5);
  strictEqual(config.customAccessTokenHook, "pg-functions://postgres/private/hook");
  deepStrictEqual(config.requiredCharacters.map((set) => set.length), [52, 10]);
});

Deno.test("authSection refuses what nobody would have meant", () => {
  throws(() => authSection.parse({ password_requirements: "strong" }));
  throws(() => authSection.parse({ email: { max_frequency: "soon" } }));
});
