// What people say when they mean yes or no, as whole phrases. A reply is read from its first word to
// its last as a row of these; one word that is in none of them, and it is no plain yes.
import {
  CANCEL,
  GOING_ON,
  NO,
  PERMISSION,
  POLITE,
  PRONOUNS,
  REFUSAL,
  STOP,
  WEAK,
  YES,
} from "./reply_words.ts";

/**
 * What a phrase does in a reply.
 *
 * - `confirm`: says yes to a stored action by name of the act ("confirm", "approve").
 * - `yes`: says yes to whatever was asked last.
 * - `cancel`, `no`: the same for no.
 * - `polite`: says nothing by itself.
 * - `weak`: may be a yes, may be "I have seen it".
 * - `contrary`: refuses a no; nothing follows from it.
 */
export type PhraseKind = "contrary" | "confirm" | "yes" | "cancel" | "no" | "polite" | "weak";

/** A phrase, and which kinds of action its verb can mean; null for any. */
export interface Phrase {
  readonly kind: PhraseKind;
  readonly verb: RegExp | null;
}

/** Verbs that name an act, and the words with which summaries of such actions begin. */
export const VERBS: Readonly<Record<string, RegExp>> = {
  send: /\b(?:e-?mail|mail|send|message|slack|invit\w*)\b/,
  email: /\b(?:e-?mail|mail|send)\b/,
  post: /\b(?:slack|post|message)\b/,
  book: /\b(?:meeting|schedule|book|invit\w*|calendar|call)\b/,
  schedule: /\b(?:meeting|schedule|book|invit\w*|calendar|call)\b/,
  create: /\b(?:create|add|task|activity|note|meeting|event)\b/,
  add: /\b(?:create|add|task|activity|note|meeting|event)\b/,
  log: /\b(?:log|activity|note|record)\b/,
  move: /\bmove\b/,
  complete: /\b(?:complete|tick|mark|done)\b/,
};

/** Nouns that name an action, and the words with which its summary must begin. */
export const NOUNS: Readonly<Record<string, RegExp>> = {
  email: /\be-?mail\b/,
  mail: /\be-?mail\b/,
  message: /\b(?:message|slack|e-?mail)\b/,
  post: /\b(?:post|slack)\b/,
  task: /\btask\b/,
  meeting: /\b(?:meeting|schedule)\b/,
  invite: /\b(?:invit\w*|meeting|schedule)\b/,
  invitation: /\b(?:invit\w*|meeting|schedule)\b/,
  activity: /\b(?:activity|log)\b/,
  note: /\bnote\b/,
  deal: /\bdeal\b/,
  contact: /\bcontact\b/,
};

const CONFIRM: readonly string[] = withPronouns(["confirm", "approve"]);

/** Every phrase, by its words. */
export const PHRASES: ReadonlyMap<string, Phrase> = new Map([
  ...simple("polite", POLITE),
  ...simple("weak", WEAK),
  ...simple("yes", YES),
  ...simple("no", [...NO, ...STOP]),
  ...simple("cancel", withPronouns(CANCEL)),
  ...simple("confirm", [
    ...CONFIRM,
    ...withPronouns(["i confirm", "i approve", "i hereby confirm"]),
    "confirmed",
    "approved",
    "it's approved",
    "it's confirmed",
  ]),
  // Refusing a yes is a no; refusing a no is nothing that could be done
  ...simple("no", REFUSAL.flatMap((not) => CONFIRM.map((confirm) => `${not} ${confirm}`))),
  ...simple("no", REFUSAL.flatMap((not) => GOING_ON.map((go) => `${not} ${go}`))),
  ...simple(
    "contrary",
    REFUSAL.flatMap((not) => [...withPronouns(CANCEL), ...STOP].map((end) => `${not} ${end}`)),
  ),
  ...simple("yes", PERMISSION.flatMap((may) => PRONOUNS.map((it) => `${may} do ${it}`))),
  ...simple("yes", PERMISSION.flatMap((may) => PRONOUNS.map((it) => `${may} execute ${it}`))),
  ...Object.entries(VERBS).flatMap(([verb, means]) => actsWith(verb, means)),
]);

/** The longest phrase, in words. */
export const PHRASE_MAX_WORDS = Math.max(
  ...[...PHRASES.keys()].map((phrase) => phrase.split(" ").length),
);

function simple(kind: PhraseKind, phrases: readonly string[]): [string, Phrase][] {
  return phrases.map((phrase) => [phrase.trim(), { kind, verb: null }]);
}

function withPronouns(phrases: readonly string[]): string[] {
  return phrases.flatMap((phrase) => [
    phrase,
    ...(/ (?:it|that|this|away|off)$/.test(phrase) ? [] : PRONOUNS.map((it) => `${phrase} ${it}`)),
  ]);
}

/** "Send it", "you can send it", "don't send it"; and "send" by itself. */
function actsWith(verb: string, means: RegExp): [string, Phrase][] {
  const objects = ["", ...PRONOUNS.map((it) => ` ${it}`)];
  return objects.flatMap((it) => [
    ...PERMISSION.map((
      may,
    ): [string, Phrase] => [`${may} ${verb}${it}`.trim(), { kind: "yes", verb: means }]),
    ...REFUSAL.map((not): [string, Phrase] => [`${not} ${verb}${it}`, { kind: "no", verb: means }]),
  ]);
}
