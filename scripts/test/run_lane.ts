// Runs one lane: its ground, its process, its limit, its counts.

import { join } from "node:path";
import { missingDebianPackages } from "../stack/postgres/debian15.ts";
import { type SpawnedStack, spawnStack } from "../stack/spawn_stack.ts";
import { countJunit } from "./junit.ts";
import type { LaneResult, TestCounts } from "./lane_result.ts";
import type { Lane } from "./lanes.ts";
import { killProcessesUsing } from "./kill_processes_using.ts";

/** What every lane of a run shares. */
export interface LaneContext {
  readonly projectDir: string;
  /** Everything temporary of the run goes in here. */
  readonly tempDir: string;
  readonly filter: string | null;
  /** Whether a lane checks the types of its tests; it need not where another lane checks all. */
  readonly checksTypes: boolean;
  /** Aborts with Ctrl-C. */
  readonly signal: AbortSignal;
  readonly onProgress: (message: string) => void;
}

const PROGRESS_INTERVAL_MS = 10_000;
const FINISHED_TEST = /^.* \.\.\. .*\b(ok|FAILED)\b|^(ok|not ok) \d/gm;
/** Names the file with the description of the lane's stack. */
const STACK_VARIABLE = "SIXTY_STACK";

/**
 * Runs a lane to its end or its limit.
 *
 * @returns Its counts; a lane that could not run at all has failed once.
 */
export async function runLane(lane: Lane, context: LaneContext): Promise<LaneResult> {
  const startedAt = Date.now();
  const finish = (counts: TestCounts, output: string, note: string | null): LaneResult => ({
    lane: lane.name,
    ...counts,
    seconds: (Date.now() - startedAt) / 1000,
    output,
    note,
  });
  const missing = lane.runner.kind === "pgtap" && lane.runner.server === "debian15"
    ? await missingDebianPackages()
    : [];
  if (missing.length > 0) return finish(...withoutPackages(missing));

  const laneDir = join(context.tempDir, lane.name);
  await Deno.mkdir(laneDir);
  const limit = AbortSignal.timeout(lane.limitSeconds * 1000);
  const signal = AbortSignal.any([context.signal, limit]);
  try {
    const outcome = await runProcess(lane, { ...context, signal }, laneDir);
    if (!limit.aborted) return finish(outcome.counts, outcome.output, outcome.note);
    const counts = { ...outcome.counts, failed: Math.max(outcome.counts.failed, 1) };
    const note = `hung: it was killed after its limit of ${lane.limitSeconds} s`;
    return finish(counts, outcome.output, note);
  } catch (error) {
    return finish(ONE_FAILURE, String(error), "could not run");
  } finally {
    await killProcessesUsing(laneDir);
    await Deno.remove(laneDir, { recursive: true }).catch(() => undefined);
  }
}

const ONE_FAILURE: TestCounts = { passed: 0, failed: 1, skipped: 0 };

interface Outcome {
  readonly counts: TestCounts;
  readonly output: string;
  readonly note: string | null;
}

function withoutPackages(missing: readonly string[]): [TestCounts, string, string] {
  const what = `PostgreSQL 15 is not installed here: ${missing.join(", ")}`;
  if (Deno.env.get("CI") === "true") return [ONE_FAILURE, what, what];
  return [{ passed: 0, failed: 0, skipped: 1 }, what, `SKIPPED. ${what}. CI runs this lane.`];
}

async function runProcess(lane: Lane, context: LaneContext, laneDir: string): Promise<Outcome> {
  if (!lane.runner.paths.some((path) => isThere(join(context.projectDir, path)))) {
    return { counts: ONE_FAILURE, output: "", note: `has no tests in ${lane.runner.paths}` };
  }
  await using cleanup = new AsyncDisposableStack();
  const env: Record<string, string> = { TMPDIR: laneDir, NO_COLOR: "1" };
  if (lane.runner.kind === "deno" && lane.runner.needsStack) {
    const stack = await spawnStack({ dataDir: join(laneDir, "stack"), signal: context.signal });
    cleanup.defer(() => stack.stop());
    env[STACK_VARIABLE] = await describeStack(stack, laneDir);
  }
  const junitFile = join(laneDir, "junit.xml");
  const child = new Deno.Command(Deno.execPath(), {
    args: argumentsOf(lane, context, junitFile),
    cwd: context.projectDir,
    env,
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const kill = (): void => killQuietly(child);
  context.signal.addEventListener("abort", kill);
  cleanup.defer(() => context.signal.removeEventListener("abort", kill));
  if (context.signal.aborted) kill();

  const output = new LaneOutput(lane.name, context.onProgress);
  await Promise.all([output.read(child.stdout), output.read(child.stderr)]);
  const status = await child.status;
  output.close();
  return judge(await readCounts(junitFile), status, output.text);
}

function argumentsOf(lane: Lane, context: LaneContext, junitFile: string): string[] {
  const filter = context.filter ? [`--filter=${context.filter}`] : [];
  if (lane.runner.kind === "deno") {
    const paths = lane.runner.paths.filter((path) => isThere(join(context.projectDir, path)));
    const check = context.checksTypes ? [] : ["--no-check"];
    return ["test", "-A", "--quiet", ...check, `--junit-path=${junitFile}`, ...filter, ...paths];
  }
  return [
    "run",
    "--quiet",
    "-A",
    "scripts/test/pgtap.ts",
    `--server=${lane.runner.server}`,
    `--junit-path=${junitFile}`,
    ...filter,
    ...lane.runner.paths,
  ];
}

// A runner that ends badly although no test failed has failed at something that no test caught.
function judge(counts: TestCounts, status: Deno.CommandStatus, output: string): Outcome {
  if (counts.passed + counts.failed === 0) {
    return { counts: ONE_FAILURE, output, note: "no test was run" };
  }
  if (!status.success && counts.failed === 0) {
    const note = `ended with ${status.signal ?? `code ${status.code}`} although no test failed`;
    return { counts: { ...counts, failed: 1 }, output, note };
  }
  return { counts, output, note: null };
}

async function describeStack(stack: SpawnedStack, laneDir: string): Promise<string> {
  const path = join(laneDir, "stack-description.json");
  await Deno.writeTextFile(path, JSON.stringify(stack.description), { mode: 0o600 });
  return path;
}

async function readCounts(junitFile: string): Promise<TestCounts> {
  try {
    return countJunit(await Deno.readTextFile(junitFile));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return { passed: 0, failed: 0, skipped: 0 };
    throw error;
  }
}

/** Collects what a lane prints and says now and then how far it is. */
class LaneOutput {
  text = "";
  readonly #timer: ReturnType<typeof setInterval>;
  #reported = 0;

  constructor(name: string, onProgress: (message: string) => void) {
    this.#timer = setInterval(() => {
      const finished = this.text.match(FINISHED_TEST)?.length ?? 0;
      if (finished === this.#reported) return;
      this.#reported = finished;
      onProgress(`${name}: ${finished} so far`);
    }, PROGRESS_INTERVAL_MS);
  }

  async read(stream: ReadableStream<Uint8Array<ArrayBuffer>>): Promise<void> {
    for await (const text of stream.pipeThrough(new TextDecoderStream())) this.text += text;
  }

  close(): void {
    clearInterval(this.#timer);
  }
}

function killQuietly(child: Deno.ChildProcess): void {
  try {
    child.kill("SIGKILL");
  } catch {
    // It has just ended.
  }
}

function isThere(path: string): boolean {
  try {
    Deno.statSync(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
