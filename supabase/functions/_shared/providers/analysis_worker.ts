// The handles of the analysis of recordings: the model where there is a key, time, and chance.
import type { Clock } from "@shared/platform/clock.ts";
import type { HandleJob } from "@shared/platform/jobs.ts";
import type { ReadVariable } from "../env/platform_env.ts";

/** What the worker is made of. */
export interface AnalysisWorkerDeps {
  readonly readVariable: ReadVariable;
  readonly clock: Clock;
}

/**
 * Makes the handler of `recording.analyze`.
 *
 * @param deps Settings and time.
 * @returns The handler. Settings are read when there is a job: malformed ones fail it, and nothing else.
 *
 * @example In `process-recording`
 * ```ts ignore
 * drainJobs(ctx, { "recording.analyze": createAnalysisHandler(deps) }, LIMITS);
 * ```
 */
export function createAnalysisHandler({ readVariable, clock }: AnalysisWorkerDeps): HandleJob {
  return async (ctx, job) => {
    // Loaded with the first job: a run that only transcribes starts without them
    const [{ createAnalyzeRecording }, { openGemini }] = await Promise.all([
      import("@shared/recordings/understanding/analyze_recording.ts"),
      import("./gemini.ts"),
    ]);
    const openModel = () => openGemini({ readVariable, clock });
    return await createAnalyzeRecording({ openModel, wait, random: Math.random })(ctx, job);
  };
}

function wait(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(finish, ms);
    function finish(): void {
      clearTimeout(timer);
      signal.removeEventListener("abort", finish);
      resolve();
    }
    if (signal.aborted) finish();
    else signal.addEventListener("abort", finish, { once: true });
  });
}
