-- Who or what is meant by a name (U60-066): words, beginnings and marks; the rules of the policies hold
-- before anything is found, and again when it is shown.
begin;
select * from no_plan();

select tests.given_member('ana', 'acme', 'manager');
select tests.given_member('ben', 'acme', 'manager');
select tests.given_member('ada', 'acme', 'agent');
select tests.given_member('sue', 'acme', 'manager', 'suspended');
select tests.given_member('cy', 'globex', 'owner');
update public.profiles set time_zone = 'Europe/Berlin', active_org_id = tests.id('acme') where id in (tests.id('ana'), tests.id('ben'), tests.id('ada'));

-- Words
select is(private.fold_name('Łukasz ÅNGSTRÖM ﬁn'), 'lukasz angstrom fin', 'marks and case are gone');
select is(private.name_words('O''Brien-Müller, "Jean–Luc" <jl@x-y.test>'), array['o', 'brien', 'muller', 'jean', 'luc', 'jl', 'x', 'y', 'test'], 'words end at punctuation');
select is(private.name_words('Иван Петров 李 小龍'), array['иван', 'петров', '李', '小龍'], 'other alphabets are words too');
select is(private.name_words(null), array[]::text[], 'nothing has no words');
select is(private.reference_words('the Dana''s deal at Acme'), array['acme', 'dana'], 'only words that name something are looked for');
select is(private.reference_words('the deal'), array['the', 'deal'], 'unless there is no other');
select is(cardinality(private.reference_words('a1 b2 c3 d4 e5 f6 g7 h8 i9 k0')), 8, 'and not more than eight');
select is(private.word_query(array['dana', 'x'], ' & ', true)::text, '''dana'':* & ''x''', 'a single letter is no beginning');
select is(private.match_rank('Acme', array['acme'], false), 30, 'called exactly that');
select is(private.match_rank('Acme Labs', array['acme'], false), 20, 'has the word');
select is(private.match_rank('Acme Labs', array['lab'], true), 20, 'or its beginning');
select is(private.match_rank('Acme Labs', array['lab'], false), 10, 'which is not the word');
select is(private.match_rank('', array['lab'], false), 10, 'no name fits nothing');

-- The world: Nord is Ana's, Sud is Ben's.
insert into public.companies (org_id, user_id, name) values
  (tests.id('acme'), tests.id('ana'), 'Nord'), (tests.id('acme'), tests.id('ben'), 'Sud'), (tests.id('globex'), tests.id('cy'), 'Nord');
select tests.remember(c.name || ' of ' || p.first_name, c.id) from public.companies as c join public.profiles as p on p.id = c.user_id;
insert into public.contacts (org_id, user_id, company_id, first_name, last_name, last_interaction_at) values
  (tests.id('acme'), tests.id('ana'), tests.id('Nord of Ana'), 'Dana', 'Reyes', '2026-11-01'),
  (tests.id('acme'), tests.id('ben'), tests.id('Sud of Ben'), 'Dana', 'Finch', '2026-11-20'),
  -- Ben's contact at Ana's company, and Ana's at Ben's
  (tests.id('acme'), tests.id('ben'), tests.id('Nord of Ana'), 'Olaf', 'Strand', null),
  (tests.id('acme'), tests.id('ana'), tests.id('Sud of Ben'), 'Pia', 'Holm', null),
  (tests.id('globex'), tests.id('cy'), tests.id('Nord of Cy'), 'Dana', 'Reyes', null);
select tests.remember(k.first_name || ' ' || k.last_name || ' of ' || p.first_name, k.id) from public.contacts as k join public.profiles as p on p.id = k.user_id;
insert into public.deals (org_id, user_id, company_id, primary_contact_id, name) values
  (tests.id('acme'), tests.id('ana'), tests.id('Nord of Ana'), tests.id('Dana Reyes of Ana'), 'Pilot'),
  (tests.id('acme'), tests.id('ben'), tests.id('Sud of Ben'), tests.id('Dana Finch of Ben'), 'Seats'),
  (tests.id('acme'), tests.id('ben'), tests.id('Nord of Ana'), null, 'Hidden one'),
  (tests.id('acme'), tests.id('ben'), null, tests.id('Dana Reyes of Ana'), 'Hidden two');
select tests.remember(d.name, d.id) from public.deals as d;
update public.deals set status = 'lost' where id = tests.id('Seats');
update public.deals set created_at = created_at - interval '1 day' where name <> 'Hidden two';
insert into public.meetings (org_id, owner_user_id, source_type, external_id, title, started_at, company_id) values
  (tests.id('acme'), tests.id('ana'), 'fathom', 'm1', 'Kickoff', '2026-11-10', null),
  (tests.id('acme'), tests.id('ben'), 'fathom', 'm2', 'Kickoff two', '2026-11-11', null),
  (tests.id('acme'), tests.id('ben'), 'fathom', 'm3', 'Talk', '2026-11-12', tests.id('Nord of Ana')),
  (tests.id('acme'), tests.id('ben'), 'fathom', 'm4', 'Chat', '2026-11-13', null);
select tests.remember(m.title, m.id) from public.meetings as m;
insert into public.meeting_attendees (org_id, meeting_id, owner_user_id, name, contact_id)
select m.org_id, m.id, m.owner_user_id, 'Dana', tests.id('Dana Reyes of Ana') from public.meetings as m where m.title in ('Kickoff', 'Chat');
insert into public.calendar_events (org_id, user_id, external_id, title, start_time, end_time, attendees, status)
select tests.id('acme'), tests.id(e.owner), e.title, e.title, e.at::timestamptz, e.at::timestamptz + interval '1 hour', '[{"email": "dana@elsewhere.test"}]', e.status
from (values
  ('ana', 'Planned talk', '2026-11-24', 'confirmed'), ('ana', 'Cancelled talk', '2026-11-23 13:00', 'cancelled'), ('ben', 'Ben''s talk', '2026-11-24', 'confirmed')
) as e (owner, title, at, status);
update public.contacts set email = 'dana@elsewhere.test' where id = tests.id('Dana Reyes of Ana');

create function pg_temp.found(p_words text[], p_kind text, p_is_prefix boolean default false)
returns uuid[] language sql as $$
  select coalesce(array_agg(f.id order by f.id), '{}') from private.find_entities(tests.id('acme'), p_words, p_is_prefix, array[p_kind]) as f where f.kind = p_kind
$$;
create function pg_temp.ids(variadic p_names text[])
returns uuid[] language sql as $$ select array_agg(tests.id(n) order by tests.id(n)) from unnest(p_names) as n $$;
create function pg_temp.resolved(p_reference text, p_kinds text[] default null)
returns text[] language sql as $$
  select array(
    select c.label from jsonb_to_recordset(
      public.resolve_entity(null, p_reference, p_kinds, '2026-11-23 12:00Z') -> 'candidates'
    ) as c (label text)
  )
$$;
grant execute on all functions in schema pg_temp to authenticated;

select tests.act_as('ana');
select is(pg_temp.found(array['dana'], 'contact'), pg_temp.ids('Dana Reyes of Ana', 'Dana Finch of Ben'), 'control: shared contacts are found');
select is(pg_temp.found(array['strand', 'nord'], 'contact'), pg_temp.ids('Olaf Strand of Ben'), 'by their company too');
select is(pg_temp.found(array['hidden', 'nord'], 'deal'), pg_temp.ids('Hidden one'), 'deals by their company');
select is(pg_temp.found(array['hidden', 'dana'], 'deal'), pg_temp.ids('Hidden two'), 'or contact');
select is(pg_temp.found(array['nord'], 'meeting'), pg_temp.ids('Talk', 'Kickoff', 'Chat'), 'meetings by company, or by who came from there');

select is((select array_agg(distinct f.kind order by f.kind) from private.find_entities(tests.id('acme'), array['nord'], false, array['company', 'meeting']) as f), array['company', 'meeting'], 'only kinds that are asked for');

-- With sharing off each branch finds the caller's own only.
select tests.act_as_owner();
select tests.set_setting('acme', 'enable_crm_sharing', 'false');
select tests.set_setting('acme', 'enable_meeting_sharing', 'false');
select tests.act_as('ana');
select is(pg_temp.found(array['sud'], 'company'), array[]::uuid[], 'R-04 no company of a colleague');
select is(pg_temp.found(array['nord'], 'company'), pg_temp.ids('Nord of Ana'), 'control: the own one');
select is(pg_temp.found(array['dana'], 'contact'), pg_temp.ids('Dana Reyes of Ana'), 'R-04 no contact of a colleague');
select is(pg_temp.found(array['strand', 'nord'], 'contact'), array[]::uuid[], 'R-04 not by the own company either');
select is(pg_temp.found(array['holm', 'sud'], 'contact'), array[]::uuid[], 'R-04 nor is an own contact found by the name of a company that is not theirs to read');
select is(pg_temp.found(array['seats'], 'deal'), array[]::uuid[], 'R-04 no deal of a colleague');
select is(pg_temp.found(array['hidden', 'nord'], 'deal'), array[]::uuid[], 'R-04 not by the own company');
select is(pg_temp.found(array['hidden', 'dana'], 'deal'), array[]::uuid[], 'R-04 nor by the own contact');
select is(pg_temp.found(array['pilot'], 'deal'), pg_temp.ids('Pilot'), 'control: the own one');
select is(pg_temp.found(array['kickoff'], 'meeting'), pg_temp.ids('Kickoff'), 'R-04 no meeting of a colleague by its title');
select is(pg_temp.found(array['nord'], 'meeting'), pg_temp.ids('Kickoff'), 'R-04 none by company or attendee');
select is(pg_temp.resolved('Dana', array['contact']), array['Dana Reyes'], 'U60-066 one is left, and is the match');
select tests.act_as('ada');
select is((public.resolve_entity(tests.id('acme'), r) ->> 'total')::int, 0, 'R-04 an agent finds nothing by ' || r)
from unnest(array['Dana', 'Nord', 'Pilot', 'Kickoff', 'Olaf']) as r;
select tests.act_as_owner();
update public.contacts set assigned_to = tests.id('ada') where id = tests.id('Pia Holm of Ana');
select tests.set_setting('acme', 'enable_crm_sharing', 'true');
select tests.set_setting('acme', 'enable_meeting_sharing', 'true');
select tests.act_as('ada');
select is(pg_temp.resolved('Pia'), array['Pia Holm'], 'C-15 what is assigned to them they find');
select is(pg_temp.resolved('Pia from Sud'), array[]::text[], 'R-04 but not by the name of a company they may not read');

-- Another organization
select tests.act_as('cy');
select throws_ok($$ select private.find_entities(tests.id('acme'), array['dana'], false, array['contact']) $$, 'PT404', 'organization_not_found', 'R-04 T-03 a rival finds nothing');
select throws_ok($$ select public.resolve_entity(tests.id('acme'), 'Dana') $$, 'PT404', 'organization_not_found', 'R-04 T-03 and is told nothing');
select throws_ok($$ select public.resolve_entity(tests.id('acme'), '') $$, 'PT404', 'organization_not_found', 'R-04 T-03 not even about nobody');
select is((public.resolve_entity(tests.id('globex'), 'Dana') ->> 'total')::int, 1, 'control: their own is there, and only that');

-- Ranks, kinds and what speaks for each
select tests.act_as('ana');
select is(pg_temp.resolved('dana'), array['Dana Reyes', 'Dana Finch'], 'U60-066 the own one first');
select is(pg_temp.resolved('Nord'), array['Nord'], 'U60-066 a company of exactly that name, before its people');
select is(pg_temp.resolved('nor', array['company']), array['Nord'], 'U60-066 the beginning of a word is enough');
select is(pg_temp.resolved('Reye'), array['Dana Reyes'], 'U60-066 where no whole word fits');
select is(pg_temp.resolved('Danà Fînch'), array['Dana Finch'], 'U60-066 marks do not matter');
select is(pg_temp.resolved('Sud', array['deal']), array['Seats'], 'U60-066 a lost deal is found');
select is(pg_temp.resolved('ben'), array['Ben'], 'U60-066 colleagues by their name');
select is(public.resolve_entity(null, 'ben') #>> '{candidates,0,email}', 'ben@example.test', 'U60-066 with their address');
select is(pg_temp.resolved('me', array['colleague']), array['Ana'], 'U60-066 and oneself');
select is(pg_temp.resolved('sue'), array[]::text[], 'V-22 who is suspended is no colleague');
select is(pg_temp.resolved('planned'), array['Planned talk'], 'U60-066 the own calendar is looked into');
select is(pg_temp.resolved('cancelled'), array[]::text[], 'U60-066 a cancelled event is no meeting');
select is(pg_temp.resolved('zzz'), array[]::text[], 'U60-066 nobody is nobody');
select is(public.resolve_entity(null, ' ?! ') -> 'total', '0', 'and punctuation is nobody');
select throws_ok($$ select public.resolve_entity(null, 'Dana', array['invoice']) $$, 'PT400', 'invalid_request', 'a kind it does not know');
select is(
  (select c - 'id' from jsonb_array_elements(public.resolve_entity(null, 'Dana Reyes', null, '2026-11-23 12:00Z') -> 'candidates') as c)
    #- '{last_meeting,id}' #- '{next_meeting,id}' #- '{open_deal,id}',
  jsonb_build_object(
    'kind', 'contact', 'table', 'contacts', 'label', 'Dana Reyes', 'detail', 'Nord', 'at', '2026-11-01T00:00:00+00:00'::timestamptz,
    'is_own', true, 'is_exact', true, 'email', 'dana@elsewhere.test',
    'last_meeting', jsonb_build_object('title', 'Chat', 'at', '2026-11-13T00:00:00+00:00'::timestamptz),
    -- The cancelled one would be earlier.
    'next_meeting', jsonb_build_object('title', 'Planned talk', 'at', '2026-11-24T00:00:00+00:00'::timestamptz),
    'open_deal', jsonb_build_object('name', 'Hidden two')
  ),
  'U60-066 with what speaks for it'
);
select is(
  (select c -> 'open_deal' from jsonb_array_elements(public.resolve_entity(null, 'Finch') -> 'candidates') as c), 'null'::jsonb,
  'a lost deal speaks for nobody'
);
select is(
  (select c -> 'open_deal' from jsonb_array_elements(public.resolve_entity(null, 'Sud', array['company']) -> 'candidates') as c), 'null'::jsonb,
  'nor for a company'
);
-- Whatever is typed is only ever words.
select is(
  (select count(*) from generate_series(1, 1023) as n
    where private.word_query(private.reference_words('zz' || chr(n) || 'qq' || chr(n) || '''\&|!():*<->"'), ' & ', true) is null), 0::bigint,
  'T-05 no character of a reference is an operator'
);
select is(public.resolve_entity(null, '''zz'' | !(yy:*) <-> \') -> 'total', '0', 'T-05 and together they are none');
select is(public.resolve_entity(null, repeat('Dana ', 5000)) -> 'total', '2', 'T-05 a long one is cut');
-- The limit holds, the count does not.
select is(jsonb_array_length(public.resolve_entity(null, 'Dana', null, now(), 1) -> 'candidates'), 1, 'one is listed');
select is(public.resolve_entity(null, 'Dana', null, now(), 1) -> 'total', '2', 'two are counted');
select tests.act_as_anon();
select throws_ok($$ select public.resolve_entity(null, 'Dana') $$, '42501', null, 'T-04 nobody is nobody');

select * from finish();
rollback;
