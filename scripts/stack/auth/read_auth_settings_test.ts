// Which settings of config.toml reach the auth room, and how durations are read.

import assert from "node:assert/strict";
import { parse } from "smol-toml";
import { parseDuration } from "./parse_duration.ts";
import { readAuthSettings } from "./read_auth_settings.ts";
import { DEFAULT_AUTH_SETTINGS } from "./settings.ts";

Deno.test("readAuthSettings() has the hosted tool's defaults", () => {
  const settings = readAuthSettings(undefined);
  assert.deepEqual(settings, { ...DEFAULT_AUTH_SETTINGS, isTotpEnabled: false });
});

Deno.test("readAuthSettings() takes what a project chooses", () => {
  const { auth } = parse(`
    [auth]
    site_url = "http://localhost:5175"
    additional_redirect_urls = ["http://localhost:5173"]
    minimum_password_length = 12
    password_requirements = "letters_digits"
    enable_anonymous_sign_ins = true
    [auth.email]
    enable_confirmations = true
    secure_password_change = true
    max_frequency = "1m"
    [auth.sessions]
    timebox = "24h"
    [auth.mfa.totp]
    enroll_enabled = true
    [auth.hook.custom_access_token]
    enabled = true
    uri = "pg-functions://postgres/private/add_claims"
  `);
  const settings = readAuthSettings(auth);
  assert.equal(settings.siteUrl, "http://localhost:5175");
  assert.deepEqual(settings.redirectUrls, ["http://localhost:5173"]);
  assert.equal(settings.minimumPasswordLength, 12);
  assert.equal(settings.requiredCharacters.length, 2);
  assert.equal(settings.isAnonymousSignInEnabled, true);
  assert.equal(settings.isEmailAutoconfirmed, false);
  assert.equal(settings.isReauthenticationRequired, true);
  assert.equal(settings.mailIntervalSeconds, 60);
  assert.equal(settings.sessionTimeboxSeconds, 86400);
  assert.equal(settings.isTotpEnabled, true);
  assert.equal(settings.customAccessTokenHook, "pg-functions://postgres/private/add_claims");
});

Deno.test("readAuthSettings() refuses what it can't read", () => {
  assert.throws(() => readAuthSettings({ sessions: { timebox: "a day" } }), /no duration/);
  assert.throws(() => readAuthSettings({ jwt_expiry: "soon" }), /jwt_expiry/);
});

Deno.test("parseDuration() reads compound and fractional durations", () => {
  assert.equal(parseDuration("1h30m"), 5_400_000);
  assert.equal(parseDuration("1.5s"), 1500);
  assert.equal(parseDuration("-2ms"), -2);
  assert.equal(parseDuration("0"), 0);
  for (const text of ["", "1", "1d", "h", "one hour"]) assert.equal(parseDuration(text), undefined);
});
