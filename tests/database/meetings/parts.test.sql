-- A meeting and its parts: seen together, moved together, deleted together.
begin;
select * from no_plan();

select tests.given_member('mona', 'acme', 'manager');
select tests.given_member('cole', 'acme', 'manager');
select tests.given_member('olga', 'acme', 'owner');
select tests.given_row('a call', 'meetings', 'acme', 'mona');
select tests.given_transcript('a call', 'acme', 'We talked about renewal pricing.');
select tests.set_setting('acme', 'enable_meeting_sharing', 'false');

create function pg_temp.parts()
returns integer language sql as $$
  select (select count(*) from public.meetings)::int * 10000 + (select count(*) from public.transcripts)::int * 1000
    + (select count(*) from public.transcript_segments)::int * 100 + (select count(*) from public.meeting_attendees)::int * 10
    + (select count(*) from public.meeting_action_items)::int
$$;
grant execute on function pg_temp.parts() to authenticated;

select tests.act_as('mona');
select is(pg_temp.parts(), 11111, 'the owner sees the meeting with all its parts');
select tests.act_as('cole');
select is(pg_temp.parts(), 0, 'U60-154 while meetings are not shared a colleague sees none of them');
select is(
  tests.affected($$ update public.meeting_action_items set is_completed = true $$), 0, 'nor completes an action item'
);
select tests.act_as('olga');
select is(
  public.transfer_records(tests.id('acme'), 'meetings', tests.id('mona'), tests.id('cole'), array[tests.id('a call')]), 1, 'the meeting is given to him'
);
select tests.act_as('cole');
select is(pg_temp.parts(), 11111, 'U60-046 then he sees it with all its parts');
select is(tests.affected($$ update public.meeting_action_items set is_completed = true $$), 1, 'control: and completes an action item');
select throws_ok(
  $$ update public.meeting_action_items set description = 'x' $$, '42501', null, 'but rewrites none'
);
select throws_ok(
  $$ insert into public.transcript_segments (org_id, transcript_id, meeting_id, owner_user_id, seq, start_ms, text)
     values (tests.id('acme'), tests.id('a call transcript'), tests.id('a call'), tests.id('cole'), 2, 0, 'I never said that') $$,
  '42501', null, 'nobody puts words into a transcript'
);
select throws_ok($$ update public.transcript_segments set text = 'x' $$, '42501', null, 'or other words');
select tests.act_as('mona');
select is(pg_temp.parts(), 0, 'and she sees them no longer');

-- A part cannot belong to somebody other than its meeting does.
select tests.act_as_owner();
select throws_ok(
  $$ insert into public.meeting_attendees (org_id, meeting_id, owner_user_id, name)
     values (tests.id('acme'), tests.id('a call'), tests.id('mona'), 'Somebody else') $$,
  '23503', null, 'a part follows its meeting''s owner'
);
select throws_ok(
  $$ insert into public.meetings (org_id, owner_user_id, source_type, external_id, title, started_at)
     values (tests.id('acme'), tests.id('mona'), 'fathom', 'a call', 'again', now()) $$,
  '23505', null, 'U60-131 a recording is one meeting'
);
select is((select origin from public.meetings where id = tests.id('a call')), 'external_provider', 'CRE-034 where it comes from');

-- Manual meetings are members' to make, recorded ones are not.
select tests.act_as('mona');
select lives_ok(
  $$ insert into public.meetings (org_id, title, started_at) values (tests.id('acme'), 'Lunch', now()) $$, 'U60-131 a manual meeting is made by a member'
);
select is((select source_type || ' ' || origin from public.meetings where title = 'Lunch'), 'manual user_input', 'U60-131 CRE-034 and says so');
select throws_ok(
  $$ insert into public.meetings (org_id, title, started_at, source_type) values (tests.id('acme'), 'Fake', now(), 'fathom') $$,
  '42501', null, 'U60-131 nobody makes a recorded one by hand'
);
select is(tests.affected($$ delete from public.meetings where title = 'Lunch' $$), 1, 'who made it deletes it');
select tests.act_as('cole');
select is(tests.affected($$ delete from public.meetings $$), 1, 'with its parts');
select tests.act_as_owner();
select is_empty($$ select from public.transcript_segments where meeting_id = tests.id('a call') $$, 'of which nothing is left');

-- The full-text index is there for the search function.
select is(
  (select to_tsvector('pg_catalog.english', 'We talked about renewal pricing.') @@ to_tsquery('pg_catalog.english', 'price & renew')), true,
  'U60-054 control: words are found by their stem'
);
select isnt_empty(
  $$ select from pg_indexes where tablename = 'transcript_segments' and indexdef ~ 'gin \(org_id, tsv\)' $$, 'U60-054 segments are indexed by organization and word'
);

select * from finish();
rollback;
