import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { BOT_FAILURES, explainFailure } from "./explain_failure.ts";
import { explainOutcome } from "./explain_outcome.ts";

Deno.test("every reason is explained: ours by name, others by their part, the bot's by the provider", () => {
  for (
    const reason of [
      "too_late",
      "deploy_lost",
      "bot_lost",
      "bot_not_found",
      "transcript_lost",
      "analysis_lost",
      "thumbnail_lost",
      "thumbnail_interrupted",
      "storage_denied",
      "source_changed",
      "model_unavailable",
      "daily_cap_reached",
      "bot_exists",
      "rate_limited",
      "daily_bot_cap",
      "request_rejected",
      "key_rejected",
      "unavailable",
      "malformed_answer",
      "not_configured",
      "interrupted",
    ]
  ) {
    const { meaning } = explainOutcome(reason);
    ok(meaning.endsWith("."), reason);
    ok(!meaning.includes(reason), `${reason} is explained, not repeated`);
  }
  for (const [code, meaning] of Object.entries(BOT_FAILURES)) {
    deepStrictEqual(explainOutcome(code), meaning, code);
  }
  deepStrictEqual(explainOutcome("brand_new"), explainFailure("brand_new"));
  strictEqual(explainOutcome("constructor").meaning, explainFailure("constructor").meaning);
});
