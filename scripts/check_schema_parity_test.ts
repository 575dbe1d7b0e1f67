import { deepStrictEqual, match, strictEqual } from "node:assert/strict";
import { compareSchemas } from "./check_schema_parity.ts";

Deno.test("compareSchemas() finds nothing between equal descriptions", () => {
  const lines = ["column public.a.b: text", "role_setting anon: a", "role_setting anon: b"];
  deepStrictEqual(compareSchemas(lines, [...lines]), []);
});

Deno.test("compareSchemas() says what is missing, and where what differs does", () => {
  deepStrictEqual(compareSchemas(["table public.a: x"], []), ["table public.a: only in schemas/"]);
  deepStrictEqual(compareSchemas([], ["table public.a: x"]), [
    "table public.a: only in migrations/",
  ]);
  const [finding, ...rest] = compareSchemas(
    ["policy public.a.b: using (true and owner = me)"],
    ["policy public.a.b: using (true or owner = me)"],
  );
  strictEqual(rest.length, 0);
  match(
    finding ?? "",
    /^policy public\.a\.b: schemas\/ has ".*true and.*", migrations\/ has ".*true or/,
  );
});
