// What Gladia accepts when a transcription is started, and how it says no.
import { z } from "zod";

/** Longest metadata that travels with a job, as JSON. */
const METADATA_MAX_CHARACTERS = 2_000;

const CallbackConfig = z.object({ url: z.url(), method: z.enum(["POST", "PUT"]).default("POST") });

/** The body of `POST /v2/pre-recorded`, as far as this simulator acts on it; the rest is echoed. */
export const StartRequest = z.looseObject({
  audio_url: z.url({ protocol: /^https?$/ }),
  diarization: z.boolean().default(false),
  diarization_config: z.object({
    number_of_speakers: z.int().positive().optional(),
    min_speakers: z.int().nonnegative().optional(),
    max_speakers: z.int().nonnegative().optional(),
  }).optional(),
  callback: z.boolean().default(false),
  callback_config: CallbackConfig.optional(),
  callback_url: z.url().optional(),
  custom_metadata: z.record(z.string(), z.unknown())
    .refine(
      (value) => JSON.stringify(value).length <= METADATA_MAX_CHARACTERS,
      `custom_metadata must be shorter than or equal to ${METADATA_MAX_CHARACTERS} characters`,
    ).optional(),
  language_config: z.object({
    languages: z.array(z.string()).optional(),
    code_switching: z.boolean().optional(),
  }).optional(),
  model: z.enum(["solaria-1", "solaria-3", "solaria-fusion"]).default("solaria-1"),
});
/** See the schema of the same name. */
export type StartRequest = z.infer<typeof StartRequest>;

/** Where a job's result is posted. */
export interface CallbackTarget {
  readonly url: string;
  readonly method: "POST" | "PUT";
}

/**
 * Where the result goes: a configured callback acts only when callbacks are on, the old field always.
 *
 * @param request The start request.
 */
export function callbackTarget(request: StartRequest): CallbackTarget | undefined {
  if (request.callback && request.callback_config !== undefined) return request.callback_config;
  if (request.callback_url !== undefined) return { url: request.callback_url, method: "POST" };
  return undefined;
}

/**
 * An error in Gladia's form.
 *
 * @param path The path that was called.
 * @param status HTTP status.
 * @param message What is wrong.
 * @param details Validation errors.
 */
export function gladiaError(
  path: string,
  status: number,
  message: string,
  details: readonly string[] = [],
): Response {
  const requestId = `G-${crypto.randomUUID().slice(0, 8)}`;
  return Response.json({
    timestamp: new Date().toISOString(),
    path,
    request_id: requestId,
    statusCode: status,
    message,
    ...(details.length > 0 && { validation_errors: details }),
  }, { status, headers: { "x-aipi-call-id": requestId } });
}
