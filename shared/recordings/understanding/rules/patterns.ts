// What agreements, doubts and promises sound like in English.

/** Things that people promise to do; "I will be honest" is none of them. */
export const ACTION_VERBS =
  "send|share|email|forward|schedule|set up|book|prepare|draft|write|put together|create|update|follow up|get back|check|review|introduce|invite|call|arrange|provide|deliver|confirm|look into|circulate|finalize|finalise|sign|return|connect|loop in|ask|talk to|speak to|reach out|submit|build|demo|ship|investigate|organize|organise|research|add|fix|order|upload|compile|summarize|summarise|document|test|propose|quote";

const NEXT_STEP =
  /\bnext steps?\b|\blet['’]?s (?:schedule|set up|book|meet|regroup|reconnect|plan|catch up|talk (?:again|on|next)|do (?:a|another) (?:call|demo))\b|\bfollow[- ]?up (?:call|meeting|session|demo)\b|\bwe(?:['’]ll| will) (?:meet|reconvene|talk|speak) (?:again|on|next)\b/i;
const OBJECTION =
  /\b(?:too|bit|very|pretty|really|quite) (?:expensive|pricey|costly|complicated|complex)\b|\b(?:i['’]m|i am|we['’]re|we are|they['’]re|they are) (?:a (?:bit|little) )?(?:worried|concerned|hesitant|skeptical|sceptical|not (?:sure|convinced)|nervous)\b|\b(?:my|our|the|biggest|main|one) (?:\w+ )?concerns?\b|\b(?:don['’]t|do not|doesn['’]t) have (?:the |any |enough )?budget\b|\bbudget (?:is|has been|was) (?:tight|frozen|cut|limited|an issue)\b|\bout of (?:our )?budget\b|\bover (?:our )?budget\b|\b(?:deal ?breaker|blocker|showstopper)\b|\bnot (?:a priority|the right time|a good fit)\b|\bworr(?:y|ies) (?:me|us|is)\b|\b(?:hard|tough|difficult) to justify\b|\bcan['’]?t (?:justify|afford)\b|\btakes? too long\b/i;

/** Says whether a sentence names what is to happen next. */
export function isNextStep(text: string): boolean {
  return NEXT_STEP.test(text);
}

/** Says whether a sentence is a doubt. */
export function isObjection(text: string): boolean {
  return OBJECTION.test(text) &&
    !/\b(?:no|any|not? a|without) (?:\w+ )?(?:concerns?|objections?)\b/i.test(text);
}
