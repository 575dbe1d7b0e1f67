// Media types, as headers write them.

import assert from "node:assert/strict";
import { contentType, mediaTypeName, parseAccept, parseMediaType } from "./media_type.ts";

Deno.test("parseAccept() puts the best liked first, and the more specific before the less", () => {
  const kinds = (header: string): string[] => parseAccept(header).map(({ kind }) => kind);
  assert.deepEqual(kinds("*/*;q=0.1, text/csv;q=0.5, application/json"), ["json", "csv", "any"]);
  assert.deepEqual(kinds("*/*, text/csv"), ["csv", "any"]);
  assert.deepEqual(parseAccept(null), [{ kind: "any" }]);
});

Deno.test("parseMediaType() reads parameters in any case, and what it writes it reads again", () => {
  assert.deepEqual(parseMediaType("application/vnd.pgrst.OBJECT+json; NULLS=stripped"), {
    kind: "singular",
    stripped: true,
  });
  const plan = parseMediaType(
    'application/vnd.pgrst.plan+json; for="text/csv"; options=buffers|analyze',
  );
  assert.deepEqual(plan, {
    kind: "plan",
    of: { kind: "csv" },
    format: "json",
    options: ["analyze", "buffers"],
  });
  assert.deepEqual(parseMediaType(mediaTypeName(plan)), plan);
  assert.equal(
    contentType(plan),
    'application/vnd.pgrst.plan+json; for="text/csv"; options=analyze|buffers; charset=utf-8',
  );
});
