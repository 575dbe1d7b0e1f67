// Nothing is done without the yes of its owner to exactly what they saw, and with it once: at least a
// thousand tries at each way round, against a real database, over connections that act as people.
import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import {
  Approvals,
  confirmAll,
  decide,
  edit,
  type Executions,
  propose,
  refusalOr,
  type Shown,
} from "./support/approvals.ts";

const TRIES = 1_000;

const world = await Approvals.open();
Deno.test.afterAll(async () => await world[Symbol.asyncDispose]());
const home = await world.givenOrg();
const away = await world.givenOrg();
const ana = await world.givenPerson({ [home]: "manager", [away]: "manager" });
const owner = await world.givenPerson({ [home]: "owner" });
const rival = await world.givenPerson({ [away]: "owner" });
await world.admin.query(
  "insert into private.superadmins (user_id, granted_by) values ($1, 'test')",
  [
    owner.id,
  ],
);
const asAna = await world.act(ana);
const asOwner = await world.act(owner, "aal2");
const asRival = await world.act(rival);

/** What Ana's copilot proposes to her at home, over as many turns as it takes. */
const proposed = (count: number) => world.givenProposals(asAna, ana, home, count);

/** Runs tries that must come to nothing. */
async function nothingHappens(tries: () => Promise<number>): Promise<void> {
  const before = await world.executions();
  const count = await tries();
  deepStrictEqual(await world.executions(), before);
  ok(count >= TRIES, `only ${count} tries`);
}

function more(before: Executions, count: number): Executions {
  return {
    tasks: before.tasks + count,
    effects: before.effects + count,
    jobs: before.jobs + count,
  };
}

function randomHash(): string {
  return Array.from(
    crypto.getRandomValues(new Uint8Array(32)),
    (byte) => byte.toString(16).padStart(2, "0"),
  ).join("");
}

/** Hashes that are almost right, and some that are nothing like one. */
function forgedHashes({ hash }: Shown, count: number): (string | null)[] {
  const flipped = Array.from(
    { length: hash.length },
    (_, index) => hash.slice(0, index) + (hash[index] === "0" ? "1" : "0") + hash.slice(index + 1),
  );
  const odd = [
    null,
    "",
    hash.toUpperCase() === hash ? "x" : hash.toUpperCase(),
    ` ${hash}`,
    `${hash} `,
    hash.slice(1),
    `\\x${hash}`,
  ];
  const random = Array.from({ length: count - flipped.length - odd.length }, randomHash);
  return [...flipped, ...odd, ...random];
}

Deno.test("R-02 control: a yes to what was shown executes it", async () => {
  const before = await world.executions();
  const [shown] = await proposed(1);
  ok(shown);
  strictEqual(await decide(asAna, "confirm", shown), "queued");
  deepStrictEqual(await world.executions(), more(before, 1));
});

Deno.test("V-06 forged approvals: no id and no hash but the ones shown execute anything", async () => {
  const [shown] = await proposed(1);
  ok(shown);
  await nothingHappens(async () => {
    const hashes = forgedHashes(shown, TRIES);
    const tries = hashes.map((hash) => ({ ...shown, hash }) as Shown);
    deepStrictEqual(await confirmAll(asAna, tries), { changed: TRIES });
    return TRIES;
  });
  await nothingHappens(async () => {
    for (let tried = 0; tried < TRIES; tried++) {
      const guess: Shown = { ...shown, id: crypto.randomUUID() };
      strictEqual(await decide(asAna, "confirm", guess), "not_found");
    }
    return TRIES;
  });
  strictEqual(await decide(asAna, "confirm", shown), "queued", "control: the real one does");
});

Deno.test("R-02 replayed approvals: what was done, cancelled or has failed is never done again", async () => {
  const [done, dropped] = await proposed(2);
  ok(done && dropped);
  strictEqual(await decide(asAna, "confirm", done), "queued");
  strictEqual(await decide(asAna, "cancel", dropped), "cancelled");
  await nothingHappens(async () => {
    const tries = Array.from({ length: TRIES / 2 }, () => [done, dropped]).flat();
    deepStrictEqual(await confirmAll(asAna, tries), { already_decided: TRIES });
    return TRIES;
  });
});

Deno.test("U60-087 expired approvals: a yes after the end is none, to the millisecond", async () => {
  const shown = await proposed(100);
  await world.admin.query(
    "update private.pending_actions set expires_at = clock_timestamp() where id = any($1)",
    [shown.map(({ id }) => id)],
  );
  await nothingHappens(async () => {
    deepStrictEqual(await confirmAll(asAna, shown), { expired: 100 });
    const again = Array.from({ length: 9 }, () => shown).flat();
    deepStrictEqual(await confirmAll(asAna, again), { already_decided: 900 });
    return TRIES;
  });
});

Deno.test("R-02 edited after approval: a yes to the old preview is none to the new one", async () => {
  const shown = await proposed(50);
  const edited: Shown[] = [];
  for (const { id, turn } of shown) edited.push(await edit(asAna, turn, id));
  await nothingHappens(async () => {
    for (let round = 0; round < 10; round++) {
      deepStrictEqual(await confirmAll(asAna, shown), { already_decided: 50 });
      const mixed = edited.map((one, index) => ({ ...one, hash: shown[index]?.hash ?? "" }));
      deepStrictEqual(await confirmAll(asAna, mixed), { changed: 50 });
    }
    return TRIES;
  });
  deepStrictEqual(
    await confirmAll(asAna, edited),
    { executed: 50 },
    "control: a yes to the new ones",
  );
});

Deno.test("U60-162 other users: not the owner of the organization, and no superadmin, says yes for somebody", async () => {
  const shown = await proposed(10);
  await nothingHappens(async () => await triesOf(asOwner, shown, "not_found"));
  deepStrictEqual(await confirmAll(asAna, shown), { queued: 10 }, "control: their owner does");
});

Deno.test("R-04 other organizations: nobody elsewhere says yes, nor does their owner when they have left", async () => {
  const shown = await proposed(10);
  await nothingHappens(async () => await triesOf(asRival, shown, "not_found"));
  const setStatus = (status: string) =>
    world.admin.query(
      "update public.organization_members set status = $1 where org_id = $2 and user_id = $3",
      [status, home, ana.id],
    );
  await setStatus("suspended");
  await nothingHappens(async () => await triesOf(asAna, shown, "not_found"));
  await setStatus("active");
  deepStrictEqual(await confirmAll(asAna, shown), { queued: 10 }, "control: as a member they do");
});

Deno.test("U60-163 no role without a person says yes", async () => {
  const shown = await proposed(10);
  for (const role of ["anon", "service_role"] as const) {
    const client = await world.actAsRole(role);
    await nothingHappens(async () => await triesOf(client, shown, "42501"));
  }
});

async function triesOf(
  client: Awaited<ReturnType<Approvals["act"]>>,
  shown: readonly Shown[],
  refusal: string,
): Promise<number> {
  let count = 0;
  for (; count < TRIES; count++) {
    const one = shown[count % shown.length];
    ok(one);
    strictEqual(await decide(client, "confirm", one), refusal);
  }
  return count;
}

Deno.test("R-01 two pending: the hash of the one is no yes to the other", async () => {
  const shown = await proposed(33);
  await nothingHappens(async () => {
    const crossed = shown.flatMap((one) =>
      shown.filter((other) => other.id !== one.id).map(({ hash }) => ({ ...one, hash }))
    );
    deepStrictEqual(await confirmAll(asAna, crossed), { changed: crossed.length });
    return crossed.length;
  });
  const before = await world.executions();
  const [first, second] = shown;
  ok(first && second);
  strictEqual(await decide(asAna, "confirm", first), "queued");
  deepStrictEqual(await world.executions(), more(before, 1), "control: one yes does one of them");
  strictEqual(await decide(asAna, "cancel", second), "cancelled", "and the other still waits");
});

Deno.test("R-02 double clicks: over three connections at once, each is done exactly once", async () => {
  const before = await world.executions();
  const shown = await proposed(TRIES);
  const clicks = [asAna, await world.act(ana), await world.act(ana)];
  const outcomes = await Promise.all(clicks.map(async (client, lane) => {
    const came: string[] = [];
    // Two lanes neck and neck, and one from the other end
    const order = lane < 2 ? shown : shown.toReversed();
    for (const one of order) came.push(await decide(client, "confirm", one));
    return came;
  }));
  const counts = Object.entries(Object.groupBy(outcomes.flat(), (outcome) => outcome))
    .map(([outcome, all]) => [outcome, all?.length]);
  deepStrictEqual(Object.fromEntries(counts), { queued: TRIES, already_decided: 2 * TRIES });
  deepStrictEqual(await world.executions(), more(before, TRIES));
  const { rows: [row] } = await world.admin.query<{ twice: number }>(
    "select count(*)::integer as twice from (select title from public.tasks group by 1 having count(*) > 1) as t",
  );
  strictEqual(row?.twice, 0);
});

Deno.test("a yes that races with a no: one of them holds, wholly", async () => {
  const other = await world.act(ana);
  const shown = await proposed(200);
  const before = await world.executions();
  let done = 0;
  for (const [index, one] of shown.entries()) {
    const [first, second] = index % 2 === 0
      ? ["confirm", "cancel"] as const
      : ["cancel", "confirm"] as const;
    const came = await Promise.all([decide(asAna, first, one), decide(other, second, one)]);
    const sorted = came.toSorted().join(" ");
    ok(["already_decided queued", "already_decided cancelled"].includes(sorted), sorted);
    if (sorted.includes("queued")) done++;
  }
  deepStrictEqual(await world.executions(), more(before, done));
});

Deno.test("a yes that races with an edit: the old one is done, or the new one waits", async () => {
  const other = await world.act(ana);
  const shown = await proposed(200);
  const before = await world.executions();
  let done = 0;
  for (const [index, one] of shown.entries()) {
    const confirm = () => decide(asAna, "confirm", one);
    const change = () => refusalOr(async () => (await edit(other, one.turn, one.id)) && "edited");
    const came = index % 2 === 0
      ? await Promise.all([confirm(), change()])
      : (await Promise.all([change(), confirm()])).toReversed();
    const told = came.join(" ");
    ok(["queued action_not_open", "already_decided edited"].includes(told), told);
    if (told.startsWith("queued")) done++;
  }
  deepStrictEqual(await world.executions(), more(before, done));
});

Deno.test("a yes that races with the end of its time: done before it, or not at all", async () => {
  const shown = await proposed(300);
  const before = await world.executions();
  let done = 0;
  for (const [index, one] of shown.entries()) {
    await world.admin.query(
      "update private.pending_actions set expires_at = clock_timestamp() + $2 * interval '1 microsecond' where id = $1",
      [one.id, index * 20],
    );
    const outcome = await decide(asAna, "confirm", one);
    ok(["queued", "expired"].includes(outcome), outcome);
    if (outcome === "queued") done++;
  }
  deepStrictEqual(await world.executions(), more(before, done));
  const { rows: [row] } = await world.admin.query<{ late: number }>(
    `select count(*)::integer as late from private.pending_actions
     where id = any($1) and status = 'executing' and decided_at > expires_at + interval '10 milliseconds'`,
    [shown.map(({ id }) => id)],
  );
  strictEqual(row?.late, 0);
});

Deno.test("a yes that races with the end of a membership: done before it, or not at all, and nothing leaves after", async () => {
  const before = await world.executions();
  let done = 0;
  const service = await world.actAsRole("service_role");
  for (let index = 0; index < 40; index++) {
    const person = await world.givenPerson({ [home]: "agent" });
    const client = await world.act(person);
    const [one] = await propose(client, await world.givenTurn(client, home), 1);
    ok(one);
    const remove = () =>
      refusalOr(async () => {
        await asOwner.query("select public.remove_member($1, $2)", [home, person.id]);
        return "removed";
      });
    const confirm = () => decide(client, "confirm", one);
    const came = index % 2 === 0
      ? await Promise.all([confirm(), remove()])
      : (await Promise.all([remove(), confirm()])).toReversed();
    const told = came.join(" ");
    ok(["queued removed", "not_found removed"].includes(told), told);
    if (told.startsWith("queued")) done++;
    const { rows } = await world.admin.query<{ id: string }>(
      "select id from private.outbound_effects where user_id = $1",
      [person.id],
    );
    strictEqual(rows.length, told.startsWith("queued") ? 1 : 0);
    for (const { id } of rows) {
      const { rows: [begun] } = await service.query<{ status: string }>(
        "select public.begin_outbound_effect($1, 'w') ->> 'status' as status",
        [id],
      );
      strictEqual(begun?.status, "failed");
    }
  }
  deepStrictEqual(await world.executions(), more(before, done));
});

Deno.test("a yes that races with the erasing of its conversation: done before it, or not at all", async () => {
  const other = await world.act(ana);
  const before = await world.executions();
  let done = 0;
  for (let index = 0; index < 60; index++) {
    // Thirty turns a minute are a person's share
    await world.admin.query("delete from private.copilot_accesses where user_id = $1", [ana.id]);
    const begun = await world.givenTurn(asAna, home);
    const [one] = await propose(asAna, begun, 1);
    ok(one);
    const { rows: [turnRow] } = await world.admin.query<{ conversation_id: string }>(
      "select conversation_id from public.copilot_turns where id = $1",
      [begun],
    );
    const erase = () =>
      refusalOr(async () => {
        await other.query("select public.erase_copilot_conversation($1)", [
          turnRow?.conversation_id,
        ]);
        return "erased";
      });
    const confirm = () => decide(asAna, "confirm", one);
    const came = index % 2 === 0
      ? await Promise.all([confirm(), erase()])
      : (await Promise.all([erase(), confirm()])).toReversed();
    const told = came.join(" ");
    ok(["queued erased", "not_found erased"].includes(told), told);
    if (told.startsWith("queued")) done++;
  }
  const after = await world.executions();
  strictEqual(after.tasks, before.tasks + done);
  // What had not left goes with its conversation
  strictEqual(after.effects, before.effects);
});

Deno.test("a worker that ends what it sent while its conversation is erased: both get through", async () => {
  const begun = await world.givenTurn(asAna, home);
  const [one] = await propose(asAna, begun, 1);
  ok(one);
  strictEqual(await decide(asAna, "confirm", one), "queued");
  const { rows: [sent] } = await world.admin.query<{ id: string; conversation_id: string }>(
    `select o.id, a.conversation_id from private.outbound_effects as o
     join private.pending_actions as a on a.org_id = o.org_id and a.id = o.action_id where a.id = $1`,
    [one.id],
  );
  const worker = await world.actAsRole("service_role");
  // The worker holds the effect when the erasing comes to its action
  await worker.query("begin");
  await worker.query("select public.begin_outbound_effect($1, 'w')", [sent?.id]);
  const erased = asAna.query("select public.erase_copilot_conversation($1)", [
    sent?.conversation_id,
  ]);
  await world.untilSomebodyWaits();
  const { rows: [end] } = await worker.query<{ is_done: boolean }>(
    "select public.finish_outbound_effect($1, 'w', 'x', null) as is_done",
    [sent?.id],
  );
  await worker.query("commit");
  strictEqual(end?.is_done, true);
  await erased;
  const { rows } = await world.admin.query("select from private.outbound_effects where id = $1", [
    sent?.id,
  ]);
  strictEqual(rows.length, 0);
});

Deno.test("an edit in a later turn while the conversation is erased: both get through", async () => {
  await world.admin.query("delete from private.copilot_accesses where user_id = $1", [ana.id]);
  const other = await world.act(ana);
  const [first, later, talk] = [crypto.randomUUID(), crypto.randomUUID(), crypto.randomUUID()];
  const begin = (id: string) =>
    asAna.query("select public.begin_copilot_turn($1, $2, $3, 'Please do', 'test')", [
      home,
      talk,
      id,
    ]);
  await begin(first);
  const [shown] = await propose(asAna, first, 1);
  ok(shown);
  await asAna.query("select public.finish_copilot_turn($1, 'test', 'done', null)", [first]);
  await begin(later);
  // The later turn is held when the erasing comes, and the edit goes on to the earlier one
  await asAna.query("begin");
  await asAna.query("select public.save_copilot_turn($1, 'test')", [later]);
  const erased = other.query("select public.erase_copilot_conversation($1)", [talk]);
  await world.untilSomebodyWaits();
  ok(await edit(asAna, later, shown.id));
  await asAna.query("commit");
  await erased;
  const { rows } = await world.admin.query(
    "select from private.pending_actions where conversation_id = $1",
    [talk],
  );
  strictEqual(rows.length, 0);
});
