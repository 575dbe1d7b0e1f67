-- As 20261126010000, for the copilot and its connections: bodies in PL/pgSQL, whose plans are kept.

create or replace function private.count_copilot_accesses(p_user_id uuid, p_kind text, p_within interval)
returns integer
language plpgsql stable security definer set search_path = ''
as $$
begin
  return (
    select count(*)::integer from private.copilot_accesses as a
    where a.user_id = p_user_id and a.kind = p_kind and a.at > clock_timestamp() - p_within
  );
end;
$$;

create or replace function public.begin_copilot_turn(
  p_org_id uuid, p_conversation_id uuid, p_turn_id uuid, p_message text, p_worker text
)
returns jsonb
language plpgsql security invoker set search_path = ''
as $$
begin
  return private.begin_copilot_turn(p_org_id, p_conversation_id, p_turn_id, p_message, p_worker);
end;
$$;

create or replace function public.save_copilot_turn(
  p_turn_id uuid, p_worker text, p_events jsonb default '[]', p_tool_executions jsonb default '[]',
  p_model_turns jsonb default null, p_usage jsonb default '[]', p_is_tainted boolean default false
)
returns jsonb
language plpgsql security invoker set search_path = ''
as $$
begin
  return private.save_copilot_turn(p_turn_id, p_worker, p_events, p_tool_executions, p_model_turns, p_usage, p_is_tainted);
end;
$$;

create or replace function public.finish_copilot_turn(
  p_turn_id uuid, p_worker text, p_status text, p_answer jsonb default null, p_events jsonb default '[]', p_usage jsonb default '[]'
)
returns jsonb
language plpgsql security invoker set search_path = ''
as $$
begin
  return private.finish_copilot_turn(p_turn_id, p_worker, p_status, p_answer, p_events, p_usage);
end;
$$;

create or replace function public.cancel_copilot_turn(p_turn_id uuid)
returns jsonb
language plpgsql security invoker set search_path = ''
as $$
begin
  return private.cancel_copilot_turn(p_turn_id);
end;
$$;

create or replace function private.read_turn_events(p_turn public.copilot_turns, p_key bytea, p_after integer)
returns jsonb
language plpgsql stable security definer set search_path = ''
as $$
begin
  return (
    select coalesce(jsonb_agg(jsonb_build_object(
      'seq', e.seq, 'event', e.event,
      'data', private.unseal(p_key, 'event:' || e.turn_id || ':' || e.seq, e.data_sealed)::jsonb
    ) order by e.seq), '[]')
    from private.copilot_turn_events as e
    where e.org_id = p_turn.org_id and e.turn_id = p_turn.id and e.seq > coalesce(p_after, 0)
  );
end;
$$;

create or replace function private.read_tool_executions(p_turn public.copilot_turns, p_key bytea)
returns jsonb
language plpgsql stable security definer set search_path = ''
as $$
begin
  return (
    select coalesce(jsonb_agg(
      private.unseal(p_key, 'tool:' || x.id, x.detail_sealed)::jsonb
        || jsonb_build_object('status', x.status, 'error_code', x.error_code)
      order by x.started_at, x.id
    ), '[]')
    from public.tool_executions as x
    where x.org_id = p_turn.org_id and x.turn_id = p_turn.id
  );
end;
$$;

create or replace function public.resume_copilot_turn(p_turn_id uuid, p_worker text)
returns jsonb
language plpgsql security invoker set search_path = ''
as $$
begin
  return private.resume_copilot_turn(p_turn_id, p_worker);
end;
$$;

create or replace function public.read_copilot_turn(p_turn_id uuid, p_after integer default 0)
returns jsonb
language plpgsql security invoker set search_path = ''
as $$
begin
  return private.read_copilot_turn(p_turn_id, p_after);
end;
$$;

create or replace function public.list_copilot_conversations(
  p_org_id uuid default null, p_before timestamptz default null, p_limit integer default 20, p_is_archived boolean default false
)
returns jsonb
language plpgsql security invoker set search_path = ''
as $$
begin
  return private.list_copilot_conversations(p_org_id, p_before, p_limit, p_is_archived);
end;
$$;

create or replace function public.read_copilot_conversation(p_id uuid, p_before integer default null, p_limit integer default 50)
returns jsonb
language plpgsql security invoker set search_path = ''
as $$
begin
  return private.read_copilot_conversation(p_id, p_before, p_limit);
end;
$$;

create or replace function public.archive_copilot_conversation(p_id uuid)
returns void
language plpgsql security invoker set search_path = ''
as $$
begin
  perform private.archive_copilot_conversation(p_id);
end;
$$;

create or replace function public.erase_copilot_conversation(p_id uuid)
returns void
language plpgsql security invoker set search_path = ''
as $$
begin
  perform private.erase_copilot_conversation(p_id);
end;
$$;

create or replace function public.erase_my_copilot_history(p_org_id uuid)
returns integer
language plpgsql security invoker set search_path = ''
as $$
begin
  return private.erase_my_copilot_history(p_org_id);
end;
$$;

create or replace function public.export_copilot_conversations(
  p_org_id uuid default null, p_export_id uuid default null, p_after_conversation uuid default null, p_after_seq integer default null
)
returns jsonb
language plpgsql security invoker set search_path = ''
as $$
begin
  return private.export_copilot_conversations(p_org_id, p_export_id, p_after_conversation, p_after_seq);
end;
$$;

create or replace function public.cancel_pending_action(p_id uuid)
returns jsonb
language plpgsql security invoker set search_path = ''
as $$
begin
  return private.cancel_pending_action(p_id);
end;
$$;

create or replace function public.read_pending_action(p_id uuid)
returns jsonb
language plpgsql security invoker set search_path = ''
as $$
begin
  return private.read_pending_action(p_id);
end;
$$;

create or replace function public.list_pending_actions(p_conversation_id uuid)
returns jsonb
language plpgsql security invoker set search_path = ''
as $$
begin
  return private.list_pending_actions(p_conversation_id);
end;
$$;

create or replace function public.begin_outbound_effect(p_effect_id uuid, p_worker text)
returns jsonb
language plpgsql security invoker set search_path = ''
as $$
begin
  return private.begin_outbound_effect(p_effect_id, p_worker);
end;
$$;

create or replace function public.finish_outbound_effect(p_effect_id uuid, p_worker text, p_external_id text, p_result jsonb)
returns boolean
language plpgsql security invoker set search_path = ''
as $$
begin
  return private.finish_outbound_effect(p_effect_id, p_worker, p_external_id, p_result);
end;
$$;

create or replace function public.fail_outbound_effect(p_effect_id uuid, p_worker text, p_code text, p_is_final boolean)
returns boolean
language plpgsql security invoker set search_path = ''
as $$
begin
  return private.fail_outbound_effect(p_effect_id, p_worker, p_code, p_is_final);
end;
$$;

create or replace function private.google_scopes_cover(p_scopes text[], p_use text)
returns boolean
language plpgsql immutable set search_path = ''
as $$
begin
  return case p_use
    when 'email' then
      p_scopes && array['https://mail.google.com/', 'https://www.googleapis.com/auth/gmail.modify']
      or p_scopes @> array[
        'https://www.googleapis.com/auth/gmail.send', 'https://www.googleapis.com/auth/gmail.readonly'
      ]
    when 'calendar' then
      p_scopes && array[
        'https://www.googleapis.com/auth/calendar', 'https://www.googleapis.com/auth/calendar.events'
      ]
    else false
  end;
end;
$$;

create or replace function public.my_outbound_connections(p_org_id uuid default null)
returns jsonb
language plpgsql stable security invoker set search_path = ''
as $$
begin
  return private.my_outbound_connections(p_org_id);
end;
$$;

create or replace function public.list_slack_channels(p_org_id uuid default null)
returns jsonb
language plpgsql stable security invoker set search_path = ''
as $$
begin
  return private.list_slack_channels(p_org_id);
end;
$$;

create or replace function public.open_slack_channel(p_org_id uuid, p_channel_id text, p_is_open boolean default true)
returns jsonb
language plpgsql security invoker set search_path = ''
as $$
begin
  return private.open_slack_channel(p_org_id, p_channel_id, p_is_open);
end;
$$;

create or replace function public.disconnect_slack(p_org_id uuid)
returns boolean
language plpgsql security invoker set search_path = ''
as $$
begin
  return private.disconnect_slack(p_org_id);
end;
$$;

create or replace function public.connect_slack(
  p_org_id uuid, p_team_id text, p_team_name text, p_bot_user_id text, p_scopes text[], p_bot_token text, p_channels jsonb
)
returns integer
language plpgsql security invoker set search_path = ''
as $$
begin
  return private.connect_slack(p_org_id, p_team_id, p_team_name, p_bot_user_id, p_scopes, p_bot_token, p_channels);
end;
$$;

create or replace function public.begin_slack_access(p_org_id uuid, p_channel_id text)
returns jsonb
language plpgsql stable security invoker set search_path = ''
as $$
begin
  return private.begin_slack_access(p_org_id, p_channel_id);
end;
$$;

create or replace function public.reject_slack_access(p_org_id uuid, p_team_id text, p_error text)
returns void
language plpgsql security invoker set search_path = ''
as $$
begin
  perform private.reject_slack_access(p_org_id, p_team_id, p_error);
end;
$$;

create or replace function public.begin_google_access(
  p_org_id uuid, p_user_id uuid, p_use text, p_account_email text, p_worker text, p_rejected_token text
)
returns jsonb
language plpgsql security invoker set search_path = ''
as $$
begin
  return private.begin_google_access(p_org_id, p_user_id, p_use, p_account_email, p_worker, p_rejected_token);
end;
$$;

create or replace function public.reject_google_access(p_org_id uuid, p_connection_id uuid, p_error text)
returns void
language plpgsql security invoker set search_path = ''
as $$
begin
  perform private.reject_google_access(p_org_id, p_connection_id, p_error);
end;
$$;

create or replace function private.is_list_of_lines(p_items text[], p_max_items integer, p_max_length integer)
returns boolean
language plpgsql immutable set search_path = ''
as $$
begin
  return cardinality(p_items) <= p_max_items
    and array_position(p_items, null) is null
    and not exists (
      select from unnest(p_items) as i (item)
      where i.item !~ '\S' or char_length(i.item) > p_max_length or i.item ~ '[[:cntrl:]]'
    );
end;
$$;

create or replace function private.is_list_of_competitors(p_items jsonb)
returns boolean
language plpgsql immutable set search_path = ''
as $$
begin
  return case
    when jsonb_typeof(p_items) <> 'array' then false
    when jsonb_array_length(p_items) > 50 then false
    else not exists (
      select
      from jsonb_array_elements(p_items) as i (item)
      where case
        when jsonb_typeof(i.item) <> 'object' then true
        else i.item - '{name,positioning}'::text[] <> '{}'
          or jsonb_typeof(i.item -> 'name') is distinct from 'string'
          or not private.is_list_of_lines(array[i.item ->> 'name'], 1, 200)
          or coalesce(jsonb_typeof(i.item -> 'positioning'), 'null') not in ('string', 'null')
          or coalesce(char_length(i.item ->> 'positioning'), 1) not between 1 and 2000
      end
    )
  end;
end;
$$;

create or replace function private.plain_line(p_text text)
returns text
language plpgsql immutable set search_path = ''
as $$
begin
  return nullif(btrim(regexp_replace(p_text, '[[:cntrl:][:space:]<>]+', ' ', 'g')), '');
end;
$$;
