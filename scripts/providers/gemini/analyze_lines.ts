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

/**
 * Says what the lines hold, by topic.
 *
 * @param lines The transcript.
 */
export function analyzeLines(lines: readonly PromptLine[]): Findings {
  const pick = (pattern: RegExp) =>
    lines.filter(({ text }) => pattern.test(text)).slice(0, MAX_EACH);
  const quote = ({ text, number }: PromptLine) => ({ text: sentenceOf(text), segments: [number] });
  const first = lines[0];
  return {
    // It says what it is where every reader looks first
    summary: first === undefined ? [] : [
      { text: `[simulator, not a model] ${sentenceOf(first.text)}`, segments: [first.number] },
      ...lines.slice(1).filter(({ text }) => text.length > 60).slice(0, 2).map(quote),
    ],
    action_items: pick(/\b(?:I'll|I will|we'll|we will)\b/i).map((line) => ({
      ...quote(line),
      owner: line.speaker,
      due: /\b(?:by |on |next )?(?:tomorrow|(?:mon|tues|wednes|thurs|fri)day)\b/i.exec(line.text)
        ?.[0] ??
        null,
    })),
    next_steps: pick(/\bnext step|\blet's (?:meet|schedule|talk)|follow[- ]up\b/i).map(quote),
    objections: pick(/\b(?:concern|too expensive|worried|not sure|hesitant)\w*/i).map(quote),
    competitors: [],
  };
}

function sentenceOf(text: string): string {
  return (/^.*?[.!?](?=\s|$)/.exec(text)?.[0] ?? text).slice(0, 300);
}
