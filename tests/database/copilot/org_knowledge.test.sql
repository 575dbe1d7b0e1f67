-- What the copilot knows of a company: who reads and writes it, and the text that is compiled of it,
-- once, and again only when what it is made from changes.
begin;
select * from no_plan();

select tests.given_member('olga', 'acme', 'owner');
select tests.given_member('adam', 'acme', 'admin');
select tests.given_member('mona', 'acme', 'manager');
select tests.given_member('rita', 'rivals', 'admin');
select tests.given_org('fresh');

-- Who reads and writes -----------------------------------------------------------------------------

select is(
  (select count(*)::int from public.org_knowledge as k where k.org_id = tests.id('fresh')), 1,
  'U60-006 a new organization has its row of knowledge'
);
select throws_ok(
  $$ insert into public.org_knowledge (org_id) values (tests.id('acme')) $$, '23505', null,
  'U60-006 and one only'
);
select tests.act_as('adam');
select is(
  tests.affected($$ update public.org_knowledge set brand_voice = 'Plain.' $$), 1,
  'U60-006 an admin writes the knowledge of the own organization and of no other'
);
select throws_ok($$ insert into public.org_knowledge (org_id) values (gen_random_uuid()) $$, '42501', null, 'U60-006 nobody adds a row');
select throws_ok($$ delete from public.org_knowledge $$, '42501', null, 'U60-006 or removes one');
select throws_ok($$ update public.org_knowledge set org_id = tests.id('rivals') $$, '42501', null, 'U60-006 or moves one');
select tests.act_as('mona');
select is((select array_agg(k.brand_voice) from public.org_knowledge as k), '{Plain.}', 'U60-006 a member reads it, and no other organization''s');
select is(tests.affected($$ update public.org_knowledge set brand_voice = 'Loud.' $$), 0, 'U60-006 but does not write it');
select tests.act_as_owner();
update public.org_settings set mfa_required_for = 'admins' where org_id = tests.id('acme');
select tests.act_as('adam');
select is(
  tests.affected($$ update public.org_knowledge set brand_voice = 'Loud.' $$), 0,
  'U60-006 where admin powers need a second factor, so does this one'
);
select tests.act_as_owner();
update public.org_settings set mfa_required_for = 'none' where org_id = tests.id('acme');
select isnt_empty(
  $$ select from public.security_audit_log where org_id = tests.id('acme') and action = 'org_knowledge.update' and changed_columns = '{brand_voice}' $$,
  'U60-006 a change is on record, by its fields'
);

-- What may be written ------------------------------------------------------------------------------

create function pg_temp.writes(p_set text)
returns text language plpgsql as $$
begin
  execute format('update public.org_knowledge set %s where org_id = %L', p_set, tests.id('acme'));
  return 'written';
exception when check_violation or not_null_violation then
  get stacked diagnostics p_set = constraint_name;
  return p_set;
end
$$;
select is(pg_temp.writes(v.change), v.expected, format('U60-074 %s', left(v.change, 80)))
from (values
  ($$ products = array['A', 'B'] $$, 'written'),
  ($$ products = array['A', null] $$, 'org_knowledge_products_are_lines'),
  ($$ products = array[' '] $$, 'org_knowledge_products_are_lines'),
  ($$ products = array[E'A\nB'] $$, 'org_knowledge_products_are_lines'),
  ($$ products = array[repeat('a', 300)] $$, 'written'),
  ($$ products = array[repeat('a', 301)] $$, 'org_knowledge_products_are_lines'),
  ($$ products = array_fill('a'::text, array[50]) $$, 'written'),
  ($$ products = array_fill('a'::text, array[51]) $$, 'org_knowledge_products_are_lines'),
  ($$ pain_points = array[repeat('a', 500)] $$, 'written'),
  ($$ pain_points = array[repeat('a', 501)] $$, 'org_knowledge_pain_points_are_lines'),
  ($$ brand_voice = '' $$, 'org_knowledge_brand_voice_length'),
  ($$ brand_voice = repeat('a', 2000) $$, 'written'),
  ($$ brand_voice = repeat('a', 2001) $$, 'org_knowledge_brand_voice_length'),
  ($$ competitors = '[{"name": "W", "positioning": "Later."}, {"name": "X"}, {"name": "Y", "positioning": null}]' $$, 'written'),
  ($$ competitors = '{}' $$, 'org_knowledge_competitors_are_known'),
  ($$ competitors = '"W"' $$, 'org_knowledge_competitors_are_known'),
  ($$ competitors = '["W"]' $$, 'org_knowledge_competitors_are_known'),
  ($$ competitors = '[{"positioning": "Later."}]' $$, 'org_knowledge_competitors_are_known'),
  ($$ competitors = '[{"name": ""}]' $$, 'org_knowledge_competitors_are_known'),
  ($$ competitors = '[{"name": 1}]' $$, 'org_knowledge_competitors_are_known'),
  ($$ competitors = '[{"name": "W", "positioning": 1}]' $$, 'org_knowledge_competitors_are_known'),
  ($$ competitors = '[{"name": "W", "positioning": ""}]' $$, 'org_knowledge_competitors_are_known'),
  ($$ competitors = '[{"name": "W", "price": "1"}]' $$, 'org_knowledge_competitors_are_known'),
  ($$ competitors = jsonb_build_array(jsonb_build_object('name', repeat('W', 201))) $$, 'org_knowledge_competitors_are_known'),
  ($$ competitors = jsonb_build_array(jsonb_build_object('name', 'W', 'positioning', repeat('a', 2001))) $$, 'org_knowledge_competitors_are_known'),
  ($$ competitors = to_jsonb(array_fill('{"name": "W"}'::jsonb, array[50])) $$, 'written'),
  ($$ competitors = to_jsonb(array_fill('{"name": "W"}'::jsonb, array[51])) $$, 'org_knowledge_competitors_are_known')
) as v (change, expected);

-- The text -----------------------------------------------------------------------------------------

update public.organizations set name = 'Acme' where id = tests.id('acme');
update public.org_knowledge
set products = array['Line monitoring', 'Shift reports'],
  competitors = '[{"name": "WidgetCo", "positioning": "Cheap at first."}, {"name": "Other"}]',
  pain_points = array['Unplanned stops'], brand_voice = E'Plain,\nno <b>hype</b>.'
where org_id = tests.id('acme');
create function pg_temp.persona(p_who text, p_org text)
returns text language sql as $$ select private.persona(tests.id(p_org), tests.id(p_who)) ->> 'text' $$;
select is(pg_temp.persona('mona', 'acme'), concat_ws(E'\n',
  'You are Mona''s dedicated sales analyst at Acme.',
  'Work like a junior colleague who knows the accounts: brief, concrete, honest about what you do not know.',
  'Name the deals, meetings and people that you mean. Address Mona by first name.',
  '',
  'COMPANY KNOWLEDGE',
  'Products: Line monitoring; Shift reports',
  'Competitors: WidgetCo: Cheap at first.; Other',
  'Customer pain points: Unplanned stops',
  'Brand voice: Plain, no b hype /b .',
  '',
  'BEFORE ANYTHING HAPPENS',
  'Show emails, messages, meetings, tasks and changes as a preview and wait: only when Mona says Confirm are they sent or made.'
), 'U60-073 U60-074 U60-075 V-02 the text names the person, the company, all four parts, and the yes that it waits for');

create function pg_temp.parts(p_set text)
returns text language plpgsql as $$
begin
  execute format('update public.org_knowledge set %s where org_id = %L', p_set, tests.id('acme'));
  return (
    select string_agg(m.part[1], ',')
    from regexp_matches(pg_temp.persona('mona', 'acme'), '^(COMPANY KNOWLEDGE|[A-Z][a-z ]+(?=: ))', 'ng') as m (part)
    where m.part[1] <> 'Work like a junior colleague who knows the accounts'
      and m.part[1] not like 'Show %'
  );
end
$$;
select is(pg_temp.parts($$ products = '{}' $$), 'COMPANY KNOWLEDGE,Competitors,Customer pain points,Brand voice', 'U60-074 without products, nothing is said of them');
select is(pg_temp.parts($$ competitors = '[]' $$), 'COMPANY KNOWLEDGE,Customer pain points,Brand voice', 'U60-074 without competitors neither');
select is(pg_temp.parts($$ pain_points = '{}' $$), 'COMPANY KNOWLEDGE,Brand voice', 'U60-074 nor pain points');
select is(pg_temp.parts($$ brand_voice = null $$), null, 'U60-074 and where nothing is known there is no heading');
select unalike(pg_temp.persona('mona', 'acme'), '%{%', 'U60-074 no placeholder is left');
update public.profiles set first_name = null where id = tests.id('mona');
select alike(pg_temp.persona('mona', 'acme'), 'You are a dedicated sales analyst at Acme.%', 'U60-073 without a first name none is made up');
select unalike(pg_temp.persona('mona', 'acme'), '%by first name%', 'U60-073 nor asked for');
select alike(pg_temp.persona('mona', 'acme'), '%only when the person says Confirm%', 'U60-075 the yes is waited for all the same');

-- For whom -----------------------------------------------------------------------------------------

select is(pg_temp.persona('rita', 'acme'), null, 'U60-073 there is none for who is not a member');
select is(private.persona(tests.id('acme'), null), null, 'U60-073 nor for nobody');
select isnt(pg_temp.persona('rita', 'rivals'), null, 'control: but for a member elsewhere');
select unalike(pg_temp.persona('rita', 'rivals'), '%Acme%', 'U60-073 without a word of another organization');

-- Compiled once, and again only on change ------------------------------------------------------------

create function pg_temp.compilations(p_who text)
returns integer language sql as $$
  select c.compilations from private.copilot_personas as c
  where c.org_id = tests.id('acme') and c.user_id = tests.id(p_who)
$$;
create function pg_temp.recompiles(p_change text)
returns integer language plpgsql as $$
declare
  v_before integer;
begin
  perform private.persona(tests.id('acme'), tests.id('adam'));
  v_before := pg_temp.compilations('adam');
  execute p_change;
  perform private.persona(tests.id('acme'), tests.id('adam'));
  perform private.persona(tests.id('acme'), tests.id('adam'));
  return pg_temp.compilations('adam') - v_before;
end
$$;
select is(pg_temp.recompiles(v.change), v.expected, format('U60-072 %s', v.change))
from (values
  ('select 1', 0),
  ($$ update public.org_knowledge set products = '{New}' where org_id = tests.id('acme') $$, 1),
  ($$ update public.org_knowledge set products = '{New}' where org_id = tests.id('acme') $$, 0),
  ($$ update public.org_knowledge set competitors = '[{"name": "W"}]' where org_id = tests.id('acme') $$, 1),
  ($$ update public.org_knowledge set pain_points = '{New}' where org_id = tests.id('acme') $$, 1),
  ($$ update public.org_knowledge set brand_voice = 'New' where org_id = tests.id('acme') $$, 1),
  ($$ update public.org_knowledge set brand_voice = 'Theirs' where org_id = tests.id('rivals') $$, 0),
  ($$ update public.profiles set first_name = 'Ada' where id = tests.id('adam') $$, 1),
  ($$ update public.profiles set last_name = 'Other', time_zone = 'Europe/Berlin' where id = tests.id('adam') $$, 0),
  ($$ update public.organizations set name = 'Acme Two' where id = tests.id('acme') $$, 1),
  ($$ update public.organizations set time_zone = 'Europe/Berlin' where id = tests.id('acme') $$, 0),
  ($$ update public.organization_members set role = 'agent' where user_id = tests.id('adam') $$, 0)
) as v (change, expected);
select is(
  (select c.version from private.copilot_personas as c where c.org_id = tests.id('acme') and c.user_id = tests.id('adam')),
  private.persona(tests.id('acme'), tests.id('adam')) ->> 'version',
  'U60-072 the version stands with the text'
);
select isnt(
  private.persona(tests.id('acme'), tests.id('adam')) ->> 'version',
  private.persona(tests.id('acme'), tests.id('olga')) ->> 'version',
  'U60-072 another text has another version'
);
select throws_ok(
  $$ insert into private.copilot_personas (org_id, user_id, fingerprint, text) values (tests.id('acme'), tests.id('adam'), 'f', 't') $$,
  '23505', null, 'U60-072 one text for one person in one organization'
);
select throws_ok(
  $$ insert into private.copilot_personas (org_id, user_id, fingerprint, text) values (tests.id('acme'), tests.id('rita'), 'f', 't') $$,
  '23503', null, 'U60-072 and for members only'
);

-- Namesakes read the same text, and each has their own.
select tests.given_member('amy', 'acme', 'agent');
update public.profiles set first_name = 'Olga' where id = tests.id('amy');
select is(pg_temp.persona('amy', 'acme'), pg_temp.persona('olga', 'acme'), 'U60-073 namesakes read the same');
select is(pg_temp.compilations('amy'), 1, 'U60-072 but each has a text of their own');

update public.organization_members set status = 'suspended' where org_id = tests.id('acme') and user_id = tests.id('adam');
select is(pg_temp.compilations('adam'), null, 'U60-072 who is suspended leaves no text behind');
select is(pg_temp.persona('adam', 'acme'), null, 'U60-072 and has none');
select isnt(pg_temp.compilations('mona'), null, 'control: a colleague''s stays');
update public.organization_members set status = 'active' where org_id = tests.id('acme') and user_id = tests.id('adam');
select isnt(pg_temp.persona('adam', 'acme'), null, 'U60-072 until they are back');

select * from finish();
rollback;
