// Finds the address of a speaker among the people of the meeting. Never guesses between two: a wrong
// name on a sentence is worse than none.

/** Somebody of the meeting who has an address. */
export interface KnownAttendee {
  readonly name: string | null;
  readonly email: string;
}

/** How an attendee may be called. */
interface Candidate {
  readonly email: string;
  /** Full names, each as words. */
  readonly names: readonly string[][];
}

/**
 * Matches speakers with attendees: by the whole name, else by a first name that only one of them has.
 *
 * @param speakers Names as the recording has them.
 * @param attendees Who was invited or present.
 * @returns Speaker's name → address; speakers that nobody, or more than one, could be are missing.
 */
export function matchSpeakers(
  speakers: readonly string[],
  attendees: readonly KnownAttendee[],
): ReadonlyMap<string, string> {
  const candidates = mergeByEmail(attendees);
  const exact = new Map<string, string>();
  const byFirstName = new Map<string, string>();
  for (const speaker of new Set(speakers)) {
    const words = wordsOf(speaker);
    if (words.length === 0) continue;
    const same = candidates.filter((each) => isCalled(each, words, speaker));
    if (same.length === 1 && same[0] !== undefined) exact.set(speaker, same[0].email);
    if (same.length > 0) continue;
    const [only, another] = candidates.filter((each) => couldBe(each, words));
    if (only !== undefined && another === undefined) byFirstName.set(speaker, only.email);
  }
  return new Map([...exact, ...unclaimed(byFirstName, new Set(exact.values()))]);
}

/** First names that lead to one person each: not two of them to the same, nor to one who is named. */
function unclaimed(
  matches: ReadonlyMap<string, string>,
  taken: ReadonlySet<string>,
): [string, string][] {
  const counts = new Map<string, number>();
  for (const email of matches.values()) counts.set(email, (counts.get(email) ?? 0) + 1);
  return [...matches].filter(([, email]) => !taken.has(email) && counts.get(email) === 1);
}

function mergeByEmail(attendees: readonly KnownAttendee[]): Candidate[] {
  const names = new Map<string, string[][]>();
  for (const { name, email } of attendees) {
    const known = names.get(email) ?? [];
    const words = name === null || name.includes("@") ? [] : wordsOf(name);
    if (words.length > 0) known.push(words);
    names.set(email, known);
  }
  return [...names].map(([email, known]) => ({
    email,
    // Somebody without a name is called what their address says: ann.lee@ is Ann Lee
    names: known.length > 0 ? known : [wordsOf(email.split("@")[0] ?? "")],
  }));
}

function isCalled({ email, names }: Candidate, words: readonly string[], speaker: string): boolean {
  return email === speaker.trim().toLowerCase() ||
    names.some((name) => name.join(" ") === words.join(" "));
}

/** Whether a first name is all that one of both says, or an initial stands for the rest. */
function couldBe({ names }: Candidate, words: readonly string[]): boolean {
  return names.some((name) => {
    const [first, ...rest] = name;
    const [spokenFirst, ...spokenRest] = words;
    if (first === undefined || first !== spokenFirst || first.length < 2) return false;
    if (rest.length === 0 || spokenRest.length === 0) return true;
    return isInitialOf(rest, spokenRest) || isInitialOf(spokenRest, rest);
  });
}

function isInitialOf(short: readonly string[], long: readonly string[]): boolean {
  const [initial] = short;
  return short.length === 1 && initial?.length === 1 && long.at(-1)?.startsWith(initial) === true;
}

/** Lower-case words without accents; what stands in brackets, such as a company, is no name. */
function wordsOf(name: string): string[] {
  return name.replace(/\([^)]*\)|\[[^\]]*\]/g, " ").normalize("NFKD").toLowerCase()
    .replace(/\p{M}/gu, "").split(/[^\p{L}\p{N}']+/u).filter((word) => word !== "");
}
