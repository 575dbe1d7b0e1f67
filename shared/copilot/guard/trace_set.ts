// Everything that some rows hold, so that a value can be traced to them.
import { readNumbers } from "../../words/number_words.ts";
import { Evidence, type EvidenceMoment } from "./evidence.ts";
import { areFactsBorneOut } from "./facts.ts";

const WORD = /[\p{L}\p{M}\p{N}]+(?:['-][\p{L}\p{M}\p{N}]+)*/gu;
const DATE_TIME = /^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}/;
const DATE = /^\d{4}-\d{2}-\d{2}$/;

/** What rows hold. */
export class TraceSet {
  readonly #strings = new Set<string>();
  readonly #words = new Set<string>();
  readonly #numbers = new Set<number>();
  readonly #instants = new Set<number>();
  readonly #days = new Set<string>();
  readonly #dayOf: Intl.DateTimeFormat;
  readonly #moment: EvidenceMoment;
  readonly #added: unknown[] = [];
  #evidence: Evidence | null = null;

  /** @param moment Now, and the zone of the days. */
  constructor(moment: EvidenceMoment) {
    this.#moment = moment;
    this.#dayOf = new Intl.DateTimeFormat("en-CA", { timeZone: moment.timeZone });
  }

  /** Adds a value with all that is in it. */
  add(value: unknown): this {
    this.#added.push(value);
    this.#addAll(value);
    return this;
  }

  #addAll(value: unknown): void {
    if (typeof value === "number") this.#numbers.add(value);
    else if (typeof value === "string") this.#addString(value);
    else if (Array.isArray(value)) value.forEach((item) => this.#addAll(item));
    else if (typeof value === "object" && value !== null) {
      Object.values(value).forEach((item) => this.#addAll(item));
    }
  }

  hasNumber(value: number): boolean {
    return this.#numbers.has(value);
  }

  hasString(value: string): boolean {
    return this.#strings.has(squeeze(value));
  }

  hasInstant(value: string): boolean {
    return this.#instants.has(Date.parse(value));
  }

  hasDay(value: string): boolean {
    return this.#days.has(value);
  }

  /** Whether each of these words is in the rows. */
  hasWords(words: readonly string[]): boolean {
    return words.every((word) => this.#words.has(word.toLowerCase()));
  }

  /**
   * Whether each sentence of a text states only what the rows hold.
   *
   * @param text Any text.
   * @param own Texts of ours, and what was calculated; the same at each call.
   */
  bearsOut(text: string, own: readonly unknown[]): boolean {
    this.#evidence ??= new Evidence(this.#moment).addRows(this.#added).addRows(own);
    const evidence = this.#evidence;
    return text.split(/\n+|(?<=[.!?])\s+/).every((sentence) =>
      areFactsBorneOut(sentence, evidence)
    );
  }

  #addString(value: string): void {
    this.#strings.add(squeeze(value));
    if (DATE.test(value)) this.#days.add(value);
    else if (DATE_TIME.test(value) && !Number.isNaN(Date.parse(value))) {
      this.#instants.add(Date.parse(value));
      this.#days.add(this.#dayOf.format(new Date(value)));
      return;
    }
    const plain = normalize(value);
    if (/^-?\d+(?:\.\d+)?$/.test(plain)) this.#numbers.add(Number(plain));
    for (const word of wordsOf(plain)) {
      this.#words.add(word.toLowerCase());
      this.#words.add(word.toLowerCase().replace(/'s$/, ""));
    }
    for (const { value: number } of readNumbers(plain)) this.#numbers.add(number);
  }
}

/** The words of a text, as they are written. */
export function wordsOf(text: string): string[] {
  return normalize(text).match(WORD) ?? [];
}

function normalize(text: string): string {
  return text.normalize("NFKC").replaceAll("’", "'").replaceAll("‹", "<").replaceAll("›", ">");
}

function squeeze(text: string): string {
  return normalize(text).replaceAll(/\s+/g, " ").trim();
}
