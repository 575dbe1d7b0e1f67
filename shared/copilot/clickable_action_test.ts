// Unit tests of the clickable actions: standard names out, legacy names in, nothing that runs.
import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { ClickableAction, ClickableActionInput } from "./clickable_action.ts";

const ID = "5b6cfa4e-6d0c-4f0e-9c1e-0d4c5b5a7f10";

Deno.test("U60-090 ClickableAction takes each in-app action with its id, and not without", () => {
  const actions = [
    { type: "open_contact", contact_id: ID },
    { type: "open_deal", deal_id: ID },
    { type: "open_meeting", meeting_id: ID },
    { type: "open_meeting", calendar_event_id: ID },
    { type: "open_task", task_id: ID },
  ];
  for (const action of actions) {
    deepStrictEqual(ClickableAction.parse(action), action);
    strictEqual(ClickableAction.safeParse({ type: action.type }).success, false, action.type);
  }
});

Deno.test("U60-091 ClickableAction takes http and https addresses and no other", () => {
  const accepts = (url: string): boolean =>
    ClickableAction.safeParse({ type: "open_external_url", url }).success;
  for (const url of ["https://meet.example.test/x", "http://meet.example.test/x"]) {
    strictEqual(accepts(url), true, url);
  }
  for (
    const url of [
      "javascript:alert(1)",
      "JaVaScRiPt:alert(1)",
      "data:text/html,<script>1</script>",
      "file:///etc/passwd",
      "//meet.example.test",
      "meet.example.test",
      "https://user:pass@meet.example.test",
      "blob:https://meet.example.test/1",
      "",
    ]
  ) strictEqual(accepts(url), false, url);
});

Deno.test("U60-093 legacy names are understood on input and never come out", () => {
  deepStrictEqual(ClickableActionInput.parse({ type: "view_meeting", meeting_id: ID }), {
    type: "open_meeting",
    meeting_id: ID,
  });
  deepStrictEqual(ClickableActionInput.parse({ type: "view_task", task_id: ID }), {
    type: "open_task",
    task_id: ID,
  });
  deepStrictEqual(
    ClickableActionInput.parse({ type: "open_meeting_url", url: "https://meet.example.test/" }),
    { type: "open_external_url", url: "https://meet.example.test/" },
  );
  for (const type of ["view_meeting", "view_task", "open_meeting_url"]) {
    strictEqual(
      ClickableAction.safeParse({ type, meeting_id: ID, task_id: ID, url: "https://x.test" })
        .success,
      false,
    );
  }
});

Deno.test("U60-092 an action has no room for markup or code", () => {
  strictEqual(
    ClickableAction.safeParse({ type: "open_meeting", meeting_id: ID, html: "<b>x</b>" }).success,
    false,
  );
  strictEqual(ClickableAction.safeParse({ type: "navigate", href: "/x" }).success, false);
});
