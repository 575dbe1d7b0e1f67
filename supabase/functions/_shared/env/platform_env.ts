// What the platform and the operator tell a function, parsed once. Missing or malformed means that
// the function does not start: nothing is guessed and nothing has a silent default.
import { z } from "zod";

const NamedKeys = z.record(z.string().min(1), z.string().min(1));

const PublicKey = z.looseObject({
  kty: z.enum(["EC", "RSA", "OKP"]),
  kid: z.string().min(1),
});

/** Public keys that tokens are checked against. */
export const KeySet = z.object({ keys: z.array(PublicKey) });
export type KeySet = z.infer<typeof KeySet>;

/** An identity provider beside our own whose tokens are accepted. */
const TrustedIssuer = z.strictObject({
  issuer: z.url({ protocol: /^https$/ }),
  jwks_url: z.url({ protocol: /^https$/ }),
  algorithms: z.array(z.enum(["ES256", "RS256"])).min(1),
  /** Origins that the token may have been made for (`azp`). */
  authorized_parties: z.array(z.url()).min(1),
  /** The claim that names the session. */
  session_claim: z.string().min(1).default("sid"),
});

const Origin = z.url({ protocol: /^https?$/ }).refine(
  (value) => URL.canParse(value) && new URL(value).origin === value,
  "must be an origin: scheme, host and port, nothing after",
);

function json<T extends z.ZodType>(schema: T) {
  return z.string().transform((text, ctx) => {
    try {
      return JSON.parse(text) as unknown;
    } catch {
      ctx.addIssue({ code: "custom", message: "must be JSON" });
      return z.NEVER;
    }
  }).pipe(schema);
}

const Origins = z.string().transform((list) =>
  list.split(",").map((origin) => origin.trim()).filter((origin) => origin !== "")
).pipe(z.array(Origin));

const Variables = z.object({
  SUPABASE_URL: z.url({ protocol: /^https?$/ }),
  SUPABASE_PUBLISHABLE_KEYS: json(NamedKeys.refine((keys) => "default" in keys, "needs `default`")),
  SUPABASE_SECRET_KEYS: json(NamedKeys.refine((keys) => "default" in keys, "needs `default`")),
  SUPABASE_JWKS: json(KeySet),
  SIXTY_ENVIRONMENT: z.enum(["development", "staging", "production"]),
  SIXTY_ALLOWED_ORIGINS: Origins,
  // Only where the platform's own address differs from the one in its tokens, as inside containers
  SIXTY_AUTH_ISSUER: z.url({ protocol: /^https?$/ }).optional(),
  SIXTY_TRUSTED_ISSUERS: json(z.array(TrustedIssuer)).default([]),
});

/** Settings of one running function. */
export interface PlatformEnv {
  readonly supabaseUrl: string;
  readonly publishableKey: string;
  readonly secretKey: string;
  /** Signs scheduled calls; without it they are all refused. */
  readonly cronKey: string | undefined;
  readonly jwks: KeySet;
  /** Issuer of our own tokens. */
  readonly issuer: string;
  readonly environment: "development" | "staging" | "production";
  /** Exact origins that browsers may call from. */
  readonly allowedOrigins: ReadonlySet<string>;
  readonly trustedIssuers: readonly z.infer<typeof TrustedIssuer>[];
}

/** Reads one environment variable. */
export type ReadVariable = (name: string) => string | undefined;

/** Thrown when the settings are wrong; names the variables and never shows a value. */
export class EnvironmentError extends Error {
  override readonly name = "EnvironmentError";
}

/**
 * Reads and checks a group of environment variables.
 *
 * @param schema What is expected, a field a variable.
 * @param read Where from.
 * @returns The checked values.
 * @throws {EnvironmentError} Naming each wrong variable, without its value.
 *
 * @example A provider's settings
 * ```ts ignore
 * const settings = readVariables(z.object({ FATHOM_API_BASE_URL: z.url() }), deps.readVariable);
 * ```
 */
export function readVariables<T extends z.ZodObject>(schema: T, read: ReadVariable): z.output<T> {
  const raw = Object.fromEntries(
    // An empty variable is one that somebody forgot to fill in
    Object.keys(schema.shape).map((name) => [name, read(name) || undefined]),
  );
  const parsed = schema.safeParse(raw);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map((issue) => {
    const name = String(issue.path[0]);
    return raw[name] === undefined ? `${name} is not set` : `${name} is malformed`;
  });
  throw new EnvironmentError([...new Set(problems)].join("; "));
}

/**
 * Reads what every function needs.
 *
 * @param read Where from; the process environment in production.
 * @returns The settings.
 * @throws {EnvironmentError} When one is missing or malformed.
 */
export function readPlatformEnv(read: ReadVariable): PlatformEnv {
  const values = readVariables(Variables, read);
  const supabaseUrl = values.SUPABASE_URL.replace(/\/+$/, "");
  return {
    supabaseUrl,
    publishableKey: values.SUPABASE_PUBLISHABLE_KEYS["default"] as string,
    secretKey: values.SUPABASE_SECRET_KEYS["default"] as string,
    cronKey: values.SUPABASE_SECRET_KEYS["cron"],
    jwks: values.SUPABASE_JWKS,
    issuer: values.SIXTY_AUTH_ISSUER ?? `${supabaseUrl}/auth/v1`,
    environment: values.SIXTY_ENVIRONMENT,
    allowedOrigins: new Set(values.SIXTY_ALLOWED_ORIGINS),
    trustedIssuers: values.SIXTY_TRUSTED_ISSUERS,
  };
}
