// What a handler of an api gets. A class with getters, so that a request pays only for what it uses:
// not every operation asks the database or follows its caller's connection.
import type { Clock } from "@shared/platform/clock.ts";
import type { FunctionName } from "@shared/platform/function_registry.ts";
import type {
  Logger,
  RequestContext,
  ServiceClient,
  UserClient,
} from "@shared/platform/request_context.ts";
import type { ServiceReason } from "@shared/platform/service_reasons.ts";
import type { Caller } from "../auth/caller.ts";
import { createRestFetch } from "../clients/rest_fetch.ts";
import { serviceClient } from "../clients/service_client.ts";
import { createUserClient } from "../clients/user_client.ts";
import type { FunctionDeps } from "./function_deps.ts";
import type { OperationCall } from "./operation.ts";
import type { RequestState } from "./request_state.ts";

const NEVER: AbortSignal = new AbortController().signal;

/** One verified caller and one request of theirs. */
export class CallerContext implements RequestContext {
  readonly userId: string;
  readonly orgId: string | null;
  readonly requestId: string;
  readonly log: Logger;
  readonly clock: Clock;
  readonly fetch: typeof globalThis.fetch;
  readonly #caller: Caller;
  readonly #state: RequestState;
  readonly #deps: FunctionDeps;
  readonly #outlives: boolean;
  #db: UserClient | undefined;

  /**
   * @param caller Who was verified.
   * @param state The request.
   * @param deps The function's surroundings.
   * @param outlives Whether it goes on working when the caller has gone away.
   */
  constructor(caller: Caller, state: RequestState, deps: FunctionDeps, outlives = false) {
    this.userId = caller.userId;
    this.orgId = caller.orgId;
    this.requestId = state.requestId;
    this.log = state.log;
    this.clock = deps.clock;
    this.fetch = deps.fetch;
    this.#caller = caller;
    this.#state = state;
    this.#deps = deps;
    this.#outlives = outlives;
  }

  /** The caller's own client. */
  get db(): UserClient {
    this.#db ??= createUserClient({
      env: this.#deps.env,
      accessToken: this.#caller.token,
      requestId: this.requestId,
      fetch: this.#outlives
        ? createRestFetch(this.#deps.fetch, this.#state)
        : createRestFetch(this.#deps.fetch, this.#state, this.#state.request),
    });
    return this.#db;
  }

  /** Ends when the caller went away; never in a context that outlives them. */
  get signal(): AbortSignal {
    return this.#outlives ? NEVER : this.#state.request.signal;
  }
}

/** The request itself, and the doors that few handlers need. */
export class ApiCall implements OperationCall {
  readonly request: Request;
  readonly #name: FunctionName;
  readonly #caller: Caller;
  readonly #state: RequestState;
  readonly #deps: FunctionDeps;

  /**
   * @param name The function; reasons for the service role are registered for it.
   * @param caller Who was verified.
   * @param state The request.
   * @param deps The function's surroundings.
   */
  constructor(name: FunctionName, caller: Caller, state: RequestState, deps: FunctionDeps) {
    this.request = state.request;
    this.#name = name;
    this.#caller = caller;
    this.#state = state;
    this.#deps = deps;
  }

  /** @inheritdoc */
  async service(reason: ServiceReason): Promise<ServiceClient> {
    const { env } = this.#deps;
    const { request, requestId } = this.#state;
    const fetch = createRestFetch(this.#deps.fetch, this.#state, request);
    return await serviceClient({
      reason,
      ctx: { functionName: this.#name, requestId, env, fetch },
    });
  }

  /** @inheritdoc */
  outlive(): RequestContext {
    return new CallerContext(this.#caller, this.#state, this.#deps, true);
  }

  /** @inheritdoc */
  runInBackground(work: Promise<unknown>): void {
    this.#deps.runInBackground(work);
  }
}
