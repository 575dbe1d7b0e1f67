// Gladia v2, pre-recorded. Trust boundary: what it answers is a third party's; it is parsed before
// anything else sees it, and no answer's text reaches a caller or a log.
import { z } from "zod";
import { GladiaJobDocument, readGladiaResult } from "@shared/recordings/gladia_contract.ts";
import {
  type TranscriptionFailure,
  type TranscriptionJob,
  type TranscriptionProvider,
  TranscriptionProviderError,
  type TranscriptionRequest,
} from "@shared/recordings/transcription_provider.ts";
import { type ReadVariable, readVariables } from "../env/platform_env.ts";
import { parseAnswer, readAnswerText } from "../http/read_answer.ts";

/** Whether there is a transcriber, where it is, and what it takes (U60-142). */
const GladiaSettings = z.object({
  GLADIA_API_KEY: z.string().min(1).optional(),
  GLADIA_BASE_URL: z.url({ protocol: /^https?$/ }).default("https://api.gladia.io"),
  /** By the plan: 135, or 255 for enterprises. */
  GLADIA_MAX_AUDIO_MINUTES: z.coerce.number().int().positive().default(135),
});

/** What the client needs from outside. */
export interface GladiaDeps {
  readonly readVariable: ReadVariable;
  readonly fetch: typeof globalThis.fetch;
  readonly signal: AbortSignal;
}

const TIMEOUT_MS = 30_000;
/** A result names every word with its times: two hours are a few megabytes. */
const ANSWER_MAX_BYTES = 32 * 1024 * 1024;
const REFERENCE_FIELD = "transcription_id";

const Started = z.object({ id: z.string().min(1).max(200) });
const JobList = z.object({ items: z.array(GladiaJobDocument) });
type Job = z.infer<typeof GladiaJobDocument>;

interface Connection {
  readonly deps: GladiaDeps;
  readonly baseUrl: string;
  readonly apiKey: string;
}

/**
 * Makes the client of Gladia.
 *
 * @param deps Settings, network, and the end of the time that the caller has.
 * @returns The client; null where no key is configured.
 * @throws {EnvironmentError} When a setting is malformed.
 *
 * @example Starting a job
 * ```ts ignore
 * const gladia = createGladia({ readVariable, fetch, signal });
 * const jobId = await gladia?.startJob({ audioUrl, callbackUrl, reference });
 * ```
 */
export function createGladia(deps: GladiaDeps): TranscriptionProvider | null {
  const settings = readVariables(GladiaSettings, deps.readVariable);
  if (settings.GLADIA_API_KEY === undefined) return null;
  const connection: Connection = {
    deps,
    baseUrl: `${settings.GLADIA_BASE_URL.replace(/\/+$/, "")}/v2/pre-recorded`,
    apiKey: settings.GLADIA_API_KEY,
  };
  return {
    maxSeconds: settings.GLADIA_MAX_AUDIO_MINUTES * 60,
    startJob: (request) => startJob(connection, request),
    findJob: (reference) => findJob(connection, reference),
    readJob: (jobId) => readJob(connection, jobId),
    forgetJobs: (reference) => forgetJobs(connection, reference),
  };
}

async function startJob(
  connection: Connection,
  { audioUrl, callbackUrl, reference }: TranscriptionRequest,
): Promise<string> {
  const answer = await call(connection, "", {
    method: "POST",
    body: JSON.stringify({
      audio_url: audioUrl,
      diarization: true,
      callback: true,
      callback_config: { url: callbackUrl, method: "POST" },
      custom_metadata: { [REFERENCE_FIELD]: reference },
    }),
  });
  const started = Started.safeParse(answer.body);
  // A job may have been made: the caller looks for it before the next try
  if (!started.success) throw new TranscriptionProviderError("unavailable", answer.status);
  return started.data.id;
}

async function findJob(connection: Connection, reference: string): Promise<string | null> {
  const jobs = await listJobs(connection, reference);
  return jobs.find(({ status }) => status !== "error")?.id ?? null;
}

async function listJobs(connection: Connection, reference: string): Promise<readonly Job[]> {
  const filter = JSON.stringify({ [REFERENCE_FIELD]: reference });
  const { body, status } = await call(
    connection,
    `?${new URLSearchParams({ custom_metadata: filter, limit: "100" })}`,
    { method: "GET" },
  );
  const found = JobList.safeParse(body);
  if (!found.success) throw new TranscriptionProviderError("malformed_answer", status);
  // Not what the filter means, but what we mean
  return found.data.items.filter((job) => referenceOf(job) === reference);
}

async function readJob(connection: Connection, jobId: string): Promise<TranscriptionJob> {
  const { body, status } = await call(connection, `/${encodeURIComponent(jobId)}`, {
    method: "GET",
  });
  const job = GladiaJobDocument.safeParse(body);
  if (!job.success || job.data.id !== jobId) {
    throw new TranscriptionProviderError("malformed_answer", status);
  }
  return {
    jobId,
    reference: referenceOf(job.data),
    status: job.data.status,
    errorCode: job.data.error_code ?? null,
    result: job.data.status === "done" ? readGladiaResult(job.data.result) : null,
  };
}

async function forgetJobs(connection: Connection, reference: string): Promise<void> {
  for (const { id } of await listJobs(connection, reference)) {
    try {
      await call(connection, `/${encodeURIComponent(id)}`, { method: "DELETE" });
    } catch (cause) {
      const isGone = cause instanceof TranscriptionProviderError && cause.failure === "not_found";
      if (!isGone) throw cause;
    }
  }
}

function referenceOf(job: Job): string | null {
  const reference = job.custom_metadata?.[REFERENCE_FIELD];
  return typeof reference === "string" ? reference : null;
}

interface Answer {
  readonly status: number;
  readonly body: unknown;
}

async function call(
  { deps, baseUrl, apiKey }: Connection,
  path: string,
  init: { readonly method: string; readonly body?: string },
): Promise<Answer> {
  let response: Response;
  let text: string | null;
  try {
    response = await deps.fetch(`${baseUrl}${path}`, {
      ...init,
      headers: {
        "x-gladia-key": apiKey,
        accept: "application/json",
        ...(init.body !== undefined && { "content-type": "application/json" }),
      },
      redirect: "error",
      signal: AbortSignal.any([deps.signal, AbortSignal.timeout(TIMEOUT_MS)]),
    });
    text = await readAnswerText(response, ANSWER_MAX_BYTES);
  } catch (cause) {
    throw new TranscriptionProviderError("unavailable", null, null, { cause });
  }
  if (text === null) throw new TranscriptionProviderError("malformed_answer", response.status);
  if (!response.ok) {
    throw new TranscriptionProviderError(
      failureByStatus(response.status),
      response.status,
      readRetryAfter(response),
    );
  }
  return { status: response.status, body: parseAnswer(text) };
}

function failureByStatus(status: number): TranscriptionFailure {
  if (status === 429) return "rate_limited";
  if (status === 401 || status === 403) return "unauthorized";
  if (status === 404) return "not_found";
  return status >= 500 || status === 408 ? "unavailable" : "refused";
}

function readRetryAfter(response: Response): number | null {
  const seconds = Number(response.headers.get("retry-after") ?? Number.NaN);
  return Number.isFinite(seconds) && seconds >= 0 ? Math.ceil(seconds) : null;
}
