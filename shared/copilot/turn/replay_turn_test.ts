// Unit tests of what is left to tell of a turn whose events are kept no more.
import { deepStrictEqual } from "node:assert/strict";
import { turnRig } from "../../../tests/support/turn_rig.ts";
import { replayTurn } from "./replay_turn.ts";

const QUESTION = "Anything with Bo I should know about today?";

Deno.test("a turn whose events are gone still gives its answer, and only to who can't have seen it", async () => {
  const rig = turnRig();
  const { answer } = await rig.ask(QUESTION);
  const { engine, store } = rig;
  const deps = { store, wait: engine.wait, signal: new AbortController().signal };
  const follow = async (after: number) => await Array.fromAsync(replayTurn(deps, answer.id, after));
  deepStrictEqual(await follow(100), [], "after the end there is nothing");
  store.last.events.clear();
  for (const after of [0, 1]) {
    deepStrictEqual(await follow(after), [
      { id: `${answer.id}:${after + 1}`, event: "done", data: answer },
    ]);
  }
  const again = await rig.ask({ message: QUESTION, turn_id: answer.id });
  deepStrictEqual(again.answer, answer);
});
