// What it takes to believe a provider's call.

/**
 * Why a call was refused; logged, and never shown. `unconfigured`: the scheme that the call proves
 * itself by has no secret here, and the sender is asked to try again later.
 */
export type WebhookRefusal = "unsigned" | "malformed" | "stale" | "signature" | "unconfigured";

/** Variable → all secrets in it that are good now: more than one while they are being changed. */
export type SecretsByVariable = Readonly<Record<string, readonly string[]>>;

/** A call as it arrived. */
export interface SignedCall {
  readonly headers: Headers;
  readonly body: Uint8Array<ArrayBuffer>;
  /** Those of the verifier's variables, or under the first of them those of the account. */
  readonly secrets: SecretsByVariable;
  readonly nowMs: number;
}

/** What a believed call is known by. */
export interface VerifiedCall {
  /** The same on every retry of the same event. */
  readonly eventId: string;
}

/** Where a proof stands and what it covers. */
export interface SignatureScheme {
  readonly header: string;
  readonly description: string;
}

/** How one provider proves itself, in one of several ways where it has several. */
export interface WebhookVerifier {
  /**
   * The variables that hold the secrets, a scheme each, separated by spaces or semicolons. While
   * none of them is set, everything is refused.
   */
  readonly secretVariables: readonly string[];
  /** One for each scheme, for the function's description of itself. */
  readonly signatures: readonly SignatureScheme[];
  /** Headers worth keeping beside the payload; never the signature. */
  readonly keptHeaders: readonly string[];
  verify(call: SignedCall): Promise<VerifiedCall | WebhookRefusal>;
}
