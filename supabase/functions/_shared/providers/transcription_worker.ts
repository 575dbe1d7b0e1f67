// The handles of a worker that transcribes: the transcriber, the bot's provider, the guarded way to its
// files, our own store, and the address that callbacks come to.
import { z } from "zod";
import { AppError } from "@shared/errors/app_error.ts";
import type { ServiceContext } from "@shared/platform/request_context.ts";
import { parseArtifactPolicy } from "@shared/recordings/artifact_address.ts";
import { readBotFiles } from "@shared/recordings/read_bot_files.ts";
import type { StoredFiles, TranscriptionDeps } from "@shared/recordings/transcription_deps.ts";
import type { CreateTranscriptionDeps } from "@shared/recordings/transcribe_recording.ts";
import { EnvironmentError, readVariables } from "../env/platform_env.ts";
import type { FunctionDeps } from "../http/function_deps.ts";
import { createArtifactFetch } from "../http/guarded_fetch.ts";
import { createGladia } from "./gladia.ts";
import { createMeetingBaas } from "./meeting_baas.ts";
import { createS3Storage } from "./s3_storage.ts";

const Settings = z.object({
  MEETINGBAAS_ARTIFACT_HOSTS: z.string().min(1),
  SIXTY_PUBLIC_FUNCTIONS_URL: z.url({ protocol: /^https?$/ }).optional(),
  /** What this account's transcriber keeps after it has told us. */
  GLADIA_ZERO_RETENTION: z.enum(["true", "false"]).default("false"),
});

/**
 * Makes what makes the handles of one run.
 *
 * @param deps The function's surroundings.
 * @returns A factory; it throws `not_configured` where a setting is missing.
 *
 * @example In a job
 * ```ts ignore
 * const createDeps = createTranscriptionWorker(deps);
 * run: (ctx) => pollTranscriptions(createDeps(ctx), BUDGET_MS),
 * ```
 */
export function createTranscriptionWorker(
  deps: FunctionDeps,
): CreateTranscriptionDeps {
  return (ctx) => {
    try {
      return assemble(deps, ctx);
    } catch (cause) {
      const isOurs = cause instanceof EnvironmentError ||
        cause instanceof RangeError;
      throw isOurs ? new AppError("not_configured", { cause }) : cause;
    }
  };
}

function assemble(
  { env, readVariable }: FunctionDeps,
  ctx: ServiceContext,
): TranscriptionDeps {
  const settings = readVariables(Settings, readVariable);
  const { fetch, signal, clock } = ctx;
  const policy = parseArtifactPolicy(
    settings.MEETINGBAAS_ARTIFACT_HOSTS,
    env.environment === "development",
  );
  const functions = (settings.SIXTY_PUBLIC_FUNCTIONS_URL ?? `${env.supabaseUrl}/functions/v1`)
    .replace(/\/+$/, "");
  const bots = createMeetingBaas({ readVariable, fetch, clock, signal });
  return {
    ctx,
    transcriber: createGladia({ readVariable, fetch, signal }),
    readBotFiles: (botId) => readBotFiles(bots, botId),
    fetchArtifact: createArtifactFetch({ policy, fetch }),
    storage: openStorage(() => createS3Storage({ readVariable, fetch, now: clock.now, signal })),
    callbackUrl: (token) => `${functions}/process-gladia-webhook/${token}`,
    isZeroRetention: settings.GLADIA_ZERO_RETENTION === "true",
    workerId: `transcriptions:${crypto.randomUUID()}`,
  };
}

/** Without a bucket the provider's copy is all there is, and enough. */
function openStorage(open: () => StoredFiles): StoredFiles | null {
  try {
    return open();
  } catch (cause) {
    if (cause instanceof EnvironmentError) return null;
    throw cause;
  }
}
