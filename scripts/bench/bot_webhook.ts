// Accepting what bots report: as for the other provider, by the signature of the account's webhooks.
import { strictEqual } from "node:assert/strict";
import { createHmac, randomBytes } from "node:crypto";
import type { FunctionDeps } from "../../supabase/functions/_shared/http/function_deps.ts";
import { createApp } from "../../supabase/functions/meetingbaas-webhook/app.ts";
import { type BenchRow, compare, describeGoal, holds } from "./harness.ts";
import { type Served, serveHandler } from "./serve_handler.ts";

const ROUNDS = 250;
const BODY_BYTES = 2_000;
/** What the slowest percent may cost. */
const P99_GOAL = { atMost: 5 } as const;

/**
 * Measures fresh reports, from one sender and from eight.
 *
 * @param deps Makes the function's surroundings with these variables added.
 * @param store Stores a body of the same size the bare way.
 * @returns The rows of the table.
 */
export async function benchBotWebhook(
  deps: (variables: Readonly<Record<string, string>>) => FunctionDeps,
  store: (body: string) => Promise<void>,
): Promise<BenchRow[]> {
  const secret = randomBytes(32);
  await using webhook = serveHandler(
    createApp(deps({ MEETINGBAAS_WEBHOOK_SECRET: `whsec_${secret.toBase64()}` })).fetch,
  );
  const body = createBody();
  const times = (count: number, run: () => Promise<void>) => async (): Promise<void> => {
    await Promise.all(Array.from({ length: count }, run));
  };
  const rows: BenchRow[] = [];
  for (const [senders, count] of [["one sender", 1], ["eight senders", 8]] as const) {
    const row = await compare({
      name: `webhook: accept a bot's report, ${senders}`,
      against: "bare insert, same layers",
      goal: { atLeast: 0.6 },
      ratioOf: "rate",
      warmupRounds: 40,
      rounds: ROUNDS / (count === 1 ? 1 : 2),
      ours: times(count, () => postSigned(webhook, secret, body)),
      theirs: times(count, () => store(body)),
    });
    rows.push(row, toP99Row(row));
  }
  return rows;
}

function toP99Row(row: BenchRow): BenchRow {
  const ratio = row.oursP99Ms / row.theirsP99Ms;
  return {
    ...row,
    name: `${row.name}, p99`,
    oursMs: row.oursP99Ms,
    theirsMs: row.theirsP99Ms,
    ratio,
    goal: describeGoal(P99_GOAL),
    holds: holds(P99_GOAL, ratio),
  };
}

function createBody(): string {
  const report = {
    event: "bot.completed",
    data: {
      bot_id: crypto.randomUUID(),
      participants: ["Ana Lee", "Bo Buyer"].map((name, id) => ({ name, id })),
      duration_seconds: 1_620,
      ...Object.fromEntries(
        ["video", "audio", "diarization", "transcription"].map((kind) => [
          kind,
          `https://artifacts.bench.test/${kind}?X-Amz-Signature=${randomBytes(32).toHex()}`,
        ]),
      ),
      sent_at: new Date().toISOString(),
    },
    extra: { recording_id: crypto.randomUUID() },
  };
  return JSON.stringify(report).slice(0, -1).padEnd(BODY_BYTES - 1) + "}";
}

async function postSigned({ url }: Served, secret: Uint8Array, body: string): Promise<void> {
  const id = `msg_${randomBytes(12).toString("hex")}`;
  const timestamp = String(Math.floor(Date.now() / 1000));
  const signature = createHmac("sha256", secret).update(`${id}.${timestamp}.${body}`);
  const response = await fetch(`${url}/meetingbaas-webhook`, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      "svix-id": id,
      "svix-timestamp": timestamp,
      "svix-signature": `v1,${signature.digest("base64")}`,
    },
    body,
  });
  const text = await response.text();
  strictEqual(response.status, 200, text);
}
