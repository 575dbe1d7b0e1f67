// Every setting that a function reads stands in .env.example, since that file is what an operator
// fills in: a required one that is missing there is found out in production.
import { deepStrictEqual, ok } from "node:assert/strict";

const ROOT = new URL("../../", import.meta.url);

/** A field of a schema of variables, or a variable that is read by its name. */
const READ = /^\s+([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+): |readVariable\("([A-Z0-9_]+)"\)/gm;
/** The constants of which verifiers make their secrets' names. */
const NAMED = /_SECRET = "([A-Z0-9_]+)"/g;

async function* sourcesIn(folder: URL): AsyncGenerator<string> {
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    if (isDirectory) yield* sourcesIn(new URL(`${name}/`, folder));
    else if (name.endsWith(".ts") && !name.endsWith("_test.ts")) {
      yield await Deno.readTextFile(new URL(name, folder));
    }
  }
}

async function settingsRead(): Promise<string[]> {
  const names = new Set<string>();
  for await (const source of sourcesIn(new URL("supabase/functions/", ROOT))) {
    for (const [, field, variable] of source.matchAll(READ)) names.add(field ?? variable ?? "");
    for (const [, name = ""] of source.matchAll(NAMED)) names.add(name);
  }
  // Those the platform sets
  return [...names].filter((name) => !name.startsWith("SUPABASE_")).sort();
}

Deno.test("U60-139 U60-141 every setting that a function reads stands in .env.example", async () => {
  const example = await Deno.readTextFile(new URL(".env.example", ROOT));
  const names = await settingsRead();
  for (const known of ["MEETINGBAAS_API_KEY", "MEETINGBAAS_CALLBACK_SECRET", "AWS_S3_BUCKET"]) {
    ok(names.includes(known), `control: ${known} is found`);
  }
  const missing = names.filter((name) => !new RegExp(`^(?:# )?${name}=`, "m").test(example));
  deepStrictEqual(missing, []);
});
