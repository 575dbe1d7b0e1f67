// Names that are compared with: "we're also looking at Widget Pro", "switching from Acme".

const LEADS =
  "(?:currently|already|also|still)? ?(?:using|use|evaluating|looking at|talking to|comparing (?:you )?(?:with|to|against)|compared (?:with|to)|considering|switch(?:ing|ed)? (?:away )?from|migrat(?:ing|ed|e) (?:away )?from|moving (?:away )?from|quote from|proposal from|demo (?:from|of|with)|trial (?:of|with)|contract with|versus|vs\\.?|cheaper than|competitor(?:s)?(?: is| are| like| such as|,)?|alternatives?(?: is| are| like| such as|,)?|instead of|on)";
const NAME = "((?:\\p{Lu}[\\p{L}\\p{N}&'’-]*)(?: \\p{Lu}[\\p{L}\\p{N}&'’-]*){0,2})";
const WEAK_LEADS = /^(?:on|use|using|on )$/i;
const PATTERN = new RegExp(`\\b(${LEADS})\\s+${NAME}(?:(?:,? (?:and|or) )${NAME})?`, "gu");
const COMPARING =
  /\b(?:we|they|you)(?:['’]re| are|['’]ve| have)? (?:\w+ )?(?:using|use|evaluat|look|talk|compar|consider|switch|migrat|mov|on)|\b(?:versus|vs|cheaper|competitor|alternative|quote|proposal|instead)\b/i;
const NO_NAMES =
  /^(?:I|We|You|They|He|She|It|The|This|That|These|Those|Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday|January|February|March|April|May|June|July|August|September|October|November|December|Zoom|Teams|Meet|Google Meet|English|German|French|Spanish|CRM|API|SSO|AI|PDF|Q[1-4]|CEO|CFO|CTO|VP|IT|HR|EU|US|UK|Europe|America|God|OK|Okay)$/;

/**
 * Finds the competitors that a sentence names.
 *
 * @param text The sentence.
 */
export function findCompetitors(text: string): string[] {
  if (!COMPARING.test(text)) return [];
  const names: string[] = [];
  for (const [, lead = "", first, second] of text.matchAll(PATTERN)) {
    // "We use Outlook" is how they work, not what they compare with, unless they say which one it is
    if (
      WEAK_LEADS.test(lead.trim()) && !/\b(?:today|currently|now|already|competitor)\b/i.test(text)
    ) {
      continue;
    }
    for (const name of [first, second]) {
      const bare = name?.replace(/['’]s$/u, "");
      if (bare !== undefined && !NO_NAMES.test(bare)) names.push(bare);
    }
  }
  return [...new Set(names)];
}
