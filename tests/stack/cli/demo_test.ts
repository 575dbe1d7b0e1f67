// The seven commands that a start suggests, run as they stand.

import { fileURLToPath } from "node:url";
import { match, strictEqual } from "node:assert/strict";
import { tryNext } from "../../../scripts/stack/try_next.ts";
import { testStack } from "../../support/stack.ts";

const stack = await testStack();
const PROJECT_DIR = fileURLToPath(new URL("../../../", import.meta.url));
const descriptionFile = await Deno.makeTempFile({ suffix: ".json" });
await Deno.writeTextFile(descriptionFile, JSON.stringify(stack.description));

const EXPECTED: readonly RegExp[] = [
  /It is complete\.[^]*playable: 206[^]*finds it/,
  /Waits for your yes[^]*Kept for you alone/,
  /ingrid@quillstone\.test sees/,
  /"is_complete": true/,
  /meetings? today/,
  /"source_type": "fathom"/,
  /"highlights"/,
];

for (const [index, line] of tryNext("deno task").entries()) {
  Deno.test(`try next: ${line}`, async () => {
    const command = line.replace(/^deno/, Deno.execPath());
    const { code, stdout, stderr } = await new Deno.Command("/bin/sh", {
      args: ["-c", command],
      cwd: PROJECT_DIR,
      env: { SIXTY_STACK: descriptionFile },
    }).output();
    const text = new TextDecoder().decode(stdout);
    strictEqual(code, 0, text + new TextDecoder().decode(stderr));
    match(text, EXPECTED[index] ?? /./);
  });
}
