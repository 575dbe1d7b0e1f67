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

/**
 * Words that sentences of advice begin with, in lower case: nobody's name where they stand first. None
 * that is a first name or a company as well ("Mark", "Chase", "Target") belongs here.
 */
export const OPENING_ADVICE: ReadonlySet<string> = new Set(
  (`
  accept acknowledge address adjust aim align allow announce answer anticipate apologize apply approach
  assess assign assume avoid beat become begin block boost brief broaden budget business buy cancel
  capture carry catch cause change choose close coach collect combine commit commitment commitments
  competitor competitors concern concerns consider contract contracts cost costs cover cut date dates
  deadline deadlines deepen defend define demonstrate describe detail details determine develop direct
  discount document don't double drive earn easy emphasize encourage end engage enter escalate
  establish estimate even expand expect expire fair fast feel figure fine fix flag focus frame free full
  gather gauge general generate guide half hand handle hard hear highlight history hold ideally identify
  ignore immediate impact important improve indicate inform initial insist internal investigate keep large
  late later lead learn leave legal less level leverage limit list listen little log long loop lower
  maintain make manage map match maybe mention mid minor mirror momentum monitor multiple name negotiate
  notify objection objections obtain often ongoing organize otherwise outline own pause perhaps pick pilot
  pin place play possible possibly potential practice press prevent previous primary prioritize proactive
  probe proceed procurement proof propose proposal protect prove pull purpose pursue qualify quantify quick
  quiet quote rank rather reaffirm real reason reasons reassure recall recap recognize recommend reconfirm
  reconnect record records refer reference refresh reinforce relationship relevant remember remind remove
  renew renewal repeat reply research reserve resolve respect respond restate result results return revenue
  revisit same save say scale scope secure seek sell sentiment separate set shape short silence similar
  simple single size skip slow small solid somebody someone something soon sooner spend split stakeholder
  stakeholders stall state stay stop strengthen stress structure success sum surface tailor tell terms thread
  tie tight time timeline timing topic topics touch track trade treat try turn type uncover update urgency
  validate verify view visit wait walk warm watch whoever whom wider win wrap write zero
  `).trim().split(/\s+/),
);
