// Preferences of callers: the first of a kind counts, the unknown are remembered.

import assert from "node:assert/strict";
import { parsePreferences, preferenceApplied } from "./preferences.ts";

const OPTIONS = { mayEndTransaction: true, timezones: new Set(["Europe/Berlin"]) };

Deno.test("parsePreferences() takes the first of each kind and keeps the unknown", () => {
  const preferences = parsePreferences(
    "return=minimal,return=representation, count=exact,tx=rollback, timezone=Nowhere, haste",
    OPTIONS,
  );
  assert.equal(preferences.representation, "minimal");
  assert.equal(preferences.count, "exact");
  assert.equal(preferences.transaction, "rollback");
  assert.equal(preferences.timezone, undefined);
  assert.deepEqual(preferences.unknown, ["timezone=Nowhere", "haste"]);
});

Deno.test("parsePreferences() lets only those end a transaction who may", () => {
  const options = { ...OPTIONS, mayEndTransaction: false };
  assert.equal(parsePreferences("tx=rollback", options).transaction, undefined);
});

Deno.test("preferenceApplied() mentions max-affected only where it was held to", () => {
  assert.equal(preferenceApplied({ maxAffected: 3, handling: "lenient" }), "handling=lenient");
  assert.equal(
    preferenceApplied({ maxAffected: 3, handling: "strict", timezone: "Europe/Berlin" }),
    "handling=strict, timezone=Europe/Berlin, max-affected=3",
  );
  assert.equal(preferenceApplied({}), undefined);
});
