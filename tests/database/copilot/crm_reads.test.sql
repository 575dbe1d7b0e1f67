-- Contacts, companies, deals, the pipeline and what is at risk, as the caller may read them: each filter
-- holds, each list says how many there are, a rival is told nothing.
begin;
select * from no_plan();

select tests.given_member('ana', 'acme', 'manager');
select tests.given_member('ben', 'acme', 'manager');
select tests.given_member('ada', 'acme', 'agent');
select tests.given_member('cy', 'globex', 'owner');
update public.profiles set time_zone = 'America/New_York', active_org_id = tests.id('acme') where id in (tests.id('ana'), tests.id('ben'), tests.id('ada'));

-- Seen from a Monday noon in New York; the quarter ends with the year.
create function pg_temp.at_days(p_days numeric) returns timestamptz language sql as $$ select '2026-11-23 17:00Z'::timestamptz - p_days * interval '1 day' $$;
insert into public.companies (org_id, user_id, name, domain) values (tests.id('acme'), tests.id('ana'), 'Nord', 'nord.test') returning tests.remember('nord', id);
insert into public.contacts (org_id, user_id, company_id, first_name, email, last_interaction_at, created_at) values
  (tests.id('acme'), tests.id('ana'), tests.id('nord'), 'Dana', 'dana@nord.test', pg_temp.at_days(10), pg_temp.at_days(90)),
  (tests.id('acme'), tests.id('ana'), tests.id('nord'), 'Elle', 'elle@nord.test', null, pg_temp.at_days(40)),
  (tests.id('acme'), tests.id('ben'), null, 'Danilo', 'danilo@else.test', pg_temp.at_days(50), pg_temp.at_days(90));
select tests.remember(k.first_name, k.id) from public.contacts as k;
create function pg_temp.given_deal(p_name text, p_owner text, p_stage text, p_more jsonb default '{}')
returns uuid language sql as $$
  insert into public.deals (org_id, user_id, company_id, primary_contact_id, stage_id, name, amount, currency, expected_close_on, next_step, stage_changed_at, created_at)
  select tests.id('acme'), tests.id(p_owner), tests.id(p_more ->> 'company'), tests.id(p_more ->> 'contact'), s.id, p_name, coalesce((p_more ->> 'amount')::numeric, 100),
    coalesce(p_more ->> 'currency', 'USD'), (p_more ->> 'closes')::date, p_more ->> 'next', pg_temp.at_days(coalesce((p_more ->> 'stage_days')::numeric, 1)),
    pg_temp.at_days(coalesce((p_more ->> 'days')::numeric, 60))
  from public.deal_stages as s where s.org_id = tests.id('acme') and s.name = p_stage
  returning tests.remember(p_name, id)
$$;
select pg_temp.given_deal('fine', 'ana', 'Proposal', '{"company": "nord", "contact": "Dana", "closes": "2026-12-01", "next": "call", "amount": 1000}');
select pg_temp.given_deal('silent', 'ana', 'Lead', '{"stage_days": 7, "closes": "2026-11-23", "next": "call", "amount": 50}');
select pg_temp.given_deal('nearly silent', 'ana', 'Lead', '{"stage_days": 6.96, "closes": "2027-02-01", "next": "call", "amount": 60, "days": 6.96}');
select pg_temp.given_deal('late', 'ana', 'Lead', '{"contact": "Danilo", "closes": "2026-11-22", "next": "call", "currency": "EUR", "amount": 0.05}');
select pg_temp.given_deal('stuck', 'ana', 'Qualified', '{"stage_days": 30, "next": "call", "amount": 70}');
select pg_temp.given_deal('aimless', 'ana', 'Qualified', '{"next": "  ", "amount": 80}');
select pg_temp.given_deal('ben''s', 'ben', 'Negotiation', '{"contact": "Danilo", "closes": "2026-10-01", "amount": 90, "days": 2}');
select pg_temp.given_deal('over', 'ana', 'Lost', '{"closes": "2026-10-01", "amount": 5000, "contact": "Dana"}');
select pg_temp.given_deal('gained', 'ben', 'Won', '{"amount": 7000, "stage_days": 8}');
insert into public.activities (org_id, user_id, kind, subject, occurred_at, deal_id) values
  (tests.id('acme'), tests.id('ana'), 'note', 'recent', pg_temp.at_days(1), tests.id('stuck')),
  (tests.id('acme'), tests.id('ana'), 'note', 'future', pg_temp.at_days(-1), tests.id('silent'));
insert into public.calendar_events (org_id, user_id, external_id, title, start_time, end_time, attendees, status)
select tests.id('acme'), tests.id('ana'), e.title, e.title, pg_temp.at_days(e.days), pg_temp.at_days(e.days), e.attendees::jsonb, e.status
from (values
  ('cancelled', -1, '[{"email": "dana@nord.test"}]', 'cancelled'), ('next', -2, '[{"email": "DANA@nord.test"}]', 'confirmed'), ('far', -70, '[{"email": "danilo@else.test"}]', 'confirmed'),
  ('off', -3, '[{"email": "danilo@else.test"}]', 'cancelled')
) as e (title, days, attendees, status);
insert into public.tasks (org_id, user_id, title, due_at, status, deal_id, contact_id)
select tests.id('acme'), tests.id('ana'), t.title, pg_temp.at_days(t.days), t.status, tests.id('fine'), tests.id('Dana')
from (values ('open', 1, 'open'), ('later', -5, 'in_progress'), ('done', 2, 'done')) as t (title, days, status);

create function pg_temp.listed(p_call jsonb)
returns text[] language sql as $$ select array(select d ->> 'name' from jsonb_array_elements(p_call -> 'deals') as d) $$;
create function pg_temp.risks(p_owner text default 'mine', p_deal text default null)
returns jsonb language sql as $$
  select coalesce(jsonb_object_agg(d -> 'deal' ->> 'name', d -> 'reasons'), '{}')
  from jsonb_array_elements(public.list_at_risk_deals(null, p_owner, 50, pg_temp.at_days(0), tests.id(p_deal)) -> 'deals') as d
$$;
grant execute on all functions in schema pg_temp to authenticated;

-- Single records
select tests.act_as('ana');
select is(public.get_contact(tests.id('Dana'), null, pg_temp.at_days(0)) #>> '{contact,owner_name}', 'Ana', 'a contact with its owner');
select is(pg_temp.listed(public.get_contact(tests.id('Dana'))), array['fine', 'over'], 'and its deals, open ones first');
select is(public.get_contact(tests.id('Dana'), null, pg_temp.at_days(0)) #>> '{next_meeting,title}', 'next', 'the next meeting is not the cancelled one');
select is(public.get_contact(tests.id('Danilo'), null, pg_temp.at_days(0)) -> 'next_meeting', 'null', 'one beyond sixty days is none yet');
select is(public.get_company(tests.id('nord')) #>> '{company,owner_name}', 'Ana', 'a company with its owner');
select is(public.get_company(tests.id('nord')) -> 'contacts_total', '2', 'its contacts are counted');
select is(public.get_deal(tests.id('fine')) #>> '{deal,stage,name}', 'Proposal', 'a deal with its stage');
select is((select array_agg(t ->> 'title') from jsonb_array_elements(public.get_deal(tests.id('fine')) -> 'tasks') as t), array['open', 'later'], 'and the tasks that are open');
select is((public.get_deal(tests.id('fine')) #>> '{deal,weighted_amount}')::numeric, 500.00, 'weighted by the stage');
select throws_ok($$ select public.get_contact(gen_random_uuid()) $$, 'PT404', 'not_found', 'no such contact');
select throws_ok($$ select public.get_company(gen_random_uuid()) $$, 'PT404', 'not_found', 'no such company');
select throws_ok($$ select public.get_deal(gen_random_uuid()) $$, 'PT404', 'not_found', 'no such deal');

-- Lists, in each order
select is(pg_temp.listed(public.list_deals(p_now => pg_temp.at_days(0))), array['late', 'silent', 'fine', 'nearly silent'] || x.rest, 'own open deals by close date, those without one last')
from (select array_agg(n order by tests.id(n)) as rest from unnest(array['stuck', 'aimless']) as n) as x;
select is(pg_temp.listed(public.list_deals(p_sort => 'amount', p_limit => 3)), array['fine', 'aimless', 'stuck'], 'the largest first');
select is(pg_temp.listed(public.list_deals(p_owner => 'all', p_sort => 'amount', p_limit => 3)), array['fine', 'ben''s', 'aimless'], 'with what colleagues share');
select is((pg_temp.listed(public.list_deals(p_owner => 'all', p_sort => 'newest')))[:2], array['ben''s', 'nearly silent'], 'the newest first');
select is((pg_temp.listed(public.list_deals(p_sort => 'newest')))[1], 'nearly silent', 'the newest own one');
select is((pg_temp.listed(public.list_deals(p_owner => 'all')))[1], 'ben''s', 'the first to close, whoever''s it is');
select is(pg_temp.listed(public.list_deals(p_status => 'lost', p_sort => s)), array['over'], 'U60-048 lost ones by ' || s) from unnest(array['closing', 'amount', 'newest']) as s;
select is(public.list_deals(p_status => 'all') -> 'total', '7', 'all own ones');
select is(public.list_deals(p_status => 'won', p_owner => 'all') -> 'total', '1', 'won ones of all');
select is(public.list_deals(p_status => 'won') -> 'total', '0', 'none of them own');
select is(
  public.list_deals() -> 'totals',
  '[{"currency": "USD", "count": 5, "amount": 1260.00, "weighted_amount": 548.50}, {"currency": "EUR", "count": 1, "amount": 0.05, "weighted_amount": 0.01}]',
  'currencies are never added together, and each amount is weighted and rounded by itself'
);
select is(pg_temp.listed(public.list_deals(p_stage => 'qualIFIED', p_sort => 'amount')), array['aimless', 'stuck'], 'of a stage by its name');
select is(public.list_deals(p_stage => 'nowhere') #> '{filters,is_known_stage}', 'false', 'an unknown stage is said to be one');
select is(pg_temp.listed(public.list_deals(p_closing => p, p_now => pg_temp.at_days(0))), w, 'C-24 closing ' || p)
from (values
  ('overdue', array['late']), ('this_week', array['silent']), ('next_week', array['fine']), ('this_month', array['late', 'silent']),
  ('next_month', array['fine']), ('this_quarter', array['late', 'silent', 'fine']), ('next_quarter', array['nearly silent'])
) as c (p, w);
-- At 04:59Z it is still the day before in New York.
select is(pg_temp.listed(public.list_deals(p_closing => 'overdue', p_now => '2026-11-24 04:59Z')), array['late'], 'C-24 a deal is due on its day to its end');
select is(pg_temp.listed(public.list_deals(p_closing => 'overdue', p_now => '2026-11-24 05:00Z')), array['late', 'silent'], 'C-24 and overdue after it');
select is(pg_temp.listed(public.list_deals(p_company_id => tests.id('nord'))), array['fine'], 'of a company');
select is(pg_temp.listed(public.list_deals(p_status => 'all', p_contact_id => tests.id('Dana'), p_sort => 'amount')), array['over', 'fine'], 'of a contact');
select is(pg_temp.listed(public.list_deals(p_contact_id => tests.id('Dana'))), array['fine'], 'of them the open ones');
select is(pg_temp.listed(public.list_deals(p_status => 'all', p_contact_id => tests.id('Dana'), p_stage => 'Lost')), array['over'], 'or those of a stage');
select is(pg_temp.listed(public.list_deals(p_status => 'all', p_contact_id => tests.id('Danilo'), p_sort => 'closing')), array['late'], 'and the own ones');
select is(pg_temp.listed(public.list_deals(p_status => 'all', p_contact_id => tests.id('Danilo'), p_owner => 'all', p_sort => 'closing')), array['ben''s', 'late'], 'or all, in order');
select throws_ok($$ select public.list_deals(p_status => 'gone') $$, 'PT400', 'invalid_request', 'an unknown status');
select throws_ok($$ select public.list_deals(p_sort => 'luck') $$, 'PT400', 'invalid_request', 'an unknown order');
select throws_ok($$ select public.list_deals(p_owner => 'them') $$, 'PT400', 'invalid_request', 'an unknown owner');
select throws_ok($$ select public.list_deals(p_closing => 'someday') $$, 'PT400', 'invalid_request', 'an unknown period');

-- Contacts
create function pg_temp.people(p_call jsonb)
returns text[] language sql as $$ select array(select k ->> 'name' from jsonb_array_elements(p_call -> 'contacts') as k) $$;
grant execute on function pg_temp.people(jsonb) to authenticated;
select is(pg_temp.people(public.search_contacts(p_query => 'dan')), array['Dana', 'Danilo'], 'contacts by the beginning of a name');
select is(pg_temp.people(public.search_contacts(p_query => 'dan', p_owner => 'mine')), array['Dana'], 'own ones');
select is(public.search_contacts(p_query => 'dan', p_owner => 'mine') -> 'total', '1', 'counted');
select is(pg_temp.people(public.search_contacts(p_owner => 'mine')), array['Dana', 'Elle'], 'all own ones');
select is(pg_temp.people(public.search_contacts()), array['Dana', 'Danilo', 'Elle'], 'all, the latest interaction first');
select is(pg_temp.people(public.search_contacts(p_company_id => tests.id('nord'))), array['Dana', 'Elle'], 'of a company');
select is(pg_temp.people(public.search_contacts(p_quiet_days => 40, p_now => pg_temp.at_days(0))), array['Danilo', 'Elle'], 'who was not spoken to for long; without an interaction since they are there');
select is(public.search_contacts(p_limit => 1) -> 'total', '3', 'a page says how many there are');
select throws_ok($$ select public.search_contacts(p_quiet_days => 0) $$, 'PT400', 'invalid_request', 'no days are no silence');

-- The pipeline
select is((public.get_pipeline_summary(p_now => pg_temp.at_days(0)) #>> '{totals,0,count}')::int, 5, 'own open deals');
select is((public.get_pipeline_summary(p_owner => 'all', p_now => pg_temp.at_days(0)) #>> '{totals,0,count}')::int, 6, 'with what colleagues share');
select is(
  (select jsonb_object_agg(s ->> 'name', (select sum((t ->> 'count')::int) from jsonb_array_elements(s -> 'totals') as t)) from jsonb_array_elements(public.get_pipeline_summary(p_now => pg_temp.at_days(0)) -> 'stages') as s),
  '{"Lead": 3, "Qualified": 2, "Proposal": 1, "Negotiation": null}', 'by stage, the empty ones too, not those where deals end'
);
select is(
  (select jsonb_object_agg(p ->> 'period', p -> 'totals') from jsonb_array_elements(public.get_pipeline_summary(p_now => pg_temp.at_days(0)) -> 'closing') as p),
  '{"overdue": [{"count": 1, "amount": 0.05, "currency": "EUR", "weighted_amount": 0.01}],
    "this_month": [{"count": 1, "amount": 0.05, "currency": "EUR", "weighted_amount": 0.01}, {"count": 1, "amount": 50.00, "currency": "USD", "weighted_amount": 5.00}],
    "this_quarter": [{"count": 1, "amount": 0.05, "currency": "EUR", "weighted_amount": 0.01}, {"count": 2, "amount": 1050.00, "currency": "USD", "weighted_amount": 505.00}]}',
  'C-24 by closing period'
);
create function pg_temp.changes(p_owner text)
returns text[] language sql as $$
  select array(select concat(c ->> 'change', ' ', c ->> 'currency', ' ', c ->> 'count') from jsonb_array_elements(
    public.get_pipeline_summary(p_owner => p_owner, p_now => pg_temp.at_days(0)) #> '{changes,totals}') as c)
$$;
grant execute on function pg_temp.changes(text) to authenticated;
select is(pg_temp.changes('mine'), array['created USD 1', 'lost USD 1', 'moved EUR 1', 'moved USD 3'], 'what changed in seven days, the edge included');
select is(pg_temp.changes('all'), array['created USD 2', 'lost USD 1', 'moved EUR 1', 'moved USD 3'], 'what colleagues share, too; what was won eight days ago is old');

select is(jsonb_array_length(public.get_pipeline_summary() -> 'deal_ids'), 6, 'the own open deals that were counted');
create function pg_temp.changed(p_owner text)
returns text[] language sql as $$
  select array(select d ->> 'name' from jsonb_array_elements(
    public.get_pipeline_summary(p_owner => p_owner, p_now => pg_temp.at_days(0)) #> '{changes,deals}') as d order by 1)
$$;
grant execute on function pg_temp.changed(text) to authenticated;
select is(pg_temp.changed('mine'), array['aimless', 'fine', 'late', 'nearly silent', 'over', 'silent'], 'and which changed');
select is(pg_temp.changed('all'), array['aimless', 'ben''s', 'fine', 'late', 'nearly silent', 'over', 'silent'], 'those of colleagues, too');

-- At risk
select is(
  pg_temp.risks(),
  '{"silent": ["inactive", "no_meeting_planned"], "late": ["close_date_passed", "no_meeting_planned"], "stuck": ["stage_stuck", "no_meeting_planned"],
    "aimless": ["no_next_step", "no_meeting_planned"]}',
  'U60-079 at 7 d 0 h silent, at 6 d 23 h not; each other rule by itself; that no meeting is planned is no reason alone'
);
select is(pg_temp.risks('all') -> 'ben''s', '["close_date_passed", "no_next_step"]', 'of a colleague''s deal nobody can say that no meeting is planned');
select is(pg_temp.risks('mine', 'fine'), '{}', 'one deal that is fine');
select is(public.list_at_risk_deals(p_now => pg_temp.at_days(0), p_deal_id => tests.id('late')) -> 'total', '1', 'one that is not');
select is(public.list_at_risk_deals(p_now => pg_temp.at_days(0)) -> 'open_total', '6', 'only open ones are looked at');
select is(public.list_at_risk_deals(p_now => pg_temp.at_days(0), p_limit => 1) #>> '{deals,0,deal,name}', 'late', 'the worst first, of them the first to close');
select is((public.list_at_risk_deals(p_now => pg_temp.at_days(0)) -> 'counts')::text, '{"inactive": 1, "stage_stuck": 1, "no_next_step": 1, "close_date_passed": 1, "negative_sentiment": 0, "no_meeting_planned": 4}', 'each reason is counted');

-- The mood of the last meeting counts, and only of the last.
select tests.act_as_owner();
insert into public.meetings (org_id, owner_user_id, source_type, external_id, title, started_at, deal_id) values
  (tests.id('acme'), tests.id('ana'), 'fathom', 'x1', 'bad', pg_temp.at_days(3), tests.id('fine'));
select tests.remember(m.title, m.id) from public.meetings as m;
insert into public.meeting_analyses (org_id, meeting_id, owner_user_id, transcript_hash, is_rule_based, sentiment, sentiment_evidence, sentiment_evidence_seqs)
values (tests.id('acme'), tests.id('bad'), tests.id('ana'), repeat('a', 64), true, 'negative', array[tests.id('Dana')], array[1]);
insert into public.meeting_attendees (org_id, meeting_id, owner_user_id, name, contact_id) values (tests.id('acme'), tests.id('bad'), tests.id('ana'), 'Dana', tests.id('Dana'));
select tests.act_as('ana');
select is(pg_temp.risks('mine', 'fine'), '{"fine": ["negative_sentiment"]}', 'U60-079 the last meeting went badly');
select tests.act_as_owner();
insert into public.meetings (org_id, owner_user_id, source_type, external_id, title, started_at, deal_id) values (tests.id('acme'), tests.id('ana'), 'fathom', 'x2', 'good', pg_temp.at_days(2), tests.id('fine'));
select tests.act_as('ana');
select is(pg_temp.risks('mine', 'fine'), '{}', 'U60-079 one after it makes it old');

-- What a relationship's health is made of
create function pg_temp.signals() returns jsonb language sql as $$ select public.get_relationship_signals(tests.id('Dana'), null, pg_temp.at_days(0)) $$;
grant execute on function pg_temp.signals() to authenticated;
select tests.act_as_owner();
insert into public.activities (org_id, user_id, kind, subject, occurred_at, contact_id, meeting_id) values
  (tests.id('acme'), tests.id('ana'), 'meeting', 'of the meeting', pg_temp.at_days(3), tests.id('Dana'), tests.id('bad')),
  (tests.id('acme'), tests.id('ana'), 'call', 'call', pg_temp.at_days(5), tests.id('Dana'), null),
  (tests.id('acme'), tests.id('ana'), 'note', 'note', pg_temp.at_days(5), tests.id('Dana'), null),
  (tests.id('acme'), tests.id('ana'), 'call', 'old', pg_temp.at_days(91), tests.id('Dana'), null);
insert into public.emails (org_id, user_id, external_id, direction, from_email, sent_at, contact_id) values
  (tests.id('acme'), tests.id('ana'), 'e1', 'inbound', 'dana@nord.test', pg_temp.at_days(8), tests.id('Dana')),
  (tests.id('acme'), tests.id('ben'), 'e2', 'inbound', 'dana@nord.test', pg_temp.at_days(9), tests.id('Dana'));
select tests.act_as('ana');
select is(
  (select array_agg(concat(t ->> 'table', ' ', t ->> 'is_theirs')) from jsonb_array_elements(pg_temp.signals() -> 'touches') as t),
  array['meetings true', 'activities false', 'emails true'], 'V-01 touches of 90 days: each once, notes and a colleague''s mailbox left out'
);
select tests.act_as_owner();
insert into public.meetings (org_id, owner_user_id, source_type, external_id, title, started_at) values (tests.id('acme'), tests.id('ana'), 'fathom', 'x3', 'before', pg_temp.at_days(1));
insert into public.meeting_attendees (org_id, meeting_id, owner_user_id, email) select m.org_id, m.id, m.owner_user_id, 'dana@nord.test' from public.meetings as m where m.external_id = 'x3';
insert into public.meeting_attendees (org_id, meeting_id, owner_user_id, email) select m.org_id, m.id, m.owner_user_id, 'else@nord.test' from public.meetings as m where m.external_id = 'x2';
select tests.act_as('ana');
select is(
  (select array_agg(m.title order by m.title) from private.meetings_with(tests.id('acme'), tests.id('Dana'), 'dana@nord.test') as w (id) join public.meetings as m on m.id = w.id),
  array['bad', 'before'], 'V-01 meetings with them, by id or address, and no others'
);
select is(pg_temp.signals() #>> '{touches,0,table}', 'meetings', 'V-01 a meeting that only their address was in');
select is(public.get_contact(tests.id('Dana'), null, pg_temp.at_days(0)) #>> '{last_meeting,title}', 'before', 'is the last one, too');
select is(
  (select array_agg(c ->> 'label') from jsonb_array_elements(public.resolve_entity(null, 'Dana', array['meeting'], pg_temp.at_days(0)) -> 'candidates') as c),
  array['before', 'next', 'bad'], 'U60-066 and is found by their name, the nearest first'
);
select is(pg_temp.signals() #>> '{sentiments,0,sentiment}', 'negative', 'V-01 the moods');
select is((select array_agg(d ->> 'name') from jsonb_array_elements(pg_temp.signals() -> 'open_deals') as d), array['fine'], 'V-01 open deals only');
select is((select array_agg(t ->> 'title') from jsonb_array_elements(pg_temp.signals() -> 'overdue_tasks') as t), array['open'], 'V-01 tasks that are open and overdue');
select throws_ok($$ select public.get_relationship_signals(gen_random_uuid()) $$, 'PT404', 'not_found', 'no such contact');

-- Who may not
select tests.act_as('ada');
select throws_ok($$ select public.get_contact(tests.id('Dana')) $$, 'PT404', 'not_found', 'C-15 to an agent a contact is not there');
select throws_ok($$ select public.get_deal(tests.id('fine')) $$, 'PT404', 'not_found', 'C-15 nor a deal');
select throws_ok($$ select public.get_relationship_signals(tests.id('Dana')) $$, 'PT404', 'not_found', 'C-15 nor a relationship');
select is(public.list_deals(p_owner => 'all', p_status => 'all') -> 'total', '0', 'C-15 and there is nothing to count');
select is(public.search_contacts() -> 'total', '0', 'C-15 nobody to find');
select is(public.get_pipeline_summary(p_owner => 'all') -> 'totals', '[]', 'C-15 no pipeline');
select is(public.list_at_risk_deals(p_owner => 'all') -> 'open_total', '0', 'C-15 nothing at risk');
select tests.act_as('cy');
select throws_ok(format('select public.%s', c), 'PT404', 'organization_not_found', 'R-04 T-03 a rival is told nothing by ' || split_part(c, '(', 1))
from unnest(array[
  'get_contact(tests.id(''Dana''), tests.id(''acme''))', 'get_company(tests.id(''nord''), tests.id(''acme''))', 'get_deal(tests.id(''fine''), tests.id(''acme''))',
  'list_deals(tests.id(''acme''))', 'search_contacts(tests.id(''acme''))', 'get_pipeline_summary(tests.id(''acme''))',
  'list_at_risk_deals(tests.id(''acme''))', 'get_relationship_signals(tests.id(''Dana''), tests.id(''acme''))'
]) as c;
select is(public.list_deals(tests.id('globex'), p_owner => 'all') -> 'total', '0', 'control: their own list is there');

select * from finish();
rollback;
