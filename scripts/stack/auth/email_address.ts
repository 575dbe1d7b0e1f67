// Which e-mail addresses and telephone numbers are accepted.

import { AuthError } from "./auth_error.ts";

const EMAIL =
  /^[a-zA-Z0-9.!#$%&'*+/=?^_`{|}~-]+@[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?(?:\.[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?)*$/;
const E164 = /^[1-9][0-9]{1,14}$/;

/**
 * Checks an address.
 *
 * @returns the address in lower case, as it is stored
 * @throws {AuthError} `validation_failed`
 */
export function requireEmail(email: string): string {
  if (email === "") throw invalid("An email address is required");
  if (email.length > 255) throw invalid("An email address is too long");
  if (!EMAIL.test(email)) throw invalid("Unable to validate email address: invalid format");
  return email.toLowerCase();
}

/**
 * Checks a telephone number.
 *
 * @returns its digits, as they are stored
 * @throws {AuthError} `validation_failed`
 */
export function requirePhone(phone: string): string {
  const digits = phone.replace(/^\+/, "").replaceAll(" ", "");
  if (!E164.test(digits)) throw invalid("Invalid phone number format (E.164 required)");
  return digits;
}

function invalid(message: string): AuthError {
  return new AuthError(400, "validation_failed", message);
}
