// Unit tests of what an isolate remembers between turns: bounded, short, and each entry one person's.
import { ok, strictEqual } from "node:assert/strict";
import fc from "fast-check";
import { ContextCache, type ContextKey } from "./context_cache.ts";
import type { TurnContext } from "./turn_store.ts";

const context = (name: string, text = ""): TurnContext => ({
  org_id: "10000000-0000-4000-8000-000000000001",
  organization_name: name,
  conversation_id: "10000000-0000-4000-8000-000000000002",
  turn_id: "10000000-0000-4000-8000-000000000003",
  is_replay: false,
  user_id: "10000000-0000-4000-8000-000000000004",
  first_name: null,
  full_name: null,
  email: null,
  time_zone: "UTC",
  context_version: "1",
  persona: null,
  org_skills: [],
  history: text === "" ? [] : [{ role: "user", text, created_at: "2026-11-22T00:00:00Z" }],
  is_tainted: false,
  open_actions: [],
  clarification: null,
  has_model_budget: true,
});
const key = (userId: string, orgId: string | null = null): ContextKey => ({
  userId,
  orgId,
  conversationId: null,
});

Deno.test("a context is found by the same person in the same organization and conversation, and by nobody else", () => {
  const part = fc.option(fc.string(), { nil: null });
  const anyKey = fc.record({ userId: fc.string(), orgId: part, conversationId: part });
  fc.assert(fc.property(anyKey, anyKey, (one, other) => {
    const cache = new ContextCache(() => 0);
    cache.remember(one, context("mine"));
    const isSame = one.userId === other.userId && one.orgId === other.orgId &&
      one.conversationId === other.conversationId;
    strictEqual(cache.guess(other)?.organization_name, isSame ? "mine" : undefined);
  }));
});

Deno.test("the memory is bounded: who was not seen for longest is forgotten first", () => {
  const cache = new ContextCache(() => 0);
  for (let n = 0; n < 500; n++) cache.remember(key(`person ${n}`), context(String(n)));
  ok(cache.guess(key("person 0")), "seen just now");
  cache.remember(key("one more"), context("more"));
  strictEqual(cache.size, 500);
  ok(cache.guess(key("person 0")));
  strictEqual(cache.guess(key("person 1")), null);
});

Deno.test("a context is not remembered for long, nor when it is large, nor after it was wrong", () => {
  let now = 0;
  const cache = new ContextCache(() => now);
  cache.remember(key("a"), context("a"));
  now = 10 * 60_000;
  strictEqual(cache.guess(key("a")), null);
  cache.remember(key("b"), context("b", "x".repeat(60_001)));
  strictEqual(cache.guess(key("b")), null);
  cache.remember(key("c"), context("c"));
  cache.forget(key("c"));
  strictEqual(cache.guess(key("c")), null);
});

Deno.test("U60-166 what was said may be sent early for a minute; that nothing was said, for longer", () => {
  let now = 0;
  const cache = new ContextCache(() => now);
  cache.remember(key("a"), context("a", "Hello"));
  cache.remember(key("b"), context("b"));
  now = 59_999;
  ok(cache.maySend(key("a")) && cache.maySend(key("b")));
  strictEqual(cache.maySend(key("c")), false);
  now = 60_000;
  strictEqual(cache.maySend(key("a")), false);
  ok(cache.guess(key("a")), "look-ups may still be begun with it");
  ok(cache.maySend(key("b")));
});
