// What an action of the copilot gets, for tests: somebody's own client on the running stack, and them.
import { PostgrestClient } from "@supabase/postgrest-js";
import type { ActionContext } from "@shared/copilot/actions/action.ts";
import type { ApiDatabase } from "@shared/database/api_database.ts";
import { fixedClock, systemClock } from "@shared/platform/clock.ts";
import type { Logger } from "@shared/platform/request_context.ts";
import type { Actor } from "./rivals.ts";
import type { TestStack } from "./stack.ts";

const silent: Logger = { info: () => {}, warn: () => {}, error: () => {} };

/** Further things about the caller. */
export interface ActionContextOptions {
  /** The time; that of the machine where it is missing. */
  readonly now?: string;
  readonly firstName?: string;
  readonly timeZone?: string;
}

/**
 * Makes the context of somebody who asks.
 *
 * @param stack The running stack.
 * @param actor Who asks, in which organization.
 * @param options What else is said of them.
 */
export function actionContext(
  stack: TestStack,
  actor: Actor,
  options: ActionContextOptions = {},
): ActionContext {
  const db = new PostgrestClient<ApiDatabase>(`${stack.url}/rest/v1`, {
    headers: {
      apikey: stack.description.publishableKey,
      authorization: `Bearer ${actor.token}`,
    },
    retry: false,
  });
  return {
    db,
    userId: actor.userId,
    orgId: actor.orgId,
    organizationName: "Home",
    person: {
      id: actor.userId,
      firstName: options.firstName ?? "Rosa",
      fullName: `${options.firstName ?? "Rosa"} Reyes`,
      email: actor.email,
      timeZone: options.timeZone ?? "Europe/Berlin",
    },
    requestId: "test-request",
    log: silent,
    clock: options.now === undefined ? systemClock : fixedClock(options.now),
    signal: new AbortController().signal,
    fetch: () => Promise.reject(new Error("no network in this test")),
  };
}
