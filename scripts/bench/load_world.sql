-- Fills a migrated database for measuring: 1,000 organizations, the first with a tenth of all rows.
-- Run by the superuser; {deals} and {segments} are replaced by the row counts. Constraints and
-- triggers sleep meanwhile: the rows are made to satisfy them, and a million audit rows measure nothing.
set session_replication_role = replica;
set synchronous_commit = off;

create schema bench;
create function bench.id(p_kind text, p_number bigint) returns uuid
language sql immutable parallel safe as $$ select md5(p_kind || ' ' || p_number)::uuid $$;
grant usage on schema bench to authenticated;

insert into public.organizations (id, name, slug)
select bench.id('org', o), 'Organization ' || o, 'bench-' || o from generate_series(1, 1000) as o;
insert into public.org_settings (org_id) select bench.id('org', o) from generate_series(1, 1000) as o;

-- 100 people in the first organization, 10 in each of the others; person 1 and 101 sign in.
create table bench.people as
select 1 as org, p as person from generate_series(1, 100) as p
union all
select 2 + (p - 101) / 10, p from generate_series(101, 100 + 999 * 10) as p;
insert into auth.users (id, email)
select bench.id('person', person), 'person' || person || '@bench.test' from bench.people;
insert into auth.sessions (id, user_id)
select bench.id('session', person), bench.id('person', person) from bench.people;
insert into public.profiles (id, email, active_org_id)
select bench.id('person', person), 'person' || person || '@bench.test', bench.id('org', org) from bench.people;
insert into public.organization_members (org_id, user_id, role, status)
select bench.id('org', org), bench.id('person', person), 'manager', 'active' from bench.people;

insert into public.deal_stages (org_id, id, name, position, kind)
select bench.id('org', o), bench.id('stage', o), 'Open', 1, 'open' from generate_series(1, 1000) as o;

create function bench.org_of(p_row bigint) returns bigint
language sql immutable parallel safe as $$ select case when p_row % 10 = 0 then 1 else 2 + p_row % 999 end $$;
create function bench.person_of(p_row bigint) returns bigint
language sql immutable parallel safe as $$
  select case when p_row % 10 = 0 then 1 + (p_row / 10) % 100 else 101 + (p_row % 999) * 10 + (p_row / 999) % 10 end
$$;

insert into public.deals (org_id, id, user_id, stage_id, name, amount, created_at)
select bench.id('org', bench.org_of(d)), bench.id('deal', d), bench.id('person', bench.person_of(d)),
  bench.id('stage', bench.org_of(d)), 'Deal ' || d, d % 100000, now() - d * interval '17 seconds'
from generate_series(1, {deals}) as d;

insert into public.companies (org_id, id, user_id, name, domain, created_at)
select bench.id('org', bench.org_of(c)), bench.id('company', c), bench.id('person', bench.person_of(c)),
  'Company ' || c, 'company' || c || '.test', now() - c * interval '41 seconds'
from generate_series(1, {deals} / 4) as c;
insert into public.contacts (org_id, id, user_id, first_name, email, created_at)
select bench.id('org', bench.org_of(c)), bench.id('contact', c), bench.id('person', bench.person_of(c)),
  'Contact ' || c, 'contact' || c || '@people.test', now() - c * interval '37 seconds'
from generate_series(1, {deals} / 4) as c;
insert into public.tasks (org_id, id, user_id, title, due_at, deal_id)
select bench.id('org', bench.org_of(t)), bench.id('task', t), bench.id('person', bench.person_of(t)),
  'Task ' || t, now() + (t % 60 - 30) * interval '1 day', bench.id('deal', t)
from generate_series(1, {deals} / 4) as t;
insert into public.activities (org_id, id, user_id, kind, subject, occurred_at, deal_id)
select bench.id('org', bench.org_of(a)), bench.id('activity', a), bench.id('person', bench.person_of(a)),
  'note', 'Activity ' || a, now() - a * interval '29 seconds', bench.id('deal', a)
from generate_series(1, {deals} / 4) as a;
insert into public.calendar_events (
  org_id, id, user_id, external_id, title, start_time, end_time, attendees_count
)
select bench.id('org', bench.org_of(e)), bench.id('event', e), bench.id('person', bench.person_of(e)),
  'event' || e, 'Event ' || e, now() + (e % 20000 - 10000) * interval '11 minutes',
  now() + (e % 20000 - 10000) * interval '11 minutes' + interval '30 minutes', 1 + e % 4
from generate_series(1, {deals} / 4) as e;

-- A meeting has twenty segments; words follow a long tail, as speech does.
insert into public.meetings (org_id, id, owner_user_id, title, started_at, ended_at)
select bench.id('org', bench.org_of(m)), bench.id('meeting', m), bench.id('person', bench.person_of(m)),
  'Meeting ' || m, now() - m * interval '5 minutes', now() - m * interval '5 minutes' + interval '30 minutes'
from generate_series(1, {segments} / 20) as m;
insert into public.transcripts (org_id, id, meeting_id, owner_user_id, segment_count)
select m.org_id, md5('transcript ' || m.id)::uuid, m.id, m.owner_user_id, 20 from public.meetings as m;
create table bench.words as
select w, 'word' || translate(w::text, '0123456789', 'abcdefghij') as word from generate_series(1, 20000) as w;
create unique index on bench.words (w) include (word);
insert into public.transcript_segments (org_id, transcript_id, meeting_id, owner_user_id, seq, start_ms, speaker_name, text)
select t.org_id, t.id, t.meeting_id, t.owner_user_id, s, s * 15000, 'Speaker ' || s % 3, (
  select string_agg('word' || translate(
    greatest(1, floor(20000 ^ power(((hashtextextended(t.id::text || s || n, 0) & 1048575) / 1048576.0), 0.6)))::bigint::text,
    '0123456789', 'abcdefghij'), ' ')
  from generate_series(1, 18) as n
)
from public.transcripts as t cross join generate_series(1, 20) as s;

reset session_replication_role;
reset synchronous_commit;
vacuum analyze public.companies, public.contacts, public.tasks, public.activities, public.calendar_events;
vacuum analyze public.deals, public.meetings, public.transcripts, public.transcript_segments;
vacuum analyze public.organization_members, public.org_settings, public.profiles, auth.sessions, auth.users;
