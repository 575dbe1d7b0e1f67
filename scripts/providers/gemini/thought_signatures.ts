// Thought signatures: issued on the parts of an answer, wanted back on the very same parts. One that
// was issued for other contents, another key or another model is refused.
import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import { canonicalJson } from "./canonical_json.ts";
import type { Part } from "./generate_request.ts";

/** The documented value for calls that no model of this family has made. */
export const SKIP_SIGNATURE = "skip_thought_signature_validator";

const NONCE_BYTES = 12;

/** Whom a signature was issued to. */
export interface SignatureScope {
  readonly key: string;
  readonly model: string;
}

/** Issues signatures and knows its own again. */
export class ThoughtSignatures {
  readonly #secret = randomBytes(32);

  /** Makes the signature of a part. */
  issue(part: Part, scope: SignatureScope): string {
    const nonce = randomBytes(NONCE_BYTES);
    return Buffer.concat([nonce, this.#mac(part, scope, nonce)]).toString("base64");
  }

  /** Says whether a part still carries what was issued for it. */
  isGenuine(part: Part, scope: SignatureScope): boolean {
    if (part.thoughtSignature === undefined) return false;
    if (part.thoughtSignature === SKIP_SIGNATURE) return true;
    const bytes = Buffer.from(part.thoughtSignature, "base64");
    const expected = this.#mac(part, scope, bytes.subarray(0, NONCE_BYTES));
    const given = bytes.subarray(NONCE_BYTES);
    const isCanonical = bytes.toString("base64") === part.thoughtSignature;
    return isCanonical && given.length === expected.length && timingSafeEqual(given, expected);
  }

  #mac({ thoughtSignature: _, ...part }: Part, scope: SignatureScope, nonce: Uint8Array): Buffer {
    return createHmac("sha256", this.#secret).update(nonce)
      .update(canonicalJson([scope.key, scope.model, part])).digest();
  }
}
