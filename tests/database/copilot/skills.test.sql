-- Settings of the skill library: members read, admins set, nobody else knows of them.
begin;
select * from no_plan();

select tests.given_member('ada', 'acme', 'admin');
select tests.given_member('ana', 'acme', 'agent');
select tests.given_member('rui', 'rival', 'owner');
select tests.given_member('gus', 'acme', 'admin', 'removed');
create function pg_temp.seen(p_org text default 'acme')
returns text language sql as $$
  select string_agg(s.key || ' ' || s.is_active, ', ' order by s.key) from public.org_skills as s where s.org_id = tests.id(p_org)
$$;
create function pg_temp.turn_settings(p_org text)
returns jsonb language sql security definer as $$ select private.org_skill_settings(tests.id(p_org)) $$;
grant execute on all functions in schema pg_temp to authenticated, anon;

select tests.act_as('ada');
select is(
  public.set_org_skill(tests.id('acme'), 'seq-pipeline-review', true, 2, '{"days": 5}', E'---\nkey: x\n---\nText'),
  jsonb_build_object(
    'key', 'seq-pipeline-review', 'is_active', true, 'version', 2, 'variables', '{"days": 5}'::jsonb, 'document', E'---\nkey: x\n---\nText',
    'document_sha256', encode(sha256(convert_to(E'---\nkey: x\n---\nText', 'UTF8')), 'hex')
  ), 'an admin sets all of it, and the document has the hash of its text'
);
select lives_ok($$ select public.set_org_skill(tests.id('acme'), 'cold-outreach', false) $$, 'or only that it is off');
select is(pg_temp.seen(), 'cold-outreach false, seq-pipeline-review true', 'and reads it');
select is(
  public.set_org_skill(tests.id('acme'), 'seq-pipeline-review', false) - 'key',
  '{"is_active": false, "version": null, "variables": {}, "document": null, "document_sha256": null}', 'setting it again replaces it'
);
select is(
  (select array_agg(a.action order by a.id) from public.security_audit_log as a
    where a.org_id = tests.id('acme') and a.action like 'org_skills.%'),
  array['org_skills.insert', 'org_skills.insert', 'org_skills.update'], 'each change is in the audit log'
);
select throws_ok($$ insert into public.org_skills (org_id, key) values (tests.id('acme'), 'direct') $$, '42501', null, 'never around the function');
select throws_ok($$ update public.org_skills set is_active = true $$, '42501', null, 'not by an update');
select throws_ok($$ delete from public.org_skills $$, '42501', null, 'nor by deleting');
select throws_ok($$ select private.org_skill_settings(tests.id('acme')) $$, '42501', null, 'what a turn asks is not asked by a person');
select throws_ok($$ select public.set_org_skill(tests.id('rival'), 'cold-outreach') $$, 'PT404', 'organization_not_found', 'in no organization of others');

select throws_ok(format('select public.set_org_skill(%L, %L, true, %L, %L, %L)', tests.id('acme'), v.key, v.version, v.variables, v.document), '23514', null, v.what)
from (values
  ('a key is one of the library''s form', 'Cold Outreach', null::integer, '{}'::jsonb, null),
  ('and not too long', 'a' || repeat('a', 60), null, '{}', null),
  ('versions count from one', 'cold-outreach', 0, '{}', null),
  ('variables have names', 'cold-outreach', null, '[]', null),
  ('and are few', 'cold-outreach', null, jsonb_build_object('a', (select string_agg(md5(i::text), '') from generate_series(1, 2000) as i)), null),
  ('a document says something', 'cold-outreach', null, '{}', ''),
  ('and is not a book', 'cold-outreach', null, '{}', repeat('x', 40001))
) as v (what, key, version, variables, document);

select tests.act_as('ana');
select is(
  public.read_org_skills(tests.id('acme')) - array['time_zone', 'email'],
  jsonb_build_object(
    'org_id', tests.id('acme'), 'organization_name', 'acme', 'user_id', tests.id('ana'), 'first_name', 'Ana', 'full_name', 'Ana',
    'settings', jsonb_build_array(
      '{"key": "cold-outreach", "is_active": false, "version": null, "variables": {}, "document": null, "document_sha256": null}'::jsonb,
      '{"key": "seq-pipeline-review", "is_active": false, "version": null, "variables": {}, "document": null, "document_sha256": null}'::jsonb
    )
  ), 'a member reads what is set and whose names stand in documents'
);
select throws_ok($$ select public.read_org_skills(tests.id('rival')) $$, 'PT404', 'organization_not_found', 'of no other organization');
select is(pg_temp.seen(), 'cold-outreach false, seq-pipeline-review false', 'a member reads the settings');
select throws_ok($$ select public.set_org_skill(tests.id('acme'), 'cold-outreach', true) $$, 'PT403', 'forbidden', 'and changes none');
select tests.act_as('rui');
select is(pg_temp.seen(), null, 'another organization sees nothing of them');
select throws_ok($$ select public.set_org_skill(tests.id('acme'), 'cold-outreach', true) $$, 'PT404', 'organization_not_found', 'and sets nothing');
select lives_ok($$ select public.set_org_skill(tests.id('rival'), 'cold-outreach', true) $$, 'control: in their own they do');
select tests.act_as('gus');
select is(pg_temp.seen(), null, 'nor somebody who has left');
select tests.act_as_anon();
select throws_ok($$ select pg_temp.seen() $$, '42501', null, 'nor somebody who is not signed in');
select tests.act_as_owner();
select is(
  pg_temp.turn_settings('acme') -> 0,
  '{"key": "cold-outreach", "is_active": false, "version": null, "variables": {}, "document": null, "document_sha256": null}',
  'a turn is told all settings of its organization'
);
select is(jsonb_array_length(pg_temp.turn_settings('rival')), 1, 'and of no other');
insert into public.org_skills (org_id, key) select tests.id('rival'), 'k' || i from generate_series(1, 99) as i;
select tests.act_as('rui');
select throws_ok($$ select public.set_org_skill(tests.id('rival'), 'one-more', true) $$, 'PT409', 'conflict', 'a hundred documents are enough');
select lives_ok($$ select public.set_org_skill(tests.id('rival'), 'k1', false) $$, 'control: one of the hundred is set again');
select tests.act_as_owner();
select throws_ok($$ insert into public.org_skills (org_id, key) values (tests.id('acme'), 'cold-outreach') $$, '23505', null, 'a document is set once');

select * from finish();
rollback;
