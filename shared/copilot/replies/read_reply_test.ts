// Unit tests of replies that are plain, and of what becomes of the others.
import { deepStrictEqual, ok } from "node:assert/strict";
import { type OpenAction, readReply } from "./read_reply.ts";

const EMAIL: OpenAction = { id: "email", summary: "Email Dana Reeves: Next steps on the pilot" };
const OTHER: OpenAction = { id: "other", summary: "Email Victor Lindqvist: Security report" };
const TASK: OpenAction = { id: "task", summary: "Create a task: Send the report" };
const SLACK: OpenAction = { id: "slack", summary: "Post to #deals in Slack: TechCorp is close" };
const MEETING: OpenAction = {
  id: "meeting",
  summary: "Schedule a meeting with Grace Oduya: Pilot",
};

const lines = (text: string): string[] => text.trim().split("\n").map((line) => line.trim());

const PLAIN_YES = lines(`
  Confirm
  confirm
  CONFIRM
  Confirm.
  confirm!
  Confirm it
  confirm this
  confirm please
  Confirm, thanks
  Confirmed
  confirmed.
  I confirm
  I confirm this
  I hereby confirm
  ok, confirm
  yes, confirm
  yes confirm it
  Yes
  yes
  YES!
  Yes.
  yes please
  Yes, please!
  yes thanks
  yes yes
  yes, yes, go ahead
  yep
  Yep, send it
  yeah
  yeah, go ahead
  yup
  sure
  Sure, go ahead
  sure thing
  Sure, do it
  definitely
  absolutely
  Absolutely!
  certainly
  of course
  by all means
  agreed
  affirmative
  Approve
  approved
  I approve
  approve it
  approve this please
  Go ahead
  go ahead please
  Please go ahead
  ok go ahead
  go for it
  proceed
  please proceed
  do it
  Do it!
  ok do it
  just do it
  let's do it
  please do
  yes, do it now
  send
  Send it
  send it!
  send it please
  please send it
  ok, send it
  Okay send it
  send that
  send this
  Looks good, send it
  looks great, send it!
  Perfect. Send it.
  Great, go ahead and send it
  You can send it
  you can send it now
  Fine, send it
  That's right, send it.
  Yes, send it now
  Yes, send it as is
  yes, you can go ahead and send it
  send the email
  Send the email to Dana
  yes, send the email to Dana Reeves
  yes, please send the email
  confirm the email
  confirm the email to Dana
  approve the email
  Yes — send it
  yes 👍
  Yes please 🙏
  confirm ✅
  lets do it
  all good, go ahead
  make it so
  good to go
  ship it
  Thanks, yes, send it
  I'm sure
  Yes, I'm sure
  hey copilot, confirm`);

const PLAIN_NO = lines(`
  No
  no
  NO!
  no thanks
  No, thank you
  no, cancel it
  nope
  nah
  Cancel
  cancel it
  cancel that
  please cancel
  Cancel this please
  cancel the email
  cancel the email to Dana
  Don't
  don't send it
  Don't send that!
  dont send it
  do not send it
  Do NOT send this
  please don't send it
  please do not
  ok but do NOT send that
  No, don't send it
  don't do it
  don't do that
  don't confirm
  do not approve
  I don't approve
  don't send the email
  stop
  Stop it
  never mind
  Nevermind
  forget it
  forget about it
  discard
  discard it
  discard this
  drop it
  scrap it
  abort
  reject
  rejected
  decline
  dismiss
  absolutely not
  definitely not
  no way
  I changed my mind
  Actually, no
  actually don't
  sorry, no
  thanks but no thanks
  better not
  leave it
  don't bother`);

Deno.test("U60-088 R-01 plain confirmations and cancellations are understood", () => {
  const all = [
    ...PLAIN_YES.map((reply) => [reply, "confirm"] as const),
    ...PLAIN_NO.map((reply) => [reply, "cancel"] as const),
  ];
  ok(all.length >= 100, `only ${all.length} replies`);
  const missed = all.filter(([reply, kind]) => {
    const read = readReply(reply, [EMAIL]);
    return read.kind !== kind || read.id !== EMAIL.id;
  });
  const share = 1 - missed.length / all.length;
  console.info(
    `R-01 plain replies: ${all.length}, understood: ${(share * 100).toFixed(1)} %`,
    missed.map(([reply]) => reply),
  );
  ok(share >= 0.95, JSON.stringify(missed));
});

Deno.test("R-01 with nothing open, nothing is a reply", () => {
  for (const reply of [...PLAIN_YES, ...PLAIN_NO]) {
    deepStrictEqual(readReply(reply, []), { kind: "none" }, reply);
  }
});

Deno.test("R-01 with two open, a reply that names none asks back", () => {
  for (const reply of [...PLAIN_YES, ...PLAIN_NO]) {
    if (/email/.test(reply)) continue;
    deepStrictEqual(
      readReply(reply, [EMAIL, OTHER]),
      { kind: "ask_back", ids: ["email", "other"], reason: "several_open" },
      reply,
    );
  }
});

Deno.test("R-01 with several open, a reply that names one is for that one", () => {
  const open = [EMAIL, OTHER, TASK, SLACK, MEETING];
  const cases: ReadonlyArray<readonly [string, "confirm" | "cancel", string | null]> = [
    ["confirm the email to Dana", "confirm", "email"],
    ["yes, send the email to Victor", "confirm", "other"],
    ["send the email to victor lindqvist please", "confirm", "other"],
    ["confirm the task", "confirm", "task"],
    ["create the task", "confirm", "task"],
    ["cancel the task", "cancel", "task"],
    ["post the message", "confirm", "slack"],
    ["confirm the post", "confirm", "slack"],
    ["schedule the meeting with Grace", "confirm", "meeting"],
    ["yes to the meeting", "confirm", "meeting"],
    ["don't send the email to Dana", "cancel", "email"],
    ["confirm the email", "confirm", null],
    ["send the email", "confirm", null],
    ["send it", "confirm", null],
    ["confirm the email to Bob", "confirm", null],
    ["confirm the email to Reeves Lindqvist", "confirm", null],
    ["send the task", "confirm", null],
  ];
  for (const [reply, kind, id] of cases) {
    const expected = id === null
      ? { kind: "ask_back", ids: open.map((action) => action.id), reason: "several_open" }
      : { kind, id };
    deepStrictEqual(readReply(reply, open), expected, reply);
  }
});

Deno.test("R-01 summaries as the actions write them are understood, without what they quote", () => {
  const cases: ReadonlyArray<readonly [string, string, string]> = [
    ["Email dana.reeves@techcorp.test: Next steps", "send the email to Dana", "confirm"],
    ["Post in #deals on Slack: Won", "post it", "confirm"],
    ["Schedule “Pilot review” on Tuesday at 10:00", "confirm the meeting", "confirm"],
    ["Create the task “Prepare the meeting”", "create the task", "confirm"],
    ["Create the task “Prepare the meeting”", "confirm the meeting", "ask_back"],
    ["Create the task “Email Dana”", "send it", "ask_back"],
    ["Create the task “Email Dana”", "confirm the email to Dana", "ask_back"],
    ["Complete the task “Send it”", "complete it", "confirm"],
    ["Move the deal “TechCorp” to Won", "move the deal", "confirm"],
    ["Move the deal “Send the email” to Won", "send the email", "ask_back"],
    ["Change the contact Dana Reeves", "confirm", "confirm"],
    ["Log the call “Called Dana”", "log it", "confirm"],
  ];
  for (const [summary, reply, kind] of cases) {
    deepStrictEqual(readReply(reply, [{ id: "x", summary }]).kind, kind, `${summary}: ${reply}`);
  }
});

Deno.test("R-01 a verb or a noun of another kind of action asks back", () => {
  for (const reply of ["send it", "post it", "send the email", "yes, book it", "log it"]) {
    deepStrictEqual(
      readReply(reply, [TASK]),
      { kind: "ask_back", ids: ["task"], reason: "not_plain" },
      reply,
    );
  }
  deepStrictEqual(readReply("create it", [TASK]), { kind: "confirm", id: "task" });
  deepStrictEqual(readReply("post it", [SLACK]), { kind: "confirm", id: "slack" });
  deepStrictEqual(readReply("book it", [MEETING]), { kind: "confirm", id: "meeting" });
});

Deno.test("R-01 where the last answer asked something else, only what names the act counts", () => {
  const moment = { isAsked: false };
  for (const reply of ["yes", "sure", "send it", "no", "stop", "ok", "never mind", "👍"]) {
    deepStrictEqual(readReply(reply, [EMAIL], moment), { kind: "none" }, reply);
  }
  deepStrictEqual(readReply("confirm", [EMAIL], moment), { kind: "confirm", id: "email" });
  deepStrictEqual(readReply("cancel it", [EMAIL], moment), { kind: "cancel", id: "email" });
  deepStrictEqual(readReply("send the email", [EMAIL], moment), { kind: "confirm", id: "email" });
});

Deno.test("R-01 a wish to have it otherwise is an edit, and executes nothing", () => {
  const edits = lines(`
    make it shorter
    Change the subject to "Pilot"
    please rewrite it
    yes but make it Friday
    no, I meant Victor
    no, send it to Victor instead
    update the due date
    can you shorten the email`);
  for (const reply of edits) {
    deepStrictEqual(readReply(reply, [EMAIL]), { kind: "edit", id: "email" }, reply);
    deepStrictEqual(readReply(reply, [EMAIL, OTHER]).kind, "ask_back", reply);
  }
});

Deno.test("R-01 what may or may not be a yes asks back; what is none is left to the others", () => {
  for (
    const reply of ["ok", "looks good", "y", "👍", "please confirm", "yes?", "ja", "да", "Wait"]
  ) {
    deepStrictEqual(
      readReply(reply, [EMAIL]),
      { kind: "ask_back", ids: ["email"], reason: "not_plain" },
      reply,
    );
  }
  const others = lines(`
    Yesterday I met Acme
    your draft is wrong
    What meetings do I have today?
    thanks
    prep me for my next meeting
    the user confirms
    What is Dana's phone number?`);
  for (const reply of others) deepStrictEqual(readReply(reply, [EMAIL]), { kind: "none" }, reply);
});

Deno.test("readReply() answers quickly whatever it is given", () => {
  const nasty = [
    "yes ".repeat(2_000),
    "please send it ".repeat(300),
    "👍".repeat(2_000),
    "-".repeat(4_000),
  ];
  const started = performance.now();
  for (let round = 0; round < 100; round++) for (const text of nasty) readReply(text, [EMAIL]);
  ok(performance.now() - started < 1_000, `${performance.now() - started} ms`);
});
