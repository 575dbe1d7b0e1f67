// Hints: the name that was meant, or none.

import assert from "node:assert/strict";
import { findSimilar } from "./fuzzy_match.ts";

Deno.test("findSimilar() finds the name that was meant", () => {
  assert.equal(findSimilar(["films", "directors"], "film")[0]?.name, "films");
  assert.equal(findSimilar(["test", "another"], "testt", 0.75)[0]?.name, "test");
  assert.equal(findSimilar(["(id, attr)", "(name, val)"], "(id, attrs)")[0]?.name, "(id, attr)");
});

Deno.test("findSimilar() says nothing rather than something misleading", () => {
  assert.deepEqual(findSimilar(["films", "directors"], "noclosealternative"), []);
  assert.deepEqual(findSimilar(["other"], "xyz", 0.75), []);
});
