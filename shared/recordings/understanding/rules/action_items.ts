// Promises and requests: "I'll send the contract by Friday", "Bob, can you check with legal?".
import type { AnalysisSource, Insight } from "../contract.ts";
import { collectWords } from "../../../words/borne_out.ts";
import { findAssignee } from "../find_assignee.ts";
import { readDueDate } from "../read_due_date.ts";
import { ACTION_VERBS } from "./patterns.ts";
import type { Sentence } from "./sentences.ts";

const PROMISE = new RegExp(
  `\\b(?:(I)|we)(?:['’]ll| will|['’]m going to| am going to|['’]re going to| are going to) (?:also |then |just |definitely |personally |go ahead and |make sure to |try to )?(?:${ACTION_VERBS})\\b`,
  "i",
);
const OFFER = new RegExp(`\\blet me (?:${ACTION_VERBS})\\b`, "i");
const REQUEST = new RegExp(
  `(?:^|\\b(\\p{Lu}[\\p{L}'’-]+),? )(?:can|could|would|will) you (?:please |also )?(?:${ACTION_VERBS})\\b`,
  "iu",
);
/** What people say while they do it, or would do if. */
const NO_PROMISE =
  /\bshare my screen\b|\b(?:won['’]t|will not|not going to)\b|\b(?:if|unless|whether) (?:I|we|you)\b|\blet me (?:check|ask|add) (?:that )?(?:quickly|real quick|something|you)?\b[?]?$|\bI(?:['’]ll| will) (?:call|ask) (?:it|that|you a)\b/i;
const DUE =
  /\b(?:by |before |on |until |no later than )?(?:the )?(?:end of (?:the |this |next )?(?:day|week|month)|day after tomorrow|tomorrow(?: (?:morning|afternoon|evening))?|today|tonight|eod|eow|eom|(?:this |next )?(?:mon|tues|wednes|thurs|fri|satur|sun)day|(?:january|february|march|april|may|june|july|august|september|october|november|december) (?:the )?\d{1,2}(?:st|nd|rd|th)?|\d{1,2}(?:st|nd|rd|th)? (?:of )?(?:january|february|march|april|june|july|august|september|october|november|december)|(?:next|this) (?:week|month|quarter))\b|\b(?:in|within) (?:a|one|two|three|four|five|six|\d{1,2}|the next) (?:day|week)s?\b/i;

/**
 * Reads an action item out of a sentence.
 *
 * @param sentence The sentence.
 * @param source Everybody who was there.
 * @param today The day it was said.
 * @returns Null where nothing is promised or asked for.
 */
export function findActionItem(
  sentence: Sentence,
  source: AnalysisSource,
  today: string,
): Insight | null {
  const { text } = sentence;
  const promise = PROMISE.exec(text);
  const request = REQUEST.exec(text);
  const isPromise = (promise !== null && !text.endsWith("?")) || OFFER.test(text);
  if (!isPromise && request === null || NO_PROMISE.test(text)) return null;
  const isOwn = isPromise && (promise === null || promise[1] !== undefined);
  const owner = isOwn ? sentence.speaker : isPromise ? null : readAddressee(request);
  const cited = [sentence.segment];
  const assignee = owner === null ? null : findAssignee(owner, collectWords(cited), cited, source);
  const due = DUE.exec(text)?.[0].trim() ?? null;
  return {
    kind: "action_item",
    text,
    subject: null,
    assignee_name: assignee?.name ?? null,
    assignee_email: assignee?.email ?? null,
    due_text: due,
    due_on: due === null ? null : readDueDate(due, today),
    segments: [sentence.seq],
  };
}

/** The name somebody is called by; the pattern takes small letters too, names don't. */
function readAddressee(request: RegExpExecArray | null): string | null {
  const name = request?.[1];
  const isName = name !== undefined && /^\p{Lu}/u.test(name) &&
    !/^(?:And|But|So|Also|Then|Maybe|Okay|Ok|Yes|No|Well|Or|If|When|What|How|Thanks|Please|Sure|Great|Right|I|We)$/
      .test(name);
  return isName ? name : null;
}
