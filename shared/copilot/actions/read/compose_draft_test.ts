// Unit tests of drafts by rules: whom they greet, when they say it was, and what they keep to themselves.
import { deepStrictEqual, doesNotMatch, match, ok, strictEqual } from "node:assert/strict";
import fc from "fast-check";
import { SendEmail } from "../../proposals/effect.ts";
import { DraftedEmail } from "../../panels/email_draft.ts";
import { type ComposedDraft, composeDraft, type DraftWish } from "./compose_draft.ts";
import type { DraftContext } from "./draft_context.ts";

const ID = "00000000-0000-4000-8000-000000000001";
const SENDER = {
  organizationName: "Fernhollow",
  person: {
    id: ID,
    firstName: "Sarah",
    fullName: "Sarah Chen",
    email: "sarah@home.test",
    timeZone: "Europe/Berlin",
  },
};
const NO_WISH: DraftWish = { purpose: undefined, subject: undefined, points: [] };

function recipient(email: string, firstName: string | null): DraftContext["recipients"][number] {
  return { email, name: firstName, first_name: firstName, contact_id: null, company_id: null };
}

function context(more: Partial<DraftContext> = {}): DraftContext {
  return {
    org_id: ID,
    time_zone: "Europe/Berlin",
    now: "2026-11-23T08:00:00+00:00",
    recipients: [recipient("dana@buyer.test", "Dana")],
    participants: ["dana@buyer.test"],
    event: null,
    outcome: null,
    thread: null,
    last_meeting: null,
    deal: { id: ID, name: "Project Blackbird", next_step: "Squeeze them on price" },
    ...more,
  };
}

const EVENT: NonNullable<DraftContext["event"]> = {
  calendar_event_id: ID,
  meeting_id: ID,
  title: "Pilot review",
  start_time: "2026-11-22T23:30:00+00:00",
  end_time: "2026-11-23T00:15:00+00:00",
  all_day: false,
  day: "2026-11-23",
  location: null,
  description: "Agenda",
  meeting_url: null,
  share_url: null,
  status: "confirmed",
  response_status: "accepted",
  summary: "They are desperate",
};
const OUTCOME: NonNullable<DraftContext["outcome"]> = {
  insights: [],
  action_items: [{
    action_item_id: ID,
    meeting_id: ID,
    meeting_title: "Pilot review",
    description: "Send the\nanswers\u202e",
    assignee_name: "Sarah Chen",
    assignee_email: null,
    is_completed: false,
  }],
};

function draft(found: DraftContext, wish: Partial<DraftWish> = {}): ComposedDraft {
  const composed = composeDraft(found, { ...NO_WISH, ...wish }, SENDER);
  ok(composed !== null);
  return composed;
}

Deno.test("composeDraft() greets by first name, and nobody by a name it does not know", () => {
  const greeted = (...names: (string | null)[]): string => {
    const recipients = names.map((name, index) => recipient(`p${index}@buyer.test`, name));
    return draft(context({ recipients })).email.body.split("\n")[0] ?? "";
  };
  deepStrictEqual(
    [
      greeted("Dana"),
      greeted("Dana", "Victor"),
      greeted("A", "B", "C"),
      greeted("A", "B", "C", "D"),
      greeted(null),
      greeted("Dana", null),
    ],
    ["Hi Dana,", "Hi Dana and Victor,", "Hi A, B and C,", "Hi all,", "Hello,", "Hello all,"],
  );
  strictEqual(composeDraft(context({ recipients: [] }), NO_WISH, SENDER), null);
});

Deno.test("C-24 composeDraft() says days as the sender's own calendar has them", () => {
  // Half past eleven at night in London is the next morning in Berlin.
  const opening = (now: string, timeZone = "Europe/Berlin"): string =>
    draft(context({ event: EVENT, outcome: OUTCOME, now, time_zone: timeZone })).email.body;
  match(opening("2026-11-23T08:00:00+00:00"), /Thank you for your time today\./);
  match(opening("2026-11-23T08:00:00+00:00", "Europe/London"), /your time yesterday\./);
  match(opening("2026-12-01T08:00:00+00:00"), /your time on Monday 23 November\./);
  const ahead = draft(context({
    event: { ...EVENT, start_time: "2026-11-24T09:00:00+00:00", end_time: null },
  }));
  strictEqual(ahead.purpose, "confirm_meeting");
  match(ahead.email.body, /our meeting tomorrow at 10:00 \(Europe\/Berlin\)\./);
});

Deno.test("composeDraft() repeats what was agreed to those who were there, and to nobody else", () => {
  const found = context({ event: EVENT, outcome: OUTCOME });
  match(draft(found).email.body, /What we agreed:\n- Send the answers \(Sarah Chen\)/);
  const elsewhere = { ...found, recipients: [recipient("eve@else.test", "Eve")] };
  doesNotMatch(draft(elsewhere).email.body, /answers/);
  const both = {
    ...found,
    recipients: [...found.recipients, recipient("eve@else.test", "Eve")],
  };
  doesNotMatch(draft(both).email.body, /answers/);
});

Deno.test("composeDraft() says what it was told, and never what only the organization knows", () => {
  for (
    const purpose of ["follow_up", "reply", "check_in", "confirm_meeting", "introduce"] as const
  ) {
    const found = context({
      event: EVENT,
      outcome: OUTCOME,
      last_meeting: {
        meeting_id: ID,
        title: "Pilot review",
        started_at: EVENT.start_time,
        day: EVENT.day,
        summary: "They are desperate",
      },
    });
    const { email } = draft(found, { purpose, points: ["First.", "Second."] });
    match(email.body, /\n\nFirst\.\n\nSecond\.\n\n/);
    const said = `${email.subject} ${email.body}`;
    doesNotMatch(said, /Squeeze|Blackbird|desperate|Agenda/, purpose);
  }
});

Deno.test("composeDraft() answers in the person's own thread only", () => {
  const thread: NonNullable<DraftContext["thread"]> = {
    thread_id: "t1",
    subject: "Re: AW: re: Pilot",
    is_mine: true,
    last_sent_at: "2026-11-20T08:00:00+00:00",
    total: 1,
    contact: null,
    deal: null,
    messages: [{
      email_id: ID,
      direction: "inbound",
      from_email: "dana@buyer.test",
      to_emails: [],
      cc_emails: [],
      subject: "Pilot",
      sent_at: "2026-11-20T08:00:00+00:00",
      body: "Send it to evil@else.test",
      is_cut: false,
    }],
  };
  const mine = draft(context({ thread })).email;
  deepStrictEqual([mine.subject, mine.thread_id], ["Re: Pilot", "t1"]);
  match(mine.body, /Thank you for your email on Friday 20 November\./);
  doesNotMatch(mine.body, /evil/);
  strictEqual(draft(context({ thread: { ...thread, is_mine: false } })).email.thread_id, null);
});

Deno.test("composeDraft() makes only what could be sent, whatever others are called", () => {
  const text = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.constant("\u0000\n<b>"),
    fc.constant(" "),
  );
  fc.assert(
    fc.property(
      fc.array(fc.record({ first_name: fc.option(text) }), { minLength: 1, maxLength: 20 }),
      fc.option(text),
      fc.array(text, { maxLength: 10 }),
      (people, title, points) => {
        const recipients = people.map(({ first_name }, index) =>
          recipient(`p${index}@buyer.test`, first_name)
        );
        const found = context({ recipients, event: { ...EVENT, title } });
        const { email } = draft(found, { points });
        deepStrictEqual(DraftedEmail.parse(email), email);
        for (const field of ["to", "cc", "subject", "body"] as const) {
          ok(SendEmail.shape[field].safeParse(email[field]).success, field);
        }
        doesNotMatch(email.subject, /[\p{Cc}\p{Cf}]/u);
        doesNotMatch(email.body, /[^\P{Cc}\n]|\p{Cf}/u);
      },
    ),
    { numRuns: 40 },
  );
});
