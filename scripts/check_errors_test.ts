import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { ERROR_CATALOGUE } from "../shared/errors/catalogue.ts";
import { checkErrors } from "./check_errors.ts";
import { describeErrors } from "./generate_errors.ts";

const ALL_USED = [{
  path: "a.ts",
  text: Object.keys(ERROR_CATALOGUE).map((code) => `"${code}"`).join(),
}];

function sql(text: string): { path: string; text: string }[] {
  return [{ path: "a.sql", text }];
}

Deno.test("checkErrors() is content with codes of the catalogue, raised with its status", () => {
  const text = "raise sqlstate 'PT404' using message = 'not_found';\n" +
    "raise exception using errcode = 'PT403', message = 'forbidden';\n" +
    "raise sqlstate '42501' using message = 'anything';";
  deepStrictEqual(checkErrors(sql(text), ALL_USED), []);
});

Deno.test("checkErrors() finds unknown codes, other statuses and codes that nothing answers", () => {
  const raise = (state: string, message: string): string =>
    `raise sqlstate '${state}'\n  using message = '${message}', hint = 'x';`;
  match(checkErrors(sql(raise("PT404", "nobody_home")), ALL_USED).join(), /not in the catalogue/);
  match(checkErrors(sql(raise("PT400", "not_found")), ALL_USED).join(), /catalogue says 404/);
  match(
    checkErrors(sql(raise("PT404", "Ana is not here")), ALL_USED).join(),
    /not in the catalogue/,
  );
  const unused = checkErrors([], [{ path: "a.ts", text: "" }]);
  strictEqual(unused.length, Object.keys(ERROR_CATALOGUE).length);
});

Deno.test("U60-035 describeErrors() has a row for every code", () => {
  const text = describeErrors();
  for (const code of Object.keys(ERROR_CATALOGUE)) ok(text.includes(`\`${code}\``), code);
});
