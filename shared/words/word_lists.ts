// Words that decide by themselves: those that carry no meaning, those that sentences begin with, and
// what has no place in a sentence about a meeting.

const split = (words: string): ReadonlySet<string> => new Set(words.trim().split(/\s+/));

/** Words that say little; they need not have been said. */
export const STOP_WORDS: ReadonlySet<string> = split(`
  the and for are was were been being has have had not but its with this that these those them they
  their there here from into onto over under about than then when where which who whom whose what why
  how can could will would shall should may might must does did doing done out off per via our your
  his her hers him she you yours mine ours own same such some any each all both few more most other
  also just only very too still yet again once because while during before after until between through
  said says say asked asks ask told tells tell mentioned mentions noted notes stated discussed agreed
  confirmed explained wants want wanted meeting call team customer prospect client speaker they'll
  we'll i'll it's that's let's
`);

/** Common words that begin a sentence with a capital and are nobody's name. */
export const OPENING_WORDS: ReadonlySet<string> = split(`
  a about add after agree agreed all also although an and another any are arrange as ask asked asks at
  be because before book bring build but by call check clarify come compare complete confirm confirmed
  connect contact could create current currently customer deal decide decision deliver demo despite did
  discuss discussed discussion do does draft during each email ensure evaluate every everyone expand
  explain explore few fill finalize find finish follow for forward from get give go had has have he her
  his how i if implement in include increase interested introduce invite involve is issue it its join
  keep know last launch let look main make many meet meeting might more most move must need needs new
  next no none not of offer on once one only open or our over partners per plan planning please positive
  prepare present price pricing prospect provide push put questions raise reach ready reduce regarding
  report request requested requests review rollout run schedule security see send set several share she
  should show sign since so some speaker start still submit such summarize support switch take talk team
  test than that the their them then there these they this those three through to today together
  tomorrow two under understand until update upgrade use uses using very wait want wants was we were
  what when where whether which while who why with within work would write yes you your
`);

/** Links, tags and schemes that a page or a chat might act on. */
export const MARKUP =
  /<\/?[a-z!]|\]\s*\(|!\[|javascript:|data:[a-z]|\{\{|\$\{|[\p{Cc}\u00ad\u200b\u200e\u200f\u202a-\u202e\u2066-\u2069]/iu;
