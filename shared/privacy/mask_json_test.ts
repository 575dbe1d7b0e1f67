// Documents of the forms that providers send, and of those that nobody should.
import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import fc from "fast-check";
import { maskJson } from "./mask_json.ts";

const PAN_WORDS = "four one one one one one um one one one one one one one one one one".split(" ");

Deno.test("COP-022 maskJson() masks a transcription: its text, its utterances and its words", () => {
  const words = PAN_WORDS.map((word, index) => ({
    word: ` ${word}`,
    start: index / 3,
    end: index,
  }));
  const document = {
    event: "transcription.success",
    id: "4f9c2f3e-8f6e-4b1e-9a52-1d0f8d3c7a11",
    payload: {
      transcription: {
        full_transcript: "my card is 4111 1111 1111 1111",
        utterances: [
          { speaker: 0, text: "4111 1111", words },
          { speaker: 1, text: "okay", words: [{ word: "okay", start: 9, end: 10 }] },
          { speaker: 0, text: "1111 1111", words: [] },
        ],
        subtitles: [{
          format: "srt",
          subtitles:
            "1\n00:00:00,000 --> 00:00:02,000\n4111 1111\n\n2\n00:00:02,000 --> 00:00:04,000\n1111 1111",
        }],
      },
    },
  };
  const copy = structuredClone(document);
  const text = JSON.stringify(maskJson(document));
  ok(!/1111|"word":" (?:four|one)"/.test(text), text);
  ok(text.includes('"okay"') && text.includes(document.id) && text.includes("00:00:02,000"));
  deepStrictEqual(document, copy, "what was given is not changed");
});

Deno.test("COP-022 maskJson() masks the forms of Fathom and of the notetaker", () => {
  const fathom = {
    recording_id: 4111111111111111,
    transcript: [
      {
        speaker: { display_name: "Ana" },
        text: "four one one one, one one one one",
        timestamp: "00:00:01",
      },
      { speaker: { display_name: "Ben" }, text: "Yes", timestamp: "00:00:02" },
      { speaker: { display_name: "Ana" }, text: "1111 1111", timestamp: "00:00:03" },
    ],
  };
  deepStrictEqual(maskJson(fathom), {
    ...fathom,
    transcript: fathom.transcript.map((line) =>
      line.text === "Yes" ? line : { ...line, text: "[card number]" }
    ),
  });
  const notetaker = {
    event: "complete",
    data: {
      mp4: "https://files.test/4111111111111111.mp4",
      transcript: [{
        speaker: "Ana",
        words: PAN_WORDS.map((word) => ({ word, start: 0, end: 1 })),
      }],
    },
  };
  const text = JSON.stringify(maskJson(notetaker));
  ok(!/"(?:four|one)"/.test(text) && text.includes('"um"') && text.includes(notetaker.data.mp4));
});

Deno.test("maskJson() goes by names: a card's number always, an id never", () => {
  deepStrictEqual(
    maskJson({ order_id: 4111111111111111, eventId: "4111111111111111", n: 4111111111111111 }),
    { order_id: 4111111111111111, eventId: "4111111111111111", n: "[card number]" },
  );
  deepStrictEqual(maskJson({ cardNumber: "4111 1111 1111 1112", message: "4111 1111 1111 1111" }), {
    cardNumber: "[card number]",
    message: "[card number]",
  });
  deepStrictEqual(maskJson({ cvv: "123", cardCvc: "1234", cve: "123" }), {
    cvv: "[security code]",
    cardCvc: "[security code]",
    cve: "123",
  });
  const harmless = { a: [1, null, true, "four"], b: { c: 1763769600000, d: 4.111111111111111 } };
  strictEqual(maskJson(harmless), harmless, "the same object when there is nothing");
  strictEqual(maskJson("4111111111111111"), "[card number]");
  strictEqual(maskJson(null), null);
});

Deno.test("maskJson() keeps keys that name a prototype keys", () => {
  const document: unknown = JSON.parse('{"__proto__":{"a":"4111111111111111"},"constructor":"x"}');
  const masked = maskJson(document);
  strictEqual(JSON.stringify(masked), '{"__proto__":{"a":"[card number]"},"constructor":"x"}');
  strictEqual(Reflect.get({}, "a"), undefined);
});

Deno.test("maskJson() gets to the bottom of two hundred thousand levels", () => {
  let document: unknown = "4111111111111111";
  for (let level = 0; level < 200_000; level++) document = level % 2 ? [document] : { a: document };
  let masked = maskJson(document);
  for (let level = 0; level < 200_000; level++) {
    masked = Array.isArray(masked) ? masked[0] : Reflect.get(Object(masked), "a");
  }
  strictEqual(masked, "[card number]");
});

Deno.test("maskJson() changes nothing else, in any document", () => {
  fc.assert(fc.property(fc.jsonValue(), (value) => {
    const text = JSON.stringify(value);
    const masked = JSON.stringify(maskJson(JSON.parse(text)));
    if (!/\d{4}|four|one/i.test(text)) strictEqual(masked, text);
    strictEqual(JSON.stringify(maskJson(JSON.parse(masked))), masked);
  }));
});
