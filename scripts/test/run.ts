// `deno task test`: runs the lanes, some at a time, each on ground that it makes and takes away itself.
//
//   deno task test                    every lane
//   deno task test:db                 one lane
//   deno task test e2e functions      some lanes
//   deno task test unit --filter=tap  the tests of a lane whose names match

import { parseArgs } from "node:util";
import { fileURLToPath } from "node:url";
import type { LaneResult } from "./lane_result.ts";
import { type Lane, LANES, lanesAtOnce, TYPES_LANE } from "./lanes.ts";
import { runLane } from "./run_lane.ts";

const PROJECT_DIR = fileURLToPath(new URL("../../", import.meta.url));

/**
 * Runs lanes and reports them.
 *
 * @param lanes What to run.
 * @param filter Passed on to the test runner; null runs every test.
 * @returns What became of each.
 */
export async function runLanes(
  lanes: readonly Lane[],
  filter: string | null,
): Promise<LaneResult[]> {
  const tempDir = await Deno.makeTempDir({ prefix: "sixty-test-" });
  await Deno.chmod(tempDir, 0o755);
  const stop = new AbortController();
  const onSignal = (): void => stop.abort();
  for (const signal of ["SIGINT", "SIGTERM"] as const) Deno.addSignalListener(signal, onSignal);
  // Checked once for all lanes where the lane that checks every file is among them, whole.
  const checksTypes = filter !== null || !lanes.some(({ name }) => name === TYPES_LANE);
  const waiting = [...lanes];
  const results: LaneResult[] = [];

  async function work(): Promise<void> {
    for (let lane = waiting.shift(); lane && !stop.signal.aborted; lane = waiting.shift()) {
      console.log(`▸ ${lane.name}: ${lane.proves}`);
      const result = await runLane(lane, {
        projectDir: PROJECT_DIR,
        tempDir,
        filter,
        checksTypes,
        signal: stop.signal,
        onProgress: (message) => console.log(`  ${message}`),
      });
      results.push(result);
      console.log(describe(result));
    }
  }
  try {
    const { available } = Deno.systemMemoryInfo();
    await Promise.all(Array.from({ length: lanesAtOnce(available) }, work));
  } finally {
    await Deno.remove(tempDir, { recursive: true });
    for (const signal of ["SIGINT", "SIGTERM"] as const) {
      Deno.removeSignalListener(signal, onSignal);
    }
  }
  if (stop.signal.aborted) console.log("Interrupted: the counts are not those of a whole run");
  return results;
}

function describe(result: LaneResult): string {
  const { lane, passed, failed, skipped, seconds, note } = result;
  const counts = `${passed} passed, ${failed} failed${skipped ? `, ${skipped} skipped` : ""}`;
  const line = `${failed === 0 ? "✓" : "✗"} ${lane}: ${counts} (${seconds.toFixed(1)} s)`;
  return note ? `${line}\n!! ${lane}: ${note}` : line;
}

function printFailures(results: readonly LaneResult[]): void {
  for (const { lane, failed, output } of results) {
    if (failed === 0) continue;
    console.log(`\n===== ${lane} =====\n${output.trim()}`);
  }
}

function chooseLanes(names: readonly string[]): Lane[] {
  const unknown = names.filter((name) => !LANES.some((lane) => lane.name === name));
  if (unknown.length > 0) {
    const known = LANES.map((lane) => lane.name).join(", ");
    throw new RangeError(`Unknown lane ${unknown.join(", ")}; there are: ${known}`);
  }
  return LANES.filter((lane) => names.length === 0 || names.includes(lane.name));
}

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    args: Deno.args,
    allowPositionals: true,
    options: { filter: { type: "string" } },
  });
  const startedAt = Date.now();
  const results = await runLanes(chooseLanes(positionals), values.filter ?? null);
  printFailures(results);
  const passed = results.reduce((sum, result) => sum + result.passed, 0);
  const failed = results.reduce((sum, result) => sum + result.failed, 0);
  console.log(`\nIn ${Math.round((Date.now() - startedAt) / 1000)} s:`);
  console.log(`${passed} passed, ${failed} failed`);
  return failed === 0 && passed > 0 ? 0 : 1;
}

if (import.meta.main) {
  try {
    Deno.exit(await main());
  } catch (error) {
    console.error(error instanceof RangeError ? error.message : error);
    Deno.exit(2);
  }
}
