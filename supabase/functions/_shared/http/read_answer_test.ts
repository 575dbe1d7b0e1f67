import { strictEqual } from "node:assert/strict";
import { parseAnswer, readAnswerText } from "./read_answer.ts";

/** One byte at a time, so that characters are cut; says whether the rest was let go of. */
function slowly(text: string): { response: Response; wasCancelled: () => boolean } {
  const bytes = new TextEncoder().encode(text);
  let at = 0;
  let isCancelled = false;
  const body = new ReadableStream<Uint8Array<ArrayBuffer>>({
    pull(controller) {
      if (at === bytes.length) controller.close();
      else controller.enqueue(bytes.slice(at, ++at));
    },
    cancel() {
      isCancelled = true;
    },
  });
  return { response: new Response(body), wasCancelled: () => isCancelled };
}

Deno.test("readAnswerText() puts characters together that came in pieces", async () => {
  const text = "Zoë — 会議 🎉";
  strictEqual(await readAnswerText(slowly(text).response, 1_000), text);
  strictEqual(await readAnswerText(new Response(null), 10), "");
});

Deno.test("readAnswerText() stops at its limit and lets go of the rest", async () => {
  const fits = slowly("12345");
  strictEqual(await readAnswerText(fits.response, 5), "12345");
  const tooLong = slowly("123456789");
  strictEqual(await readAnswerText(tooLong.response, 5), null);
  strictEqual(tooLong.wasCancelled(), true);
});

Deno.test("parseAnswer() takes what is no JSON for nothing", () => {
  strictEqual(parseAnswer("<html>"), null);
  strictEqual(parseAnswer(""), null);
  strictEqual(parseAnswer("7"), 7);
});
