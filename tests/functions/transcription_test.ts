// From the end of a meeting to a transcript that can be searched, over HTTP with the simulated
// providers: whichever of both ways answers, in whatever order, twice, late, never or in error.
import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { z } from "zod";
import {
  endMeeting,
  type MeetingLine,
  type MeetingPlan,
  type RecordedBot,
  sendBot,
} from "../support/recorded_bot.ts";
import { type Actor, callAs, createRivals, eventually } from "../support/rivals.ts";
import { testStack } from "../support/stack.ts";

const stack = await testStack();
const { rep, rival } = await createRivals(stack);

const LINES: readonly MeetingLine[] = [
  { speaker: "Ann Lee", text: "Welcome to the zanzibar kickoff." },
  { speaker: "Bo Buyer", text: "Thank you. What does the first phase cost?" },
  { speaker: "Ann Lee", text: "Twelve thousand, with the training included." },
];

interface State extends Record<string, unknown> {
  readonly transcript_status: string | null;
  readonly transcript_provider: string | null;
  readonly transcript_error: string | null;
}
interface Path extends Record<string, unknown> {
  readonly id: string;
  readonly provider: string;
  readonly status: string;
  readonly job_id: string | null;
  readonly attempts: number;
  readonly error: string | null;
}
interface Segment extends Record<string, unknown> {
  readonly speaker_name: string | null;
  readonly speaker_email: string | null;
  readonly start_ms: number;
  readonly end_ms: number | null;
  readonly text: string;
}
const GladiaState = z.object({
  gladia: z.object({
    jobs: z.array(z.object({ id: z.string(), status: z.string(), deleted: z.boolean() })),
    jobs_per_reference: z.record(z.string(), z.number()),
  }),
});

const gladia = (action: string, more: Record<string, unknown> = {}): Promise<unknown> =>
  stack.controlProviders({ provider: "gladia", action, ...more });

async function gladiaState(): Promise<z.infer<typeof GladiaState>["gladia"]> {
  const response = await fetch(`${stack.description.providersUrl}/_control/state`);
  return GladiaState.parse(await response.json()).gladia;
}

async function stateOf({ id }: RecordedBot): Promise<State | undefined> {
  const [row] = await stack.sql<State>(
    "select transcript_status, transcript_provider, transcript_error, outcome from public.recordings where id = $1",
    [id],
  );
  return row;
}

async function pathOf({ id }: RecordedBot, provider: string): Promise<Path | undefined> {
  const [row] = await stack.sql<Path>(
    "select id, provider, status, job_id, attempts, error from private.recording_transcriptions where recording_id = $1 and provider = $2",
    [id, provider],
  );
  return row;
}

async function segmentsOf({ id }: RecordedBot): Promise<Segment[]> {
  return await stack.sql<Segment>(
    `select s.speaker_name, s.speaker_email, s.start_ms, s.end_ms, s.text
     from public.transcript_segments s join public.recordings r on r.org_id = s.org_id and r.meeting_id = s.meeting_id
     where r.id = $1 order by s.seq`,
    [id],
  );
}

async function timelineOf({ id }: RecordedBot): Promise<string[]> {
  const rows = await stack.sql<{ entry: string }>(
    `select concat_ws(':', code, detail ->> 'error') as entry from public.recording_events
     where recording_id = $1 and kind = 'transcript' order by occurred_at`,
    [id],
  );
  return rows.map(({ entry }) => entry);
}

/** As time passes: what is due later is due now, and the schedule calls. */
async function skipWait({ id }: RecordedBot): Promise<void> {
  await stack.sql(
    `update private.recording_transcriptions set next_poll_at = now()
     where recording_id = $1 and next_poll_at is not null and coalesce(locked_until, now()) <= now()`,
    [id],
  );
  await stack.sql("select private.call_function('process-recording')");
}

async function transcribed(bot: RecordedBot, provider: string): Promise<void> {
  await eventually(`the transcript is ${provider}'s`, async () => {
    const state = await stateOf(bot);
    return state?.transcript_status === "complete" && state.transcript_provider === provider;
  });
}

/** A meeting that has just ended. */
async function record(plan: MeetingPlan = {}, actor: Actor = rep): Promise<RecordedBot> {
  const bot = await sendBot(stack, actor, { lines: LINES, ...plan });
  await endMeeting(stack, bot);
  return bot;
}

async function waiting(bot: RecordedBot): Promise<Path> {
  await eventually("a job is waited for", async () => {
    return (await pathOf(bot, "gladia"))?.status === "waiting";
  });
  const path = await pathOf(bot, "gladia");
  if (path === undefined) throw new Error("The path is gone");
  return path;
}

/** Where the transcriber was told to post, as only it and we know. */
async function callbackUrl(jobId: string): Promise<string> {
  const response = await fetch(
    `${stack.description.providersUrl}/gladia/v2/pre-recorded/${jobId}`,
    { headers: { "x-gladia-key": "sim-gladia-key" } },
  );
  return z.object({ request_params: z.object({ callback_config: z.object({ url: z.url() }) }) })
    .parse(await response.json()).request_params.callback_config.url;
}

async function searches(actor: Actor, words: string): Promise<number> {
  const { status, json } = await callAs(stack, actor, "meeting-search", { q: words });
  strictEqual(status, 200);
  return z.array(z.unknown()).parse(json["data"]).length;
}

Deno.test("U60-109 a meeting ends and what was said is there: named, timed, searchable, once", async () => {
  const word = `quokka${crypto.randomUUID().slice(0, 8).replace(/\d/g, "x")}`;
  const bot = await sendBot(stack, rep, {
    lines: [...LINES, { speaker: "Bo Buyer", text: `Our codeword is ${word}.` }],
  });
  await endMeeting(stack, bot);
  await transcribed(bot, "gladia");
  const segments = await segmentsOf(bot);
  deepStrictEqual(segments.map(({ text }) => text), [
    ...LINES.map(({ text }) => text),
    `Our codeword is ${word}.`,
  ]);
  deepStrictEqual(segments.map(({ speaker_name }) => speaker_name), [
    "Ann Lee",
    "Bo Buyer",
    "Ann Lee",
    "Bo Buyer",
  ]);
  ok(segments.every(({ start_ms, end_ms }) => end_ms !== null && end_ms > start_ms));
  strictEqual(await searches(rep, word), 1);
  strictEqual(await searches(rival, word), 0, "another organization finds nothing");
  const path = await pathOf(bot, "gladia");
  const { jobs, jobs_per_reference } = await gladiaState();
  strictEqual(jobs_per_reference[path?.id ?? ""], 1, "one job");
  await eventually("the transcriber keeps no copy", async () => {
    const { jobs } = await gladiaState();
    return jobs.find(({ id }) => id === path?.job_id)?.deleted === true;
  });
  strictEqual(jobs.some(({ id }) => id === path?.job_id), true);
  deepStrictEqual(await timelineOf(bot), ["requested", "started", "submitted", "stored"]);
  const [meeting] = await stack.sql(
    "select m.language from public.meetings m join public.recordings r on r.meeting_id = m.id where r.id = $1",
    [bot.id],
  );
  deepStrictEqual(meeting, { language: "en" });
});

Deno.test("U60-109 a callback that never comes is not missed", async () => {
  await gladia("plan", { delivery: "never" });
  const bot = await record();
  await waiting(bot);
  await gladia("settle");
  strictEqual((await stateOf(bot))?.transcript_status, "processing");
  await skipWait(bot);
  await transcribed(bot, "gladia");
});

Deno.test("U60-109 callbacks that come twice, and polls at the same time, store it once", async () => {
  await gladia("plan", { hold: true, delivery: "duplicate" });
  const bot = await record();
  const path = await waiting(bot);
  await Promise.all([
    gladia("finish", { job_id: path.job_id }),
    skipWait(bot),
    skipWait(bot),
  ]);
  await transcribed(bot, "gladia");
  await gladia("settle");
  strictEqual((await timelineOf(bot)).filter((code) => code === "stored").length, 1);
  strictEqual((await timelineOf(bot)).includes("replaced"), false);
  strictEqual((await segmentsOf(bot)).length, 3);
});

Deno.test("U60-122 a transcriber that is late is not waited for, and still wins in the end", async () => {
  await gladia("plan", { hold: true });
  const bot = await record();
  const path = await waiting(bot);
  await stack.sql(
    "update private.recording_transcriptions set created_at = now() - interval '31 minutes' where id = $1",
    [path.id],
  );
  await skipWait(bot);
  await transcribed(bot, "meetingbaas");
  const first = await segmentsOf(bot);
  await gladia("finish", { job_id: path.job_id });
  await transcribed(bot, "gladia");
  deepStrictEqual(
    (await segmentsOf(bot)).map(({ text, speaker_name }) => [text, speaker_name]),
    first.map(({ text, speaker_name }) => [text, speaker_name]),
    "both heard the same meeting",
  );
  deepStrictEqual(await timelineOf(bot), [
    "requested",
    "started",
    "submitted",
    "started",
    "gladia_overdue",
    "stored",
    "replaced",
  ]);
});

Deno.test("U60-122 a transcriber that refuses us is replaced by the provider at once", async () => {
  await gladia("fail_call", { route: "POST /v2/pre-recorded", status: 401 });
  const bot = await record();
  await transcribed(bot, "meetingbaas");
  strictEqual((await pathOf(bot, "gladia"))?.error, "gladia_unauthorized");
  deepStrictEqual((await segmentsOf(bot)).map(({ text, speaker_name }) => [text, speaker_name]), [
    ["Welcome to the zanzibar kickoff.", "Ann Lee"],
    ["Thank you. What does the first phase cost?", "Bo Buyer"],
    ["Twelve thousand, with the training included.", "Ann Lee"],
  ]);
  deepStrictEqual(await timelineOf(bot), [
    "requested",
    "started",
    "gladia_failed:gladia_unauthorized",
    "started",
    "stored",
  ]);
});

Deno.test("U60-122 jobs that fail are asked for again, and then the provider is", async () => {
  await gladia("plan", { error_code: 500, count: 3 });
  const bot = await record();
  await eventually("the provider's is taken", async () => {
    await skipWait(bot);
    await new Promise((resolve) => setTimeout(resolve, 700));
    return (await stateOf(bot))?.transcript_provider === "meetingbaas";
  }, 30_000);
  strictEqual((await pathOf(bot, "gladia"))?.error, "gladia_job_failed");
  const path = await pathOf(bot, "gladia");
  strictEqual((await gladiaState()).jobs_per_reference[path?.id ?? ""], 3);
});

Deno.test("U60-122 an answer that got lost does not lead to a second job", async () => {
  await gladia("fail_call", { route: "POST /v2/pre-recorded", lose_answer: true });
  await gladia("plan", { hold: true });
  const bot = await record();
  await eventually("the answer got lost", async () => {
    return (await pathOf(bot, "gladia"))?.error === "gladia_unavailable";
  });
  await skipWait(bot);
  const path = await waiting(bot);
  strictEqual((await gladiaState()).jobs_per_reference[path.id], 1);
  await gladia("finish", { job_id: path.job_id });
  await transcribed(bot, "gladia");
});

Deno.test("U60-109 a callback that overtakes the answer to the start finds its recording", async () => {
  await gladia("fail_call", { route: "POST /v2/pre-recorded", lose_answer: true });
  const bot = await record();
  await transcribed(bot, "gladia");
  const path = await pathOf(bot, "gladia");
  deepStrictEqual([path?.status, path?.attempts], ["complete", 1]);
  strictEqual((await gladiaState()).jobs_per_reference[path?.id ?? ""], 1);
});

Deno.test("U60-122 too much at once is asked for later", async () => {
  await gladia("fail_call", {
    route: "POST /v2/pre-recorded",
    status: 429,
    retry_after: 90,
  });
  const bot = await record();
  await eventually("it was too much", async () => {
    return (await pathOf(bot, "gladia"))?.error === "gladia_rate_limited";
  });
  const [due] = await stack.sql<{ seconds: number }>(
    "select extract(epoch from next_poll_at - now())::int as seconds from private.recording_transcriptions where recording_id = $1",
    [bot.id],
  );
  ok((due?.seconds ?? 0) > 60, "as late as it was asked for");
  await skipWait(bot);
  await transcribed(bot, "gladia");
});

Deno.test("U60-122 our own copy is what is heard once it is stored, by an address of hours", async () => {
  await gladia("fail_call", { route: "POST /v2/pre-recorded", status: 429 });
  const bot = await record();
  await eventually("it is stored", async () => {
    const [row] = await stack.sql(
      "select s3_upload_status from public.recordings where id = $1",
      [bot.id],
    );
    return row?.["s3_upload_status"] === "complete";
  }, 60_000);
  await gladia("plan", { hold: true });
  await skipWait(bot);
  const path = await waiting(bot);
  const response = await fetch(
    `${stack.description.providersUrl}/gladia/v2/pre-recorded/${path.job_id}`,
    { headers: { "x-gladia-key": "sim-gladia-key" } },
  );
  const { request_params } = z.object({ request_params: z.object({ audio_url: z.url() }) })
    .parse(await response.json());
  const audio = new URL(request_params.audio_url);
  ok(
    audio.pathname.includes(`/meeting-recordings/${bot.orgId}/${rep.userId}/${bot.id}/`),
    audio.pathname,
  );
  strictEqual(audio.searchParams.get("X-Amz-Expires"), String(12 * 3_600));
  await gladia("finish", { job_id: path.job_id });
  await transcribed(bot, "gladia");
  strictEqual((await segmentsOf(bot)).length, 3, "and it holds what was said");
});

Deno.test("U60-122 a meeting of more than 135 minutes goes to the provider, and that can be seen", async () => {
  const bot = await record({ more: { duration_seconds: 136 * 60 } });
  await transcribed(bot, "meetingbaas");
  strictEqual((await pathOf(bot, "gladia"))?.job_id, null, "nobody was asked in vain");
  ok((await timelineOf(bot)).includes("gladia_failed:audio_too_long"));
});

Deno.test("U60-116 R-11 an address that has passed is renewed, by either way", async () => {
  await gladia("plan", { hold: true });
  const bot = await record();
  const path = await waiting(bot);
  // Our row believes that its addresses are good; their host knows better
  await stack.controlProviders({ action: "advance", seconds: 4 * 3_600 + 60 });
  await gladia("finish", { job_id: path.job_id });
  await eventually("the job could not hear it", async () => {
    return (await pathOf(bot, "gladia"))?.error === "gladia_audio_unreachable";
  });
  await skipWait(bot);
  await transcribed(bot, "gladia");

  await gladia("fail_call", { route: "POST /v2/pre-recorded", status: 401 });
  const other = await sendBot(stack, rep, { lines: LINES });
  await endMeeting(stack, other);
  await stack.controlProviders({ action: "advance", seconds: 4 * 3_600 + 60 });
  await stack.sql(
    "update private.recording_sources set expires_at = now() - interval '1 minute' where recording_id = $1",
    [other.id],
  );
  await transcribed(other, "meetingbaas");
});

Deno.test("U60-122 when neither way leads anywhere the recording says why", async () => {
  await gladia("plan", { empty: true });
  const bot = await record({ more: { transcription: false } });
  await eventually("the transcript has failed", async () => {
    return (await stateOf(bot))?.transcript_status === "failed";
  });
  strictEqual((await stateOf(bot))?.transcript_error, "provider_transcription_failed");
  ok((await timelineOf(bot)).includes("gladia_failed:no_speech"));
});

Deno.test("COP-022 V-15 card numbers are in no table, whichever way they came", async () => {
  const lines: readonly MeetingLine[] = [
    { speaker: "Bo Buyer", text: "My card is 4539 1488 0343 6467 thank you." },
    { speaker: "Ann Lee", text: "Is there another?" },
    { speaker: "Bo Buyer", text: "It begins with 5500 0055" },
    { speaker: "Ann Lee", text: "Yes?" },
    { speaker: "Bo Buyer", text: "5555 5559 and that is all." },
    {
      speaker: "Bo Buyer",
      text:
        "Or four five three nine, one four eight eight, zero three four three, six four six seven.",
    },
  ];
  const byJob = await record({ lines });
  await transcribed(byJob, "gladia");
  await gladia("fail_call", { route: "POST /v2/pre-recorded", status: 401 });
  const byProvider = await record({ lines });
  await transcribed(byProvider, "meetingbaas");
  for (const bot of [byJob, byProvider]) {
    const text = (await segmentsOf(bot)).map((segment) => segment.text).join(" ");
    ok(text.includes("[card number]"), text);
    ok(text.includes("Is there another?"), "control: the rest is there");
  }
  const canaries = ["1488 0343", "14880343", "5555 5559", "one four eight eight"];
  deepStrictEqual(await tablesWith(canaries), []);
  deepStrictEqual(
    (await tablesWith(["Is there another?"])).filter((name) => name.includes("transcript")),
    ["public.transcript_segments"],
    "control: the search would have found them",
  );
});

Deno.test("U60-109 the transcriber is told until it has forgotten, also what a person deleted", async () => {
  await gladia("fail_call", { route: "DELETE /v2/pre-recorded/{id}", status: 500 });
  const bot = await record();
  await transcribed(bot, "gladia");
  const isKept = async ({ id }: RecordedBot): Promise<unknown> => {
    const [row] = await stack.sql(
      "select is_job_kept from private.recording_transcriptions where recording_id = $1 and provider = 'gladia'",
      [id],
    );
    return row?.["is_job_kept"];
  };
  await eventually("it did not forget", async () => {
    const { jobs } = await gladiaState();
    const path = await pathOf(bot, "gladia");
    return jobs.find(({ id }) => id === path?.job_id)?.deleted === false;
  });
  await eventually("it has forgotten", async () => {
    await stack.sql(
      "update private.recording_transcriptions set next_poll_at = now() where recording_id = $1 and next_poll_at > now()",
      [bot.id],
    );
    await skipWait(bot);
    await new Promise((resolve) => setTimeout(resolve, 500));
    return await isKept(bot) === false;
  });

  await gladia("plan", { hold: true });
  const deleted = await record();
  const { job_id } = await waiting(deleted);
  await stack.sql("update public.recordings set deleted_at = now() where id = $1", [deleted.id]);
  await gladia("fail_job", { job_id });
  await eventually("what a person deletes is kept nowhere", async () => {
    await skipWait(deleted);
    await new Promise((resolve) => setTimeout(resolve, 500));
    return await isKept(deleted) === false;
  });
  const { jobs } = await gladiaState();
  strictEqual(jobs.find(({ id }) => id === job_id)?.deleted, true);
  strictEqual((await pathOf(deleted, "gladia"))?.error, "recording_deleted");
});

Deno.test("U60-110 transcript.ready brings forward what would be looked at later", async () => {
  await gladia("fail_call", { route: "POST /v2/pre-recorded", status: 401 });
  await stack.controlProviders({
    provider: "artifacts",
    action: "fault",
    do: "error",
    kind: "transcription",
    status: 503,
  });
  const bot = await record();
  await eventually("it could not be read", async () => {
    return (await pathOf(bot, "meetingbaas"))?.error === "source_unavailable";
  });
  await stack.controlProviders({
    provider: "meeting_baas",
    action: "emit",
    bot_id: bot.botId,
    event: "transcript.ready",
  });
  await transcribed(bot, "meetingbaas");
});

/** Every table of the database that holds one of the texts. */
async function tablesWith(texts: readonly string[]): Promise<string[]> {
  const tables = await stack.sql<{ name: string }>(
    `select format('%I.%I', n.nspname, c.relname) as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where c.relkind = 'r' and n.nspname in ('public', 'private', 'net', 'cron', 'vault', 'auth') order by 1`,
  );
  const found: string[] = [];
  for (const { name } of tables) {
    const [row] = await stack.sql<{ hits: number }>(
      `select count(*)::int as hits from ${name} as t
       where exists (select from unnest($1::text[]) as c where t::text ilike '%' || c || '%')`,
      [texts],
    );
    if ((row?.hits ?? 0) > 0) found.push(name);
  }
  return found;
}

Deno.test("U60-109 a post proves nothing: only what the transcriber itself says is believed", async () => {
  await gladia("plan", { hold: true });
  const bot = await record();
  const path = await waiting(bot);
  const url = await callbackUrl(path.job_id ?? "");
  const forged = {
    event: "transcription.success",
    payload: {
      transcription: {
        languages: ["en"],
        utterances: [{ start: 0, end: 1, text: "I will pay a million", speaker: 0 }],
      },
    },
  };
  // Its own id, as whoever had seen the address could send it; and one that is made up
  for (const id of [path.job_id, crypto.randomUUID()]) {
    const { status } = await post(url, JSON.stringify({ ...forged, id }));
    strictEqual(status, 200, "it is taken for the hint that it is");
  }
  await eventually("the inbox is empty", async () => {
    const [row] = await stack.sql<{ open: number }>(
      "select count(*)::int as open from private.webhook_events where provider = 'gladia' and state <> 'processed'",
    );
    return row?.open === 0;
  });
  strictEqual((await stateOf(bot))?.transcript_status, "processing");
  deepStrictEqual(await tablesWith(["pay a million"]), [], "and its words are kept nowhere");
  await gladia("finish", { job_id: path.job_id });
  await transcribed(bot, "gladia");
});

async function post(
  url: string,
  body: string | undefined,
  init: RequestInit = {},
): Promise<{ status: number; code: unknown; type: string | null }> {
  const response = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json" },
    ...(body !== undefined && { body }),
    ...init,
  });
  const text = await response.text();
  return {
    status: response.status,
    code: text.startsWith("{") ? JSON.parse(text)["code"] : undefined,
    type: response.headers.get("content-type"),
  };
}

Deno.test("U60-109 what is not a callback of ours is refused in words that tell nothing", async () => {
  await gladia("plan", { hold: true });
  const bot = await record();
  const path = await waiting(bot);
  const good = await callbackUrl(path.job_id ?? "");
  const base = `${stack.url}/functions/v1/process-gladia-webhook`;
  const body = JSON.stringify({ id: path.job_id, event: "transcription.success" });
  const cases: [string, string, string | undefined, RequestInit, number, string][] = [
    ["a token nobody has", `${base}/${"x".repeat(43)}`, body, {}, 401, "invalid_signature"],
    ["no token", base, body, {}, 404, "route_not_found"],
    ["a token that can't be one", `${base}/a`, body, {}, 404, "route_not_found"],
    ["two parts", `${good}/more`, body, {}, 404, "route_not_found"],
    ["another method", good, undefined, { method: "GET" }, 405, "method_not_allowed"],
    ["no body", good, "", {}, 401, "invalid_signature"],
    ["no JSON", good, "{", {}, 401, "invalid_signature"],
    [
      "no job",
      good,
      JSON.stringify({ event: "transcription.success" }),
      {},
      401,
      "invalid_signature",
    ],
    ["no event", good, JSON.stringify({ id: path.job_id }), {}, 401, "invalid_signature"],
    [
      "an id that is none",
      good,
      JSON.stringify({ id: "a b", event: "x" }),
      {},
      401,
      "invalid_signature",
    ],
    ["a list", good, "[]", {}, 401, "invalid_signature"],
    [
      "far too much",
      good,
      `{"id":"${"x".repeat(17 * 1024 * 1024)}"}`,
      {},
      413,
      "body_too_large",
    ],
  ];
  for (const [what, url, sent, init, status, code] of cases) {
    const answer = await post(url, sent, init);
    deepStrictEqual([answer.status, answer.code], [status, code], what);
    ok(answer.type?.startsWith("application/problem+json"), what);
  }
  deepStrictEqual((await post(good, body)).status, 200, "control: the real one is taken");
  await gladia("finish", { job_id: path.job_id });
  await transcribed(bot, "gladia");
});
