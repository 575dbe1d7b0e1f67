-- What a recorded meeting came to: summary, mood, objections, competitors, next steps and action
-- items, each with the segments it was heard in. Made by a worker from the transcript, by a model or
-- by rules, and marked as which; nothing in it acts: tasks are proposed here and created by people
-- (U60-110). An analysis belongs to the exact words it was made from, by their hash.

create table public.meeting_analyses (
  org_id uuid not null references public.organizations (id) on delete restrict,
  id uuid not null default private.new_id(),
  meeting_id uuid not null,
  owner_user_id uuid not null,
  transcript_hash text not null,
  is_rule_based boolean not null,
  model text,
  summary text,
  summary_evidence uuid[] not null default '{}',
  summary_evidence_seqs integer[] not null default '{}',
  published_summary text,
  sentiment text,
  sentiment_evidence uuid[] not null default '{}',
  sentiment_evidence_seqs integer[] not null default '{}',
  dropped_count integer not null default 0,
  origin text not null default 'worker',
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  primary key (org_id, id),
  foreign key (org_id, meeting_id, owner_user_id)
  references public.meetings (org_id, id, owner_user_id) on update cascade on delete cascade,
  constraint meeting_analyses_one_per_meeting unique (org_id, meeting_id),
  constraint meeting_analyses_hash_shape check (transcript_hash ~ '^[0-9a-f]{64}$'),
  constraint meeting_analyses_name_a_model_or_rules check ((model is null) = is_rule_based),
  constraint meeting_analyses_summary_length check (char_length(summary) between 1 and 20000),
  constraint meeting_analyses_summary_has_evidence check (summary is null or cardinality(summary_evidence) > 0),
  constraint meeting_analyses_sentiment_is_known check (sentiment in ('positive', 'neutral', 'negative', 'mixed')),
  constraint meeting_analyses_sentiment_has_evidence check (sentiment is null or cardinality(sentiment_evidence) > 0),
  constraint meeting_analyses_dropped_is_counted check (dropped_count >= 0),
  constraint meeting_analyses_origin_is_known check (origin in ('user_input', 'worker', 'external_provider'))
);
comment on table public.meeting_analyses is 'What a worker understood of a meeting, from one transcript of it.';
comment on column public.meeting_analyses.org_id is '[class: operational] Organization whose row this is.';
comment on column public.meeting_analyses.id is '[class: operational] Follows time.';
comment on column public.meeting_analyses.meeting_id is '[class: operational] The meeting.';
comment on column public.meeting_analyses.owner_user_id is '[class: operational] Owner of the meeting.';
comment on column public.meeting_analyses.transcript_hash is '[class: operational] SHA-256 of the words it was made from.';
comment on column public.meeting_analyses.is_rule_based is '[class: operational] True where no model was asked, or none answered.';
comment on column public.meeting_analyses.model is '[class: operational] Model that answered, by its own name; a simulator says that it is one.';
comment on column public.meeting_analyses.summary is '[class: conversation] Summary.';
comment on column public.meeting_analyses.summary_evidence is '[class: operational] Segments that the summary rests on.';
comment on column public.meeting_analyses.summary_evidence_seqs is '[class: operational] The same by their number in the transcript.';
comment on column public.meeting_analyses.published_summary is '[class: conversation] What the worker last wrote as the meeting''s summary; where the meeting has another one, a person wrote it.';
comment on column public.meeting_analyses.sentiment is '[class: conversation] positive, neutral, negative or mixed; null where nothing shows it.';
comment on column public.meeting_analyses.sentiment_evidence is '[class: operational] Segments that show it.';
comment on column public.meeting_analyses.sentiment_evidence_seqs is '[class: operational] The same by their number.';
comment on column public.meeting_analyses.dropped_count is '[class: operational] Statements left out because the transcript does not bear them out.';
comment on column public.meeting_analyses.origin is '[class: operational] user_input, worker or external_provider.';
comment on column public.meeting_analyses.created_at is '[class: operational] When the row was made.';
comment on column public.meeting_analyses.updated_at is '[class: operational] Last change of the row.';
create index meeting_analyses_org_id_meeting_id_owner_idx on public.meeting_analyses (org_id, meeting_id, owner_user_id);

create table public.meeting_insights (
  org_id uuid not null references public.organizations (id) on delete restrict,
  id uuid not null default private.new_id(),
  analysis_id uuid not null,
  meeting_id uuid not null,
  owner_user_id uuid not null,
  seq integer not null,
  kind text not null,
  text text not null,
  subject text,
  assignee_name text,
  assignee_email text,
  due_text text,
  due_on date,
  evidence uuid[] not null,
  evidence_seqs integer[] not null,
  recorded_at_ms integer not null,
  origin text not null default 'worker',
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  primary key (org_id, id),
  foreign key (org_id, analysis_id) references public.meeting_analyses (org_id, id) on delete cascade,
  foreign key (org_id, meeting_id, owner_user_id)
  references public.meetings (org_id, id, owner_user_id) on update cascade on delete cascade,
  constraint meeting_insights_are_numbered unique (org_id, analysis_id, seq),
  constraint meeting_insights_kind_is_known check (kind in ('action_item', 'next_step', 'objection', 'competitor')),
  constraint meeting_insights_text_length check (char_length(text) between 1 and 2000),
  constraint meeting_insights_competitors_are_named check ((kind = 'competitor') = (subject is not null)),
  constraint meeting_insights_subject_length check (char_length(subject) between 1 and 200),
  constraint meeting_insights_assignee_email_is_lower_case check (assignee_email = lower(assignee_email)),
  constraint meeting_insights_due_dates_were_said check (due_on is null or due_text is not null),
  constraint meeting_insights_have_evidence
  check (cardinality(evidence) > 0 and cardinality(evidence) = cardinality(evidence_seqs)),
  constraint meeting_insights_origin_is_known check (origin in ('user_input', 'worker', 'external_provider'))
);
comment on table public.meeting_insights is 'One thing that a meeting showed, and where it was said.';
comment on column public.meeting_insights.org_id is '[class: operational] Organization whose row this is.';
comment on column public.meeting_insights.id is '[class: operational] Follows time.';
comment on column public.meeting_insights.analysis_id is '[class: operational] The analysis.';
comment on column public.meeting_insights.meeting_id is '[class: operational] The meeting.';
comment on column public.meeting_insights.owner_user_id is '[class: operational] Owner of the meeting.';
comment on column public.meeting_insights.seq is '[class: operational] Order in the analysis, from 1.';
comment on column public.meeting_insights.kind is '[class: conversation] action_item, next_step, objection or competitor.';
comment on column public.meeting_insights.text is '[class: conversation] What it is; untrusted, as the transcript is.';
comment on column public.meeting_insights.subject is '[class: conversation] Name of the competitor.';
comment on column public.meeting_insights.assignee_name is '[class: identity] Who is to do it, where that was said.';
comment on column public.meeting_insights.assignee_email is '[class: identity] Their address, lower case, where it is known.';
comment on column public.meeting_insights.due_text is '[class: conversation] Until when, in the words that were said.';
comment on column public.meeting_insights.due_on is '[class: conversation] The day those words mean, where they mean one.';
comment on column public.meeting_insights.evidence is '[class: operational] Segments in which it was said; never none.';
comment on column public.meeting_insights.evidence_seqs is '[class: operational] The same by their number in the transcript.';
comment on column public.meeting_insights.recorded_at_ms is '[class: conversation] Where in the recording it was said first.';
comment on column public.meeting_insights.origin is '[class: operational] user_input, worker or external_provider.';
comment on column public.meeting_insights.created_at is '[class: operational] When the row was made.';
comment on column public.meeting_insights.updated_at is '[class: operational] Last change of the row.';
create index meeting_insights_org_id_meeting_id_idx on public.meeting_insights (org_id, meeting_id, owner_user_id);

create trigger touch_updated_at before update on public.meeting_analyses
for each row execute function private.touch_updated_at();
create trigger touch_updated_at before update on public.meeting_insights
for each row execute function private.touch_updated_at();
select private.audit_table('public.meeting_analyses');
select private.audit_table('public.meeting_insights');

alter table public.meeting_analyses enable row level security;
alter table public.meeting_analyses force row level security;
alter table public.meeting_insights enable row level security;
alter table public.meeting_insights force row level security;
revoke all on table public.meeting_analyses, public.meeting_insights from anon, authenticated, service_role;
grant select on table public.meeting_analyses, public.meeting_insights to authenticated;

create policy "members read analyses of own and shared meetings"
on public.meeting_analyses for select to authenticated
using (
  org_id = any((select private.my_orgs())::uuid[])
  and case
    when org_id = any((select private.my_shared_orgs('meetings'))::uuid[]) then true
    else owner_user_id = (select private.current_user_id())
  end
);

create policy "members read insights of own and shared meetings"
on public.meeting_insights for select to authenticated
using (
  org_id = any((select private.my_orgs())::uuid[])
  and case
    when org_id = any((select private.my_shared_orgs('meetings'))::uuid[]) then true
    else owner_user_id = (select private.current_user_id())
  end
);

create function private.transcript_hash(p_org_id uuid, p_meeting_id uuid)
returns text
language plpgsql stable security definer set search_path = ''
as $$
begin
  return (
    select encode(sha256(convert_to(coalesce(
      string_agg(
        jsonb_build_array(s.seq, s.speaker_name, s.speaker_email, s.start_ms, s.text)::text, e'\n' order by s.seq
      ), ''
    ), 'UTF8')), 'hex')
    from public.transcripts as t
    left join public.transcript_segments as s on s.org_id = t.org_id and s.transcript_id = t.id
    where t.org_id = p_org_id and t.meeting_id = p_meeting_id
    group by t.id
  );
end;
$$;
comment on function private.transcript_hash(uuid, uuid) is
  'SHA-256 of who said what when in a meeting, whatever the ids of the rows; null where there is no transcript. Definer, granted to nobody.';

create function private.evidence_seqs(p_segments jsonb)
returns integer[]
language plpgsql immutable set search_path = ''
as $$
begin
  return (
    select coalesce(array_agg(distinct e.value::integer order by e.value::integer), '{}')
    from jsonb_array_elements_text(coalesce(p_segments, '[]')) as e
  );
end;
$$;
comment on function private.evidence_seqs(jsonb) is 'Numbers of segments, each once and in order.';

create function private.evidence_ids(p_org_id uuid, p_meeting_id uuid, p_seqs integer[])
returns uuid[]
language plpgsql stable security definer set search_path = ''
as $$
declare
  v_ids constant uuid[] := array(
    select s.id from public.transcript_segments as s
    where s.org_id = p_org_id and s.meeting_id = p_meeting_id and s.seq = any(p_seqs)
    order by s.seq
  );
begin
  if cardinality(v_ids) <> cardinality(p_seqs) then
    raise sqlstate 'PT400' using message = 'invalid_request';
  end if;
  return v_ids;
end;
$$;
comment on function private.evidence_ids(uuid, uuid, integer[]) is
  'The segments of a meeting that have these numbers. Definer, granted to nobody. Raises invalid_request when one does not exist.';

create function private.refresh_evidence(p_org_id uuid, p_meeting_id uuid)
returns void
language plpgsql security definer set search_path = ''
as $$
begin
  update public.meeting_analyses as a
  set summary_evidence = private.evidence_ids(a.org_id, a.meeting_id, a.summary_evidence_seqs),
    sentiment_evidence = private.evidence_ids(a.org_id, a.meeting_id, a.sentiment_evidence_seqs)
  where a.org_id = p_org_id and a.meeting_id = p_meeting_id
    and (a.summary_evidence, a.sentiment_evidence) is distinct from (
      private.evidence_ids(a.org_id, a.meeting_id, a.summary_evidence_seqs),
      private.evidence_ids(a.org_id, a.meeting_id, a.sentiment_evidence_seqs)
    );
  update public.meeting_insights as i
  set evidence = private.evidence_ids(i.org_id, i.meeting_id, i.evidence_seqs)
  where i.org_id = p_org_id and i.meeting_id = p_meeting_id
    and i.evidence is distinct from private.evidence_ids(i.org_id, i.meeting_id, i.evidence_seqs);
end;
$$;
comment on function private.refresh_evidence(uuid, uuid) is
  'Points an analysis to the same words under their new ids, after a transcript was stored again. Definer, granted to nobody.';

create function private.complete_analysis(p_recording public.recordings)
returns void
language plpgsql security definer set search_path = ''
as $$
begin
  if (p_recording.analysis_status, p_recording.analysis_error) is distinct from ('complete', null) then
    update public.recordings as r set analysis_status = 'complete', analysis_error = null
    where r.org_id = p_recording.org_id and r.id = p_recording.id;
  end if;
  perform private.settle_recording(p_recording.org_id, p_recording.id);
end;
$$;
comment on function private.complete_analysis(public.recordings) is
  'Says that a locked recording is analyzed. Definer, granted to nobody.';

create function private.start_analysis(p_org_id uuid, p_recording_id uuid)
returns void
language plpgsql security definer set search_path = ''
as $$
declare
  v_recording constant public.recordings := private.lock_recording(p_org_id, p_recording_id);
  v_hash constant text := private.transcript_hash(v_recording.org_id, v_recording.meeting_id);
  v_key constant text := 'analyze:' || p_recording_id || ':' || v_hash;
  v_is_under_way boolean;
begin
  -- Nothing to look at: no recording, no meeting, or no transcript of it.
  if v_hash is null then
    return;
  end if;
  if exists (
    select from public.meeting_analyses as a
    where a.org_id = v_recording.org_id and a.meeting_id = v_recording.meeting_id and a.transcript_hash = v_hash
  ) then
    perform private.refresh_evidence(v_recording.org_id, v_recording.meeting_id);
    perform private.complete_analysis(v_recording);
    return;
  end if;
  select coalesce(bool_or(j.state <> 'dead'), false) into v_is_under_way
  from private.job_keys as k
  join private.jobs as j on j.id = k.job_id
  where k.key = v_key or (k.key > v_key || ':' and k.key < v_key || ';');
  if v_is_under_way then
    return;
  end if;
  perform private.enqueue_job(
    'recording.analyze', jsonb_build_object('recording_id', v_recording.id), v_recording.org_id,
    -- Keys of what is done stay: words that were seen before, and others since, take the next one.
    private.next_job_key(v_key), null, null, null, private.request_id()
  );
  update public.recordings as r set analysis_status = 'pending', analysis_error = null
  where r.org_id = v_recording.org_id and r.id = v_recording.id;
  perform private.note_recording_event(v_recording, 'analysis', 'requested');
  perform private.settle_recording(v_recording.org_id, v_recording.id);
  perform private.wake_function('process-recording');
end;
$$;
comment on function private.start_analysis(uuid, uuid) is
  'Has the transcript of a recording analyzed, once for the same words; called when one was stored or replaced. Definer, granted to nobody.';

create function private.read_analysis_source(p_org_id uuid, p_recording_id uuid)
returns jsonb
language plpgsql stable security definer set search_path = ''
as $$
begin
  return (
    select jsonb_build_object(
      'meeting_id', m.id,
      'started_at', m.started_at,
      'time_zone', coalesce(p.time_zone, 'UTC'),
      'language', t.language,
      'transcript_hash', private.transcript_hash(m.org_id, m.id),
      'has_model_analysis', exists (
        select from public.meeting_analyses as a
        where a.org_id = m.org_id and a.meeting_id = m.id and not a.is_rule_based
          and a.transcript_hash = private.transcript_hash(m.org_id, m.id)
      ),
      'attendees', (
        select coalesce(jsonb_agg(jsonb_build_object('name', a.name, 'email', a.email) order by a.name, a.email), '[]')
        from public.meeting_attendees as a where a.org_id = m.org_id and a.meeting_id = m.id
      ),
      'segments', (
        select coalesce(jsonb_agg(jsonb_build_object(
          'seq', s.seq, 'speaker_name', s.speaker_name, 'speaker_email', s.speaker_email, 'text', s.text
        ) order by s.seq), '[]')
        from public.transcript_segments as s where s.org_id = t.org_id and s.transcript_id = t.id
      )
    )
    from public.recordings as r
    join public.meetings as m on m.org_id = r.org_id and m.id = r.meeting_id
    join public.transcripts as t on t.org_id = m.org_id and t.meeting_id = m.id
    left join public.profiles as p on p.id = m.owner_user_id
    where r.org_id = p_org_id and r.id = p_recording_id and r.deleted_at is null
  );
end;
$$;
comment on function private.read_analysis_source(uuid, uuid) is
  'What an analysis is made from: the words, who was there, and when and where the owner''s day is; null where there is nothing. Definer: read by a worker, with nobody signed in.';

create function private.replace_worker_action_items(p_meeting public.meetings)
returns void
language plpgsql security definer set search_path = ''
as $$
begin
  -- What a person ticked off stays, whatever a later analysis says.
  delete from public.meeting_action_items as i
  where i.org_id = p_meeting.org_id and i.meeting_id = p_meeting.id and i.origin = 'worker' and not i.is_completed;
  insert into public.meeting_action_items (
    org_id, meeting_id, owner_user_id, seq, description, assignee_name, assignee_email, recorded_at_ms, origin
  )
  select p_meeting.org_id, p_meeting.id, p_meeting.owner_user_id,
    coalesce((
      select max(i.seq) from public.meeting_action_items as i
      where i.org_id = p_meeting.org_id and i.meeting_id = p_meeting.id
    ), 0) + row_number() over (order by n.seq),
    n.text, n.assignee_name, n.assignee_email, n.recorded_at_ms, 'worker'
  from public.meeting_insights as n
  where n.org_id = p_meeting.org_id and n.meeting_id = p_meeting.id and n.kind = 'action_item'
    and not exists (
      select from public.meeting_action_items as i
      where i.org_id = p_meeting.org_id and i.meeting_id = p_meeting.id and i.description = n.text
    );
end;
$$;
comment on function private.replace_worker_action_items(public.meetings) is
  'Lists the action items of the analysis with the meeting''s own, keeping what was ticked off. Definer, granted to nobody.';

create function private.publish_summary(p_meeting public.meetings, p_before text, p_after text)
returns boolean
language plpgsql security definer set search_path = ''
as $$
begin
  -- A summary that is not the one we wrote, or that was emptied since, is a person's or the source's.
  update public.meetings as m set summary = p_after
  where m.org_id = p_meeting.org_id and m.id = p_meeting.id
    and m.summary is not distinct from p_before and m.summary is distinct from p_after;
  return found;
end;
$$;
comment on function private.publish_summary(public.meetings, text, text) is
  'Writes the meeting''s summary unless somebody else has written it; says whether. Definer, granted to nobody.';

create function private.write_analysis(p_meeting public.meetings, p_transcript_hash text, p_analysis jsonb)
returns public.meeting_analyses
language plpgsql security definer set search_path = ''
as $$
declare
  v_analysis public.meeting_analyses;
  v_summary_seqs constant integer[] := private.evidence_seqs(p_analysis -> 'summary_segments');
  v_sentiment_seqs constant integer[] := private.evidence_seqs(p_analysis -> 'sentiment_segments');
begin
  insert into public.meeting_analyses as a (
    org_id, meeting_id, owner_user_id, transcript_hash, is_rule_based, model, summary, summary_evidence,
    summary_evidence_seqs, sentiment, sentiment_evidence, sentiment_evidence_seqs, dropped_count
  )
  values (
    p_meeting.org_id, p_meeting.id, p_meeting.owner_user_id, p_transcript_hash,
    (p_analysis ->> 'is_rule_based')::boolean, p_analysis ->> 'model', p_analysis ->> 'summary',
    private.evidence_ids(p_meeting.org_id, p_meeting.id, v_summary_seqs), v_summary_seqs,
    p_analysis ->> 'sentiment',
    private.evidence_ids(p_meeting.org_id, p_meeting.id, v_sentiment_seqs), v_sentiment_seqs,
    coalesce((p_analysis ->> 'dropped_count')::integer, 0)
  )
  on conflict on constraint meeting_analyses_one_per_meeting do update
  set transcript_hash = excluded.transcript_hash, is_rule_based = excluded.is_rule_based, model = excluded.model,
    summary = excluded.summary, summary_evidence = excluded.summary_evidence,
    summary_evidence_seqs = excluded.summary_evidence_seqs, sentiment = excluded.sentiment,
    sentiment_evidence = excluded.sentiment_evidence, sentiment_evidence_seqs = excluded.sentiment_evidence_seqs,
    dropped_count = excluded.dropped_count
  returning a.* into v_analysis;

  delete from public.meeting_insights as i where i.org_id = v_analysis.org_id and i.analysis_id = v_analysis.id;
  insert into public.meeting_insights (
    org_id, analysis_id, meeting_id, owner_user_id, seq, kind, text, subject, assignee_name, assignee_email,
    due_text, due_on, evidence, evidence_seqs, recorded_at_ms
  )
  select v_analysis.org_id, v_analysis.id, v_analysis.meeting_id, v_analysis.owner_user_id, n.seq, n.insight ->> 'kind',
    n.insight ->> 'text', n.insight ->> 'subject', n.insight ->> 'assignee_name', lower(n.insight ->> 'assignee_email'),
    n.insight ->> 'due_text', (n.insight ->> 'due_on')::date,
    private.evidence_ids(v_analysis.org_id, v_analysis.meeting_id, n.seqs), n.seqs,
    coalesce((
      select min(s.start_ms) from public.transcript_segments as s
      where s.org_id = v_analysis.org_id and s.meeting_id = v_analysis.meeting_id and s.seq = any(n.seqs)
    ), 0)
  from (
    select e.ordinality as seq, e.value as insight, private.evidence_seqs(e.value -> 'segments') as seqs
    from jsonb_array_elements(coalesce(p_analysis -> 'insights', '[]')) with ordinality as e (value, ordinality)
  ) as n;
  return v_analysis;
end;
$$;
comment on function private.write_analysis(public.meetings, text, jsonb) is
  'Makes the analysis of a meeting what a worker says. Definer, granted to nobody. Raises invalid_request when evidence does not exist.';

create function private.store_meeting_analysis(
  p_org_id uuid, p_recording_id uuid, p_transcript_hash text, p_analysis jsonb
)
returns text
language plpgsql security definer set search_path = ''
as $$
declare
  v_recording constant public.recordings := private.lock_recording(p_org_id, p_recording_id);
  v_meeting public.meetings;
  v_before public.meeting_analyses;
  v_after public.meeting_analyses;
  v_outcome text := 'unchanged';
begin
  perform private.set_actor('job', 'process-recording', private.request_id());
  select m.* into v_meeting from public.meetings as m
  where m.org_id = v_recording.org_id and m.id = v_recording.meeting_id
  for update;
  if not found then
    return 'gone';
  end if;
  -- The words have changed since: the analysis of the new ones is on its way, or done.
  if private.transcript_hash(v_meeting.org_id, v_meeting.id) is distinct from p_transcript_hash then
    return 'stale';
  end if;
  select a.* into v_before from public.meeting_analyses as a
  where a.org_id = v_meeting.org_id and a.meeting_id = v_meeting.id;
  -- The first answer counts; only a model may take the place of rules.
  if v_before.transcript_hash is distinct from p_transcript_hash
    or (v_before.is_rule_based and not (p_analysis ->> 'is_rule_based')::boolean) then
    v_outcome := 'stored';
    v_after := private.write_analysis(v_meeting, p_transcript_hash, p_analysis);
    perform private.replace_worker_action_items(v_meeting);
    if private.publish_summary(v_meeting, v_before.published_summary, v_after.summary) then
      update public.meeting_analyses as a set published_summary = v_after.summary
      where a.org_id = v_after.org_id and a.id = v_after.id;
    end if;
    perform private.note_recording_event(v_recording, 'analysis', 'stored', jsonb_build_object(
      'is_rule_based', v_after.is_rule_based,
      'insights', jsonb_array_length(coalesce(p_analysis -> 'insights', '[]')),
      'dropped', v_after.dropped_count
    ));
  end if;
  perform private.complete_analysis(v_recording);
  return v_outcome;
end;
$$;
comment on function private.store_meeting_analysis(uuid, uuid, text, jsonb) is
  'Stores what was understood from one transcript: stored, unchanged, stale (the words have changed since) or gone. Repeating it changes nothing. Definer: analyses are nobody''s to write. Raises invalid_request when evidence does not exist.';

create function private.fail_meeting_analysis(p_org_id uuid, p_recording_id uuid, p_transcript_hash text, p_code text)
returns boolean
language plpgsql security definer set search_path = ''
as $$
declare
  v_recording constant public.recordings := private.lock_recording(p_org_id, p_recording_id);
begin
  perform private.set_actor('job', 'process-recording', private.request_id());
  -- Without a hash the words could not even be read: those there are now are meant.
  if v_recording.analysis_status is distinct from 'pending'
    or p_transcript_hash <> private.transcript_hash(v_recording.org_id, v_recording.meeting_id) then
    return false;
  end if;
  update public.recordings as r set analysis_status = 'failed', analysis_error = left(p_code, 100)
  where r.org_id = v_recording.org_id and r.id = v_recording.id;
  perform private.note_recording_event(v_recording, 'analysis', 'failed', jsonb_build_object('reason', left(p_code, 100)));
  perform private.settle_recording(v_recording.org_id, v_recording.id);
  return true;
end;
$$;
comment on function private.fail_meeting_analysis(uuid, uuid, text, text) is
  'Says that no analysis of these words will come by itself; false when there is one or the words have changed. Definer: recordings are nobody''s to write.';

create function public.read_analysis_source(p_org_id uuid, p_recording_id uuid)
returns jsonb
language plpgsql stable security invoker set search_path = ''
as $$
begin
  return private.read_analysis_source(p_org_id, p_recording_id);
end;
$$;
comment on function public.read_analysis_source(uuid, uuid) is
  'What the analysis of a recording is made from; null where there is no transcript. Service only.';

create function public.store_meeting_analysis(
  p_org_id uuid, p_recording_id uuid, p_transcript_hash text, p_analysis jsonb
)
returns text
language plpgsql security invoker set search_path = ''
as $$
begin
  return private.store_meeting_analysis(p_org_id, p_recording_id, p_transcript_hash, p_analysis);
end;
$$;
comment on function public.store_meeting_analysis(uuid, uuid, text, jsonb) is
  'Stores what was understood from one transcript: stored, unchanged, stale or gone. Service only. Raises invalid_request.';

create function public.fail_meeting_analysis(p_org_id uuid, p_recording_id uuid, p_transcript_hash text, p_code text)
returns boolean
language plpgsql security invoker set search_path = ''
as $$
begin
  return private.fail_meeting_analysis(p_org_id, p_recording_id, p_transcript_hash, p_code);
end;
$$;
comment on function public.fail_meeting_analysis(uuid, uuid, text, text) is
  'Says that no analysis of these words will come by itself. Service only.';

grant execute on function
  private.read_analysis_source(uuid, uuid), public.read_analysis_source(uuid, uuid),
  private.store_meeting_analysis(uuid, uuid, text, jsonb), public.store_meeting_analysis(uuid, uuid, text, jsonb),
  private.fail_meeting_analysis(uuid, uuid, text, text), public.fail_meeting_analysis(uuid, uuid, text, text)
to service_role;
