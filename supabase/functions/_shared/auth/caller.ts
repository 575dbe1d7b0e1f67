// Who is calling, once that was proved.

/** A signed-in person, as their verified token describes them. */
export interface Caller {
  /** The token's subject. */
  readonly userId: string;
  /** The session that must still exist; the database checks that it does. */
  readonly sessionId: string;
  /** The organization that the token names, if any. */
  readonly orgId: string | null;
  /** The verified token, for the database client of this request. */
  readonly token: string;
  /** When the token ends, in milliseconds since 1970. */
  readonly expiresAtMs: number;
}
