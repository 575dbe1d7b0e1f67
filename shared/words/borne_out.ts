// Whether a statement is borne out by the words that it cites. It decides by the words alone, the
// same for every model: names, numbers, dates and addresses must have been said, most other words
// too, and what could act in a page or a chat is out.
import { readNumbers } from "./number_words.ts";
import { MARKUP, OPENING_WORDS, STOP_WORDS } from "./word_lists.ts";

/** Something that was said or written, and by whom. */
export interface SaidText {
  readonly speaker_name: string | null;
  readonly text: string;
  /** Whatever else is known of it; nothing here looks at it. */
  readonly [other: string]: unknown;
}

/** What was said in some texts, by word. */
export interface SaidWords {
  readonly words: ReadonlySet<string>;
  readonly stems: ReadonlySet<string>;
  readonly numbers: ReadonlySet<number>;
  /** The whole, in lower case, words apart by one space. */
  readonly text: string;
}

/** Of the words that carry meaning, so many must have been said. */
const MIN_SUPPORT = 0.5;
const ADDRESS =
  /[\p{L}\p{N}._%+-]+@[\p{L}\p{N}.-]+|(?:https?:\/\/|www\.)\S+|\b(?:[\p{L}\p{N}-]+\.)+(?:com|net|org|io|ai|dev|app|co|info|biz|xyz|link|zip|ru|cn|uk|de)\b\S*/giu;
const WORD = /[\p{L}\p{M}\p{N}]+(?:['’-][\p{L}\p{M}\p{N}]+)*/gu;
const SENTENCE_END = /[.!?:]["'’)]*\s*$|^\s*["'‘“([]*$/u;

/**
 * Collects what was said in texts, their speakers' names among it.
 *
 * @param segments The texts that are cited.
 */
export function collectWords(segments: readonly SaidText[]): SaidWords {
  const said = segments.map(({ speaker_name, text }) => `${speaker_name ?? ""} . ${text}`).join(
    " . ",
  );
  const words = splitWords(said);
  return {
    words: new Set(words.flatMap(spellings)),
    stems: new Set(words.map(stem)),
    // Numbers are those of the text: a speaker may be called "Room 4"
    numbers: new Set(segments.flatMap(({ text }) => readNumbers(text)).map(({ value }) => value)),
    text: squeeze(segments.map(({ text }) => text).join(" . ")),
  };
}

/**
 * Says whether the words bear a statement out.
 *
 * @param statement One or a few sentences.
 * @param said What was said where it says it was.
 */
export function isBorneOut(statement: string, said: SaidWords): boolean {
  return !MARKUP.test(statement) && areAddressesSaid(statement, said) &&
    areNumbersSaid(statement, said) && areNamesSaid(statement, said) &&
    isSupported(statement, said);
}

/**
 * Says whether a phrase was said word by word.
 *
 * @param phrase The phrase.
 * @param said What was said.
 */
export function wasSaid(phrase: string, said: SaidWords): boolean {
  const wanted = squeeze(phrase);
  return wanted !== "" && ` ${said.text} `.includes(` ${wanted} `);
}

function areAddressesSaid(statement: string, { text }: SaidWords): boolean {
  return (statement.match(ADDRESS) ?? []).every((address) =>
    ` ${text} `.includes(` ${squeeze(address)} `)
  );
}

function areNumbersSaid(statement: string, { numbers }: SaidWords): boolean {
  return readNumbers(statement).every(({ value, isWritten, isOrdinal }) =>
    numbers.has(value) ||
    // "One of them" and "the first call" count nothing
    !isWritten && (isOrdinal || value <= 1)
  );
}

/** A word with a capital is a name, unless it begins a sentence and is one that sentences begin with. */
function areNamesSaid(statement: string, { words }: SaidWords): boolean {
  for (const match of statement.matchAll(WORD)) {
    const [word] = match;
    if (!/\p{Lu}|\p{L}\p{N}|\p{N}\p{L}/u.test(word)) continue;
    if (spellings(word.toLowerCase()).some((spelling) => words.has(spelling))) continue;
    if (/^I(?:['’]\p{L}+)?$/u.test(word)) continue;
    // A number with its ending, such as 15th or 20k, is looked at as a number
    if (/^\d+(?:st|nd|rd|th|k|m|bn)$/i.test(word)) continue;
    const isFirst = SENTENCE_END.test(statement.slice(0, match.index));
    if (isFirst && OPENING_WORDS.has(word.toLowerCase())) continue;
    return false;
  }
  return true;
}

function isSupported(statement: string, { stems }: SaidWords): boolean {
  const meaning = splitWords(statement).filter((word) =>
    (word.length > 2 || /[^\x20-\u024f]/.test(word)) && !STOP_WORDS.has(word)
  );
  if (meaning.length === 0) return false;
  const found = meaning.filter((word) => stems.has(stem(word)));
  return found.length / meaning.length >= MIN_SUPPORT;
}

function splitWords(text: string): string[] {
  const segmenter = new Intl.Segmenter("en", { granularity: "word" });
  return [...segmenter.segment(text.normalize("NFKC").toLowerCase().replaceAll("’", "'"))]
    .filter(({ isWordLike }) => isWordLike).map(({ segment }) => segment);
}

/** The ways a name is written where it belongs to somebody, comes in numbers, or has a hyphen. */
function spellings(word: string): string[] {
  const plain = word.normalize("NFKC").replaceAll("’", "'");
  const bare = plain.replace(/'s$|'$/u, "");
  return [
    ...new Set([
      plain,
      bare,
      bare.replace(/s$/u, ""),
      ...bare.split("-"),
      bare.replaceAll("-", ""),
    ]),
  ]
    .filter((spelling) => spelling !== "");
}

/** Near enough for "decided" and "deciding"; what is short is taken whole. */
function stem(word: string): string {
  const bare = word.replace(/'\p{L}*$/u, "");
  if (bare.length <= 4) return bare.replace(/s$/u, "");
  const cut = bare.replace(/(?:ations?|ings?|ments?|edly|ies|ied|ed|es|ly|er|s)$/u, "");
  return (cut.length >= 4 ? cut : bare).slice(0, 6).replace(/[eiy]$/u, "");
}

function squeeze(text: string): string {
  return (text.normalize("NFKC").toLowerCase().replaceAll("’", "'")
    .match(/[\p{L}\p{M}\p{N}@]+(?:['.:/_%+-]+[\p{L}\p{M}\p{N}@]+)*/gu) ?? []).join(" ");
}
