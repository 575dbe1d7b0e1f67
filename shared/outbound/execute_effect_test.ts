import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import fc from "fast-check";
import { type AnswerRpc, serviceContext } from "../../tests/support/rpc_context.ts";
import type { JobOutcome } from "../platform/jobs.ts";
import type { OutboundDeps } from "./delivery.ts";
import { createExecuteHandler } from "./execute_effect.ts";
import { OutboundError, type OutboundFailure } from "./outbound_error.ts";

const EFFECT_ID = "00000000-0000-4000-8000-0000000000e1";
const MAX_ATTEMPTS = 8;
/** What may become of one attempt. */
const FATES = [
  "sent",
  "sent_unheard",
  "lost",
  "limited",
  "dies_before",
  "dies_after",
  "dies_unrecorded",
  "look_fails",
  "look_unclear",
] as const;
type Fate = (typeof FATES)[number];

class Death extends Error {}

/** A service and an outbox in memory; the outbox answers as the database does. */
class World {
  posts = 0;
  looks = 0;
  status = "queued";
  code: string | null = null;
  #attempts = 0;
  #lastCode: string | null = null;
  fate: Fate = "sent";

  readonly rpc: AnswerRpc = (name, args) => {
    switch (name) {
      case "begin_outbound_effect":
        return this.#begin();
      case "begin_slack_access":
        return { status: "ready", team_id: "T0", bot_token: "xoxb" };
      case "finish_outbound_effect":
        if (this.fate === "dies_unrecorded") throw new Death();
        this.status = "done";
        return true;
      case "fail_outbound_effect":
        this.status = args["p_is_final"] ? "failed" : "queued";
        this.code = this.#lastCode = String(args["p_code"]);
        return true;
      default:
        return null;
    }
  };

  #begin(): unknown {
    if (this.status === "done" || this.status === "failed") return { status: this.status };
    this.status = "running";
    this.#attempts += 1;
    const lastCode = this.#lastCode;
    this.#lastCode = null;
    return {
      status: "running",
      effect_id: EFFECT_ID,
      org_id: "00000000-0000-4000-8000-0000000000a1",
      user_id: "00000000-0000-4000-8000-000000000003",
      kind: "post_slack_message",
      attempt: this.#attempts,
      last_code: lastCode,
      confirmed_at: new Date(Date.now() - 5_000).toISOString(),
      payload: {
        kind: "post_slack_message",
        channel_id: "C02SALES",
        channel_name: "s",
        text: "Won",
      },
    };
  }

  open(): OutboundDeps {
    const ctx = serviceContext(this.rpc);
    return {
      ctx,
      workerId: "w",
      wait: () => Promise.resolve(),
      provider: { refreshTokens: () => Promise.reject(new Error("not here")) },
      email: null,
      calendar: null,
      slack: {
        describeWorkspace: () => Promise.reject(new Error("not here")),
        findPosted: () => {
          this.looks += 1;
          if (this.fate === "look_fails") return refuse("unavailable");
          if (this.fate === "look_unclear") return refuse("look_up_unclear");
          return Promise.resolve(this.posts > 0 ? { channelId: "C02SALES", ts: "1.000001" } : null);
        },
        post: () => {
          if (this.fate === "dies_before") throw new Death();
          if (this.fate === "limited") return refuse("rate_limited");
          if (this.fate === "lost") return refuse("unavailable", true);
          this.posts += 1;
          if (this.fate === "dies_after") throw new Death();
          if (this.fate === "sent_unheard") return refuse("unavailable", true);
          return Promise.resolve({ channelId: "C02SALES", ts: "1.000001" });
        },
      },
    };
  }

  /** One attempt; null when its worker died. */
  async attempt(fate: Fate, attempt: number): Promise<JobOutcome | null> {
    this.fate = fate;
    const handle = createExecuteHandler({ open: () => this.open() });
    try {
      return await handle(serviceContext(this.rpc), {
        id: "job",
        kind: "action.execute",
        orgId: null,
        payload: { effect_id: EFFECT_ID },
        actingUserId: null,
        attempt,
        maxAttempts: MAX_ATTEMPTS,
        requestId: null,
        worker: `w${attempt}`,
      });
    } catch (cause) {
      if (cause instanceof Death || this.fate === "dies_unrecorded") return null;
      throw cause;
    }
  }
}

function refuse(failure: OutboundFailure, mayHaveHappened = false): Promise<never> {
  return Promise.reject(new OutboundError(failure, { mayHaveHappened }));
}

Deno.test("U60-088 whatever becomes of its attempts, an effect leaves at most once, and done means left", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.constantFrom(...FATES), { maxLength: 7 }), async (fates) => {
      const world = new World();
      let attempt = 0;
      for (const fate of [...fates, "sent" as const]) {
        const outcome = await world.attempt(fate, Math.min(attempt + 1, MAX_ATTEMPTS - 1));
        if (outcome?.outcome !== "postponed") attempt += 1;
        ok(world.posts <= 1, `${fates.join()}: posted ${world.posts} times`);
        if (world.status === "done") strictEqual(world.posts, 1);
      }
      // The last attempt was good: it sent, or found what was sent
      strictEqual(world.status, "done");
    }),
    { numRuns: 500 },
  );
});

Deno.test("an effect is looked for only where it may have left", async () => {
  const world = new World();
  await world.attempt("limited", 1);
  await world.attempt("limited", 2);
  strictEqual(world.looks, 0, "a refusal is an answer");
  await world.attempt("lost", 3);
  await world.attempt("limited", 4);
  strictEqual(world.looks, 1);
  await world.attempt("look_unclear", 5);
  strictEqual(world.looks, 1, "it was found to be unsent before");
  await world.attempt("sent", 6);
  deepStrictEqual([world.posts, world.status], [1, "done"]);
});

Deno.test("without a sure look-up nothing is sent, and the last attempt ends as unknown", async () => {
  const world = new World();
  await world.attempt("sent_unheard", 1);
  for (let attempt = 2; attempt < MAX_ATTEMPTS; attempt++) {
    const outcome = await world.attempt("look_unclear", attempt);
    strictEqual(outcome?.outcome, "retry");
    strictEqual(world.code, "maybe_sent");
  }
  deepStrictEqual(await world.attempt("look_fails", MAX_ATTEMPTS), {
    outcome: "failed",
    code: "outcome_unknown",
  });
  deepStrictEqual([world.posts, world.status], [1, "failed"]);
  deepStrictEqual(await world.attempt("sent", 1), { outcome: "done" });
  strictEqual(world.posts, 1, "and what has ended is not begun again");
});
