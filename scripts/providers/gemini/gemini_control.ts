// Control of the simulated Gemini API. Actions of POST /_control {"provider":"gemini","action":…}:
//
//   script      answers, includes?, times?     the next answers, in order; with `includes` only for a
//                                              request whose body holds that text. Kinds:
//                 text {text, pieces?}         json {value}           calls {calls:[{name,args,id?}], text?}
//                 raw {chunks:[[part]], finish_reason?}               empty {}
//                 blocked_prompt {reason?}     blocked_answer {reason?, text?}
//                 max_tokens {text?}           malformed_call {reason?}
//                 error {status, quota? minute|day, retry_delay? "22s", html?}
//                 cut {text, after_chunks?, how? reset|end}           not_json {}
//                 error_midway {text, after_chunks?, status?, is_event?}
//               each with delay_ms?, split_bytes?, piece_delay_ms?; those that say something with
//               model_version?, usage?, signed?
//   waiting                                    how many scripted answers nobody has asked for yet
//   requests    last?                          the bodies that came in, newest last
//   revoke_key, restore_key  key               400 API_KEY_INVALID, or not
//
// Keys are sim-gemini-<anything>. Without a script it answers by itself, always the same for the same
// request, and says that it is a simulator: in words, and in a modelVersion that ends in -simulator. A
// request that offers execute_action gets a call that fits its last message (sales_assistant.ts).
import { z } from "zod";
import { ControlError } from "../simulator.ts";
import type { GeminiSimulator } from "./gemini_simulator.ts";
import { ScriptedAnswer } from "./scripted_answer.ts";

const GeminiControl = z.discriminatedUnion("action", [
  z.object({
    action: z.literal("script"),
    answers: z.array(ScriptedAnswer).min(1),
    includes: z.string().min(1).optional(),
    times: z.int().positive().default(1),
  }),
  z.object({ action: z.literal("waiting") }),
  z.object({ action: z.literal("requests"), last: z.int().positive().default(20) }),
  z.object({ action: z.literal("revoke_key"), key: z.string() }),
  z.object({ action: z.literal("restore_key"), key: z.string() }),
]);

/**
 * Carries out a control request.
 *
 * @param simulator The simulator.
 * @param input The request.
 * @throws {ControlError} When it makes no sense.
 */
export function controlGemini(simulator: GeminiSimulator, input: unknown): Promise<unknown> {
  const parsed = GeminiControl.safeParse(input);
  if (!parsed.success) throw new ControlError(z.prettifyError(parsed.error));
  const request = parsed.data;
  switch (request.action) {
    case "script":
      simulator.script.add(request.answers, request.includes, request.times);
      return Promise.resolve({ answers_to_come: simulator.script.count });
    case "waiting":
      return Promise.resolve({ answers_to_come: simulator.script.count });
    case "requests":
      return Promise.resolve(
        simulator.ledger.list().slice(-request.last).map(({ route, model, status, body }) => ({
          route,
          model,
          status,
          body,
        })),
      );
    case "revoke_key":
    case "restore_key":
      simulator.setKey(request.key, request.action === "restore_key");
      return Promise.resolve({});
  }
}
