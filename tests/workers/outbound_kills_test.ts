// Workers of confirmed actions are killed, as processes, at any moment of their work, again and again,
// while answers get lost too. In the end everything that was confirmed has left once, byte by byte, by
// the simulators' own ledgers (U60-088, U60-089).
import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { type ConfirmedEffect, EffectDesk, OUTSIDE_KINDS } from "../support/confirmed_effects.ts";
import { createRivals } from "../support/rivals.ts";
import { testStack } from "../support/stack.ts";

const stack = await testStack();
const { rep } = await createRivals(stack);
const desk = await EffectDesk.open(stack, rep);
/** By night as many as a long time brings. */
const KILLS = Deno.env.get("SIXTY_NIGHTLY") === "true" ? 240 : 24;
const DUE_AT_ONCE = 3;
/** Long enough for some of what is due, not for all of it, however busy the machine is. */
const FIRST_LIFE_MS = 320;
const HEALTHY_ROUNDS_MAX = 40;
const FAULTS = [
  { provider: "gmail", route: "messages.send" },
  { provider: "slack", route: "chat.postMessage" },
  { provider: "google_calendar", route: "events.insert" },
] as const;

/** A worker that has booted and waits for its line. */
class Victim {
  readonly #process: Deno.ChildProcess;

  private constructor(process: Deno.ChildProcess) {
    this.#process = process;
  }

  static async boot(): Promise<Victim> {
    const process = new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", "--no-check", "--quiet", "tests/support/outbound_process.ts"],
      env: {
        PROVIDERS_URL: stack.description.providersUrl,
        STACK_URL: stack.url,
        STACK_SECRET_KEY: stack.description.secretKey,
      },
      stdin: "piped",
      stdout: "piped",
      stderr: "inherit",
    }).spawn();
    const reader = process.stdout.getReader();
    const { value } = await reader.read();
    reader.releaseLock();
    strictEqual(new TextDecoder().decode(value), "ready\n");
    return new Victim(process);
  }

  async start(): Promise<void> {
    const writer = this.#process.stdin.getWriter();
    await writer.write(new TextEncoder().encode("go\n"));
    await writer.close();
  }

  kill(): void {
    try {
      this.#process.kill("SIGKILL");
    } catch (cause) {
      // It had ended by itself
      if (!(cause instanceof TypeError) && !(cause instanceof Deno.errors.NotFound)) throw cause;
    }
  }

  /** Waits for its end; says whether it was killed. */
  async end(): Promise<boolean> {
    const { signal } = await this.#process.status;
    await this.#process.stdout.cancel();
    return signal === "SIGKILL";
  }
}

/** As time passes: the leases of the dead end, and what waited is due, a few at a time. */
async function passTime(limit: number): Promise<void> {
  await stack.sql(
    `update private.outbound_effects set leased_until = now()
     where org_id = $1 and status = 'running' and leased_until > now()`,
    [rep.orgId],
  );
  await stack.sql(
    `update private.calendar_sync_runs set refresh_leased_until = now()
     where org_id = $1 and refresh_leased_until > now()`,
    [rep.orgId],
  );
  await stack.sql(
    `update private.jobs set run_at = now(), locked_until = now(), attempts = 0
     where id in (
       select id from private.jobs where kind = 'action.execute' and org_id = $1 and state <> 'dead'
       order by attempts desc, id limit $2
     )`,
    [rep.orgId, limit],
  );
}

async function unfinished(): Promise<number> {
  const [row] = await stack.sql<{ count: number }>(
    "select count(*)::int as count from private.outbound_effects where org_id = $1 and finished_at is null",
    [rep.orgId],
  );
  return row?.count ?? 0;
}

async function stuck(): Promise<unknown> {
  return await stack.sql(
    `select o.kind, o.status, o.error_code, o.attempts, j.state, j.last_error
     from private.outbound_effects as o
     left join private.jobs as j on (j.payload ->> 'effect_id')::uuid = o.id
     where o.org_id = $1 and o.finished_at is null`,
    [rep.orgId],
  );
}

async function refill(effects: ConfirmedEffect[]): Promise<void> {
  const missing = 2 * DUE_AT_ONCE - await unfinished();
  const wanted = Array.from({ length: Math.max(0, missing) }, (_, index) => {
    const kind = OUTSIDE_KINDS[(effects.length + index) % OUTSIDE_KINDS.length] ?? "send_email";
    return desk.compose(kind);
  });
  effects.push(...await desk.confirm(wanted, true));
}

/** Trouble besides the killing: an answer that gets lost, a failure, a token that has run out. */
async function maybeTrouble(round: number): Promise<void> {
  const fault = FAULTS[round % FAULTS.length];
  if (round % 5 === 1) {
    await stack.controlProviders({ ...fault, action: "fail_call", lose_answer: true });
  } else if (round % 7 === 2) {
    await stack.controlProviders({ ...fault, action: "fail_call", status: 503 });
  } else if (round % 6 === 3) {
    await stack.sql(
      "update private.calendar_credentials set access_token_expires_at = null where org_id = $1",
      [rep.orgId],
    );
  }
}

Deno.test(`U60-088 workers are killed ${KILLS} times: nothing leaves twice, nothing is lost`, async () => {
  await stack.controlProviders({ provider: "slack", action: "configure", seconds_per_message: 0 });
  const effects: ConfirmedEffect[] = [];
  let [kills, rounds, longestLifeMs] = [0, 0, FIRST_LIFE_MS];
  let next = Victim.boot();
  while (kills < KILLS) {
    rounds += 1;
    ok(rounds < KILLS * 4, "most rounds end in a kill");
    await refill(effects);
    const victim = await next;
    next = Victim.boot();
    await maybeTrouble(rounds);
    await passTime(DUE_AT_ONCE);
    await victim.start();
    const lifeMs = Math.random() * longestLifeMs;
    await new Promise((resolve) => setTimeout(resolve, lifeMs));
    victim.kill();
    const wasKilled = await victim.end();
    kills += wasKilled ? 1 : 0;
    longestLifeMs *= wasKilled ? 1.05 : 0.85;
  }
  const early = [...(await desk.leftOutside(effects)).values()];
  ok(early.every(({ times }) => times <= 1), "nothing has left twice so far");

  let survivor = await next;
  for (let round = 0; await unfinished() > 0; round++) {
    ok(round < HEALTHY_ROUNDS_MAX, `these never end: ${JSON.stringify(await stuck())}`);
    await passTime(effects.length);
    await survivor.start();
    await survivor.end();
    survivor = await Victim.boot();
  }
  survivor.kill();
  await survivor.end();

  const left = [...(await desk.leftOutside(effects)).values()];
  const ends = [];
  for (const effect of effects) ends.push(await desk.endOf(effect));
  const attempts = ends.map((end) => end?.attempts ?? 0);
  console.log(
    `${kills} kills in ${rounds} rounds, ${effects.length} effects, ${
      left.filter(({ times }) => times > 1).length
    } doubled, ${left.filter(({ times }) => times === 0).length} lost, up to ${
      Math.max(...attempts)
    } attempts at one`,
  );
  deepStrictEqual(left.filter(({ times, isExact }) => times !== 1 || !isExact), []);
  deepStrictEqual(ends.filter((end) => end?.status !== "done"), []);
});
