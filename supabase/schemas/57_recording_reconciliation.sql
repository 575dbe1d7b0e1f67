-- What the world forgot: every five minutes a sweep looks for recordings with a part that nobody is
-- working on any more, takes it up again a few times and then ends it with a reason; asks for bots that
-- have gone silent; and has erased what a person deleted. However much goes wrong elsewhere, this is why
-- each recording ends in one final, explained state.

create table private.recording_checks (
  org_id uuid not null,
  recording_id uuid not null,
  next_check_at timestamptz not null,
  checks integer not null default 0,
  misses integer not null default 0,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  primary key (org_id, recording_id),
  foreign key (org_id, recording_id) references public.recordings (org_id, id) on delete cascade,
  constraint recording_checks_are_counted check (checks >= 0 and misses between 0 and checks)
);
comment on table private.recording_checks is 'Bots that went silent, and when the provider may be asked about them again.';
comment on column private.recording_checks.org_id is '[class: operational] Organization whose row this is.';
comment on column private.recording_checks.recording_id is '[class: operational] The recording.';
comment on column private.recording_checks.next_check_at is '[class: operational] Not before this; set when a check is claimed, so that two sweeps ask once.';
comment on column private.recording_checks.checks is '[class: operational] How often the provider was asked.';
comment on column private.recording_checks.misses is '[class: operational] How often it did not answer, in a row.';
comment on column private.recording_checks.created_at is '[class: operational] When the row was made.';
comment on column private.recording_checks.updated_at is '[class: operational] Last change of the row.';

create trigger touch_updated_at before update on private.recording_checks
for each row execute function private.touch_updated_at();

alter table private.recording_checks enable row level security;
alter table private.recording_checks force row level security;
revoke all on table private.recording_checks from anon, authenticated, service_role;

-- What is not stored although the bot is done: looked at again before the provider throws it away.
create index recordings_not_stored_idx on public.recordings (org_id, ended_at)
where deleted_at is null and s3_upload_status in ('pending', 'uploading', 'failed');

create function private.recording_ends_at(p_recording public.recordings)
returns timestamptz
language plpgsql immutable set search_path = ''
as $$
begin
  return coalesce(p_recording.ended_at, p_recording.scheduled_end_at, p_recording.scheduled_start_at + interval '1 hour');
end;
$$;
comment on function private.recording_ends_at(public.recordings) is
  'When the meeting of a recording ended or was to end; an hour where nobody said.';

create function private.find_lost_parts(p_limit integer)
returns table (org_id uuid, recording_id uuid, part text)
language plpgsql stable security definer set search_path = ''
as $$
begin
  -- "not in" a list that stands alone is looked up by hash, however wrong the guess of its length.
  return query
  with open as (
    select r.* from public.recordings as r
    -- What was written just now may have its work written in the next moment.
    where r.outcome is null and r.deleted_at is null and r.updated_at < clock_timestamp() - interval '2 minutes'
  ),
  live as (
    select j.kind, (j.payload ->> 'recording_id')::uuid as recording_id from private.jobs as j
    where j.state in ('ready', 'running') and j.payload ->> 'recording_id' is not null
      and j.kind in ('recording.deploy', 'recording.transcribe', 'recording.analyze', 'recording.thumbnail')
  ),
  lost as (
    select o.org_id, o.id, o.updated_at, 'bot' as part from open as o
    where o.status in ('scheduled', 'deploying') and o.bot_id is null
      and (
        private.recording_ends_at(o) < clock_timestamp() - interval '1 day'
        or o.id not in (select l.recording_id from live as l where l.kind = 'recording.deploy')
      )
    union all
    select o.org_id, o.id, o.updated_at, 'upload' from open as o
    where o.status = 'completed' and o.s3_upload_status is distinct from 'complete'
      and case
        when exists (select from private.recording_uploads as u where u.org_id = o.org_id and u.recording_id = o.id)
          then not exists (
            select from private.recording_uploads as u
            where u.org_id = o.org_id and u.recording_id = o.id and u.state <> 'complete'
          )
        else o.s3_upload_status in ('pending', 'uploading') or o.s3_upload_status is null and exists (
          select from private.recording_sources as s
          where s.org_id = o.org_id and s.recording_id = o.id and s.kind in ('video', 'audio')
        )
      end
    union all
    select o.org_id, o.id, o.updated_at, 'transcript' from open as o
    where o.transcript_status in ('pending', 'processing')
      and not exists (
        select from private.recording_transcriptions as t
        where t.org_id = o.org_id and t.recording_id = o.id and t.next_poll_at is not null
      )
      and o.id not in (select l.recording_id from live as l where l.kind = 'recording.transcribe')
    union all
    select o.org_id, o.id, o.updated_at, 'analysis' from open as o
    where o.transcript_status = 'complete' and o.analysis_status = 'pending'
      and o.id not in (select l.recording_id from live as l where l.kind = 'recording.analyze')
    union all
    select o.org_id, o.id, o.updated_at, 'thumbnail' from open as o
    where o.thumbnail_status = 'pending'
      and o.id not in (select l.recording_id from live as l where l.kind = 'recording.thumbnail')
    union all
    select o.org_id, o.id, o.updated_at, 'sync' from open as o
    join public.meetings as m on m.org_id = o.org_id and m.id = o.meeting_id
    where o.s3_upload_status = 'complete'
      and (
        (m.video_url, m.audio_url) is distinct from (o.s3_video_url, o.s3_audio_url)
        or o.s3_video_url is not null and o.thumbnail_status is null
      )
    union all
    select o.org_id, o.id, o.updated_at, 'outcome' from open as o
    where o.status in ('completed', 'failed', 'cancelled') and private.recording_outcome(row(o.*)::public.recordings) is not null
  )
  select l.org_id, l.id, l.part from lost as l
  order by l.updated_at, l.id
  limit least(greatest(coalesce(p_limit, 500), 1), 2000);
end;
$$;
comment on function private.find_lost_parts(integer) is
  'Parts of open recordings that wait for work which is in no table, longest first. Definer, granted to nobody.';

create function private.count_restarts(p_recording public.recordings, p_part text)
returns integer
language plpgsql stable security definer set search_path = ''
as $$
begin
  return (
    select count(*)::integer from public.recording_events as e
    where e.org_id = p_recording.org_id and e.recording_id = p_recording.id
      and e.kind = 'reconcile' and e.code = p_part || '_restarted'
      -- A person who asks again is given all of it again.
      and e.id > coalesce(
        (
          select max(p.id::text)::uuid from public.recording_events as p
          where p.org_id = p_recording.org_id and p.recording_id = p_recording.id
            and p.kind = 'person' and p.code = 'retried'
        ),
        '00000000-0000-0000-0000-000000000000'
      )
  );
end;
$$;
comment on function private.count_restarts(public.recordings, text) is
  'How often the sweep has taken a part up again since a person last asked for it. Definer, granted to nobody.';

create function private.give_up_bot(p_recording public.recordings, p_code text)
returns void
language plpgsql security definer set search_path = ''
as $$
begin
  -- A bot that turns up after all still completes it: failed leads to completed.
  update public.recordings as r set status = 'failed', failure_code = p_code
  where r.org_id = p_recording.org_id and r.id = p_recording.id
    and r.status not in ('completed', 'failed', 'cancelled');
  perform private.note_recording_event(p_recording, 'reconcile', 'bot_given_up', jsonb_build_object('error', p_code));
end;
$$;
comment on function private.give_up_bot(public.recordings, text) is
  'Ends the wait for the bot of a locked recording, with the reason. Definer, granted to nobody.';

create function private.give_up_part(p_recording public.recordings, p_part text)
returns void
language plpgsql security definer set search_path = ''
as $$
begin
  if p_part = 'bot' then
    perform private.give_up_bot(p_recording, 'deploy_lost');
    return;
  end if;
  update public.recordings as r
  set transcript_status = case p_part when 'transcript' then 'failed' else r.transcript_status end,
    transcript_error = case p_part when 'transcript' then 'transcript_lost' else r.transcript_error end,
    analysis_status = case p_part when 'analysis' then 'failed' else r.analysis_status end,
    analysis_error = case p_part when 'analysis' then 'analysis_lost' else r.analysis_error end,
    thumbnail_status = case p_part when 'thumbnail' then 'failed' else r.thumbnail_status end,
    thumbnail_error = case p_part when 'thumbnail' then 'thumbnail_lost' else r.thumbnail_error end
  where r.org_id = p_recording.org_id and r.id = p_recording.id;
  perform private.note_recording_event(p_recording, 'reconcile', p_part || '_given_up');
end;
$$;
comment on function private.give_up_part(public.recordings, text) is
  'Ends a part that was taken up again often enough, with a reason of its own. Definer, granted to nobody.';

create function private.restart_part(p_recording public.recordings, p_part text)
returns void
language plpgsql security definer set search_path = ''
as $$
begin
  perform private.note_recording_event(p_recording, 'reconcile', p_part || '_restarted');
  case p_part
    when 'bot' then
      perform private.enqueue_deployment(p_recording);
    when 'transcript' then
      -- From the beginning: what is left of the last try leads nowhere.
      update public.recordings as r set transcript_status = 'failed', transcript_error = 'transcript_lost'
      where r.org_id = p_recording.org_id and r.id = p_recording.id;
      perform private.start_transcription(p_recording.org_id, p_recording.id);
    when 'analysis' then
      update public.recordings as r set analysis_status = 'failed', analysis_error = 'analysis_lost'
      where r.org_id = p_recording.org_id and r.id = p_recording.id
      returning r.* into p_recording;
      perform private.reopen_analysis(p_recording);
    when 'thumbnail' then
      perform private.request_thumbnail(p_recording);
  end case;
end;
$$;
comment on function private.restart_part(public.recordings, text) is
  'Takes a part of a locked recording up again. Definer, granted to nobody.';

create function private.heal_recording(p_org_id uuid, p_recording_id uuid, p_part text)
returns text
language plpgsql security definer set search_path = ''
as $$
declare
  c_restarts constant integer := 3;
  v_recording constant public.recordings := private.lock_recording(p_org_id, p_recording_id);
  v_did text := p_part || '_restarted';
begin
  if v_recording.id is null then
    return null;
  end if;
  if p_part = 'upload' then
    perform private.start_recording_uploads(p_org_id, p_recording_id);
    -- Where its files are there already, only the sum was missing.
    perform private.refresh_recording_upload(p_org_id, p_recording_id);
    perform private.note_recording_event(v_recording, 'reconcile', v_did);
  elsif p_part = 'sync' then
    perform private.sync_recording(p_org_id, p_recording_id);
    v_did := 'synced';
    perform private.note_recording_event(v_recording, 'reconcile', v_did);
  elsif p_part = 'outcome' then
    v_did := 'settled';
  elsif p_part = 'bot' and private.recording_ends_at(v_recording) < clock_timestamp() then
    perform private.give_up_bot(v_recording, 'too_late');
    v_did := 'bot_given_up';
  elsif private.count_restarts(v_recording, p_part) >= c_restarts then
    perform private.give_up_part(v_recording, p_part);
    v_did := p_part || '_given_up';
  else
    perform private.restart_part(v_recording, p_part);
  end if;
  perform private.settle_recording(p_org_id, p_recording_id);
  return v_did;
end;
$$;
comment on function private.heal_recording(uuid, uuid, text) is
  'Takes a lost part up again, three times at most, and then ends it with a reason; says which. Definer, granted to nobody.';

create function private.give_up_silent_bots(p_retention interval)
returns integer
language plpgsql security definer set search_path = ''
as $$
declare
  v_recording public.recordings;
  v_given_up integer := 0;
begin
  -- By then the provider has thrown away whatever there was.
  for v_recording in
    select r.* from public.recordings as r
    where r.outcome is null and r.deleted_at is null
      and r.status in ('joining', 'waiting_room', 'joined', 'recording', 'ended')
      and private.recording_ends_at(r) < clock_timestamp() - p_retention - interval '1 day'
    limit 200
    for update skip locked
  loop
    perform private.give_up_bot(v_recording, 'bot_lost');
    perform private.settle_recording(v_recording.org_id, v_recording.id);
    v_given_up := v_given_up + 1;
  end loop;
  return v_given_up;
end;
$$;
comment on function private.give_up_silent_bots(interval) is
  'Ends recordings whose bot could not be asked about until the provider keeps nothing of it any more. Definer, granted to nobody.';

create function private.rescue_expiring(p_retention interval)
returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  v_recording public.recordings;
  v_rescued jsonb := '[]'::jsonb;
begin
  for v_recording in
    select r.* from public.recordings as r
    where r.deleted_at is null and r.s3_upload_status in ('pending', 'uploading', 'failed')
      and private.recording_ends_at(r) between clock_timestamp() - p_retention
        and clock_timestamp() - p_retention + least(interval '24 hours', p_retention / 2)
      and not exists (
        select from public.recording_events as e
        where e.org_id = r.org_id and e.recording_id = r.id
          and e.kind = 'reconcile' and e.code = 'provider_data_expires'
      )
    order by r.ended_at
    limit 200
    for update skip locked
  loop
    perform private.note_recording_event(
      v_recording, 'reconcile', 'provider_data_expires',
      jsonb_build_object('at', private.recording_ends_at(v_recording) + p_retention, 'upload', v_recording.s3_upload_status)
    );
    -- Also what had been given up: this is the last day on which it can work.
    perform private.retry_recording_upload(v_recording.org_id, v_recording.id);
    -- Those that are due go to the head of the queue.
    update private.recording_uploads as u set next_attempt_at = clock_timestamp() - p_retention
    where u.org_id = v_recording.org_id and u.recording_id = v_recording.id and u.state = 'pending';
    v_rescued := v_rescued || jsonb_build_object('org_id', v_recording.org_id, 'recording_id', v_recording.id);
  end loop;
  return v_rescued;
end;
$$;
comment on function private.rescue_expiring(interval) is
  'Tries once more to store what the provider is about to throw away; gives those recordings, for somebody to look at. Definer, granted to nobody.';

create function private.sweep_recordings(p_retention_days integer, p_limit integer)
returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  v_retention constant interval := make_interval(days => greatest(p_retention_days, 1));
  v_lost record;
  v_recording public.recordings;
  v_healed_id uuid;
  v_did text;
  v_counts jsonb := '{}'::jsonb;
  v_erasures integer;
begin
  -- Of two at once the second would take up what the first just did.
  if not pg_try_advisory_xact_lock(hashtextextended('sweep_recordings', 0)) then
    return jsonb_build_object('counts', jsonb_build_object('sweeps_skipped', 1), 'expiring', '[]'::jsonb);
  end if;
  perform private.set_actor('job', 'reconcile-recordings', private.request_id());
  perform set_config('sixty.wakes_once', 'yes', true);
  for v_lost in select f.org_id, f.recording_id, f.part from private.find_lost_parts(p_limit) as f loop
    v_recording := private.lock_recording(v_lost.org_id, v_lost.recording_id);
    v_did := null;
    -- Whoever changed it since it was found has looked after it, unless that was this very sweep.
    if v_recording.id = v_healed_id or v_recording.updated_at < clock_timestamp() - interval '2 minutes' then
      v_did := private.heal_recording(v_lost.org_id, v_lost.recording_id, v_lost.part);
      v_healed_id := v_recording.id;
    end if;
    if v_did is not null then
      v_counts := v_counts || jsonb_build_object(v_did, coalesce((v_counts ->> v_did)::integer, 0) + 1);
    end if;
  end loop;
  -- What a person deleted is erased, however often it does not work.
  select count(*) into v_erasures
  from (
    select private.redrive_job(j.id) as is_redriven from private.jobs as j
    where j.kind = 'recording.erase' and j.state = 'dead' and j.finished_at < clock_timestamp() - interval '1 hour'
  ) as d
  where d.is_redriven;
  return jsonb_build_object(
    'counts', v_counts || jsonb_build_object(
      'bots_lost', private.give_up_silent_bots(v_retention), 'erasures_restarted', v_erasures
    ),
    'expiring', private.rescue_expiring(v_retention)
  );
end;
$$;
comment on function private.sweep_recordings(integer, integer) is
  'One sweep over all that needs nobody outside: {counts: {what was done: how often}, expiring: [{org_id, recording_id}]}. One at a time; a second one at once does nothing. Definer: recordings of all organizations.';

create function private.claim_recordings_to_check(p_limit integer, p_pause_seconds integer)
returns table (org_id uuid, recording_id uuid, bot_id text, status text)
language plpgsql security definer set search_path = ''
as $$
begin
  return query
  with silent as (
    select r.org_id, r.id, r.bot_id, r.status
    from public.recordings as r
    left join private.recording_checks as c on c.org_id = r.org_id and c.recording_id = r.id
    where r.outcome is null and r.deleted_at is null
      -- Without a bot that we know of there may be one all the same: the answer to its creation got lost.
      and (r.bot_id is not null or r.deploy_attempts > 0)
      and coalesce(c.next_check_at, '-infinity') <= clock_timestamp()
      and case
        when r.status in ('deploying', 'joining', 'waiting_room')
          then r.scheduled_start_at < clock_timestamp() - interval '10 minutes'
        when r.status in ('joined', 'recording')
          then private.recording_ends_at(r) < clock_timestamp() - interval '15 minutes'
            or coalesce(r.joined_at, r.recording_started_at) < clock_timestamp() - interval '4 hours'
        when r.status = 'ended' then r.updated_at < clock_timestamp() - interval '10 minutes'
        else false
      end
    order by coalesce(c.next_check_at, r.scheduled_start_at)
    limit least(greatest(p_limit, 1), 500)
    for update of r skip locked
  ),
  noted as (
    insert into private.recording_checks as c (org_id, recording_id, next_check_at, checks)
    select s.org_id, s.id, clock_timestamp() + make_interval(secs => p_pause_seconds), 1 from silent as s
    on conflict on constraint recording_checks_pkey do update
    set next_check_at = excluded.next_check_at, checks = c.checks + 1
    -- Another sweep may have asked since this one looked.
    where c.next_check_at <= clock_timestamp()
    returning c.org_id, c.recording_id
  )
  select s.org_id, s.id, s.bot_id, s.status
  from silent as s
  join noted as n on n.org_id = s.org_id and n.recording_id = s.id;
end;
$$;
comment on function private.claim_recordings_to_check(integer, integer) is
  'Bots without news for longer than a meeting explains, each to one sweep and not again before the pause is over; without bot_id where only the provider can know of one. Definer: recordings of all organizations.';

create function private.note_recording_check(p_org_id uuid, p_recording_id uuid, p_status_before text, p_error text)
returns boolean
language plpgsql security definer set search_path = ''
as $$
declare
  v_recording constant public.recordings := private.lock_recording(p_org_id, p_recording_id);
  v_misses integer;
begin
  if v_recording.id is null then
    return false;
  end if;
  update private.recording_checks as c set misses = case when p_error is null then 0 else c.misses + 1 end
  where c.org_id = p_org_id and c.recording_id = p_recording_id
  returning c.misses into v_misses;
  if p_error is not null and v_misses = 1 then
    perform private.note_recording_event(v_recording, 'reconcile', 'bot_not_reached', jsonb_build_object('error', p_error));
  elsif p_error is null and v_recording.status <> p_status_before then
    perform private.note_recording_event(
      v_recording, 'reconcile', 'bot_moved', jsonb_build_object('from', p_status_before, 'to', v_recording.status)
    );
  end if;
  return v_recording.status <> p_status_before;
end;
$$;
comment on function private.note_recording_check(uuid, uuid, text, text) is
  'Writes down what asking about a bot came to; true when it moved the recording. Definer: recordings are nobody''s to write.';

create function private.read_erasure(p_org_id uuid, p_recording_id uuid)
returns jsonb
language plpgsql stable security definer set search_path = ''
as $$
begin
  return (
    select jsonb_build_object(
      'prefix', r.s3_prefix, 'bot_id', r.bot_id, 'was_deployed', r.deploy_attempts > 0,
      'deleted_at', r.deleted_at,
      -- A worker that still holds a lease may write what was just erased.
      'leased_until', (
        select max(u.leased_until) from private.recording_uploads as u
        where u.org_id = r.org_id and u.recording_id = r.id and u.leased_until > clock_timestamp()
      )
    )
    from public.recordings as r
    where r.org_id = p_org_id and r.id = p_recording_id and r.deleted_at is not null
  );
end;
$$;
comment on function private.read_erasure(uuid, uuid) is
  'What is left to erase of a recording that a person deleted; null when it was not. Definer: as above.';

-- Nothing writes it when an event is accepted: whose it is turns out later.
create index webhook_events_org_id_idx on private.webhook_events (org_id) where org_id is not null;

create function private.finish_erasure(p_org_id uuid, p_recording_id uuid, p_objects integer)
returns boolean
language plpgsql security definer set search_path = ''
as $$
declare
  v_recording public.recordings;
begin
  select r.* into v_recording from public.recordings as r
  where r.org_id = p_org_id and r.id = p_recording_id and r.deleted_at is not null
  for update;
  if v_recording.id is null then
    return false;
  end if;
  -- What was told about it goes from the inbox too; the rows stay, so that a repetition is known as one.
  update private.webhook_events as e set payload = '{"erased": true}'
  where e.org_id = p_org_id and (
    e.provider = 'meetingbaas' and e.payload -> 'data' ->> 'bot_id' = v_recording.bot_id
    or e.provider = 'gladia' and split_part(e.event_id, ':', 1) in (
      select t.id::text from private.recording_transcriptions as t
      where t.org_id = p_org_id and t.recording_id = p_recording_id
    )
  );
  delete from private.recording_uploads as u where u.org_id = p_org_id and u.recording_id = p_recording_id;
  delete from private.recording_transcriptions as t where t.org_id = p_org_id and t.recording_id = p_recording_id;
  delete from private.recording_sources as s where s.org_id = p_org_id and s.recording_id = p_recording_id;
  update public.recordings as r
  set s3_video_url = null, s3_audio_url = null, s3_file_size_bytes = null, thumbnail_s3_location = null
  where r.org_id = p_org_id and r.id = p_recording_id
    and (r.s3_video_url, r.s3_audio_url, r.s3_file_size_bytes, r.thumbnail_s3_location) is distinct from (null, null, null, null);
  perform private.note_recording_event(v_recording, 'reconcile', 'erased', jsonb_build_object('objects', p_objects));
  return true;
end;
$$;
comment on function private.finish_erasure(uuid, uuid, integer) is
  'Forgets where the files of a deleted recording were, once they are gone; false when it was not deleted. Definer: as above.';

create function public.sweep_recordings(p_retention_days integer default 3, p_limit integer default 500)
returns jsonb
language plpgsql security invoker set search_path = ''
as $$
begin
  return private.sweep_recordings(p_retention_days, p_limit);
end;
$$;
comment on function public.sweep_recordings(integer, integer) is
  'One sweep over all that needs nobody outside; what was done, and what is about to be lost. Service only.';

create function public.claim_recordings_to_check(p_limit integer default 50, p_pause_seconds integer default 600)
returns table (org_id uuid, recording_id uuid, bot_id text, status text)
language plpgsql security invoker set search_path = ''
as $$
begin
  return query
  select c.org_id, c.recording_id, c.bot_id, c.status from private.claim_recordings_to_check(p_limit, p_pause_seconds) as c;
end;
$$;
comment on function public.claim_recordings_to_check(integer, integer) is
  'Bots that have gone silent, each to one sweep at a time. Service only.';

create function public.note_recording_check(
  p_org_id uuid, p_recording_id uuid, p_status_before text, p_error text default null
)
returns boolean
language plpgsql security invoker set search_path = ''
as $$
begin
  return private.note_recording_check(p_org_id, p_recording_id, p_status_before, p_error);
end;
$$;
comment on function public.note_recording_check(uuid, uuid, text, text) is
  'Writes down what asking about a bot came to; true when it moved the recording. Service only.';

create function public.read_erasure(p_org_id uuid, p_recording_id uuid)
returns jsonb
language plpgsql stable security invoker set search_path = ''
as $$
begin
  return private.read_erasure(p_org_id, p_recording_id);
end;
$$;
comment on function public.read_erasure(uuid, uuid) is
  'What is left to erase of a deleted recording; null when it was not deleted. Service only.';

create function public.finish_erasure(p_org_id uuid, p_recording_id uuid, p_objects integer)
returns boolean
language plpgsql security invoker set search_path = ''
as $$
begin
  return private.finish_erasure(p_org_id, p_recording_id, p_objects);
end;
$$;
comment on function public.finish_erasure(uuid, uuid, integer) is
  'Forgets where the files of a deleted recording were. Service only.';

grant execute on function
  private.sweep_recordings(integer, integer), public.sweep_recordings(integer, integer),
  private.claim_recordings_to_check(integer, integer), public.claim_recordings_to_check(integer, integer),
  private.note_recording_check(uuid, uuid, text, text), public.note_recording_check(uuid, uuid, text, text),
  private.read_erasure(uuid, uuid), public.read_erasure(uuid, uuid),
  private.finish_erasure(uuid, uuid, integer), public.finish_erasure(uuid, uuid, integer)
to service_role;
