// Gladia's documents, as far as they are read. Trust boundary: a third party's answers, and posts that
// prove nothing. Words and add-ons are dropped here, so that nobody keeps them by mistake.
import { z } from "zod";
import type { HeardTranscript } from "./transcription_provider.ts";

const Utterance = z.object({
  start: z.number(),
  end: z.number(),
  text: z.string(),
  speaker: z.int().nonnegative().nullish(),
});

/** The `result` of a job and the `payload` of a callback. */
export const GladiaResult = z.object({
  transcription: z.object({
    languages: z.array(z.string()).nullish(),
    utterances: z.array(Utterance),
  }),
});
/** See the schema of the same name. */
export type GladiaResult = z.infer<typeof GladiaResult>;

/** `GET /v2/pre-recorded/{id}`, and an item of the list. */
export const GladiaJobDocument = z.object({
  id: z.string().min(1),
  status: z.enum(["queued", "processing", "done", "error"]),
  error_code: z.int().nullish(),
  custom_metadata: z.record(z.string(), z.unknown()).nullish(),
  result: z.unknown().optional(),
});

/** What is posted to a callback address: per job, or for the account with the id inside. */
export const GladiaCallback = z.object({
  id: z.string().min(1).max(200).optional(),
  event: z.string().max(100),
  payload: z.unknown().optional(),
  error: z.object({ code: z.int().nullish() }).nullish(),
});

/** Which job a callback speaks of. */
export const GladiaJobId = z.union([
  z.looseObject({ id: z.string().min(1).max(200) }).transform(({ id }) => id),
  z.looseObject({ payload: z.looseObject({ id: z.string().min(1).max(200) }) })
    .transform(({ payload }) => payload.id),
]);

const LANGUAGE = /^[a-z]{2,3}(-[a-z0-9]{2,8})?$/i;

/**
 * Reads a result in our own words.
 *
 * @param value What was answered or posted.
 * @returns The lines, with times in milliseconds; null where it is not a result.
 */
export function readGladiaResult(value: unknown): HeardTranscript | null {
  const parsed = GladiaResult.safeParse(value);
  if (!parsed.success) return null;
  const { languages, utterances } = parsed.data.transcription;
  return {
    language: languages?.find((language) => LANGUAGE.test(language))?.toLowerCase() ?? null,
    lines: utterances.map(({ start, end, text, speaker }) => ({
      startMs: Math.round(start * 1_000),
      endMs: Math.round(end * 1_000),
      text,
      voice: speaker ?? null,
    })),
  };
}
