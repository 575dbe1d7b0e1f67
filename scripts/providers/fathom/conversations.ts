// What people say in simulated recordings. `{rep}`, `{buyer}`, `{second}`, `{company}` are filled in.

/** Who says a line: our user, the first or the second person of the customer. */
export type Role = "rep" | "buyer" | "second";

/** A conversation with its results. */
export interface Conversation {
  readonly title: string;
  readonly summary: readonly string[];
  readonly lines: ReadonlyArray<readonly [role: Role, text: string]>;
  readonly actions: ReadonlyArray<readonly [role: Role, description: string]>;
}

/** The conversations, by topic. */
export const CONVERSATIONS = {
  pricing: {
    title: "Pricing review",
    summary: [
      "{company} compared the annual and the monthly plan for forty seats.",
      "**Budget** is approved up to 48,000 a year; anything above needs the board.",
      "**Objection**: onboarding fees should be waived with a two-year term.",
      "**Next step**: revised quote by Thursday, decision the week after.",
    ],
    lines: [
      [
        "rep",
        "Thanks for making the time for pricing. I'd like to leave with a number you can defend.",
      ],
      ["buyer", "That would help. Our finance team looks at everything twice this quarter."],
      ["rep", "Understood. Last time we spoke about forty seats. Is that still right?"],
      ["buyer", "Forty for the start. If the pilot works, the service team adds another fifteen."],
      [
        "second",
        "I have budget approved up to forty-eight thousand a year. Beyond that I need the board.",
      ],
      ["rep", "On the annual plan forty seats come to forty-six thousand eight hundred."],
      ["second", "And the onboarding fee is on top of that?"],
      ["rep", "It is five thousand, once. With a two-year term I can ask to waive it."],
      ["buyer", "Your competitor doesn't charge for onboarding at all, to be honest."],
      ["rep", "They also don't migrate your call history. That is most of what the fee pays for."],
      ["second", "The history matters to us. We lost two years of notes in the last migration."],
      ["rep", "Then let me put the migration in the quote as a line of its own, at no charge."],
      ["buyer", "Can you send the revised quote by Thursday? We decide the week after."],
      ["rep", "You'll have it on Thursday morning, with both terms side by side."],
      ["second", "Please include the data processing agreement. Legal will ask."],
      ["rep", "I will. Is there anybody besides legal who could still stop this?"],
      ["buyer", "Only our operations lead, and she has already seen the demo."],
      ["rep", "Great. Then Thursday the quote, and we speak again on Monday."],
    ],
    actions: [
      ["rep", "Send {company} the revised quote with both terms by Thursday"],
      ["rep", "Ask for approval to waive the onboarding fee on a two-year term"],
      ["second", "Forward the data processing agreement to legal"],
    ],
  },
  discovery: {
    title: "Discovery call",
    summary: [
      "{company} wants fewer status meetings and a shared view of open deals.",
      "**Pain**: follow-ups are written by hand and often a week late.",
      "**Current tools**: spreadsheets and a CRM that nobody updates.",
      "**Next step**: tailored demo with the sales operations lead.",
    ],
    lines: [
      ["rep", "Before I show anything, tell me how a deal moves through your team today."],
      ["buyer", "Honestly, through spreadsheets. The CRM exists, but nobody updates it."],
      ["rep", "What happens to the notes after a customer call?"],
      ["buyer", "They stay in somebody's notebook until the weekly status meeting."],
      ["second", "And that meeting is ninety minutes, every Monday, with eleven people."],
      ["rep", "So about sixteen hours of working time each week, only to share status."],
      ["second", "I never counted it like that, but yes."],
      ["rep", "When did a deal last slip because a follow-up came too late?"],
      ["buyer", "Last month. We answered a security questionnaire a week late and lost the slot."],
      ["rep", "How much was that deal worth?"],
      ["buyer", "Around thirty thousand in the first year."],
      ["second", "And it would have been our first customer in logistics."],
      ["rep", "If the follow-up had been drafted right after the call, who would have sent it?"],
      ["buyer", "Our account manager. The writing is what takes her so long."],
      [
        "rep",
        "Then I'd like to show exactly that: from the recording to a draft that she approves.",
      ],
      ["second", "Bring our sales operations lead in. He decides about tools."],
      ["rep", "Gladly. Would Wednesday afternoon work for the three of you?"],
      ["buyer", "Wednesday at three is fine."],
    ],
    actions: [
      ["rep", "Invite {company}'s sales operations lead to a tailored demo on Wednesday"],
      ["rep", "Prepare a follow-up draft out of a sample recording"],
      ["buyer", "Share an anonymised export of the pipeline spreadsheet"],
    ],
  },
  security: {
    title: "Security review",
    summary: [
      "{company}'s security lead walked through data residency, access and retention.",
      "**Requirement**: recordings stay in the European region and are deleted after a year.",
      "**Open**: penetration test report, list of subprocessors.",
      "**Next step**: answers to the questionnaire within five working days.",
    ],
    lines: [
      ["second", "I have twelve questions, but three of them decide whether we go on."],
      ["rep", "Let's begin with those three."],
      ["second", "Where are recordings stored, and can we choose the region?"],
      ["rep", "In object storage, encrypted, and you choose the region when the account is made."],
      ["second", "It must be the European region. That one isn't negotiable."],
      ["rep", "Noted. It will be in the contract as well."],
      ["second", "Who of your people can listen to our calls?"],
      ["rep", "Nobody by default. Access needs your approval, is limited in time and is logged."],
      ["second", "Can we see that log ourselves?"],
      ["rep", "Yes, your admins can export it at any time."],
      ["buyer", "That is better than what we have today."],
      ["second", "Third question: retention. We need deletion after one year, without asking."],
      ["rep", "You set a retention period for each team, and deletion covers transcripts too."],
      ["second", "Good. I also need the latest penetration test and your list of subprocessors."],
      ["rep", "You'll have both, with the questionnaire, within five working days."],
      ["buyer", "If those are clean, can we still sign this quarter?"],
      ["second", "If they are clean, yes."],
      ["rep", "Then I'll book a short call for the day after you receive them."],
    ],
    actions: [
      ["rep", "Send the penetration test report and the list of subprocessors to {company}"],
      ["rep", "Answer the security questionnaire within five working days"],
      ["second", "Confirm the one-year retention requirement in writing"],
    ],
  },
} as const satisfies Record<string, Conversation>;

/** What a conversation is about. */
export type Topic = keyof typeof CONVERSATIONS;

/** All topics. */
export const TOPICS: readonly [Topic, ...Topic[]] = ["pricing", "discovery", "security"];
