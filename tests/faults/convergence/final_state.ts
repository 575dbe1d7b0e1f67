// What a round has come to: the database and the ledgers of everybody outside, in a form in which two
// rounds of the same meetings are equal.
import { createHash } from "node:crypto";
import { z } from "zod";
import { createS3Storage } from "../../../supabase/functions/_shared/providers/s3_storage.ts";
import type { House, Row } from "./house.ts";
import type { PlannedMeeting, PlannedRound } from "./round.ts";

/** The end of one meeting; nothing in it depends on ids or times. */
export interface MeetingEnd {
  readonly kind: string;
  readonly recordings: number;
  readonly bots: number;
  readonly meetings: number;
  readonly recording: Row;
  readonly attendees: readonly string[];
  readonly transcript: readonly string[];
  readonly thumbnails: number;
  readonly hasVideo: boolean;
  /** `video.mp4 300000 as at the provider`. */
  readonly objects: readonly string[];
}

/** What belongs to no meeting and must not be left over. */
export interface Leftovers {
  readonly openUploads: number;
  readonly strayObjects: number;
  readonly strayMeetings: number;
  readonly waitingJobs: number;
  readonly waitingEvents: number;
  readonly openRecordings: number;
  /** Reports that the sender was told were taken, and that are not in the inbox. */
  readonly lostReports: number;
  /** Reports in the inbox that nobody proved. */
  readonly forgedReports: number;
  /** Changes of a status that no rule knows, as `joined to joining`. */
  readonly backwardSteps: readonly string[];
}

/** The end of a round. */
export interface RoundEnd {
  readonly meetings: readonly MeetingEnd[];
  readonly leftovers: Leftovers;
  /** Pictures that were made; more than one of a video where an answer got lost. */
  readonly pictures: number;
}

const Ledgers = z.looseObject({
  meeting_baas: z.looseObject({
    bots: z.array(z.looseObject({
      bot_id: z.string(),
      meeting_url: z.string(),
      artifacts: z.looseObject({ video: z.string().nullable(), audio: z.string().nullable() })
        .nullable(),
    })),
    deliveries: z.array(z.looseObject({
      message_id: z.string(),
      bot_id: z.string(),
      scheme: z.string(),
      state: z.string(),
    })),
  }),
  thumbnail_lambda: z.looseObject({
    calls: z.array(z.looseObject({ video: z.string(), picture: z.string().nullable() })),
  }),
});
const Checksum = z.object({ bytes: z.number(), sha256: z.string() });

/**
 * Reads how a round has ended.
 *
 * @param house Where.
 * @param round What was planned.
 */
export async function readRoundEnd(house: House, round: PlannedRound): Promise<RoundEnd> {
  const ledgers = Ledgers.parse(await house.ledgers());
  const meetings: MeetingEnd[] = [];
  let objects = 0;
  for (const meeting of round.meetings) {
    const end = await readMeetingEnd(house, round.orgId, meeting, ledgers);
    objects += end.objects.length;
    meetings.push(end);
  }
  const storage = openStorage(house);
  const prefix = `meeting-recordings/${round.orgId}/`;
  const pictures = ledgers.thumbnail_lambda.calls
    .filter(({ video, picture }) => picture !== null && video.includes(round.orgId)).length;
  return {
    meetings,
    leftovers: {
      openUploads: (await storage.listMultiparts(prefix, null)).uploads.length,
      strayObjects: (await storage.measurePrefix(prefix)).objects - objects,
      lostReports: await countLostReports(house, round, ledgers),
      ...await readDatabaseLeftovers(house, round.orgId),
    },
    pictures,
  };
}

/** Acknowledged means stored, whatever happened after. */
async function countLostReports(
  house: House,
  round: PlannedRound,
  { meeting_baas: { bots, deliveries } }: z.infer<typeof Ledgers>,
): Promise<number> {
  const urls = new Set(round.meetings.map(({ url }) => url));
  const ours = new Set(bots.filter((bot) => urls.has(bot.meeting_url)).map((bot) => bot.bot_id));
  const acknowledged = deliveries.filter((one) =>
    one.scheme === "v2" && one.state === "delivered" && ours.has(one.bot_id)
  ).map(({ message_id }) => message_id);
  const [row] = await house.sql<{ lost: number }>(
    `select count(*)::int as lost from unnest($1::text[]) as m (id)
     where not exists (select from private.webhook_events e where e.provider = 'meetingbaas' and e.event_id = m.id)`,
    [acknowledged],
  );
  return row?.lost ?? 0;
}

async function readDatabaseLeftovers(
  house: House,
  orgId: string,
): Promise<Omit<Leftovers, "openUploads" | "strayObjects" | "lostReports">> {
  const [row] = await house.sql<
    {
      jobs: number;
      events: number;
      open: number;
      stray: number;
      forged: number;
      steps: string[] | null;
    }
  >(
    `select
       (select count(*)::int from private.jobs where org_id = $1 and state in ('ready', 'running')) as jobs,
       (select count(*)::int from private.webhook_events where org_id = $1 and state <> 'processed') as events,
       (select count(*)::int from public.recordings where org_id = $1 and outcome is null) as open,
       (select count(*)::int from public.meetings m where m.org_id = $1 and not exists (
         select from public.recordings r where r.org_id = m.org_id and r.meeting_id = m.id)) as stray,
       (select count(*)::int from private.webhook_events where payload::text like '%forged%') as forged,
       (select array_agg(distinct s.from_status || ' to ' || s.to_status) from house.steps as s
         where s.org_id = $1 and not house.may_step(s.from_status, s.to_status)) as steps`,
    [orgId],
  );
  return {
    waitingJobs: row?.jobs ?? 0,
    waitingEvents: row?.events ?? 0,
    openRecordings: row?.open ?? 0,
    strayMeetings: row?.stray ?? 0,
    forgedReports: row?.forged ?? 0,
    backwardSteps: row?.steps ?? [],
  };
}

async function readMeetingEnd(
  house: House,
  orgId: string,
  { kind, url }: PlannedMeeting,
  ledgers: z.infer<typeof Ledgers>,
): Promise<MeetingEnd> {
  const recordings = await house.sql<Row & { id: string; meeting_id: string; s3_prefix: string }>(
    `select id, meeting_id, s3_prefix, status, failure_code, outcome, outcome_reason, s3_upload_status,
       s3_upload_error, transcript_status, transcript_error, analysis_status, thumbnail_status,
       s3_file_size_bytes, bot_id is not null as has_bot
     from public.recordings where org_id = $1 and meeting_url = $2`,
    [orgId, url],
  );
  const [recording] = recordings;
  const bots = ledgers.meeting_baas.bots.filter((bot) => bot.meeting_url === url);
  const found = await house.sql<
    { id: string; thumbnail_url: string | null; video_url: string | null }
  >(
    "select id, thumbnail_url, video_url from public.meetings where org_id = $1 and id = any($2)",
    [orgId, recordings.map(({ meeting_id }) => meeting_id)],
  );
  const { id: _, meeting_id: __, s3_prefix: ___, ...state } = recording ?? {};
  return {
    kind,
    recordings: recordings.length,
    bots: bots.length,
    meetings: found.length,
    recording: state,
    attendees: await readTexts(
      house,
      "select concat_ws(' ', name, email) as text from public.meeting_attendees where org_id = $1 and meeting_id = $2 order by 1",
      [orgId, found[0]?.id],
    ),
    transcript: await readTexts(
      house,
      "select concat_ws(': ', speaker_name, text) as text from public.transcript_segments where org_id = $1 and meeting_id = $2 order by seq",
      [orgId, found[0]?.id],
    ),
    hasVideo: found.some(({ video_url }) =>
      video_url === `s3://${house.bucket}/${recording?.s3_prefix}video.mp4`
    ),
    thumbnails: found.filter(({ thumbnail_url }) => thumbnail_url !== null).length,
    objects: recording
      ? await readObjects(house, recording.s3_prefix, bots[0]?.artifacts ?? null)
      : [],
  };
}

async function readTexts(
  house: House,
  query: string,
  parameters: readonly unknown[],
): Promise<string[]> {
  const rows = await house.sql<{ text: string }>(query, parameters);
  // Members have an address of their own in each round
  return rows.map(({ text }) => text.replace(/-[0-9a-f]{8}@house\.test/, "@house.test"));
}

async function readObjects(
  house: House,
  prefix: string,
  artifacts: { video: string | null; audio: string | null } | null,
): Promise<string[]> {
  const storage = openStorage(house);
  const sources = { "video.mp4": artifacts?.video, "audio.flac": artifacts?.audio };
  const objects: string[] = [];
  for (const [name, id] of Object.entries(sources)) {
    const stored = await storage.headObject(`${prefix}${name}`);
    if (stored === null) continue;
    const response = await fetch(await storage.presignGet(`${prefix}${name}`, 60));
    const sha256 = createHash("sha256").update(await response.bytes()).digest("hex");
    const source = id
      ? Checksum.parse(await house.control({ provider: "artifacts", action: "checksum", id }))
      : null;
    const isSame = source?.sha256 === sha256 && source.bytes === stored.bytes;
    objects.push(`${name} ${stored.bytes} ${isSame ? "as at the provider" : "NOT as there"}`);
  }
  return objects;
}

function openStorage(house: House) {
  return createS3Storage({
    readVariable: house.readVariable,
    fetch,
    now: () => new Date(),
    signal: AbortSignal.timeout(60_000),
  });
}
