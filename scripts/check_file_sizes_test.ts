import { deepStrictEqual, match } from "node:assert/strict";
import { checkFileSizes } from "./check_file_sizes.ts";

function file(path: string, lines: number): { path: string; text: string } {
  return { path, text: "\n".repeat(lines) };
}

Deno.test("checkFileSizes() accepts what is short, generated or excepted with a reason", () => {
  const files = [
    file("shared/a.ts", 300),
    file("shared/a_test.ts", 600),
    file("supabase/schemas/a.sql", 600),
    file("shared/database/database.types.ts", 9_000),
    file("scripts/big.ts", 301),
  ];
  deepStrictEqual(
    checkFileSizes(files, { "scripts/big.ts": "one table that reads as a whole" }),
    [],
  );
});

Deno.test("checkFileSizes() finds what is too long, and exceptions that nothing needs", () => {
  match(checkFileSizes([file("shared/a.ts", 301)], {}).join(), /shared\/a\.ts: 301 lines/);
  match(checkFileSizes([file("tests/a_test.ts", 601)], {}).join(), /601 lines/);
  match(
    checkFileSizes([file("shared/a.ts", 10)], { "shared/a.ts": "it was" }).join(),
    /no exception/,
  );
});
