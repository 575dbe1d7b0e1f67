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
    const { meaning } = explainOutcome(reason, false);
    ok(meaning.endsWith("."), reason);
    ok(!meaning.includes(reason), `${reason} is explained, not repeated`);
  }
  for (const [code, meaning] of Object.entries(BOT_FAILURES)) {
    deepStrictEqual(explainOutcome(code, false), meaning, code);
  }
  deepStrictEqual(explainOutcome("brand_new", true), explainFailure("brand_new"));
  strictEqual(explainOutcome("constructor", true).meaning, explainFailure("constructor").meaning);
});

Deno.test("every reason that the documentation names is explained, and no fault of ours is the provider's", async () => {
  const page = await Deno.readTextFile(new URL("../../docs/recordings.md", import.meta.url));
  const lists = [...page.matchAll(/^Reasons that `\w+` knows:([\s\S]*?)\n\n/gm)];
  const codes = lists.flatMap(([, list]) => [...(list ?? "").matchAll(/`([a-z0-9_]+)`/g)])
    .map(([, code]) => code ?? "");
  ok(codes.includes("size_mismatch") && codes.includes("provider_not_transcribed"), "both lists");
  for (const code of [...codes, "provider_unavailable", "provider_key_rejected"]) {
    const { meaning } = explainOutcome(code, true);
    ok(!meaning.includes(code), `${code}: ${meaning}`);
  }
  ok(explainOutcome("internal_error", true).meaning.includes("fault of ours"));
  deepStrictEqual(explainOutcome("internal_error", false), BOT_FAILURES["internal_error"]);
});
