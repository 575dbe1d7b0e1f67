-- Conversations belong to one person: no role has a privilege, no function of anybody else's reaches
-- them, and what is stored opens with that person's key only.
begin;
select * from no_plan();

select tests.given_member('ana', 'acme', 'agent');
select tests.given_member('olga', 'acme', 'owner');
select tests.given_member('rui', 'rival', 'owner');
select tests.given_person('ops');
insert into private.superadmins (user_id, granted_by) values (tests.id('ops'), 'test');
select tests.given_member('ops', 'acme', 'admin');
select tests.remember('talk', gen_random_uuid()), tests.remember('turn', gen_random_uuid()), tests.remember('step', gen_random_uuid());

select tests.act_as('ana');
select public.begin_copilot_turn(tests.id('acme'), tests.id('talk'), tests.id('turn'), 'Why is Zanzibar Freight hesitating?', 'w1');
select public.save_copilot_turn(
  tests.id('turn'), 'w1', '[{"seq": 1, "event": "text", "data": {"text": "Zanzibar Freight is"}}]',
  jsonb_build_array(jsonb_build_object(
    'id', tests.id('step'), 'tool', 'execute_action', 'action', 'get_deal', 'status', 'succeeded', 'started_at', now(),
    'label', 'Looking at Zanzibar Freight'
  )),
  '{"from": 0, "turns": [{"role": "model", "parts": [{"text": "Zanzibar Freight thoughts"}]}]}'
);
select tests.act_as_owner();

create function pg_temp.stored(p_phrase text)
returns setof text language plpgsql as $$
declare
  v_table regclass;
  v_found boolean;
begin
  for v_table in
    select c.oid::regclass from pg_class as c
    where c.relnamespace in ('public'::regnamespace, 'private'::regnamespace) and c.relkind = 'r'
  loop
    execute format('select exists (select from %s as t where t::text ilike %L or t::text like %L)',
      v_table, '%' || p_phrase || '%', '%' || encode(convert_to(p_phrase, 'UTF8'), 'hex') || '%') into v_found;
    if v_found then return next v_table::text; end if;
  end loop;
end;
$$;

-- Nobody's to touch.
select is_empty(
  $$
    select r.role, t.oid::regclass, p.privilege
    from pg_class as t
    cross join unnest(array['anon', 'authenticated', 'service_role', 'authenticator', 'public']) as r (role)
    cross join unnest(array['select', 'insert', 'update', 'references']) as p (privilege)
    where t.relkind = 'r' and t.relnamespace in ('public'::regnamespace, 'private'::regnamespace)
      and (t.relname ~ '^copilot_' or t.relname = 'tool_executions')
      and (has_any_column_privilege(r.role, t.oid, p.privilege)
        or has_table_privilege(r.role, t.oid, 'delete') or has_table_privilege(r.role, t.oid, 'truncate'))
  $$, 'C-01 U60-163 no role of the API has any privilege on what people said'
);
select ok(
  (select count(*) from pg_class where relname ~ '^copilot_' and relkind = 'r' and relforcerowsecurity) >= 7,
  'control: there are such tables, and their policies would bind their owner too'
);
select is_empty(
  $$
    select p.oid::regprocedure from pg_proc as p
    where p.pronamespace in ('public'::regnamespace, 'private'::regnamespace)
      and p.prosrc ~ 'copilot_(conversations|messages|turns|turn_events|model_turns|keys)|tool_executions|copilot_key\('
      and (has_function_privilege('service_role', p.oid, 'execute') or has_function_privilege('anon', p.oid, 'execute'))
  $$, 'C-01 no function that reaches them is the service role''s, or nobody''s, to call'
);
create temp table readers as
with recursive f as (
  select p.oid, p.proname, p.prosrc from pg_proc as p where p.pronamespace = 'private'::regnamespace and p.proname <> 'copilot_key'
), calls as (
  select a.oid as caller, b.oid as callee
  from f as a cross join lateral regexp_matches(a.prosrc, 'private\.(\w+)\(', 'g') as m (name) join f as b on b.proname = m.name[1]
  union
  select a.oid, a.oid from f as a
), reaches as (
  select caller, callee from calls
  union
  select r.caller, c.callee from reaches as r join calls as c on c.caller = r.callee
)
select distinct r.caller as oid, exists (
  select from reaches as s join f as w on w.oid = s.callee and w.proname = 'write_audit' where s.caller = r.caller
) as is_logged
from reaches as r
join f on f.oid = r.callee and f.prosrc ~ 'private\.unseal\(' and f.prosrc ~ '''(title|text|answer|event|tool|model):'''
where has_function_privilege('authenticated', r.caller, 'execute');
-- Confirming looks for addresses in what the person wrote, and gives none of it away.
select is_empty(
  $$ select oid::regprocedure from readers where not is_logged and oid <> 'private.claim_pending_action(uuid, text)'::regprocedure $$,
  'C-18 U60-165 every function that can open what was said, by whatever way, writes the log'
);
select ok((select count(*) from readers) >= 7, 'control: there are such functions');
select tests.act_as_service();
select throws_ok('select id from public.copilot_conversations', '42501', null, 'U60-163 the service role does not read conversations');
select throws_ok('select id from public.copilot_messages', '42501', null, 'U60-163 nor messages');
select throws_ok('select user_id from private.copilot_keys', '42501', null, 'nor keys');
select throws_ok($$ select public.read_copilot_conversation(tests.id('talk')) $$, '42501', null, 'U60-163 nor through a function');
select throws_ok($$ select public.export_copilot_conversations(tests.id('acme')) $$, '42501', null, 'nor as an export');
select tests.act_as_owner();
-- The four of C-01: what would be, were the privilege there. Policies do not hold a role that passes by them.
grant select on public.copilot_messages to service_role;
select tests.act_as_service();
select is((select count(*)::int from public.copilot_messages), 1, 'C-01 with the privilege the service role would get rows, in spite of forced policies');
select tests.act_as_owner();
select is_empty($$ select pg_temp.stored('Zanzibar') $$, 'C-01 and even they would say nothing: the words are stored nowhere as they are');
revoke select on public.copilot_messages from service_role;
select tests.act_as_service();
select throws_ok('select id from public.copilot_messages', '42501', null, 'C-01 it is the missing privilege that refuses');
select tests.act_as_owner();
create function public.left_over() returns bigint language sql security definer as 'select count(*) from public.copilot_messages';
grant execute on function public.left_over() to service_role;
select tests.act_as_service();
select is(public.left_over(), 1::bigint, 'C-01 a function left over would open them again, which is why none may');
select tests.act_as_owner();
drop function public.left_over();

-- Nobody else's to read, whatever they are.
create function pg_temp.try_as(p_person text, p_why text)
returns setof text language plpgsql as $$
begin
  perform tests.act_as(p_person, 'aal2');
  return next throws_ok(format('select public.read_copilot_conversation(%L)', tests.id('talk')), 'PT404', 'not_found', 'U60-162 ' || p_why || ' does not read it');
  return next throws_ok(format('select public.read_copilot_turn(%L)', tests.id('turn')), 'PT404', 'not_found', p_why || ' does not read its turn');
  return next throws_ok(format('select public.resume_copilot_turn(%L, %L)', tests.id('turn'), 'w'), 'PT404', 'not_found', p_why || ' does not take its turn');
  return next throws_ok(format('select public.cancel_copilot_turn(%L)', tests.id('turn')), 'PT404', 'not_found', p_why || ' does not end its turn');
  return next throws_ok(format('select public.save_copilot_turn(%L, %L)', tests.id('turn'), 'w1'), 'PT404', 'not_found', p_why || ' does not save into it');
  return next throws_ok(format('select public.finish_copilot_turn(%L, %L, %L)', tests.id('turn'), 'w1', 'done'), 'PT404', 'not_found', p_why || ' does not answer it');
  return next throws_ok(format('select public.archive_copilot_conversation(%L)', tests.id('talk')), 'PT404', 'not_found', p_why || ' does not put it away');
  return next throws_ok(format('select public.erase_copilot_conversation(%L)', tests.id('talk')), 'PT404', 'not_found', p_why || ' does not erase it');
  return next throws_ok('select id from public.copilot_conversations', '42501', null, p_why || ' has no way past the functions');
  perform tests.act_as_owner();
end;
$$;
select pg_temp.try_as('olga', 'the owner of the organization');
select pg_temp.try_as('ops', 'an operator who is an admin, with a second factor,');
select pg_temp.try_as('rui', 'another organization');
select tests.act_as('olga');
select is(jsonb_array_length(public.list_copilot_conversations(tests.id('acme')) -> 'conversations'), 0, 'U60-162 the owner lists nothing of it');
select is(public.export_copilot_conversations(tests.id('acme')) -> 'conversations', '[]', 'U60-162 nor exports it');
select throws_ok(
  $$ select public.begin_copilot_turn(tests.id('acme'), tests.id('talk'), gen_random_uuid(), 'What did she say?', 'w') $$,
  'PT404', 'not_found', 'nor writes on in it, which would show what was said'
);
select throws_ok(
  $$ select public.begin_copilot_turn(tests.id('acme'), gen_random_uuid(), tests.id('turn'), 'What did she say?', 'w') $$,
  'PT404', 'not_found', 'nor repeats her turn'
);
select tests.act_as('ana');
select is(
  public.read_copilot_conversation(tests.id('talk')) -> 'messages' -> 0 ->> 'text', 'Why is Zanzibar Freight hesitating?',
  'U60-161 control: the one who wrote it does'
);
select tests.act_as_owner();

-- A former member, a suspended one, and one without the second factor that is asked for.
update public.organization_members set status = 'suspended' where user_id = tests.id('ana');
select tests.act_as('ana');
select throws_ok($$ select public.read_copilot_conversation(tests.id('talk')) $$, 'PT404', 'not_found', 'who is suspended reads nothing of the organization, not even their own words');
select throws_ok($$ select public.read_copilot_turn(tests.id('turn')) $$, 'PT404', 'not_found', 'nor a turn');
select throws_ok($$ select public.save_copilot_turn(tests.id('turn'), 'w1') $$, 'PT404', 'not_found', 'and a turn under way ends with the membership');
select tests.act_as_owner();
update public.organization_members set status = 'active' where user_id = tests.id('ana');

-- Sealing.
create function pg_temp.key(p_byte text)
returns bytea language sql as $$ select decode(repeat(p_byte, 64), 'hex') $$;
select is(octet_length(private.copilot_key(tests.id('acme'), tests.id('ana'))), 64, 'a person''s key is one for AES-256 and one for its code');
select is(private.copilot_key(tests.id('acme'), tests.id('ana')), private.copilot_key(tests.id('acme'), tests.id('ana')), 'and stays the same');
select isnt(private.copilot_key(tests.id('acme'), tests.id('ana')), private.copilot_key(tests.id('acme'), tests.id('olga')), 'each person has another');
select isnt(private.seal(pg_temp.key('0a'), 'p', 'x'), private.seal(pg_temp.key('0a'), 'p', 'x'), 'the same text is never the same bytes');
select is(private.unseal(pg_temp.key('0a'), 'p', private.seal(pg_temp.key('0a'), 'p', t)), t, 'a text comes back: ' || left(t, 20))
from unnest(array['', 'x', 'Grüße, 你好 👋', repeat('long ', 20000), E'line\nline']) as t;
select is(private.seal(pg_temp.key('0a'), 'p', null), null, 'no text is no cipher');
select is(private.unseal(pg_temp.key('0a'), 'p', null), null, 'and no cipher no text');
create function pg_temp.refuses(p_what text, p_key bytea, p_place text, p_sealed bytea)
returns text language sql as $$
  select throws_ok(
    format('select private.unseal(%L, %L, %L)', p_key, p_place, p_sealed), 'P0001', 'unseal: this does not belong here, or its key is gone', p_what
  )
$$;
select pg_temp.refuses('another key opens nothing', pg_temp.key('0b'), 'p', private.seal(pg_temp.key('0a'), 'p', 'x'));
select pg_temp.refuses('no key opens nothing', null, 'p', private.seal(pg_temp.key('0a'), 'p', 'x'));
select pg_temp.refuses('a cipher that was copied to another place opens nothing', pg_temp.key('0a'), 'q', private.seal(pg_temp.key('0a'), 'p', 'x'));
select pg_temp.refuses('one that is too short opens nothing', pg_temp.key('0a'), 'p', n)
from unnest(array['', '\x01', decode(repeat('00', 64), 'hex')]::bytea[]) as n;
create temp table sealed as select private.seal(pg_temp.key('0a'), 'p', 'changed') as bytes;
create function pg_temp.opens(p_sealed bytea)
returns boolean language plpgsql as $$
begin
  perform private.unseal(pg_temp.key('0a'), 'p', p_sealed);
  return true;
exception when raise_exception then
  return false;
end;
$$;
select ok(pg_temp.opens(bytes), 'control: as it is it opens') from sealed;
select is_empty(
  $$
    select n from sealed cross join generate_series(0, octet_length(bytes) - 1) as n
    where pg_temp.opens(set_byte(bytes, n, get_byte(bytes, n) # 1))
  $$, 'a change of any one byte is noticed'
);

-- Keys are wrapped for their owner.
update private.copilot_keys set wrapped_key = (select k.wrapped_key from private.copilot_keys as k where k.user_id = tests.id('ana'))
where user_id = tests.id('olga');
select throws_ok(
  $$ select private.copilot_key(tests.id('acme'), tests.id('olga')) $$, 'P0001', 'unseal: this does not belong here, or its key is gone',
  'a key that was copied to somebody else''s row opens nothing'
);
select is((select count(*)::int from vault.secrets where name = 'copilot_master_key'), 1, 'what wraps them is in the vault, once');
delete from private.copilot_keys where user_id = tests.id('ana');
select tests.act_as('ana');
select throws_ok(
  $$ select public.read_copilot_conversation(tests.id('talk')) $$, 'P0001', 'unseal: this does not belong here, or its key is gone',
  'U60-166 without its key a conversation that is still somewhere opens for nobody, its owner among them'
);
select tests.act_as_owner();

select * from finish();
rollback;
