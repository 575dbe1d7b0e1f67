// The REST room: answers HTTP requests from the database, as the callers' own roles.
import type { HttpRoom } from "../contracts.ts";
import { describeApi } from "./api_description.ts";
import { identifyCaller, type VerifyToken } from "./caller.ts";
import { loadDatabaseSettings } from "./config/database_settings.ts";
import { DEFAULT_CONFIG, type RestConfig } from "./config/rest_config.ts";
import { DatabasePool } from "./database/database_pool.ts";
import { createClient } from "./database/driver.ts";
import { ReloadListener } from "./database/reload_listener.ts";
import type { Transport } from "./database/transaction.ts";
import { RestError } from "./errors/rest_error.ts";
import { executePlan, type PreparedRequest, prepareRequest } from "./execute_plan.ts";
import { planAction } from "./plan/action_plan.ts";
import { type ApiRequest, parseApiRequest } from "./request/api_request.ts";
import { RequestCache } from "./request_cache.ts";
import { requestFacts } from "./request_facts.ts";
import { allowOrigin, preflightResponse } from "./response/cors.ts";
import { infoAnswer } from "./response/info_answer.ts";
import { answerResponse, errorResponse } from "./response/to_response.ts";
import { loadSchemaCache } from "./schema_cache/load_schema_cache.ts";
import { parseQualifiedName } from "./schema_cache/names.ts";
import type { SchemaCache } from "./schema_cache/types.ts";

/** How the room is made; settings kept in the database override these. */
export interface RestOptions {
  /** A login as `authenticator`. */
  readonly databaseUrl: string;
  /** The exposed schemas; the first one is the default. */
  readonly schemas: readonly string[];
  readonly extraSearchPath: readonly string[];
  /** The role of callers without a token; null turns them away. */
  readonly anonRole: string | null;
  /** How many rows an answer may have; null for any number. */
  readonly maxRows: number | null;
  readonly verify: VerifyToken;
  readonly poolSize?: number;
  /** `sequential` sends statement by statement; it exists to be compared with. */
  readonly transport?: Transport;
  /** Further settings, by their names in the database. */
  readonly settings?: Partial<
    Pick<
      RestConfig,
      | "aggregatesEnabled"
      | "planEnabled"
      | "mayEndTransaction"
      | "rollsBack"
      | "openApiMode"
      | "rootSpec"
      | "appSettings"
    >
  >;
  /** A function to be asked before each request. */
  readonly preRequest?: string | null;
  /** Told about what goes wrong behind the scenes. */
  readonly onError?: (error: unknown) => void;
}

/** The REST room. */
export interface RestRoom extends HttpRoom {
  /** Reads settings and schema anew. */
  reload(): Promise<void>;
}

/** Everything that a reload replaces at once. */
interface Snapshot {
  readonly config: RestConfig;
  readonly cache: SchemaCache;
  readonly requests: RequestCache;
}

const DEFAULT_POOL_SIZE = 10;

function baseConfig(options: RestOptions): RestConfig {
  return {
    ...DEFAULT_CONFIG,
    ...options.settings,
    schemas: options.schemas,
    extraSearchPath: options.extraSearchPath,
    anonRole: options.anonRole,
    maxRows: options.maxRows,
    preRequest: options.preRequest ? parseQualifiedName(options.preRequest) : null,
  };
}

async function takeSnapshot(options: RestOptions): Promise<Snapshot> {
  const client = createClient({
    connectionString: options.databaseUrl,
    applicationName: "rest schema cache",
  });
  // A connection that breaks also fails the query that is under way: that is where it is handled.
  client.on("error", () => {});
  await client.connect();
  try {
    const config = await loadDatabaseSettings(client, baseConfig(options));
    const cache = await loadSchemaCache(client, config);
    return { config, cache, requests: new RequestCache() };
  } finally {
    await client.end();
  }
}

class Room implements RestRoom {
  readonly #options: RestOptions;
  readonly #pool: DatabasePool;
  readonly #listener: ReloadListener;
  #snapshot: Snapshot;
  #reloading: Promise<void> | undefined;
  #isStale = false;

  constructor(options: RestOptions, snapshot: Snapshot) {
    this.#options = options;
    this.#snapshot = snapshot;
    this.#pool = new DatabasePool({
      databaseUrl: options.databaseUrl,
      size: options.poolSize ?? DEFAULT_POOL_SIZE,
      transport: options.transport ?? "pipelined",
    });
    this.#listener = new ReloadListener(options.databaseUrl, () => this.#reloadQuietly());
  }

  async start(): Promise<void> {
    await this.#listener.start();
  }

  async #reloadQuietly(): Promise<void> {
    try {
      await this.reload();
    } catch (error) {
      this.#options.onError?.(error);
    }
  }

  // Notifications come in bursts: one reload at a time, and another one if more came meanwhile.
  async reload(): Promise<void> {
    this.#isStale = true;
    this.#reloading ??= this.#reloadWhileStale();
    await this.#reloading;
  }

  async #reloadWhileStale(): Promise<void> {
    try {
      while (this.#isStale) {
        this.#isStale = false;
        this.#snapshot = await takeSnapshot(this.#options);
      }
    } finally {
      this.#reloading = undefined;
    }
    // Nobody waits for the old connections: they finish what they are at.
    this.#renewPool();
  }

  // Statements prepared before may assume types that columns no longer have.
  async #renewPool(): Promise<void> {
    try {
      await this.#pool.renew();
    } catch (error) {
      this.#options.onError?.(error);
    }
  }

  async fetch(request: Request): Promise<Response> {
    const preflight = preflightResponse(request);
    if (preflight) return preflight;
    try {
      return allowOrigin(request, await this.#answer(request));
    } catch (error) {
      if (!(error instanceof RestError)) {
        this.#options.onError?.(error);
        const hidden = new RestError(500, { code: "PGRSTX00", message: "Internal error" });
        return allowOrigin(request, errorResponse(hidden, request.method));
      }
      return allowOrigin(request, errorResponse(error, request.method));
    }
  }

  async #answer(request: Request): Promise<Response> {
    const snapshot = this.#snapshot;
    const { config, cache } = snapshot;
    const caller = await identifyCaller(request, this.#options.verify, config.anonRole);
    const url = new URL(request.url);
    const facts = requestFacts(request, url);
    const key = RequestCache.key(request, url);
    const known = key === undefined ? undefined : snapshot.requests.get(key);
    if (known) {
      return answerResponse(await executePlan(this.#pool, config, known, caller, facts));
    }
    const apiRequest = await parseApiRequest(request, url, config, cache.timezones);
    const prepared = this.#prepare(snapshot, apiRequest);
    if (!prepared) {
      const answer = apiRequest.action.kind === "describe"
        ? await describeApi(this.#pool, config, cache, apiRequest, caller, facts)
        : infoAnswer(cache, apiRequest);
      return answerResponse(answer);
    }
    if (key !== undefined) snapshot.requests.set(key, prepared);
    return answerResponse(await executePlan(this.#pool, config, prepared, caller, facts));
  }

  #prepare({ config, cache }: Snapshot, request: ApiRequest): PreparedRequest | undefined {
    const plan = planAction(cache, config, request);
    return plan && prepareRequest(config, request, plan);
  }

  async close(): Promise<void> {
    await this.#listener.close();
    await this.#pool.close();
  }
}

/**
 * Opens the REST room: reads the schema, begins to listen for changes of it, and answers requests.
 *
 * @throws {Error} When the database cannot be reached or read.
 */
export async function createRestHandler(options: RestOptions): Promise<RestRoom> {
  const room = new Room(options, await takeSnapshot(options));
  try {
    await room.start();
  } catch (error) {
    await room.close();
    throw error;
  }
  return room;
}
