-- What people do with their own conversations: list, read, put away, export, erase (U60-161…167). Months
-- of somebody's questions tell how they think and what their company plans, so not even those who run
-- the company or the platform have a way in. Who left an organization reads nothing of it any more, and
-- can still erase what they said there; with a login goes everything.

create function private.require_my_conversation(p_id uuid)
returns public.copilot_conversations
language plpgsql stable security definer set search_path = ''
as $$
declare
  v_conversation public.copilot_conversations;
begin
  select c.* into v_conversation
  from public.copilot_conversations as c
  where c.id = p_id and c.user_id = private.current_user_id();
  if not coalesce(v_conversation.org_id = any(private.my_orgs()), false) then
    raise sqlstate 'PT404' using message = 'not_found';
  end if;
  return v_conversation;
end;
$$;
comment on function private.require_my_conversation(uuid) is
  'The conversation, if it is the caller''s own and they are still a member. Raises not_found. Definer: conversations are nobody''s to read. Granted to nobody.';

create function private.describe_conversation(p_conversation public.copilot_conversations, p_key bytea)
returns jsonb
language plpgsql stable set search_path = ''
as $$
begin
  return jsonb_build_object(
    'id', p_conversation.id,
    'org_id', p_conversation.org_id,
    'title', private.unseal(p_key, 'title:' || p_conversation.id, p_conversation.title_sealed),
    'message_count', p_conversation.message_count,
    'created_at', p_conversation.created_at,
    'last_message_at', p_conversation.last_message_at,
    'archived_at', p_conversation.archived_at
  );
end;
$$;
comment on function private.describe_conversation(public.copilot_conversations, bytea) is
  'What its owner sees of a conversation in a list.';

create function private.list_copilot_conversations(p_org_id uuid, p_before timestamptz, p_limit integer, p_is_archived boolean)
returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  v_org_id constant uuid := private.require_org(p_org_id);
  v_user_id constant uuid := private.current_user_id();
  v_limit constant integer := least(greatest(coalesce(p_limit, 20), 1), 100);
  v_before constant timestamptz := coalesce(p_before, 'infinity');
  v_key constant bytea := private.copilot_key(v_org_id, v_user_id);
  v_rows public.copilot_conversations[];
begin
  perform private.write_audit(v_org_id, 'copilot_conversations.listed', 'copilot_conversations');
  -- Written twice, so that either uses its index.
  if coalesce(p_is_archived, false) then
    v_rows := array(
      select c from public.copilot_conversations as c
      where c.org_id = v_org_id and c.user_id = v_user_id and c.archived_at is not null and c.last_message_at < v_before
      order by c.last_message_at desc limit v_limit
    );
  else
    v_rows := array(
      select c from public.copilot_conversations as c
      where c.org_id = v_org_id and c.user_id = v_user_id and c.archived_at is null and c.last_message_at < v_before
      order by c.last_message_at desc limit v_limit
    );
  end if;
  return jsonb_build_object(
    'conversations', coalesce((
      select jsonb_agg(private.describe_conversation(r, v_key) order by r.last_message_at desc) from unnest(v_rows) as r
    ), '[]'),
    'next_before', case when cardinality(v_rows) = v_limit then v_rows[v_limit].last_message_at end
  );
end;
$$;
comment on function private.list_copilot_conversations(uuid, timestamptz, integer, boolean) is
  'The caller''s conversations in an organization, newest first. Definer: conversations are nobody''s to read; the reading is logged first.';

create function private.describe_message(p_message public.copilot_messages, p_key bytea)
returns jsonb
language plpgsql stable set search_path = ''
as $$
begin
  return jsonb_build_object(
    'id', p_message.id,
    'turn_id', p_message.turn_id,
    'seq', p_message.seq,
    'role', p_message.role,
    'text', private.unseal(p_key, 'text:' || p_message.id, p_message.text_sealed),
    -- What a choice would run stays inside.
    'answer', private.unseal(p_key, 'answer:' || p_message.id, p_message.answer_sealed)::jsonb - 'clarification',
    'pending_action_id', p_message.pending_action_id,
    'created_at', p_message.created_at
  );
end;
$$;
comment on function private.describe_message(public.copilot_messages, bytea) is 'What its owner sees of a message.';

create function private.read_copilot_conversation(p_id uuid, p_before integer, p_limit integer)
returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  v_conversation constant public.copilot_conversations := private.require_my_conversation(p_id);
  v_limit constant integer := least(greatest(coalesce(p_limit, 50), 1), 100);
  v_key bytea;
  v_rows public.copilot_messages[];
begin
  perform private.log_conversation_read(
    'copilot_conversations.read', v_conversation.org_id, v_conversation.user_id, v_conversation.id
  );
  v_key := private.copilot_key(v_conversation.org_id, v_conversation.user_id);
  v_rows := array(
    select m from public.copilot_messages as m
    where m.org_id = v_conversation.org_id and m.conversation_id = v_conversation.id and m.seq < coalesce(p_before, 2147483647)
    order by m.seq desc
    limit v_limit
  );
  return jsonb_build_object(
    'conversation', private.describe_conversation(v_conversation, v_key),
    'messages', coalesce(
      (select jsonb_agg(private.describe_message(r, v_key) order by r.seq) from unnest(v_rows) as r), '[]'
    ),
    'next_before', case when v_rows[v_limit].seq > 1 then v_rows[v_limit].seq end,
    'last_turn', (
      select jsonb_build_object(
        'id', t.id, 'status', t.status, 'error_code', t.error_code,
        'is_interrupted', t.status = 'running' and t.lease_until <= clock_timestamp()
      )
      from public.copilot_turns as t
      where t.org_id = v_conversation.org_id and t.conversation_id = v_conversation.id
      order by t.created_at desc
      limit 1
    )
  );
end;
$$;
comment on function private.read_copilot_conversation(uuid, integer, integer) is
  'The last messages of a conversation of the caller''s, before a number, oldest first. Definer: messages are nobody''s to read; the owner is checked and the reading logged first.';

create function private.archive_copilot_conversation(p_id uuid)
returns void
language plpgsql security definer set search_path = ''
as $$
declare
  v_conversation constant public.copilot_conversations := private.require_my_conversation(p_id);
begin
  update public.copilot_conversations as c set archived_at = clock_timestamp()
  where c.org_id = v_conversation.org_id and c.id = p_id and c.archived_at is null;
  perform private.write_audit(v_conversation.org_id, 'copilot_conversations.archived', 'copilot_conversations', p_id);
end;
$$;
comment on function private.archive_copilot_conversation(uuid) is
  'Puts a conversation of the caller''s away; writing on takes it out again. Definer: conversations are nobody''s to write; the owner is checked first.';

create function private.require_erasing(p_org_id uuid)
returns void
language plpgsql stable security definer set search_path = ''
as $$
begin
  -- Who left may erase what is theirs; whoever is a member proves who they are as for anything else.
  if not p_org_id = any(private.my_orgs()) and exists (
    select from public.organization_members as m
    where m.org_id = p_org_id and m.user_id = private.current_user_id() and m.status = 'active'
  ) then
    raise sqlstate 'PT403' using message = 'mfa_required';
  end if;
end;
$$;
comment on function private.require_erasing(uuid) is
  'Lets the caller erase what is theirs in an organization, also one they left. Raises mfa_required. Definer: memberships are read whatever the caller may.';

create function private.erase_copilot_conversation(p_id uuid)
returns void
language plpgsql security definer set search_path = ''
as $$
declare
  v_user_id constant uuid := private.current_user_id();
  v_org_id uuid;
begin
  select c.org_id into v_org_id from public.copilot_conversations as c where c.id = p_id and c.user_id = v_user_id;
  if v_org_id is null then
    raise sqlstate 'PT404' using message = 'not_found';
  end if;
  perform private.require_erasing(v_org_id);
  -- Turns before their conversation, as everywhere, and the latest first, as a proposal does that takes the
  -- place of an older turn's; messages, events, steps and actions go with them.
  perform from public.copilot_turns as t
  where t.org_id = v_org_id and t.conversation_id = p_id
  order by t.created_at desc
  for update;
  delete from public.copilot_conversations as c where c.org_id = v_org_id and c.id = p_id;
  perform private.write_audit(v_org_id, 'copilot_conversations.erased', 'copilot_conversations', p_id);
end;
$$;
comment on function private.erase_copilot_conversation(uuid) is
  'Erases a conversation of the caller''s and all that hangs on it. Definer: conversations are nobody''s to write; the owner is checked first.';

create function private.erase_history(p_org_id uuid, p_user_id uuid)
returns integer
language plpgsql security definer set search_path = ''
as $$
declare
  v_count integer;
begin
  -- No message may come in between and be sealed with the key that goes.
  perform pg_advisory_xact_lock(hashtextextended('copilot:' || p_user_id, 0));
  perform from public.copilot_turns as t
  where t.org_id = p_org_id and t.user_id = p_user_id
  order by t.created_at desc
  for update;
  delete from public.copilot_conversations as c where c.org_id = p_org_id and c.user_id = p_user_id;
  get diagnostics v_count = row_count;
  -- Whatever is left anywhere, in a dead row or a backup without the vault, opens no more.
  delete from private.copilot_keys as k where k.org_id = p_org_id and k.user_id = p_user_id;
  update private.copilot_exports as e set after_conversation = null, after_seq = null
  where e.org_id = p_org_id and e.user_id = p_user_id;
  perform private.write_audit(p_org_id, 'copilot_history.erased', 'copilot_conversations');
  return v_count;
end;
$$;
comment on function private.erase_history(uuid, uuid) is
  'Erases everything a person said to the copilot in an organization and destroys the key to it. Definer: conversations are nobody''s to write. Granted to nobody.';

create function private.erase_my_copilot_history(p_org_id uuid)
returns integer
language plpgsql security definer set search_path = ''
as $$
declare
  v_user_id constant uuid := private.current_user_id();
begin
  if v_user_id is null then
    raise sqlstate 'PT401' using message = 'unauthenticated';
  end if;
  if not exists (
    select from public.organization_members as m where m.org_id = p_org_id and m.user_id = v_user_id
  ) then
    raise sqlstate 'PT404' using message = 'organization_not_found';
  end if;
  perform private.require_erasing(p_org_id);
  return private.erase_history(p_org_id, v_user_id);
end;
$$;
comment on function private.erase_my_copilot_history(uuid) is
  'Erases all the caller''s conversations in an organization, also one they left. Definer: conversations are nobody''s to write.';

create function private.forget_copilot_person()
returns trigger
language plpgsql security definer set search_path = ''
as $$
begin
  perform private.erase_history(m.org_id, new.id) from public.organization_members as m where m.user_id = new.id;
  delete from private.copilot_accesses as a where a.user_id = new.id;
  delete from private.copilot_exports as e
  using public.organization_members as m where m.user_id = new.id and e.org_id = m.org_id and e.user_id = new.id;
  return null;
end;
$$;
comment on function private.forget_copilot_person() is
  'Trigger: with a login goes everything its person said to the copilot. Definer: conversations are nobody''s to write.';
create trigger forget_copilot after update of deleted_at on public.profiles
for each row when (old.deleted_at is null and new.deleted_at is not null)
execute function private.forget_copilot_person();

create function private.refuse_export(p_org_id uuid, p_code text, p_wait interval)
returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  v_seconds constant text := ceil(extract(epoch from p_wait))::integer;
begin
  -- Answered, not raised: raising would take back the log of it.
  perform private.write_audit(p_org_id, 'copilot_conversations.exported', null, null, null, 'refused', p_code);
  perform set_config('response.status', '429', true);
  perform set_config('response.headers', jsonb_build_array(jsonb_build_object('Retry-After', v_seconds))::text, true);
  return jsonb_build_object('code', 'PT429', 'message', p_code, 'details', v_seconds, 'hint', null);
end;
$$;
comment on function private.refuse_export(uuid, text, interval) is
  'Logs a refused export and answers it as an error of status 429, with the seconds to wait. Definer, to append. Granted to nobody.';

create function private.begin_export(p_org_id uuid, p_user_id uuid)
returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  v_orgs constant uuid[] := private.my_orgs();
  v_now constant timestamptz := clock_timestamp();
  v_lately timestamptz[];
begin
  v_lately := array(
    select e.started_at from private.copilot_exports as e
    where e.org_id = any(v_orgs) and e.user_id = p_user_id and e.started_at > v_now - interval '1 hour'
    order by e.started_at desc
  );
  if cardinality(v_lately) >= 10 then
    return private.refuse_export(p_org_id, 'export_limit_reached', v_lately[10] + interval '1 hour' - v_now);
  end if;
  -- The sixth in ten minutes is an alarm, and from then on a minute lies between two (C-21).
  if v_lately[6] > v_now - interval '10 minutes' and v_lately[1] > v_now - interval '1 minute' then
    return private.refuse_export(p_org_id, 'rate_limited', v_lately[1] + interval '1 minute' - v_now);
  end if;
  if v_lately[5] > v_now - interval '10 minutes' then
    perform private.write_alarm(p_org_id, 'copilot_conversations.exported_too_often', 'over_5_exports_in_10_minutes');
  end if;
  insert into private.copilot_exports (org_id, user_id) values (p_org_id, p_user_id);
  return null;
end;
$$;
comment on function private.begin_export(uuid, uuid) is
  'Counts an export of a person, and raises the alarm; what to answer instead where it is one too many. Definer: exports are nobody''s to read. Granted to nobody.';

create function private.export_page(p_export private.copilot_exports, p_key bytea)
returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  v_conversation public.copilot_conversations;
  v_messages jsonb;
  v_left integer := 1000;
  v_count integer;
  v_page jsonb := '[]'::jsonb;
  v_after uuid := p_export.after_conversation;
  v_after_seq integer := coalesce(p_export.after_seq, 0);
begin
  while v_left > 0 loop
    select c.* into v_conversation
    from public.copilot_conversations as c
    where c.org_id = p_export.org_id and c.user_id = p_export.user_id
      and (v_after is null or c.id > v_after or c.id = v_after and c.message_count > v_after_seq)
    order by c.id
    limit 1;
    exit when not found;
    if v_conversation.id is distinct from v_after then
      v_after := v_conversation.id;
      v_after_seq := 0;
    end if;
    select jsonb_agg(private.describe_message(m, p_key) order by m.seq), count(*)::integer, max(m.seq)
    into v_messages, v_count, v_after_seq
    from (
      select n.* from public.copilot_messages as n
      where n.org_id = p_export.org_id and n.conversation_id = v_after and n.seq > v_after_seq
      order by n.seq
      limit v_left
    ) as m;
    v_left := v_left - greatest(v_count, 1);
    v_page := v_page || jsonb_build_array(
      private.describe_conversation(v_conversation, p_key) || jsonb_build_object('messages', coalesce(v_messages, '[]'))
    );
  end loop;
  return jsonb_build_object(
    'conversations', v_page,
    'next', case when v_left <= 0 then jsonb_build_object('conversation_id', v_after, 'seq', v_after_seq) end
  );
end;
$$;
comment on function private.export_page(private.copilot_exports, bytea) is
  'The next thousand messages of an export, by conversation, and where the page after it begins. Definer: messages are nobody''s to read. Granted to nobody.';

create function private.export_copilot_conversations(p_org_id uuid, p_export_id uuid, p_after_conversation uuid, p_after_seq integer)
returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  v_org_id constant uuid := private.require_org(p_org_id);
  v_user_id constant uuid := private.current_user_id();
  v_export private.copilot_exports;
  v_refusal jsonb;
  v_page jsonb;
begin
  -- One at a time, so that none is missed in counting.
  perform pg_advisory_xact_lock(hashtextextended('copilot-export:' || v_user_id, 0));
  if p_export_id is null then
    v_refusal := private.begin_export(v_org_id, v_user_id);
    if v_refusal is not null then
      return v_refusal;
    end if;
  end if;
  -- A page is fetched from where the one before ended, for an hour: going back would be another export.
  select e.* into v_export
  from private.copilot_exports as e
  where e.org_id = v_org_id and e.user_id = v_user_id and e.started_at > clock_timestamp() - interval '1 hour'
    and (
      p_export_id is null
      or e.id = p_export_id and e.after_conversation = p_after_conversation and e.after_seq = p_after_seq
    )
  order by e.started_at desc
  limit 1;
  if v_export.id is null then
    raise sqlstate 'PT404' using message = 'not_found';
  end if;
  perform private.write_audit(v_org_id, 'copilot_conversations.exported', 'copilot_conversations');
  v_page := private.export_page(v_export, private.copilot_key(v_org_id, v_user_id));
  update private.copilot_exports as e
  set after_conversation = (v_page -> 'next' ->> 'conversation_id')::uuid, after_seq = (v_page -> 'next' ->> 'seq')::integer
  where e.org_id = v_org_id and e.id = v_export.id;
  return jsonb_build_object('export_id', v_export.id, 'exported_at', clock_timestamp()) || v_page;
end;
$$;
comment on function private.export_copilot_conversations(uuid, uuid, uuid, integer) is
  'A page of all the caller''s conversations in an organization, ten exports an hour. Definer: conversations are nobody''s to read; each page is logged first.';

-- What happens by itself.

create function private.archive_old_conversations(p_now timestamptz default now())
returns integer
language plpgsql security definer set search_path = ''
as $$
declare
  v_orgs uuid[];
begin
  perform private.set_actor('job', 'archive_old_conversations');
  with archived as (
    update public.copilot_conversations as c set archived_at = p_now
    where c.archived_at is null and c.last_message_at <= p_now - interval '365 days'
    returning c.org_id
  )
  select array_agg(a.org_id) into v_orgs from archived as a;
  perform private.write_audit(o.org_id, 'copilot_conversations.archived', 'copilot_conversations', null, null, 'success', 'after_365_days')
  from (select distinct u.org_id from unnest(v_orgs) as u (org_id)) as o;
  return coalesce(cardinality(v_orgs), 0);
end;
$$;
comment on function private.archive_old_conversations(timestamptz) is
  'Puts away conversations in which nothing was said for 365 days; says how many. Definer: conversations are nobody''s to write. Run by cron only.';

create function private.prune_copilot_traces(p_now timestamptz default now())
returns void
language plpgsql security definer set search_path = ''
as $$
begin
  -- Locked, so that one that is taken up or ends just now is left alone.
  perform private.end_turn(row(o.*)::public.copilot_turns, 'failed', '{"error_code": "interrupted"}')
  from (
    select t.* from public.copilot_turns as t
    where t.status = 'running' and t.lease_until < p_now - interval '1 day'
    for update skip locked
  ) as o;
  delete from private.copilot_turn_events as e where e.created_at < p_now - interval '1 day';
  delete from private.copilot_accesses as a where a.at < p_now - interval '1 hour';
  delete from private.copilot_exports as e where e.started_at < p_now - interval '1 hour';
  delete from private.copilot_spend as s where s.day < (p_now at time zone 'UTC')::date;
end;
$$;
comment on function private.prune_copilot_traces(timestamptz) is
  'Ends turns that nobody continued for a day, and forgets what was sent and counted and is needed no more. Definer: the tables are nobody''s to write. Run by cron only.';

create function private.setup_copilot_schedule()
returns void
language plpgsql set search_path = ''
as $$
begin
  perform cron.schedule('archive-copilot-conversations', '17 3 * * *', $job$select private.archive_old_conversations()$job$);
  perform cron.schedule('prune-copilot-traces', '*/30 * * * *', $job$select private.prune_copilot_traces()$job$);
end;
$$;
comment on function private.setup_copilot_schedule() is
  'Schedules the archive (every night) and the forgetting of traces (every half hour); safe to run again.';
select private.setup_copilot_schedule();

-- What the API offers: the same verbs, with the caller's rights.

create function public.list_copilot_conversations(
  p_org_id uuid default null, p_before timestamptz default null, p_limit integer default 20, p_is_archived boolean default false
)
returns jsonb
language plpgsql security invoker set search_path = ''
as $$
begin
  return private.list_copilot_conversations(p_org_id, p_before, p_limit, p_is_archived);
end;
$$;
comment on function public.list_copilot_conversations(uuid, timestamptz, integer, boolean) is
  'The caller''s conversations, newest first: {conversations, next_before}. Raises what require_org raises.';

create function public.read_copilot_conversation(p_id uuid, p_before integer default null, p_limit integer default 50)
returns jsonb
language plpgsql security invoker set search_path = ''
as $$
begin
  return private.read_copilot_conversation(p_id, p_before, p_limit);
end;
$$;
comment on function public.read_copilot_conversation(uuid, integer, integer) is
  'A conversation of the caller''s: {conversation, messages, next_before, last_turn}. Raises not_found.';

create function public.archive_copilot_conversation(p_id uuid)
returns void
language plpgsql security invoker set search_path = ''
as $$
begin
  perform private.archive_copilot_conversation(p_id);
end;
$$;
comment on function public.archive_copilot_conversation(uuid) is 'Puts a conversation of the caller''s away. Raises not_found.';

create function public.erase_copilot_conversation(p_id uuid)
returns void
language plpgsql security invoker set search_path = ''
as $$
begin
  perform private.erase_copilot_conversation(p_id);
end;
$$;
comment on function public.erase_copilot_conversation(uuid) is
  'Erases a conversation of the caller''s for good. Raises not_found or mfa_required.';

create function public.erase_my_copilot_history(p_org_id uuid)
returns integer
language plpgsql security invoker set search_path = ''
as $$
begin
  return private.erase_my_copilot_history(p_org_id);
end;
$$;
comment on function public.erase_my_copilot_history(uuid) is
  'Erases all the caller''s conversations in an organization and the key to them; says how many. Raises unauthenticated, organization_not_found or mfa_required.';

create function public.export_copilot_conversations(
  p_org_id uuid default null, p_export_id uuid default null, p_after_conversation uuid default null, p_after_seq integer default null
)
returns jsonb
language plpgsql security invoker set search_path = ''
as $$
begin
  return private.export_copilot_conversations(p_org_id, p_export_id, p_after_conversation, p_after_seq);
end;
$$;
comment on function public.export_copilot_conversations(uuid, uuid, uuid, integer) is
  'A page of all the caller''s conversations: {export_id, exported_at, conversations, next}. Answers 429 with export_limit_reached or rate_limited; raises not_found, and what require_org raises.';

grant execute on function
  private.list_copilot_conversations(uuid, timestamptz, integer, boolean),
  public.list_copilot_conversations(uuid, timestamptz, integer, boolean),
  private.read_copilot_conversation(uuid, integer, integer), public.read_copilot_conversation(uuid, integer, integer),
  private.archive_copilot_conversation(uuid), public.archive_copilot_conversation(uuid),
  private.erase_copilot_conversation(uuid), public.erase_copilot_conversation(uuid),
  private.erase_my_copilot_history(uuid), public.erase_my_copilot_history(uuid),
  private.export_copilot_conversations(uuid, uuid, uuid, integer), public.export_copilot_conversations(uuid, uuid, uuid, integer)
to authenticated;
