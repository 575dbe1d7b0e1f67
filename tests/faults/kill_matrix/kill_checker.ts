// What kills may leave behind beside a wrong end: rows that a dead worker holds, transcriptions paid
// for twice, what a person wrote lost.
import type { House } from "../convergence/house.ts";
import type { PlannedRound } from "../convergence/round.ts";

/**
 * Looks for traces that dead workers left.
 *
 * @param house Where.
 * @param round Whose.
 * @returns One line for each.
 */
export async function findKillViolations(house: House, round: PlannedRound): Promise<string[]> {
  return [
    ...await findHeldRows(house, round),
    ...await findDoubledJobs(house, round),
    ...await findDoubledRows(house, round),
    ...await findLostEdits(house, round),
  ];
}

/** After the end nobody works, so nobody may hold anything. */
async function findHeldRows(house: House, { orgId }: PlannedRound): Promise<string[]> {
  const rows = await house.sql<{ what: string; count: number }>(
    `select 'jobs running' as what, count(*)::int as count from private.jobs where org_id = $1 and state = 'running'
     union all
     select 'uploads not ended', count(*)::int from private.recording_uploads
     where org_id = $1 and state not in ('complete', 'failed')
     union all
     select 'reports not ended', count(*)::int from private.webhook_events where org_id = $1 and state = 'received'
     union all
     select 'recordings that say they are uploading', count(*)::int from public.recordings
     where org_id = $1 and s3_upload_status in ('pending', 'uploading', 'retrying')
     union all
     select 'places still held', count(*)::int from pg_stat_activity where application_name like 'held at %'`,
    [orgId],
  );
  return rows.filter(({ count }) => count > 0).map(({ what, count }) => `${what}: ${count}`);
}

interface Ledger {
  readonly gladia: { readonly jobs_per_reference: Readonly<Record<string, number>> };
}

/** The transcriber can be asked whether it has a job already, so it never has two. */
async function findDoubledJobs(house: House, { orgId }: PlannedRound): Promise<string[]> {
  // The simulators' ledger is written by this project
  const { gladia: { jobs_per_reference: counts } } = await house.ledgers() as unknown as Ledger;
  const doubled = Object.keys(counts).filter((reference) => (counts[reference] ?? 0) > 1);
  const rows = await house.sql<{ id: string }>(
    "select id::text as id from private.recording_transcriptions where org_id = $1 and id::text = any($2)",
    [orgId, doubled],
  );
  return rows.map(({ id }) => `transcription ${id} was asked for ${counts[id]} times`);
}

/** Effects in the database, by their business keys; some have no unique key that would say so. */
async function findDoubledRows(house: House, { orgId }: PlannedRound): Promise<string[]> {
  const rows = await house.sql<{ what: string; count: number }>(
    `select 'recordings of a meeting' as what, count(*)::int as count from (
       select from public.recordings where org_id = $1 group by meeting_key having count(*) > 1) as r
     union all
     select 'meetings of a recording', count(*)::int from (
       select from public.meetings where org_id = $1 group by external_id having count(*) > 1) as m
     union all
     select 'segments of a transcript', count(*)::int from (
       select from public.transcript_segments where org_id = $1 group by transcript_id, start_ms, text having count(*) > 1) as s
     union all
     select 'people of a meeting', count(*)::int from (
       select from public.meeting_attendees where org_id = $1 group by meeting_id, email, name having count(*) > 1) as a`,
    [orgId],
  );
  return rows.filter(({ count }) => count > 0).map(({ what, count }) =>
    `doubled ${what}: ${count}`
  );
}

/** What a person wrote stays, whatever arrives once more. */
async function findLostEdits(house: House, { orgId }: PlannedRound): Promise<string[]> {
  const rows = await house.sql<{ title: string }>(
    `select m.title from house.edits as e join public.meetings as m on m.org_id = e.org_id and m.id = e.meeting_id
     where e.org_id = $1 and m.title <> e.title`,
    [orgId],
  );
  return rows.map(({ title }) => `an edited title is ${title} again`);
}

/** A file belongs to the day on which it was stored, once; the sound was stored after midnight. */
export async function findUsageViolations(
  house: House,
  { orgId }: PlannedRound,
): Promise<string[]> {
  const [row] = await house.sql<{ told: string | null; stored: string | null }>(
    `select
       (select round(sum(m.value) * 1073741824) from public.s3_usage_metrics as m
        where m.org_id = $1 and m.metric_type = 'upload_gb')::text as told,
       (select sum(u.source_bytes) from private.recording_uploads as u
        where u.org_id = $1 and u.kind = 'video' and u.state = 'complete')::text as stored`,
    [orgId],
  );
  return row?.told === row?.stored
    ? []
    : [`the day's uploads are ${row?.told} and not ${row?.stored}`];
}
