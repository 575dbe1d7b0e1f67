-- Fills a migrated database for measuring: {orgs} organizations, the first with a tenth of all rows.
-- Run by the superuser; names in braces are replaced by counts. Constraints and triggers sleep
-- meanwhile: the rows are made to satisfy them, and a million audit rows measure nothing. Indexes are
-- built once at the end, and nothing needs to survive a crash until then.
set session_replication_role = replica;
alter system set fsync = off;
alter system set full_page_writes = off;
alter system set max_wal_size = '8GB';
select pg_reload_conf();
set maintenance_work_mem = '512MB';
set max_parallel_maintenance_workers = 1;

create schema bench;
create function bench.id(p_kind text, p_number bigint) returns uuid
language sql immutable parallel safe as $$ select md5(p_kind || ' ' || p_number)::uuid $$;
grant usage on schema bench to authenticated;
-- Reads by hand: an ordinary role that no policy binds.
create role bench_reader nologin noinherit bypassrls;
grant bench_reader to authenticator;
grant select on all tables in schema public to bench_reader;
grant usage on schema private to bench_reader;
grant execute on function private.check_request() to bench_reader;

create table bench.postponed_indexes as
select c.oid::regclass::text as name, pg_get_indexdef(c.oid) as definition
from pg_index as i
join pg_class as c on c.oid = i.indexrelid
where i.indrelid in (
  select t::regclass from unnest(array[
    'public.deals', 'public.companies', 'public.contacts', 'public.tasks', 'public.activities',
    'public.calendar_events', 'public.meetings', 'public.transcripts', 'public.transcript_segments'
  ]) as t
)
  and not exists (select from pg_constraint as k where k.conindid = i.indexrelid);
do $$
declare
  v_index record;
begin
  for v_index in select * from bench.postponed_indexes loop
    execute 'drop index ' || v_index.name;
  end loop;
end $$;

insert into public.organizations (id, name, slug)
select bench.id('org', o), 'Organization ' || o, 'bench-' || o from generate_series(1, {orgs}) as o;
insert into public.org_settings (org_id) select bench.id('org', o) from generate_series(1, {orgs}) as o;

-- 100 people in the first organization, 10 in each of the others; person 1 and 101 sign in.
create table bench.people as
select 1 as org, p as person from generate_series(1, 100) as p
union all
select 2 + (p - 101) / 10, p from generate_series(101, 100 + ({orgs} - 1) * 10) as p;
insert into auth.users (id, email)
select bench.id('person', person), 'person' || person || '@bench.test' from bench.people;
insert into auth.sessions (id, user_id)
select bench.id('session', person), bench.id('person', person) from bench.people;
insert into public.profiles (id, email, active_org_id)
select bench.id('person', person), 'person' || person || '@bench.test', bench.id('org', org) from bench.people;
insert into public.organization_members (org_id, user_id, role, status)
select bench.id('org', org), bench.id('person', person), 'manager', 'active' from bench.people;

insert into public.deal_stages (org_id, id, name, position, kind)
select bench.id('org', o), bench.id('stage', o), 'Open', 1, 'open' from generate_series(1, {orgs}) as o;

create function bench.person_of(p_row bigint) returns bigint
language sql immutable parallel safe as $$
  select case when p_row % 10 = 0 then 1 + (p_row / 10) % 100 else 101 + (p_row % ({orgs} - 1)) * 10 + (p_row / ({orgs} - 1)) % 10 end
$$;
-- Looked up by number: hashing every id anew would take most of the time.
create table bench.owners as
select p.person, bench.id('org', p.org) as org_id, bench.id('person', p.person) as user_id,
  bench.id('stage', p.org) as stage_id
from bench.people as p;
analyze bench.owners;

insert into public.deals (org_id, id, user_id, stage_id, name, amount, created_at)
select o.org_id, bench.id('deal', d), o.user_id, o.stage_id, 'Deal ' || d, d % 100000, now() - d * interval '17 seconds'
from generate_series(1, {deals}) as d join bench.owners as o on o.person = bench.person_of(d);
insert into public.companies (org_id, id, user_id, name, domain, created_at)
select o.org_id, bench.id('company', c), o.user_id,
  'Company ' || c, 'company' || c || '.test', now() - c * interval '41 seconds'
from generate_series(1, {others}) as c join bench.owners as o on o.person = bench.person_of(c);
insert into public.contacts (org_id, id, user_id, first_name, email, created_at)
select o.org_id, bench.id('contact', c), o.user_id,
  'Contact ' || c, 'contact' || c || '@people.test', now() - c * interval '37 seconds'
from generate_series(1, {others}) as c join bench.owners as o on o.person = bench.person_of(c);
insert into public.tasks (org_id, id, user_id, title, due_at, deal_id)
select o.org_id, bench.id('task', t), o.user_id,
  'Task ' || t, now() + (t % 60 - 30) * interval '1 day', bench.id('deal', t)
from generate_series(1, {others}) as t join bench.owners as o on o.person = bench.person_of(t);
insert into public.activities (org_id, id, user_id, kind, subject, occurred_at, deal_id)
select o.org_id, bench.id('activity', a), o.user_id,
  'note', 'Activity ' || a, now() - a * interval '29 seconds', bench.id('deal', a)
from generate_series(1, {others}) as a join bench.owners as o on o.person = bench.person_of(a);
insert into public.calendar_events (
  org_id, id, user_id, external_id, title, start_time, end_time, attendees_count
)
select o.org_id, bench.id('event', e), o.user_id,
  'event' || e, 'Event ' || e, now() + (e % 20000 - 10000) * interval '11 minutes',
  now() + (e % 20000 - 10000) * interval '11 minutes' + interval '30 minutes', 1 + e % 4
from generate_series(1, {others}) as e join bench.owners as o on o.person = bench.person_of(e);

-- A meeting has twenty segments; words follow a long tail, as speech does.
insert into public.meetings (org_id, id, owner_user_id, title, started_at, ended_at)
select o.org_id, bench.id('meeting', m), o.user_id,
  'Meeting ' || m, now() - m * interval '5 minutes', now() - m * interval '5 minutes' + interval '30 minutes'
from generate_series(1, {segments} / 20) as m join bench.owners as o on o.person = bench.person_of(m);
insert into public.transcripts (org_id, id, meeting_id, owner_user_id, segment_count)
select m.org_id, md5('transcript ' || m.id)::uuid, m.id, m.owner_user_id, 20 from public.meetings as m;
analyze public.transcripts;
-- Phrases of six words, drawn once; an utterance is three of them. Their search vectors are put
-- together as well, which gives the same ones and is ten times faster than parsing the text.
create table bench.phrases as
select d.p, d.phrase, to_tsvector('pg_catalog.english', d.phrase) as tsv
from (
  select p, (
    select string_agg('word' || translate(
      floor(20000 ^ (((hashint8extended(p * 6 + n, 0) & 1048575)::float8 / 1048576) ^ 0.6))::integer::text,
      '0123456789', 'abcdefghij'), ' ')
    from generate_series(1, 6) as n
  ) as phrase
  from generate_series(0, 32767) as p
) as d;
analyze bench.phrases;
alter table public.transcript_segments alter column tsv drop expression;
insert into public.transcript_segments (
  org_id, transcript_id, meeting_id, owner_user_id, seq, start_ms, speaker_name, text, tsv
)
select t.org_id, t.id, t.meeting_id, t.owner_user_id, s, s * 15000, 'Speaker ' || s % 3,
  a.phrase || ' ' || b.phrase || ' ' || c.phrase, a.tsv || b.tsv || c.tsv
from public.transcripts as t
cross join generate_series(1, 20) as s
cross join lateral (select hashtextextended(t.id::text, s) as h) as r
join bench.phrases as a on a.p = r.h & 32767
join bench.phrases as b on b.p = (r.h >> 16) & 32767
join bench.phrases as c on c.p = (r.h >> 32) & 32767;

do $$
declare
  v_index record;
begin
  for v_index in select * from bench.postponed_indexes loop
    execute v_index.definition;
  end loop;
end $$;

reset session_replication_role;
reset maintenance_work_mem;
vacuum analyze public.companies, public.contacts, public.tasks, public.activities, public.calendar_events;
vacuum analyze public.deals, public.meetings, public.transcripts, public.transcript_segments;
vacuum analyze public.organization_members, public.org_settings, public.profiles, auth.sessions, auth.users;
alter system reset fsync;
alter system reset full_page_writes;
alter system reset max_wal_size;
select pg_reload_conf();
checkpoint;
