import { deepStrictEqual, match } from "node:assert/strict";
import { checkSecrets } from "./check_secrets.ts";

function file(text: string): { path: string; text: string }[] {
  return [{ path: "a.ts", text }];
}

/** Built here, so that the check does not find its own test. */
const KEYS: readonly string[] = [
  `sb_secret_${"a1B2".repeat(6)}`,
  `eyJ${"a".repeat(20)}.eyJ${"b".repeat(20)}.${"c".repeat(43)}`,
  `-----BEGIN ${"PRIVATE"} KEY-----`,
  `{"kty":"EC","d":"${"x".repeat(43)}"}`,
  `AKIA${"Q".repeat(16)}`,
  `AIza${"x".repeat(35)}`,
  `whsec_${"A".repeat(32)}`,
  `xoxb-${"1".repeat(24)}`,
  `sk-ant-${"x".repeat(40)}`,
  `/${"home"}/somebody/project`,
  `/${"tmp"}/notes`,
];

Deno.test("TEL-013 checkSecrets() finds what looks like a key or a folder of a machine, and keeps it to itself", () => {
  for (const key of KEYS) {
    const [finding = ""] = checkSecrets(file(`first line\nconst key = "${key}";`), {});
    match(finding, /^a\.ts:2: looks like /);
    deepStrictEqual(finding.includes(key), false);
  }
});

Deno.test("checkSecrets() leaves names, examples and imports alone", () => {
  const good = [
    "sb_secret_…",
    "AKIAIOSFODNN7EXAMPLE",
    'import { a } from "../shared/errors/catalogue.ts";',
    "`${dataDir}/tmp/upload`",
    '"whsec_" + encoded',
    "SUPABASE_SECRET_KEYS",
  ];
  deepStrictEqual(checkSecrets(file(good.join("\n")), {}), []);
});

Deno.test("checkSecrets() accepts an exception with a reason, and finds those that nothing needs", () => {
  const reason = "a canary that the logger must redact";
  deepStrictEqual(checkSecrets(file(`AKIA${"Q".repeat(16)}`), { "a.ts": reason }), []);
  match(checkSecrets(file("nothing"), { "a.ts": reason }).join(), /needs no exception/);
});
