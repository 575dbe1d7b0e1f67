// A storm: whatever process is at work may be killed at any of its calls, again and again.
import { calm, Chaos } from "../convergence/chaos.ts";
import { findViolations } from "../convergence/checker.ts";
import { readRoundEnd } from "../convergence/final_state.ts";
import { passTime } from "../convergence/passing_time.ts";
import { deliverCalls, KINDS, planRound, settle, tick } from "../convergence/round.ts";
import { GO } from "./call.ts";
import { findKillViolations } from "./kill_checker.ts";
import type { KillHouse } from "./wave.ts";

/** What a storm has left. */
export interface StormResult {
  readonly kills: number;
  readonly meetings: number;
  /** Recordings without an end, or with another one than they had without the storm. */
  readonly lost: number;
  /** Recordings, meetings, pictures or objects that are there more than once. */
  readonly doubled: number;
  /** Bots beyond the one that each meeting has. */
  readonly doubledBots: number;
  readonly violations: readonly string[];
}

const STEPS = 14;

/**
 * Runs one.
 *
 * @param kill The house.
 * @param meetings How many meetings it passes over.
 * @param seed Another one gives another storm.
 * @param rate How likely a process dies on each side of each of its calls.
 */
export async function runStorm(
  { house, room, ideal }: KillHouse,
  meetings: number,
  seed: number,
  rate: number,
): Promise<StormResult> {
  const chaos = new Chaos(calm().rates, seed);
  const kinds = Array.from({ length: meetings }, (_, n) => KINDS[(n + seed) % KINDS.length]);
  const round = await planRound(house, kinds.filter((kind) => kind !== undefined));
  const before = room.killed;
  room.watches = [
    (worker) => chaos.below(1_000_000) < rate * 1_000_000 ? room.kill(worker).then(() => GO) : null,
  ];
  for (let minute = 1; minute <= STEPS; minute++) {
    await passTime(house, round.orgId, [30, 60, 60, 120][chaos.below(4)] ?? 60);
    await tick(house, minute, chaos);
    for (let wave = 0; wave < 3; wave++) {
      if (await deliverCalls(house, chaos) === 0) break;
    }
  }
  await room.quiesce();
  room.watches = [];
  const kills = room.killed - before;
  const left = await settle(house, round, STEPS);
  const end = await readRoundEnd(house, round);
  const violations = [
    ...(left === 0 ? [] : [`${left} have not ended`]),
    ...findViolations(end, ideal, kills),
    ...await findKillViolations(house, round),
  ];
  const ends = violations.filter((line) =>
    /: (recording|transcript|hasVideo|attendees|objects) is/.test(line)
  );
  return {
    kills,
    meetings,
    lost: left + new Set(ends.map((line) => line.split(":")[0])).size,
    doubled: end.meetings.reduce(
      (sum, one) =>
        sum + beyondOne(one.recordings) + beyondOne(one.meetings) + beyondOne(one.thumbnails),
      0,
    ) +
      end.leftovers.strayObjects + violations.filter((line) => line.startsWith("doubled")).length,
    doubledBots: end.meetings.reduce((sum, one) => sum + beyondOne(one.bots), 0),
    violations,
  };
}

function beyondOne(count: number): number {
  return Math.max(count - 1, 0);
}
