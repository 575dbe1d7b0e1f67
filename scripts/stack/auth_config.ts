// The [auth] part of supabase/config.toml, in the auth room's own words.

import { z } from "zod";
import type { AuthSettings } from "./auth/settings.ts";

const LETTERS = "abcdefghijklmnopqrstuvwxyz";
const DIGITS = "0123456789";
const SYMBOLS = "!@#$%^&*()_+-=[]{};'\\:\"|<>?,./`~";
const PASSWORD_REQUIREMENTS: Readonly<Record<string, readonly string[]>> = {
  "": [],
  letters_digits: [LETTERS + LETTERS.toUpperCase(), DIGITS],
  lower_upper_letters_digits: [LETTERS, LETTERS.toUpperCase(), DIGITS],
  lower_upper_letters_digits_symbols: [LETTERS, LETTERS.toUpperCase(), DIGITS, SYMBOLS],
};
const UNIT_SECONDS: Readonly<Record<string, number>> = { ms: 0.001, s: 1, m: 60, h: 3600 };

// As Go writes durations: 1s, 1h30m, 500ms.
const duration = z.string().regex(/^(\d+(\.\d+)?(ms|s|m|h))+$/).transform((text) =>
  [...text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h)/g)]
    .reduce((sum, [, number, unit]) => sum + Number(number) * (UNIT_SECONDS[unit ?? ""] ?? 0), 0)
);
const hook = z.object({ enabled: z.boolean().default(false), uri: z.string().default("") });

/** Shape of `[auth]`, with Supabase's defaults for what is missing. */
export const authSection = z.object({
  site_url: z.string().default("http://127.0.0.1:3000"),
  additional_redirect_urls: z.array(z.string()).default([]),
  jwt_expiry: z.number().int().positive().default(3600),
  refresh_token_reuse_interval: z.number().int().nonnegative().default(10),
  enable_signup: z.boolean().default(true),
  enable_anonymous_sign_ins: z.boolean().default(false),
  enable_manual_linking: z.boolean().default(false),
  minimum_password_length: z.number().int().positive().default(6),
  password_requirements: z.enum(Object.keys(PASSWORD_REQUIREMENTS)).default(""),
  email: z.object({
    double_confirm_changes: z.boolean().default(true),
    enable_confirmations: z.boolean().default(false),
    secure_password_change: z.boolean().default(false),
    max_frequency: duration.default(1),
    otp_length: z.number().int().positive().default(6),
    otp_expiry: z.number().int().positive().default(3600),
  }).prefault({}),
  sessions: z.object({
    timebox: duration.optional(),
    inactivity_timeout: duration.optional(),
  }).prefault({}),
  mfa: z.object({
    max_enrolled_factors: z.number().int().positive().default(10),
    totp: z.object({ enroll_enabled: z.boolean().default(true) }).prefault({}),
  }).prefault({}),
  hook: z.object({ custom_access_token: hook.prefault({}) }).prefault({}),
});

/** The settings of an auth room that config.toml decides. */
export type AuthConfig = Omit<AuthSettings, "bcryptCost" | "isCurrentPasswordRequired">;

/**
 * Translates the section.
 *
 * @param section What {@link authSection} read.
 */
export function toAuthConfig(section: z.output<typeof authSection>): AuthConfig {
  const { email, sessions, mfa } = section;
  const accessToken = section.hook.custom_access_token;
  return {
    siteUrl: section.site_url,
    redirectUrls: section.additional_redirect_urls,
    jwtExpirySeconds: section.jwt_expiry,
    customAccessTokenHook: accessToken.enabled ? accessToken.uri : null,
    isSignupEnabled: section.enable_signup,
    isAnonymousSignInEnabled: section.enable_anonymous_sign_ins,
    isEmailAutoconfirmed: !email.enable_confirmations,
    isSecureEmailChangeEnabled: email.double_confirm_changes,
    isManualLinkingEnabled: section.enable_manual_linking,
    isTotpEnabled: mfa.totp.enroll_enabled,
    minimumPasswordLength: section.minimum_password_length,
    requiredCharacters: PASSWORD_REQUIREMENTS[section.password_requirements] ?? [],
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
