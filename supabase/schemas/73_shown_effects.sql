-- What a preview says of an effect besides its words: when it is, and which rows it points to by the
-- names their readers know them by. Composed here from the effect and compared, so that a person says
-- yes to the hour and the row that they saw. Read with the caller's own rights: what they can't see has
-- no name, and is not proposed.

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
