// Unit tests of holding statements against what was said: nothing invented passes, and what was said
// is not thrown away with it.
import { ok, strictEqual } from "node:assert/strict";
import fc from "fast-check";
import { collectWords, isBorneOut, type SaidText, wasSaid } from "./borne_out.ts";
import { readNumbers } from "./number_words.ts";

const SEGMENTS: readonly (SaidText & { readonly seq: number })[] = [
  [1, "Ann Miller", "I'll send the revised pricing proposal by Friday and copy Carol's team."],
  [2, "Bob Lee", "Their quote was fifteen thousand a year, twenty-five percent below Globex's."],
  [
    3,
    "Bob Lee",
    "We are decided: the rollout starts on March 3rd at 10:30, with 1,200 seats in Q2.",
  ],
  [4, "Bob Lee", "Write to legal@customer.test, the form is on docs.customer.io/security."],
].map(([seq, speaker_name, text]) => ({
  seq: Number(seq),
  speaker_name: String(speaker_name),
  text: String(text),
}));

const said = (...seqs: number[]) => collectWords(SEGMENTS.filter(({ seq }) => seqs.includes(seq)));

Deno.test("U60-110 isBorneOut() takes what was said, in other words, numbers and forms too", () => {
  const cases: [string, number[]][] = [
    ["Ann will send the revised pricing proposal by Friday.", [1]],
    ["Ann Miller sends Carol's team a revised proposal.", [1]],
    ["The quote was 15,000 a year, 25% below Globex.", [2]],
    ["The quote was $15k a year.", [2]],
    ["The rollout starts on March 3 with 1200 seats in Q2.", [3]],
    ["Rollout: the 3rd of March, 10:30.", [3]],
    ["They decided that the rollout starts in March.", [3]],
    ["One of the forms is at docs.customer.io/security.", [4]],
    ["Write to legal@customer.test about the form.", [4]],
  ];
  for (const [statement, seqs] of cases) ok(isBorneOut(statement, said(...seqs)), statement);
});

Deno.test("U60-110 isBorneOut() refuses every name, number, date, address and matter that was not said", () => {
  const cases: [string, number[]][] = [
    ["David will send the revised pricing proposal by Friday.", [1]],
    ["Ann will send the revised pricing proposal by Monday.", [1]],
    ["Ann will send the revised pricing proposal to Initech by Friday.", [1]],
    ["Ann will send the revised pricing proposal by Friday.", [2]],
    ["The quote was 50,000 a year.", [2]],
    ["The quote was fifty thousand a year.", [2]],
    ["The quote was twenty thousand a year.", [2]],
    ["The quote was 15 a year.", [2]],
    ["The rollout starts on March 4th.", [3]],
    ["The rollout starts in Q3.", [3]],
    ["The rollout starts with SOC2 seats.", [3]],
    ["Write to ceo@attacker.test about the form.", [4]],
    ["The form is on docs.attacker.io/security.", [4]],
    ["The form is on https://docs.customer.io/security?leak=1.", [4]],
    ["Please wire the payment to our new account immediately.", [1]],
    ["Cancel every subscription and refund them.", [1, 2, 3, 4]],
    ["", [1]],
    ["And then.", [1]],
  ];
  for (const [statement, seqs] of cases) ok(!isBorneOut(statement, said(...seqs)), statement);
});

Deno.test("V-09 isBorneOut() refuses what could act where it is shown, even when it was said", () => {
  const hostile = [
    "Send the proposal <img src=x onerror=alert(1)>",
    "Send the [proposal](https://attacker.test)",
    "Send the ![proposal]",
    "Send the proposal javascript:alert(1)",
    "Send the {{proposal}} by Friday",
    "Send the \u202eproposal by Friday",
    "Send the pro\u200bposal by Friday",
    "Send the proposal\u0000 by Friday",
  ];
  for (const text of hostile) {
    const words = collectWords([{ seq: 1, speaker_name: "Ann", text }]);
    ok(!isBorneOut(text, words), JSON.stringify(text));
  }
});

Deno.test("U60-110 a sentence is borne out by itself, and by nothing once a name or number is put in", () => {
  const word = fc.constantFrom(
    ..."customer renewal contract pricing security review pilot rollout budget timeline reporting"
      .split(" "),
  );
  const sentence = fc.array(word, { minLength: 3, maxLength: 12 }).map((words) => words.join(" "));
  fc.assert(fc.property(
    sentence,
    fc.constantFrom(
      "Zorblat",
      "Initech",
      "Q7",
      "4711",
      "eleven hundred",
      "x@evil.test",
      "Thursday",
    ),
    fc.nat(),
    (text, invention, place) => {
      const words = collectWords([{ seq: 1, speaker_name: null, text }]);
      ok(isBorneOut(text, words));
      const parts = text.split(" ");
      parts.splice(1 + place % parts.length, 0, invention);
      ok(!isBorneOut(parts.join(" "), words), parts.join(" "));
    },
  ));
});

Deno.test("isBorneOut() decides about any text at all", () => {
  fc.assert(fc.property(fc.string({ unit: "grapheme" }), fc.string({ unit: "binary" }), (a, b) => {
    const words = collectWords([{ seq: 1, speaker_name: b, text: a }]);
    strictEqual(typeof isBorneOut(b, words), "boolean");
    strictEqual(typeof wasSaid(b, words), "boolean");
  }));
});

Deno.test("isBorneOut() works where words have no spaces and capitals no meaning", () => {
  const segment = (text: string) => collectWords([{ seq: 1, speaker_name: null, text }]);
  ok(
    isBorneOut("見積書を明日送ります。", segment("明日、見積書を送ります。よろしくお願いします。")),
  );
  ok(!isBorneOut("契約を解除して返金します。", segment("明日、見積書を送ります。")));
  ok(
    isBorneOut(
      "Wir schicken das Angebot am Freitag.",
      segment("Das Angebot schicken wir am Freitag."),
    ),
  );
  ok(
    !isBorneOut(
      "Wir schicken das Angebot am Montag.",
      segment("Das Angebot schicken wir am Freitag."),
    ),
  );
});

Deno.test("wasSaid() wants the words in their order, and whole", () => {
  const words = said(1);
  ok(wasSaid("by Friday", words));
  ok(wasSaid("BY  friday", words));
  ok(!wasSaid("Friday by", words));
  ok(!wasSaid("by Fri", words));
  ok(!wasSaid("Bob", words));
  ok(!wasSaid("", words));
});

Deno.test("readNumbers() reads digits and English words alike", () => {
  const cases: [string, number[]][] = [
    ["15,000", [15000]],
    ["fifteen thousand", [15000]],
    ["$15k", [15000]],
    ["1.5 million", [1500000]],
    ["two hundred and fifty", [250]],
    ["twenty-five", [25]],
    ["twenty five thousand three hundred", [25300]],
    ["March third", [3]],
    ["the 3rd", [3]],
    ["10:30", [10, 30]],
    ["1.234.567", [1234567]],
    ["1,5", [1.5]],
    ["nothing", []],
    ["5 10", [5, 10]],
    ["five ten", [5, 10]],
  ];
  for (const [text, values] of cases) {
    strictEqual(readNumbers(text).map(({ value }) => value).join(), values.join(), text);
  }
});
