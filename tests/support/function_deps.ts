// The surroundings of a function under test: settings that name nothing real, a network that answers
// what the test says, and a log that the test can read.
import { systemClock } from "@shared/platform/clock.ts";
import type { Clock } from "@shared/platform/clock.ts";
import type { PlatformEnv } from "../../supabase/functions/_shared/env/platform_env.ts";
import type { FunctionDeps } from "../../supabase/functions/_shared/http/function_deps.ts";
import { createTestIssuer, type TestIssuer } from "./test_issuer.ts";

/** Answers a call that a function makes to the outside. */
export type TestNetwork = (request: Request) => Response | Promise<Response>;

/** What a test may choose; the rest is as in development. */
export interface TestSurroundings {
  readonly network?: TestNetwork;
  readonly clock?: Clock;
  readonly env?: Partial<PlatformEnv>;
  readonly variables?: Readonly<Record<string, string>>;
}

/** A function's surroundings, with what a test wants to look at. */
export interface TestDeps extends FunctionDeps {
  readonly issuer: TestIssuer;
  /** Every line that was logged. */
  readonly lines: string[];
  /** Every call that was made to the outside, oldest first. */
  readonly calls: Request[];
  /** Waits for what runs in the background. */
  settle(): Promise<void>;
}

/** An origin that test functions accept. */
export const TEST_ORIGIN = "http://app.stack.test:5175";
/** The key that signs scheduled calls in tests. */
export const TEST_CRON_KEY = "sb_secret_cron_0123456789abcdefghij";

/**
 * Makes the surroundings of one function.
 *
 * @param surroundings What the test chooses.
 * @returns The surroundings.
 */
export async function createTestDeps(surroundings: TestSurroundings = {}): Promise<TestDeps> {
  const issuer = await createTestIssuer();
  const lines: string[] = [];
  const calls: Request[] = [];
  const work: Promise<unknown>[] = [];
  const network = surroundings.network ?? (() => new Response("null", { status: 200 }));
  return {
    issuer,
    lines,
    calls,
    env: {
      supabaseUrl: "http://stack.test",
      publishableKey: "sb_publishable_test_0123456789abcdef",
      secretKey: "sb_secret_test_0123456789abcdefghij",
      cronKey: TEST_CRON_KEY,
      jwks: issuer.jwks,
      issuer: issuer.issuer,
      environment: "development",
      allowedOrigins: new Set([TEST_ORIGIN]),
      trustedIssuers: [],
      ...surroundings.env,
    },
    readVariable: (name) => surroundings.variables?.[name],
    fetch: (input, init) => {
      const request = new Request(input, init);
      calls.push(request.clone());
      return Promise.resolve(network(request));
    },
    clock: surroundings.clock ?? systemClock,
    writeLine: (line) => lines.push(line),
    runInBackground: (promise) => work.push(promise),
    settle: async () => {
      while (work.length > 0) await work.shift();
    },
  };
}

/**
 * The header of a signed-in request.
 *
 * @param deps The surroundings whose issuer signs.
 * @param claims What differs from a good token.
 * @returns Headers with a token.
 */
export async function signedIn(
  deps: TestDeps,
  claims: Readonly<Record<string, unknown>> = {},
): Promise<Record<string, string>> {
  return { authorization: `Bearer ${await deps.issuer.sign(claims)}` };
}
