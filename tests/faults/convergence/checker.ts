// Says in what a round has not come to its ideal end. It knows nothing of what went wrong on the way,
// except how often an answer or a process was lost: only that excuses a picture more than one.
import type { MeetingEnd, RoundEnd } from "./final_state.ts";
import type { Kind } from "./round.ts";

/** How a meeting of each kind ends when nothing goes wrong. */
export type IdealEnds = Readonly<Record<Kind, MeetingEnd>>;

/**
 * Takes the ideal ends from a round in which nothing went wrong, after a look whether they are any good.
 *
 * @param end The end of a round with one meeting of each kind.
 * @throws {Error} When the ideal is none: then nothing that is compared with it means anything.
 */
export function toIdealEnds(end: RoundEnd): IdealEnds {
  const ends = Object.fromEntries(end.meetings.map((meeting) => [meeting.kind, meeting]));
  for (const meeting of end.meetings) {
    const isFailure = meeting.kind === "refused" || meeting.kind === "empty";
    const isGood = meeting.recordings === 1 && meeting.bots === 1 &&
      meeting.recording["outcome"] === (isFailure ? "failed" : "complete") &&
      meeting.meetings === (isFailure ? 0 : 1) &&
      meeting.objects.length === (isFailure ? 0 : 2) &&
      meeting.transcript.length === (isFailure ? 0 : 3) &&
      meeting.thumbnails === (isFailure ? 0 : 1);
    if (!isGood) throw new Error(`The ideal end is none: ${JSON.stringify(meeting, null, 1)}`);
  }
  // One of each kind was planned
  return ends as Record<Kind, MeetingEnd>;
}

/**
 * Compares a round with the ideal.
 *
 * @param end How it ended.
 * @param ideal How meetings of each kind end.
 * @param excuses Answers and processes that were lost.
 * @returns One line for each difference.
 */
export function findViolations(end: RoundEnd, ideal: IdealEnds, excuses: number): string[] {
  const violations: string[] = [];
  for (const [index, meeting] of end.meetings.entries()) {
    const expected = ideal[meeting.kind as Kind];
    for (const [field, value] of Object.entries(expected)) {
      const found = meeting[field as keyof MeetingEnd];
      if (JSON.stringify(found) !== JSON.stringify(value)) {
        violations.push(
          `meeting ${index} (${meeting.kind}): ${field} is ${JSON.stringify(found)} and not ${
            JSON.stringify(value)
          }`,
        );
      }
    }
  }
  for (const [what, left] of Object.entries(end.leftovers)) {
    const isClean = Array.isArray(left) ? left.length === 0 : left === 0;
    if (!isClean) violations.push(`${what}: ${JSON.stringify(left)}`);
  }
  const wanted = end.meetings
    .reduce((sum, { kind }) => sum + ideal[kind as Kind].thumbnails, 0);
  if (end.pictures < wanted) violations.push(`pictures: ${end.pictures} for ${wanted} videos`);
  if (end.pictures > wanted + excuses) {
    violations.push(`pictures: ${end.pictures} for ${wanted} videos, ${excuses} answers lost`);
  }
  return violations;
}
