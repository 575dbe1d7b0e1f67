// What is masked, what is left, and that nothing a stranger sends can make it slow.
import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import fc from "fast-check";
import { maskCardNumbers, maskSegments } from "./mask_card_numbers.ts";

const GONE: readonly (readonly [text: string, masked: string])[] = [
  ["4111111111111111", "[card number]"],
  ["it's 4111 1111 1111 1111.", "it's [card number]."],
  ["4111-1111-1111-1111", "[card number]"],
  ["3782 822463 10005", "[card number]"],
  ["4111, 1111, 1111, 1111", "[card number]"],
  ["４１１１ １１１１ １１１１ １１１１", "[card number]"],
  ["four triple one, double one double one, one one one one, one one one one", "[card number]"],
  ["forty-one eleven eleven eleven eleven eleven eleven eleven", "[card number]"],
  ["forty-one hundred, eleven hundred", "forty-one hundred, eleven hundred"],
  ["four, uh, one one one um one one one one okay 1111 and then 1111", "[card number]"],
  ["three seven eight two eight two two four six three one oh oh oh five", "[card number]"],
  ["cuatro uno uno uno uno uno uno uno uno uno uno uno uno uno uno uno", "[card number]"],
  [
    "visa is four one one one, and what's the next part? one one one one. I see, and then? 1111, 1111",
    "visa is [card number], and what's the next part? [card number]. I see, and then? [card number]",
  ],
  [
    "Customer: four one one one\nAgent: okay\nCustomer: 1111 1111 1111",
    "Customer: [card number]\nAgent: okay\nCustomer: [card number]",
  ],
  [
    "1\n00:00:01,000 --> 00:00:03,000\nfour one one one\n\n2\n00:00:03,000 --> 00:00:05,000\n1111 1111 1111",
    "1\n00:00:01,000 --> 00:00:03,000\n[card number]\n\n2\n00:00:03,000 --> 00:00:05,000\n[card number]",
  ],
  ["(4111 1111 1111 1111)", "([card number])"],
  ["pan=4111111111111111;", "pan=[card number];"],
  ["**4111** **1111** **1111** **1111**", "**[card number]**"],
  ["カード番号は4111111111111111です", "カード番号は[card number]です"],
  ["номер карты４１１１ １１１１ １１１１ １１１１", "номер карты[card number]"],
  [
    "<v Ana>four one one one one one</v>\n<v Ana>one one one one one one one one one one</v>",
    "<v Ana>[card number]</v>\n<v Ana>[card number]</v>",
  ],
  [
    "four thousand one hundred eleven, eleven hundred and eleven, 1111, 1111",
    "[card number]",
  ],
  [
    "4111, then 1111 after that, 1111 and the last four digits are 1111",
    "[card number]",
  ],
  ["quatre" + " un".repeat(15), "[card number]"],
  [
    "vier" + " eins".repeat(15),
    "[card number]",
  ],
  ["for my order, the card is 4111111111111111", "for my order, the card is [card number]"],
  ["card number 4111 1111 1111 1112", "card number [card number]"],
  ["https://pay.test/?card=4111111111111111", "https://pay.test/?card=[card number]"],
];

const GONE_BESIDE: readonly (readonly [text: string, masked: string])[] = [
  [
    "4111 1111 1111 1111, exp 12/26, cvv 123",
    "[card number], exp [expiry date], cvv [security code]",
  ],
  ["4111 1111 1111 1111 12/26 123", "[card number] [expiry date]"],
  [
    "4111111111111111 and the three digits on the back are one two three",
    "[card number] and the three digits on the back are [security code]",
  ],
  [
    "4111111111111111, it expires in december twenty twenty-six",
    "[card number], it expires in [expiry date] [expiry date]",
  ],
  ["my cvv is 123", "my cvv is [security code]"],
  [
    "4111111111111111, 123 is the security code",
    "[card number], [security code] is the security code",
  ],
];

const LEFT: readonly string[] = [
  "",
  "order number 4111111111111111",
  "order #4111 1111 1111 1111",
  "4111111111111111 is your order number",
  "meeting id: 4111111111111111",
  "Call +1 415 555 0132 or 415 555 0199 before 10:30",
  "We grew from $4,111,111 to $11,111,111.11, so 4.11 times",
  "give me one second, we have two or three options and five or six calls",
  "IBAN DE89 3704 0044 0532 0130 00",
  "https://shop.test/p/4111111111111111",
  "4111111111111112",
  "1111 1111 1111 1117",
  "from 12:41 11:11 to 11:11 11:11, 11:11",
  "id a4111111111111111b",
  "0b5e4111-1111-4111-9111-111111111111",
  "2026-11-22T10:00:00.000Z and 2026-11-23T10:00:00.000Z",
  "The CVV field of our form is too short",
];

Deno.test("COP-022 maskCardNumbers() takes card numbers out, however they are given", () => {
  for (const [text, masked] of [...GONE, ...GONE_BESIDE]) {
    strictEqual(maskCardNumbers(text), masked);
  }
});

Deno.test("V-15 maskCardNumbers() leaves other numbers, and gives back the same text", () => {
  for (const text of LEFT) strictEqual(maskCardNumbers(text), text);
});

Deno.test("COP-022 maskSegments() finds what is spread over segments and repeated by the other", () => {
  const said = [
    { speaker: "Ana", text: "It's four one one one", start: 1 },
    { speaker: "Ben", text: "four one one one, okay", start: 2 },
    { speaker: "Ana", text: "one one one one", start: 3 },
    { speaker: "Ben", text: "Mm-hmm.", start: 4 },
    { speaker: "Ana", text: "1111", start: 5 },
    { speaker: "Ana", text: "1111. Thanks!", start: 6 },
  ];
  const masked = maskSegments(said);
  deepStrictEqual(masked.map(({ text }) => text), [
    "It's [card number]",
    "[card number], okay",
    "[card number]",
    "Mm-hmm.",
    "[card number]",
    "[card number]. Thanks!",
  ]);
  deepStrictEqual(masked.map(({ start }) => start), [1, 2, 3, 4, 5, 6]);
  strictEqual(masked[3], said[3], "what did not change is the same");
});

Deno.test("maskCardNumbers() does not take its own masks for talk about cards", () => {
  for (
    const text of [
      "[card number] 5123 4567 8901 2345",
      "[card number], [security code] 5123456789012345",
    ]
  ) {
    strictEqual(maskCardNumbers(text), text);
  }
  strictEqual(
    maskCardNumbers("card number 5123456789012345"),
    "card number [card number]",
    "control",
  );
});

Deno.test("maskCardNumbers() takes any text and keeps what it does not mask", () => {
  const pieces = fc.constantFrom(
    ..."4111 one double oh exp cvv 1111 , . : - $ + card order id \n é ４ \u200b 😀 is the and"
      .split(" "),
  );
  fc.assert(fc.property(
    fc.oneof(fc.string({ unit: "binary" }), fc.array(pieces).map((list) => list.join(" "))),
    (text) => {
      const masked = maskCardNumbers(text);
      // Between the masks stands what stood there, in order
      let at = 0;
      for (const kept of masked.split(/\[(?:card number|security code|expiry date)\]/)) {
        const found = text.indexOf(kept, at);
        ok(found >= 0, JSON.stringify([text, masked]));
        at = found + kept.length;
      }
    },
  ));
});

Deno.test("maskCardNumbers() takes time in proportion to hostile text", () => {
  const units = [
    "4",
    "4 ",
    "one ",
    "double ",
    "1,",
    "oh sorry ",
    "card 4111 ",
    "\n1:",
    "Aa ",
    "AA11 ",
  ];
  const hostile = [
    ...units,
    "4111111111111111 cvv 123 ",
    "https://",
    "exp december ",
    "\ufdfa",
    "a-1",
  ];
  for (const unit of hostile) {
    const small = timeOf(unit.repeat(10_000));
    const large = timeOf(unit.repeat(80_000));
    ok(large < 8 * 6 * Math.max(small, 5), `${JSON.stringify(unit)}: ${small} ms, ${large} ms`);
  }
});

function timeOf(text: string): number {
  const startedAt = performance.now();
  maskCardNumbers(text);
  return performance.now() - startedAt;
}
