// What was downloaded: each request with the range it asked for and the bytes it got.

/** One request. */
export interface ArtifactRead {
  readonly id: string;
  readonly method: string;
  readonly at: string;
  readonly range: string | null;
  readonly if_range: string | null;
  /** Headers that must never be sent to a third party's object store. */
  readonly has_credentials: boolean;
  readonly status: number;
  /** Where in the file the answer begins. */
  readonly first_byte: number;
  /** Handed to the connection; a little more than arrived where it broke. */
  bytes_sent: number;
  outcome: "open" | "complete" | "cut" | "stalled" | "aborted" | "refused";
}

/** What was read of one artifact. */
export interface ReadTotal {
  requests: number;
  bytes_sent: number;
}

const KEPT_READS = 5000;

/** The log of downloads, and sums that outlive it. */
export class ReadLedger {
  #reads: ArtifactRead[] = [];
  readonly #totals = new Map<string, ReadTotal>();

  /** Begins an entry. */
  open(read: ArtifactRead): ArtifactRead {
    this.#reads.push(read);
    if (this.#reads.length > KEPT_READS) this.#reads = this.#reads.slice(-KEPT_READS / 2);
    this.#total(read.id).requests += 1;
    return read;
  }

  /** Counts bytes of an entry. */
  count(read: ArtifactRead, bytes: number): void {
    read.bytes_sent += bytes;
    this.#total(read.id).bytes_sent += bytes;
  }

  /** The log, oldest first. */
  list(id?: string): ArtifactRead[] {
    return this.#reads.filter((read) => id === undefined || read.id === id);
  }

  /** The sums, by artifact. */
  totals(): Record<string, ReadTotal> {
    return Object.fromEntries(this.#totals);
  }

  /** Forgets all. */
  clear(): void {
    this.#reads = [];
    this.#totals.clear();
  }

  #total(id: string): ReadTotal {
    const found = this.#totals.get(id);
    if (found !== undefined) return found;
    const total = { requests: 0, bytes_sent: 0 };
    this.#totals.set(id, total);
    return total;
  }
}
