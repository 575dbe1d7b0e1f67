// The notetaker's journey: a meeting stands in a calendar, and some time later it can be played,
// searched and recognized by its picture, exactly once. Nobody calls a function: what runs is what
// the schedule and the outbox wake. And those who may not know of it never do.
import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { createHash } from "node:crypto";
import { z } from "zod";
import { type Actor, callAs, createActor, createRivals } from "../support/rivals.ts";
import { testStack } from "../support/stack.ts";

const stack = await testStack();

/** Two whole parts and a bit. */
const VIDEO_BYTES = 11 * 1024 * 1024 + 123;
const JOURNEY_LIMIT_MS = 150_000;
const RECORDING_COLUMNS =
  "id, title, status, bot_id, outcome, outcome_reason, s3_upload_status, transcript_status, " +
  "thumbnail_status, meeting_id, s3_file_size_bytes, s3_video_url";

const Recording = z.object({
  id: z.string(),
  title: z.string(),
  status: z.string(),
  bot_id: z.string().nullable(),
  outcome: z.string().nullable(),
  outcome_reason: z.string().nullable(),
  s3_upload_status: z.string().nullable(),
  transcript_status: z.string().nullable(),
  thumbnail_status: z.string().nullable(),
  meeting_id: z.string().nullable(),
  s3_file_size_bytes: z.number().nullable(),
  s3_video_url: z.string().nullable(),
});
type Recording = z.infer<typeof Recording>;

const Simulators = z.looseObject({
  meeting_baas: z.looseObject({
    bots_per_url: z.record(z.string(), z.number()),
    bots: z.array(z.looseObject({
      bot_id: z.string(),
      meeting_url: z.string(),
      artifacts: z.looseObject({ video: z.string().nullable() }).nullable(),
    })),
  }),
  thumbnail_lambda: z.looseObject({
    calls: z.array(z.looseObject({ video: z.string(), status: z.number() })),
  }),
});

interface Planned {
  readonly url: string;
  readonly title: string;
  readonly guest: string;
}

/** Says what people say in the meeting; one word of it is said nowhere else. */
function linesOf(rep: Actor, guest: string, word: string) {
  return [
    { speaker: rep.email, text: "Thank you for joining, shall we begin with the pilot?" },
    { speaker: guest, text: `Yes, the ${word} pilot went well and the budget is approved.` },
    { speaker: rep.email, text: "Great. I will send the contract by Friday." },
    { speaker: guest, text: "Then we can sign next week." },
  ];
}

function letters(count: number): string {
  return [...crypto.getRandomValues(new Uint8Array(count))]
    .map((byte) => String.fromCharCode(97 + byte % 26)).join("");
}

/** Puts a meeting that begins in a minute into the calendars of people, the first one's of which it is. */
async function plan(people: readonly [Actor, ...Actor[]], word: string): Promise<Planned> {
  const [rep] = people;
  const planned = {
    url: `https://meet.google.com/${letters(3)}-${letters(4)}-${letters(3)}`,
    title: `Pilot review ${word}`,
    guest: "grace.oduya@acme.test",
  };
  await stack.controlProviders({
    provider: "meeting_baas",
    action: "plan",
    meeting_url: planned.url,
    participants: [rep.email, planned.guest],
    lines: linesOf(rep, planned.guest, word),
    video_bytes: VIDEO_BYTES,
    audio_bytes: 300_000,
  });
  const event = {
    id: `e${crypto.randomUUID().replaceAll("-", "")}`,
    summary: planned.title,
    start: new Date(Date.now() + 60_000).toISOString(),
    minutes: 30,
    attendees: [planned.guest],
    raw: { hangoutLink: planned.url, organizer: { email: rep.email } },
  };
  for (const person of people) await invite(person, event);
  return planned;
}

/** Nothing else is in the person's calendar, and the product may read it. */
async function invite(person: Actor, event: Readonly<Record<string, unknown>>): Promise<void> {
  const calendar = { provider: "google_calendar", email: person.email };
  await stack.controlProviders({ ...calendar, action: "clear" });
  await stack.controlProviders({ ...calendar, action: "upsert", event });
  const { error } = await stack.service().rpc("connect_calendar", {
    p_org_id: person.orgId,
    p_user_id: person.userId,
    p_account_email: person.email,
    p_calendar_id: "primary",
    p_refresh_token: `sim-refresh-${person.email}`,
  });
  strictEqual(error, null);
}

/** What one of them reads of the recordings, with their own rights. */
async function recordingsOf(actor: Actor, url: string): Promise<Recording[]> {
  const rows = await readAs(actor, "recordings", `meeting_url=eq.${encodeURIComponent(url)}`);
  return z.array(z.looseObject(Recording.shape)).parse(rows);
}

async function readAs(actor: Actor, table: string, query: string): Promise<unknown[]> {
  const columns = table === "recordings" ? RECORDING_COLUMNS.replaceAll(" ", "") : "id";
  const response = await fetch(`${stack.url}/rest/v1/${table}?select=${columns}&${query}`, {
    headers: {
      apikey: stack.description.publishableKey,
      authorization: `Bearer ${actor.token}`,
    },
  });
  const rows = await response.json();
  strictEqual(response.status, 200, JSON.stringify(rows));
  return z.array(z.unknown()).parse(rows);
}

/** Lets minutes of the schedule pass until the recording has come to its end. */
async function untilSettled(rep: Actor, url: string): Promise<Recording> {
  const deadline = Date.now() + JOURNEY_LIMIT_MS;
  let last: Recording | undefined;
  while (Date.now() < deadline) {
    await stack.advanceClock("PT1M");
    [last] = await recordingsOf(rep, url);
    if (last?.outcome) return last;
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
  const timeline = last && await callAs(stack, rep, `recordings/${last.id}/timeline`);
  throw new Error(`It never came to an end: ${JSON.stringify(timeline ?? last, null, 1)}`);
}

async function simulators() {
  return Simulators.parse(
    await (await fetch(`${stack.description.providersUrl}/_control/state`)).json(),
  );
}

async function find(actor: Actor, words: string): Promise<Record<string, unknown>[]> {
  const { json, status } = await callAs(stack, actor, "meeting-search", { q: words });
  strictEqual(status, 200);
  return json["data"] as Record<string, unknown>[];
}

/** Everything that might tell somebody of a recording. */
async function traces(actor: Actor, recording: Recording, word: string) {
  const { id, meeting_id: meetingId } = recording;
  const answers = await Promise.all(
    [
      callAs(stack, actor, `recordings/${id}`),
      callAs(stack, actor, `recordings/${id}/timeline`),
      callAs(stack, actor, `recordings/${id}/playback`, {}),
    ],
  );
  return {
    rows: (await readAs(actor, "recordings", `id=eq.${id}`)).length,
    events: (await readAs(actor, "recording_events", `recording_id=eq.${id}`)).length > 0,
    meetings: (await readAs(actor, "meetings", `id=eq.${meetingId}`)).length,
    segments: (await readAs(actor, "transcript_segments", `meeting_id=eq.${meetingId}`)).length > 0,
    hits: (await find(actor, word)).length > 0,
    statuses: answers.map(({ status }) => status),
    codes: answers.map(({ json }) => json["code"]),
  };
}

const NOTHING = {
  rows: 0,
  events: false,
  meetings: 0,
  segments: false,
  hits: false,
  statuses: [404, 404, 404],
  codes: ["not_found", "not_found", "not_found"],
};

Deno.test(
  "U60-103 U60-104 U60-106 U60-111 U60-125 U60-143 from a calendar event to a meeting that is played, found and recognized, by the schedule alone",
  async () => {
    const { rep, colleague, rival } = await createRivals(stack);
    const agent = await createActor(
      stack,
      `agent-${crypto.randomUUID().slice(0, 8)}@home.test`,
      rep.orgId,
      "agent",
    );
    await stack.sql(
      "update public.org_settings set enable_meeting_sharing = false where org_id = $1",
      [rep.orgId],
    );
    const word = `zeppelin${letters(6)}`;
    const planned = await plan([rep], word);
    const recording = await untilSettled(rep, planned.url);

    deepStrictEqual(
      [recording.outcome, recording.outcome_reason, recording.status],
      ["complete", null, "completed"],
    );
    strictEqual(recording.title, planned.title);
    deepStrictEqual(
      [recording.s3_upload_status, recording.transcript_status, recording.thumbnail_status],
      ["complete", "complete", "complete"],
    );

    // Once: one bot, one meeting, one picture
    const { meeting_baas: bots, thumbnail_lambda: pictures } = await simulators();
    strictEqual(bots.bots_per_url[planned.url], 1);
    const meetings = await readAs(rep, "meetings", `id=eq.${recording.meeting_id}`);
    strictEqual(meetings.length, 1);
    strictEqual(pictures.calls.filter(({ video }) => video.includes(recording.id)).length, 1);

    await isPlayed(rep, recording, bots.bots.find(({ bot_id }) => bot_id === recording.bot_id));
    await isFound(rep, recording, word, planned);
    await isRecognized(rep, recording);
    await isExplained(rep, recording);

    // With sharing off nobody else learns of it, whoever they are
    for (const actor of [rival, colleague, agent]) {
      deepStrictEqual(await traces(actor, recording, word), NOTHING, actor.email);
    }
    // With sharing on a colleague does, and neither an agent nor another company
    await stack.sql(
      "update public.org_settings set enable_meeting_sharing = true where org_id = $1",
      [rep.orgId],
    );
    const shared = await traces(colleague, recording, word);
    deepStrictEqual(
      { ...shared, codes: [] },
      {
        rows: 1,
        events: true,
        meetings: 1,
        segments: true,
        hits: true,
        statuses: [200, 200, 200],
        codes: [],
      },
    );
    for (const actor of [rival, agent]) {
      deepStrictEqual(await traces(actor, recording, word), NOTHING, actor.email);
    }
  },
);

/** The very bytes that the provider had, from our own store, for a while. */
async function isPlayed(
  rep: Actor,
  recording: Recording,
  bot: { artifacts: { video: string | null } | null } | undefined,
): Promise<void> {
  const source = z.object({ sha256: z.string(), bytes: z.number() }).parse(
    await stack.controlProviders({
      provider: "artifacts",
      action: "checksum",
      id: bot?.artifacts?.video,
    }),
  );
  strictEqual(source.bytes, VIDEO_BYTES);
  const { status, json } = await callAs(stack, rep, `recordings/${recording.id}/playback`, {});
  strictEqual(status, 200, JSON.stringify(json));
  const { url } = z.looseObject({ url: z.url() }).parse(json["data"]);
  ok(url.startsWith(stack.description.storage.url), "from our own store");
  ok(new URL(url).pathname.includes(`/${rep.orgId}/${rep.userId}/${recording.id}/`));
  const some = await fetch(url, { headers: { range: "bytes=4-7" } });
  strictEqual(some.status, 206);
  strictEqual(await some.text(), "ftyp");
  const whole = await (await fetch(url)).bytes();
  strictEqual(createHash("sha256").update(whole).digest("hex"), source.sha256);
}

async function isFound(
  rep: Actor,
  recording: Recording,
  word: string,
  planned: Planned,
): Promise<void> {
  const hits = await find(rep, `${word} budget`);
  strictEqual(hits.length, 1);
  deepStrictEqual(
    [hits[0]?.["meeting_id"], hits[0]?.["meeting_title"], hits[0]?.["speaker_name"]],
    [recording.meeting_id, planned.title, "Grace Oduya"],
  );
}

async function isRecognized(rep: Actor, recording: Recording): Promise<void> {
  const [meeting] = await stack.sql<{ thumbnail_url: string; owner_user_id: string }>(
    "select thumbnail_url, owner_user_id from public.meetings where org_id = $1 and id = $2",
    [rep.orgId, recording.meeting_id],
  );
  strictEqual(meeting?.owner_user_id, rep.userId);
  const picture = await fetch(meeting.thumbnail_url);
  await picture.body?.cancel();
  deepStrictEqual([picture.status, picture.headers.get("content-type")], [200, "image/png"]);
}

/** The timeline names every part, each after what it needs. */
async function isExplained(rep: Actor, recording: Recording): Promise<void> {
  const { json } = await callAs(stack, rep, `recordings/${recording.id}/timeline`);
  const { events } = z.looseObject({
    events: z.array(z.looseObject({ kind: z.string(), code: z.string() })),
  }).parse(json["data"]);
  const kinds = events.map(({ kind }) => kind);
  const order = ["schedule", "deploy", "bot", "upload", "thumbnail", "settled"];
  deepStrictEqual(
    order.toSorted((one, other) => kinds.indexOf(one) - kinds.indexOf(other)),
    order,
  );
  ok(kinds.includes("transcript") && kinds.includes("analysis"));
  const parts = JSON.stringify(events);
  ok(!parts.includes("X-Amz-Signature"), "no address that opens a file stands in it");
}

Deno.test(
  "U60-104 C-10 however many members hold the event, one bot goes there, and one recording is made",
  async () => {
    const { rep, colleague } = await createRivals(stack);
    const planned = await plan([rep, colleague], `heron${letters(6)}`);
    const recording = await untilSettled(rep, planned.url);
    strictEqual(recording.outcome, "complete");
    const { meeting_baas: bots } = await simulators();
    strictEqual(bots.bots_per_url[planned.url], 1);
    const [held] = await stack.sql<{ events: number; recordings: number; meetings: number }>(
      `select (select count(*)::int from public.calendar_events where org_id = $1) as events,
         count(*)::int as recordings, count(distinct meeting_id)::int as meetings
       from public.recordings where org_id = $1`,
      [rep.orgId],
    );
    deepStrictEqual(held, { events: 2, recordings: 1, meetings: 1 });
  },
);
