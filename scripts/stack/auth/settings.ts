// How the auth room behaves, with the defaults of a local project.

/** Everything about the auth room that a project may choose. */
export interface AuthSettings {
  /** Where people are sent back to when they didn't say. */
  readonly siteUrl: string;
  /** Other addresses that people may be sent back to; `*` and `**` as in the hosted settings. */
  readonly redirectUrls: readonly string[];
  readonly jwtExpirySeconds: number;
  readonly bcryptCost: number;
  /** `pg-functions://postgres/<schema>/<function>`, or `<schema>.<function>`. */
  readonly customAccessTokenHook: string | null;
  readonly isSignupEnabled: boolean;
  readonly isAnonymousSignInEnabled: boolean;
  /** Whether an address counts as confirmed without a mail being answered. */
  readonly isEmailAutoconfirmed: boolean;
  /** Whether both the old and the new address must agree to a change. */
  readonly isSecureEmailChangeEnabled: boolean;
  readonly isManualLinkingEnabled: boolean;
  readonly isTotpEnabled: boolean;
  readonly minimumPasswordLength: number;
  /** Sets of characters; a password needs one of each. */
  readonly requiredCharacters: readonly string[];
  /** Whether a session older than a day needs a fresh code to change the password. */
  readonly isReauthenticationRequired: boolean;
  /** Whether changing the password needs the current one. */
  readonly isCurrentPasswordRequired: boolean;
  readonly refreshTokenReuseSeconds: number;
  readonly sessionTimeboxSeconds: number | null;
  readonly sessionInactivitySeconds: number | null;
  readonly otpExpirySeconds: number;
  readonly otpLength: number;
  /** Least time between two mails of a kind to one person. */
  readonly mailIntervalSeconds: number;
  readonly maximumFactors: number;
}

/** What a local project has when it chooses nothing. */
export const DEFAULT_AUTH_SETTINGS: AuthSettings = {
  siteUrl: "http://127.0.0.1:3000",
  redirectUrls: [],
  jwtExpirySeconds: 3600,
  bcryptCost: 10,
  customAccessTokenHook: null,
  isSignupEnabled: true,
  isAnonymousSignInEnabled: false,
  isEmailAutoconfirmed: true,
  isSecureEmailChangeEnabled: true,
  isManualLinkingEnabled: false,
  isTotpEnabled: true,
  minimumPasswordLength: 6,
  requiredCharacters: [],
  isReauthenticationRequired: false,
  isCurrentPasswordRequired: false,
  refreshTokenReuseSeconds: 10,
  sessionTimeboxSeconds: null,
  sessionInactivitySeconds: null,
  otpExpirySeconds: 3600,
  otpLength: 6,
  mailIntervalSeconds: 1,
  maximumFactors: 10,
};
