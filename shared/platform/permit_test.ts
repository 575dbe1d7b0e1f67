import { strictEqual } from "node:assert/strict";
import { Permit } from "./permit.ts";

Deno.test("Permit is over when the time that has passed says so, whatever the wall clock says", () => {
  const elapsedMs = performance.now.bind(performance);
  const wallClock = Date.now;
  let passed = 0;
  Object.defineProperty(performance, "now", {
    configurable: true,
    value: () => elapsedMs() + passed,
  });
  try {
    const permit = new Permit(20_000);
    Date.now = () => wallClock() + 3_600_000;
    passed = 19_000;
    strictEqual(permit.isOver, false, "the clock was turned on");
    Date.now = () => wallClock() - 3_600_000;
    passed = 20_500;
    strictEqual(permit.isOver, true, "the clock was turned back");
  } finally {
    Date.now = wallClock;
    Reflect.deleteProperty(performance, "now");
  }
});
