// The control action `fail_call`, the same for every simulator that takes it:
//
//   fail_call    route?, status?, reason?, retry_after?, delay_ms?, count? (1), lose_answer? (it is done,
//                and the connection breaks), hang? (no answer, ever; with lose_answer it is done)
import { z } from "zod";
import type { WireFault } from "./wire_faults.ts";

/** The schema of the action. */
export const FailCall = z.strictObject({
  provider: z.string(),
  action: z.literal("fail_call"),
  route: z.string().optional(),
  status: z.int().min(400).max(599).optional(),
  reason: z.string().optional(),
  retry_after: z.number().nonnegative().optional(),
  delay_ms: z.number().nonnegative().default(0),
  count: z.int().positive().default(1),
  lose_answer: z.boolean().default(false),
  hang: z.boolean().default(false),
});

/** Reads the action. */
export function readFault(request: z.output<typeof FailCall>): WireFault {
  return {
    route: request.route,
    status: request.status,
    reason: request.reason,
    retryAfterSeconds: request.retry_after,
    delayMs: request.delay_ms,
    loseAnswer: request.lose_answer,
    hang: request.hang,
    count: request.count,
  };
}
