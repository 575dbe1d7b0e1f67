// What turns begin with, remembered so that the next one can begin before the database has answered.
// An entry belongs to one person in one organization and is found by nobody else; what was guessed by
// it is thrown away unless the database then says the same.
import type { TurnContext } from "./turn_store.ts";

/** Whose context, and of which conversation; null for one that begins. */
export interface ContextKey {
  readonly userId: string;
  /** As the caller named it: null is "the active one", which is not the same entry. */
  readonly orgId: string | null;
  readonly conversationId: string | null;
}

interface Entry {
  readonly context: TurnContext;
  readonly rememberedAt: number;
}

const MAX_ENTRIES = 500;
/** Longer than people think between two messages; what changed meanwhile shows in the version. */
const LIFETIME_MS = 10 * 60_000;
/**
 * For so long what was said may be sent to a model before the database has answered. Whoever erases a
 * conversation elsewhere has its words in this isolate still; writing on in it within this time is the
 * only way to send them once more.
 */
const HISTORY_MS = 60_000;
/** Contexts with more text than this are not worth their memory. */
const MAX_HISTORY_CHARACTERS = 60_000;

/** A bounded memory; the entry used longest ago goes first. */
export class ContextCache {
  readonly #entries = new Map<string, Entry>();

  /** @param now Tells the time, in milliseconds. */
  constructor(readonly now: () => number = Date.now) {}

  /** How many there are. */
  get size(): number {
    return this.#entries.size;
  }

  /**
   * Gives what the last turn there ended with.
   *
   * @param key Whose, and where.
   * @returns A guess; null where there is none.
   */
  guess(key: ContextKey): TurnContext | null {
    const name = nameOf(key);
    const entry = this.#entries.get(name);
    if (entry === undefined) return null;
    this.#entries.delete(name);
    if (entry.rememberedAt + LIFETIME_MS <= this.now()) return null;
    this.#entries.set(name, entry);
    return entry.context;
  }

  /**
   * Says whether a guess may be sent to a model before the database has answered.
   *
   * @param key Whose, and where.
   * @returns True where nothing was said yet, or what was said was remembered a moment ago.
   */
  maySend(key: ContextKey): boolean {
    const entry = this.#entries.get(nameOf(key));
    if (entry === undefined) return false;
    return entry.context.history.length === 0 || entry.rememberedAt + HISTORY_MS > this.now();
  }

  /** Remembers a context. */
  remember(key: ContextKey, context: TurnContext): void {
    const name = nameOf(key);
    this.#entries.delete(name);
    const length = context.history.reduce((sum, { text }) => sum + text.length, 0);
    if (length > MAX_HISTORY_CHARACTERS) return;
    this.#entries.set(name, { context, rememberedAt: this.now() });
    for (const oldest of this.#entries.keys()) {
      if (this.#entries.size <= MAX_ENTRIES) break;
      this.#entries.delete(oldest);
    }
  }

  /** Forgets a context. */
  forget(key: ContextKey): void {
    this.#entries.delete(nameOf(key));
  }

  /** Forgets everything of a person: what they have erased is not asked a model again. */
  forgetPerson(userId: string): void {
    const beginning = `[${JSON.stringify(userId)},`;
    for (const name of this.#entries.keys()) {
      if (name.startsWith(beginning)) this.#entries.delete(name);
    }
  }
}

function nameOf({ userId, orgId, conversationId }: ContextKey): string {
  return JSON.stringify([userId, orgId, conversationId]);
}
