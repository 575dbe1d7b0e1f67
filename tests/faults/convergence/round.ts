// One round: an organization with some meetings, from their calendar events to their ends, while things
// go wrong; then the same with nothing going wrong any more, until nothing waits.
import type { Chaos } from "./chaos.ts";
import { calm } from "./chaos.ts";
import type { House } from "./house.ts";
import { passTime } from "./passing_time.ts";

/** What kind of meeting it is; each kind ends in its own way. */
export const KINDS = ["usual", "large", "refused", "empty", "untranscribed"] as const;

/** One kind of meeting. */
export type Kind = (typeof KINDS)[number];

/** One meeting of a round. */
export interface PlannedMeeting {
  readonly kind: Kind;
  readonly url: string;
  /** The same in both copies of the event. */
  readonly uid: string;
}

/** What was planned. */
export interface PlannedRound {
  readonly orgId: string;
  readonly meetings: readonly PlannedMeeting[];
}

/** Five parts, the last one short: a kill may come between any two. */
const LARGE_BYTES = 11 * 1024 * 1024 + 17;
const SMALL_BYTES = 300_000;
/** A meeting that lasts as long as whatever goes wrong with it. */
const MEETING_HOURS = 3;

const PLANS: Readonly<Record<Kind, Readonly<Record<string, unknown>>>> = {
  usual: { video_bytes: SMALL_BYTES, audio_bytes: 40_000 },
  large: { video_bytes: LARGE_BYTES, audio_bytes: 40_000 },
  refused: { ends_as: "failed", error_code: "BOT_NOT_ACCEPTED" },
  empty: { ends_as: "failed", error_code: "NO_ATTENDEES" },
  untranscribed: { video_bytes: SMALL_BYTES, audio_bytes: 40_000, transcription: false },
};
const ENDS_FAILED: ReadonlySet<Kind> = new Set(["refused", "empty"]);
const LINES = [
  { speaker: "Ana Lee", text: "Thank you for joining, shall we begin with the pilot?" },
  { speaker: "Bo Buyer", text: "Yes, the pilot went well and the budget is approved." },
  { speaker: "Ana Lee", text: "Great. I will send the contract by Friday." },
];

/**
 * Makes an organization with two members who both hold the events of all its meetings.
 *
 * @param house Where.
 * @param kinds What the meetings are.
 */
export async function planRound(house: House, kinds: readonly Kind[]): Promise<PlannedRound> {
  const orgId = crypto.randomUUID();
  await house.sql(
    "insert into public.organizations (id, name, slug, plan) values ($1, 'House', $2, 'enterprise')",
    [orgId, `house-${orgId.slice(0, 8)}`],
  );
  await house.sql("insert into public.org_settings (org_id) values ($1)", [orgId]);
  const members = [await addMember(house, orgId, "Ana"), await addMember(house, orgId, "Cy")];
  const meetings = kinds.map((kind, index): PlannedMeeting => {
    const uid = crypto.randomUUID();
    return { kind, uid, url: `https://zoom.us/j/9${String(index).padStart(3, "0")}${digits(uid)}` };
  });
  for (const meeting of meetings) {
    await house.control({
      provider: "meeting_baas",
      action: "plan",
      meeting_url: meeting.url,
      participants: ["Ana Lee", "Bo Buyer"],
      lines: LINES,
      ...PLANS[meeting.kind],
    });
    for (const userId of members) await addEvent(house, orgId, userId, meeting);
  }
  return { orgId, meetings };
}

/**
 * Lets a round run until nothing waits any more.
 *
 * @param house Where.
 * @param round What was planned.
 * @param chaos What goes wrong meanwhile; after some steps nothing does.
 * @param steps How long it does.
 * @returns How many recordings had not ended by themselves.
 */
export async function runRound(
  house: House,
  round: PlannedRound,
  chaos: Chaos,
  steps: number,
): Promise<number> {
  house.setChaos(chaos);
  let minute = 0;
  for (let step = 0; step < steps; step++) {
    const wanted = [20, 40, 60, 60, 120, 300][chaos.below(6)] ?? 60;
    // The schedule comes every two minutes, and a meeting is planned within a quarter of an hour or not
    const seconds = await countRecordings(house, round, "true") < round.meetings.length
      ? Math.min(wanted, 40)
      : wanted;
    // Once in a while so much that every address of a file has expired
    const isLong = chaos.below(steps * 2) === 0 && await areAllSent(house, round);
    await passTime(house, round.orgId, isLong ? 4 * 3600 + 300 : seconds);
    minute += 1;
    await tick(house, minute, chaos);
    await deliverCalls(house, chaos);
    if (chaos.below(3) > 0) await house.functions.quiesce();
  }
  await house.functions.quiesce();
  house.setChaos(calm());
  return await settle(house, round, minute);
}

const HEALING_TICKS = 80;

/**
 * Lets a round run with nothing going wrong until nothing waits any more.
 *
 * @param house Where.
 * @param round What was planned.
 * @param from Minutes that have passed.
 * @returns How many have not ended.
 */
export async function settle(house: House, round: PlannedRound, from: number): Promise<number> {
  const nothing = calm();
  let wasRetried = false;
  for (let tickNumber = 0; tickNumber < HEALING_TICKS; tickNumber++) {
    await passTime(house, round.orgId, tickNumber < 40 ? 120 : 1200);
    await tick(house, from + tickNumber * 2 + (from % 2), nothing);
    for (let wave = 0; wave < 6; wave++) {
      if (await deliverCalls(house, nothing) === 0) break;
      await house.functions.quiesce();
    }
    const left = await countOpen(house, round);
    if (left > 0 || tickNumber < 4) continue;
    // What failed for good, a person asks for again; once, and only what could have succeeded
    if (wasRetried || await retryFailed(house, round) === 0) return 0;
    wasRetried = true;
  }
  return await countOpen(house, round);
}

/** Whether time may jump: a meeting that is over before its bot was sent is rightly not recorded. */
async function areAllSent(house: House, round: PlannedRound): Promise<boolean> {
  return await countRecordings(house, round, "bot_id is not null") === round.meetings.length;
}

async function countRecordings(
  house: House,
  { orgId }: PlannedRound,
  condition: "true" | "bot_id is not null",
): Promise<number> {
  const [row] = await house.sql<{ count: number }>(
    `select count(*)::int as count from public.recordings where org_id = $1 and ${condition}`,
    [orgId],
  );
  return row?.count ?? 0;
}

async function retryFailed(house: House, { orgId, meetings }: PlannedRound): Promise<number> {
  const urls = meetings.filter(({ kind }) => !ENDS_FAILED.has(kind)).map(({ url }) => url);
  const rows = await house.sql(
    `select private.retry_failed_parts(r) from public.recordings r
     where r.org_id = $1 and r.meeting_url = any($2) and r.outcome in ('failed', 'partial')`,
    [orgId, urls],
  );
  return rows.length;
}

async function countOpen(house: House, { orgId, meetings }: PlannedRound): Promise<number> {
  const [row] = await house.sql<{ settled: number; waiting: number }>(
    `select (select count(*)::int from public.recordings where org_id = $1 and outcome is not null) as settled,
       (select count(*)::int from private.jobs where org_id = $1 and state in ('ready', 'running')) +
       (select count(*)::int from private.webhook_events
         where state = 'received' and (org_id is null or org_id = $1)) as waiting`,
    [orgId],
  );
  return Math.max(meetings.length - (row?.settled ?? 0), 0) + (row?.waiting ?? 0);
}

/** Runs what the schedule runs in a minute; now and then two schedulers do. */
export async function tick(house: House, minute: number, chaos: Chaos): Promise<void> {
  const jobs = await house.sql<{ schedule: string; command: string }>(
    "select schedule, command from cron.job where schedule like '*%' order by jobname",
  );
  const due = jobs.filter(({ schedule }) => {
    const every = /^\*\/(\d+) /.exec(schedule)?.[1];
    return every === undefined || minute % Number(every) === 0;
  });
  for (const { command } of due) {
    // What belongs to calendars and to cleaning up has no part in this
    if (
      !/recording|process-webhook-events|auto_join|s3_upload|worker|bury_exhausted/.test(command)
    ) continue;
    const copies = 1 + chaos.below(2);
    await Promise.all(Array.from({ length: copies }, () => house.runScheduled(command)));
  }
}

/** Makes the calls that the database has asked for, all at once, and waits for their answers. */
export async function deliverCalls(house: House, chaos: Chaos): Promise<number> {
  const calls = await house.sql<{ url: string; headers: Record<string, string>; body: Uint8Array }>(
    "delete from net.http_request_queue returning url, headers, body",
  );
  await Promise.all(calls.map(async ({ url, headers, body }) => {
    if (chaos.losesWake()) return;
    const { pathname } = new URL(url);
    const response = await house.functions.fetch(
      new Request(`http://house${pathname.replace("/functions/v1", "")}`, {
        method: "POST",
        headers,
        body: new Uint8Array(body),
      }),
    );
    await response.body?.cancel();
  }));
  return calls.length;
}

async function addMember(house: House, orgId: string, name: string): Promise<string> {
  const id = crypto.randomUUID();
  await house.sql(
    `insert into auth.users (id, aud, role, email, email_confirmed_at, raw_user_meta_data, created_at, updated_at)
     values ($1, 'authenticated', 'authenticated', $2, now(), $3, now(), now())`,
    [id, `${name.toLowerCase()}-${id.slice(0, 8)}@house.test`, {
      first_name: name,
      last_name: "Lee",
    }],
  );
  await house.sql(
    "insert into public.organization_members (org_id, user_id, role, status) values ($1, $2, 'manager', 'active')",
    [orgId, id],
  );
  return id;
}

async function addEvent(
  house: House,
  orgId: string,
  userId: string,
  { uid, url, kind }: PlannedMeeting,
): Promise<void> {
  await house.sql(
    `insert into public.calendar_events (org_id, user_id, external_id, ical_uid, title, start_time, end_time,
       attendees, attendees_count, meeting_url, response_status)
     values ($1, $2, $3, $3, $4, now() + interval '60 seconds', now() + make_interval(hours => $5),
       $6, 2, $7, 'accepted')`,
    [
      orgId,
      userId,
      uid,
      `A ${kind} meeting`,
      MEETING_HOURS,
      JSON.stringify([{ email: "bo.buyer@buyer.test", name: "Bo Buyer" }]),
      url,
    ],
  );
}

function digits(text: string): string {
  return text.replace(/\D/g, "").slice(0, 7).padEnd(7, "0");
}
