// A verb's context whose database answers what a test says: the real client, with a network of its own.
import { PostgrestClient } from "@supabase/postgrest-js";
import type { Database } from "@shared/database/database.types.ts";
import { systemClock } from "@shared/platform/clock.ts";
import type { Clock } from "@shared/platform/clock.ts";
import type {
  Logger,
  RequestContext,
  ServiceClient,
  ServiceContext,
  UserClient,
} from "@shared/platform/request_context.ts";

/** Answers a database function by name; what it throws or a Response it returns is passed on. */
export type AnswerRpc = (name: string, args: Record<string, unknown>) => unknown;

const silent: Logger = { info: () => {}, warn: () => {}, error: () => {} };

function connect(answer: AnswerRpc): UserClient {
  const network: typeof globalThis.fetch = async (input, init) => {
    const request = new Request(input, init);
    const name = new URL(request.url).pathname.split("/").at(-1) ?? "";
    const text = await request.text();
    const result = await answer(name, text ? JSON.parse(text) : {});
    return result instanceof Response ? result : Response.json(result ?? null);
  };
  return new PostgrestClient<Database>("http://stack.test/rest/v1", {
    fetch: network,
    retry: false,
  });
}

/**
 * Makes the context of a signed-in caller.
 *
 * @param answer What the database says.
 * @param clock The time.
 */
export function userContext(answer: AnswerRpc, clock: Clock = systemClock): RequestContext {
  return {
    db: connect(answer),
    userId: "00000000-0000-4000-8000-000000000001",
    orgId: null,
    requestId: "test-request",
    log: silent,
    clock,
    signal: new AbortController().signal,
    fetch: () => Promise.reject(new Error("no network in this test")),
  };
}

/**
 * Makes the context of a job.
 *
 * @param answer What the database says.
 * @param signal Ends the run.
 */
export function serviceContext(
  answer: AnswerRpc,
  signal: AbortSignal = new AbortController().signal,
): ServiceContext {
  const db: ServiceClient = Object.assign(connect(answer), { isService: true as const });
  return {
    db,
    requestId: "test-request",
    log: silent,
    clock: systemClock,
    signal,
    fetch: () => Promise.reject(new Error("no network in this test")),
  };
}
