// What every route of the auth room works with; made once by the handler.

import type { CryptoKey } from "jose";
import type { StackKeys } from "../contracts.ts";
import type { Database } from "./database.ts";
import type { Mailbox } from "./mailbox.ts";
import type { PasswordHasher } from "./password_hasher.ts";
import type { AuthSettings } from "./settings.ts";
import type { TokenVerifier } from "./tokens.ts";

/** The handles that routes are given. */
export interface AuthDeps {
  readonly db: Database;
  readonly settings: AuthSettings;
  /** The room's own URL as clients see it, `<url>/auth/v1`. */
  readonly issuer: string;
  readonly jwks: StackKeys["jwks"];
  readonly signingKey: CryptoKey;
  readonly signingKeyId: string;
  readonly verifyToken: TokenVerifier;
  readonly passwords: PasswordHasher;
  readonly mailbox: Mailbox;
  /** The present moment. */
  readonly now: () => Date;
  /** Told about failures that callers only see as "unexpected". */
  readonly onError: (error: unknown) => void;
}
