-- Doing what was confirmed. Trust boundary: what is executed is the stored text of a proposal, parsed
-- here; a confirmation brings nothing but its name and hash. Effects inside the database run in the
-- transaction of the yes with the caller's own rights, all or none. What leaves the company is written to
-- the outbox in the same transaction, and a worker does it with the service role (law 3).

create table private.inside_effects (
  org_id uuid not null references public.organizations (id) on delete restrict,
  action_id uuid not null,
  position integer not null,
  kind text not null,
  entity_table text not null,
  entity_id uuid not null,
  undo_sealed bytea not null,
  created_at timestamptz not null default now(),
  primary key (org_id, action_id, position),
  foreign key (org_id, action_id) references private.pending_actions (org_id, id) on delete cascade,
  constraint inside_effects_kind_is_known check (kind in (
    'create_task', 'update_task', 'complete_task', 'create_activity', 'update_deal_stage', 'update_contact'
  ))
);
comment on table private.inside_effects is 'What a confirmed action changed in the database, and how it was before.';
comment on column private.inside_effects.org_id is '[class: operational] Organization whose row this is.';
comment on column private.inside_effects.action_id is '[class: operational] The action.';
comment on column private.inside_effects.position is '[class: operational] Which of its effects, from 0.';
comment on column private.inside_effects.kind is '[class: operational] Kind of the effect.';
comment on column private.inside_effects.entity_table is '[class: operational] Table of the row that it made or changed.';
comment on column private.inside_effects.entity_id is '[class: operational] Id of that row.';
comment on column private.inside_effects.undo_sealed is '[class: conversation] What undoing needs: {before, after} of what was changed, or the print of a row that was made; enciphered with the owner''s key.';
comment on column private.inside_effects.created_at is '[class: operational] When it happened.';

create table private.outbound_effects (
  org_id uuid not null references public.organizations (id) on delete restrict,
  id uuid not null default private.new_id(),
  action_id uuid not null,
  position integer not null,
  user_id uuid not null,
  kind text not null,
  status text not null default 'queued',
  attempts integer not null default 0,
  worker text,
  leased_until timestamptz,
  external_id text,
  result jsonb,
  error_code text,
  created_at timestamptz not null default now(),
  finished_at timestamptz,
  updated_at timestamptz not null default now(),
  primary key (org_id, id),
  constraint outbound_effects_are_found_by_id unique (id),
  constraint outbound_effects_are_queued_once unique (org_id, action_id, position),
  foreign key (org_id, action_id) references private.pending_actions (org_id, id) on delete cascade,
  foreign key (org_id, user_id) references public.organization_members (org_id, user_id),
  constraint outbound_effects_kind_is_known check (kind in ('send_email', 'post_slack_message', 'schedule_meeting')),
  constraint outbound_effects_status_is_known check (status in ('queued', 'running', 'done', 'failed')),
  constraint outbound_effects_running_has_a_holder check ((status = 'running') = (worker is not null and leased_until is not null)),
  constraint outbound_effects_end_once check ((finished_at is not null) = (status in ('done', 'failed'))),
  constraint outbound_effects_error_code_shape check (error_code ~ '^[a-z0-9_]{1,60}$'),
  constraint outbound_effects_result_is_small check (octet_length(result::text) <= 4000)
);
comment on table private.outbound_effects is
  'What a confirmed action does outside, once. What exactly stands in the action''s own text and nowhere else.';
comment on column private.outbound_effects.org_id is '[class: operational] Organization whose row this is.';
comment on column private.outbound_effects.id is '[class: operational] Follows time; named by its job, and by what was sent.';
comment on column private.outbound_effects.action_id is '[class: operational] The action.';
comment on column private.outbound_effects.position is '[class: operational] Which of its effects, from 0.';
comment on column private.outbound_effects.user_id is '[class: operational] Who confirmed it, and in whose name it is done.';
comment on column private.outbound_effects.kind is '[class: operational] Kind of the effect.';
comment on column private.outbound_effects.status is '[class: operational] queued, running, done or failed.';
comment on column private.outbound_effects.attempts is '[class: operational] How often a worker began it.';
comment on column private.outbound_effects.worker is '[class: operational] Worker that is at it.';
comment on column private.outbound_effects.leased_until is '[class: operational] Until when nobody else may be.';
comment on column private.outbound_effects.external_id is '[class: operational] Id of what came of it, at the provider.';
comment on column private.outbound_effects.result is '[class: operational] Ids that the provider gave besides; no contents.';
comment on column private.outbound_effects.error_code is '[class: operational] Why the last attempt failed.';
comment on column private.outbound_effects.created_at is '[class: operational] When it was confirmed.';
comment on column private.outbound_effects.finished_at is '[class: operational] When it was done, or given up.';
comment on column private.outbound_effects.updated_at is '[class: operational] Last change of the row.';
create index outbound_effects_org_id_user_id_idx on private.outbound_effects (org_id, user_id);

create trigger touch_updated_at before update on private.outbound_effects
for each row execute function private.touch_updated_at();
select private.audit_table('private.outbound_effects');
alter table private.inside_effects enable row level security;
alter table private.inside_effects force row level security;
alter table private.outbound_effects enable row level security;
alter table private.outbound_effects force row level security;
revoke all on table private.inside_effects, private.outbound_effects from anon, authenticated, service_role;

-- Effects inside, as the caller --------------------------------------------------------------------

create function private.require_readable_links(p_org_id uuid, p_links jsonb)
returns void
language plpgsql stable security invoker set search_path = ''
as $$
declare
  v_assignee constant uuid := (p_links ->> 'assigned_to')::uuid;
begin
  if (p_links ->> 'company_id' is null or exists (
      select from public.companies as c where c.org_id = p_org_id and c.id = (p_links ->> 'company_id')::uuid
    ))
    and (p_links ->> 'contact_id' is null or exists (
      select from public.contacts as c where c.org_id = p_org_id and c.id = (p_links ->> 'contact_id')::uuid
    ))
    and (p_links ->> 'deal_id' is null or exists (
      select from public.deals as d where d.org_id = p_org_id and d.id = (p_links ->> 'deal_id')::uuid
    ))
    and (p_links ->> 'meeting_id' is null or exists (
      select from public.meetings as m where m.org_id = p_org_id and m.id = (p_links ->> 'meeting_id')::uuid
    ))
    and (v_assignee is null or private.user_in_same_org(v_assignee, p_org_id))
  then
    return;
  end if;
  raise sqlstate 'PT404' using message = 'not_found';
end;
$$;
comment on function private.require_readable_links(uuid, jsonb) is
  'Insists that the rows an effect points to exist for the caller, and that an assignee is an active member. Raises not_found.';

create function private.row_print(p_row jsonb)
returns text
language plpgsql immutable set search_path = ''
as $$
begin
  return encode(extensions.digest((p_row - 'updated_at')::text, 'sha256'), 'hex');
end;
$$;
comment on function private.row_print(jsonb) is 'By what a row that was not changed since is known again.';

create function private.pick(p_row jsonb, p_keys jsonb)
returns jsonb
language plpgsql immutable set search_path = ''
as $$
begin
  return (select jsonb_object_agg(k.key, p_row -> k.key) from jsonb_object_keys(p_keys) as k (key));
end;
$$;
comment on function private.pick(jsonb, jsonb) is 'Of a row the columns that the other object names.';

create function private.change_task(p_org_id uuid, p_id uuid, p_changes jsonb)
returns jsonb
language plpgsql security invoker set search_path = '' set timezone = 'UTC'
as $$
declare
  v_row public.tasks;
  v_next public.tasks;
begin
  perform private.require_readable_links(p_org_id, p_changes);
  select t.* into v_row from public.tasks as t where t.org_id = p_org_id and t.id = p_id for update;
  if not found then
    raise sqlstate 'PT404' using message = 'not_found';
  end if;
  v_next := jsonb_populate_record(v_row, p_changes);
  update public.tasks as t
  set title = v_next.title, details = v_next.details, due_at = v_next.due_at, priority = v_next.priority,
    status = v_next.status, assigned_to = v_next.assigned_to
  where t.org_id = p_org_id and t.id = p_id
  returning t.* into v_next;
  return jsonb_build_object(
    'table', 'tasks', 'id', p_id,
    'undo', jsonb_build_object('before', private.pick(to_jsonb(v_row), p_changes), 'after', private.pick(to_jsonb(v_next), p_changes))
  );
end;
$$;
comment on function private.change_task(uuid, uuid, jsonb) is
  'Changes what is named of a task, as the caller; returns how it was and is. Raises not_found.';

create function private.change_deal(p_org_id uuid, p_id uuid, p_changes jsonb)
returns jsonb
language plpgsql security invoker set search_path = '' set timezone = 'UTC'
as $$
declare
  v_row public.deals;
  v_next public.deals;
begin
  select d.* into v_row from public.deals as d where d.org_id = p_org_id and d.id = p_id for update;
  if not found then
    raise sqlstate 'PT404' using message = 'not_found';
  end if;
  v_next := jsonb_populate_record(v_row, p_changes);
  update public.deals as d set stage_id = v_next.stage_id, lost_reason = v_next.lost_reason
  where d.org_id = p_org_id and d.id = p_id
  returning d.* into v_next;
  return jsonb_build_object(
    'table', 'deals', 'id', p_id,
    'undo', jsonb_build_object('before', private.pick(to_jsonb(v_row), p_changes), 'after', private.pick(to_jsonb(v_next), p_changes))
  );
end;
$$;
comment on function private.change_deal(uuid, uuid, jsonb) is
  'Moves a deal to a stage, as the caller; returns how it was and is. Raises not_found.';

create function private.change_contact(p_org_id uuid, p_id uuid, p_changes jsonb)
returns jsonb
language plpgsql security invoker set search_path = '' set timezone = 'UTC'
as $$
declare
  v_row public.contacts;
  v_next public.contacts;
begin
  perform private.require_readable_links(p_org_id, p_changes);
  select c.* into v_row from public.contacts as c where c.org_id = p_org_id and c.id = p_id for update;
  if not found then
    raise sqlstate 'PT404' using message = 'not_found';
  end if;
  v_next := jsonb_populate_record(v_row, p_changes);
  update public.contacts as c
  set first_name = v_next.first_name, last_name = v_next.last_name, email = v_next.email, phone = v_next.phone,
    job_title = v_next.job_title, notes = v_next.notes, company_id = v_next.company_id
  where c.org_id = p_org_id and c.id = p_id
  returning c.* into v_next;
  return jsonb_build_object(
    'table', 'contacts', 'id', p_id,
    'undo', jsonb_build_object('before', private.pick(to_jsonb(v_row), p_changes), 'after', private.pick(to_jsonb(v_next), p_changes))
  );
end;
$$;
comment on function private.change_contact(uuid, uuid, jsonb) is
  'Changes what is named of a contact, as the caller; returns how it was and is. Raises not_found.';

create function private.create_task(p_org_id uuid, p_effect jsonb)
returns jsonb
language plpgsql security invoker set search_path = '' set timezone = 'UTC'
as $$
declare
  v_new constant public.tasks := jsonb_populate_record(null::public.tasks, p_effect);
  v_row public.tasks;
begin
  perform private.require_readable_links(p_org_id, p_effect);
  insert into public.tasks as t (
    org_id, title, details, due_at, priority, assigned_to, company_id, contact_id, deal_id, meeting_id
  )
  values (
    p_org_id, v_new.title, v_new.details, v_new.due_at, coalesce(v_new.priority, 'normal'), v_new.assigned_to, v_new.company_id,
    v_new.contact_id, v_new.deal_id, v_new.meeting_id
  )
  returning t.* into v_row;
  return jsonb_build_object('table', 'tasks', 'id', v_row.id, 'undo', jsonb_build_object('print', private.row_print(to_jsonb(v_row))));
end;
$$;
comment on function private.create_task(uuid, jsonb) is 'Makes a task of the caller''s. Raises not_found where it points to what they can''t read.';

create function private.create_activity(p_org_id uuid, p_effect jsonb)
returns jsonb
language plpgsql security invoker set search_path = '' set timezone = 'UTC'
as $$
declare
  v_new constant public.activities := jsonb_populate_record(null::public.activities, p_effect);
  v_row public.activities;
begin
  perform private.require_readable_links(p_org_id, p_effect);
  insert into public.activities as a (
    org_id, kind, subject, details, occurred_at, company_id, contact_id, deal_id, meeting_id
  )
  values (
    p_org_id, p_effect ->> 'activity_kind', v_new.subject, v_new.details, coalesce(v_new.occurred_at, now()),
    v_new.company_id, v_new.contact_id, v_new.deal_id, v_new.meeting_id
  )
  returning a.* into v_row;
  return jsonb_build_object('table', 'activities', 'id', v_row.id, 'undo', jsonb_build_object('print', private.row_print(to_jsonb(v_row))));
end;
$$;
comment on function private.create_activity(uuid, jsonb) is 'Writes down an activity of the caller''s. Raises not_found where it points to what they can''t read.';

create function private.apply_effect(p_org_id uuid, p_effect jsonb)
returns jsonb
language plpgsql security invoker set search_path = ''
as $$
begin
  return case p_effect ->> 'kind'
    when 'create_task' then private.create_task(p_org_id, p_effect)
    when 'update_task' then private.change_task(p_org_id, (p_effect ->> 'task_id')::uuid, p_effect -> 'changes')
    when 'complete_task' then private.change_task(p_org_id, (p_effect ->> 'task_id')::uuid, '{"status": "done"}')
    when 'create_activity' then private.create_activity(p_org_id, p_effect)
    when 'update_deal_stage' then private.change_deal(
      p_org_id, (p_effect ->> 'deal_id')::uuid,
      jsonb_strip_nulls(jsonb_build_object('stage_id', p_effect -> 'stage_id', 'lost_reason', p_effect -> 'lost_reason'))
    )
    when 'update_contact' then private.change_contact(p_org_id, (p_effect ->> 'contact_id')::uuid, p_effect -> 'changes')
  end;
end;
$$;
comment on function private.apply_effect(uuid, jsonb) is
  'Does one effect inside the database, with the caller''s own rights: {table, id, undo}. Raises not_found, or what the table refuses.';

create function private.revert_effect(p_org_id uuid, p_done jsonb)
returns void
language plpgsql security invoker set search_path = '' set timezone = 'UTC'
as $$
declare
  v_id constant uuid := (p_done ->> 'id')::uuid;
  v_undo constant jsonb := p_done -> 'undo';
  v_now jsonb;
  v_is_same boolean;
begin
  case p_done ->> 'kind'
    when 'create_task' then
      delete from public.tasks as t
      where t.org_id = p_org_id and t.id = v_id and private.row_print(to_jsonb(t)) = v_undo ->> 'print';
      v_is_same := found;
    when 'create_activity' then
      delete from public.activities as a
      where a.org_id = p_org_id and a.id = v_id and private.row_print(to_jsonb(a)) = v_undo ->> 'print';
      v_is_same := found;
    when 'update_deal_stage' then
      v_now := private.change_deal(p_org_id, v_id, v_undo -> 'before');
    when 'update_contact' then
      v_now := private.change_contact(p_org_id, v_id, v_undo -> 'before');
    else
      v_now := private.change_task(p_org_id, v_id, v_undo -> 'before');
  end case;
  -- What was there when it was put back must be what confirming had made of it.
  if not coalesce(v_is_same, v_now -> 'undo' -> 'before' = v_undo -> 'after') then
    raise sqlstate 'PT409' using message = 'changed_since';
  end if;
end;
$$;
comment on function private.revert_effect(uuid, jsonb) is
  'Takes one effect back, with the caller''s own rights, if nobody changed it since. Raises changed_since, or not_found.';

grant execute on function
  private.require_readable_links(uuid, jsonb), private.row_print(jsonb), private.pick(jsonb, jsonb),
  private.change_task(uuid, uuid, jsonb), private.change_deal(uuid, uuid, jsonb), private.change_contact(uuid, uuid, jsonb),
  private.create_task(uuid, jsonb), private.create_activity(uuid, jsonb), private.apply_effect(uuid, jsonb),
  private.revert_effect(uuid, jsonb)
to authenticated;
