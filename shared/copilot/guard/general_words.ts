// Words that an answer may write with a capital although no row holds them: how sales people talk,
// the product and its neighbours, and words that answers begin with.

/** In lower case. */
export const GENERAL_WORDS: ReadonlySet<string> = new Set(
  (`
  mr mrs ms dr crm ceo cfo cto coo cmo cro vp svp evp hr it pm am roi kpi kpis sla slas poc nda msa sow rfp rfi api
  apis sdk sso saas b2b b2c arr mrr acv tcv ae sdr bdr csm qbr eod eow eom q1 q2 q3 q4 h1 h2 faq pdf csv
  utc gmt est edt cst cdt mst mdt pst pdt cet cest bst us uk eu usa usd eur gbp jpy cad aud id ids ok
  okay re fyi asap ps hi hello hey dear thank thanks regards best cheers sincerely
  sixty copilot slack gmail google calendar zoom teams meet outlook notetaker meddic meddpicc bant spin
  january february march april may june july august september october november december
  jan feb mar apr jun jul aug sep sept oct nov dec mon tue tues wed thu thur thurs fri sat sun
  monday tuesday wednesday thursday friday saturday sunday today tomorrow yesterday
  english german french spanish
  here based great sure unfortunately overall currently both would happy sounds i've i'd i'll i'm yes
  good please your you hope hopefully since sorry right note nothing none nobody neither either key
  next top main action actions item items summary overview risk risks step steps talking point points
  goal goals agenda question questions background context recommendation recommendations suggested
  suggestion suggestions subject body task tasks deal deals contact contacts company companies meeting
  meetings email emails draft preview confirm cancel priority status stage owner attendees people due
  overdue high low medium normal urgent open won lost recent upcoming last no total pipeline forecast
  value amount probability health score strong weak at in on of to for with without and or but if how
  what why when where who which while although however therefore meanwhile instead finally first
  second third lastly also then so because until unless whether given despite aside besides
  congratulations welcome understood noted got let's there's here's that's it's what's who's done
  every each most many several few some any all one two three four five six seven eight nine ten
  `).trim().split(/\s+/),
);
