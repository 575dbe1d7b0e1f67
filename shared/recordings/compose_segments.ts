// From spoken lines to the segments that are stored: speakers matched, short lines joined, card numbers
// masked. Masking is the last step before the write, and over all segments at once, since a number may
// begin in one and end in the next (COP-022).
import { maskSegments } from "../privacy/mask_card_numbers.ts";
import { type KnownAttendee, matchSpeakers } from "./match_speakers.ts";
import type { SpokenLine } from "./provider_transcript.ts";

/** One segment as the database takes it. */
export interface TranscriptSegment {
  /** From 0. */
  readonly seq: number;
  readonly speaker_name: string | null;
  readonly speaker_email: string | null;
  readonly start_ms: number;
  readonly end_ms: number;
  readonly text: string;
}

const JOIN_GAP_MS = 1_500;
const JOINED_MAX_MS = 60_000;
const JOINED_MAX_CHARACTERS = 600;
const SEGMENT_MAX_CHARACTERS = 20_000;
const NAME_MAX_CHARACTERS = 200;
/** Milliseconds that the column can hold. */
const TIME_MAX_MS = 2_147_483_647;

/**
 * Composes the segments of a transcript.
 *
 * @param lines What was said; any order, any length.
 * @param attendees Who could have said it.
 * @returns Segments in order of time, at most 20,000 characters each; none when nothing was said.
 */
export function composeSegments(
  lines: readonly SpokenLine[],
  attendees: readonly KnownAttendee[],
): TranscriptSegment[] {
  const joined = joinNeighbours(lines.flatMap(cleanLine).sort((a, b) => a.startMs - b.startMs));
  const emails = matchSpeakers(
    joined.flatMap(({ speaker }) => speaker === null ? [] : [speaker]),
    attendees,
  );
  return maskSegments(joined.map((line, seq) => ({
    seq,
    speaker_name: line.speaker,
    speaker_email: line.speaker === null ? null : emails.get(line.speaker) ?? null,
    start_ms: line.startMs,
    end_ms: line.endMs,
    text: line.text,
  })));
}

function cleanLine(line: SpokenLine): SpokenLine[] {
  const text = clean(line.text);
  if (text === "") return [];
  const startMs = clampTime(line.startMs);
  const endMs = Math.max(startMs, clampTime(line.endMs));
  const speaker = cut(clean(line.speaker ?? ""), 0, NAME_MAX_CHARACTERS) || null;
  const parts: SpokenLine[] = [];
  for (let at = 0; at < text.length; at += SEGMENT_MAX_CHARACTERS) {
    parts.push({ startMs, endMs, speaker, text: cut(text, at, SEGMENT_MAX_CHARACTERS) });
  }
  return parts;
}

function joinNeighbours(lines: readonly SpokenLine[]): SpokenLine[] {
  const joined: SpokenLine[] = [];
  for (const line of lines) {
    const last = joined.at(-1);
    if (last !== undefined && belongTogether(last, line)) {
      joined[joined.length - 1] = {
        ...last,
        endMs: Math.max(last.endMs, line.endMs),
        text: `${last.text} ${line.text}`,
      };
    } else {
      joined.push(line);
    }
  }
  return joined;
}

function belongTogether(last: SpokenLine, next: SpokenLine): boolean {
  return last.speaker === next.speaker && next.startMs - last.endMs <= JOIN_GAP_MS &&
    next.endMs - last.startMs <= JOINED_MAX_MS &&
    last.text.length + 1 + next.text.length <= JOINED_MAX_CHARACTERS;
}

/** What the database can hold: no NUL, no half of a character. */
function clean(text: string): string {
  return text.toWellFormed().replaceAll("\0", "").replace(/\s+/g, " ").trim();
}

/** A cut may go through a character that takes two places. */
function cut(text: string, from: number, length: number): string {
  return text.slice(from, from + length).toWellFormed();
}

function clampTime(ms: number): number {
  return Number.isFinite(ms) ? Math.min(Math.max(Math.round(ms), 0), TIME_MAX_MS) : 0;
}
