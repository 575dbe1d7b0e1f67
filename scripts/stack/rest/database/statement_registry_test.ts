// Prepared statements of a connection.

import assert from "node:assert/strict";
import { StatementRegistry } from "./statement_registry.ts";

Deno.test("a statement is prepared once, and anew under another name after a failure", () => {
  const registry = new StatementRegistry();
  const first = registry.use("select 1");
  assert.equal(first.isNew, true);
  assert.deepEqual(registry.use("select 1"), { name: first.name, isNew: false, evicted: [] });
  registry.forget("select 1");
  const second = registry.use("select 1");
  assert.equal(second.isNew, true);
  assert.notEqual(second.name, first.name);
  assert.deepEqual(second.evicted, [first.name], "the server is told to drop the old one");
});

Deno.test("the statement unused for longest makes room", () => {
  const registry = new StatementRegistry();
  const kept = registry.use("kept");
  const oldest = registry.use("oldest");
  for (let i = 0; i < 298; i += 1) {
    registry.use(`select ${i}`);
    registry.use("kept");
  }
  assert.deepEqual(registry.use("one more").evicted, [oldest.name]);
  assert.equal(registry.use("kept").name, kept.name);
});
