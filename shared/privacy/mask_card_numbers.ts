// Takes card numbers, with the security codes and expiry dates beside them, out of text before it is
// kept: in digits, grouped, spoken, and spread over segments and speakers (COP-022). What is found is
// a number of a card's length that an issuer may have given out and whose check digit is right, or
// one that is said to be a card's; what a label calls an order's or a ticket's number is left alone.
import { maskPieces } from "./mask_pieces.ts";
import type { Piece } from "./number_token.ts";

/** Part of a conversation. */
export interface Segment {
  readonly text: string;
}

/**
 * Masks card numbers in one text.
 *
 * @param text Any text.
 * @returns The text with `[card number]`, `[security code]` and `[expiry date]` where they were; the
 * same string when there were none. Masking twice is masking once.
 */
export function maskCardNumbers(text: string): string {
  return maskPieces([{ text }]).get(0) ?? text;
}

const SPEAKER_FIELDS: readonly string[] = [
  "speaker",
  "speaker_name",
  "speakerName",
  "speaker_id",
  "channel",
];

/**
 * Masks card numbers in a conversation, also those that begin in one segment and end in another.
 *
 * @param segments What was said, in order. Who said it is read from `speaker`, `speaker_name`,
 * `speakerName`, `speaker_id` or `channel`, so that a number read to somebody who repeats it is found.
 * @returns As many segments; those without a card number are the same objects.
 */
export function maskSegments<T extends Segment>(segments: readonly T[]): T[] {
  const pieces: Piece[] = segments.map((segment) => ({
    text: segment.text,
    speaker: readSpeaker(segment),
  }));
  const masked = maskPieces(pieces);
  return segments.map((segment, index) => {
    const text = masked.get(index);
    return text === undefined ? segment : { ...segment, text };
  });
}

/**
 * Reads who said something.
 *
 * @param said A segment, utterance or word, as a provider sends it.
 * @returns A name for the speaker, the same for the same one; null when unknown.
 */
export function readSpeaker(said: object): string | null {
  for (const field of SPEAKER_FIELDS) {
    if (!Object.hasOwn(said, field)) continue;
    const value: unknown = Reflect.get(said, field);
    if (typeof value === "string" || typeof value === "number") return `${field}:${value}`;
    if (typeof value !== "object" || value === null) continue;
    for (const name of Object.values(value)) {
      if (typeof name === "string" || typeof name === "number") return `${field}:${name}`;
    }
  }
  return null;
}
