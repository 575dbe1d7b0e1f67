// Whether every number, name and date of a structured answer traces to a row: one that the object it
// stands in names by its id, so that a true value beside the wrong name is found as well.
import type { EvidenceMoment } from "./evidence.ts";
import { TraceSet, wordsOf } from "./trace_set.ts";

/** What else an answer may say. */
export interface FaithfulOptions extends EvidenceMoment {
  /** Numbers and days that were calculated from the rows: counts, sums, the bounds of a period. */
  readonly calculated?: readonly (number | string)[];
  /** Texts of ours that no row holds: labels of buttons, "Untitled meeting". */
  readonly own?: readonly string[];
}

/** A value that traces to nothing. */
export interface Unfaithful {
  /** Where it stands, as in `deals[0].name`. */
  readonly path: string;
  readonly value: string | number;
}

const UUID = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/;
const ID_KEY = /(?:^|_)id$/;
/** Fields that hold a name or an address; each word of theirs counts, in small letters, too. */
const NAME_KEY = /(?:^|_)(?:name|email|title|subject|company|label|domain|stage|speaker|with)$/;
/** What a panel says of itself. */
const OWN_KEYS: ReadonlySet<string> = new Set(["type", "version"]);
const ENUM_VALUE = /^[a-z]+(?:_[a-z]+)*$/;

/**
 * Checks a structured answer.
 *
 * @param panel The answer.
 * @param rows The rows that it was made from, as the caller may read them; related rows nested in
 *   each other or beside one another.
 * @param options What else it may say.
 * @returns What traces to nothing; empty where all of it does.
 */
export function checkFaithful(
  panel: unknown,
  rows: readonly unknown[],
  options: FaithfulOptions,
): Unfaithful[] {
  return faithfulCheck(rows, options)(panel);
}

/**
 * Reads rows once, to check several answers against them.
 *
 * @param rows As for {@link checkFaithful}.
 * @param options As for {@link checkFaithful}.
 * @returns What checks one answer.
 */
export function faithfulCheck(
  rows: readonly unknown[],
  options: FaithfulOptions,
): (panel: unknown) => Unfaithful[] {
  const check = new FaithfulCheck(rows, options);
  return (panel) => check.findIn(panel);
}

interface Place {
  readonly path: string;
  readonly key: string;
  /** Ids of what the values here are about; none where they may be from any row. */
  readonly ids: readonly string[];
}

class FaithfulCheck {
  readonly #everything: TraceSet;
  readonly #byId = new Map<string, unknown[]>();
  readonly #sets = new Map<string, TraceSet>();
  readonly #calculated: ReadonlySet<number | string>;
  readonly #own: readonly string[];
  readonly #ownValues: readonly unknown[];
  readonly #ownWords: ReadonlySet<string>;
  readonly #moment: EvidenceMoment;

  constructor(rows: readonly unknown[], { calculated = [], own = [], ...moment }: FaithfulOptions) {
    this.#moment = moment;
    this.#calculated = new Set(
      calculated.map((value) => typeof value === "string" ? instantOf(value) : value),
    );
    this.#own = own;
    this.#ownValues = [...own, ...calculated];
    this.#ownWords = new Set(own.flatMap(wordsOf));
    this.#everything = new TraceSet(moment).add(rows);
    for (const row of rows) this.#index(row, []);
  }

  findIn(panel: unknown): Unfaithful[] {
    const found: Unfaithful[] = [];
    this.#visit(panel, { path: "", key: "", ids: [] }, found);
    return found;
  }

  #visit(value: unknown, place: Place, found: Unfaithful[]): void {
    if (Array.isArray(value)) {
      value.forEach((item, index) =>
        this.#visit(item, { ...place, path: `${place.path}[${index}]` }, found)
      );
    } else if (typeof value === "object" && value !== null) {
      this.#visitObject(Object.entries(value), place, found);
    } else if (typeof value === "number" || typeof value === "string") {
      if (!this.#isTraced(value, place)) found.push({ path: place.path, value });
    }
  }

  #visitObject(
    entries: readonly (readonly [string, unknown])[],
    place: Place,
    found: Unfaithful[],
  ): void {
    // What no row knows, such as a run's own id, binds nothing
    const own = entries.flatMap(([key, value]) =>
      ID_KEY.test(key) && typeof value === "string" && this.#byId.has(value) ? [value] : []
    );
    const ids = [...place.ids, ...own];
    for (const [key, value] of entries) {
      const path = place.path === "" ? key : `${place.path}.${key}`;
      if (place.path === "" && OWN_KEYS.has(key)) continue;
      this.#visit(value, { path, key, ids }, found);
    }
  }

  #isTraced(value: string | number, { key, ids }: Place): boolean {
    const bound = ids.length === 0 ? this.#everything : this.#boundTo(ids);
    if (typeof value === "number") return bound.hasNumber(value) || this.#calculated.has(value);
    if (value === "" || this.#own.includes(value)) return true;
    if (UUID.test(value)) return this.#everything.hasString(value);
    if (/^\d{4}-\d{2}-\d{2}(?:T|$)/.test(value)) {
      const isKnown = value.includes("T") ? bound.hasInstant(value) : bound.hasDay(value);
      return isKnown || this.#calculated.has(instantOf(value));
    }
    if (bound.hasString(value)) return true;
    if (/^https?:/i.test(value)) return false;
    if (NAME_KEY.test(key)) {
      return bound.hasWords(wordsOf(value).filter((word) => !this.#ownWords.has(word)));
    }
    // "type": "open_meeting" and the like; people and companies have keys of their own
    return ENUM_VALUE.test(value) || bound.bearsOut(value, this.#ownValues);
  }

  /** The rows with these ids, and what they hang in: a row is read with its parents. */
  #boundTo(ids: readonly string[]): TraceSet {
    const key = [...ids].sort().join(" ");
    const known = this.#sets.get(key);
    if (known !== undefined) return known;
    const set = new TraceSet(this.#moment).add(ids.flatMap((id) => this.#byId.get(id) ?? []));
    this.#sets.set(key, set);
    return set;
  }

  /** Objects by the ids in them; what holds an object without a list between them is about it, too. */
  #index(value: unknown, holders: readonly unknown[]): void {
    if (Array.isArray(value)) {
      for (const item of value) this.#index(item, []);
    } else if (typeof value === "object" && value !== null) {
      const about = [...holders, value];
      for (const [key, item] of Object.entries(value)) {
        if (ID_KEY.test(key) && typeof item === "string") {
          this.#byId.set(item, [...(this.#byId.get(item) ?? []), ...about]);
        }
        this.#index(item, about);
      }
    }
  }
}

/** The same for every way of writing a moment; days stay days. */
function instantOf(value: string): string {
  return value.includes("T") ? new Date(value).toISOString() : value;
}
