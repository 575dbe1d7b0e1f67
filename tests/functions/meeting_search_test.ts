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
  "price budget renewal contract security pilot plant invoice legal demo quarter forecast".split(
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

Deno.test("T search oracle: on 200 random questions the fast path equals row security", async () => {
  for (let n = 0; n < 40; n++) {
    const owner = [rep, colleague, agent, rival][n % 4] ?? rep;
    const line = (): string =>
      Array.from({ length: 6 }, () => WORDS[Math.floor(Math.random() * WORDS.length)]).join(" ");
    await addMeeting(owner, [line(), line()]);
  }
  const people = [rep, colleague, agent, rival];
  const clients = new Map<string, Awaited<ReturnType<typeof stack.signIn>>>();
  for (const actor of people) {
    clients.set(actor.email, await stack.signIn(actor.email, "a test password 1"));
  }
  for (let n = 0; n < 200; n++) {
    if (n === 100) {
      await stack.sql(
        "update public.org_settings set enable_meeting_sharing = false where org_id = $1",
        [rep.orgId],
      );
    }
    const actor = people[n % people.length] ?? rep;
    const pick = (): string => WORDS[Math.floor(Math.random() * WORDS.length)] ?? "price";
    const q = [
      pick(),
      `${pick()} ${pick()}`,
      `${pick()} or ${pick()}`,
      `${pick()} -${pick()}`,
      `"${pick()} ${pick()}"`,
    ][n % 5] ?? "price";
    const fast: string[] = [];
    let cursor: unknown = undefined;
    do {
      const page = await search(actor, { q, limit: 50, ...(cursor ? { cursor } : {}) });
      fast.push(...page.hits.map((hit) => hit.segment_id));
      cursor = page.next;
    } while (cursor);
    const { data, error } = await (clients.get(actor.email) ?? stack.anon()).from(
      "transcript_segments",
    )
      .select("id").eq("org_id", actor.orgId).textSearch("tsv", q, {
        type: "websearch",
        config: "english",
      }).limit(1_000);
    strictEqual(error, null);
    deepStrictEqual(
      new Set(fast),
      new Set((data ?? []).map((row: { id: string }) => row.id)),
      `${actor.email}: ${q}`,
    );
  }
  await stack.sql(
    "update public.org_settings set enable_meeting_sharing = true where org_id = $1",
    [rep.orgId],
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
