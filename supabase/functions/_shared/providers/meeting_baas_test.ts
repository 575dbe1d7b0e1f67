import { strictEqual } from "node:assert/strict";
import { systemClock } from "@shared/platform/clock.ts";
import { BotProviderError } from "@shared/recordings/bot_provider.ts";
import { createMeetingBaas } from "./meeting_baas.ts";

const SETTINGS: Readonly<Record<string, string>> = {
  MEETINGBAAS_API_KEY: "a key for this test",
  SUPABASE_URL: "http://stack.test",
};

async function failureOf(status: number, code: string): Promise<string> {
  const bots = createMeetingBaas({
    readVariable: (name) => SETTINGS[name],
    fetch: () => Promise.resolve(Response.json({ success: false, code }, { status })),
    clock: systemClock,
    signal: new AbortController().signal,
  });
  try {
    await bots.listBots("00000000-0000-4000-8000-000000000001");
  } catch (cause) {
    if (cause instanceof BotProviderError) return cause.failure;
    throw cause;
  }
  return "none";
}

Deno.test("U60-105 the bots of a day are told from haste in both spellings that the provider documents", async () => {
  strictEqual(await failureOf(429, "FST_ERR_DAILY_BOT_CAP_REACHED"), "daily_bot_cap");
  strictEqual(await failureOf(429, "DAILY_BOT_CAP_REACHED"), "daily_bot_cap");
  strictEqual(await failureOf(429, "FST_ERR_TOO_MANY_REQUESTS"), "rate_limited");
  strictEqual(await failureOf(429, "NOT_DAILY_BOT_CAP_REACHED"), "rate_limited");
});
