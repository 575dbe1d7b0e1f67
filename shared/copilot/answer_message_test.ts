// Unit tests of the copilot's answers: the story of the work, the panel, the text, the honesty.
import { deepStrictEqual, match, ok, rejects, strictEqual } from "node:assert/strict";
import { fixedClock } from "@shared/platform/clock.ts";
import { userContext } from "../../tests/support/rpc_context.ts";
import { answerMessage } from "./answer_message.ts";
import { collectAnswer } from "./collect_answer.ts";
import { ChatAnswer, ChatEvent } from "./contract.ts";

const ORG = "10000000-0000-4000-8000-000000000001";
const EVENT = "20000000-0000-4000-8000-000000000001";
const MEETING = "30000000-0000-4000-8000-000000000001";
const CONTACT = "40000000-0000-4000-8000-000000000001";
const NOW = fixedClock("2026-11-23T08:00:00Z");

const FOUND = {
  org_id: ORG,
  period: {
    key: "today",
    time_zone: "Europe/Berlin",
    starts_at: "2026-11-22T23:00:00+00:00",
    ends_at: "2026-11-23T23:00:00+00:00",
    first_day: "2026-11-23",
    last_day: "2026-11-23",
  },
  total: 1,
  meetings: [{
    calendar_event_id: EVENT,
    meeting_id: MEETING,
    title: "Acme <b>kickoff</b>\nnow",
    start_time: "2026-11-23T09:00:00+00:00",
    end_time: "2026-11-23T09:30:00+00:00",
    all_day: false,
    day: "2026-11-23",
    meeting_url: "https://meet.example.test/x",
    share_url: "javascript:alert(1)",
    people: [{ name: "Bo Buyer", email: "bo@buyer.test", contact_id: CONTACT }],
    attendees_count: 2,
    has_transcript: true,
  }],
};

async function eventsOf(message: string, answer: unknown = FOUND): Promise<ChatEvent[]> {
  const events: ChatEvent[] = [];
  for await (const event of answerMessage(userContext(() => answer, NOW), { message })) {
    events.push(ChatEvent.parse(event));
  }
  return events;
}

Deno.test("U60-081 U60-095 an answer tells its steps under ids that stay the same", async () => {
  const events = await eventsOf("What meetings do I have today?");
  deepStrictEqual(events.map((event) => event.event), [
    "step_started",
    "step_finished",
    "text",
    "structured_response",
    "done",
  ]);
  const answer = events.at(-1)?.data as ChatAnswer;
  deepStrictEqual(events.map((event) => event.id), [1, 2, 3, 4, 5].map((n) => `${answer.id}:${n}`));
  const [started, finished] = events;
  strictEqual(started?.event === "step_started" && started.data.status, "running");
  strictEqual(
    started?.event === "step_started" && started.data.id,
    finished?.event === "step_finished" && finished.data.id,
  );
  deepStrictEqual(answer.tool_executions, [finished?.data]);
});

Deno.test("U60-070 U60-082 U60-084 U60-094 the step says what ran, when, and on which rows", async () => {
  const answer = await collectAnswer(
    answerMessage(userContext(() => FOUND, NOW), { message: "What meetings do I have with Bo?" }),
  );
  const [step] = answer.tool_executions;
  strictEqual(step?.tool, "execute_action");
  strictEqual(step?.action, "get_meetings_for_period");
  ok(step?.started_at && step.finished_at && step.duration_ms !== null);
  deepStrictEqual(step?.args, { period: "from_today", has_name: true });
  deepStrictEqual(step?.evidence, [{ table: "calendar_events", id: EVENT }, {
    table: "meetings",
    id: MEETING,
  }]);
  strictEqual(answer.structuredResponse?.type, "meeting_list");
});

Deno.test("U60-080 U60-083 the flow is decided by rules and calls no model", async () => {
  const answer = await collectAnswer(
    answerMessage(userContext(() => FOUND, NOW), { message: "any meetings today?" }),
  );
  deepStrictEqual(answer.routing, {
    decided_by: "rules",
    intent: "meetings_for_period",
    skill_key: "meetings_for_period",
    model_calls: 0,
  });
});

Deno.test("U60-090 U60-091 U60-092 actions carry ids and http links, the text carries no markup", async () => {
  const answer = await collectAnswer(
    answerMessage(userContext(() => FOUND, NOW), { message: "any meetings today?" }),
  );
  deepStrictEqual(answer.structuredResponse?.meetings[0]?.actions, [
    { type: "open_meeting", meeting_id: MEETING },
    { type: "open_contact", contact_id: CONTACT, label: "Bo Buyer" },
    { type: "open_external_url", url: "https://meet.example.test/x", label: "Join" },
  ]);
  match(answer.text, /^You have 1 meeting today \(Monday.23 November\):\n/);
  match(answer.text, /10:00–10:30 Acme ‹b›kickoff‹\/b› now \(Bo Buyer\)/);
});

Deno.test("an answer without meetings says so, with the name as it was written", async () => {
  const answer = await collectAnswer(
    answerMessage(userContext(() => ({ ...FOUND, total: 0, meetings: [] }), NOW), {
      message: "What meetings do I have with O’Neil today?",
    }),
  );
  match(answer.text, /^You have no meetings with O.Neil today/);
});

Deno.test("U60-083 anything else is answered honestly, without a tool", async () => {
  const answer = await collectAnswer(
    answerMessage(
      userContext(() => {
        throw new Error("the database must not be asked");
      }, NOW),
      { message: "Cancel my meetings today" },
    ),
  );
  match(answer.text, /can't do that yet/);
  deepStrictEqual([answer.tool_executions, answer.structuredResponse], [[], null]);
  strictEqual(answer.routing.intent, "none");
});

Deno.test("U60-081 a refused question shows a failed step and then the reason", async () => {
  const refusal = Response.json({ code: "PT404", message: "organization_not_found" }, {
    status: 404,
  });
  const seen: string[] = [];
  await rejects(async () => {
    for await (
      const event of answerMessage(userContext(() => refusal, NOW), {
        message: "any meetings today?",
        org_id: ORG,
      })
    ) {
      seen.push(event.event);
      if (event.event === "step_finished") {
        deepStrictEqual([event.data.status, event.data.error_code], [
          "failed",
          "organization_not_found",
        ]);
      }
    }
  }, { code: "organization_not_found" });
  deepStrictEqual(seen, ["step_started", "step_finished"]);
});
