-- Search finds what the policy on segments would show, and nothing else.
begin;
select * from no_plan();

select tests.given_member('ana', 'acme', 'manager');
select tests.given_member('ben', 'acme', 'viewer');
select tests.given_member('gil', 'acme', 'agent');
select tests.given_member('cy', 'globex', 'owner');
select tests.given_row('talk of ana', 'meetings', 'acme', 'ana');
select tests.given_row('talk of gil', 'meetings', 'acme', 'gil');
select tests.given_row('talk of cy', 'meetings', 'globex', 'cy');
select tests.given_transcript('talk of ana', 'acme', 'The zebra likes <b>prices</b>');
select tests.given_transcript('talk of gil', 'acme', 'A zebra for the price of two');
select tests.given_transcript('talk of cy', 'globex', 'Our zebra, our price');

create function pg_temp.found(p_org text, p_query text)
returns text[] language sql as $$
  select array(
    select r.meeting_title from jsonb_to_recordset(public.search_transcripts(tests.id(p_org), p_query) -> 'results')
      as r (meeting_title text) order by 1
  )
$$;
create function pg_temp.policy_shows(p_org text, p_query text)
returns text[] language sql as $$
  select array(
    select m.title from public.transcript_segments as s join public.meetings as m on m.org_id = s.org_id and m.id = s.meeting_id
    where s.org_id = tests.id(p_org) and s.tsv @@ websearch_to_tsquery('english', p_query) order by 1
  )
$$;
grant execute on function pg_temp.found(text, text), pg_temp.policy_shows(text, text) to authenticated;

select tests.act_as('ana');
select is(pg_temp.found('acme', 'zebra price'), array['talk of ana', 'talk of gil'], 'a member finds what is shared');
select is(pg_temp.found('acme', 'zebra'), pg_temp.policy_shows('acme', 'zebra'), 'as the policy has it');
select public.switch_active_org(tests.id('acme'));
select is(pg_temp.found(null, 'zebra'), array['talk of ana', 'talk of gil'], 'and in the organization they work in, when they name none');
select tests.act_as('ben');
select is(pg_temp.found('acme', 'zebra'), pg_temp.policy_shows('acme', 'zebra'), 'a viewer too');
select tests.act_as('gil');
select is(pg_temp.found('acme', 'zebra'), array['talk of gil'], 'an agent only their own');
select tests.act_as_owner();
select tests.set_setting('acme', 'enable_meeting_sharing', 'false');
select tests.act_as('ana');
select is(pg_temp.found('acme', 'zebra'), array['talk of ana'], 'and so everybody, when the organization does not share');
select is(pg_temp.found(null, 'zebra'), array['talk of ana'], 'nor is more found by naming none');
select tests.act_as('cy');
select throws_ok($$ select public.search_transcripts(tests.id('acme'), 'zebra') $$, 'PT404', 'organization_not_found', 'T-03 a rival is told nothing');
select is(pg_temp.found('globex', 'zebra'), array['talk of cy'], 'control: but finds their own');
select throws_ok(
  $$ select private.find_best_segments(tests.id('acme'), tests.id('cy'), true, 'zebra', 9, null) $$, '42501', null,
  'T-04 and can''t call what searches without asking'
);
select throws_ok(
  $$ select private.find_recent_segments(tests.id('acme'), tests.id('cy'), true, 'zebra', 9, null) $$, '42501', null,
  'T-04 in no order'
);
select tests.act_as_owner();
update public.organization_members set status = 'suspended' where user_id = tests.id('cy');
select tests.act_as('cy');
select throws_ok($$ select public.search_transcripts(tests.id('globex'), 'zebra') $$, 'PT404', 'organization_not_found', 'nor does who is suspended');

select tests.act_as('ana');
select is(
  public.search_transcripts(tests.id('acme'), 'price') -> 'results' -> 0 ->> 'marked_text' ~ U&'\E000prices\E001', true,
  'the match stands between marks that no text can hold'
);
select is(public.search_transcripts(tests.id('acme'), q) -> 'results', '[]'::jsonb, format('%s finds nothing and breaks nothing', q))
from unnest(array['', '''', 'the', '&|!', '\', '<->', '-price', '-price -zebra', 'price or -zebra']) as q;
select isnt(public.search_transcripts(tests.id('acme'), 'price -unicorn') -> 'results', '[]'::jsonb, 'control: a word and one that must not be there');
select throws_ok($$ select public.search_transcripts(tests.id('acme'), 'x', 'id') $$, 'PT400', 'invalid_request', 'an order it does not know');

select * from finish();
rollback;
