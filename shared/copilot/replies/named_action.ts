// "The email to Dana": an action named in a reply by its kind and the people it reaches.
import { NOUNS } from "./reply_phrases.ts";

/** An action as a reply names it. */
export interface NamedAction {
  /**
   * Says whether a summary is of such an action.
   *
   * @param head Of the summary, as {@link summaryHead} gives it.
   */
  isIn(head: string): boolean;
}

const NAMES_MAX = 4;
const ARTICLES: ReadonlySet<string> = new Set(["the", "this", "that"]);
const PREPOSITIONS: ReadonlySet<string> = new Set(["to", "for", "with"]);
/** Words that are nobody's name, whatever a summary says: with one of them it is no plain reply. */
const NEVER_NAMES: ReadonlySet<string> = new Set(
  ("a an and or but not no never if when unless until after before once later tomorrow today " +
    "tonight monday tuesday wednesday thursday friday saturday sunday next week month is are was " +
    "were be been isn't wasn't don't do does did doesn't didn't won't can can't will would should " +
    "could must may might wrong bad false off only except without instead also too then than both " +
    "all any every everyone everybody nobody somebody someone them him her me us you it this that " +
    "these those what who why how where which please yes ok okay sure stop cancel wait hold").split(
      " ",
    ),
);

/**
 * What a summary says first: the kind of action and whom it reaches. What follows the colon, or stands
 * in quotation marks, was written by others as often as not.
 *
 * @param summary A summary.
 * @returns Its words up to there, in lower case.
 */
export function summaryHead(summary: string): string {
  return (summary.normalize("NFKC").toLowerCase().split(/[:“"]/u)[0] ?? "").trim();
}

/**
 * Reads an action that is named from a word on.
 *
 * @param words Of the reply; a comma is a word.
 * @param start Where it would begin.
 * @returns The action and the place after it; null where none is named.
 */
export function readNamedAction(
  words: readonly string[],
  start: number,
): { readonly named: NamedAction; readonly end: number } | null {
  let at = start;
  if (words[at] === "to") at++;
  if (!ARTICLES.has(words[at] ?? "")) return null;
  const noun = NOUNS[words[++at] ?? ""];
  if (noun === undefined || !Object.hasOwn(NOUNS, words[at] ?? "")) return null;
  at++;
  const names: string[] = [];
  if (PREPOSITIONS.has(words[at] ?? "")) {
    for (at++; at < words.length && words[at] !== "," && names.length < NAMES_MAX; at++) {
      const word = words[at] ?? "";
      if (word === "please" || word === "now") break;
      if (NEVER_NAMES.has(word)) return null;
      names.push(word);
    }
    if (names.length === 0) return null;
  }
  return {
    named: {
      isIn: (head) => {
        const said = new Set(head.match(/[\p{L}\p{N}]+/gu) ?? []);
        return noun.test(head) && names.every((name) => said.has(name));
      },
    },
    end: at,
  };
}
