// meeting-search over HTTP, and the oracle: the fast path finds exactly what row security allows.
import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { type Actor, callAs, createActor, createRivals } from "../support/rivals.ts";
import { testStack } from "../support/stack.ts";

const stack = await testStack();
const { rep, colleague, rival } = await createRivals(stack);
const agent = await createActor(
  stack,
  `agent-${crypto.randomUUID().slice(0, 8)}@home.test`,
  rep.orgId,
  "agent",
);

const WORDS =
  ("price budget renewal contract security pilot plant invoice legal demo quarter forecast " +
    "harbour lantern meadow granite copper willow summit canyon ember orchard").split(
      " ",
    );

/** A meeting whose transcript is the given lines. */
async function addMeeting(
  owner: Actor,
  lines: readonly string[],
  startedAt = new Date(),
): Promise<string> {
  const [meeting] = await stack.sql<{ id: string }>(
    `with m as (
       insert into public.meetings (org_id, owner_user_id, source_type, external_id, title, started_at)
       values ($1, $2, 'fathom', $3, 'Talk', $4) returning *),
     t as (
       insert into public.transcripts (org_id, meeting_id, owner_user_id, segment_count)
       select org_id, id, owner_user_id, $6 from m returning *)
     insert into public.transcript_segments (org_id, transcript_id, meeting_id, owner_user_id, seq, start_ms, text)
     select t.org_id, t.id, t.meeting_id, t.owner_user_id, l.seq, l.seq * 1000, l.text
     from t, unnest($5::text[]) with ordinality as l (text, seq) returning meeting_id as id`,
    [owner.orgId, owner.userId, crypto.randomUUID(), startedAt.toISOString(), lines, lines.length],
  );
  return meeting?.id ?? "";
}

interface Hit {
  readonly segment_id: string;
  readonly meeting_id: string;
  readonly snippet: { text: string; highlights: { start: number; end: number }[] };
  readonly actions: unknown[];
}

async function search(
  actor: Actor,
  body: Record<string, unknown>,
): Promise<{ hits: Hit[]; next: unknown }> {
  const { status, json } = await callAs(stack, actor, "meeting-search", body);
  strictEqual(status, 200, JSON.stringify(json));
  return { hits: json["data"] as Hit[], next: json["next_cursor"] };
}

Deno.test("U60-054 a passage is found with the places of its matches, as plain text", async () => {
  const id = await addMeeting(rep, [
    "The <b>quokka</b> price & the quokka's \uE000forged\uE001 mark",
  ]);
  const { hits } = await search(rep, { q: "quokka" });
  strictEqual(hits.length, 1);
  const [hit] = hits;
  deepStrictEqual(hit?.actions, [{ type: "open_meeting", meeting_id: id }]);
  const { text = "", highlights = [] } = hit?.snippet ?? {};
  deepStrictEqual(highlights.map(({ start, end }) => text.slice(start, end).toLowerCase()), [
    "quokka",
    "quokka",
  ]);
  ok(!/[\uE000\uE001]/.test(text));
});

Deno.test("a search is a GET or a POST, with the same answer", async () => {
  await addMeeting(rep, ["wombat one", "wombat two"]);
  const byGet = await callAs(stack, rep, "meeting-search?q=wombat&limit=5");
  const byPost = await callAs(stack, rep, "meeting-search", { q: "wombat", limit: 5 });
  strictEqual(byGet.status, 200);
  deepStrictEqual(byGet.json, byPost.json);
});

Deno.test("pages follow each other without a gap or a repetition, in both orders", async () => {
  for (let n = 0; n < 7; n++) {
    await addMeeting(
      rep,
      ["numbat " + "numbat ".repeat(n % 3), "numbat again"],
      new Date(Date.now() - n * 3_600_000),
    );
  }
  for (const order of ["relevance", "recent"]) {
    const all = (await search(rep, { q: "numbat", order, limit: 50 })).hits.map((hit) =>
      hit.segment_id
    );
    strictEqual(all.length, 14);
    const paged: string[] = [];
    let cursor: unknown = undefined;
    do {
      const page = await search(rep, {
        q: "numbat",
        order,
        limit: 4,
        ...(cursor ? { cursor } : {}),
      });
      paged.push(...page.hits.map((hit) => hit.segment_id));
      cursor = page.next;
    } while (cursor);
    deepStrictEqual(paged, all, order);
  }
});

Deno.test("T search isolation: the rival, the agent and the stranger to sharing see what they may", async () => {
  await addMeeting(rep, ["bilby of the rep"]);
  await addMeeting(agent, ["bilby of the agent"]);
  await addMeeting(rival, ["bilby of the rival"]);
  const seen = async (actor: Actor): Promise<number> =>
    (await search(actor, { q: "bilby" })).hits.length;
  deepStrictEqual([await seen(rep), await seen(colleague), await seen(agent), await seen(rival)], [
    2,
    2,
    1,
    1,
  ]);
  await stack.sql(
    "update public.org_settings set enable_meeting_sharing = false where org_id = $1",
    [rep.orgId],
  );
  deepStrictEqual([await seen(rep), await seen(colleague), await seen(agent)], [1, 0, 1]);
  await stack.sql(
    "update public.org_settings set enable_meeting_sharing = true where org_id = $1",
    [rep.orgId],
  );
  const other = await callAs(stack, rival, "meeting-search", { q: "bilby", org_id: rep.orgId });
  deepStrictEqual([other.status, other.json["code"]], [404, "organization_not_found"]);
});

/** Asks as each of the people in turn, by the search function and by row security, and compares. */
const ORACLE = `
do $oracle$
declare
  v_people text[] := array[PEOPLE];
  v_words text[] := array[WORDS];
  v_person text[];
  v_session uuid;
  v_query text;
  v_fast uuid[];
  v_slow uuid[];
  v_answer jsonb;
  v_found integer := 0;
begin
  for i in 1..1000 loop
    if i % 250 = 0 then
      update public.org_settings set enable_meeting_sharing = not enable_meeting_sharing where org_id = 'HOME';
    end if;
    v_person := string_to_array(v_people[1 + floor(random() * array_length(v_people, 1))], '/');
    select id into v_session from auth.sessions where user_id = v_person[1]::uuid limit 1;
    perform set_config('request.jwt.claims', json_build_object(
      'role', 'authenticated', 'iss', 'http://stack.test/auth/v1', 'sub', v_person[1], 'session_id', v_session
    )::text, true);
    v_query := v_words[1 + floor(random() * array_length(v_words, 1))]
      || (array[' ', ' or ', ' -', ' "', ''])[1 + i % 5]
      || case when i % 5 = 4 then '' else v_words[1 + floor(random() * array_length(v_words, 1))] end;
    set local role authenticated;
    v_answer := public.search_transcripts(v_person[2]::uuid, v_query, (array['relevance', 'recent'])[1 + i % 2], 50);
    select array_agg((h ->> 'segment_id')::uuid order by h ->> 'segment_id') into v_fast
    from jsonb_array_elements(v_answer -> 'results') as h;
    select array_agg(s.id order by s.id::text) into v_slow from public.transcript_segments as s
    where s.org_id = v_person[2]::uuid and s.tsv @@ websearch_to_tsquery('english', v_query);
    reset role;
    if v_answer ->> 'has_more' = 'true' or v_fast is distinct from v_slow then
      raise exception 'pair %: % asks for %: % instead of %', i, v_person, v_query, v_fast, v_slow;
    end if;
    v_found := v_found + coalesce(array_length(v_slow, 1), 0);
  end loop;
  if v_found < 1000 then
    raise exception 'only % passages were found: the pairs prove nothing', v_found;
  end if;
end;
$oracle$`;

Deno.test("T search oracle: on 1,000 random questions the fast path equals row security", async () => {
  const people = [rep, colleague, agent, rival];
  for (let n = 0; n < 32; n++) {
    const line = (): string =>
      Array.from({ length: 5 }, () => WORDS[Math.floor(Math.random() * WORDS.length)]).join(" ");
    await addMeeting(people[n % 4] ?? rep, [line(), line()]);
  }
  await stack.sql(
    ORACLE.replace("PEOPLE", people.map((one) => `'${one.userId}/${one.orgId}'`).join(", "))
      .replace("WORDS", WORDS.map((word) => `'${word}'`).join(", "))
      .replace("HOME", rep.orgId),
  );
});

Deno.test("whatever is typed is a question, not an error", async () => {
  for (
    const q of [
      "'",
      '"',
      "&|!():*",
      "a & b",
      "<->",
      "\\",
      "--",
      "the",
      "🦘",
      "%27 or 1=1",
      "-x",
      "x".repeat(500),
    ]
  ) {
    await search(rep, { q });
  }
  for (
    const body of [
      { q: "" },
      { q: "x".repeat(501) },
      { q: "x", limit: 51 },
      { q: "x", cursor: "!" },
      { q: "x", order: "id" },
      { q: "x", more: 1 },
    ]
  ) {
    strictEqual(
      (await callAs(stack, rep, "meeting-search", body)).status,
      400,
      JSON.stringify(body).slice(0, 60),
    );
  }
});
