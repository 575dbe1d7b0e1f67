// The hosted runtime is Deno 2.1.4, years behind the one that tests run on. A bundle boots there with
// a method that it lacks, and fails when the method is called; so such methods are looked for by name.
import { deepStrictEqual } from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { sourceFiles } from "../../scripts/checks/source_files.ts";

/** Methods that came after V8 13.0. */
const TOO_NEW =
  /\.toHex\(|\.setFromHex\(|\.toBase64\(|\.setFromBase64\(|Uint8Array\.from(?:Hex|Base64)|RegExp\.escape\(|Promise\.try\(|Error\.isError\(|Math\.sumPrecise\(|Math\.f16round\(|Iterator\.concat\(|^\s*(?:await )?using \w+ =/m;
const PROJECT_DIR = fileURLToPath(new URL("../../", import.meta.url));

Deno.test("COP-031 what is deployed calls nothing that the hosted runtime's Deno lacks", async () => {
  const files = await sourceFiles(PROJECT_DIR, ["shared", "supabase/functions"], [".ts"]);
  const found = files.filter(({ path, text }) => !path.endsWith("_test.ts") && TOO_NEW.test(text));
  deepStrictEqual(found.map(({ path }) => path), []);
});
