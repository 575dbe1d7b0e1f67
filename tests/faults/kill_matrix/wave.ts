// A wave: some meetings of one organization, from their calendar events to their ends, while each of
// some kill points meets its fault; then a look whether all of them ended as if nothing had been.
import { calm } from "../convergence/chaos.ts";
import { findViolations, type IdealEnds, toIdealEnds } from "../convergence/checker.ts";
import { readRoundEnd } from "../convergence/final_state.ts";
import { type House, openHouse } from "../convergence/house.ts";
import { passTime } from "../convergence/passing_time.ts";
import {
  deliverCalls,
  KINDS,
  type PlannedRound,
  planRound,
  settle,
  tick,
} from "../convergence/round.ts";
import { findKillViolations, findUsageViolations } from "./kill_checker.ts";
import type { KillPoint } from "./kill_point.ts";
import { ProcessRoom } from "./process_room.ts";
import { type Fault, type Scene, Trap } from "./trap.ts";

/** One cell of the matrix. */
export interface Cell {
  readonly point: KillPoint;
  readonly fault: Fault;
}

/** A house whose functions are real processes. */
export interface KillHouse extends AsyncDisposable {
  readonly house: House;
  readonly room: ProcessRoom;
  readonly ideal: IdealEnds;
}

/** How a wave went. */
export interface WaveResult {
  /** Cells whose fault met a worker. */
  readonly sprung: number;
  /** Those whose point nobody came by. */
  readonly missed: readonly string[];
  readonly violations: readonly string[];
}

const NOTHING = calm();
/** Divides by two and by five: everything of the schedule is due. */
const EVERY_MINUTE = 10;
/** So long no wave takes; one that does is told apart from one that is slow. */
const WAVE_MS = 300_000;
/** Longer than any lease. */
const ASLEEP_SECONDS = 660;
const NEXT_TICK_SECONDS = 60;

/**
 * Opens a house of real processes, and has a round in it in which nothing goes wrong.
 *
 * @returns The house; disposing of it ends everything in it.
 */
export async function openKillHouse(): Promise<KillHouse> {
  let room: ProcessRoom | undefined;
  const house = await openHouse({
    createRoom: (variables, url) => room = new ProcessRoom(variables, url),
  });
  const processes = room;
  if (processes === undefined) throw new Error("The house has no room");
  const close = async () => {
    await processes.close();
    await house[Symbol.asyncDispose]();
  };
  try {
    await house.sql(await Deno.readTextFile(new URL("./holds.sql", import.meta.url)));
    await house.sql("update private.plan_limits set daily_bots = 1 where plan = 'free'");
    await house.control({
      provider: "meeting_baas",
      action: "configure",
      stage_seconds: 15,
      rate_limit: 1_000,
      daily_cap: 100_000,
      tokens: 1_000_000,
    });
    const round = await planRound(house, KINDS);
    await settle(house, round, 0);
    const ideal = toIdealEnds(await readRoundEnd(house, round));
    return { house, room: processes, ideal, [Symbol.asyncDispose]: close };
  } catch (error) {
    await close();
    throw error;
  }
}

/**
 * Runs some cells at once.
 *
 * @param kill The house.
 * @param cells What goes wrong where; each brings a meeting.
 * @param seed Decides what a cell leaves open.
 * @throws {Error} When it does not end, saying what everybody waits for.
 */
export async function runWave(
  kill: KillHouse,
  cells: readonly Cell[],
  seed: number,
): Promise<WaveResult> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const tooLate = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      const names = cells.map(nameOf).join(" + ");
      reject(new Error(`${names} does not end. ${kill.room.describe()}`));
    }, WAVE_MS);
  });
  try {
    return await Promise.race([meetFaults(kill, cells, seed), tooLate]);
  } finally {
    clearTimeout(timer);
  }
}

async function meetFaults(
  kill: KillHouse,
  cells: readonly Cell[],
  seed: number,
): Promise<WaveResult> {
  const { house, room, ideal } = kill;
  const isCapped = cells.some(({ point }) => point.isCapped);
  const kinds = cells.map(({ point }) => point.kind);
  const round = await planRound(house, isCapped ? [...kinds, "usual"] : kinds);
  if (isCapped) {
    await house.sql("update public.organizations set plan = 'free' where id = $1", [round.orgId]);
  }
  const scene = setScene(kill, round);
  const traps = cells.map(({ point, fault }, index) => new Trap(point, fault, scene, seed + index));
  const killed = room.killed;
  room.watches = traps.map(({ watch }) => watch);
  let left = await settle(house, round, 0);
  const isMidnight = cells.some(({ point }) => point.place === "usage written");
  if (isMidnight) await runDaily(scene);
  await Promise.all(traps.map((trap) => trap.done()));
  room.watches = [];
  if (cells.some(({ fault }) => fault === "F5 delivered again")) await tellAllAgain(house, round);
  await room.quiesce();
  // A trap may have been met in the very last tick
  if (await stillWaits(house, round)) left = await settle(house, round, 0);
  const end = await readRoundEnd(house, round);
  const excuses = cells.length + room.killed - killed;
  return {
    sprung: traps.filter(({ isSprung }) => isSprung).length,
    missed: traps.filter(({ isSprung }) => !isSprung).map(nameOf),
    violations: [
      ...(left === 0 ? [] : [`${left} have not ended`]),
      ...(isCapped ? findCapViolations(end) : findViolations(end, ideal, excuses)),
      ...await findKillViolations(house, round),
      ...(isMidnight ? await findUsageViolations(house, round) : []),
    ],
  };
}

/** How a cell is called. */
export function nameOf({ point, fault }: Cell): string {
  return `${point.pipeline}: ${point.name}, ${fault}`;
}

function setScene({ house, room }: KillHouse, round: PlannedRound): Scene {
  const work = async () => {
    await tick(house, EVERY_MINUTE, NOTHING);
    for (let wave = 0; wave < 4; wave++) {
      if (await deliverCalls(house, NOTHING) === 0) break;
    }
  };
  const pass = async (seconds: number) => {
    // Before the rows are older: no worker may think that less has passed than the database says
    room.age(seconds * 1_000);
    await passTime(house, round.orgId, seconds);
  };
  return {
    house,
    room,
    round,
    letOthersWork: async () => {
      await pass(ASLEEP_SECONDS);
      await work();
      await pass(NEXT_TICK_SECONDS);
      await work();
    },
    callAgain: async (name) => {
      await house.sql("select private.call_function($1)", [name]);
      await deliverCalls(house, NOTHING);
    },
  };
}

/** Files that were stored around midnight, and the daily job of that midnight, twice. */
async function runDaily({ house, round, callAgain }: Scene): Promise<void> {
  const midnight = "date_trunc('day', now() at time zone 'utc') at time zone 'utc'";
  await house.sql(
    `with moved as (
       update private.recording_uploads set completed_at = ${midnight} +
         case kind when 'video' then interval '-1 millisecond' else interval '1 millisecond' end
       where org_id = $1 and state = 'complete' returning 1
     )
     delete from private.s3_usage_days where exists (select from moved)`,
    [round.orgId],
  );
  await callAgain("s3-usage-metrics");
  await callAgain("s3-usage-metrics");
}

interface Ledger {
  readonly meeting_baas: {
    readonly bots: readonly { readonly bot_id: string; readonly meeting_url: string }[];
    readonly deliveries: readonly {
      readonly message_id: string;
      readonly bot_id: string;
      readonly scheme: string;
    }[];
  };
}

/** Every report once more, the last one first. */
async function tellAllAgain(house: House, round: PlannedRound): Promise<void> {
  // The simulators' ledger is written by this project
  const { meeting_baas: { bots, deliveries } } = await house.ledgers() as unknown as Ledger;
  const urls = new Set(round.meetings.map(({ url }) => url));
  const ours = new Set(bots.filter((bot) => urls.has(bot.meeting_url)).map((bot) => bot.bot_id));
  const ids = deliveries
    .filter(({ bot_id, scheme }) => scheme === "v2" && ours.has(bot_id))
    .map(({ message_id }) => message_id);
  for (const id of [...new Set(ids)].toReversed()) {
    await house.control({ provider: "meeting_baas", action: "redeliver", message_id: id });
  }
}

async function stillWaits(house: House, { orgId }: PlannedRound): Promise<boolean> {
  const [row] = await house.sql<{ waits: boolean }>(
    `select exists (select from public.recordings where org_id = $1 and outcome is null)
       or exists (select from private.jobs where org_id = $1 and state in ('ready', 'running'))
       or exists (select from private.webhook_events where state = 'received' and (org_id is null or org_id = $1)) as waits`,
    [orgId],
  );
  return row?.waits ?? false;
}

/** One bot may be sent, whoever plans how often: one meeting has it, the other says why it has none. */
function findCapViolations({ meetings }: Awaited<ReturnType<typeof readRoundEnd>>): string[] {
  const bots = meetings.map((meeting) => meeting.bots).toSorted();
  const reasons = meetings.map(({ recording }) => String(recording["failure_code"])).toSorted();
  const isRight = bots.join() === "0,1" && reasons.join() === "daily_cap_reached,null";
  return isRight ? [] : [`bots ${bots.join()} for a cap of one; reasons ${reasons.join()}`];
}
