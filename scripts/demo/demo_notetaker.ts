// A meeting in a calendar becomes one that can be played, searched and recognized by its picture,
// and nobody lifts a finger: the schedule finds it, a bot goes there, and what it records is stored,
// transcribed and understood. Only time is helped along: the schedule's clock runs faster.

import { Timeline } from "../../shared/recordings/contract.ts";
import { type DemoSession, GRANTED_SCOPES } from "./demo_session.ts";
import { TimelineView } from "./timeline_view.ts";

/** What the meeting is like. */
export interface NotetakerOptions {
  /** Size of the video, in MiB. */
  readonly mib: number;
  readonly topic: string;
}

interface PlannedMeeting {
  readonly title: string;
  readonly url: string;
}

const MIB = 1024 * 1024;
const MINUTE_MS = 60_000;
/** One minute of the schedule takes so long; less before there is anything to see. */
const TURN_MS = 1500;
const QUICK_TURN_MS = 250;
const LOOK_MS = 250;
const LIMIT_MS = 240_000;
/** The video is sent this slowly, so that there is something to see. */
const UPLOAD_SECONDS = 12;
const UNTHROTTLED = { provider: "artifacts", action: "clear_faults" };
const GUESTS = ["sofia@northwind.example", "marcus.hale@northwind.example"];

/**
 * Plays the journey and shows it.
 *
 * @returns The process's exit code: 0 when the meeting can be played, found and recognized.
 */
export async function showNotetaker(
  session: DemoSession,
  options: NotetakerOptions,
): Promise<number> {
  const view = new TimelineView(widthOfTerminal(), writeOut);
  const meeting = await planMeeting(session, options);
  view.say(`"${meeting.title}" is in ${session.email}'s calendar and begins in a minute`);
  view.say("only the schedule's clock is turned, a minute in a second or so; all else is real");
  const stop = new AbortController();
  const pace = { turnMs: QUICK_TURN_MS };
  const turning = keepTurning(session, pace, stop.signal);
  // Whoever has seen enough must not leave slow downloads behind.
  Deno.addSignalListener("SIGINT", () => void leave(session));
  try {
    const recordingId = await waitForRecording(session, meeting, view);
    pace.turnMs = TURN_MS;
    const timeline = await follow(session, recordingId, view);
    view.end();
    return await prove(session, timeline);
  } finally {
    stop.abort();
    await turning;
    await order(session, UNTHROTTLED);
  }
}

async function leave(session: DemoSession): Promise<void> {
  await order(session, UNTHROTTLED);
  Deno.exit(130);
}

/** What happens elsewhere: an invitation, and a bot's view of the meeting. */
async function planMeeting(
  session: DemoSession,
  { mib, topic }: NotetakerOptions,
): Promise<PlannedMeeting> {
  const mark = letters(4);
  const meeting = {
    title: `Northwind ${topic} ${mark}`,
    url: `https://meet.google.com/${letters(3)}-${mark}-${letters(3)}`,
  };
  await order(session, {
    provider: "google_calendar",
    action: "upsert",
    email: session.email,
    event: {
      summary: meeting.title,
      start: new Date(Date.now() + MINUTE_MS).toISOString(),
      minutes: 30,
      attendees: GUESTS,
      raw: { hangoutLink: meeting.url },
    },
  });
  await order(session, {
    provider: "meeting_baas",
    action: "plan",
    meeting_url: meeting.url,
    topic,
    video_bytes: mib * MIB,
  });
  await order(session, UNTHROTTLED);
  await order(session, {
    provider: "artifacts",
    action: "fault",
    do: "throttle",
    kind: "video",
    bytes_per_second: Math.ceil(mib * MIB / UPLOAD_SECONDS),
    count: 1_000_000,
  });
  const { error } = await session.service.rpc("connect_calendar", {
    p_org_id: session.orgId,
    p_user_id: session.userId,
    p_account_email: session.email,
    p_calendar_id: "primary",
    p_refresh_token: `sim-refresh-${session.email}`,
    p_scopes: GRANTED_SCOPES,
  });
  if (error) throw new Error(`Cannot connect the calendar: ${error.message}`);
  return meeting;
}

function letters(count: number): string {
  return [...crypto.getRandomValues(new Uint8Array(count))]
    .map((byte) => String.fromCharCode(97 + byte % 26)).join("");
}

/** Lets the minutes of the schedule pass; what is due on the way runs as it always does. */
async function keepTurning(
  { stack }: DemoSession,
  pace: { readonly turnMs: number },
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    const response = await fetch(`${stack.cronUrl}/_control`, {
      method: "POST",
      body: JSON.stringify({ advance: "PT1M" }),
    });
    await response.body?.cancel();
    await pause(pace.turnMs);
  }
}

async function waitForRecording(
  session: DemoSession,
  meeting: PlannedMeeting,
  view: TimelineView,
): Promise<string> {
  let isInCalendar = false;
  return await until("the schedule plans a recording", async () => {
    if (!isInCalendar) {
      const event = await session.db.from("calendar_events").select("id")
        .eq("meeting_url", meeting.url).maybeSingle();
      if (event.data) view.say("calendar-sync-scheduler has brought the event in");
      isInCalendar = event.data !== null;
    }
    const { data, error } = await session.db.from("recordings").select("id")
      .eq("meeting_url", meeting.url).maybeSingle();
    if (error) throw new Error(`Cannot read recordings: ${error.message}`);
    return data === null ? undefined : String(data.id);
  });
}

async function follow(
  session: DemoSession,
  recordingId: string,
  view: TimelineView,
): Promise<Timeline> {
  return await until("the recording reaches its end", async () => {
    const path = `recordings/${recordingId}/timeline`;
    const answer = await session.request("GET", path, undefined, "application/json");
    const timeline = Timeline.parse(Object(await answer.json())["data"]);
    view.show(timeline);
    return timeline.recording.outcome === null ? undefined : timeline;
  });
}

/** Plays a little, searches for what was said, and looks at the picture. */
async function prove(session: DemoSession, { recording }: Timeline): Promise<number> {
  const reason = recording.outcome_reason === null ? "" : ` (${recording.outcome_reason})`;
  console.log(`\nIt is ${recording.outcome}${reason}.`);
  const meetingId = recording.meeting_id ?? "";
  const meeting = await session.db.from("meetings").select("id, title, summary, thumbnail_url")
    .eq("id", meetingId).maybeSingle();
  const segment = await session.db.from("transcript_segments").select("speaker_name, text")
    .eq("meeting_id", meetingId).order("seq").limit(1).maybeSingle();
  console.log(JSON.stringify({ ...meeting.data, first_words: segment.data }, null, 2));
  await showInsights(session, meetingId);

  const playback = await session.call("POST", `recordings/${recording.id}/playback`, {});
  const address = String(Object(Object(playback)["data"])["url"]);
  const first = await fetch(address, { headers: { range: "bytes=0-11" } });
  const box = new TextDecoder("latin1").decode((await first.bytes()).subarray(4, 8));
  console.log(
    `playable: ${first.status}, ${first.headers.get("content-range")}, begins with ${box}`,
  );

  const words = String(Object(segment.data)["text"] ?? "").split(/[^\w']+/).filter(Boolean).slice(
    -4,
  );
  const found = await session.call(
    "GET",
    `meeting-search?q=${encodeURIComponent(words.join(" "))}`,
  );
  const hits = Object(Object(found)["data"]);
  const isFound = Array.isArray(hits) && hits.some((hit) => hit["meeting_id"] === meetingId);
  console.log(`searchable: "${words.join(" ")}" ${isFound ? "finds it" : "does not find it"}`);
  const isWhole = recording.outcome === "complete" && first.status === 206 && box === "ftyp" &&
    isFound && Boolean(Object(meeting.data)["thumbnail_url"]);
  return isWhole ? 0 : 1;
}

/** What was understood, each with the words that it rests on. */
async function showInsights({ db }: DemoSession, meetingId: string): Promise<void> {
  const { data, error } = await db.from("meeting_insights")
    .select("kind, text, assignee_name, due_on, evidence_seqs").eq("meeting_id", meetingId)
    .order("seq");
  if (error) throw new Error(`Cannot read insights: ${error.message}`);
  for (const { kind, text, assignee_name, due_on, evidence_seqs } of data) {
    const who = [assignee_name, due_on && `by ${due_on}`].filter(Boolean).join(", ");
    const lines = Array.isArray(evidence_seqs) ? evidence_seqs.join(", ") : "";
    console.log(`${kind}: "${text}"${who === "" ? "" : ` (${who})`}, line ${lines}`);
  }
}

async function order(session: DemoSession, document: Readonly<Record<string, unknown>>) {
  const response = await fetch(`${session.stack.providersUrl}/_control`, {
    method: "POST",
    body: JSON.stringify(document),
  });
  const answer = await response.text();
  if (!response.ok) throw new Error(answer);
}

async function until<T>(what: string, look: () => Promise<T | undefined>): Promise<T> {
  const deadline = Date.now() + LIMIT_MS;
  while (Date.now() < deadline) {
    const found = await look();
    if (found !== undefined) return found;
    await pause(LOOK_MS);
  }
  throw new Error(`Gave up after ${LIMIT_MS / 1000} s: ${what}; see .stack/logs`);
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

function widthOfTerminal(): number | null {
  return Deno.stdout.isTerminal() ? Deno.consoleSize().columns : null;
}

function writeOut(text: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(text));
}
