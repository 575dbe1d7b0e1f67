import { strictEqual } from "node:assert/strict";
import type { Caller } from "./caller.ts";
import { TokenCache } from "./token_cache.ts";

function cacheAt(start: number): { cache: TokenCache; advance(ms: number): void } {
  let time = start;
  const clock = { now: () => new Date(time) };
  return {
    cache: new TokenCache(clock, { maxEntries: 3, maxAgeMs: 30_000 }),
    advance: (ms) => {
      time += ms;
    },
  };
}

function callerUntil(expiresAtMs: number): Caller {
  return { userId: "u", sessionId: "s", orgId: null, token: "t", expiresAtMs };
}

Deno.test("TokenCache forgets an entry after its age, long before the token ends", () => {
  const { cache, advance } = cacheAt(1_000_000);
  cache.set("a", callerUntil(9_000_000));
  advance(29_999);
  strictEqual(cache.get("a")?.userId, "u");
  advance(1);
  strictEqual(cache.get("a"), undefined);
  strictEqual(cache.size, 0);
});

Deno.test("TokenCache forgets an entry when its token ends, and never keeps one that has", () => {
  const { cache, advance } = cacheAt(1_000_000);
  cache.set("a", callerUntil(1_005_000));
  cache.set("b", callerUntil(1_000_000));
  strictEqual(cache.get("b"), undefined);
  advance(4_999);
  strictEqual(cache.get("a")?.userId, "u");
  advance(1);
  strictEqual(cache.get("a"), undefined);
});

Deno.test("TokenCache does not live longer for being asked often", () => {
  const { cache, advance } = cacheAt(1_000_000);
  cache.set("a", callerUntil(9_000_000));
  for (let second = 0; second < 30; second += 1) {
    strictEqual(cache.get("a")?.userId, "u");
    advance(1_000);
  }
  strictEqual(cache.get("a"), undefined);
});

Deno.test("TokenCache is bounded, whatever is thrown at it", () => {
  const { cache } = cacheAt(1_000_000);
  for (let index = 0; index < 10_000; index += 1) cache.set(`t${index}`, callerUntil(9_000_000));
  strictEqual(cache.size, 3);
  strictEqual(cache.get("t0"), undefined);
  strictEqual(cache.get("t9999")?.userId, "u");
});
