import { match, ok, strictEqual } from "node:assert/strict";
import { join } from "node:path";
import type { LaneResult } from "./lane_result.ts";
import type { Lane } from "./lanes.ts";
import { runLane } from "./run_lane.ts";

interface FixtureOptions {
  readonly limitSeconds?: number;
  readonly checksTypes?: boolean;
}

async function runFixture(
  source: string,
  { limitSeconds = 60, checksTypes = true }: FixtureOptions = {},
): Promise<LaneResult> {
  const projectDir = await Deno.makeTempDir({ prefix: "lane-" });
  try {
    await Deno.mkdir(join(projectDir, "checks"));
    await Deno.writeTextFile(join(projectDir, "deno.json"), "{}");
    await Deno.writeTextFile(join(projectDir, "checks", "some_test.ts"), source);
    const lane: Lane = {
      name: "fixture",
      proves: "nothing",
      runner: { kind: "deno", paths: ["checks"], needsStack: false },
      limitSeconds,
    };
    return await runLane(lane, {
      projectDir,
      tempDir: projectDir,
      filter: null,
      checksTypes,
      signal: new AbortController().signal,
      onProgress: () => {},
    });
  } finally {
    await Deno.remove(projectDir, { recursive: true });
  }
}

Deno.test("runLane() counts what passed, failed and was skipped, and keeps what was said", async () => {
  const result = await runFixture(`
    Deno.test("good", () => {});
    Deno.test("bad", () => { throw new Error("the reason"); });
    Deno.test.ignore("later", () => {});
  `);
  strictEqual(`${result.passed} ${result.failed} ${result.skipped}`, "1 1 1");
  match(result.output, /the reason/);
});

Deno.test("runLane() fails a lane that ran no test", async () => {
  const result = await runFixture("export {};");
  strictEqual(result.failed, 1);
  match(result.note ?? "", /no test was run/);
});

const WRONG_TYPES = `Deno.test("good", () => { const n: number = "text"; n; });`;

Deno.test("runLane() fails a lane whose types are wrong", async () => {
  const result = await runFixture(WRONG_TYPES);
  ok(result.failed > 0);
  match(result.output, /TS2322/);
});

Deno.test("runLane() leaves types alone that another lane checks", async () => {
  const { passed, failed } = await runFixture(WRONG_TYPES, { checksTypes: false });
  strictEqual(`${passed} ${failed}`, "1 0");
});

Deno.test("runLane() kills a lane that hangs, and says so", async () => {
  const result = await runFixture(`Deno.test("endless", () => { for (;;); });`, {
    limitSeconds: 3,
  });
  ok(result.failed > 0);
  match(result.note ?? "", /hung: it was killed after its limit of 3 s/);
  ok(result.seconds < 20);
});
