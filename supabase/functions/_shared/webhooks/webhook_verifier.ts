// What it takes to believe a provider's call.

/** Why a call was refused; logged, and never shown. */
export type WebhookRefusal = "unsigned" | "malformed" | "stale" | "signature";

/** A call as it arrived. */
export interface SignedCall {
  readonly headers: Headers;
  readonly body: Uint8Array<ArrayBuffer>;
  /** All secrets that are good now: more than one while they are being changed. */
  readonly secrets: readonly string[];
  readonly nowMs: number;
}

/** What a believed call is known by. */
export interface VerifiedCall {
  /** The same on every retry of the same event. */
  readonly eventId: string;
}

/** How one provider proves itself. */
export interface WebhookVerifier {
  /** The variable that holds the secrets, separated by spaces or commas. */
  readonly secretVariable: string;
  /** Where the signature is and what it covers, for the function's description of itself. */
  readonly signature: { readonly header: string; readonly description: string };
  /** Headers worth keeping beside the payload; never the signature. */
  readonly keptHeaders: readonly string[];
  verify(call: SignedCall): Promise<VerifiedCall | WebhookRefusal>;
}
