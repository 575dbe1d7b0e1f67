// Turns a JSON Web Key into the key that signs, past a trap in how platform keys are written.

import { type CryptoKey, importJWK, type JWK } from "jose";

/**
 * Imports the private key that signs this stack's tokens.
 *
 * @param jwk an ES256 private key; `key_ops` is left out, since platform keys list both `sign` and
 *   `verify`, which no single imported key may have
 * @returns a key for signing with ES256
 * @throws {TypeError} when the key isn't an asymmetric one
 */
export async function importSigningKey(jwk: JWK): Promise<CryptoKey> {
  const { key_ops: _ignored, ...rest } = jwk;
  const key = await importJWK(rest, "ES256");
  if (key instanceof Uint8Array) throw new TypeError("A signing key must be asymmetric.");
  return key;
}
