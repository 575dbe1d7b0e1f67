// The words of plain replies, apart by "|".

const split = (phrases: string): readonly string[] =>
  phrases.split("|").map((phrase) => phrase.replaceAll(/\s+/g, " ").trim());

/** Say yes to what was asked last. */
export const YES = split(`
  yes|yep|yeah|yup|sure|sure thing|definitely|absolutely|certainly|of course|by all means|
  affirmative|agreed|go ahead|go for it|proceed|make it so|good to go|i'm sure|i am sure|
  yes please|yes i do|yes you may|yes you can|please do|please do so|yes do|do so|
  you have my approval|you have my ok|you have my go ahead|i agree|let's go ahead|
  go ahead with it|go ahead with that|proceed with it|proceed with that|ship it
`);

/** Say no to what was asked last. */
export const NO = split(`
  no|nope|nah|no thanks|no thank you|no way|absolutely not|definitely not|certainly not|
  of course not|better not|rather not|please don't|please do not|don't|do not|i'd rather not|
  i would rather not|don't do it|don't do that|don't do this|do not do it|do not do that|
  do not do this|leave it|leave it be|don't bother|no need
`);

/** Stop whatever is going on; they too answer what was asked last. */
export const STOP = split(`
  stop|stop it|stop that|never mind|nevermind|forget it|forget about it|forget that|forget this|
  i changed my mind|i've changed my mind|i have changed my mind
`);

/** End an open action, by name of the act; some take a pronoun. */
export const CANCEL = split(`
  cancel|abort|discard|dismiss|reject|rejected|decline|declined|cancelled|drop it|drop that|
  drop this|scrap it|scrap that|scrap this|i decline|i reject|i cancel|throw it away|call it off
`);

/** Say nothing by themselves. "Please confirm" asks for a confirmation as often as it gives one. */
export const POLITE = split(`
  please|thanks|thank you|thanks a lot|thank you very much|many thanks|now|right now|right away|
  immediately|as is|as it is|actually|sorry|then|and|but|just|copilot|hi|hey|hello|please confirm|please confirm it|please confirm this|
  please confirm that|please approve|please approve it|please approve this|please approve that
`);

/** May be a yes, and may be "I have seen it". */
export const WEAK = split(`
  ok|okay|k|y|fine|great|perfect|good|cool|nice|excellent|awesome|alright|all right|got it|lgtm|
  looks good|looks great|looks fine|looks perfect|looks right|looks good to me|sounds good|
  sounds great|sounds right|correct|right|true|understood|that's right|that's correct|
  that's good|that's great|that's perfect|that is right|that is correct|that works|works for me|
  all good|fine by me|it's fine|it's good|it looks good|that looks good|this looks good|go|done|that's fine|that is fine|
  i'm happy with it|i'm fine with it|i'm fine with that
`);

/** Say yes in ways that can be refused: "don't go ahead". */
export const GOING_ON = split(`
  go ahead|proceed|go for it|make it so|execute it|execute this
`);

/** What an open action is called where it is the only one. */
export const PRONOUNS = split("it|this|that|this one|that one");

/** Before a verb that says what to do; nothing at all, too. */
export const PERMISSION = split("|you can|you may|let's|go ahead and|you can go ahead and");

/** Before a verb that says what not to do. */
export const REFUSAL = split(
  "don't|do not|never|please don't|please do not|you must not|i don't|i do not",
);
