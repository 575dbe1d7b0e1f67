// An organization's knowledge over the data API, as clients use it, and the text that is compiled of it.
import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { testStack } from "../support/stack.ts";

const stack = await testStack();
const FERNHOLLOW = "00000000-0000-4000-a000-0000000000a1";
const SARAH = "00000000-0000-4000-a000-000000000003";

interface Persona {
  readonly version: string;
  readonly text: string;
}

async function personaOf(userId: string): Promise<Persona | null> {
  const [row] = await stack.sql<{ persona: Persona | null }>(
    "select private.persona($1, $2) as persona",
    [FERNHOLLOW, userId],
  );
  return row?.persona ?? null;
}

Deno.test("U60-006 members read their organization's knowledge, and nobody another's", async () => {
  const sarah = await stack.signIn("sarah@fernhollow.test");
  const { data } = await sarah.from("org_knowledge")
    .select("org_id, products, competitors, pain_points, brand_voice");
  strictEqual(data?.length, 1);
  strictEqual(data[0]?.org_id, FERNHOLLOW);
  match(JSON.stringify(data[0]?.competitors), /WidgetCo/);
  const ingrid = await stack.signIn("ingrid@quillstone.test");
  const rivals = await ingrid.from("org_knowledge").select("org_id, brand_voice");
  ok(rivals.data?.every(({ org_id }) => org_id !== FERNHOLLOW));
});

Deno.test("U60-006 U60-072 an admin's change is in the next text; a member's is refused", async () => {
  const before = await personaOf(SARAH);
  match(before?.text ?? "", /^You are Sarah's dedicated sales analyst at Fernhollow Software\./);
  match(before?.text ?? "", /\nCompetitors: WidgetCo: /);
  deepStrictEqual(await personaOf(SARAH), before);

  const change = (brandVoice: string, email: string) =>
    stack.signIn(email).then((client) =>
      client.from("org_knowledge").update({ brand_voice: brandVoice }).eq("org_id", FERNHOLLOW)
        .select("brand_voice")
    );
  const [{ brand_voice: voice } = { brand_voice: "" }] = await stack.sql<{ brand_voice: string }>(
    "select brand_voice from public.org_knowledge where org_id = $1",
    [FERNHOLLOW],
  );
  deepStrictEqual((await change("Loud.", "sarah@fernhollow.test")).data, []);
  deepStrictEqual((await change("Loud.", "ingrid@quillstone.test")).data, []);
  deepStrictEqual(await personaOf(SARAH), before);
  deepStrictEqual((await change("Short.", "marcus@fernhollow.test")).data, [{
    brand_voice: "Short.",
  }]);
  match((await personaOf(SARAH))?.text ?? "", /\nBrand voice: Short\.\n/);
  await change(voice, "marcus@fernhollow.test");
  deepStrictEqual(await personaOf(SARAH), before);
});

Deno.test("U60-072 many who ask at once get one text, compiled once", async () => {
  await stack.sql("delete from private.copilot_personas where user_id = $1", [SARAH]);
  const all = await Promise.all(Array.from({ length: 24 }, () => personaOf(SARAH)));
  for (const persona of all) deepStrictEqual(persona, all[0]);
  const rows = await stack.sql(
    "select compilations, version from private.copilot_personas where user_id = $1",
    [SARAH],
  );
  deepStrictEqual(rows, [{ compilations: 1, version: all[0]?.version }]);
});

Deno.test("U60-072 nobody gets an old text while others change what it is made from", async () => {
  const voices = Array.from({ length: 12 }, (_, index) => `Voice ${index}.`);
  const written: string[] = [];
  const [before] = await stack.sql<{ brand_voice: string }>(
    "select brand_voice from public.org_knowledge where org_id = $1",
    [FERNHOLLOW],
  );
  const read = async (): Promise<void> => {
    const least = written.length;
    const text = (await personaOf(SARAH))?.text ?? "";
    const seen = voices.findIndex((voice) => text.includes(`Brand voice: ${voice}\n`));
    ok(seen >= least - 1, `read ${seen} after ${least} were written`);
  };
  for (const voice of voices) {
    const reads = Array.from({ length: 4 }, read);
    await stack.sql("update public.org_knowledge set brand_voice = $1 where org_id = $2", [
      voice,
      FERNHOLLOW,
    ]);
    written.push(voice);
    await Promise.all([...reads, read()]);
  }
  await stack.sql("update public.org_knowledge set brand_voice = $1 where org_id = $2", [
    before?.brand_voice,
    FERNHOLLOW,
  ]);
});
