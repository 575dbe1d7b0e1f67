// The job `recording.analyze`: reads the words, understands them, stores what they came to. Trust
// boundary: the service role, and the organization of the job; the words and the model are believed
// in nothing.
import { z } from "zod";
import { asJson } from "../../database/as_json.ts";
import { AppError, fromPostgrestError } from "../../errors/app_error.ts";
import { openModelLedger } from "../../model/model_ledger.ts";
import type { ModelProvider } from "../../model/model_provider.ts";
import type { ClaimedJob, HandleJob, JobOutcome } from "../../platform/jobs.ts";
import type { ServiceContext } from "../../platform/request_context.ts";
import { askModel, type AskOutcome } from "./ask_model.ts";
import { AnalysisSource, type MeetingAnalysis } from "./contract.ts";
import { extractByRules } from "./extract_by_rules.ts";

/** What the handler needs from outside. */
export interface AnalyzeRecordingDeps {
  /**
   * Opens the model; null where none is configured: rules do what they can.
   *
   * @throws When its settings are malformed.
   */
  readonly openModel: () => ModelProvider | null;
  readonly wait: (ms: number, signal: AbortSignal) => Promise<void>;
  readonly random: () => number;
}

const Payload = z.object({ recording_id: z.uuid() });
const StoreAnswer = z.enum(["stored", "unchanged", "stale", "gone"]);

/** Below what a run has; a model that needs longer is asked again by the next one. */
const MODEL_TIME_MS = 40_000;
/** Nobody waits longer than this for an analysis that rules can make meanwhile. */
const SOON_MS = 15 * 60_000;

/**
 * Makes the handler of `recording.analyze`.
 *
 * Without a model, or when it fails for good, rules analyze the words. When the model may answer
 * later, the job waits for it; where that is not before long, rules answer meanwhile and the model's
 * answer takes their place. The last attempt does not wait any more.
 *
 * @param deps The model, time and chance.
 * @returns The handler; the same job may run any number of times.
 *
 * @example In the worker
 * ```ts ignore
 * drainJobs(ctx, { "recording.analyze": createAnalyzeRecording({ openModel, wait, random }) }, LIMITS);
 * ```
 */
export function createAnalyzeRecording(deps: AnalyzeRecordingDeps): HandleJob {
  return async (ctx, job) => {
    const payload = Payload.safeParse(job.payload);
    if (!payload.success || job.orgId === null) {
      return { outcome: "failed", code: "payload_malformed" };
    }
    const target = { orgId: job.orgId, recordingId: payload.data.recording_id };
    const isLast = job.attempt >= job.maxAttempts;
    let source: AnalysisSource | null = null;
    try {
      source = await readSource(ctx, target);
      if (source === null || source.has_model_analysis) return { outcome: "done" };
      return await analyze(ctx, deps, { ...target, source, isLast }, job);
    } catch (cause) {
      if (!isLast) throw cause;
      const code = cause instanceof AppError ? cause.code : "internal_error";
      await fail(ctx, target, source?.transcript_hash ?? null, code);
      return { outcome: "failed", code };
    }
  };
}

interface Target {
  readonly orgId: string;
  readonly recordingId: string;
}

async function analyze(
  ctx: ServiceContext,
  deps: AnalyzeRecordingDeps,
  target: Target & { readonly source: AnalysisSource; readonly isLast: boolean },
  job: ClaimedJob,
): Promise<JobOutcome> {
  const { source, isLast } = target;
  const asked = await ask(ctx, deps, target);
  if (asked.outcome === "analyzed") {
    await store(ctx, target, source, asked.analysis, job);
    return { outcome: "done" };
  }
  ctx.log.warn("analysis_without_model", {
    operation: "recordings.analyze",
    org_id: target.orgId,
    entity_id: target.recordingId,
    reason: asked.code,
  });
  const isSoon = asked.outcome === "later" &&
    (asked.at === null || asked.at.getTime() - ctx.clock.now().getTime() < SOON_MS);
  if (isSoon && !isLast) return { outcome: "retry", at: asked.at, code: asked.code };
  await store(ctx, target, source, extractByRules(source), job);
  return asked.outcome === "later" && !isLast
    ? { outcome: "retry", at: asked.at, code: asked.code }
    : { outcome: "done" };
}

async function ask(
  ctx: ServiceContext,
  deps: AnalyzeRecordingDeps,
  { orgId, source }: Target & { readonly source: AnalysisSource },
): Promise<AskOutcome> {
  const provider = deps.openModel();
  if (provider === null) return { outcome: "never", code: "model_not_configured" };
  if (source.segments.length === 0) return { outcome: "never", code: "nothing_said" };
  return await askModel(
    {
      provider,
      ledger: openModelLedger(ctx, orgId),
      clock: ctx.clock,
      log: ctx.log,
      wait: deps.wait,
      random: deps.random,
    },
    source,
    { signal: ctx.signal, deadline: new Date(ctx.clock.now().getTime() + MODEL_TIME_MS) },
  );
}

async function readSource(ctx: ServiceContext, target: Target): Promise<AnalysisSource | null> {
  const { data, error } = await ctx.db.rpc("read_analysis_source", {
    p_org_id: target.orgId,
    p_recording_id: target.recordingId,
  });
  if (error) throw fromPostgrestError(error);
  return AnalysisSource.nullable().parse(data);
}

async function store(
  ctx: ServiceContext,
  target: Target,
  source: AnalysisSource,
  analysis: MeetingAnalysis,
  job: ClaimedJob,
): Promise<void> {
  const { data, error } = await ctx.db.rpc("store_meeting_analysis", {
    p_org_id: target.orgId,
    p_recording_id: target.recordingId,
    p_transcript_hash: source.transcript_hash,
    p_analysis: asJson(analysis),
  });
  if (error) throw fromPostgrestError(error);
  ctx.log.info("meeting_analyzed", {
    operation: "recordings.analyze",
    org_id: target.orgId,
    entity_id: target.recordingId,
    job_id: job.id,
    outcome: StoreAnswer.parse(data),
    state: analysis.is_rule_based ? "by_rules" : "by_model",
    count: analysis.insights.length,
  });
}

async function fail(
  ctx: ServiceContext,
  target: Target,
  hash: string | null,
  code: string,
): Promise<void> {
  const { error } = await ctx.db.rpc("fail_meeting_analysis", {
    p_org_id: target.orgId,
    p_recording_id: target.recordingId,
    p_transcript_hash: hash,
    p_code: code,
  });
  if (error) throw fromPostgrestError(error);
}
