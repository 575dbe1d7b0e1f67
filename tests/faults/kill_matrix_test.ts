// The notetaker's part of the fault matrix: at each kill point of its pipelines
// a real process is killed with SIGKILL, the database is, a call fails before its effect or loses its
// answer, the same is delivered again, or the process sleeps past its lease and wakes with a clock that
// is wrong. Whatever it was, each recording ends as if nothing had been.
//
// A short run takes two faults of each point; with SIXTY_NIGHTLY=true all six, SIXTY_FAULT_SEEDS times
// (20), and SIXTY_FAULT_KILLS kills (2,000) anywhere.
import { deepStrictEqual, ok } from "node:assert/strict";
import { KILL_POINTS } from "./kill_matrix/kill_points.ts";
import { PLANTED_KILL_BUGS } from "./kill_matrix/planted_kill_bugs.ts";
import { runStorm } from "./kill_matrix/storm.ts";
import { type Fault, FAULTS } from "./kill_matrix/trap.ts";
import { type Cell, nameOf, openKillHouse, runWave } from "./kill_matrix/wave.ts";

const IS_NIGHTLY = Deno.env.get("SIXTY_NIGHTLY") === "true";
const SEEDS = IS_NIGHTLY ? Number(Deno.env.get("SIXTY_FAULT_SEEDS") ?? "20") : 1;
/** A night may be split over several machines. */
const FIRST_SEED = Number(Deno.env.get("SIXTY_FAULT_FIRST_SEED") ?? "0");
const KILLS = IS_NIGHTLY ? Number(Deno.env.get("SIXTY_FAULT_KILLS") ?? "2000") : 25;
const BUGS = IS_NIGHTLY ? PLANTED_KILL_BUGS : PLANTED_KILL_BUGS.slice(0, 3);
/** Cells that meet in one wave, each with a meeting of its own. */
const CELLS_A_WAVE = IS_NIGHTLY ? 6 : 10;
/** A process waits while they happen. */
const HOLDING: ReadonlySet<Fault> = new Set(["F5 delivered again", "F6 slept past its lease"]);
/** So often a planted defect may escape, where it shows by chance. */
const TRIES_TO_CATCH = 4;

const kill = await openKillHouse();
addEventListener("unload", () => void kill[Symbol.asyncDispose]());

/** Every point with its faults: each kills a process, and the others take turns. */
function chooseCells(): Cell[] {
  return KILL_POINTS.flatMap((point, index) => {
    const other = FAULTS[1 + index % (FAULTS.length - 1)];
    const faults = IS_NIGHTLY ? FAULTS : FAULTS.filter((one) => one === FAULTS[0] || one === other);
    return faults.map((fault) => ({ point, fault }));
  });
}

/** Other neighbours with each seed; what changes the rules of its organization has none. */
function* toWaves(cells: readonly Cell[], seed: number): Generator<Cell[]> {
  const isAlone = ({ point, fault }: Cell) =>
    point.isCapped || (point.isHeldAlone && HOLDING.has(fault));
  for (const cell of cells.filter(isAlone)) yield [cell];
  const rest = cells.filter((cell) => !isAlone(cell));
  const step = [7, 11, 13, 17, 19, 23][seed % 6] ?? 7;
  const mixed = rest.map((cell, index) => ({ cell, place: (index * step + seed) % 101 }))
    .toSorted((a, b) => a.place - b.place)
    .map(({ cell }) => cell);
  for (let at = 0; at < mixed.length; at += CELLS_A_WAVE) yield mixed.slice(at, at + CELLS_A_WAVE);
}

async function runSeed(seed: number): Promise<{ runs: number; failed: string[] }> {
  const cells = chooseCells();
  const failed: string[] = [];
  const missed: Cell[] = [];
  let runs = 0;
  const note = (wave: readonly Cell[], violations: readonly string[]) => {
    if (violations.length === 0) return;
    failed.push(`seed ${seed}: ${wave.map(nameOf).join(" + ")}: ${violations.join("; ")}`);
  };
  for (const wave of toWaves(cells, seed)) {
    const result = await runWave(kill, wave, seed);
    runs += result.sprung;
    note(wave, result.violations);
    missed.push(...wave.filter((cell) => result.missed.includes(nameOf(cell))));
  }
  // Where one fault keeps a worker from ever coming by another one's point, that one gets its own wave
  for (const cell of missed) {
    const result = await runWave(kill, [cell], 0);
    runs += result.sprung;
    note([cell], [
      ...result.violations,
      ...(result.sprung === 1 ? [] : ["nobody came by: nothing is proved"]),
    ]);
  }
  return { runs, failed };
}

Deno.test(`A12 ${KILL_POINTS.length} kill points: whatever happens there, everything ends as it should`, async () => {
  const cells = chooseCells().length;
  for (let seed = FIRST_SEED; seed < FIRST_SEED + SEEDS; seed++) {
    const startedAt = performance.now();
    const { runs, failed } = await runSeed(seed);
    const seconds = ((performance.now() - startedAt) / 1_000).toFixed(0);
    console.log(
      `      seed ${seed}: ${runs} of ${cells} cells, ${kill.room.killed} processes killed so far, ${failed.length} violations, ${seconds} s`,
    );
    deepStrictEqual(failed, []);
    ok(runs >= cells);
  }
});

Deno.test(`A5 ${KILLS} processes are killed at any of their calls: nothing lost, nothing done twice`, async () => {
  const total = { kills: 0, meetings: 0, lost: 0, doubled: 0, doubledBots: 0 };
  const violations: string[] = [];
  for (let seed = 1; total.kills < KILLS; seed++) {
    const storm = await runStorm(kill, 10, seed, 0.08 + 0.04 * (seed % 4));
    total.kills += storm.kills;
    total.meetings += storm.meetings;
    total.lost += storm.lost;
    total.doubled += storm.doubled;
    total.doubledBots += storm.doubledBots;
    violations.push(...storm.violations.map((line) => `storm ${seed}: ${line}`));
    if (IS_NIGHTLY) console.log(`      storm ${seed}: ${JSON.stringify(total)}`);
    // Its own words first: what complains last is not always what went wrong
    if (storm.violations.length > 0) console.log(storm.violations, kill.room.troubles.slice(-20));
  }
  console.log(`      ${JSON.stringify(total)}`);
  deepStrictEqual(violations, []);
});

Deno.test(`the matrix sees ${BUGS.length} planted defects that only kills bring to light`, async () => {
  const unseen: string[] = [];
  for (const bug of BUGS) {
    const takeOut = await bug.plant(kill.house);
    const point = KILL_POINTS.find(({ pipeline, name }) =>
      pipeline === bug.pipeline && name === bug.point
    );
    ok(point, bug.point);
    const seen: string[] = [];
    for (let seed = 0; seed < TRIES_TO_CATCH && seen.length === 0; seed++) {
      seen.push(...(await runWave(kill, [{ point, fault: bug.fault }], seed)).violations);
    }
    await takeOut();
    if (seen.length === 0) unseen.push(bug.name);
    if (IS_NIGHTLY) console.log(`      ${bug.name}: ${seen[0]}`);
  }
  deepStrictEqual(unseen, []);
});
