// Which option of the last answer's question a person chose: by its id, its number, its label, "the
// first one" or "Dana from Acme". Only a message that is nothing but a choice is one.
import { foldWords } from "./fold_words.ts";
import { type ChosenAction, StoredClarification } from "./clarification.ts";

/** What a message is to an open question. */
export type Choice =
  | { readonly kind: "chosen"; readonly optionId: string; readonly chosen: ChosenAction }
  /** It speaks of the options, and fits several. */
  | { readonly kind: "ask_back"; readonly clarification: StoredClarification }
  /** It is about something else. */
  | { readonly kind: "none" };

const NUMBERS: ReadonlyMap<string, number> = new Map(
  Object.entries({
    "1": 1,
    "2": 2,
    "3": 3,
    "4": 4,
    one: 1,
    two: 2,
    three: 3,
    four: 4,
    first: 1,
    second: 2,
    third: 3,
    fourth: 4,
    "1st": 1,
    "2nd": 2,
    "3rd": 3,
    "4th": 4,
    last: Number.POSITIVE_INFINITY,
  }),
);

/** Words that a choice may have around what it names. */
const AROUND: ReadonlySet<string> = new Set(
  ("a an and at by choice choose from go i i'd i'll i'm in is it it's its let's like mean meant mr " +
    "mrs ms my number of ok okay on one option pick please s select take thanks that the this to use want " +
    "was we with yes").split(" "),
);

/** With one of these words a message is no plain choice. */
const AGAINST: ReadonlySet<string> = new Set(
  ("after all another any before both but cancel cannot can't don't dont either else except forget how if " +
    "instead neither never no nobody none nor not nothing or other rather stop than what when where " +
    "which who why").split(" "),
);

const WORDS_MAX = 12;

/**
 * Reads the choice that a client sent by ids.
 *
 * @param stored What the last answer stored; anything.
 * @param selection The ids.
 * @returns What to run; null where the question or the option is not that one.
 */
export function readSelection(
  stored: unknown,
  selection: { readonly clarification_id: string; readonly option_id: string },
): ChosenAction | null {
  const question = StoredClarification.safeParse(stored).data;
  if (question === undefined || question.panel.id !== selection.clarification_id) return null;
  return Object.hasOwn(question.actions, selection.option_id)
    ? question.actions[selection.option_id] ?? null
    : null;
}

/**
 * Reads a choice that was typed.
 *
 * @param stored What the last answer stored; anything.
 * @param message What the person wrote.
 */
export function readChoice(stored: unknown, message: string): Choice {
  const question = StoredClarification.safeParse(stored).data;
  if (question === undefined) return { kind: "none" };
  const words = foldWords(message);
  if (words.length === 0 || words.length > WORDS_MAX) return { kind: "none" };
  const exact = question.panel.options.filter(({ label, message: said }) =>
    isSame(words, foldWords(label)) || isSame(words, foldWords(said))
  );
  if (exact.length === 1 && exact[0]) return choose(question, exact[0].id);
  if (words.some((word) => AGAINST.has(word))) return { kind: "none" };
  const number = readNumber(words, question.panel.options.length);
  if (number !== null) return choose(question, String(number));
  return readNames(question, words);
}

function choose(question: StoredClarification, optionId: string): Choice {
  const chosen = question.actions[optionId];
  return chosen === undefined ? { kind: "none" } : { kind: "chosen", optionId, chosen };
}

function isSame(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((word, index) => word === b[index]);
}

/** "2", "option two", "the first one"; null where it is no number, or one that is not there. */
function readNumber(words: readonly string[], count: number): number | null {
  // "One" is a number only where it stands for itself: "the first one" has another.
  const naming = words.filter((word) => !AROUND.has(word));
  const named = naming.length > 0 ? naming : words.filter((word) => word === "one");
  const [word, ...others] = named;
  const isCounted = naming.length > 0 || words.every((word) => word !== "that" && word !== "this");
  if (word === undefined || others.length > 0 || !isCounted) return null;
  const number = Math.min(NUMBERS.get(word) ?? 0, word === "last" ? count : 4);
  return number >= 1 && number <= count ? number : null;
}

/** Every word that names something must be an option's own. */
function readNames(question: StoredClarification, words: readonly string[]): Choice {
  const naming = words.filter((word) => !AROUND.has(word));
  if (naming.length === 0) return { kind: "none" };
  const fitting = question.panel.options.filter(({ label, description }) => {
    const own = new Set(foldWords(`${label} ${description ?? ""}`));
    return naming.every((word) => own.has(word));
  });
  const [only, ...others] = fitting;
  if (only === undefined) return { kind: "none" };
  return others.length > 0
    ? { kind: "ask_back", clarification: question }
    : choose(question, only.id);
}
