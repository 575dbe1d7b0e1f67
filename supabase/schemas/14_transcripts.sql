-- What was said, word for word, and its full-text index. Segments are read through policies, but
-- searched through a checked function only: text search cannot use its index under row security.

create table public.transcripts (
  org_id uuid not null references public.organizations (id) on delete restrict,
  id uuid not null default gen_random_uuid(),
  meeting_id uuid not null,
  owner_user_id uuid not null,
  language text,
  segment_count integer not null default 0,
  origin text not null default 'external_provider',
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  primary key (org_id, id),
  foreign key (org_id, meeting_id, owner_user_id)
  references public.meetings (org_id, id, owner_user_id) on update cascade on delete cascade,
  constraint transcripts_one_per_meeting unique (org_id, meeting_id),
  constraint transcripts_segment_count_is_not_negative check (segment_count >= 0),
  constraint transcripts_origin_is_known check (origin in ('user_input', 'worker', 'external_provider'))
);
comment on table public.transcripts is 'The transcript of a meeting; its words are in transcript_segments.';
comment on column public.transcripts.org_id is '[class: operational] Organization whose row this is.';
comment on column public.transcripts.id is '[class: operational] Made by the server.';
comment on column public.transcripts.meeting_id is '[class: operational] The meeting.';
comment on column public.transcripts.owner_user_id is '[class: operational] Owner of the meeting.';
comment on column public.transcripts.language is '[class: conversation] Language spoken.';
comment on column public.transcripts.segment_count is '[class: operational] How many segments it has.';
comment on column public.transcripts.origin is '[class: operational] user_input, worker or external_provider.';
comment on column public.transcripts.created_at is '[class: operational] When the row was made.';
comment on column public.transcripts.updated_at is '[class: operational] Last change of the row.';
create index transcripts_org_id_meeting_id_owner_idx on public.transcripts (org_id, meeting_id, owner_user_id);

create table public.transcript_segments (
  org_id uuid not null references public.organizations (id) on delete restrict,
  id uuid not null default gen_random_uuid(),
  transcript_id uuid not null,
  meeting_id uuid not null,
  owner_user_id uuid not null,
  seq integer not null,
  speaker_name text,
  speaker_email text,
  start_ms integer not null,
  end_ms integer,
  text text not null,
  tsv tsvector not null generated always as (to_tsvector('pg_catalog.english'::regconfig, text)) stored,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  primary key (org_id, id),
  foreign key (org_id, transcript_id) references public.transcripts (org_id, id) on delete cascade,
  foreign key (org_id, meeting_id, owner_user_id)
  references public.meetings (org_id, id, owner_user_id) on update cascade on delete cascade,
  constraint transcript_segments_are_numbered unique (org_id, transcript_id, seq),
  constraint transcript_segments_start_is_not_negative check (start_ms >= 0),
  constraint transcript_segments_end_after_they_start check (end_ms >= start_ms)
);
comment on table public.transcript_segments is
  'One utterance. Not audited row by row: they are written with their transcript, in its transaction.';
comment on column public.transcript_segments.org_id is '[class: operational] Organization whose row this is.';
comment on column public.transcript_segments.id is '[class: operational] Made by the server.';
comment on column public.transcript_segments.transcript_id is '[class: operational] The transcript.';
comment on column public.transcript_segments.meeting_id is '[class: operational] The meeting.';
comment on column public.transcript_segments.owner_user_id is '[class: operational] Owner of the meeting.';
comment on column public.transcript_segments.seq is '[class: operational] Order in the transcript, from 1.';
comment on column public.transcript_segments.speaker_name is '[class: identity] Who speaks, as the source names them.';
comment on column public.transcript_segments.speaker_email is '[class: identity] Their address where the source matched it, lower case.';
comment on column public.transcript_segments.start_ms is '[class: conversation] Milliseconds since the recording began.';
comment on column public.transcript_segments.end_ms is '[class: conversation] When it ended; null where the source does not say.';
comment on column public.transcript_segments.text is '[class: conversation] What was said; untrusted.';
comment on column public.transcript_segments.tsv is '[class: conversation] The same, for search (configuration english).';
comment on column public.transcript_segments.created_at is '[class: operational] When the row was made.';
comment on column public.transcript_segments.updated_at is '[class: operational] Last change of the row.';
create index transcript_segments_org_id_meeting_id_idx
on public.transcript_segments (org_id, meeting_id, owner_user_id);
create index transcript_segments_org_id_tsv_idx on public.transcript_segments using gin (org_id, tsv);

create trigger touch_updated_at before update on public.transcripts
for each row execute function private.touch_updated_at();
create trigger touch_updated_at before update on public.transcript_segments
for each row execute function private.touch_updated_at();
select private.audit_table('public.transcripts');

alter table public.transcripts enable row level security;
alter table public.transcripts force row level security;
alter table public.transcript_segments enable row level security;
alter table public.transcript_segments force row level security;
revoke all on table public.transcripts, public.transcript_segments from anon, authenticated, service_role;
grant select on table public.transcripts, public.transcript_segments to authenticated;

create policy "members read transcripts of own and shared meetings"
on public.transcripts for select to authenticated
using (
  org_id = any((select private.my_orgs())::uuid[])
  and case
    when org_id = any((select private.my_shared_orgs('meetings'))::uuid[]) then true
    else owner_user_id = (select private.current_user_id())
  end
);

create policy "members read segments of own and shared meetings"
on public.transcript_segments for select to authenticated
using (
  org_id = any((select private.my_orgs())::uuid[])
  and case
    when org_id = any((select private.my_shared_orgs('meetings'))::uuid[]) then true
    else owner_user_id = (select private.current_user_id())
  end
);
