// Listens for `notify pgrst`, by which migrations say that the schema or the settings have changed.
import { createClient, type DatabaseClient } from "./driver.ts";

const FIRST_RETRY_MS = 200;
const MAX_RETRY_MS = 10_000;

/** Listens until it is closed. */
export class ReloadListener {
  readonly #databaseUrl: string;
  readonly #onReload: (payload: string) => void;
  #client: DatabaseClient | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #retryMs = FIRST_RETRY_MS;
  #isClosed = false;

  /**
   * @param databaseUrl Where to listen.
   * @param onReload Told what was notified; nothing when everything may have changed.
   */
  constructor(databaseUrl: string, onReload: (payload: string) => void) {
    this.#databaseUrl = databaseUrl;
    this.#onReload = onReload;
  }

  /** Begins to listen. */
  async start(): Promise<void> {
    const client = createClient({
      connectionString: this.#databaseUrl,
      applicationName: "rest listener",
    });
    client.on("error", () => this.#retry(client));
    client.on("end", () => this.#retry(client));
    client.on("notification", ({ payload }) => this.#onReload(payload ?? ""));
    this.#client = client;
    await client.connect();
    await client.query('listen "pgrst"');
    this.#retryMs = FIRST_RETRY_MS;
  }

  #retry(client: DatabaseClient): void {
    if (this.#isClosed || this.#client !== client) return;
    this.#client = undefined;
    this.#timer = setTimeout(() => this.#restart(), this.#retryMs);
    this.#retryMs = Math.min(this.#retryMs * 2, MAX_RETRY_MS);
  }

  async #restart(): Promise<void> {
    try {
      await this.start();
      // Whatever was notified in between was missed.
      this.#onReload("");
    } catch {
      const client = this.#client;
      if (client) this.#retry(client);
    }
  }

  /** Stops listening. */
  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    await this.#client?.end();
  }
}
