// Which passwords are accepted.

import { AuthError, WeakPasswordError } from "./auth_error.ts";
import type { AuthSettings } from "./settings.ts";

// bcrypt looks no further than this.
const MOST_PASSWORD_BYTES = 72;

/**
 * Says how a password breaks the project's rules.
 *
 * @returns nothing when it breaks none
 * @throws {AuthError} when it is too long to be hashed
 */
export function findWeakness(
  password: string,
  settings: AuthSettings,
): WeakPasswordError | undefined {
  if (new TextEncoder().encode(password).length > MOST_PASSWORD_BYTES) {
    const message = `Password cannot be longer than ${MOST_PASSWORD_BYTES} characters`;
    throw new AuthError(400, "validation_failed", message);
  }
  const { minimumPasswordLength: least, requiredCharacters: sets } = settings;
  const reasons: string[] = [];
  const messages: string[] = [];
  if (password.length < least) {
    reasons.push("length");
    messages.push(`Password should be at least ${least} characters.`);
  }
  const hasAll = sets.every((set) => [...set].some((character) => password.includes(character)));
  if (!hasAll) {
    reasons.push("characters");
    messages.push(`Password should contain at least one character of each: ${sets.join(", ")}.`);
  }
  return reasons.length > 0 ? new WeakPasswordError(messages.join(" "), reasons) : undefined;
}

/** @throws {AuthError} when a password breaks the project's rules */
export function requireStrongPassword(password: string, settings: AuthSettings): void {
  const weakness = findWeakness(password, settings);
  if (weakness) throw weakness;
}

/** A password that nobody knows, for people who are to choose their own later. */
export function unknownPassword(): string {
  return crypto.getRandomValues(new Uint8Array(48)).toBase64();
}
