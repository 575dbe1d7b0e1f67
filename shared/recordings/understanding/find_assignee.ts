// Who is to do something: only who said so themselves, or who was named.
import { type SaidWords, wasSaid } from "../../words/borne_out.ts";
import type { AnalysisSource, Segment } from "./contract.ts";

/** Somebody who is to do something. */
export interface Assignee {
  readonly name: string;
  /** Where the name is one person's only. */
  readonly email: string | null;
}

/** "I'll", "we can", "let me": somebody takes it on. Who only speaks of themselves takes on nothing. */
const COMMITMENT =
  /\b(?:I|we)(?:['’](?:ll|d)| will| can| could| would| should| need to| have to|(?:['’](?:m|re)| am| are) going to)\b|\blet me\b|\b(?:leave it|up) to me\b/i;

/**
 * Finds whom a name means in the segments that an action item cites.
 *
 * @param name The name.
 * @param words What was said there.
 * @param cited The segments.
 * @param source Everybody who was there.
 * @returns Null where nobody of that name speaks of themselves or is named.
 */
export function findAssignee(
  name: string,
  words: SaidWords,
  cited: readonly Segment[],
  source: AnalysisSource,
): Assignee | null {
  const speaker = cited.find((segment) =>
    isSameName(name, segment.speaker_name) && COMMITMENT.test(segment.text)
  );
  if (speaker?.speaker_name) {
    return {
      name: speaker.speaker_name,
      email: speaker.speaker_email ?? findEmail(speaker.speaker_name, source),
    };
  }
  if (!wasSaid(name, words) || !/^\p{Lu}/u.test(name.trim())) return null;
  return { name: name.trim(), email: findEmail(name, source) };
}

/** The address of the one person there who has this name, or this first name. */
function findEmail(name: string, { attendees, segments }: AnalysisSource): string | null {
  const people = [
    ...attendees,
    ...segments.map(({ speaker_name, speaker_email }) => ({
      name: speaker_name,
      email: speaker_email,
    })),
  ];
  const emails = new Set(
    people.flatMap((person) => person.email && isSameName(name, person.name) ? [person.email] : []),
  );
  const [email, ...others] = emails;
  return others.length === 0 ? email?.toLowerCase() ?? null : null;
}

/** Equal, or a first name and the full name that begins with it. */
function isSameName(a: string, b: string | null): boolean {
  const [one, two] = [a, b ?? ""].map((name) =>
    name.normalize("NFKC").toLowerCase().replace(/\s+/g, " ").trim()
  );
  if (!one || !two) return false;
  return one === two || two.startsWith(`${one} `) || one.startsWith(`${two} `);
}
