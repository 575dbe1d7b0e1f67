// What goes wrong, and when: decided by a seed, so that a history that failed can be told again.

/** How often each kind of thing goes wrong, from 0 to 1. */
export interface ChaosRates {
  /** A process dies at one of its first calls to the outside. */
  readonly kill: number;
  /** A provider, the store or the database is not reached. */
  readonly refuse: number;
  /** It does what it is asked, and the answer gets lost. */
  readonly loseAnswer: number;
  /** It answers 503. */
  readonly unavailable: number;
  /** A body breaks off. */
  readonly cut: number;
  /** A report never arrives, however often it is sent. */
  readonly eventLost: number;
  /** It is refused once or twice, so that it arrives after later ones. */
  readonly eventLate: number;
  /** It arrives twice at once. */
  readonly eventDoubled: number;
  /** It is applied, and its sender is told that it was not. */
  readonly eventUnacknowledged: number;
  /** Somebody sends something like it, without being able to prove it. */
  readonly eventForged: number;
  /** A wake-up of the database gets lost. */
  readonly wakeLost: number;
}

/** A source of numbers in [0, 1). */
export type Dice = () => number;

/** What goes wrong with one outgoing call. */
export type CallFault = "refuse" | "lose_answer" | "unavailable" | "cut" | null;

/** Where a process is killed: before or after its n-th call, counted from 0. */
export interface Kill {
  readonly at: number;
  readonly when: "before" | "after";
}

/** What becomes of one report, told by its id: the same at each of its deliveries. */
export type EventFate = "lost" | "late" | "doubled" | "unacknowledged" | "forged" | "fine";

const NOTHING: ChaosRates = {
  kill: 0,
  refuse: 0,
  loseAnswer: 0,
  unavailable: 0,
  cut: 0,
  eventLost: 0,
  eventLate: 0,
  eventDoubled: 0,
  eventUnacknowledged: 0,
  eventForged: 0,
  wakeLost: 0,
};
/** A process makes about so many calls in a run; a kill may come anywhere among them. */
const CALLS_OF_A_PROCESS = 24;

/** Decides what goes wrong. */
export class Chaos {
  readonly #dice: Dice;
  readonly #fates = new Map<string, EventFate>();
  readonly #deliveries = new Map<string, number>();
  /** How often each thing went wrong. */
  readonly happened: Record<string, number> = {};

  /**
   * @param rates How often.
   * @param seed Another one gives another history.
   */
  constructor(readonly rates: ChaosRates, seed: number) {
    this.#dice = createDice(seed);
  }

  /** Whether and where the next process dies. */
  planKill(): Kill | null {
    if (this.#dice() >= this.rates.kill) return null;
    const at = Math.floor(this.#dice() * CALLS_OF_A_PROCESS);
    return { at, when: this.#dice() < 0.5 ? "before" : "after" };
  }

  /** Notes that it came to a kill; one that was planned for later than the end is none. */
  noteKill(): void {
    this.#note("kill");
  }

  /**
   * What goes wrong with the next call.
   *
   * @param isDatabase The database neither answers 503 nor breaks off in the middle.
   */
  planCall(isDatabase: boolean): CallFault {
    const { refuse, loseAnswer, unavailable, cut } = this.rates;
    const roll = this.#dice() * (isDatabase ? 4 : 1);
    const fault = roll < refuse
      ? "refuse"
      : roll < refuse + loseAnswer
      ? "lose_answer"
      : isDatabase
      ? null
      : roll < refuse + loseAnswer + unavailable
      ? "unavailable"
      : roll < refuse + loseAnswer + unavailable + cut
      ? "cut"
      : null;
    if (fault !== null) this.#note(fault);
    return fault;
  }

  /** Whether a wake-up gets lost. */
  losesWake(): boolean {
    const isLost = this.#dice() < this.rates.wakeLost;
    if (isLost) this.#note("wake_lost");
    return isLost;
  }

  /**
   * What becomes of a report.
   *
   * @param id The same at each delivery.
   * @returns Its fate, and the how-manieth delivery this is, from 1.
   */
  fateOf(id: string): { fate: EventFate; delivery: number } {
    const delivery = (this.#deliveries.get(id) ?? 0) + 1;
    this.#deliveries.set(id, delivery);
    let fate = this.#fates.get(id);
    if (fate === undefined) {
      fate = this.#drawFate();
      this.#fates.set(id, fate);
      if (fate !== "fine") this.#note(`event_${fate}`);
    }
    return { fate, delivery };
  }

  /** A number below a bound, for whatever else has to be chosen. */
  below(bound: number): number {
    return Math.floor(this.#dice() * bound);
  }

  #drawFate(): EventFate {
    const { rates } = this;
    let roll = this.#dice();
    const fates: readonly [EventFate, number][] = [
      ["lost", rates.eventLost],
      ["late", rates.eventLate],
      ["doubled", rates.eventDoubled],
      ["unacknowledged", rates.eventUnacknowledged],
      ["forged", rates.eventForged],
    ];
    for (const [fate, rate] of fates) {
      if (roll < rate) return fate;
      roll -= rate;
    }
    return "fine";
  }

  #note(what: string): void {
    this.happened[what] = (this.happened[what] ?? 0) + 1;
  }
}

/** A world in which nothing goes wrong. */
export function calm(): Chaos {
  return new Chaos(NOTHING, 1);
}

/** mulberry32: small, quick, and the same everywhere. */
function createDice(seed: number): Dice {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
