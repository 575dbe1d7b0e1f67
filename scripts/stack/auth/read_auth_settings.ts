// The [auth] section of supabase/config.toml, as far as the auth room honours it.

import { z } from "zod";
import { parseDuration } from "./parse_duration.ts";
import { type AuthSettings, DEFAULT_AUTH_SETTINGS } from "./settings.ts";

const LOWER = "abcdefghijklmnopqrstuvwxyz";
const UPPER = LOWER.toUpperCase();
const DIGITS = "0123456789";
const SYMBOLS = "!@#$%^&*()_+-=[]{};'\\:\"|<>?,./`~";

const REQUIRED_CHARACTERS: Readonly<Record<string, readonly string[]>> = {
  "": [],
  letters_digits: [LOWER + UPPER, DIGITS],
  lower_upper_letters_digits: [LOWER, UPPER, DIGITS],
  lower_upper_letters_digits_symbols: [LOWER, UPPER, DIGITS, SYMBOLS],
};

const seconds = z.string().transform((text, context) => {
  const duration = parseDuration(text);
  if (duration !== undefined) return duration / 1000;
  context.addIssue({ code: "custom", message: `"${text}" is no duration such as "1h30m"` });
  return z.NEVER;
});

const defaults = DEFAULT_AUTH_SETTINGS;

const authSection = z.object({
  site_url: z.string().default(defaults.siteUrl),
  additional_redirect_urls: z.array(z.string()).default([]),
  jwt_expiry: z.number().int().positive().default(defaults.jwtExpirySeconds),
  enable_signup: z.boolean().default(true),
  enable_anonymous_sign_ins: z.boolean().default(false),
  enable_manual_linking: z.boolean().default(false),
  minimum_password_length: z.number().int().default(defaults.minimumPasswordLength),
  password_requirements: z.enum([
    "",
    "letters_digits",
    "lower_upper_letters_digits",
    "lower_upper_letters_digits_symbols",
  ]).default(""),
  refresh_token_reuse_interval: z.number().int().nonnegative()
    .default(defaults.refreshTokenReuseSeconds),
  email: z.object({
    double_confirm_changes: z.boolean().default(true),
    enable_confirmations: z.boolean().default(false),
    secure_password_change: z.boolean().default(false),
    max_frequency: seconds.default(defaults.mailIntervalSeconds),
    otp_length: z.number().int().min(6).max(10).default(defaults.otpLength),
    otp_expiry: z.number().int().positive().default(defaults.otpExpirySeconds),
  }).prefault({}),
  sessions: z.object({
    timebox: seconds.optional(),
    inactivity_timeout: seconds.optional(),
  }).prefault({}),
  mfa: z.object({
    max_enrolled_factors: z.number().int().positive().default(defaults.maximumFactors),
    totp: z.object({ enroll_enabled: z.boolean().default(false) }).prefault({}),
  }).prefault({}),
  hook: z.object({
    custom_access_token: z.object({
      enabled: z.boolean().default(false),
      uri: z.string().default(""),
    }).prefault({}),
  }).prefault({}),
});

/**
 * Reads how a project wants its auth room to behave.
 *
 * @param auth the parsed `[auth]` section; what is missing has the default of the hosted tool
 * @throws {z.ZodError} naming the setting that can't be used
 */
export function readAuthSettings(auth: unknown): AuthSettings {
  const { email, sessions, mfa, hook, ...section } = authSection.parse(auth ?? {});
  const { enabled: hasHook, uri } = hook.custom_access_token;
  return {
    ...DEFAULT_AUTH_SETTINGS,
    siteUrl: section.site_url,
    redirectUrls: section.additional_redirect_urls,
    jwtExpirySeconds: section.jwt_expiry,
    customAccessTokenHook: hasHook ? uri : null,
    isSignupEnabled: section.enable_signup,
    isAnonymousSignInEnabled: section.enable_anonymous_sign_ins,
    isEmailAutoconfirmed: !email.enable_confirmations,
    isSecureEmailChangeEnabled: email.double_confirm_changes,
    isManualLinkingEnabled: section.enable_manual_linking,
    isTotpEnabled: mfa.totp.enroll_enabled,
    // The hosted service raises anything shorter to its own least length.
    minimumPasswordLength: Math.max(
      section.minimum_password_length,
      defaults.minimumPasswordLength,
    ),
    requiredCharacters: REQUIRED_CHARACTERS[section.password_requirements] ?? [],
    isReauthenticationRequired: email.secure_password_change,
    refreshTokenReuseSeconds: section.refresh_token_reuse_interval,
    sessionTimeboxSeconds: sessions.timebox ?? null,
    sessionInactivitySeconds: sessions.inactivity_timeout ?? null,
    otpExpirySeconds: email.otp_expiry,
    otpLength: email.otp_length,
    mailIntervalSeconds: email.max_frequency,
    maximumFactors: mfa.max_enrolled_factors,
  };
}
