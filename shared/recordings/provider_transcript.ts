// The documents that the bot's provider makes of a recording: what was said, and who spoke when. Trust
// boundary: files of a third party.
import { z } from "zod";

const Transcript = z.object({
  result: z.object({
    languages: z.array(z.string()).nullish(),
    utterances: z.array(z.object({
      text: z.string(),
      start: z.number(),
      end: z.number(),
      language: z.string().nullish(),
      // A name; a number where the provider knows none
      speaker: z.union([z.string(), z.number()]).nullish(),
    })),
  }),
});

const Turn = z.object({ speaker: z.string().min(1), start_time: z.number(), end_time: z.number() });

/** One line with the speaker as the source names them. */
export interface SpokenLine {
  readonly startMs: number;
  readonly endMs: number;
  readonly text: string;
  readonly speaker: string | null;
}

/** A transcript whose speakers have names. */
export interface NamedTranscript {
  readonly language: string | null;
  readonly lines: readonly SpokenLine[];
}

/** Somebody's turn to speak. */
export interface SpokenTurn {
  readonly speaker: string;
  readonly startMs: number;
  readonly endMs: number;
}

/**
 * Reads the `transcription` file.
 *
 * @param text The file.
 * @returns The transcript, or null where it is not one.
 */
export function readProviderTranscript(text: string): NamedTranscript | null {
  const parsed = Transcript.safeParse(parseJson(text));
  if (!parsed.success) return null;
  const { languages, utterances } = parsed.data.result;
  return {
    language: languages?.[0] ?? utterances[0]?.language ?? null,
    lines: utterances.map((line) => ({
      startMs: Math.round(line.start * 1_000),
      endMs: Math.round(line.end * 1_000),
      text: line.text,
      speaker: nameOf(line.speaker),
    })),
  };
}

/**
 * Reads the `diarization` file: a JSON object a line. Lines that are something else are skipped: names
 * are welcome, and never worth a transcript.
 *
 * @param text The file.
 * @returns The turns, in order of time.
 */
export function readDiarization(text: string): SpokenTurn[] {
  const turns: SpokenTurn[] = [];
  for (const line of text.split("\n")) {
    const parsed = Turn.safeParse(parseJson(line));
    if (!parsed.success || parsed.data.end_time <= parsed.data.start_time) continue;
    turns.push({
      speaker: parsed.data.speaker,
      startMs: Math.round(parsed.data.start_time * 1_000),
      endMs: Math.round(parsed.data.end_time * 1_000),
    });
  }
  return turns.sort((a, b) => a.startMs - b.startMs);
}

function nameOf(speaker: string | number | null | undefined): string | null {
  if (typeof speaker === "number") return `Speaker ${speaker + 1}`;
  return speaker ?? null;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
