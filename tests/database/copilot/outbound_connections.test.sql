-- Through what a confirmed action may leave: who may see it, who may open a channel, and that a token is
-- in the vault and leaves it for the worker alone, for a use that was granted (T-15).
begin;
select * from no_plan();

select tests.given_member('olga', 'acme', 'owner');
select tests.given_member('mona', 'acme', 'manager');
select tests.given_member('cole', 'acme', 'manager');
select tests.given_member('rita', 'rival', 'owner');
select tests.given_person('nils');

create temporary table t_channels (list jsonb);
insert into t_channels values ('[{"id": "C01GENERAL", "name": "general"}, {"id": "C02SALES", "name": "sales"}]');
grant select on t_channels to authenticated, service_role;

-- Slack -------------------------------------------------------------------------------------------

select tests.act_as_service();
select is(
  public.connect_slack(
    tests.id('acme'), 'T0ACME', 'Acme', 'U0BOT', '{chat:write}', 'slack canary one', (select list from t_channels)
  ), 2, 'a workspace is connected, with its channels'
);
select throws_ok(
  $$ select public.connect_slack(gen_random_uuid(), 'T0ACME', 'Acme', 'U0BOT', '{}', 'x', '[]') $$,
  'PT404', 'organization_not_found', 'but not to an organization that there is not'
);
select throws_ok('select from private.slack_connections', '42501', null, 'T-15 the service role reads no connections');
select throws_ok('select from private.slack_channels', '42501', null, 'nor channels');
select is(
  public.begin_slack_access(tests.id('acme'), 'C02SALES') ->> 'status', 'channel_not_open', 'a channel is closed until an admin opens it'
);
select is(public.begin_slack_access(tests.id('rival'), 'C02SALES') ->> 'status', 'not_connected', 'and not there for another organization');

select tests.act_as('mona');
select throws_ok(
  $$ select public.open_slack_channel(tests.id('acme'), 'C02SALES') $$, 'PT403', 'forbidden', 'a manager opens none'
);
select throws_ok($$ select public.list_slack_channels(tests.id('acme')) $$, 'PT403', 'forbidden', 'nor sees those that are closed');
select throws_ok($$ select public.disconnect_slack(tests.id('acme')) $$, 'PT403', 'forbidden', 'nor disconnects');
select throws_ok(
  $$ select public.connect_slack(tests.id('acme'), 'T0ACME', 'Acme', 'U', '{}', 'x', '[]') $$, '42501', null, 'T-15 nor connects'
);
select throws_ok($$ select public.begin_slack_access(tests.id('acme'), 'C02SALES') $$, '42501', null, 'T-15 nor asks for the token');
select throws_ok($$ select private.begin_slack_access(tests.id('acme'), 'C02SALES') $$, '42501', null, 'T-15 by the function behind it either');
select throws_ok($$ select public.reject_slack_access(tests.id('acme'), 'T0ACME', 'x') $$, '42501', null, 'nor ends it');
select is(
  public.my_outbound_connections(tests.id('acme')) -> 'slack', '{"team_name": "Acme", "channels": []}'::jsonb, 'she sees that nothing is open'
);

select tests.act_as('rita');
select throws_ok(
  $$ select public.open_slack_channel(tests.id('acme'), 'C02SALES') $$, 'PT404', 'organization_not_found', 'a rival finds no such organization'
);
select throws_ok($$ select public.list_slack_channels(tests.id('acme')) $$, 'PT404', 'organization_not_found', 'by no way');
select throws_ok($$ select public.disconnect_slack(tests.id('acme')) $$, 'PT404', 'organization_not_found', 'at all');
select throws_ok($$ select public.my_outbound_connections(tests.id('acme')) $$, 'PT404', 'organization_not_found', 'whatsoever');
select throws_ok(
  $$ select public.open_slack_channel(tests.id('rival'), 'C02SALES') $$, 'PT404', 'not_found', 'nor a channel of it in her own'
);

select tests.act_as('nils');
select throws_ok('select public.list_slack_channels()', 'PT409', 'no_active_organization', 'who works nowhere is told so');
select throws_ok($$ select public.open_slack_channel(null, 'C02SALES') $$, 'PT409', 'no_active_organization', 'whatever they ask');
select throws_ok('select public.disconnect_slack(null)', 'PT409', 'no_active_organization', 'for');

select tests.act_as('olga');
select is(
  public.list_slack_channels(tests.id('acme')),
  jsonb_build_object(
    'org_id', tests.id('acme'),
    'workspace', jsonb_build_object('team_id', 'T0ACME', 'team_name', 'Acme', 'status', 'active', 'last_error', null),
    'channels', '[{"id": "C01GENERAL", "name": "general", "is_open": false}, {"id": "C02SALES", "name": "sales", "is_open": false}]'::jsonb
  ), 'an owner sees every channel, and no token'
);
select is(
  public.open_slack_channel(tests.id('acme'), 'C02SALES'), '{"id": "C02SALES", "name": "sales", "is_open": true}'::jsonb, 'and opens one'
);
select throws_ok(
  $$ select public.open_slack_channel(tests.id('acme'), 'C0NOWHERE') $$, 'PT404', 'not_found', 'that there is'
);
select tests.act_as('mona');
select is(
  public.my_outbound_connections(tests.id('acme')) -> 'slack',
  '{"team_name": "Acme", "channels": [{"id": "C02SALES", "name": "sales"}]}'::jsonb, 'now everybody sees that one, and no other'
);
select tests.act_as_owner();
select is(
  (select array_agg(distinct action order by action) from public.security_audit_log where org_id = tests.id('acme') and action like 'slack%'),
  array['slack_channels.insert', 'slack_channels.opened', 'slack_channels.update', 'slack_connections.insert'],
  'connecting and opening are in the audit log'
);
select ok(
  (select updated_at from private.slack_channels where org_id = tests.id('acme') and channel_id = 'C02SALES')
    >= (select created_at from private.slack_channels where org_id = tests.id('acme') and channel_id = 'C02SALES'), 'with their time'
);

select tests.act_as_service();
select is(
  public.begin_slack_access(tests.id('acme'), 'C02SALES'),
  '{"status": "ready", "team_id": "T0ACME", "bot_token": "slack canary one"}'::jsonb, 'the worker gets the token for the open channel'
);
select is(public.begin_slack_access(tests.id('acme'), 'C01GENERAL') ->> 'status', 'channel_not_open', 'and for no other');
select lives_ok($$ select public.reject_slack_access(tests.id('acme'), 'T0OTHER', 'token_rejected') $$, 'a token of another workspace is refused');
select is(public.begin_slack_access(tests.id('acme'), 'C02SALES') ->> 'status', 'ready', 'which says nothing of this one');
select lives_ok($$ select public.reject_slack_access(tests.id('acme'), 'T0ACME', 'token_rejected') $$, 'this one is refused');
select is(public.begin_slack_access(tests.id('acme'), 'C02SALES') ->> 'status', 'needs_reconnect', 'and is asked for no more');
select lives_ok($$ select public.reject_slack_access(tests.id('acme'), 'T0ACME', 'another_error') $$, 'a second refusal');
select tests.act_as('mona');
select is(public.my_outbound_connections(tests.id('acme')) -> 'slack', 'null'::jsonb, 'nobody is offered it meanwhile');
select tests.act_as_owner();
select results_eq(
  $$ select status, last_error from private.slack_connections where org_id = tests.id('acme') $$,
  $$ values ('needs_reconnect', 'token_rejected') $$, 'changes nothing of the first'
);
select isnt_empty(
  $$ select from public.security_audit_log where action = 'slack_connections.update' and actor_name = 'execute-confirmed-actions' $$,
  'and the worker stands behind it in the audit log'
);

select tests.act_as_service();
select is(
  public.connect_slack(
    tests.id('acme'), 'T0ACME', 'Acme Inc', 'U0BOT', '{chat:write}', 'slack canary two',
    '[{"id": "C02SALES", "name": "sales-emea"}, {"id": "C03DEALS", "name": "deals"}]'
  ), 2, 'it is connected again, with other channels'
);
select tests.act_as_owner();
select results_eq(
  $$ select channel_id, name, is_open from private.slack_channels where org_id = tests.id('acme') order by channel_id $$,
  $$ values ('C02SALES', 'sales-emea', true), ('C03DEALS', 'deals', false) $$, 'what was open stays open, what is gone is gone'
);
select results_eq(
  $$ select status, last_error, team_name from private.slack_connections where org_id = tests.id('acme') $$,
  $$ values ('active', null::text, 'Acme Inc') $$, 'and it works again'
);
select set_eq(
  $$ select decrypted_secret from vault.decrypted_secrets where decrypted_secret like 'slack canary%' $$,
  array['slack canary two'], 'T-15 the old token has left the vault'
);
select is_empty(
  $$ select from private.slack_connections as c where to_jsonb(c)::text like '%canary%'
     union all select from vault.secrets as s where s.secret like '%slack canary%' $$, 'T-15 and the new one is in clear nowhere else'
);
select tests.act_as_service();
select is(
  public.connect_slack(tests.id('acme'), 'T0NEXT', 'Next', 'U0BOT', '{chat:write}', 'slack canary three', (select list from t_channels)),
  2, 'another workspace takes its place'
);
select tests.act_as_owner();
select is_empty($$ select from private.slack_channels where org_id = tests.id('acme') and is_open $$, 'in which nothing is open');
select set_eq(
  $$ select decrypted_secret from vault.decrypted_secrets where decrypted_secret like 'slack canary%' $$,
  array['slack canary three'], 'T-15 with its own token'
);

select throws_ok(
  $$ update private.slack_connections set team_id = 'general' $$, '23514', null, 'a workspace is named as Slack names it'
);
select throws_ok($$ update private.slack_connections set status = 'fine' $$, '23514', null, 'and stands in a known way');
select throws_ok(
  $$ insert into private.slack_connections (org_id, team_id, team_name, bot_user_id, bot_token_secret_id)
     select org_id, 'T0SECOND', 'x', 'U', gen_random_uuid() from private.slack_connections where org_id = tests.id('acme') $$,
  '23505', null, 'one to an organization'
);
select throws_ok(
  $$ insert into private.slack_channels (org_id, channel_id, name) values (tests.id('acme'), '#general', 'general') $$, '23514', null, 'channels too'
);
select throws_ok(
  $$ insert into private.slack_channels (org_id, channel_id, name) values (tests.id('acme'), 'C09', '') $$, '23514', null, 'have a name'
);
select throws_ok(
  $$ insert into private.slack_channels (org_id, channel_id, name) values (tests.id('acme'), 'C02SALES', 'again') $$, '23505', null, 'and are there once'
);
select throws_ok(
  $$ insert into private.slack_channels (org_id, channel_id, name) values (tests.id('rival'), 'C02SALES', 'sales') $$, '23503', null, 'in a workspace'
);

select tests.act_as('olga');
select is(public.disconnect_slack(tests.id('acme')), true, 'an owner disconnects it');
select is(public.disconnect_slack(tests.id('acme')), false, 'once');
select is(public.my_outbound_connections(tests.id('acme')) -> 'slack', 'null'::jsonb, 'and nothing is left');
select tests.act_as_owner();
select is_empty(
  $$ select from vault.decrypted_secrets where decrypted_secret like 'slack canary%' $$, 'T-15 least of all the token'
);

-- Google ------------------------------------------------------------------------------------------

create function pg_temp.scopes(variadic p_names text[])
returns text[]
language sql as $$ select array_agg(case when n like 'https:%' then n else 'https://www.googleapis.com/auth/' || n end) from unnest(p_names) as n $$;
grant execute on all functions in schema pg_temp to service_role;

select ok(private.google_scopes_cover(pg_temp.scopes('gmail.send', 'gmail.readonly'), 'email'), 'who may send and look may email');
select ok(not private.google_scopes_cover(pg_temp.scopes('gmail.send'), 'email'), 'not who may only send: what was sent could not be found');
select ok(not private.google_scopes_cover(pg_temp.scopes('gmail.readonly'), 'email'), 'nor who may only look');
select ok(private.google_scopes_cover(pg_temp.scopes('gmail.modify'), 'email'), 'one scope for both will do');
select ok(private.google_scopes_cover(pg_temp.scopes('https://mail.google.com/'), 'email'), 'or the one for everything');
select ok(not private.google_scopes_cover(pg_temp.scopes('calendar'), 'email'), 'a calendar is no mailbox');
select ok(private.google_scopes_cover(pg_temp.scopes('calendar.events'), 'calendar'), 'events may be made with theirs');
select ok(private.google_scopes_cover(pg_temp.scopes('calendar'), 'calendar'), 'or with all of the calendar');
select ok(not private.google_scopes_cover(pg_temp.scopes('calendar.readonly', 'gmail.modify'), 'calendar'), 'not with reading it');
select ok(not private.google_scopes_cover(pg_temp.scopes('calendar', 'gmail.modify'), 'drive'), 'and nothing else is known');

select tests.act_as_service();
select lives_ok(
  $$ select public.connect_calendar(tests.id('acme'), tests.id('mona'), 'mona@example.test', 'primary', 'refresh mona',
       pg_temp.scopes('gmail.send', 'gmail.readonly')) $$, 'a consent for email is written down'
);
select lives_ok(
  $$ select public.connect_calendar(tests.id('acme'), tests.id('cole'), 'cole@example.test', 'primary', 'refresh cole') $$,
  'one that says nothing is a consent for reading'
);
select is(
  public.begin_google_access(tests.id('acme'), tests.id('mona'), 'email', null, 'w1', null) - 'connection_id',
  '{"status": "refresh", "refresh_token": "refresh mona", "account_email": "mona@example.test", "calendar_id": "primary"}'::jsonb,
  'the worker may refresh hers for email'
);
select is(
  public.begin_google_access(tests.id('acme'), tests.id('mona'), 'email', null, 'w2', null) ->> 'status', 'wait', 'one worker at a time'
);
select is(
  public.begin_google_access(tests.id('acme'), tests.id('mona'), 'calendar', null, 'w1', null) ->> 'status', 'scope_missing', 'not for making events'
);
select is(
  public.begin_google_access(tests.id('acme'), tests.id('mona'), 'email', 'MONA@example.test', 'w1', null) ->> 'status', 'refresh',
  'of the account that is asked for'
);
select is(
  public.begin_google_access(tests.id('acme'), tests.id('mona'), 'email', 'other@example.test', 'w1', null) ->> 'status', 'not_connected', 'and of no other'
);
select is(
  public.begin_google_access(tests.id('acme'), tests.id('cole'), 'email', null, 'w1', null) ->> 'status', 'scope_missing', 'not his'
);
select is(
  public.begin_google_access(tests.id('acme'), tests.id('olga'), 'email', null, 'w1', null) ->> 'status', 'not_connected', 'nor hers who has none'
);
select is(
  public.begin_google_access(tests.id('rival'), tests.id('mona'), 'email', null, 'w1', null) ->> 'status', 'not_connected', 'nor in another organization'
);
select lives_ok(
  $$ select public.connect_calendar(tests.id('acme'), tests.id('mona'), 'second@example.test', 'primary', 'refresh second',
       pg_temp.scopes('calendar.events')) $$, 'she connects a second account'
);
select is(
  public.begin_google_access(tests.id('acme'), tests.id('mona'), 'calendar', null, 'w3', null) ->> 'account_email', 'second@example.test',
  'each is used for what it was granted'
);

select tests.act_as('mona');
select is(
  public.my_outbound_connections(tests.id('acme')) - 'org_id' - 'slack',
  '{"gmail": {"account_email": "mona@example.test"}, "calendar": {"account_email": "second@example.test"}}'::jsonb, 'and she sees which is which'
);
select throws_ok(
  $$ select public.begin_google_access(tests.id('acme'), tests.id('mona'), 'email', null, 'me', null) $$, '42501', null, 'T-15 but no token'
);
select throws_ok(
  $$ select private.begin_google_access(tests.id('acme'), tests.id('mona'), 'email', null, 'me', null) $$, '42501', null, 'T-15 by no way'
);
select throws_ok($$ select public.reject_google_access(tests.id('acme'), gen_random_uuid(), 'x') $$, '42501', null, 'and ends nobody''s');
select tests.act_as('cole');
select is(
  public.my_outbound_connections(tests.id('acme')) - 'org_id' - 'slack', '{"gmail": null, "calendar": null}'::jsonb, 'he sees his own, which is neither'
);

select tests.act_as_owner();
select tests.remember('hers', id) from public.calendar_connections where account_email = 'mona@example.test';
select tests.remember('second', id) from public.calendar_connections where account_email = 'second@example.test';
select tests.act_as_service();
select lives_ok($$ select public.reject_google_access(tests.id('rival'), tests.id('hers'), 'scope_missing') $$, 'another organization says');
select lives_ok($$ select public.reject_google_access(tests.id('acme'), tests.id('second'), 'scope_missing') $$, 'a scope is missing after all');
select lives_ok($$ select public.reject_google_access(tests.id('acme'), tests.id('hers'), 'access_token_rejected') $$, 'a token is refused for good');
select lives_ok($$ select public.reject_google_access(tests.id('acme'), tests.id('hers'), 'scope_missing') $$, 'and nothing after that counts');
select tests.act_as_owner();
select results_eq(
  $$ select account_email, status, last_error, cardinality(scopes) from public.calendar_connections
     where user_id = tests.id('mona') order by account_email $$,
  $$ values ('mona@example.test', 'needs_reconnect', 'access_token_rejected', 2), ('second@example.test', 'active', 'scope_missing', 0) $$,
  'one asks for reconnecting, the other goes on reading'
);
select isnt_empty(
  $$ select from public.security_audit_log where action = 'calendar_connections.update' and actor_name = 'execute-confirmed-actions' $$,
  'by the worker, says the audit log'
);
select tests.act_as_service();
select is(
  public.begin_google_access(tests.id('acme'), tests.id('mona'), 'email', 'mona@example.test', 'w1', null) ->> 'status', 'needs_reconnect', 'so the worker is told'
);
select tests.act_as('mona');
select is(
  public.my_outbound_connections(tests.id('acme')) - 'org_id' - 'slack', '{"gmail": null, "calendar": null}'::jsonb, 'and she is offered neither'
);
select tests.act_as_service();
select lives_ok(
  $$ select public.connect_calendar(tests.id('acme'), tests.id('mona'), 'mona@example.test', 'primary', 'refresh anew',
       pg_temp.scopes('gmail.modify', 'calendar')) $$, 'she connects it again'
);
select tests.act_as('mona');
select is(
  public.my_outbound_connections(tests.id('acme')) - 'org_id' - 'slack',
  '{"gmail": {"account_email": "mona@example.test"}, "calendar": {"account_email": "mona@example.test"}}'::jsonb, 'and it can do both'
);
select tests.act_as_owner();
update public.calendar_connections set status = 'needs_reconnect' where id = tests.id('hers');
select tests.act_as('mona');
select is(
  public.my_outbound_connections(tests.id('acme')) - 'org_id' - 'slack', '{"gmail": null, "calendar": null}'::jsonb, 'for as long as it works'
);
select tests.act_as_owner();
update public.calendar_connections set status = 'disconnected' where user_id = tests.id('mona');
select tests.act_as_service();
select is(
  public.begin_google_access(tests.id('acme'), tests.id('mona'), 'email', null, 'w1', null) ->> 'status', 'not_connected',
  'what she disconnected is not asked to be connected again'
);
select tests.act_as_owner();
update public.calendar_connections set status = 'active' where user_id = tests.id('mona');
select tests.act_as_service();
select is(
  public.begin_google_access(tests.id('acme'), tests.id('mona'), 'email', null, 'w1', null) ->> 'status', 'refresh', 'control: connected it would do'
);
select tests.act_as('olga');
select lives_ok($$ select public.suspend_member(tests.id('acme'), tests.id('mona')) $$, 'she is suspended');
select tests.act_as_service();
select is(
  public.begin_google_access(tests.id('acme'), tests.id('mona'), 'email', null, 'w1', null) ->> 'status', 'not_connected', 'and nothing leaves in her name'
);
select tests.act_as('olga');
select lives_ok($$ select public.remove_member(tests.id('acme'), tests.id('mona')) $$, 'she is removed');
select tests.act_as_service();
select is(
  public.begin_google_access(tests.id('acme'), tests.id('mona'), 'email', 'mona@example.test', 'w1', null) ->> 'status', 'not_connected', 'for good'
);

select tests.act_as_owner();
select is(
  (select command from cron.job where jobname = 'execute-confirmed-actions'),
  $$select private.call_worker('execute-confirmed-actions', array['action.execute'])$$, 'the worker is looked after every minute'
);
-- What nobody comes for any more ------------------------------------------------------------------

select tests.act_as_owner();
select tests.remember('turn', gen_random_uuid());
select tests.act_as('cole');
select lives_ok($$ select public.begin_copilot_turn(tests.id('acme'), gen_random_uuid(), tests.id('turn'), 'Invite Olga', 'test') $$, 'a turn');
select tests.act_as_owner();
create temporary table t_confirmed (name text, id uuid);
grant all on t_confirmed to authenticated;
create function pg_temp.confirm(p_name text) returns void language plpgsql as $f$
declare
  v_action jsonb;
begin
  v_action := public.propose_action(
    tests.id('turn'), p_name, 'Invite Olga',
    jsonb_build_array(jsonb_build_object(
      'kind', 'schedule_meeting', 'title', 'Review', 'description', null, 'starts_at', '2026-12-01T10:00:00Z', 'ends_at', '2026-12-01T11:00:00Z',
      'time_zone', 'UTC', 'attendees', jsonb_build_array('olga@example.test'), 'event_id', replace(p_name, ' ', '') || '00000'
    ))::text,
    '[{"kind": "schedule_meeting", "summary": "s", "recipients": [], "is_reversible": false, "fields": [{"name": "Title", "value": "Review"},
      {"name": "Starts", "value": "Tue 1 Dec 2026, 10:00 (UTC)"}, {"name": "Ends", "value": "Tue 1 Dec 2026, 11:00 (UTC)"}]}]',
    '[]', false
  );
  perform public.confirm_pending_action((v_action ->> 'id')::uuid, v_action ->> 'payload_sha256');
  insert into t_confirmed values (p_name, (v_action ->> 'id')::uuid);
end;
$f$;
update public.calendar_connections set scopes = pg_temp.scopes('calendar.events') where user_id = tests.id('cole');
grant execute on function pg_temp.confirm(text) to authenticated;
select tests.act_as('cole');
select pg_temp.confirm(n) from unnest(array['buried', 'alive', 'at it', 'done']) as n;
select tests.act_as_owner();
select tests.remember(name, id) from t_confirmed;
create function pg_temp.effect(p_name text) returns uuid language sql as $$ select id from private.outbound_effects where action_id = tests.id(p_name) $$;
select is((select count(*)::int from private.outbound_effects where user_id = tests.id('cole')), 4, 'four effects wait');
update private.outbound_effects set status = 'running', worker = 'dead', leased_until = now() - interval '1 second'
where id in (pg_temp.effect('buried'), pg_temp.effect('alive'));
update private.outbound_effects set status = 'running', worker = 'w', leased_until = now() + interval '1 hour' where id = pg_temp.effect('at it');
update private.outbound_effects set status = 'done', finished_at = now(), external_id = 'x' where id = pg_temp.effect('done');
update private.jobs set state = 'dead', finished_at = now(), run_at = 'infinity'
where (payload ->> 'effect_id')::uuid in (pg_temp.effect('buried'), pg_temp.effect('at it'), pg_temp.effect('done'));
insert into private.jobs (kind, payload, state, finished_at, run_at)
values ('recording.thumbnail', jsonb_build_object('effect_id', pg_temp.effect('alive')), 'dead', now(), 'infinity');
select is(private.give_up_lost_effects(), 1, 'one is given up: the one whose job is buried and whose worker is gone');
select results_eq(
  $$ select status, error_code from private.outbound_effects where id = pg_temp.effect('buried') $$,
  $$ values ('failed', 'outcome_unknown') $$, 'nobody knows whether it left'
);
select is((select status from private.pending_actions where id = tests.id('buried')), 'failed', 'and its action ends with it');
select set_eq(
  $$ select status from private.outbound_effects where id in (pg_temp.effect('alive'), pg_temp.effect('at it')) $$,
  array['running'], 'the others go on'
);
select is((select status from private.outbound_effects where id = pg_temp.effect('done')), 'done', 'and what is done stays done');
select is(private.give_up_lost_effects(), 0, 'once');
select isnt_empty(
  $$ select from public.security_audit_log where action = 'outbound_effects.update' and actor_name = 'give_up_lost_effects' $$, 'the audit log says who gave up'
);
select is(
  (select command from cron.job where jobname = 'give-up-lost-effects'), 'select private.give_up_lost_effects()', 'every five minutes'
);
select * from finish();
rollback;
