// What an answer may say: the words, numbers, dates and addresses of the rows that were read for it,
// and of what the person wrote. It grows as the work goes on, and is taken apart when somebody first
// asks what is in it: an answer that rules make is held against nothing.
import { readNumbers } from "../../words/number_words.ts";
import { LocalTimes } from "./local_times.ts";

/** The moment and the place of the person who asks. */
export interface EvidenceMoment {
  readonly now: Date;
  /** IANA zone in which the person reads times. */
  readonly timeZone: string;
}

const DATE_TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:?\d{2})?$/;
const DATE_TIMES = /\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:?\d{2})/g;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const CURRENCY = /^[A-Z]{3}$/;
const ADDRESS = /[\p{L}\p{N}._%+-]+@[\p{L}\p{N}-]+(?:\.[\p{L}\p{N}-]+)+/gu;
const DOMAIN = /(?<![\p{L}\p{N}@.-])(?:[\p{L}\p{N}-]+\.)+[\p{L}]{2,}(?![\p{L}\p{N}-])/gu;
const WORD = /[\p{L}\p{M}\p{N}]+(?:['-][\p{L}\p{M}\p{N}]+)*/gu;
const DEPTH_MAX = 12;

/** What has been read so far. */
export class Evidence {
  readonly #facts: Facts;
  #unread: (() => void)[] = [];

  constructor(moment: EvidenceMoment) {
    this.#facts = new Facts(moment);
  }

  get words(): ReadonlySet<string> {
    return this.#read().words;
  }

  get numbers(): ReadonlySet<number> {
    return this.#read().numbers;
  }

  /** Exact addresses of fields that hold an address; never those in somebody's text. */
  get links(): ReadonlySet<string> {
    return this.#read().links;
  }

  /** Email addresses and domains that fields hold or the person wrote, in lower case. */
  get addresses(): ReadonlySet<string> {
    return this.#read().addresses;
  }

  /** ISO 4217 codes. */
  get currencies(): ReadonlySet<string> {
    return this.#read().currencies;
  }

  get times(): LocalTimes {
    return this.#read().times;
  }

  /**
   * Adds what was read: rows, as they came.
   *
   * @param value Any JSON that stays as it is; lists also say how many they hold.
   * @returns The same evidence.
   */
  addRows(value: unknown): this {
    this.#unread.push(() => this.#facts.addValue(value, "", 0));
    return this;
  }

  /**
   * Adds what the person wrote, or what the product says of itself.
   *
   * @param text Any text that nobody outside has written; links in it count for nothing.
   * @returns The same evidence.
   */
  addText(text: string): this {
    this.#unread.push(() => this.#facts.addText(text));
    return this;
  }

  #read(): Facts {
    const unread = this.#unread;
    this.#unread = [];
    for (const read of unread) read();
    return this.#facts;
  }
}

/** The same, taken apart. */
class Facts {
  readonly words = new Set<string>();
  readonly numbers = new Set<number>();
  readonly links = new Set<string>();
  readonly addresses = new Set<string>();
  readonly currencies = new Set<string>();
  readonly times: LocalTimes;

  constructor(moment: EvidenceMoment) {
    this.times = new LocalTimes(moment);
  }

  addText(text: string): void {
    const plain = text.normalize("NFKC").toLowerCase();
    for (const [address] of plain.matchAll(ADDRESS)) this.#addAddress(address);
    for (const [domain] of plain.matchAll(DOMAIN)) this.addresses.add(domain);
    this.#addFacts(text);
  }

  /** What a text says; an address in it may be named by nobody. */
  #addFacts(text: string): void {
    const plain = text.normalize("NFKC").replaceAll("’", "'");
    for (const [word] of plain.toLowerCase().matchAll(WORD)) this.#addWord(word);
    for (const { value } of readNumbers(plain)) this.numbers.add(value);
    for (const [moment] of plain.matchAll(DATE_TIMES)) this.times.addInstant(moment);
    this.times.addText(plain);
  }

  addValue(value: unknown, key: string, depth: number): void {
    if (depth > DEPTH_MAX) return;
    if (typeof value === "number") this.#addNumber(value);
    else if (typeof value === "string") this.#addString(value, key);
    else if (Array.isArray(value)) {
      this.numbers.add(value.length);
      for (const item of value) this.addValue(item, key, depth + 1);
    } else if (typeof value === "object" && value !== null) {
      const entries = Object.entries(value);
      this.times.addSpan(Object.fromEntries(entries));
      for (const [name, item] of entries) this.addValue(item, name, depth + 1);
    }
  }

  #addNumber(value: number): void {
    this.numbers.add(value);
    // A share is also said in percent
    if (value > 0 && value < 1) this.numbers.add(Math.round(value * 1e4) / 100);
  }

  #addString(value: string, key: string): void {
    if (UUID.test(value)) return;
    if (DATE_TIME.test(value)) return this.times.addInstant(value);
    if (/(?:^|_)(?:url|link|href)$/i.test(key) && /^https?:\/\//i.test(value)) {
      this.links.add(value);
      return;
    }
    if (CURRENCY.test(value) && /currency/i.test(key)) this.currencies.add(value);
    if (/^-?\d+(?:\.\d+)?$/.test(value)) this.#addNumber(Number(value));
    const plain = value.toLowerCase();
    if (plain.match(ADDRESS)?.[0] === plain) this.#addAddress(plain);
    else if (plain.match(DOMAIN)?.[0] === plain) this.addresses.add(plain);
    this.#addFacts(value);
  }

  #addAddress(address: string): void {
    this.addresses.add(address);
    this.addresses.add(address.slice(address.indexOf("@") + 1));
  }

  /** A word also where it belongs to somebody, comes in numbers or is half of one with a hyphen. */
  #addWord(word: string): void {
    const bare = word.replace(/'s$|'$/u, "");
    for (const form of [word, bare, ...bare.split(/['-]/u)]) {
      if (form === "") continue;
      this.words.add(form);
      this.words.add(form.replace(/s$/u, ""));
    }
  }
}
