import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import fc from "fast-check";
import { MomentArg, sayMoment, toInstant } from "./moments.ts";

const BERLIN = "Europe/Berlin";
const NEW_YORK = "America/New_York";

Deno.test("C-24 a time without an offset is the person's own clock, a day alone its end of work", () => {
  strictEqual(toInstant("2026-11-27T09:00", NEW_YORK), "2026-11-27T14:00:00.000Z");
  strictEqual(toInstant("2026-07-01T09:00:00", BERLIN), "2026-07-01T07:00:00.000Z");
  strictEqual(toInstant("2026-11-27", NEW_YORK), "2026-11-27T22:00:00.000Z");
  strictEqual(toInstant("2026-07-01T09:00:00+05:30", BERLIN), "2026-07-01T03:30:00.000Z");
  strictEqual(toInstant("2026-07-01T09:00:00Z", BERLIN), "2026-07-01T09:00:00.000Z");
});

Deno.test("C-24 on days when clocks change, what is said is what was meant", () => {
  for (const day of ["2026-03-29", "2026-10-25"]) {
    for (const hour of ["00:30", "04:30", "12:00", "23:30"]) {
      const said = sayMoment(toInstant(`${day}T${hour}`, BERLIN), BERLIN);
      ok(said.includes(`, ${hour} (`), `${day} ${hour}: ${said}`);
    }
  }
});

Deno.test("C-24 reading back a moment gives the clock that it was made from, in any zone", () => {
  const zones = [BERLIN, NEW_YORK, "Asia/Kathmandu", "Australia/Lord_Howe", "Pacific/Apia", "UTC"];
  const at = fc.date({
    min: new Date("2026-01-01T00:00:00Z"),
    max: new Date("2027-12-31T00:00:00Z"),
    noInvalidDate: true,
  });
  fc.assert(fc.property(at, fc.constantFrom(...zones), (moment, zone) => {
    const clock = new Intl.DateTimeFormat("sv-SE", {
      timeZone: zone,
      dateStyle: "short",
      timeStyle: "medium",
    }).format(moment).replace(" ", "T");
    const again = toInstant(clock, zone);
    // In the hour that a zone has twice the other one may be meant; its clock says the same
    strictEqual(sayMoment(again, zone), sayMoment(moment.toISOString(), zone));
  }));
});

Deno.test("U60-088 a moment is said in the words that the database says it in", () => {
  // The same two are in tests/database/copilot/shown_effects.test.sql
  strictEqual(
    sayMoment("2026-11-27T16:00:00Z", NEW_YORK),
    "Fri 27 Nov 2026, 11:00 (America/New_York)",
  );
  strictEqual(
    sayMoment("2026-09-06T23:30:00Z", "Asia/Kathmandu"),
    "Mon 7 Sep 2026, 05:15 (Asia/Kathmandu)",
  );
});

Deno.test("only dates and times are moments", () => {
  const taken = [
    "2026-11-27",
    "2026-11-27T09:00",
    "2026-11-27T09:00:00Z",
    "2026-11-27T09:00:00+01:00",
  ];
  const refused = ["tomorrow", "27/11/2026", "2026-13-01", "09:00", ""];
  deepStrictEqual(taken.map((text) => MomentArg.safeParse(text).success), [true, true, true, true]);
  ok(refused.every((text) => !MomentArg.safeParse(text).success));
  strictEqual(sayMoment(null, BERLIN), "none");
});
