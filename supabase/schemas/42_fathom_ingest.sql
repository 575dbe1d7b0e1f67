-- Applying a recorded meeting: everything that one delivery says, in one transaction, to the
-- organization that our own connection names and the member who recorded it (U60-054, U60-131).
-- Deliveries come twice, late and in any order. Each field keeps the version of the delivery it came
-- from and takes no older one; a null says nothing and erases nothing.

create table private.fathom_recordings (
  org_id uuid not null references public.organizations (id) on delete restrict,
  recording_id text not null,
  meeting_id uuid,
  content_created_at timestamptz,
  field_versions jsonb not null default '{}',
  transcript_hash text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  primary key (org_id, recording_id),
  foreign key (org_id, meeting_id) references public.meetings (org_id, id) on delete set null (meeting_id)
);
comment on table private.fathom_recordings is
  'What is known of a recording''s deliveries. Outlives its meeting, so that a late delivery does not bring a deleted one back.';
comment on column private.fathom_recordings.org_id is '[class: operational] Organization whose row this is.';
comment on column private.fathom_recordings.recording_id is '[class: operational] Id at Fathom.';
comment on column private.fathom_recordings.meeting_id is '[class: operational] The meeting; null once a person deleted it.';
comment on column private.fathom_recordings.content_created_at is '[class: operational] Latest creation time that a delivery named.';
comment on column private.fathom_recordings.field_versions is '[class: operational] Field to version of the delivery it came from.';
comment on column private.fathom_recordings.transcript_hash is '[class: operational] Hash of the transcript that is stored; the same one is not written again.';
comment on column private.fathom_recordings.created_at is '[class: operational] When the row was made.';
comment on column private.fathom_recordings.updated_at is '[class: operational] Last change of the row.';
create index fathom_recordings_org_id_meeting_id_idx on private.fathom_recordings (org_id, meeting_id);

create trigger touch_updated_at before update on private.fathom_recordings
for each row execute function private.touch_updated_at();

alter table private.fathom_recordings enable row level security;
alter table private.fathom_recordings force row level security;
revoke all on table private.fathom_recordings from anon, authenticated, service_role;

create function private.find_recorder(p_org_id uuid, p_email text)
returns uuid
language plpgsql stable security definer set search_path = ''
as $$
declare
  v_user_id uuid;
begin
  select c.user_id into v_user_id
  from private.fathom_connections as c
  join public.organization_members as m on m.org_id = c.org_id and m.user_id = c.user_id
  where c.org_id = p_org_id and c.recorder_email = p_email
    and c.status = 'active' and m.status = 'active';
  if v_user_id is null then
    select m.user_id into v_user_id
    from public.profiles as p
    join public.organization_members as m on m.user_id = p.id
    where p.email = p_email and m.org_id = p_org_id and m.status = 'active'
    order by m.user_id
    limit 1;
  end if;
  return v_user_id;
end;
$$;
comment on function private.find_recorder(uuid, text) is
  'The active member who recorded under this address: by connection, else by verified address. Definer, granted to nobody.';

create function private.recording_version(
  p_content_created_at timestamptz, p_headers jsonb, p_event_id uuid
)
returns text
language plpgsql immutable set search_path = ''
as $$
begin
  -- Sorts as text: when the content was made, then when it was sent, then when it arrived.
  return concat_ws(
    '/',
    coalesce(to_char(p_content_created_at at time zone 'UTC', 'YYYYMMDDHH24MISSUS'), '0'),
    lpad(coalesce(p_headers ->> 'webhook-timestamp', '0'), 12, '0'),
    p_event_id
  );
end;
$$;
comment on function private.recording_version(timestamptz, jsonb, uuid) is
  'Orders the deliveries of one recording, whatever order they arrive in; ids of the inbox follow time.';

create function private.ingest_fathom_meeting(p_event_id uuid, p_meeting jsonb)
returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  v_event private.webhook_events;
  v_connection private.fathom_connections;
  v_recording private.fathom_recordings;
  v_owner_id uuid;
  v_version text;
  v_fresh text[];
  v_is_new boolean;
begin
  -- The lock makes two workers that hold the same event take turns.
  select e.* into v_event from private.webhook_events as e
  where e.id = p_event_id and e.provider = 'fathom'
  for update;
  if not found then
    raise sqlstate 'PT404' using message = 'not_found';
  end if;
  perform private.set_actor('webhook', 'fathom', v_event.request_id);

  select c.* into v_connection
  from private.fathom_connections as c
  join public.organization_members as m on m.org_id = c.org_id and m.user_id = c.user_id
  where c.id::text = split_part(v_event.event_id, ':', 1) and c.status = 'active' and m.status = 'active';
  if not found then
    return jsonb_build_object('outcome', 'not_connected');
  end if;
  update private.webhook_events as e set org_id = v_connection.org_id
  where e.id = p_event_id and e.org_id is distinct from v_connection.org_id;

  v_owner_id := private.find_recorder(v_connection.org_id, p_meeting ->> 'recorder_email');
  if v_owner_id is null or (v_connection.covers = 'own' and v_owner_id <> v_connection.user_id) then
    return jsonb_build_object('outcome', 'recorder_unknown', 'org_id', v_connection.org_id);
  end if;

  insert into private.fathom_recordings (org_id, recording_id)
  values (v_connection.org_id, p_meeting ->> 'recording_id')
  on conflict (org_id, recording_id) do nothing;
  v_is_new := found;
  select r.* into v_recording from private.fathom_recordings as r
  where r.org_id = v_connection.org_id and r.recording_id = p_meeting ->> 'recording_id'
  for update;
  if v_recording.meeting_id is null and not v_is_new then
    return jsonb_build_object('outcome', 'deleted', 'org_id', v_connection.org_id);
  end if;

  v_recording.content_created_at := greatest(
    v_recording.content_created_at, (p_meeting ->> 'content_created_at')::timestamptz
  );
  v_version := private.recording_version(
    coalesce((p_meeting ->> 'content_created_at')::timestamptz, v_recording.content_created_at),
    v_event.headers, v_event.id
  );
  select coalesce(array_agg(f.key), '{}') into v_fresh
  from jsonb_each(p_meeting) as f
  where f.value <> 'null'
    and v_version collate "C" > coalesce(v_recording.field_versions ->> f.key, '') collate "C";
  if v_fresh = '{}' and v_recording.meeting_id is not null then
    return jsonb_build_object(
      'outcome', 'unchanged', 'org_id', v_connection.org_id, 'meeting_id', v_recording.meeting_id
    );
  end if;

  v_recording := private.apply_recorded_meeting(v_recording, v_owner_id, p_meeting, v_fresh, v_event.received_at);
  update private.fathom_recordings as r
  set meeting_id = v_recording.meeting_id, content_created_at = v_recording.content_created_at,
    transcript_hash = v_recording.transcript_hash,
    field_versions = v_recording.field_versions
      || (select coalesce(jsonb_object_agg(f, v_version), '{}') from unnest(v_fresh) as f)
  where r.org_id = v_recording.org_id and r.recording_id = v_recording.recording_id;
  return jsonb_build_object(
    'outcome', case when v_is_new then 'created' else 'updated' end,
    'org_id', v_connection.org_id, 'meeting_id', v_recording.meeting_id
  );
end;
$$;
comment on function private.ingest_fathom_meeting(uuid, jsonb) is
  'Applies one stored delivery: {outcome: created | updated | unchanged | deleted | recorder_unknown | not_connected}. Repeating it changes nothing. Definer: meetings of a source are nobody''s to write.';

create function private.apply_recorded_meeting(
  p_recording private.fathom_recordings,
  p_owner_id uuid,
  p_meeting jsonb,
  p_fresh text[],
  p_received_at timestamptz
)
returns private.fathom_recordings
language plpgsql security definer set search_path = ''
as $$
declare
  v_meeting public.meetings;
  v_is_new boolean := false;
begin
  insert into public.meetings (org_id, owner_user_id, source_type, external_id, title, started_at)
  values (
    p_recording.org_id, p_owner_id, 'fathom', p_recording.recording_id,
    coalesce(p_meeting ->> 'title', p_meeting ->> 'fallback_title', 'Untitled meeting'),
    coalesce((p_meeting ->> 'started_at')::timestamptz, p_received_at)
  )
  on conflict on constraint meetings_are_recorded_once do nothing
  returning * into v_meeting;
  v_is_new := found;
  if not v_is_new then
    -- The owner stays: a meeting may have been handed over since.
    select m.* into v_meeting from public.meetings as m
    where m.org_id = p_recording.org_id and m.source_type = 'fathom'
      and m.external_id = p_recording.recording_id
    for update;
  end if;
  p_recording.meeting_id := v_meeting.id;

  update public.meetings as m
  set title = n.title, started_at = n.started_at,
    ended_at = case when n.ended_at >= n.started_at then n.ended_at end,
    scheduled_start_at = n.scheduled_start, scheduled_end_at = n.scheduled_end,
    summary = n.summary, language = n.language, share_url = n.share_url, video_url = n.video_url
  from (
    select
      coalesce(
        f.title,
        case when p_recording.field_versions ? 'title' then v_meeting.title else f.fallback_title end,
        v_meeting.title
      ) as title,
      coalesce(f.started_at, v_meeting.started_at) as started_at,
      coalesce(f.ended_at, v_meeting.ended_at) as ended_at,
      coalesce(f.scheduled_start, v_meeting.scheduled_start_at) as scheduled_start,
      coalesce(f.scheduled_end, v_meeting.scheduled_end_at) as scheduled_end,
      coalesce(f.summary, v_meeting.summary) as summary,
      coalesce(f.language, v_meeting.language) as language,
      coalesce(f.share_url, v_meeting.share_url) as share_url,
      coalesce(f.video_url, v_meeting.video_url) as video_url
    from jsonb_to_record(
      (select coalesce(jsonb_object_agg(e.key, e.value), '{}')
       from jsonb_each(p_meeting) as e where e.key = any(p_fresh))
    ) as f (
      title text, fallback_title text, started_at timestamptz, ended_at timestamptz,
      scheduled_start timestamptz, scheduled_end timestamptz, summary text, language text, share_url text, video_url text
    )
  ) as n
  where m.org_id = v_meeting.org_id and m.id = v_meeting.id
    and (
      m.title, m.started_at, m.ended_at, m.scheduled_start_at, m.scheduled_end_at, m.summary,
      m.language, m.share_url, m.video_url
    ) is distinct from (
      n.title, n.started_at, n.ended_at, n.scheduled_start, n.scheduled_end, n.summary,
      n.language, n.share_url, n.video_url
    );

  if 'attendees' = any(p_fresh) then
    perform private.replace_attendees(v_meeting, p_meeting -> 'attendees');
  end if;
  if 'action_items' = any(p_fresh) then
    perform private.replace_action_items(v_meeting, p_meeting -> 'action_items');
  end if;
  if 'transcript' = any(p_fresh)
    and p_recording.transcript_hash is distinct from md5((p_meeting -> 'transcript')::text)
  then
    perform private.replace_transcript(v_meeting, p_meeting ->> 'language', p_meeting -> 'transcript');
    p_recording.transcript_hash := md5((p_meeting -> 'transcript')::text);
  end if;
  perform private.link_recorded_meeting(v_meeting.org_id, v_meeting.id);
  return p_recording;
end;
$$;
comment on function private.apply_recorded_meeting(private.fathom_recordings, uuid, jsonb, text[], timestamptz) is
  'Creates or changes the meeting of a recording, taking the fresh fields only. Definer, granted to nobody.';

create function private.replace_attendees(p_meeting public.meetings, p_attendees jsonb)
returns void
language plpgsql security definer set search_path = ''
as $$
begin
  delete from public.meeting_attendees as a
  where a.org_id = p_meeting.org_id and a.meeting_id = p_meeting.id and a.origin = 'external_provider'
    and not exists (
      select from jsonb_to_recordset(p_attendees) as n (name text, email text)
      where (n.name, n.email) is not distinct from (a.name, a.email)
    );
  insert into public.meeting_attendees as a (
    org_id, meeting_id, owner_user_id, name, email, is_external, is_organizer, contact_id
  )
  select p_meeting.org_id, p_meeting.id, p_meeting.owner_user_id, n.name, n.email,
    coalesce(n.is_external, false), coalesce(n.is_organizer, false), c.id
  from jsonb_to_recordset(p_attendees) as n (
    name text, email text, is_external boolean, is_organizer boolean
  )
  left join lateral (
    -- Of several contacts with one address, the owner's own comes first.
    select k.id
    from public.contacts as k
    where k.org_id = p_meeting.org_id and k.email = n.email
    order by k.user_id <> p_meeting.owner_user_id, k.created_at, k.id
    limit 1
  ) as c on true
  on conflict on constraint meeting_attendees_are_listed_once do update
  set is_external = excluded.is_external, is_organizer = excluded.is_organizer,
    contact_id = coalesce(a.contact_id, excluded.contact_id)
  where (a.is_external, a.is_organizer, a.contact_id)
    is distinct from (excluded.is_external, excluded.is_organizer, coalesce(a.contact_id, excluded.contact_id));
end;
$$;
comment on function private.replace_attendees(public.meetings, jsonb) is
  'Makes the list of attendees what the source says, leaving what members added. Definer, granted to nobody.';

create function private.replace_action_items(p_meeting public.meetings, p_items jsonb)
returns void
language plpgsql security definer set search_path = ''
as $$
declare
  v_completed text[];
begin
  -- Done is done: an item that a member ticked off stays so, wherever it moves.
  select coalesce(array_agg(i.description), '{}') into v_completed
  from public.meeting_action_items as i
  where i.org_id = p_meeting.org_id and i.meeting_id = p_meeting.id and i.is_completed;

  delete from public.meeting_action_items as i
  where i.org_id = p_meeting.org_id and i.meeting_id = p_meeting.id and i.origin = 'external_provider'
    and not exists (
      select from jsonb_to_recordset(p_items) as n (seq integer, description text)
      where n.seq + 1 = i.seq and left(n.description, 5000) = i.description
    );
  insert into public.meeting_action_items as i (
    org_id, meeting_id, owner_user_id, seq, description, assignee_name, assignee_email,
    is_completed, recorded_at_ms, playback_url
  )
  select p_meeting.org_id, p_meeting.id, p_meeting.owner_user_id, n.seq + 1,
    left(n.description, 5000), n.assignee_name, n.assignee_email,
    n.completed or left(n.description, 5000) = any(v_completed), n.start_ms, n.playback_url
  from jsonb_to_recordset(p_items) as n (
    seq integer, description text, completed boolean, assignee_name text, assignee_email text,
    start_ms integer, playback_url text
  )
  on conflict on constraint meeting_action_items_are_numbered do update
  set assignee_name = excluded.assignee_name, assignee_email = excluded.assignee_email,
    is_completed = excluded.is_completed, recorded_at_ms = excluded.recorded_at_ms,
    playback_url = excluded.playback_url
  where i.origin = 'external_provider'
    and (i.assignee_name, i.assignee_email, i.is_completed, i.recorded_at_ms, i.playback_url)
    is distinct from (
      excluded.assignee_name, excluded.assignee_email, excluded.is_completed,
      excluded.recorded_at_ms, excluded.playback_url
    );
end;
$$;
comment on function private.replace_action_items(public.meetings, jsonb) is
  'Makes the list of action items what the source says, keeping what was ticked off. Definer, granted to nobody.';

create function private.replace_transcript(p_meeting public.meetings, p_language text, p_segments jsonb)
returns void
language plpgsql security definer set search_path = ''
as $$
declare
  v_transcript_id uuid;
begin
  insert into public.transcripts as t (org_id, meeting_id, owner_user_id, language, segment_count)
  values (
    p_meeting.org_id, p_meeting.id, p_meeting.owner_user_id, p_language, jsonb_array_length(p_segments)
  )
  on conflict on constraint transcripts_one_per_meeting do update
  set language = coalesce(excluded.language, t.language), segment_count = excluded.segment_count
  returning t.id into v_transcript_id;

  delete from public.transcript_segments as s
  where s.org_id = p_meeting.org_id and s.transcript_id = v_transcript_id;
  -- Stored means searchable: the index column is part of the row.
  insert into public.transcript_segments (
    org_id, transcript_id, meeting_id, owner_user_id, seq, speaker_name, speaker_email, start_ms, end_ms, text
  )
  select p_meeting.org_id, v_transcript_id, p_meeting.id, p_meeting.owner_user_id, n.seq + 1,
    n.speaker_name, n.speaker_email,
    -- A line without a time was said no earlier than the one before it.
    coalesce(n.start_ms, max(n.start_ms) over (order by n.seq), 0),
    case when n.end_ms >= n.start_ms then n.end_ms end, n.text
  from jsonb_to_recordset(p_segments) as n (
    seq integer, speaker_name text, speaker_email text, start_ms integer, end_ms integer, text text
  );
end;
$$;
comment on function private.replace_transcript(public.meetings, text, jsonb) is
  'Makes the transcript what the source says, searchable when the transaction commits. Definer, granted to nobody.';

create function private.link_recorded_meeting(p_org_id uuid, p_meeting_id uuid)
returns void
language plpgsql security definer set search_path = ''
as $$
begin
  -- The owner's event at the scheduled time, give or take what rounding does: by title, or the only one.
  update public.meetings as m
  set calendar_event_id = e.id
  from (
    select c.id, count(*) over () as candidates, lower(c.title) = lower(r.title) as has_title
    from public.meetings as r
    join public.calendar_events as c on c.org_id = r.org_id and c.user_id = r.owner_user_id
      and c.start_time between r.scheduled_start_at - interval '1 minute' and r.scheduled_start_at + interval '1 minute'
      and c.status <> 'cancelled'
    where r.org_id = p_org_id and r.id = p_meeting_id
    order by lower(c.title) = lower(r.title) desc nulls last, c.attendees_count desc, c.id
    limit 1
  ) as e
  where m.org_id = p_org_id and m.id = p_meeting_id and m.calendar_event_id is null
    and (e.has_title or e.candidates = 1);

  update public.meetings as m
  set company_id = k.company_id
  from (
    select min(c.company_id::text)::uuid as company_id
    from public.meeting_attendees as a
    join public.contacts as c on c.org_id = a.org_id and c.id = a.contact_id
    where a.org_id = p_org_id and a.meeting_id = p_meeting_id
    having count(distinct c.company_id) = 1
  ) as k
  where m.org_id = p_org_id and m.id = p_meeting_id and m.company_id is null;
end;
$$;
comment on function private.link_recorded_meeting(uuid, uuid) is
  'Finds the calendar event a recording was planned as, and the one company it was held with. Definer, granted to nobody.';

create function public.ingest_fathom_meeting(p_event_id uuid, p_meeting jsonb)
returns jsonb
language plpgsql security invoker set search_path = ''
as $$
begin
  return private.ingest_fathom_meeting(p_event_id, p_meeting);
end;
$$;
comment on function public.ingest_fathom_meeting(uuid, jsonb) is
  'Applies one stored delivery of a recording. Service only. Raises not_found.';
grant execute on function
  private.ingest_fathom_meeting(uuid, jsonb), public.ingest_fathom_meeting(uuid, jsonb)
to service_role;
