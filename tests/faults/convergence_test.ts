// Whatever happens on the way, a recording comes to the end that it would have come to if nothing had
// (U60-103 to U60-129, A12): random histories in which reports are lost, doubled, late and forged,
// addresses expire, providers and database are not reached, answers get lost, connections break,
// processes die between any two calls, and schedulers and pollers run twice. The functions are the real
// ones, the database, the store and the third parties' protocols too.
//
// A small part of it runs with every change; all of it with `deno task test:nightly`.
import { deepStrictEqual, ok } from "node:assert/strict";
import fc from "fast-check";
import { calm, Chaos, type ChaosRates } from "./convergence/chaos.ts";
import { findViolations, type IdealEnds, toIdealEnds } from "./convergence/checker.ts";
import { readRoundEnd } from "./convergence/final_state.ts";
import { type House, openHouse } from "./convergence/house.ts";
import { PLANTED_BUGS } from "./convergence/planted_bugs.ts";
import { type Kind, KINDS, planRound, runRound } from "./convergence/round.ts";

const IS_NIGHTLY = Deno.env.get("SIXTY_NIGHTLY") === "true";
const MEETINGS_A_ROUND = 20;
const ROUNDS = IS_NIGHTLY ? 50 : 2;
/** Each of them takes a house of its own. */
const BUGS = IS_NIGHTLY ? PLANTED_BUGS : PLANTED_BUGS.slice(0, 3);
/** So many rounds a planted defect may hide in. */
const ROUNDS_TO_CATCH = 6;

const RATES: ChaosRates = {
  kill: 0.35,
  refuse: 0.05,
  loseAnswer: 0.05,
  unavailable: 0.03,
  cut: 0.04,
  eventLost: 0.1,
  eventLate: 0.15,
  eventDoubled: 0.1,
  eventUnacknowledged: 0.1,
  eventForged: 0.1,
  wakeLost: 0.3,
};

interface RoundPlan {
  readonly seed: number;
  readonly steps: number;
  readonly kinds: readonly Kind[];
}

const roundPlan: fc.Arbitrary<RoundPlan> = fc.record({
  seed: fc.integer({ min: 1, max: 2 ** 31 - 1 }),
  steps: fc.integer({ min: 8, max: 16 }),
  kinds: fc.array(fc.constantFrom(...KINDS), {
    minLength: MEETINGS_A_ROUND,
    maxLength: MEETINGS_A_ROUND,
  }),
});

/** A house whose account with the bots' provider has no limits that a round would reach. */
async function openRoomyHouse(): Promise<House> {
  const house = await openHouse();
  await house.control({
    provider: "meeting_baas",
    action: "configure",
    stage_seconds: 15,
    rate_limit: 1_000,
    daily_cap: 100_000,
    tokens: 1_000_000,
  });
  return house;
}

async function findIdeal(house: House): Promise<IdealEnds> {
  const round = await planRound(house, KINDS);
  await runRound(house, round, calm(), 4);
  return toIdealEnds(await readRoundEnd(house, round));
}

/** Runs one round and says in what it differs from the ideal. */
async function violationsOf(
  house: House,
  ideal: IdealEnds,
  { kinds, seed, steps }: RoundPlan,
  totals: Record<string, number>,
  rates: Partial<ChaosRates> = {},
): Promise<string[]> {
  const chaos = new Chaos({ ...RATES, ...rates }, seed);
  const round = await planRound(house, kinds);
  const left = await runRound(house, round, chaos, steps);
  for (const [what, count] of Object.entries(chaos.happened)) {
    totals[what] = (totals[what] ?? 0) + count;
  }
  const lost = (chaos.happened["kill"] ?? 0) + (chaos.happened["lose_answer"] ?? 0);
  const violations = findViolations(await readRoundEnd(house, round), ideal, lost);
  totals["histories"] = (totals["histories"] ?? 0) + kinds.length;
  return left === 0 ? violations : [`${left} have not ended`, ...violations];
}

Deno.test(`U60-103 convergence: ${ROUNDS * MEETINGS_A_ROUND} random histories end as if nothing had gone wrong`, async () => {
  await using house = await openRoomyHouse();
  const ideal = await findIdeal(house);
  const totals: Record<string, number> = {};
  await fc.assert(
    fc.asyncProperty(roundPlan, async (plan) => {
      deepStrictEqual(await violationsOf(house, ideal, plan, totals), []);
    }),
    // What failed is told by its seed; to tell it again in many smaller ways takes too long
    { numRuns: ROUNDS, endOnFailure: true },
  );
  console.log(`${ROUNDS * MEETINGS_A_ROUND} histories; what went wrong: ${JSON.stringify(totals)}`);
  ok((totals["kill"] ?? 0) > ROUNDS && (totals["lose_answer"] ?? 0) > ROUNDS);
});

for (const [index, bug] of BUGS.entries()) {
  Deno.test(`the checker sees when ${bug.name}`, async () => {
    await using house = await openRoomyHouse();
    const ideal = await findIdeal(house);
    await bug.plant(house);
    const seen: string[] = [];
    for (let round = 0; round < ROUNDS_TO_CATCH && seen.length === 0; round++) {
      const kinds = Array.from({ length: 6 }, (_, n) => KINDS[(n + index) % KINDS.length]);
      const plan = {
        seed: 1_000 * index + round + 1,
        steps: 10,
        kinds: kinds.filter((kind) => kind !== undefined),
      };
      seen.push(...await violationsOf(house, ideal, plan, {}, bug.rates));
    }
    ok(seen.length > 0, `nobody noticed: ${bug.name}`);
  });
}
