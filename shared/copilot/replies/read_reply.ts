// Whether a message is a yes, a no or a change to the open action. A yes only where the whole
// message is one, word by word: what is sent cannot be called back, while asking back costs a click.
import { type NamedAction, readNamedAction, summaryHead } from "./named_action.ts";
import { type Phrase, PHRASE_MAX_WORDS, PHRASES } from "./reply_phrases.ts";

/** An action that waits for its owner. */
export interface OpenAction {
  readonly id: string;
  /** What it will do, in words: its kind and whom it reaches first, then a colon and the rest. */
  readonly summary: string;
}

/** What a message is to the open actions. */
export type Reply =
  | { readonly kind: "confirm"; readonly id: string }
  | { readonly kind: "cancel"; readonly id: string }
  /** Asks for something else instead: nothing to execute; a new preview replaces the action. */
  | { readonly kind: "edit"; readonly id: string }
  | {
    readonly kind: "ask_back";
    readonly ids: readonly string[];
    /** Several are open and it names none, or it could be a reply and is not a plain one. */
    readonly reason: "several_open" | "not_plain";
  }
  /** No reply to an action at all: a message like any other. */
  | { readonly kind: "none" };

/** What is known of the moment. */
export interface ReplyMoment {
  /**
   * Whether the open action is what the last answer asked about. Where it is not, a bare "yes"
   * answers something else, and only what names the act or the action counts.
   */
  readonly isAsked: boolean;
  /** Whether it asked something else beside: then a bare "yes" or "no" may be to that. */
  readonly asksMore?: boolean;
}

const REPLY_MAX_CHARACTERS = 120;
const NONE: Reply = { kind: "none" };
/** Letters of English, and the little punctuation that changes nothing. */
const PLAIN = /^(?!then\b)[A-Za-z][A-Za-z ,.!'–—-]*$/;
/** It goes on, or was about to. */
const UNFINISHED = /\.\.|[,–—-]\s*$|\b(?:and|but|just)\s*[.!]*$/i;
/** Smiles after a word that says it already. */
const NODS = /(?:\s*(?:👍|✅|🙏|🙂|😀|😊|🎉|👌)[\u{1f3fb}-\u{1f3ff}\ufe0f]*)+$/u;
/** First words of what could be meant as a reply. */
const OPENERS =
  /^(?:yes|yep|yeah|yup|y|ya|sure|ok|okay|k|confirm\w*|approv\w*|agreed|agree|absolutely|definitely|go ahead|proceed|do it|send it|please (?:confirm|approve|do|don't)|no|nope|nah|cancel\w*|stop|don't|do not|never ?mind|discard|abort|reject\w*|fine|lgtm|looks good|sounds good|perfect|great|si|sí|sì|ja|jawohl|oui|sim|да|hai|はい|是|好|ok+|yess+|wait|hold)(?![\p{L}\p{N}])/u;
const CHANGE =
  /\b(?:but (?:change|make|use|with|first|to|add|remove|replace|say|put)|instead|change|make (?:it|that|this|the)|shorter|longer|replace|rewrite|rephrase|reword|remove|add|i meant|rather|without the|use)\b/;
const EDIT =
  /^(?:please |can you |could you )*(?:make (?:it|that|this) \w|(?:change|shorten|rewrite|reword|rephrase|edit|adjust|tweak|modify|update) (?:it|that|this|the (?:subject|body|text|title|date|time|recipients?|e?mail|message|draft|tone|greeting|wording|due date|task|invite))\b)/;

/**
 * Reads a message as a reply to what is open.
 *
 * @param message What the person wrote, as it came.
 * @param open The open actions; with none of them nothing is a reply.
 * @param moment What the last answer asked; the open action unless it is said otherwise.
 * @returns What the message does. Never throws, and knows nothing but its arguments.
 */
export function readReply(
  message: string,
  open: readonly OpenAction[],
  moment: ReplyMoment = { isAsked: true },
): Reply {
  const [only] = open;
  if (only === undefined) return NONE;
  const written = message.replaceAll("’", "'").replace(/^[ \t\r\n]+|[ \t\r\n]+$/g, "");
  const text = written.toLowerCase();
  const read = readPlain(written);
  if (read === null) return readUnplain(text, open, moment);

  const isYes = read.phrases.some(({ kind }) => kind === "yes" || kind === "confirm");
  const isNo = read.phrases.some(({ kind }) => kind === "no" || kind === "cancel");
  const isContrary = read.phrases.some(({ kind }) => kind === "contrary");
  if (isContrary || isYes && (isNo || /\bbut\b/.test(text))) return askBack(open, "not_plain");
  if (!isYes && !isNo) {
    const isWeak = read.phrases.some(({ kind }) => kind === "weak") ||
      /\bplease (?:confirm|approve)\b/.test(text);
    return isWeak && moment.isAsked ? askBack(open, "not_plain") : NONE;
  }
  const isNamed = read.named !== null ||
    read.phrases.some(({ kind }) => kind === "confirm" || kind === "cancel");
  if (!isNamed && !moment.isAsked) return NONE;
  if (!isNamed && moment.asksMore === true) return askBack(open, "not_plain");
  return decide(isYes ? "confirm" : "cancel", read, open);
}

interface PlainReply {
  readonly phrases: readonly Phrase[];
  readonly named: NamedAction | null;
}

/** The message as a row of known phrases with at most one named action; null where it is not. */
function readPlain(written: string): PlainReply | null {
  const bare = written.replace(NODS, "");
  const isPlain = bare.length <= REPLY_MAX_CHARACTERS && PLAIN.test(bare) &&
    !UNFINISHED.test(bare) && !/ '|' |^'|'$/.test(bare);
  if (!isPlain) return null;
  const words = bare.toLowerCase().replaceAll(/\b(?:dont|lets|im|ive|thats|its)\b/g, withApostrophe)
    .replaceAll(/(?<=[a-z])-(?=[a-z])/g, " ").replaceAll(/[,.!–—-]+/g, " , ").trim()
    .split(/\s+/).join(" ").replace(/^(?:, )+|(?: ,)+$/g, "").split(" ");
  const phrases: Phrase[] = [];
  let named: NamedAction | null = null;
  for (let at = 0; at < words.length;) {
    if (words[at] === ",") {
      at++;
      continue;
    }
    const phrase = longestPhrase(words, at);
    const object = readNamedAction(words, at + (phrase?.length ?? 0));
    if (object !== null && (phrase !== null || phrases.length > 0)) {
      // Two objects in one reply are two replies
      if (named !== null) return null;
      named = object.named;
      at = object.end;
      if (phrase !== null) phrases.push(phrase.phrase);
      continue;
    }
    if (phrase === null) return null;
    phrases.push(phrase.phrase);
    at += phrase.length;
  }
  return { phrases, named };
}

function withApostrophe(word: string): string {
  return word === "ive" ? "i've" : `${word.slice(0, -1)}'${word.slice(-1)}`;
}

function longestPhrase(
  words: readonly string[],
  start: number,
): { readonly phrase: Phrase; readonly length: number } | null {
  for (let length = Math.min(PHRASE_MAX_WORDS, words.length - start); length > 0; length--) {
    const phrase = PHRASES.get(words.slice(start, start + length).join(" "));
    if (phrase !== undefined) return { phrase, length };
  }
  return null;
}

/** A plain yes or no: to the one action that is open, or to the one that it names. */
function decide(
  kind: "confirm" | "cancel",
  { phrases, named }: PlainReply,
  open: readonly OpenAction[],
): Reply {
  const verbs = phrases.flatMap(({ verb }) => verb === null ? [] : [verb]);
  const meant = open.filter(({ summary }) => {
    const head = summaryHead(summary);
    return verbs.every((verb) => verb.test(head)) && (named === null || named.isIn(head));
  });
  const [action] = meant;
  const isClear = meant.length === 1 && (open.length === 1 || named !== null);
  if (action !== undefined && isClear) return { kind, id: action.id };
  return askBack(open, open.length > 1 ? "several_open" : "not_plain");
}

/** What is no plain reply may still be meant as one, or ask for a change. */
function readUnplain(text: string, open: readonly OpenAction[], { isAsked }: ReplyMoment): Reply {
  const [only] = open;
  const isOpener = OPENERS.test(text.replace(/^[^\p{L}\p{N}]+/u, ""));
  const isChange = EDIT.test(text) || isOpener && isAsked && CHANGE.test(text);
  if (isChange && only !== undefined) {
    return open.length === 1 ? { kind: "edit", id: only.id } : askBack(open, "several_open");
  }
  const isNod = text !== "" && text.replace(NODS, "").trim() === "";
  return (isOpener || isNod) && isAsked ? askBack(open, "not_plain") : NONE;
}

function askBack(
  open: readonly OpenAction[],
  reason: "several_open" | "not_plain",
): Reply {
  return { kind: "ask_back", ids: open.map(({ id }) => id), reason };
}
