// Reads a transcript out of a prompt and says what a careful listener could quote from it. Lines are
// JSON objects with a number, a speaker and a text, whatever the fields are called.

/** One utterance of a prompt. */
export interface PromptLine {
  readonly number: number;
  readonly speaker: string;
  readonly text: string;
}

/** What was found; every entry names the line that it stands in. */
export interface Findings {
  readonly [topic: string]: readonly Readonly<Record<string, unknown>>[];
}

const MAX_EACH = 4;

/**
 * Finds the lines of a transcript in a prompt.
 *
 * @param prompt The text of the user's turn.
 */
export function readLines(prompt: string): PromptLine[] {
  const lines: PromptLine[] = [];
  for (const row of prompt.split("\n")) {
    if (!row.startsWith("{")) continue;
    let parsed: unknown;
    try {
      parsed = JSON.parse(row);
    } catch {
      continue;
    }
    if (parsed === null || typeof parsed !== "object") continue;
    const values = Object.values(parsed);
    const number = values.find((value) => typeof value === "number");
    const texts = values.filter((value) => typeof value === "string");
    if (number === undefined || texts.length === 0) continue;
    lines.push({
      number,
      speaker: texts.length > 1 ? texts[0] ?? "" : "",
      text: texts.at(-1) ?? "",
    });
  }
  return lines;
}

/** What promises and wishes sound like. */
const PROMISED =
  /\b(?:I|we)(?:'ll| will) \w+ \w+|\byou(?:'ll| will) have (?:it|both|them)\b|\blet me \w+ \w+/i;
const ASKED = /\b(?:can|could|will|would) you (?:please )?\w+ \w+|^please \w+ \w+|\bI also need\b/i;
const NEXT =
  /\bnext step|\blet's (?:meet|schedule|talk)|\bfollow[- ]up (?:call|meeting)|\b(?:meet|speak|talk) again\b|\bwould \w+day\b|\bwe decide\b/i;
const DOUBT =
  /\b(?:concern|too expensive|worried|not sure|hesitant|a bit expensive)|\bneed the board\b|\bnot negotiable\b|n't negotiable\b|\bcompetitor doesn't\b|\blooks at everything twice\b/i;
const DUE = /\b(?:by |on |next )?(?:tomorrow|(?:mon|tues|wednes|thurs|fri)day)\b/i;

/**
 * Says what the lines hold, by topic.
 *
 * @param lines The transcript.
 */
export function analyzeLines(lines: readonly PromptLine[]): Findings {
  const sentences = lines.flatMap((line) =>
    line.text.split(/(?<=[.!?])\s+/).map((text) => ({ ...line, text: text.slice(0, 300) }))
  );
  const pick = (pattern: RegExp) =>
    sentences.filter(({ text }) => pattern.test(text)).slice(0, MAX_EACH);
  const quote = ({ text, number }: PromptLine) => ({ text, segments: [number] });
  const [first] = sentences;
  return {
    // It says what it is where every reader looks first
    summary: first === undefined ? [] : [
      { text: `[simulator, not a model] ${first.text}`, segments: [first.number] },
      ...sentences.slice(1).filter(({ text }) => text.length > 60).slice(0, 3).map(quote),
    ],
    action_items: sentences.filter(({ text }) => PROMISED.test(text) || ASKED.test(text))
      .slice(0, MAX_EACH).map((line) => ({
        ...quote(line),
        // Who is asked has not said yes
        owner: PROMISED.test(line.text) ? line.speaker : null,
        due: DUE.exec(line.text)?.[0] ?? null,
      })),
    next_steps: pick(NEXT).map(quote),
    objections: pick(DOUBT).map(quote),
    competitors: [],
  };
}
