// One account's calendar: its events, each with the version of its last change.
import { nameOf } from "../people.ts";
import { stableId } from "../seeded_random.ts";
import type { VirtualClock } from "../virtual_clock.ts";
import { type EventContent, instantOf, type StoredEvent } from "./calendar_event.ts";
import { createInitialEvents } from "./initial_events.ts";
import { expandEvent, type Horizon } from "./recurrence.ts";

/** Hears of every change. */
export type ChangeListener = (account: CalendarAccount) => void;

/** A calendar and its history. */
export class CalendarAccount {
  readonly #clock: VirtualClock;
  readonly #onChange: ChangeListener;
  readonly #events = new Map<string, StoredEvent>();
  #version = 0;
  #generation = stableId(crypto.randomUUID(), 12);

  /**
   * @param email Whose calendar it is; also its id.
   * @param timeZone The calendar's zone.
   * @param clock Dates changes.
   * @param onChange Called after each change, but not for the initial events.
   */
  constructor(
    readonly email: string,
    readonly timeZone: string,
    clock: VirtualClock,
    onChange: ChangeListener,
  ) {
    this.#clock = clock;
    this.#onChange = () => {};
    const now = Temporal.Instant.fromEpochMilliseconds(clock.now().getTime());
    const today = now.toZonedDateTimeISO(timeZone).toPlainDate();
    for (const content of createInitialEvents({ email, timeZone, today })) {
      this.#store(content, content.status === "cancelled");
    }
    this.#onChange = onChange;
  }

  /** Rises with every change. */
  get version(): number {
    return this.#version;
  }

  /** Sync tokens of another generation are worth nothing. */
  get generation(): string {
    return this.#generation;
  }

  /** When the calendar last changed. */
  get updatedAt(): string {
    return [...this.#events.values()].at(-1)?.updatedAt ?? this.#clock.now().toISOString();
  }

  /** The name that people see. */
  get displayName(): string {
    return nameOf(this.email);
  }

  /** Makes all sync tokens too old. */
  expireSyncTokens(): void {
    this.#generation = stableId(crypto.randomUUID(), 12);
  }

  /** Removes all events, as if the calendar were new and empty. */
  clear(): void {
    this.#events.clear();
    this.expireSyncTokens();
    this.#version += 1;
    this.#onChange(this);
  }

  /** Stores an event, new or changed. */
  put(content: EventContent): StoredEvent {
    return this.#store(content, false);
  }

  /**
   * Cancels an event.
   *
   * @param id Its id; that of an instance cancels that instance alone.
   * @param isBare Whether nothing but the id is left of it.
   * @returns The event, or undefined when there is none.
   */
  cancel(id: string, isBare: boolean): StoredEvent | undefined {
    const found = this.find(id);
    if (found === undefined) return undefined;
    return this.#store({ ...found.content, status: "cancelled" }, isBare);
  }

  /** Finds an event, or an instance of a series. */
  find(id: string): StoredEvent | undefined {
    const stored = this.#events.get(id);
    if (stored !== undefined || !id.includes("_")) return stored;
    const master = this.#events.get(id.slice(0, id.lastIndexOf("_")));
    if (master === undefined) return undefined;
    return this.instancesOf(master, { from: -Infinity, until: Infinity })
      .find(({ content }) => content.id === id);
  }

  /** All events as they are stored: series whole, with their exceptions. */
  all(): StoredEvent[] {
    return [...this.#events.values()];
  }

  /** All events with series in single instances. */
  expanded(horizon: Horizon): StoredEvent[] {
    return this.all().flatMap((stored) =>
      stored.content.recurrence === undefined ? [stored] : this.instancesOf(stored, horizon)
    );
  }

  /** The instances of a series that are as the series has them. */
  instancesOf(master: StoredEvent, horizon: Horizon): StoredEvent[] {
    const exceptions = new Set(
      this.all().filter(({ content }) => content.recurringEventId === master.content.id)
        .map(({ content }) => content.id),
    );
    return expandEvent(master, exceptions, this.timeZone, horizon);
  }

  #store(content: EventContent, isBare: boolean): StoredEvent {
    const previous = this.#events.get(content.id);
    const now = this.#clock.now().toISOString();
    this.#version += 1;
    const stored: StoredEvent = {
      content,
      version: this.#version,
      createdAt: previous?.createdAt ?? now,
      updatedAt: now,
      sequence: previous === undefined ? 0 : previous.sequence + 1,
      isBare,
    };
    this.#events.delete(content.id);
    this.#events.set(content.id, stored);
    this.#onChange(this);
    return stored;
  }
}

/** When an event begins. */
export function startOf(stored: StoredEvent, account: CalendarAccount): number {
  return instantOf(stored.content.start, account.timeZone);
}
