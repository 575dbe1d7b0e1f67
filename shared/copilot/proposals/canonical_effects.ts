// The one text of a proposal's effects: what is hashed, shown, confirmed and executed.
import { canonicalize } from "../../model/canonical_json.ts";
import { Effect } from "./effect.ts";

/** Effects that one yes may carry out. */
export const EFFECTS_MAX = 10;

/**
 * Writes effects down.
 *
 * @param effects One to ten; each is made complete by its own contract first.
 * @returns Their canonical JSON: the same effects give the same bytes.
 * @throws {z.ZodError} When one breaks its contract.
 */
export function canonicalEffects(effects: readonly Effect[]): string {
  return JSON.stringify(
    canonicalize(effects.map((effect) => Effect.parse(effect))),
  );
}
