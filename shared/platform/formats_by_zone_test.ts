// Unit tests of formats by zone: each its own, made once, and not more than there is room for.
import { strictEqual, throws } from "node:assert/strict";
import { formatsByZone } from "./formats_by_zone.ts";

Deno.test("a format is made once for each zone, and shows that zone's clocks", () => {
  const formatOf = formatsByZone("en-GB", { hour: "2-digit", minute: "2-digit" });
  const at = new Date("2026-11-22T12:00:00Z");
  strictEqual(formatOf("Europe/Berlin").format(at), "13:00");
  strictEqual(formatOf("Asia/Kolkata").format(at), "17:30");
  strictEqual(formatOf("Europe/Berlin"), formatOf("Europe/Berlin"));
  throws(() => formatOf("Nowhere/Atall"), RangeError);
});

Deno.test("formats of many zones do not pile up", () => {
  const formatOf = formatsByZone("en-GB", { hour: "2-digit" });
  const berlin = formatOf("Europe/Berlin");
  for (const zone of Intl.supportedValuesOf("timeZone").slice(0, 80)) formatOf(zone);
  strictEqual(formatOf("Europe/Berlin") === berlin, false);
});
