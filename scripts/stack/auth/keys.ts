// The secrets of one stack: made once for a data folder, read back on every later start.

import { dirname } from "node:path";
import { type CryptoKey, exportJWK, generateKeyPair, type JWK, SignJWT } from "jose";
import { z } from "zod";
import type { StackKeys } from "../contracts.ts";
import { importSigningKey } from "./signing_key.ts";

/** `iss` of the two tokens that stand for API keys; a person's token carries the auth room's URL. */
export const API_KEY_ISSUER = "supabase";

const TEN_YEARS_SECONDS = 10 * 365 * 24 * 3600;
/** A keys file that exists and can't be used. */
export class KeysFileError extends Error {
  override readonly name = "KeysFileError";

  /**
   * @param message what is wrong with the file
   * @param wayOut what its owner can do about it
   */
  constructor(message: string, readonly wayOut: string, options?: ErrorOptions) {
    super(message, options);
  }
}

const text = z.string().min(1);
const publicJwk = z.looseObject({
  kty: z.literal("EC"),
  crv: z.literal("P-256"),
  x: text,
  y: text,
  kid: text,
});

const keysFile = z.strictObject({
  signingJwk: publicJwk.extend({ d: text }),
  jwks: z.strictObject({ keys: z.array(publicJwk).min(1) }),
  publishableKeys: z.strictObject({ default: text.startsWith("sb_publishable_") }),
  secretKeys: z.strictObject({
    default: text.startsWith("sb_secret_"),
    cron: text.startsWith("sb_secret_"),
  }),
  anonJwt: text,
  serviceRoleJwt: text,
  databasePasswords: z.strictObject({
    supabase_admin: text,
    postgres: text,
    authenticator: text,
    supabase_auth_admin: text,
  }),
  storage: z.strictObject({ accessKeyId: text, secretAccessKey: text }),
});

/**
 * Reads the keys of a stack, or makes them when the file isn't there yet. Two processes that start at
 * once end up with the same keys.
 *
 * @param file where the keys are kept; only its owner may read it
 * @returns the stack's keys
 * @throws {KeysFileError} when the file is there but incomplete
 */
export async function loadOrCreateKeys(file: string): Promise<StackKeys> {
  const existing = await readIfThere(file);
  if (existing !== undefined) return parseKeys(file, existing);

  const keys = await createKeys();
  const created = await writeOnce(file, `${JSON.stringify(keys, null, 2)}\n`);
  return created ? keys : parseKeys(file, await Deno.readTextFile(file));
}

/**
 * Makes a fresh set of keys without keeping it anywhere.
 *
 * @param now the moment from which the API keys' tokens are valid, in milliseconds
 */
export async function createKeys(now: number = Date.now()): Promise<StackKeys> {
  const pair = await generateKeyPair("ES256", { extractable: true });
  const kid = crypto.randomUUID();
  const signingJwk = { ...await exportJWK(pair.privateKey), kid, alg: "ES256", use: "sig" };
  const verifyingJwk = { ...await exportJWK(pair.publicKey), kid, alg: "ES256", use: "sig" };
  const signingKey = await importSigningKey(signingJwk);
  return {
    signingJwk: asJsonWebKey(signingJwk),
    jwks: { keys: [{ ...asJsonWebKey(verifyingJwk), key_ops: ["verify"], ext: true }] },
    publishableKeys: { default: opaqueKey("sb_publishable_") },
    secretKeys: { default: opaqueKey("sb_secret_"), cron: opaqueKey("sb_secret_") },
    anonJwt: await mintApiKeyToken(signingKey, kid, "anon", now),
    serviceRoleJwt: await mintApiKeyToken(signingKey, kid, "service_role", now),
    databasePasswords: {
      supabase_admin: randomHex(24),
      postgres: randomHex(24),
      authenticator: randomHex(24),
      supabase_auth_admin: randomHex(24),
    },
    storage: { accessKeyId: randomHex(16), secretAccessKey: randomHex(32) },
  };
}

async function mintApiKeyToken(
  key: CryptoKey,
  kid: string,
  role: "anon" | "service_role",
  now: number,
): Promise<string> {
  const issuedAt = Math.floor(now / 1000);
  return await new SignJWT({ role })
    .setProtectedHeader({ alg: "ES256", kid, typ: "JWT" })
    .setIssuer(API_KEY_ISSUER)
    .setIssuedAt(issuedAt)
    .setExpirationTime(issuedAt + TEN_YEARS_SECONDS)
    .sign(key);
}

// A platform key is 22 random characters and 8 more that a secret scanner can check them by; nothing
// here checks them, so random ones do.
function opaqueKey(prefix: string): string {
  return `${prefix}${randomBase64Url(16)}_${randomBase64Url(6)}`;
}

function randomHex(bytes: number): string {
  return crypto.getRandomValues(new Uint8Array(bytes)).toHex();
}

function randomBase64Url(bytes: number): string {
  return crypto.getRandomValues(new Uint8Array(bytes))
    .toBase64({ alphabet: "base64url", omitPadding: true });
}

async function readIfThere(file: string): Promise<string | undefined> {
  try {
    return await Deno.readTextFile(file);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

function parseKeys(file: string, content: string): StackKeys {
  // The database's passwords were in it, so the data can't be opened without it.
  const wayOut = `Put a whole copy of ${file} back, or start over with: deno task reset`;
  let value: unknown;
  try {
    value = JSON.parse(content);
  } catch (cause) {
    throw new KeysFileError(`The keys in ${file} are cut off or not JSON.`, wayOut, { cause });
  }
  const parsed = keysFile.safeParse(value);
  if (!parsed.success) {
    const fields = parsed.error.issues.map((issue) => issue.path.join(".") || "the file");
    throw new KeysFileError(
      `The keys in ${file} are incomplete: ${[...new Set(fields)].join(", ")}.`,
      wayOut,
    );
  }
  return parsed.data;
}

// A hard link either makes the complete file appear under its name or fails because another process
// was first: nobody ever reads half a file.
async function writeOnce(file: string, content: string): Promise<boolean> {
  await Deno.mkdir(dirname(file), { recursive: true });
  const draft = `${file}.${crypto.randomUUID()}`;
  try {
    await Deno.writeTextFile(draft, content, { createNew: true, mode: 0o600 });
    await Deno.link(draft, file);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.AlreadyExists) return false;
    throw error;
  } finally {
    await Deno.remove(draft).catch(() => undefined);
  }
}

function asJsonWebKey(jwk: JWK & { readonly kid: string }): JsonWebKey & { readonly kid: string } {
  const { kty, crv, x, y, d, alg, use, kid } = jwk;
  const key = { kty: kty ?? "EC", crv: crv ?? "P-256", x: x ?? "", y: y ?? "", kid };
  return { ...key, ...(d && { d }), ...(alg && { alg }), ...(use && { use }) };
}
