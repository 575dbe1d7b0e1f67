// Lines of business talk and writing that are full of numbers and hold no card number: six in ten
// name a number of a card's length.
import { Dice } from "./dice.ts";

type MakeLine = (dice: Dice) => string;

const THINGS = [
  "order",
  "ticket",
  "invoice",
  "case",
  "booking",
  "tracking",
  "shipment",
  "reference",
];
const PEOPLE = ["Ana", "Ben", "Chloe", "the customer", "our team", "Mr. Novak"];

function longNumber(dice: Dice): string {
  return dice.digits(dice.pick([13, 14, 15, 16, 16, 16, 16, 17, 18, 19]));
}

function grouped(dice: Dice): string {
  return Array.from({ length: 4 }, () => dice.digits(4)).join(dice.pick([" ", "-"]));
}

function amount(dice: Dice): string {
  const value = dice.between(1, 9_999_999).toLocaleString("en-US");
  return dice.pick([`$${value}`, `€${value}`, `${value} EUR`, `${value}.${dice.digits(2)}`]);
}

function date(dice: Dice): string {
  const [year, month, day] = [dice.between(2019, 2028), dice.between(1, 12), dice.between(1, 28)];
  const padded = `${String(month).padStart(2, "0")}-${String(day).padStart(2, "0")}`;
  return dice.pick([`${year}-${padded}`, `${day}/${month}/${year}`, `${day}.${month}.${year}`]);
}

function time(dice: Dice): string {
  return `${dice.below(24)}:${String(dice.below(60)).padStart(2, "0")}`;
}

function phone(dice: Dice): string {
  const [a, b, c] = [dice.between(201, 989), dice.digits(3), dice.digits(4)];
  return dice.pick([
    `+1 ${a} ${b} ${c}`,
    `(${a}) ${b}-${c}`,
    `${a}-${b}-${c}`,
    `+44 20 ${c} ${dice.digits(4)}`,
  ]);
}

/** Names what the number is: how most long numbers stand in what people write. */
const LABELLED: readonly MakeLine[] = [
  (d) => `The ${d.pick(THINGS)} number is ${longNumber(d)}, can you look it up?`,
  (d) => `${d.pick(PEOPLE)} asked about ${d.pick(THINGS)} ${longNumber(d)} again.`,
  (d) => `Please close ${d.pick(THINGS)} #${longNumber(d)} by ${date(d)}.`,
  (d) => `${d.pick(THINGS)} id: ${longNumber(d)}`,
  (d) => `${longNumber(d)} is the ${d.pick(THINGS)} number we were given.`,
  (d) => `Join with meeting id ${longNumber(d)} and passcode ${d.digits(6)}.`,
  (d) => `Meeting ID ${d.digits(3)} ${d.digits(4)} ${d.digits(4)}, passcode ${d.digits(6)}`,
  (d) => `The card payment for order ${longNumber(d)} failed at ${time(d)}.`,
  (d) => `Refund ${amount(d)} for invoice ${longNumber(d)}, ${d.pick(PEOPLE)} agreed.`,
  (d) => `Tracking: ${longNumber(d)}, arrives ${date(d)}`,
  (d) => `transaction_id=${longNumber(d)} status=ok duration=${d.digits(3)}ms`,
  (d) => `Your booking reference ${longNumber(d)} is confirmed for ${d.between(2, 9)} guests.`,
  (d) => `serial no. ${longNumber(d)} was replaced, new one has IMEI ${d.digits(15)}`,
  (d) => `Ticket ${grouped(d)} was escalated to ${d.pick(PEOPLE)}.`,
  (d) => `PO ${longNumber(d)} and contract ${d.digits(8)} go together.`,
  (d) => `event id ${longNumber(d)} came twice`,
];

/** Numbers of a card's length that nobody names. */
const UNNAMED: readonly MakeLine[] = [
  (d) => `Uploaded ${longNumber(d)}.pdf to the shared folder.`,
  (d) => `See ${longNumber(d)} for details.`,
  (d) => `https://shop.example/p/${longNumber(d)}?ref=${d.digits(6)}`,
];

const ORDINARY: readonly MakeLine[] = [
  (d) =>
    `Revenue was ${amount(d)} in Q${d.between(1, 4)}, up ${d.between(1, 80)}% from ${amount(d)}.`,
  (d) => `Call me at ${phone(d)} or ${phone(d)} before ${time(d)}.`,
  (d) => `We met on ${date(d)} at ${time(d)} and again on ${date(d)} at ${time(d)}.`,
  (d) =>
    `They need ${d.between(2, 900)} seats now and ${d.between(1000, 9000)} by ${
      d.between(2026, 2030)
    }.`,
  (d) =>
    `Pipeline by month: ${d.digits(4)}, ${d.digits(4)}, ${d.digits(3)}, ${d.digits(5)} and ${
      d.digits(4)
    }.`,
  (d) => `Prices are ${amount(d)}, ${amount(d)}, ${amount(d)} and ${amount(d)} a year.`,
  () => `We have two options, one for the three small teams and one for the four large ones.`,
  () => `Give me one second, I had five or six calls, then two more at ten thirty.`,
  (d) => `It went from twenty to thirty five in ${d.between(2, 9)} weeks, so one hundred by June.`,
  (d) =>
    `Error ${d.digits(3)} at ${date(d)}T${time(d)}:${d.digits(2)}.${d.digits(3)}Z on host 10.${
      d.below(256)
    }.${d.below(256)}.${d.below(256)}`,
  (d) =>
    `IBAN DE${d.digits(2)} ${d.digits(4)} ${d.digits(4)} ${d.digits(4)} ${d.digits(4)} ${
      d.digits(2)
    }`,
  (d) =>
    `Version ${d.below(9)}.${d.below(30)}.${d.below(90)}, build ${d.digits(5)}, commit ${
      d.digits(7)
    }`,
  (d) =>
    `The credit card team has ${d.between(2, 60)} people and ${amount(d)} of budget for ${
      d.between(2026, 2029)
    }.`,
  (d) =>
    `${d.between(1, 12)} of ${d.between(12, 40)} rooms, floor ${d.below(20)}, desk ${
      d.digits(3)
    }, zip ${d.digits(5)}`,
  (d) => `Thermal test: ${d.digits(2)} ${d.digits(2)} ${d.digits(2)} ${d.digits(2)} degrees`,
];

/**
 * Makes lines.
 *
 * @param count How many.
 * @param seed Where chance starts.
 * @returns The lines.
 */
export function* makeBusinessLines(count: number, seed: number): Generator<string> {
  const dice = new Dice(seed);
  for (let index = 0; index < count; index++) {
    const share = dice.below(100);
    const makers = share < 55 ? LABELLED : share < 60 ? UNNAMED : ORDINARY;
    yield dice.pick(makers)(dice);
  }
}
