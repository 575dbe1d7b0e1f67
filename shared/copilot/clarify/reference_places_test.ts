// Where names are looked for, against the contracts of the actions themselves.
import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { z } from "zod";
import { READ_ACTION_CATALOGUE } from "../actions/catalogue.ts";
import { PROPOSE_ACTION_CATALOGUE } from "../actions/propose/catalogue.ts";
import type { EntityCandidate } from "../tools/resolve_entity.ts";
import { EVENT_ARGUMENTS, nextInput, nextReference } from "./reference_places.ts";

const ID = "00000000-0000-4000-8000-000000000001";

function candidate(more: Partial<EntityCandidate> = {}): EntityCandidate {
  return {
    kind: "contact",
    id: ID,
    source: "crm",
    label: "Dana",
    detail: null,
    email: "dana@acme.test",
    why: [],
    ...more,
  };
}

Deno.test("U60-066 a planned meeting goes where the action's own contract takes one", () => {
  const actions = { ...READ_ACTION_CATALOGUE, ...PROPOSE_ACTION_CATALOGUE };
  for (const [name, action] of Object.entries(actions)) {
    const schema = z.toJSONSchema(action.args, { io: "input", unrepresentable: "any" });
    const takesEvent = "calendar_event_id" in (schema.properties ?? {});
    const argument: Partial<Record<string, string>> = EVENT_ARGUMENTS;
    strictEqual(argument[name] === "calendar_event_id", takesEvent, name);
  }
});

Deno.test("U60-066 an id or address is left alone, a name is found wherever it stands", () => {
  strictEqual(nextReference("get_contact", { contact_id: ID }), null);
  strictEqual(nextReference("send_email", { to: ["a@b.test"], subject: "Dana" }), null);
  strictEqual(nextReference("list_deals", { stage: "Proposal" }), null);
  strictEqual(nextReference("list_deals", { contact: "  " }), null);
  strictEqual(nextReference("get_contact", { contact: "Dana" })?.name, "Dana");
  strictEqual(nextReference("get_contact", { contact_id: " Dana " })?.name, "Dana");
  strictEqual(nextReference("create_task", { assignee: "Ben" })?.kinds[0], "colleague");
});

Deno.test("U60-066 what is found takes the name's place, and nothing else changes", () => {
  const byName = nextReference("create_task", { contact: "Dana", title: "Call" });
  deepStrictEqual(byName?.put(candidate()), { contact_id: ID, title: "Call" });
  const inList = nextReference("send_email", { to: ["a@b.test", "Dana"], cc: ["Ben"] });
  deepStrictEqual(inList?.put(candidate()), { to: ["a@b.test", "dana@acme.test"], cc: ["Ben"] });
  strictEqual(inList?.put(candidate({ email: null })), null, "nobody writes to who has no address");
  const event = candidate({ kind: "meeting", source: "calendar_events", email: null });
  deepStrictEqual(nextReference("get_meeting_brief_data", { meeting: "x" })?.put(event), {
    calendar_event_id: ID,
  });
  const task = nextReference("create_task", { meeting: "x" });
  strictEqual(task?.put(event), null, "a task belongs to a recorded meeting");
  ok(task?.put(candidate({ kind: "meeting", source: "meetings" })));
});

Deno.test("U60-066 a document's input that wants an id may have a name, and no other input does", () => {
  const declared = new Set(["deal_id", "calendar_event_id", "company", "company_id", "note"]);
  strictEqual(nextInput(declared, { deal_id: ID, note: "Pilot", contact: "Dana" }), null);
  strictEqual(nextInput(declared, { company: "Acme" }), null, "a text of its own stays a text");
  deepStrictEqual(nextInput(declared, { deal: "Pilot", note: "x" })?.put(candidate()), {
    deal_id: ID,
    note: "x",
  });
  deepStrictEqual(nextInput(declared, { company: "A", company_id: "Acme" })?.put(candidate()), {
    company: "A",
    company_id: ID,
  });
  const event = candidate({ kind: "meeting", source: "calendar_events", email: null });
  for (const key of ["calendar_event_id", "meeting_id", "meeting"]) {
    const place = nextInput(declared, { [key]: "Kickoff" });
    deepStrictEqual([place?.name, place?.kinds], ["Kickoff", ["meeting"]]);
    deepStrictEqual(place?.put(event), { calendar_event_id: ID });
    strictEqual(place?.put(candidate({ kind: "meeting" })), null, "it takes planned ones only");
  }
});
