-- What may be proposed, whom it may reach, what a person must have been shown, and who sees it.
begin;
select * from no_plan();

select tests.given_member('ana', 'acme', 'manager');
select tests.given_member('ben', 'acme', 'manager');
select tests.given_member('vic', 'acme', 'viewer');
select tests.given_member('gus', 'acme', 'agent', 'removed');
select tests.given_member('cy', 'globex', 'owner');
select tests.given_row('mine', 'contacts', 'acme', 'ana');
select tests.given_row('todo', 'tasks', 'acme', 'ana');
select tests.given_row('lent', 'contacts', 'acme', 'ben', 'ana');
select tests.given_row('bens', 'contacts', 'acme', 'ben');
select tests.given_row('theirs', 'contacts', 'globex', 'cy');
select tests.given_row('bens call', 'meetings', 'acme', 'ben');
select tests.given_row('call', 'meetings', 'acme', 'ana');
select tests.given_row('slot', 'calendar_events', 'acme', 'ana');
select tests.given_row('bens slot', 'calendar_events', 'acme', 'ben');
select tests.given_row('mail', 'emails', 'acme', 'ana');
select tests.given_row('bens mail', 'emails', 'acme', 'ben');
update public.emails set thread_id = 'thread-1', cc_emails = array['Copied@Outside.test'] where id = tests.id('mail');
update public.emails set thread_id = 'thread-2' where id = tests.id('bens mail');
update public.calendar_events set attendees = '[{"email": "slot@outside.test"}]' where id = tests.id('slot');
update public.calendar_events set attendees = '[{"email": "bens.slot@outside.test"}]' where id = tests.id('bens slot');
insert into public.meeting_attendees (org_id, meeting_id, owner_user_id, email)
values (tests.id('acme'), tests.id('call'), tests.id('ana'), 'call@outside.test'),
  (tests.id('acme'), tests.id('bens call'), tests.id('ben'), 'bens.call@outside.test');
insert into public.calendar_connections (org_id, user_id, account_email, status)
values (tests.id('acme'), tests.id('ana'), 'ana@mail.test', 'active'), (tests.id('acme'), tests.id('ana'), 'old@mail.test', 'disconnected'),
  (tests.id('acme'), tests.id('ben'), 'ben@mail.test', 'active');
insert into private.slack_connections (org_id, team_id, team_name, bot_user_id, bot_token_secret_id)
values (tests.id('acme'), 'T0ACME', 'Acme', 'U1', gen_random_uuid());
insert into private.slack_channels (org_id, channel_id, name, is_open)
values (tests.id('acme'), 'COPEN', 'sales', true), (tests.id('acme'), 'CSHUT', 'board', false);
insert into private.slack_connections (org_id, team_id, team_name, bot_user_id, bot_token_secret_id)
values (tests.id('globex'), 'T0GLOBEX', 'Globex', 'U1', gen_random_uuid());
insert into private.slack_channels (org_id, channel_id, name, is_open) values (tests.id('globex'), 'CTHEM', 'sales', true);

select tests.remember('talk', gen_random_uuid()), tests.remember('other talk', gen_random_uuid()),
  tests.remember('turn', gen_random_uuid()), tests.remember('other turn', gen_random_uuid()), tests.remember('bens turn', gen_random_uuid()),
  tests.remember('vics turn', gen_random_uuid()), tests.remember('cys turn', gen_random_uuid());

-- Composing, in one line a part.
create function pg_temp.url64(p_text text) returns text language sql as $$
  select rtrim(translate(replace(encode(convert_to(p_text, 'UTF8'), 'base64'), E'\n', ''), '+/', '-_'), '=')
$$;
create function pg_temp.email(p_changes jsonb default '{}', p_head text default null, p_body text default null) returns jsonb language plpgsql as $$
declare
  v jsonb := '{"kind": "send_email", "to": ["mine@customer.test"], "cc": [], "subject": "Next steps", "body": "Hello\nDana", "thread_id": null,
    "message_id": "<a1@mail.test>", "contact_id": null, "deal_id": null, "meeting_id": null}'::jsonb || p_changes;
  v_head text := coalesce(p_head, concat_ws(E'\r\n', 'From: ana@mail.test',
    'To: ' || (select string_agg(x, E',\r\n ') from jsonb_array_elements_text(v -> 'to') as x),
    'Cc: ' || (select string_agg(x, ', ') from jsonb_array_elements_text(v -> 'cc') as x),
    'Subject: ' || (v ->> 'subject'), 'Message-ID: ' || (v ->> 'message_id'), 'X-Sixty-Message-ID: ' || (v ->> 'message_id'), 'Date: Sun, 22 Nov 2026 16:00:00 +0000', 'MIME-Version: 1.0',
    'Content-Type: text/plain; charset=utf-8', 'Content-Transfer-Encoding: base64'));
begin
  return v || jsonb_build_object('raw', pg_temp.url64(v_head || E'\r\n\r\n' || coalesce(p_body, encode(convert_to(replace(v ->> 'body', E'\n', E'\r\n'), 'UTF8'), 'base64'))));
end;
$$;
-- Of a row that is not there nothing can be shown.
create function pg_temp.shown(p_effect jsonb) returns jsonb language plpgsql as $$
begin
  return private.shown_fields(tests.id('acme'), p_effect);
exception when sqlstate 'PT404' then return '{}';
end;
$$;
create function pg_temp.preview(p_effects jsonb) returns jsonb language sql as $$
  select jsonb_agg(jsonb_build_object('kind', e ->> 'kind', 'summary', 's', 'recipients', jsonb_build_array('made.up@outside.test'), 'is_reversible', true,
    'fields', (select coalesce(jsonb_agg(jsonb_build_object('name', f.key, 'value', f.value)), '[]') from (
      select w.key, w.value from jsonb_each(e || coalesce(e -> 'changes', '{}')) as w
      union all select s.key, s.value from jsonb_each(pg_temp.shown(e)) as s
    ) as f where jsonb_typeof(f.value) = 'string')))
  from jsonb_array_elements(p_effects) as e
$$;
create function pg_temp.propose(p_turn text, p_key text, p_effects jsonb, p_is_tainted boolean default false, p_replaces text default null) returns jsonb language sql as $$
  select public.propose_action(tests.id(p_turn), p_key, 'Does it', p_effects::text, pg_temp.preview(p_effects), '[]', p_is_tainted, tests.id(p_replaces))
$$;
create function pg_temp.to_(p_email text, p_is_tainted boolean default false, p_changes jsonb default '{}') returns text language plpgsql as $$
begin
  return pg_temp.propose('turn', p_email || p_is_tainted || p_changes, jsonb_build_array(pg_temp.email(jsonb_build_object('to', array[p_email]) || p_changes)), p_is_tainted) ->> 'status';
exception when sqlstate 'PT409' then return sqlerrm;
end;
$$;
create function pg_temp.invite(p_email text, p_is_tainted boolean default false) returns text language plpgsql as $$
begin
  return pg_temp.propose('turn', 'invite' || p_email || p_is_tainted, jsonb_build_array(jsonb_build_object(
    'kind', 'schedule_meeting', 'title', 'Talk', 'description', null, 'time_zone', 'UTC', 'attendees', array[p_email])), p_is_tainted) ->> 'status';
exception when sqlstate 'PT409' then return sqlerrm;
end;
$$;
create function pg_temp.post(p_channel text, p_name text) returns text language plpgsql as $$
begin
  return pg_temp.propose('turn', 'post' || p_channel || p_name, jsonb_build_array(jsonb_build_object(
    'kind', 'post_slack_message', 'channel_id', p_channel, 'channel_name', p_name, 'text', 'Hi'))) ->> 'status';
exception when sqlstate 'PT409' then return sqlerrm;
end;
$$;
create function pg_temp.refused(p_effects jsonb, p_previews jsonb default null) returns text language plpgsql as $$
begin
  perform public.propose_action(tests.id('turn'), 'bad', 'Does it', p_effects::text, coalesce(p_previews, pg_temp.preview(p_effects)), '[]', false);
  return 'stored';
exception when sqlstate 'PT400' then return sqlerrm;
end;
$$;
grant execute on function pg_temp.url64(text), pg_temp.shown(jsonb), pg_temp.email(jsonb, text, text), pg_temp.preview(jsonb), pg_temp.propose(text, text, jsonb, boolean, text),
  pg_temp.to_(text, boolean, jsonb), pg_temp.invite(text, boolean), pg_temp.post(text, text), pg_temp.refused(jsonb, jsonb) to authenticated;

select tests.act_as('ben');
select public.begin_copilot_turn(tests.id('acme'), gen_random_uuid(), tests.id('bens turn'), 'Hello', 'w');
select tests.act_as('vic');
select public.begin_copilot_turn(tests.id('acme'), gen_random_uuid(), tests.id('vics turn'), 'Hello', 'w');
select tests.act_as('cy');
select public.begin_copilot_turn(tests.id('globex'), gen_random_uuid(), tests.id('cys turn'), 'Hello', 'w');
select tests.act_as('ana');
select public.begin_copilot_turn(tests.id('acme'), tests.id('talk'), tests.id('turn'), 'Write to <New.Person@Outside.test>, please. Or x.new.person@outside.test.', 'w');
select public.begin_copilot_turn(tests.id('acme'), tests.id('other talk'), tests.id('other turn'), 'Hello', 'w');

-- What a proposal is.
create temporary table first as select pg_temp.propose('turn', 'one', '[{"kind": "create_task", "title": "Call", "details": null}]') as action;
grant select on table first to authenticated;
select results_eq(
  $$ select action ->> 'status', action ->> 'summary', (action -> 'is_reversible')::boolean, (action -> 'is_tainted')::boolean,
       (action ->> 'expires_at')::timestamptz = (action ->> 'created_at')::timestamptz + interval '30 minutes', action ->> 'decided_at',
       action -> 'effects' -> 0 -> 'recipients', (action ->> 'conversation_id')::uuid from first $$,
  $$ values ('open', 'Does it', true, false, true, null, '[]'::jsonb, tests.id('talk')) $$,
  'U60-087 a proposal is open for half an hour, and says what it would do'
);
select is(
  (select action ->> 'payload_sha256' from first),
  encode(sha256('[{"kind": "create_task", "title": "Call", "details": null}]'), 'hex'), 'with the hash of its text'
);
select is((select count(*)::integer from public.tasks where title = 'Call'), 0, 'U60-087 nothing has happened');
select is(
  pg_temp.propose('turn', 'one', '[{"kind": "create_task", "title": "Something else"}]'), (select action from first),
  'the same key in a turn is the same proposal'
);
select is(
  (pg_temp.propose('turn', 'mixed', jsonb_build_array(jsonb_build_object('kind', 'complete_task', 'task_id', tests.id('todo')), pg_temp.email()))
    -> 'is_reversible')::boolean, false, 'U60-089 one effect that leaves makes all of it irreversible'
);
select results_eq(
  $$ select e -> 'recipients', (e -> 'is_reversible')::boolean
     from jsonb_array_elements(pg_temp.propose('turn', 'shown', jsonb_build_array(pg_temp.email('{"cc": ["LENT@customer.test"]}'),
       '{"kind": "post_slack_message", "channel_id": "COPEN", "channel_name": "sales", "text": "Hi"}'::jsonb)) -> 'effects') as e $$,
  $$ values ('["lent@customer.test", "mine@customer.test"]'::jsonb, false), ('["#sales"]'::jsonb, false) $$,
  'whom it reaches and that it is final is not what the preview claims'
);

-- What it may not be.
select is(pg_temp.refused(jsonb_build_array(pg_temp.email(jsonb_build_object('to', array[bad])))), 'invalid_request', 'one address each: ' || bad)
from unnest(array['mine@customer.test, evil@outside.test', 'mine@customer.test;evil@outside.test', 'Mine <mine@customer.test>', 'mine', 'mine@a@b', '@customer.test', E'mine@customer.test\n']) as b (bad);
select is(
  pg_temp.refused(jsonb_build_array(jsonb_build_object('kind', 'schedule_meeting', 'title', 'All', 'attendees', (select jsonb_agg(n || '@customer.test') from generate_series(1, 51) as n)))),
  'invalid_request', 'nobody reads through fifty-one recipients'
);
select is(pg_temp.refused('{}', '[]'), 'invalid_request', 'effects are a list');
select is(pg_temp.refused('[]', '[]'), 'invalid_request', 'of at least one');
select is(pg_temp.refused((select jsonb_agg('{"kind": "create_task", "title": "x"}'::jsonb) from generate_series(1, 11))), 'invalid_request', 'and at most ten');
select is(pg_temp.refused('[{"kind": "delete_everything"}]'), 'invalid_request', 'of the kinds there are');
select is(pg_temp.refused('[{"title": "x"}]'), 'invalid_request', 'each with one');
select is(pg_temp.refused('[{"kind": "create_task", "title": "x"}]', '{}'), 'invalid_request', 'previews are a list');
select is(pg_temp.refused('[{"kind": "create_task", "title": "x"}]', '[]'), 'invalid_request', 'one for each effect');
select is(
  pg_temp.refused('[{"kind": "create_task", "title": "x"}]', '[{"kind": "complete_task", "fields": [{"name": "t", "value": "x"}]}]'),
  'invalid_request', 'of its kind'
);
select is(
  pg_temp.refused('[{"kind": "create_task", "title": "x"}]', '[{"kind": "create_task", "fields": [{"name": "t", "value": "y"}]}]'),
  'invalid_request', 'with its words, and no others'
);
select is(
  pg_temp.refused(
    jsonb_build_array(jsonb_build_object('kind', 'update_contact', 'changes', jsonb_build_object(hidden, 'x'))), '[{"kind": "update_contact", "fields": []}]'
  ), 'invalid_request', 'nobody says yes to what they were not shown: ' || hidden
)
from unnest(array['first_name', 'last_name', 'email', 'phone', 'job_title', 'lost_reason', 'title', 'details', 'subject', 'body', 'text', 'description']) as h (hidden);
select is(
  pg_temp.refused(
    '[{"kind": "create_task", "title": "Hidden", "changes": {"title": "Shown"}}]', '[{"kind": "create_task", "fields": [{"name": "t", "value": "Shown"}]}]'
  ), 'invalid_request', 'what stands there twice is shown twice'
);
select is(
  pg_temp.refused('[{"kind": "update_contact", "changes": {"notes": "x"}}]', '[{"kind": "update_contact", "fields": []}]'),
  'invalid_request', 'those of changes too'
);
select is(
  pg_temp.refused('[{"kind": "create_task", "title": "x"}]', '[{"kind": "create_task", "fields": [{"name": "t", "value": "x"}]}, {"kind": "send_email", "fields": []}]'),
  'invalid_request', 'and no other'
);
select is(
  pg_temp.refused(jsonb_build_array(jsonb_build_object('kind', 'create_task', 'title', 'x', 'more', repeat('a', 1000000)))), 'invalid_request', 'and of a size'
);
select throws_ok(
  $$ select public.propose_action(tests.id('turn'), 'mute', '', '[{"kind": "complete_task"}]', '[{"kind": "complete_task", "fields": []}]', '[]', false) $$,
  'PT400', 'invalid_request', 'and says what it is'
);

-- An email's bytes are what its fields say.
create function pg_temp.forged(p_head text, p_body text default null, p_changes jsonb default '{}') returns text language sql as $$
  select pg_temp.refused(jsonb_build_array(pg_temp.email(p_changes, p_head, p_body)))
$$;
create function pg_temp.head(p_to text default 'mine@customer.test', p_subject text default 'Next steps', p_more text default '') returns text language sql as $$
  select concat_ws(E'\r\n', 'From: ana@mail.test', 'To: ' || p_to, 'Subject: ' || p_subject || p_more, 'Message-ID: <a1@mail.test>',
    'X-Sixty-Message-ID: <a1@mail.test>', 'Date: Sun, 22 Nov 2026 16:00:00 +0000', 'MIME-Version: 1.0', 'Content-Type: text/plain; charset=utf-8', 'Content-Transfer-Encoding: base64')
$$;
grant execute on function pg_temp.forged(text, text, jsonb), pg_temp.head(text, text, text) to authenticated;
select is(pg_temp.forged(pg_temp.head('evil@outside.test')), 'invalid_request', 'another receiver than shown');
select is(pg_temp.forged(pg_temp.head('mine@customer.test, evil@outside.test')), 'invalid_request', 'one more');
select is(pg_temp.forged(pg_temp.head(p_more => E'\r\nBcc: evil@outside.test')), 'invalid_request', 'a hidden one');
select is(pg_temp.forged(pg_temp.head(p_more => E'\nBcc: evil@outside.test')), 'invalid_request', 'one behind a bare line feed');
select is(pg_temp.forged(pg_temp.head(p_more => E'\rBcc: evil@outside.test')), 'invalid_request', 'or a bare carriage return');
select is(pg_temp.forged(pg_temp.head(p_more => E'\r\nTo: evil@outside.test')), 'invalid_request', 'a header twice');
select is(pg_temp.forged(replace(pg_temp.head(), '+0000', E'+0000\nBcc: evil@outside.test')), 'invalid_request', 'wherever it stands');
select is(pg_temp.forged(replace(pg_temp.head(), '+0000', E'+0000\rBcc: evil@outside.test')), 'invalid_request', 'or that');
select is(pg_temp.forged(replace(pg_temp.head(), 'Date: ', E'Date: x\r\nDate: ')), 'invalid_request', 'or a second date');
select is(pg_temp.forged(pg_temp.head(p_subject => 'Other')), 'invalid_request', 'another subject');
select is(pg_temp.forged(pg_temp.head(), encode('Bye', 'base64')), 'invalid_request', 'another text');
select is(pg_temp.forged(replace(pg_temp.head(), '<a1@mail.test>', '<b2@mail.test>')), 'invalid_request', 'another id');
select is(
  pg_temp.forged(replace(pg_temp.head(), 'X-Sixty-Message-ID: <a1@mail.test>', 'X-Sixty-Message-ID: <b2@mail.test>')), 'invalid_request',
  'another id where it is looked for'
);
select is(pg_temp.forged(replace(pg_temp.head(), 'text/plain; charset=utf-8', 'text/html')), 'invalid_request', 'another type');
select is(pg_temp.forged('To: mine@customer.test'), 'invalid_request', 'half of one');
select is(
  pg_temp.forged(pg_temp.head(p_subject => E'=?utf-8?B?TmV4dA==?=\r\n =?utf-8?B?IHN0ZXBz?=')), 'stored',
  'control: encoded words are read for what they say'
);
select is(pg_temp.propose('turn', 'from', jsonb_build_array(pg_temp.email('{}', replace(pg_temp.head(), 'ana@mail.test', 'ANA@mail.test')))) ->> 'status', 'open', 'control: from an account of one''s own');
select throws_ok(
  format('select pg_temp.propose(''turn'', ''not mine'', %L)', jsonb_build_array(pg_temp.email('{}', replace(pg_temp.head(), 'ana@mail.test', 'ben@mail.test')))),
  'PT409', 'email_not_connected', 'not from a colleague''s'
);
select throws_ok(
  format('select pg_temp.propose(''turn'', ''gone'', %L)', jsonb_build_array(pg_temp.email('{}', replace(pg_temp.head(), 'ana@mail.test', 'old@mail.test')))),
  'PT409', 'email_not_connected', 'nor from one that is connected no more'
);

-- Whom it may reach.
select is(pg_temp.to_('mine@customer.test'), 'open', 'a contact of one''s own');
select is(pg_temp.to_('bens@customer.test'), 'open', 'one that a colleague shares');
select is(pg_temp.to_('theirs@customer.test'), 'recipient_not_allowed', 'not one of another organization');
select is(pg_temp.to_('stranger@outside.test'), 'recipient_not_allowed', 'nor anybody at all');
select is(pg_temp.to_('ben@example.test'), 'open', 'a member');
select is(pg_temp.to_('gus@example.test'), 'recipient_not_allowed', 'not one who left');
select is(pg_temp.to_('cy@example.test'), 'recipient_not_allowed', 'nor a member of another organization');
select is(pg_temp.to_('call@outside.test'), 'open', 'somebody met');
select is(pg_temp.to_('bens.call@outside.test'), 'open', 'also by a colleague, where meetings are shared');
select is(pg_temp.to_('slot@outside.test'), 'open', 'somebody in one''s own calendar');
select is(pg_temp.to_('bens.slot@outside.test'), 'recipient_not_allowed', 'not in a colleague''s');
select is(pg_temp.to_('someone@customer.test'), 'recipient_not_allowed', 'people of a thread only with that thread');
select is(pg_temp.to_('someone@customer.test', false, '{"thread_id": "thread-1"}'), 'open', 'who wrote in it');
select is(pg_temp.to_('copied@outside.test', false, '{"thread_id": "thread-1"}'), 'open', 'or got a copy');
select is(pg_temp.to_('someone@customer.test', false, '{"thread_id": "thread-2"}'), 'recipient_not_allowed', 'not a thread of a colleague''s mailbox');
select is(pg_temp.to_('new.person@outside.test'), 'open', 'and whom the person themself named');
select is(pg_temp.to_('person@outside.test'), 'recipient_not_allowed', 'word for word');
select is(
  pg_temp.to_('mine@customer.test', false, '{"cc": ["stranger@outside.test"]}'), 'recipient_not_allowed', 'a copy is a letter too'
);
select is(pg_temp.invite('mine@customer.test'), 'open', 'so it is with invitations');
select is(pg_temp.invite('stranger@outside.test'), 'recipient_not_allowed', 'just so');
select is(pg_temp.post('COPEN', 'sales'), 'open', 'a channel that was opened');
select is(pg_temp.post('CSHUT', 'board'), 'recipient_not_allowed', 'not one that was not');
select is(pg_temp.post('COPEN', 'board'), 'recipient_not_allowed', 'nor under another name');
select is(pg_temp.post('CTHEM', 'sales'), 'recipient_not_allowed', 'nor another organization''s');

-- Once words of people outside were read.
select is(pg_temp.to_('mine@customer.test', true), 'open', 'V-09 tainted: a contact of one''s own');
select is(pg_temp.to_('lent@customer.test', true), 'open', 'V-09 tainted: or assigned to one');
select is(pg_temp.to_('bens@customer.test', true), 'recipient_not_allowed', 'V-09 tainted: none that a colleague shares');
select is(pg_temp.to_('ben@example.test', true), 'open', 'V-09 tainted: a member');
select is(pg_temp.to_('new.person@outside.test', true), 'recipient_not_allowed', 'V-09 tainted: nobody by their address alone');
select is(pg_temp.to_('call@outside.test', true), 'recipient_not_allowed', 'V-09 tainted: nobody of just any meeting');
select is(pg_temp.to_('call@outside.test', true, jsonb_build_object('meeting_id', tests.id('call'))), 'open', 'V-09 tainted: of the one it follows');
select is(pg_temp.to_('slot@outside.test', true), 'recipient_not_allowed', 'V-09 tainted: nobody of just any event');
select is(pg_temp.to_('slot@outside.test', true, jsonb_build_object('meeting_id', tests.id('slot'))), 'open', 'V-09 tainted: of the one it prepares');
select is(
  pg_temp.to_('bens.slot@outside.test', true, jsonb_build_object('meeting_id', tests.id('bens slot'))), 'recipient_not_allowed',
  'V-09 tainted: which must be one''s own'
);
select is(pg_temp.to_('someone@customer.test', true, '{"thread_id": "thread-1"}'), 'open', 'V-09 tainted: people of the thread');
select throws_ok(
  $$ select pg_temp.propose('turn', 'move', '[{"kind": "update_contact", "contact_id": null, "changes": {"email": "evil@outside.test"}}]', true) $$,
  'PT409', 'recipient_not_allowed', 'V-09 tainted: no contact gets another address'
);
select is(
  pg_temp.propose('turn', 'moved', '[{"kind": "update_contact", "contact_id": null, "changes": {"email": "new.person@outside.test"}}]', true) ->> 'status',
  'open', 'V-09 control: but for one that the person wrote'
);
select is((pg_temp.propose('turn', 'unsaid', '[{"kind": "create_task", "title": "x"}]', null) -> 'is_tainted')::boolean, true, 'V-09 who doesn''t say is tainted');
select tests.act_as_owner();
update public.copilot_turns set is_tainted = true where id = tests.id('other turn');
select tests.act_as('ana');
select is((pg_temp.propose('other turn', 'later', '[{"kind": "create_task", "title": "x"}]') -> 'is_tainted')::boolean, true, 'V-09 what a turn has read taints what it proposes, whoever denies it');
select throws_ok(
  $$ select pg_temp.propose('other turn', 'shared', jsonb_build_array(pg_temp.email('{"to": ["bens@customer.test"]}'))) $$,
  'PT409', 'recipient_not_allowed', 'V-09 and whom it reaches'
);

select is(
  pg_temp.propose('other turn', 'notes', '[{"kind": "update_contact", "contact_id": null, "changes": {"phone": "1"}}]') ->> 'status', 'open',
  'V-09 control: the rest of a contact may change, also where no address was written'
);

-- Whose it is.
select throws_ok($$ select pg_temp.propose('bens turn', 'x', '[{"kind": "create_task", "title": "x"}]') $$, 'PT404', 'not_found', 'nobody proposes in another''s turn');
select throws_ok($$ select pg_temp.propose('cys turn', 'x', '[{"kind": "create_task", "title": "x"}]') $$, 'PT404', 'not_found', 'nor in another organization''s');
select tests.act_as('vic');
select throws_ok($$ select pg_temp.propose('vics turn', 'x', '[{"kind": "create_task", "title": "x"}]') $$, 'PT403', 'forbidden', 'who only reads has nothing to propose');
select tests.act_as('ana');
select is((public.read_pending_action((select (action ->> 'id')::uuid from first)) -> 'action'), (select action from first), 'control: its owner reads it');
select results_eq(
  $$ select r -> 'effects', r -> 'owner' ->> 'first_name', r -> 'owner' ->> 'organization_name', r -> 'results'
     from public.read_pending_action((select (action ->> 'id')::uuid from first)) as r $$,
  $$ values ('[{"kind": "create_task", "title": "Call", "details": null}]'::jsonb, 'Ana', 'acme', '[]'::jsonb) $$, 'with all that editing it takes'
);
select is(
  (select jsonb_array_length(public.list_pending_actions(tests.id('other talk')))), 2, 'control: and those of a conversation'
);
select is(public.list_pending_actions(tests.id('talk')) -> 0 ->> 'status', 'open', 'the latest first');
select tests.act_as_owner();
select results_eq(
  $$ select action, outcome from public.security_audit_log where action in ('pending_actions.read', 'pending_actions.listed') order by id $$,
  $$ values ('pending_actions.read', 'success'), ('pending_actions.read', 'success'), ('pending_actions.listed', 'success'), ('pending_actions.listed', 'success') $$,
  'C-18 each reading is logged'
);
select is(
  (select count(*)::integer from private.pending_actions as a where position(convert_to('Call', 'UTF8') in a.effects_sealed) > 0
    or position(convert_to('Does it', 'UTF8') in a.shown_sealed) > 0), 0, 'C-01 its words lie enciphered'
);
select is(
  jsonb_array_length(private.open_actions(tests.id('acme'), tests.id('ana'), tests.id('other talk'))), 2, 'a turn begins with what is open'
);
select is(jsonb_array_length(private.open_actions(tests.id('acme'), tests.id('ben'), tests.id('other talk'))), 0, 'for its owner');
select is(jsonb_array_length(private.open_actions(tests.id('globex'), tests.id('ana'), tests.id('other talk'))), 0, 'in its organization');
select ok(not private.open_actions(tests.id('acme'), tests.id('ana'), tests.id('other talk')) -> 0 ? 'effects', 'without what it would do at length');
select tests.act_as('ben');
select throws_ok(format('select public.read_pending_action(%L)', (select action ->> 'id' from first)), 'PT404', 'not_found', 'a colleague does not read it');
select throws_ok(format('select public.cancel_pending_action(%L)', (select action ->> 'id' from first)), 'PT404', 'not_found', 'nor end it');
select throws_ok(format('select public.list_pending_actions(%L)', tests.id('talk')), 'PT404', 'not_found', 'nor list any');
select throws_ok('select a.id from private.pending_actions as a', '42501', null, 'nor look behind');
select tests.act_as_service();
select throws_ok('select a.id from private.pending_actions as a', '42501', null, 'C-01 neither does the service role');

-- Editing and cancelling.
select tests.act_as('ana');
select tests.act_as_owner();
select tests.remember('first', (select (action ->> 'id')::uuid from first));
select tests.act_as('ana');
select throws_ok(
  $$ select pg_temp.propose('other turn', 'edit', '[{"kind": "create_task", "title": "Call twice"}]', false, 'first') $$,
  'PT404', 'not_found', 'an edit stays in its conversation'
);
select is(pg_temp.propose('turn', 'edit', '[{"kind": "create_task", "title": "Call twice"}]', false, 'first') ->> 'status', 'open', 'an edit is a new proposal');
select is(public.read_pending_action(tests.id('first')) -> 'action' ->> 'status', 'replaced', 'in place of the old one');
select isnt(public.read_pending_action(tests.id('first')) -> 'action' ->> 'decided_at', null, 'from then on');
select throws_ok(
  $$ select pg_temp.propose('turn', 'edit again', '[{"kind": "create_task", "title": "x"}]', false, 'first') $$,
  'PT409', 'action_not_open', 'what was replaced is not edited'
);
select is(public.cancel_pending_action(tests.id('first')) ->> 'outcome', 'already_decided', 'nor cancelled');
select tests.act_as_owner();
select tests.remember('second', (select id from private.pending_actions where key = 'edit'));
select tests.remember('tainted', (select id from private.pending_actions where key = 'unsaid'));
select tests.act_as('ana');
select is(
  (pg_temp.propose('turn', 'clean', '[{"kind": "create_task", "title": "y"}]', false, 'tainted') -> 'is_tainted')::boolean, true,
  'V-09 editing takes no taint away'
);
-- Once somebody outside had a word in it, an edit is no less an edit.
select throws_ok(
  $$ select pg_temp.propose('turn', 'heard again', '[{"kind": "create_task", "title": "x"}]', true, 'first') $$,
  'PT409', 'action_not_open', 'V-09 what was replaced is not edited after foreign words, either'
);
select tests.act_as('ben');
select throws_ok(
  $$ select pg_temp.propose('bens turn', 'not mine', '[{"kind": "create_task", "title": "x"}]', true, 'second') $$,
  'PT404', 'not_found', 'V-09 nor what is a colleague''s'
);
select tests.act_as('ana');
select pg_temp.propose('turn', 'foreign', '[{"kind": "create_task", "title": "First"}]', true);
select tests.act_as_owner();
select tests.remember('foreign', (select id from private.pending_actions where key = 'foreign'));
select tests.act_as('ana');
select pg_temp.propose('turn', 'foreign twice', '[{"kind": "create_task", "title": "Second"}]', true, 'foreign');
select is(
  public.read_pending_action(tests.id('foreign')) -> 'action' ->> 'status', 'replaced', 'V-09 an edit after foreign words takes the old one''s place'
);
select is(public.cancel_pending_action(tests.id('second')) ->> 'outcome', 'cancelled', 'its owner says no');
select is(public.cancel_pending_action(tests.id('second')) ->> 'outcome', 'already_decided', 'once');
select tests.act_as_owner();
update private.pending_actions set expires_at = now() - interval '1 second' where status = 'open';
select is(jsonb_array_length(private.open_actions(tests.id('acme'), tests.id('ana'), tests.id('talk'))), 0, 'what has run out is not open');
select tests.remember('late', (select id from private.pending_actions where key = 'clean'));
select tests.act_as('ana');
select is(public.read_pending_action(tests.id('late')) -> 'action' ->> 'status', 'expired', 'and says so');
select throws_ok(
  $$ select pg_temp.propose('turn', 'too late', '[{"kind": "create_task", "title": "x"}]', false, 'late') $$,
  'PT409', 'action_not_open', 'it is not edited'
);
select is(public.cancel_pending_action(tests.id('late')) ->> 'outcome', 'expired', 'and not cancelled');

-- Where the organization lets own tasks happen (C-09).
select tests.act_as_owner();
select tests.set_setting('acme', 'confirm_copilot_tasks', 'false');
select tests.set_setting('globex', 'confirm_copilot_tasks', 'true');
select tests.set_setting('acme', 'enable_task_sharing', 'true');
select tests.given_row('chore', 'tasks', 'acme', 'ana');
select tests.given_row('handed over', 'tasks', 'acme', 'ana', 'ben');
select tests.given_row('taken over', 'tasks', 'acme', 'ben', 'ana');
select tests.given_row('bens chore', 'tasks', 'acme', 'ben');
select tests.remember('now turn', gen_random_uuid()), tests.remember('now talk', gen_random_uuid()), tests.remember('last turn', gen_random_uuid()),
  tests.remember('last talk', gen_random_uuid()), tests.remember('unsaid turn', gen_random_uuid()), tests.remember('said turn', gen_random_uuid());
select tests.act_as('ana');
select public.begin_copilot_turn(tests.id('acme'), tests.id('now talk'), tests.id('now turn'), 'Do it', 'w');
create function pg_temp.complete(p_task text) returns text language sql as $$
  select pg_temp.propose('now turn', p_task, jsonb_build_array(jsonb_build_object('kind', 'complete_task', 'task_id', tests.id(p_task)))) ->> 'status'
$$;
select is(pg_temp.propose('now turn', 'now', '[{"kind": "create_task", "title": "At once"}]') ->> 'status', 'executed', 'C-09 an own task happens at once');
select is((select count(*)::integer from public.tasks where title = 'At once'), 1, 'C-09 once');
select is(pg_temp.propose('now turn', 'now', '[{"kind": "create_task", "title": "At once"}]') ->> 'status', 'executed', 'C-09 proposed again');
select is((select count(*)::integer from public.tasks where title = 'At once'), 1, 'C-09 still once');
select is(
  pg_temp.propose('now turn', 'done now', jsonb_build_array(jsonb_build_object('kind', 'complete_task', 'task_id', tests.id('chore')))) ->> 'status',
  'executed', 'C-09 so is one completed'
);
select is(
  pg_temp.propose('now turn', 'mine now', jsonb_build_array(jsonb_build_object('kind', 'create_task', 'title', 'm', 'assigned_to', tests.id('ana')))) ->> 'status',
  'executed', 'C-09 or assigned to oneself'
);
select is(
  pg_temp.propose('now turn', 'for ben', jsonb_build_array(jsonb_build_object('kind', 'create_task', 'title', 'b', 'assigned_to', tests.id('ben')))) ->> 'status',
  'open', 'C-09 one for somebody else waits'
);
select is(
  pg_temp.propose('now turn', 'to ben', jsonb_build_array(jsonb_build_object('kind', 'update_task', 'task_id', tests.id('chore'),
    'changes', jsonb_build_object('assigned_to', tests.id('ben'))))) ->> 'status',
  'open', 'C-09 so does handing one over'
);
select is(
  pg_temp.propose('now turn', 'to ben behind', jsonb_build_array(jsonb_build_object('kind', 'update_task', 'task_id', tests.id('chore'), 'assigned_to', tests.id('ana'),
    'changes', jsonb_build_object('assigned_to', tests.id('ben'))))) ->> 'status',
  'open', 'C-09 whatever stands before it'
);
select is(pg_temp.complete('bens chore'), 'open', 'C-09 a colleague''s task is not one''s own, though it is shared');
select is(pg_temp.complete('handed over'), 'open', 'C-09 nor one that a colleague is to do');
select is(pg_temp.complete('taken over'), 'executed', 'C-09 but one of theirs that is the caller''s to do');
select tests.act_as_owner();
select tests.remember('waits', (select id from private.pending_actions where key = 'for ben'));
select tests.act_as('ana');
select is(
  pg_temp.propose('now turn', 'edited', '[{"kind": "create_task", "title": "Mine after all"}]', false, 'waits') ->> 'status', 'open',
  'C-09 what was to be asked for is, however it is edited'
);
select is(pg_temp.propose('now turn', 'heard', '[{"kind": "create_task", "title": "x"}]', true) ->> 'status', 'open', 'C-09 and what others'' words may have called for');
select is(pg_temp.propose('now turn', 'note', '[{"kind": "create_activity", "subject": "x"}]') ->> 'status', 'open', 'C-09 and everything that is no task');
select public.begin_copilot_turn(tests.id('acme'), gen_random_uuid(), tests.id('last turn'), 'Stop', 'w');
select public.cancel_copilot_turn(tests.id('last turn'));
select throws_ok(
  $$ select pg_temp.propose('last turn', 'after', '[{"kind": "create_task", "title": "After all"}]') $$, 'PT409', 'turn_not_held',
  'R-01 a turn that was cancelled proposes nothing any more'
);
select public.begin_copilot_turn(tests.id('acme'), tests.id('last talk'), tests.id('unsaid turn'), 'Note it', 'w');
select pg_temp.propose('unsaid turn', 'never said', '[{"kind": "create_activity", "subject": "x"}]');
select tests.act_as_owner();
create function pg_temp.waits() returns integer language sql security definer as $$
  select jsonb_array_length(private.open_actions(tests.id('acme'), tests.id('ana'), tests.id('last talk')))
$$;
grant execute on function pg_temp.waits() to authenticated;
select tests.act_as('ana');
select is(pg_temp.waits(), 1, 'control: a turn knows what it proposes');
select public.cancel_copilot_turn(tests.id('unsaid turn'));
select is(pg_temp.waits(), 0, 'R-01 what nobody was told of is answered by no yes');
select public.begin_copilot_turn(tests.id('acme'), tests.id('last talk'), tests.id('said turn'), 'Note it', 'w');
select pg_temp.propose('said turn', 'said', '[{"kind": "create_activity", "subject": "x"}]');
select public.finish_copilot_turn(tests.id('said turn'), 'w', 'done', '{"text": "Shall I?"}');
select is(pg_temp.waits(), 1, 'what they were told of is');
select tests.act_as_owner();
select is(
  (select count(*)::integer from public.security_audit_log where action = 'pending_actions.confirmed_by_setting' and entity_table = 'pending_actions'),
  4, 'C-09 each is logged as what it was'
);
select is(
  (select is_tainted from public.copilot_turns where id = tests.id('now turn')), true, 'V-09 a turn is as tainted as what it proposed'
);

-- How many there may be.
select tests.remember('busy turn', gen_random_uuid()), tests.remember('idle turn', gen_random_uuid());
select tests.act_as('ana');
select public.begin_copilot_turn(tests.id('acme'), gen_random_uuid(), tests.id('busy turn'), 'Do all of it', 'w');
select public.begin_copilot_turn(tests.id('acme'), gen_random_uuid(), tests.id('idle turn'), 'Do a little', 'w');
select is(count(pg_temp.propose('busy turn', 'no ' || n, '[{"kind": "create_activity", "subject": "x"}]') ->> 'id')::integer, 100, 'control: a hundred proposals are taken')
from generate_series(1, 100) as n;
select throws_ok(
  $$ select pg_temp.propose('busy turn', 'no 101', '[{"kind": "create_activity", "subject": "x"}]') $$,
  'PT409', 'turn_limit_reached', 'one more is more than any turn proposes'
);
select is(pg_temp.propose('busy turn', 'no 100', '[{"kind": "create_activity", "subject": "x"}]') ->> 'status', 'open', 'those that are there are there');
select is(pg_temp.propose('idle turn', 'one', '[{"kind": "create_activity", "subject": "x"}]') ->> 'status', 'open', 'another turn has its own hundred');
select tests.act_as_owner();

-- What goes with what.
delete from public.copilot_conversations where id = tests.id('talk');
select is(
  (select count(*)::integer from private.pending_actions where conversation_id = tests.id('talk')), 0, 'U60-166 an erased conversation takes its proposals along'
);

select * from finish();
rollback;
