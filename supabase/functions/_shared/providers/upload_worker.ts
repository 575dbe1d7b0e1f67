// The handles of a worker that uploads recordings: the store, the guarded way to the provider's files,
// the provider itself, and what a run may spend.
import process from "node:process";
import { z } from "zod";
import { AppError } from "@shared/errors/app_error.ts";
import type { ServiceContext } from "@shared/platform/request_context.ts";
import { parseArtifactPolicy } from "@shared/recordings/artifact_address.ts";
import type { ObjectStorage } from "@shared/recordings/object_storage.ts";
import type { UploadBudget, UploadDeps } from "@shared/recordings/upload_contract.ts";
import { EnvironmentError, readVariables } from "../env/platform_env.ts";
import type { FunctionDeps } from "../http/function_deps.ts";
import { createArtifactFetch } from "../http/guarded_fetch.ts";
import { createMeetingBaas } from "./meeting_baas.ts";
import { createS3Storage } from "./s3_storage.ts";

const Count = z.string().regex(/^\d{1,15}$/).transform(Number);

const Settings = z.object({
  MEETINGBAAS_ARTIFACT_HOSTS: z.string().min(1),
  /** The platform ends a request after 2,000 ms of CPU. */
  RECORDING_UPLOAD_CPU_MS: Count.default(1_500),
  /** What a MiB is taken to cost where the runtime doesn't tell what was spent. */
  RECORDING_UPLOAD_CPU_MS_PER_MIB: z.string().regex(/^\d{1,3}(\.\d{1,3})?$/).transform(Number)
    .default(5),
  /** The platform ends a worker after 150 s on its free plan. */
  RECORDING_UPLOAD_WALL_MS: Count.default(90_000),
  /** Ten hours in high definition are a tenth of this. */
  RECORDING_MAX_BYTES: Count.default(50 * 1024 ** 3),
});

/** After this a run is told to stop, should it not have stopped by itself. */
export const UPLOAD_MAX_MS = 120_000;

const LIMITS = { leaseSeconds: 180, checkpointParts: 16, checkpointMs: 5_000, idleMs: 30_000 };
const MEBIBYTE = 1024 * 1024;

/**
 * Makes the handles of one run, whose budget begins now.
 *
 * @param deps The function's surroundings.
 * @param ctx The run.
 * @returns The handles.
 * @throws {AppError} `not_configured` where a setting is missing.
 */
export function createUploadWorker(deps: FunctionDeps, ctx: ServiceContext): UploadDeps {
  return configured(() => {
    const settings = readVariables(Settings, deps.readVariable);
    const isDevelopment = deps.env.environment === "development";
    const policy = parseArtifactPolicy(settings.MEETINGBAAS_ARTIFACT_HOSTS, isDevelopment);
    const { clock, fetch, signal } = ctx;
    return {
      ctx,
      storage: openUploadStore(deps, ctx),
      fetchArtifact: createArtifactFetch({ policy, fetch }),
      bots: createMeetingBaas({ readVariable: deps.readVariable, fetch, clock, signal }),
      budget: startBudget({
        cpuMs: settings.RECORDING_UPLOAD_CPU_MS,
        cpuMsPerMebibyte: settings.RECORDING_UPLOAD_CPU_MS_PER_MIB,
        wallMs: settings.RECORDING_UPLOAD_WALL_MS,
      }),
      limits: { ...LIMITS, maxBytes: settings.RECORDING_MAX_BYTES },
      workerId: `uploads:${crypto.randomUUID()}`,
    };
  });
}

/**
 * Opens the store for a job of the upload queue.
 *
 * @param deps The function's surroundings.
 * @param ctx The run.
 * @returns The store.
 * @throws {AppError} `not_configured` where a setting is missing.
 */
export function openUploadStore(deps: FunctionDeps, ctx: ServiceContext): ObjectStorage {
  const { clock, fetch, signal } = ctx;
  const { readVariable } = deps;
  return configured(() => createS3Storage({ readVariable, fetch, now: () => clock.now(), signal }));
}

function configured<T>(open: () => T): T {
  try {
    return open();
  } catch (cause) {
    const isOurs = cause instanceof EnvironmentError || cause instanceof RangeError;
    throw isOurs ? new AppError("not_configured", { cause }) : cause;
  }
}

/** What a run may spend. */
export interface BudgetLimits {
  readonly cpuMs: number;
  readonly cpuMsPerMebibyte: number;
  readonly wallMs: number;
}

/**
 * Starts to count what a run spends.
 *
 * @param limits What it may.
 * @param readCpu CPU time of the process in microseconds; zeros where the runtime doesn't know.
 * @returns The budget.
 */
export function startBudget(
  limits: BudgetLimits,
  readCpu: () => { readonly user: number; readonly system: number } = () => process.cpuUsage(),
): UploadBudget {
  const startedAt = performance.now();
  const atStart = readCpu();
  // The hosted runtime (Deno 2.1.4) answers zeros, and complains each time that it is asked
  const isMeasured = atStart.user + atStart.system > 0;
  let bytes = 0;
  return {
    note: (moved) => {
      bytes += moved;
    },
    isSpent: () => {
      if (performance.now() - startedAt >= limits.wallMs) return true;
      if (!isMeasured) return bytes / MEBIBYTE * limits.cpuMsPerMebibyte >= limits.cpuMs;
      const now = readCpu();
      const spentMs = (now.user + now.system - atStart.user - atStart.system) / 1_000;
      return spentMs >= limits.cpuMs;
    },
  };
}
