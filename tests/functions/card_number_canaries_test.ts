// Thirty card numbers are sent through the real webhooks, in every field that has words; then every row
// of every table, queues and log files of the stack included, is read in search of them.
import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { join } from "node:path";
import {
  type CardMention,
  makeMentions,
  MENTION_STYLES,
} from "../../scripts/privacy_corpus/card_mentions.ts";
import { createRecording, postReport, proveReport } from "../support/bot_reports.ts";
import { connectFathom, fathomMeeting, postWebhook } from "../support/fathom_connection.ts";
import { createRivals, eventually } from "../support/rivals.ts";
import { testStack } from "../support/stack.ts";
import { createTranscription, postCallback } from "../support/transcription_callbacks.ts";

const stack = await testStack();
const { rep } = await createRivals(stack);
const MARK = `control-${crypto.randomUUID()}`;
const CANARIES = 30;

const STYLES = Object.keys(MENTION_STYLES);
const canaries: CardMention[] = STYLES.flatMap((style, index) => [
  ...makeMentions(style, Math.ceil(CANARIES / STYLES.length), Date.now() % 1_000_000 + index),
]).slice(0, CANARIES);

/** What would give a canary away: its digits as they are, and what was said of it, word for word. */
function tracesOf({ pan, segments }: CardMention): string[] {
  const said = segments.map(({ text }) => text).filter((text) => text.length >= 16);
  return [pan, ...said.map((text) => text.slice(text.length / 2 - 7, text.length / 2 + 7))];
}

const isTelling = (trace: string): boolean =>
  /\p{Nd}{4}|(?:zero|oh|one|two|three|four|five|six|seven|eight|nine)\b.*\b(?:one|two|three|four|five|six|seven|eight|nine)/iu
    .test(trace);
const TRACES = canaries.flatMap(tracesOf).filter(isTelling);

function findTraces(where: string, text: string): string[] {
  // As it would read when put together again: digits of one number with what groups them taken out
  const joined = text.replaceAll(/(?<=\d)[\s.,\-/]+(?=\d)/g, "");
  return TRACES.filter((trace) => text.includes(trace) || joined.includes(trace))
    .map((trace) => `${where}: ${trace}`);
}

async function sendToFathom(mentions: readonly CardMention[]): Promise<void> {
  const connection = await connectFathom(stack, rep);
  for (const { segments } of mentions) {
    const text = segments.map((segment) => segment.text).join("\n");
    const meeting = fathomMeeting(rep, {
      meeting_title: `${MARK} ${text}`,
      transcript: segments.map((segment, index) => ({
        speaker: { display_name: segment.speaker },
        text: segment.text,
        timestamp: `00:00:${String(index).padStart(2, "0")}`,
      })),
      default_summary: { template_name: "general", markdown_formatted: `# ${MARK}\n${text}` },
      action_items: [{ description: `Charge it: ${text}`, completed: false }],
    });
    const { status } = await postWebhook(connection, { body: JSON.stringify(meeting) });
    strictEqual(status, 200);
  }
}

async function sendToBots(mentions: readonly CardMention[]): Promise<void> {
  for (const [index, { segments }] of mentions.entries()) {
    const { botId } = await createRecording(stack, rep);
    const scheme = (["v2", "callback", "v1"] as const)[index % 3] ?? "v2";
    const body = JSON.stringify({
      event: scheme === "v1" ? "complete" : "bot.completed",
      data: {
        bot_id: botId,
        mark: MARK,
        transcript: segments.map(({ speaker, text }) => ({
          speaker,
          words: text.split(" ").map((word, at) => ({ word, start: at, end: at + 1 })),
        })),
      },
      extra: { note: segments.map(({ text }) => text).join("\n") },
    });
    const { status } = await postReport(stack, body, proveReport(stack, scheme, body));
    strictEqual(status, 200);
  }
}

async function sendToTranscriber(mentions: readonly CardMention[]): Promise<void> {
  for (const { segments } of mentions) {
    const { jobId, token } = await createTranscription(stack, rep);
    const utterances = segments.map(({ speaker, text }, start) => ({
      speaker: speaker === "Ana" ? 0 : 1,
      start,
      end: start + 1,
      text,
      words: text.split(" ").map((word) => ({ word, start, end: start + 1, confidence: 0.9 })),
    }));
    const full = segments.map(({ text }) => text).join(" ");
    const response = await postCallback(
      stack,
      token,
      JSON.stringify({
        id: jobId,
        event: "transcription.success",
        payload: { transcription: { full_transcript: full, languages: ["en"], utterances } },
        custom_metadata: { mark: MARK },
      }),
    );
    strictEqual(response.status, 200, await response.text());
  }
}

/** Every row of every table that is not the database's own, as text. */
async function readTables(): Promise<Map<string, string>> {
  const tables = await stack.sql<{ name: string }>(
    `select format('%I.%I', n.nspname, c.relname) as name
     from pg_catalog.pg_class as c join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
     where c.relkind in ('r', 'm') and n.nspname !~ '^(pg_|information_schema$)'`,
  );
  const texts = new Map<string, string>();
  for (const { name } of tables) {
    const [row] = await stack.sql<{ text: string | null }>(
      `select string_agg(t::text, E'\\n') as text from ${name} as t`,
    );
    texts.set(name, row?.text ?? "");
  }
  return texts;
}

/** What the stack's rooms, functions included, wrote down. */
async function readLogs(): Promise<Map<string, string>> {
  const texts = new Map<string, string>();
  const folder = join(stack.description.dataDir, "logs");
  for await (const { name, isFile } of Deno.readDir(folder)) {
    if (isFile) texts.set(name, await Deno.readTextFile(join(folder, name)));
  }
  return texts;
}

Deno.test("COP-021 COP-022 V-15 of thirty card numbers nothing is left in any table, queue or log", async () => {
  strictEqual(canaries.length, CANARIES);
  ok(TRACES.length >= CANARIES);
  await sendToFathom(canaries.slice(0, 16));
  await sendToBots(canaries.slice(16, 25));
  await sendToTranscriber(canaries.slice(25));
  await eventually("the inbox has been worked off", async () => {
    const [row] = await stack.sql<{ count: number }>(
      `select count(*)::int as count from private.webhook_events
       where payload::text like $1 and attempts = 0 and state = 'received'`,
      [`%${MARK}%`],
    );
    return row?.count === 0;
  }, 30_000);

  const tables = await readTables();
  const logs = await readLogs();
  const found = [...tables, ...logs].flatMap(([where, text]) => findTraces(where, text));
  deepStrictEqual(found, [], "no trace anywhere");

  // The search sees what is there: the marks that were sent along, and a number that is put there
  const marked = [...tables].filter(([, text]) => text.includes(MARK)).map(([name]) => name);
  ok(
    marked.includes("private.webhook_events") && marked.includes("public.meetings"),
    marked.join(),
  );
  const segments = tables.get("public.transcript_segments") ?? "";
  ok(segments.includes("[card number]"), "what was said around it is stored");
  ok(logs.size > 0 && [...logs.values()].some((text) => text.includes("fathom-webhook")));
  for (const canary of canaries) ok(findTraces("control", `(${canary.pan})`).length > 0);
  const [first] = canaries;
  const said = first?.segments.map(({ text }) => text).join(" ") ?? "";
  ok(findTraces("control", JSON.stringify({ said })).length > 0);
});
