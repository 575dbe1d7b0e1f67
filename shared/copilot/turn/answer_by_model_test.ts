// Unit tests of what a model may spend in a turn.
import { ok, strictEqual } from "node:assert/strict";
import { callPart, turnRig } from "../../../tests/support/turn_rig.ts";

Deno.test("A8 of the calls that a model makes sixteen are answered, however many it makes at once", async () => {
  const rig = turnRig();
  const calls = Array.from({ length: 20 }, () => callPart("list_skills", {}));
  rig.model.script = [
    () => calls,
    (request) => {
      const refused = JSON.stringify(request.turns.at(-1)).match(/too_many_calls/g) ?? [];
      strictEqual(refused.length, 4);
      return [{ text: "I looked it up. " }];
    },
  ];
  const { answer } = await rig.ask("Anything with Bo I should know about today?");
  strictEqual(answer.tool_executions.length, 16);
  ok(answer.text.startsWith("I looked it up."));
});
