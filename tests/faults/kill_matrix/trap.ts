// A kill point that waits for a worker to come by, and the fault that meets it there.
import type { House } from "../convergence/house.ts";
import type { PlannedRound } from "../convergence/round.ts";
import { type Call, FAIL, GO, type Order } from "./call.ts";
import type { KillPoint, Step } from "./kill_point.ts";
import type { ProcessRoom, ServedRequest, Watch } from "./process_room.ts";
import type { WorkerProcess } from "./worker_process.ts";

/** The six faults of the matrix. */
export const FAULTS = [
  "F1 process killed",
  "F2 database killed",
  "F3 failed before its effect",
  "F4 answer lost",
  "F5 delivered again",
  "F6 slept past its lease",
] as const;

/** One of them. */
export type Fault = (typeof FAULTS)[number];

/** Where a trap is set. */
export interface Scene {
  readonly house: House;
  readonly room: ProcessRoom;
  readonly round: PlannedRound;
  /** Lets the schedule run for a while longer than any lease, with other workers. */
  readonly letOthersWork: () => Promise<void>;
  /** Calls a function of the schedule once more. */
  readonly callAgain: (name: string) => Promise<void>;
}

const HELD_POLL_MS = 4;
/** Longer than any renewal takes, so that what waits for one that never comes goes on. */
const PARKED_MS = 3_000;
const TEN_MINUTES_MS = 600_000;

/** One cell of the matrix, armed. */
export class Trap {
  readonly point: KillPoint;
  readonly fault: Fault;
  readonly #scene: Scene;
  readonly #skewMs: number;
  #passes: number;
  #hasPrelude: boolean;
  #isSprung = false;
  #parked: (() => void)[] = [];
  readonly #acts: Promise<unknown>[] = [];
  readonly #skewed: WorkerProcess[] = [];

  /**
   * @param point Where.
   * @param fault What happens there.
   * @param scene The house and its round.
   * @param seed Decides which of several passes it is, and how a clock jumps.
   */
  constructor(point: KillPoint, fault: Fault, scene: Scene, seed: number) {
    this.point = point;
    this.fault = fault;
    this.#scene = scene;
    this.#passes = point.isRepeated ? seed % 2 : 0;
    this.#skewMs = seed % 2 === 0 ? TEN_MINUTES_MS : -TEN_MINUTES_MS;
    this.#hasPrelude = point.prelude !== undefined;
  }

  /** Whether it has met a worker. */
  get isSprung(): boolean {
    return this.#isSprung;
  }

  /** Looks at a call; null when it is none of its own. */
  readonly watch = (worker: WorkerProcess, call: Call): Promise<Order> | null => {
    if (this.#isSprung) return null;
    const { point } = this;
    if (this.#hasPrelude && point.prelude && isAt(point.prelude.at, worker, call)) {
      this.#hasPrelude = false;
      return this.#begin(point.prelude.act, worker, call);
    }
    if (this.#hasPrelude) return null;
    if (point.parks && isAt(point.parks, worker, call)) return this.#park();
    const phase = this.#phase();
    if (!isAt({ ...point.at, phase }, worker, call)) return null;
    if (point.place === undefined && this.#passes-- > 0) return null;
    if (point.place !== undefined) return this.#holdWithin(point.place, worker);
    this.#isSprung = true;
    const strike = this.#strike(worker);
    this.#acts.push(strike);
    return strike;
  };

  /** Waits until everything that it has begun has ended. */
  async done(): Promise<void> {
    this.release();
    await Promise.all(this.#acts);
    for (const worker of this.#skewed.splice(0)) {
      await worker.idle();
      await worker.kill();
    }
  }

  /** Lets go of whoever still waits. */
  release(): void {
    for (const go of this.#parked.splice(0)) go();
  }

  /** Of a lost call and of a lost answer the fault itself says which side of the call it is. */
  #phase(): "before" | "after" {
    if (this.fault === "F3 failed before its effect" || this.point.place !== undefined) {
      return "before";
    }
    if (this.fault === "F4 answer lost") return "after";
    return this.point.at.phase;
  }

  async #begin(act: Act, worker: WorkerProcess, call: Call): Promise<Order> {
    return await act(this.#scene, worker, call) ?? GO;
  }

  async #park(): Promise<Order> {
    const released = new Promise<void>((resolve) => this.#parked.push(resolve));
    await Promise.race([released, pause(PARKED_MS)]);
    return GO;
  }

  async #holdWithin(place: string, worker: WorkerProcess): Promise<Order> {
    const { house } = this.#scene;
    await house.sql("insert into house.armed values ($1) on conflict do nothing", [place]);
    this.#acts.push(this.#awaitHeld(place, worker));
    return GO;
  }

  /** The call goes on and stops within its transaction, or comes back without having been there. */
  async #awaitHeld(place: string, worker: WorkerProcess): Promise<void> {
    const { house, room } = this.#scene;
    const struck = Promise.withResolvers<void>();
    let isAnswered = false;
    const awaitAnswer: Watch = (other, call) => {
      if (other !== worker || call.phase !== "after" || !this.point.at.matches(call)) return null;
      isAnswered = true;
      return struck.promise.then(() => isMet && this.fault === "F4 answer lost" ? FAIL : GO);
    };
    let isMet = false;
    room.watches.unshift(awaitAnswer);
    const disarm = () => house.sql("delete from house.armed where place = $1", [place]);
    for (;;) {
      const held = await house.sql<{ pid: number }>(
        "select pid from pg_stat_activity where application_name = $1",
        [`held at ${place}`],
      );
      if (held.length > 0 && !this.#isSprung) {
        this.#isSprung = true;
        isMet = true;
        await this.#strikeWithin(worker, held.map(({ pid }) => pid), disarm);
        break;
      }
      if (isAnswered || worker.isIdle || this.#isSprung) break;
      await pause(HELD_POLL_MS);
    }
    await disarm();
    room.watches = room.watches.filter((watch) => watch !== awaitAnswer);
    struck.resolve();
  }

  async #strikeWithin(
    worker: WorkerProcess,
    pids: readonly number[],
    letGo: () => Promise<unknown>,
  ): Promise<void> {
    const { house, room } = this.#scene;
    if (this.fault === "F1 process killed" || this.fault === "F2 database killed") {
      await this.#strike(worker);
      return;
    }
    this.#callRival(room.serving.get(worker));
    if (this.fault === "F4 answer lost") return;
    if (this.fault === "F3 failed before its effect") {
      await house.sql("select pg_terminate_backend(p) from unnest($1::int[]) as u (p)", [pids]);
      return;
    }
    if (this.fault === "F6 slept past its lease") {
      worker.isHeld = true;
      worker.sleep();
      await letGo();
      await this.#scene.letOthersWork();
      worker.wake();
      worker.isHeld = false;
      return;
    }
    if (this.fault === "F5 delivered again") {
      // It comes while the first one is not committed, and may have to wait for it
      const again = this.#deliverAgain(worker);
      await pause(30);
      await letGo();
      await again;
    }
  }

  async #strike(worker: WorkerProcess): Promise<Order> {
    const { house, room } = this.#scene;
    this.#callRival(room.serving.get(worker));
    worker.isHeld = true;
    let order = GO;
    switch (this.fault) {
      case "F1 process killed":
        await room.kill(worker);
        break;
      case "F2 database killed":
        await house.crashDatabase();
        break;
      case "F3 failed before its effect":
      case "F4 answer lost":
        order = FAIL;
        break;
      case "F5 delivered again":
        await this.#deliverAgain(worker);
        break;
      case "F6 slept past its lease":
        worker.sleep();
        await this.#scene.letOthersWork();
        worker.wake();
        order = { ...GO, skewMs: this.#skewMs };
        // A process whose clock is wrong refuses every signed call from then on
        this.#skewed.push(worker);
        break;
    }
    worker.isHeld = this.#skewed.includes(worker);
    this.release();
    return order;
  }

  #callRival(served: ServedRequest | undefined): void {
    const rival = this.point.rival?.(this.#scene, served);
    if (rival) this.#acts.push(rival);
  }

  /** The same report again, or the schedule's call: it takes a nonce of its own. */
  async #deliverAgain(worker: WorkerProcess): Promise<void> {
    const { room, callAgain } = this.#scene;
    const served = room.serving.get(worker);
    if (served === undefined) return;
    worker.isHeld = true;
    if (/webhook$/.test(worker.name)) {
      await Promise.all([room.serve(served), room.serve(served), room.serve(served)]);
    } else {
      await Promise.all([callAgain(worker.name), callAgain(worker.name)]);
    }
    worker.isHeld = false;
  }
}

/** What is done at a prelude; undefined lets the call go on. */
export type Act = (
  scene: Scene,
  worker: WorkerProcess,
  call: Call,
) => Promise<Order | undefined>;

/** Somebody else who does the same at the same time. */
export type Rival = (scene: Scene, served: ServedRequest | undefined) => Promise<unknown>;

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

function isAt(step: Step, worker: WorkerProcess, call: Call): boolean {
  if (call.phase !== step.phase || (step.of !== undefined && step.of !== worker.name)) return false;
  // It broke by another one's doing, and nothing came of it
  if (call.status === 0) return false;
  return step.matches(call) && !(call.phase === "after" && call.isEmpty === true && step.isTaking);
}
