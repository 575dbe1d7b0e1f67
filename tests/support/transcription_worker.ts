// The worker that transcribes, with settings of a test's own, on the stack's database and simulators:
// the same code as in the functions, without the stack's own settings around it.
import { systemClock } from "@shared/platform/clock.ts";
import type { ClaimedJob, JobOutcome } from "@shared/platform/jobs.ts";
import type { ServiceContext } from "@shared/platform/request_context.ts";
import {
  createCallbackProcessor,
  type StoredCallback,
} from "@shared/recordings/apply_transcription_callback.ts";
import {
  createTranscribeHandler,
  pollTranscriptions,
} from "@shared/recordings/transcribe_recording.ts";
import { openServiceClient } from "../../supabase/functions/_shared/clients/service_client.ts";
import { createTranscriptionWorker } from "../../supabase/functions/_shared/providers/transcription_worker.ts";
import { createTestDeps } from "./function_deps.ts";
import type { RecordedBot } from "./recorded_bot.ts";
import type { TestStack } from "./stack.ts";

/** What the worker does. */
export interface TestWorker {
  /** Reads the settings, as a run does first. */
  open(): void;
  /** Does the job of a recording. */
  transcribe(bot: RecordedBot): Promise<JobOutcome>;
  /** Goes on with what is due. */
  poll(): Promise<void>;
  applyCallback(event: StoredCallback): Promise<void>;
}

/** What the functions are told; a test takes away or adds. */
export function workerSettings(stack: TestStack): Record<string, string> {
  const providers = stack.description.providersUrl;
  return {
    SUPABASE_URL: stack.url,
    MEETINGBAAS_API_KEY: "sim-meetingbaas-key",
    MEETINGBAAS_BASE_URL: `${providers}/meeting-baas`,
    MEETINGBAAS_ARTIFACT_HOSTS: providers,
    GLADIA_API_KEY: "sim-gladia-key",
    GLADIA_BASE_URL: `${providers}/gladia`,
  };
}

/**
 * Makes a worker.
 *
 * @param stack The running stack.
 * @param variables Its settings.
 * @param network Everything that it says and hears.
 */
export async function createTestWorker(
  stack: TestStack,
  variables: Readonly<Record<string, string>>,
  network: typeof globalThis.fetch = fetch,
): Promise<TestWorker> {
  const deps = await createTestDeps({
    variables,
    env: { supabaseUrl: stack.url, secretKey: stack.description.secretKey },
  });
  const createDeps = createTranscriptionWorker(deps);
  const context = (): ServiceContext => ({
    db: openServiceClient("process_recordings", {
      functionName: "process-recording",
      requestId: "test",
      env: deps.env,
      fetch: network,
    }),
    requestId: "test",
    log: { info: () => {}, warn: () => {}, error: () => {} },
    clock: systemClock,
    signal: AbortSignal.timeout(30_000),
    fetch: network,
  });
  return {
    open: () => void createDeps(context()),
    transcribe: (bot) => createTranscribeHandler(createDeps)(context(), jobFor(bot)),
    poll: async () => void await pollTranscriptions(createDeps(context()), 5_000),
    applyCallback: async (event) =>
      void await createCallbackProcessor(createDeps)(context(), event),
  };
}

function jobFor(bot: RecordedBot): ClaimedJob {
  return {
    id: crypto.randomUUID(),
    kind: "recording.transcribe",
    orgId: bot.orgId,
    payload: { recording_id: bot.id },
    actingUserId: null,
    attempt: 1,
    maxAttempts: 5,
    requestId: null,
    worker: "test",
  };
}
