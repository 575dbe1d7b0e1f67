// What is said in a simulated meeting: who says what from when to when, word by word. Every artifact
// of one recording is written out of one of these, so that none contradicts another.
import { CONVERSATIONS, type Role, type Topic, TOPICS } from "../fathom/conversations.ts";
import { nameOf, type Person } from "../people.ts";
import { SeededRandom } from "../seeded_random.ts";

/** A word; times in seconds from the start. */
export interface SpokenWord {
  readonly word: string;
  readonly start: number;
  readonly end: number;
  readonly confidence: number;
}

/** What one person says in one go. */
export interface SpokenPart {
  readonly speaker: Person;
  readonly text: string;
  readonly start: number;
  readonly end: number;
  readonly words: readonly SpokenWord[];
}

/** A whole meeting. */
export interface ScriptedConversation {
  readonly participants: readonly Person[];
  readonly parts: readonly SpokenPart[];
  readonly durationSeconds: number;
}

/** A line that the caller wrote; the speaker by name or address. */
export interface WrittenLine {
  readonly speaker: string;
  readonly text: string;
}

/** What is known about a meeting; the rest is made up, the same way each time. */
export interface ConversationFacts {
  readonly seed: string;
  /** The first one speaks for the company, the others are its customers. */
  readonly participants: readonly Person[];
  readonly topic?: Topic | undefined;
  readonly lines?: readonly WrittenLine[] | undefined;
  /** Silence follows what is shorter; what is longer is cut. */
  readonly durationSeconds?: number | undefined;
}

const SECONDS_PER_WORD = 0.4;
const PAUSE_SECONDS = 0.8;
const FIRST_WORD_AT = 2;
const SECONDS_AFTER_LAST_WORD = 3;

/**
 * Composes a conversation.
 *
 * @param facts What is known.
 */
export function composeConversation(facts: ConversationFacts): ScriptedConversation {
  const random = new SeededRandom(facts.seed);
  const topic = facts.topic ?? random.pick(TOPICS);
  const people = [...facts.participants];
  const lines = facts.lines === undefined
    ? CONVERSATIONS[topic].lines.map(([role, text]) => ({ speaker: cast(role, people), text }))
    : facts.lines.map(({ speaker, text }) => ({ speaker: findOrInvite(speaker, people), text }));
  const spoken = speak(lines, random);
  const natural = Math.ceil((spoken.at(-1)?.end ?? 0) + SECONDS_AFTER_LAST_WORD);
  const durationSeconds = facts.durationSeconds ?? natural;
  return {
    participants: people,
    parts: spoken.filter(({ end }) => end <= durationSeconds),
    durationSeconds,
  };
}

function cast(role: Role, people: readonly Person[]): Person {
  const seat = { rep: 0, buyer: 1, second: 2 }[role];
  return people[seat] ?? people.at(-1) ?? { name: "Somebody", email: "" };
}

/** Somebody who speaks without having been announced is a participant as well. */
function findOrInvite(speaker: string, people: Person[]): Person {
  const found = people.find(({ name, email }) => name === speaker || email === speaker);
  if (found !== undefined) return found;
  const isAddress = speaker.includes("@");
  const guest = { name: isAddress ? nameOf(speaker) : speaker, email: isAddress ? speaker : "" };
  people.push(guest);
  return guest;
}

function speak(
  lines: ReadonlyArray<{ readonly speaker: Person; readonly text: string }>,
  random: SeededRandom,
): SpokenPart[] {
  let clock = FIRST_WORD_AT;
  return lines.map(({ speaker, text }) => {
    const words = text.split(/\s+/).filter((word) => word !== "").map((word) => {
      const start = toHundredths(clock);
      clock += SECONDS_PER_WORD;
      return {
        word,
        start,
        end: toHundredths(clock - 0.05),
        confidence: 0.8 + random.below(20) / 100,
      };
    });
    clock += PAUSE_SECONDS;
    return {
      speaker,
      text,
      start: words[0]?.start ?? toHundredths(clock),
      end: words.at(-1)?.end ?? toHundredths(clock),
      words,
    };
  });
}

function toHundredths(seconds: number): number {
  return Math.round(seconds * 100) / 100;
}
