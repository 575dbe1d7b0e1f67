// Unit tests of the memory before the account look-up.
import { deepStrictEqual, strictEqual } from "node:assert/strict";
import type { Clock } from "@shared/platform/clock.ts";
import type { ServiceUse } from "../clients/service_client.ts";
import { createAccountCache } from "./account_cache.ts";

const USE: ServiceUse = {
  functionName: "fathom-webhook",
  requestId: "test",
  env: { supabaseUrl: "http://stack.test", secretKey: "key" },
  fetch: () => Promise.reject(new Error("no network in this test")),
};

Deno.test("createAccountCache() asks once in fifteen seconds, and again after", async () => {
  let nowMs = 0;
  const clock: Clock = { now: () => new Date(nowMs) };
  const asked: string[] = [];
  const find = createAccountCache((key) => {
    asked.push(key);
    return Promise.resolve({ id: key, secrets: ["s"] });
  }, clock);
  await find("a", USE);
  await find("a", USE);
  await find("b", USE);
  deepStrictEqual(asked, ["a", "b"]);
  nowMs = 15_000;
  await find("a", USE);
  deepStrictEqual(asked, ["a", "b", "a"]);
});

Deno.test("createAccountCache() does not remember addresses that lead nowhere", async () => {
  let asked = 0;
  const find = createAccountCache(() => {
    asked += 1;
    return Promise.resolve(null);
  }, { now: () => new Date(0) });
  for (let n = 0; n < 3; n++) strictEqual(await find("x", USE), null);
  strictEqual(asked, 3);
});

Deno.test("createAccountCache() keeps a bounded number, the newest", async () => {
  const asked = new Map<string, number>();
  const find = createAccountCache((key) => {
    asked.set(key, (asked.get(key) ?? 0) + 1);
    return Promise.resolve({ id: key, secrets: [] });
  }, { now: () => new Date(0) });
  for (let n = 0; n < 501; n++) await find(`k${n}`, USE);
  await find("k500", USE);
  await find("k0", USE);
  deepStrictEqual([asked.get("k500"), asked.get("k0")], [1, 2]);
});
