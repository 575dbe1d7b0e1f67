// Unit tests of matching speakers with attendees: each rule, and everything that must not match.
import { deepStrictEqual, ok } from "node:assert/strict";
import fc from "fast-check";
import { type KnownAttendee, matchSpeakers } from "./match_speakers.ts";

const ANN: KnownAttendee = { name: "Ann Lee", email: "ann@acme.test" };
const BO: KnownAttendee = { name: "Bo Buyer", email: "bo@buyer.test" };

const match = (
  speakers: readonly string[],
  attendees: readonly KnownAttendee[],
): Record<string, string> => Object.fromEntries(matchSpeakers(speakers, attendees));

Deno.test("U60-122 matchSpeakers() knows a speaker by the whole name", () => {
  deepStrictEqual(match(["Ann Lee", "BO  BUYER"], [ANN, BO]), {
    "Ann Lee": ANN.email,
    "BO  BUYER": BO.email,
  });
  deepStrictEqual(match(["Jose Muñoz (Acme)"], [{ name: "José Munoz", email: "jm@acme.test" }]), {
    "Jose Muñoz (Acme)": "jm@acme.test",
  });
});

Deno.test("U60-122 matchSpeakers() knows one by the address, or by what it says", () => {
  const nameless = { name: null, email: "ann.lee@acme.test" };
  deepStrictEqual(match(["Ann Lee"], [nameless]), { "Ann Lee": nameless.email });
  deepStrictEqual(match(["ann.lee@acme.test"], [nameless]), {
    "ann.lee@acme.test": nameless.email,
  });
  const named = { name: "ann.lee@acme.test", email: "ann.lee@acme.test" };
  deepStrictEqual(match(["Ann Lee"], [named]), { "Ann Lee": named.email });
});

Deno.test("U60-122 matchSpeakers() takes a first name that only one of them has", () => {
  deepStrictEqual(match(["Ann"], [ANN, BO]), { Ann: ANN.email });
  deepStrictEqual(match(["Ann L."], [ANN, BO]), { "Ann L.": ANN.email });
  deepStrictEqual(match(["Bo Buyer"], [{ name: "Bo", email: "bo@b.test" }, ANN]), {
    "Bo Buyer": "bo@b.test",
  });
});

Deno.test("U60-122 matchSpeakers() never guesses between two", () => {
  const other = { name: "Ann Smith", email: "ann.smith@buyer.test" };
  const cases: [string, readonly string[], readonly KnownAttendee[], Record<string, string>][] = [
    ["a first name of two", ["Ann"], [ANN, other], {}],
    ["a whole name of two", ["Ann Lee"], [ANN, { ...ANN, email: "ann2@acme.test" }], {}],
    ["another last name", ["Ann Miller"], [ANN], {}],
    ["another initial", ["Ann S"], [ANN], {}],
    ["two speakers, one first name", ["Ann", "ANN (phone)"], [ANN], {}],
    ["whoever is there already", ["Ann Lee", "Ann"], [ANN], { "Ann Lee": ANN.email }],
    ["control: two Anns by their whole names", ["Ann Lee", "Ann Smith"], [ANN, other], {
      "Ann Lee": ANN.email,
      "Ann Smith": other.email,
    }],
    ["a number", ["Speaker 1"], [ANN], {}],
    ["one letter", ["A"], [{ name: "A Lee", email: "a@acme.test" }], {}],
    ["nothing", ["", "   ", "(Acme)"], [{ name: "", email: "x@acme.test" }], {}],
  ];
  for (const [what, speakers, attendees, expected] of cases) {
    deepStrictEqual(match(speakers, attendees), expected, what);
  }
});

Deno.test("U60-122 matchSpeakers() names nobody who is not there, whatever the order of the list", () => {
  const name = fc.constantFrom("Ann Lee", "Ann", "Bo", "Bo Lee", "Cy", "Speaker 2", "ann@a.test");
  const person = fc.record({
    name: fc.option(name),
    email: fc.constantFrom("ann@a.test", "b@b.test", "bo.lee@c.test"),
  });
  fc.assert(fc.property(fc.array(name), fc.array(person), (speakers, attendees) => {
    const found = matchSpeakers(speakers, attendees);
    const known: ReadonlySet<string> = new Set(attendees.map(({ email }) => email));
    const spoken: readonly string[] = speakers;
    ok([...found].every(([speaker, email]) => spoken.includes(speaker) && known.has(email)));
    const turned = matchSpeakers(speakers.toReversed(), attendees.toReversed());
    deepStrictEqual(new Map([...found].sort()), new Map([...turned].sort()));
  }));
});
