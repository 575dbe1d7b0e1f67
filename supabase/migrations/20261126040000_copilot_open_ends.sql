-- A turn has bounded steps and proposals. Previews show the times and rows of their effects, and an email
-- that answers one says so in its headers. What waits for a yes was shown before and is not looked at again.

create or replace function private.save_tool_executions(p_turn public.copilot_turns, p_key bytea, p_tool_executions jsonb)
returns void
language plpgsql security definer set search_path = ''
as $$
begin
  if (
    select count(*) <> count(distinct (e ->> 'id')::uuid) from jsonb_array_elements(coalesce(p_tool_executions, '[]')) as e
  ) then
    raise sqlstate 'PT400' using message = 'invalid_request';
  end if;
  insert into public.tool_executions as x (
    org_id, id, turn_id, user_id, tool, action, status, started_at, finished_at, duration_ms, result_count, error_code, detail_sealed
  )
  select p_turn.org_id, (e ->> 'id')::uuid, p_turn.id, p_turn.user_id, e ->> 'tool', e ->> 'action', e ->> 'status',
    (e ->> 'started_at')::timestamptz, (e ->> 'finished_at')::timestamptz, (e ->> 'duration_ms')::numeric::integer,
    (e ->> 'result_count')::integer, e ->> 'error_code', private.seal(p_key, 'tool:' || (e ->> 'id')::uuid, e::text)
  from jsonb_array_elements(coalesce(p_tool_executions, '[]')) as e
  on conflict (org_id, id) do update
  set status = excluded.status, finished_at = excluded.finished_at, duration_ms = excluded.duration_ms,
    result_count = excluded.result_count, error_code = excluded.error_code, detail_sealed = excluded.detail_sealed
  -- An id that another turn has taken stays that turn's.
  where x.turn_id = excluded.turn_id;
  -- A worker answers sixteen calls of a model, a document among them with twenty steps of its own and a
  -- name looked up before it: 352 at most. Two that died and a third who goes on stay below this.
  if (
    select count(*) > 1200 from public.tool_executions as x where x.org_id = p_turn.org_id and x.turn_id = p_turn.id
  ) then
    raise sqlstate 'PT409' using message = 'turn_limit_reached';
  end if;
end;
$$;
comment on function private.save_tool_executions(public.copilot_turns, bytea, jsonb) is
  'Stores steps, or what became of them, each once in a call. Raises invalid_request, or turn_limit_reached above 1200 of a turn. Definer: steps are nobody''s to write. Granted to nobody.';

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
comment on function public.save_copilot_turn(uuid, text, jsonb, jsonb, jsonb, jsonb, boolean) is
  'Stores what was done so far and extends the lease by a minute: {is_cancelled, has_model_budget}. Raises not_found, turn_not_held, invalid_request or turn_limit_reached.';

create or replace function private.store_proposal(
  p_turn_id uuid, p_key text, p_summary text, p_effects text, p_previews jsonb, p_evidence jsonb, p_is_tainted boolean, p_replaces uuid
)
returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  v_turn constant public.copilot_turns := private.require_my_turn(p_turn_id);
  v_effects jsonb;
  v_action private.pending_actions;
  v_key bytea;
  v_was_tainted boolean;
begin
  select a.* into v_action from private.pending_actions as a
  where a.org_id = v_turn.org_id and a.turn_id = v_turn.id and a.key = p_key;
  if found then
    return jsonb_build_object('action', private.describe_action(v_action));
  end if;
  -- Of an ended turn nothing new would be shown any more; only what it showed can be edited.
  if v_turn.status <> 'running' and p_replaces is null then
    raise sqlstate 'PT409' using message = 'turn_not_held';
  end if;
  perform private.require_permission(v_turn.org_id, 'crm.write');
  if char_length(p_effects) > 1000000 or char_length(coalesce(p_summary, '')) not between 1 and 500 then
    raise sqlstate 'PT400' using message = 'invalid_request';
  end if;
  -- A worker answers sixteen calls of a model, and each proposes once; the rest is for those who go on
  -- after one that died, and for the person who edits.
  if (
    select count(*) >= 100 from private.pending_actions as a where a.org_id = v_turn.org_id and a.turn_id = v_turn.id
  ) then
    raise sqlstate 'PT409' using message = 'turn_limit_reached';
  end if;
  v_effects := private.parse_effects(p_effects);
  v_key := private.copilot_key(v_turn.org_id, v_turn.user_id);

  v_action.org_id := v_turn.org_id;
  v_action.id := private.new_id();
  v_action.is_tainted := coalesce(p_is_tainted, true) or v_turn.is_tainted;
  if p_replaces is not null then
    -- Asked by itself: beside an "or true" it would not be called at all, and nothing replaced.
    v_was_tainted := private.replace_action(p_replaces, v_turn.conversation_id);
    v_action.is_tainted := v_action.is_tainted or v_was_tainted;
  end if;
  insert into private.pending_actions as a (
    org_id, id, user_id, conversation_id, turn_id, key, shown_sealed, effects_sealed, payload_sha256,
    is_tainted, is_reversible, replaces, status, decided_at
  )
  select
    v_turn.org_id, v_action.id, v_turn.user_id, v_turn.conversation_id, v_turn.id, p_key,
    private.seal(v_key, 'action_shown:' || v_action.id, jsonb_build_object(
      'summary', p_summary, 'previews', private.show_effects(v_effects, p_previews), 'evidence', coalesce(p_evidence, '[]')
    )::text),
    private.seal(v_key, 'action_effects:' || v_action.id, p_effects),
    encode(extensions.digest(p_effects, 'sha256'), 'hex'),
    v_action.is_tainted,
    not exists (select from jsonb_array_elements(v_effects) as e (effect) where private.is_external_effect(e.effect ->> 'kind')),
    p_replaces,
    case when r.at_once then 'confirmed' else 'open' end, case when r.at_once then clock_timestamp() end
  from (
    -- What was edited was to be asked for.
    select p_replaces is null and private.runs_at_once(v_turn.org_id, v_effects, v_action.is_tainted) as at_once
  ) as r
  returning a.* into v_action;
  if v_action.is_tainted and not v_turn.is_tainted then
    -- What is said of it is tainted, too.
    update public.copilot_turns as t set is_tainted = true where t.org_id = v_turn.org_id and t.id = v_turn.id;
  end if;
  if v_action.status = 'confirmed' then
    perform private.write_audit(v_turn.org_id, 'pending_actions.confirmed_by_setting', 'pending_actions', v_action.id);
  end if;
  return jsonb_build_object('action', private.describe_action(v_action)) || private.describe_claim(v_action);
end;
$$;
comment on function private.store_proposal(uuid, text, text, text, jsonb, jsonb, boolean, uuid) is
  'Stores a proposal of a turn of the caller''s, or finds the one of that key; its recipients are still to be checked. Raises not_found, turn_not_held, turn_limit_reached above a hundred, forbidden, mfa_required, invalid_request or action_not_open. Definer: the table is nobody''s to write.';

-- What an answer is threaded by; not known of emails that are there.
alter table public.emails add column message_id text;
alter table public.emails add constraint emails_message_id_shape
check (message_id ~ '^<[!-;=?-~]+@[!-;=?-~]+>$' and char_length(message_id) <= 250);
comment on column public.emails.message_id is '[class: operational] Message-ID of the message itself, with angle brackets, where it is known and can be repeated.';

create or replace function private.require_whole_email(p_effect jsonb)
returns text
language plpgsql immutable set search_path = ''
as $$
declare
  v_base64 constant text := translate(p_effect ->> 'raw', '-_', '+/');
  v_raw constant text := convert_from(decode(v_base64 || repeat('=', (4 - length(v_base64) % 4) % 4), 'base64'), 'UTF8');
  v_end constant integer := strpos(v_raw, E'\r\n\r\n');
  v_head constant text := replace(left(v_raw, v_end - 1), E'\r\n ', ' ');
  -- The last one is answered; the ones before it are how it came to that (RFC 5322, 3.6.4).
  v_answered constant text := p_effect -> 'references' ->> -1;
  v_names text[];
  v_fields jsonb;
  v_body text;
begin
  -- Only our own composing passes: these headers, once each, no line of anybody else's.
  select array_agg(split_part(l.line, ': ', 1) order by l.place),
    jsonb_object_agg(split_part(l.line, ': ', 1), substring(l.line from ': (.*)$'))
  into v_names, v_fields
  from string_to_table(v_head, E'\r\n') with ordinality as l (line, place);
  if v_head ~ '\r[^\n]|[^\r]\n' or v_names is distinct from array_remove(array[
    'From', 'To', case when jsonb_array_length(p_effect -> 'cc') > 0 then 'Cc' end,
    'Subject', case when v_answered is not null then 'In-Reply-To' end, case when v_answered is not null then 'References' end,
    'Message-ID', 'X-Sixty-Message-ID', 'Date', 'MIME-Version', 'Content-Type', 'Content-Transfer-Encoding'
  ], null) then
    raise sqlstate 'PT400' using message = 'invalid_request';
  end if;
  v_body := convert_from(decode(substring(v_raw from v_end + 4), 'base64'), 'UTF8');
  if (v_fields - 'From' - 'Date' - 'Subject') is distinct from jsonb_strip_nulls(jsonb_build_object(
      'To', (select string_agg(a.address, ', ' order by a.place) from jsonb_array_elements_text(p_effect -> 'to') with ordinality as a (address, place)),
      'Cc', (select string_agg(a.address, ', ' order by a.place) from jsonb_array_elements_text(p_effect -> 'cc') with ordinality as a (address, place)),
      'In-Reply-To', v_answered,
      'References', (select string_agg(r.id, ' ' order by r.place) from jsonb_array_elements_text(p_effect -> 'references') with ordinality as r (id, place)),
      'Message-ID', p_effect ->> 'message_id', 'X-Sixty-Message-ID', p_effect ->> 'message_id', 'MIME-Version', '1.0',
      'Content-Type', 'text/plain; charset=utf-8', 'Content-Transfer-Encoding', 'base64'
    ))
    or private.decode_email_header(v_fields ->> 'Subject') is distinct from p_effect ->> 'subject'
    or replace(v_body, E'\r\n', E'\n') is distinct from p_effect ->> 'body'
  then
    raise sqlstate 'PT400' using message = 'invalid_request';
  end if;
  return lower(v_fields ->> 'From');
end;
$$;
comment on function private.require_whole_email(jsonb) is
  'The sender of an email whose bytes say exactly what its fields say: people, subject, what it answers, text, id, and nothing besides. Raises invalid_request.';

create function private.say_moment(p_at timestamptz, p_time_zone text)
returns text
language plpgsql stable set search_path = ''
as $$
begin
  return to_char(p_at at time zone p_time_zone, 'Dy FMDD Mon YYYY, HH24:MI') || ' (' || p_time_zone || ')';
end;
$$;
comment on function private.say_moment(timestamptz, text) is
  'A moment as a preview says it, such as "Fri 27 Nov 2026, 17:00 (Europe/Berlin)". Null stays null.';

create function private.name_person(p_first_name text, p_last_name text, p_email text)
returns text
language plpgsql immutable set search_path = ''
as $$
begin
  return coalesce(
    nullif(concat_ws(' ', nullif(p_first_name, ''), nullif(p_last_name, '')), ''), nullif(p_email, ''), 'somebody without a name'
  );
end;
$$;
comment on function private.name_person(text, text, text) is 'What a preview calls somebody.';

create function private.name_row(p_org_id uuid, p_kind text, p_id uuid)
returns text
language plpgsql stable security invoker set search_path = ''
as $$
declare
  v_name text;
begin
  if p_id is null then
    return null;
  end if;
  case p_kind
    when 'company' then
      select c.name into v_name from public.companies as c where c.org_id = p_org_id and c.id = p_id;
    when 'contact' then
      select private.name_person(c.first_name, c.last_name, c.email) into v_name
      from public.contacts as c where c.org_id = p_org_id and c.id = p_id;
    when 'deal' then
      select d.name into v_name from public.deals as d where d.org_id = p_org_id and d.id = p_id;
    when 'stage' then
      select s.name into v_name from public.deal_stages as s where s.org_id = p_org_id and s.id = p_id;
    when 'meeting' then
      select m.title into v_name from public.meetings as m where m.org_id = p_org_id and m.id = p_id;
    when 'task' then
      select t.title into v_name from public.tasks as t where t.org_id = p_org_id and t.id = p_id;
    when 'colleague' then
      select private.name_person(p.first_name, p.last_name, p.email) into v_name
      from public.organization_members as m join public.profiles as p on p.id = m.user_id
      where m.org_id = p_org_id and m.user_id = p_id and m.status = 'active';
  end case;
  if v_name is null then
    raise sqlstate 'PT404' using message = 'not_found';
  end if;
  return v_name;
end;
$$;
comment on function private.name_row(uuid, text, uuid) is
  'What a preview calls a row: company, contact, deal, stage, meeting, task or colleague. Null stays null. Raises not_found where it is not there for the caller.';

create function private.name_thread(p_org_id uuid, p_thread_id text)
returns text
language plpgsql stable security invoker set search_path = ''
as $$
declare
  v_email public.emails;
begin
  if p_thread_id is null then
    return null;
  end if;
  v_email := private.find_email(p_org_id, p_thread_id, null, null, null);
  if v_email.id is null then
    raise sqlstate 'PT404' using message = 'not_found';
  end if;
  return coalesce(nullif(v_email.subject, ''), '(no subject)');
end;
$$;
comment on function private.name_thread(uuid, text) is
  'What a preview calls an email thread: the subject of its latest email. Null stays null. Raises not_found where it is not there for the caller.';

create function private.name_links(p_org_id uuid, p_effect jsonb)
returns jsonb
language plpgsql stable security invoker set search_path = ''
as $$
begin
  return jsonb_build_object(
    'Company', private.name_row(p_org_id, 'company', (p_effect ->> 'company_id')::uuid),
    'Contact', private.name_row(p_org_id, 'contact', (p_effect ->> 'contact_id')::uuid),
    'Deal', private.name_row(p_org_id, 'deal', (p_effect ->> 'deal_id')::uuid),
    'Meeting', private.name_row(p_org_id, 'meeting', (p_effect ->> 'meeting_id')::uuid)
  );
end;
$$;
comment on function private.name_links(uuid, jsonb) is
  'The rows that a task or an activity belongs to, as a preview names them. Raises not_found.';

create function private.shown_fields(p_org_id uuid, p_effect jsonb)
returns jsonb
language plpgsql stable security invoker set search_path = ''
as $$
declare
  v_zone constant text := private.my_time_zone();
  v_changes constant jsonb := p_effect -> 'changes';
begin
  return case p_effect ->> 'kind'
    when 'create_task' then private.name_links(p_org_id, p_effect) || jsonb_build_object(
      'Due', private.say_moment((p_effect ->> 'due_at')::timestamptz, v_zone),
      'Assigned to', private.name_row(p_org_id, 'colleague', (p_effect ->> 'assigned_to')::uuid)
    )
    when 'update_task' then jsonb_build_object(
      'Task', private.name_row(p_org_id, 'task', (p_effect ->> 'task_id')::uuid),
      'Due', case when v_changes ? 'due_at' then
        coalesce(private.say_moment((v_changes ->> 'due_at')::timestamptz, v_zone), 'none')
      end,
      'Assigned to', case when v_changes ? 'assigned_to' then
        coalesce(private.name_row(p_org_id, 'colleague', (v_changes ->> 'assigned_to')::uuid), 'none')
      end
    )
    when 'complete_task' then jsonb_build_object('Task', private.name_row(p_org_id, 'task', (p_effect ->> 'task_id')::uuid))
    when 'create_activity' then private.name_links(p_org_id, p_effect) || jsonb_build_object(
      'When', coalesce(private.say_moment((p_effect ->> 'occurred_at')::timestamptz, v_zone), 'now')
    )
    when 'update_deal_stage' then jsonb_build_object(
      'Deal', private.name_row(p_org_id, 'deal', (p_effect ->> 'deal_id')::uuid),
      'Stage', private.name_row(p_org_id, 'stage', (p_effect ->> 'stage_id')::uuid)
    )
    when 'update_contact' then jsonb_build_object(
      'Contact', private.name_row(p_org_id, 'contact', (p_effect ->> 'contact_id')::uuid),
      'Company', case when v_changes ? 'company_id' then
        coalesce(private.name_row(p_org_id, 'company', (v_changes ->> 'company_id')::uuid), 'none')
      end
    )
    -- Its other rows say whom it may reach, which is shown; nothing of them leaves.
    when 'send_email' then jsonb_build_object('Thread', private.name_thread(p_org_id, p_effect ->> 'thread_id'))
    when 'schedule_meeting' then jsonb_build_object(
      'Starts', private.say_moment((p_effect ->> 'starts_at')::timestamptz, v_zone),
      'Ends', private.say_moment((p_effect ->> 'ends_at')::timestamptz, v_zone)
    )
    else '{}'
  end;
end;
$$;
comment on function private.shown_fields(uuid, jsonb) is
  'The times and rows of an effect as its preview must have them: {name: value}; null where it must have none of that name. Raises not_found.';

create function private.require_truly_shown(p_org_id uuid, p_effects jsonb, p_previews jsonb)
returns void
language plpgsql stable security invoker set search_path = ''
as $$
declare
  v_effect jsonb;
  v_preview jsonb;
begin
  for v_effect, v_preview in
    select e.effect, p_previews -> (e.place - 1)::integer from jsonb_array_elements(p_effects) with ordinality as e (effect, place)
  loop
    if exists (
      select from jsonb_each_text(private.shown_fields(p_org_id, v_effect)) as s (name, value)
      where s.value is distinct from (
        -- Twice is not once: who reads both can't know which one holds.
        select string_agg(f.field ->> 'value', E'\n')
        from jsonb_array_elements(v_preview -> 'fields') as f (field) where f.field ->> 'name' = s.name
      )
    ) then
      raise sqlstate 'PT409' using message = 'conflict';
    end if;
    if v_effect ->> 'kind' = 'schedule_meeting' and v_effect ->> 'time_zone' is distinct from private.my_time_zone() then
      raise sqlstate 'PT409' using message = 'conflict';
    end if;
    -- An answer names messages of the thread that it was shown to join, and no others.
    if exists (
      select from jsonb_array_elements_text(coalesce(v_effect -> 'references', '[]')) as r (message_id)
      where not exists (
        select from public.emails as e
        where e.org_id = p_org_id and e.thread_id = v_effect ->> 'thread_id' and e.message_id = r.message_id
      )
    ) then
      raise sqlstate 'PT409' using message = 'conflict';
    end if;
  end loop;
end;
$$;
comment on function private.require_truly_shown(uuid, jsonb, jsonb) is
  'Insists that previews show the times and rows that their effects have, and that an email answers messages of its thread. Raises conflict, or not_found for a row that is not there for the caller.';

grant execute on function
  private.say_moment(timestamptz, text), private.name_person(text, text, text), private.name_row(uuid, text, uuid),
  private.name_thread(uuid, text), private.name_links(uuid, jsonb), private.shown_fields(uuid, jsonb),
  private.require_truly_shown(uuid, jsonb, jsonb)
to authenticated;

create or replace function public.propose_action(
  p_turn_id uuid, p_key text, p_summary text, p_effects text, p_previews jsonb, p_evidence jsonb, p_is_tainted boolean,
  p_replaces uuid default null
)
returns jsonb
language plpgsql security invoker set search_path = ''
as $$
declare
  v_claim jsonb := private.store_proposal(p_turn_id, p_key, p_summary, p_effects, p_previews, p_evidence, p_is_tainted, p_replaces);
begin
  -- One that was there before comes without effects: it was checked when it was stored.
  perform private.require_recipients(
    (v_claim ->> 'org_id')::uuid, v_claim -> 'effects', (v_claim -> 'is_tainted')::boolean,
    array(select jsonb_array_elements_text(v_claim -> 'own_words'))
  );
  perform private.require_truly_shown((v_claim ->> 'org_id')::uuid, v_claim -> 'effects', p_previews);
  if v_claim ->> 'outcome' = 'confirmed' then
    v_claim := private.run_claimed_action(v_claim);
  end if;
  return v_claim -> 'action';
end;
$$;
comment on function public.propose_action(uuid, text, text, text, jsonb, jsonb, boolean, uuid) is
  'Stores what would happen, for its owner to confirm within 30 minutes; once per turn and key. Raises not_found, turn_not_held, turn_limit_reached, forbidden, mfa_required, invalid_request, conflict, recipient_not_allowed, email_not_connected or action_not_open.';

-- What is forgotten after a day, in all organizations.
create index copilot_turn_events_created_at_idx on private.copilot_turn_events (created_at);

-- What a person's copilot may cost in a day; until now the organization's month was the only bound.
alter table private.model_plan_budgets add column daily_limit_per_person numeric(14, 4) not null default 5;
alter table private.model_plan_budgets add constraint model_plan_budgets_daily_limit_is_not_negative check (daily_limit_per_person >= 0);
comment on column private.model_plan_budgets.daily_limit_per_person is '[class: operational] What one person''s copilot may spend of it in a day (UTC).';
update private.model_plan_budgets as l set daily_limit_per_person = case l.plan when 'free' then 1 when 'enterprise' then 10 else 5 end;
alter table private.model_budgets add column daily_limit_per_person numeric(14, 4);
alter table private.model_budgets add constraint model_budgets_daily_limit_is_not_negative check (daily_limit_per_person >= 0);
comment on column private.model_budgets.daily_limit_per_person is '[class: operational] What one person''s copilot may spend of it in a day (UTC); null where the plan says it.';

create table private.copilot_spend (
  org_id uuid not null references public.organizations (id) on delete cascade,
  user_id uuid not null,
  day date not null,
  cost numeric(16, 8) not null,
  primary key (org_id, user_id, day),
  foreign key (org_id, user_id) references public.organization_members (org_id, user_id) on delete cascade
);
comment on table private.copilot_spend is 'What a person''s turns have cost in a day, in the currency of model_usage. Kept for that day.';
comment on column private.copilot_spend.org_id is '[class: operational] The organization that pays.';
comment on column private.copilot_spend.user_id is '[class: operational] The person.';
comment on column private.copilot_spend.day is '[class: operational] The day (UTC).';
comment on column private.copilot_spend.cost is '[class: operational] Sum of the costs.';
alter table private.copilot_spend enable row level security;
alter table private.copilot_spend force row level security;
revoke all on table private.copilot_spend from anon, authenticated, service_role;

create function private.note_copilot_spend(p_org_id uuid, p_user_id uuid, p_cost numeric)
returns void
language plpgsql security definer set search_path = ''
as $$
begin
  insert into private.copilot_spend as s (org_id, user_id, day, cost)
  values (p_org_id, p_user_id, (now() at time zone 'UTC')::date, p_cost)
  on conflict (org_id, user_id, day) do update set cost = s.cost + excluded.cost;
end;
$$;
comment on function private.note_copilot_spend(uuid, uuid, numeric) is
  'Adds to what a person''s copilot has cost today. Definer: the table is nobody''s to write. Granted to nobody.';

create function private.copilot_budget_left(p_org_id uuid, p_user_id uuid)
returns numeric
language plpgsql stable security definer set search_path = ''
as $$
declare
  v_day constant date := (now() at time zone 'UTC')::date;
begin
  return (
    select least(
      private.model_budget_left(p_org_id),
      coalesce(b.daily_limit_per_person, l.daily_limit_per_person, 0) - coalesce(s.cost, 0)
    )
    from public.organizations as o
    left join lateral (
      select g.daily_limit_per_person from private.model_budgets as g
      where g.org_id = o.id and g.valid_from <= v_day
      order by g.valid_from desc
      limit 1
    ) as b on true
    left join private.model_plan_budgets as l on l.plan = o.plan
    left join private.copilot_spend as s on s.org_id = o.id and s.user_id = p_user_id and s.day = v_day
    where o.id = p_org_id
  );
end;
$$;
comment on function private.copilot_budget_left(uuid, uuid) is
  'What a person''s copilot may still spend: of the organization''s month and of their own day (UTC), the less. Definer: budgets are nobody''s to read. Granted to nobody.';

create or replace function private.turn_context(p_turn public.copilot_turns, p_key bytea, p_is_replay boolean)
returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  v_said constant jsonb := private.copilot_history(p_turn, p_key);
  v_parts constant jsonb := private.copilot_parts(p_turn);
  v_budget_left constant numeric := private.copilot_budget_left(p_turn.org_id, p_turn.user_id);
begin
  return (
    select jsonb_build_object(
      'org_id', p_turn.org_id,
      'organization_name', o.name,
      'conversation_id', p_turn.conversation_id,
      'turn_id', p_turn.id,
      'is_replay', p_is_replay,
      'status', p_turn.status,
      'user_id', p_turn.user_id,
      'first_name', p.first_name,
      'full_name', nullif(concat_ws(' ', p.first_name, p.last_name), ''),
      'email', p.email,
      'time_zone', p.time_zone,
      'now', clock_timestamp(),
      'context_version', md5(concat_ws(
        '/', v_parts -> 'persona' ->> 'version', md5((v_parts -> 'org_skills')::text), v_said ->> 'last_message_id'
      )),
      'model_budget_left', v_budget_left,
      'has_model_budget', coalesce(v_budget_left > 0, false)
    ) || v_parts || (v_said - 'last_message_id')
    from public.organizations as o, public.profiles as p
    where o.id = p_turn.org_id and p.id = p_turn.user_id
  );
end;
$$;
comment on function private.turn_context(public.copilot_turns, bytea, boolean) is
  'Everything a turn begins with: person, organization, what was said before, open actions, budget. Definer: reads for the caller, who was checked. Granted to nobody.';

create or replace function private.record_turn_usage(p_turn public.copilot_turns, p_usage jsonb)
returns void
language plpgsql security definer set search_path = ''
as $$
declare
  v_call jsonb;
  v_calls integer := p_turn.usage_calls;
  v_cost numeric := 0;
begin
  -- Counted by the worker under the person's own token, so bounded: no turn is dearer than this.
  for v_call in select e from jsonb_array_elements(coalesce(p_usage, '[]')) as e loop
    exit when v_calls >= 12;
    continue when exists (
      select from private.model_usage as u where u.org_id = p_turn.org_id and u.id = (v_call ->> 'call_id')::uuid
    );
    v_cost := v_cost + private.record_model_usage(
      p_turn.org_id, (v_call ->> 'call_id')::uuid, 'copilot',
      coalesce(substring(v_call ->> 'model' from '^[a-z0-9][a-z0-9.-]{0,99}$'), 'unknown'),
      substring(v_call ->> 'model_version' from '^[a-z0-9][a-z0-9.-]{0,99}$'),
      coalesce(substring(v_call ->> 'outcome' from '^[a-z_]{1,60}$'), 'unknown'),
      private.clamp_tokens(v_call ->> 'prompt_tokens', 1000000),
      least(private.clamp_tokens(v_call ->> 'cached_tokens', 1000000), private.clamp_tokens(v_call ->> 'prompt_tokens', 1000000)),
      private.clamp_tokens(v_call ->> 'answer_tokens', 65536),
      least(
        private.clamp_tokens(v_call ->> 'thought_tokens', 65536),
        65536 - private.clamp_tokens(v_call ->> 'answer_tokens', 65536)
      ),
      private.request_id()
    );
    v_calls := v_calls + 1;
  end loop;
  if v_calls > p_turn.usage_calls then
    perform private.note_copilot_spend(p_turn.org_id, p_turn.user_id, v_cost);
    update public.copilot_turns as t set usage_calls = v_calls where t.org_id = p_turn.org_id and t.id = p_turn.id;
  end if;
end;
$$;
comment on function private.record_turn_usage(public.copilot_turns, jsonb) is
  'Counts the model calls of a turn, each once and no more than twelve, none above what a call can cost. Definer: usage is nobody''s to write. Granted to nobody.';

create or replace function private.save_copilot_turn(
  p_turn_id uuid, p_worker text, p_events jsonb, p_tool_executions jsonb, p_model_turns jsonb, p_usage jsonb,
  p_is_tainted boolean
)
returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  v_turn constant public.copilot_turns := private.hold_turn(p_turn_id, p_worker);
  v_key bytea;
begin
  if v_turn.status in ('done', 'failed') then
    raise sqlstate 'PT409' using message = 'turn_not_held';
  end if;
  -- What was spent was spent, also for an answer that nobody waits for any more.
  perform private.record_turn_usage(v_turn, p_usage);
  if v_turn.status = 'running' then
    v_key := private.copilot_key(v_turn.org_id, v_turn.user_id);
    perform private.save_turn_events(v_turn, v_key, p_events);
    perform private.save_tool_executions(v_turn, v_key, p_tool_executions);
    perform private.save_model_turns(v_turn, v_key, p_model_turns);
    update public.copilot_turns as t
    -- Once tainted, a turn stays so.
    set lease_until = clock_timestamp() + interval '60 seconds', is_tainted = t.is_tainted or coalesce(p_is_tainted, false)
    where t.org_id = v_turn.org_id and t.id = v_turn.id;
  end if;
  return jsonb_build_object(
    'is_cancelled', v_turn.status = 'cancelled',
    'has_model_budget', coalesce(private.copilot_budget_left(v_turn.org_id, v_turn.user_id) > 0, false)
  );
end;
$$;
comment on function private.save_copilot_turn(uuid, text, jsonb, jsonb, jsonb, jsonb, boolean) is
  'Stores what the holder of a turn has done so far and extends its lease. Definer: turns are nobody''s to write; owner, worker and lease are checked first.';

create or replace function private.prune_copilot_traces(p_now timestamptz default now())
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
