-- The security audit log: who did what to which columns of which row, in the transaction that did
-- it. Append-only by privilege and by trigger, and content-free: names of columns, never values.

create table public.security_audit_log (
  id uuid primary key default private.new_id(),
  org_id uuid,
  actor_kind text not null,
  actor_id uuid,
  actor_name text,
  action text not null,
  entity_table text,
  entity_id uuid,
  changed_columns text[],
  outcome text not null default 'success',
  reason text,
  request_id text,
  occurred_at timestamptz not null default now(),
  severity text not null default 'info',
  constraint security_audit_log_actor_kind_is_known check (actor_kind in ('user', 'job', 'webhook', 'system')),
  constraint security_audit_log_users_have_an_id check ((actor_kind = 'user') = (actor_id is not null)),
  constraint security_audit_log_action_shape check (action ~ '^[a-z0-9_]+(\.[a-z0-9_]+)+$'),
  constraint security_audit_log_outcome_is_known check (outcome in ('success', 'refused', 'failed')),
  -- A pattern that counts to a hundred takes 14 µs of each row, counting apart from it next to nothing.
  constraint security_audit_log_reason_is_a_code check (reason ~ '^[a-z0-9_.:-]+$' and char_length(reason) <= 100),
  constraint security_audit_log_actor_name_is_a_code check (actor_name ~ '^[a-z0-9_.:-]+$' and char_length(actor_name) <= 100),
  constraint security_audit_log_request_id_shape check (request_id ~ '^[A-Za-z0-9_.:-]+$' and char_length(request_id) <= 100),
  constraint security_audit_log_severity_is_known check (severity in ('info', 'critical'))
);
comment on table public.security_audit_log is
  'Append-only record of changes and privileged acts. No foreign keys: a row outlives what it is about.';
comment on column public.security_audit_log.id is '[class: operational] Follows time.';
comment on column public.security_audit_log.org_id is '[class: operational] Organization concerned; null for acts of the platform.';
comment on column public.security_audit_log.actor_kind is '[class: operational] user, job, webhook or system.';
comment on column public.security_audit_log.actor_id is '[class: operational] The person, a pseudonymous id.';
comment on column public.security_audit_log.actor_name is '[class: operational] How a job or webhook names itself.';
comment on column public.security_audit_log.action is '[class: operational] Dotted name, such as deals.update.';
comment on column public.security_audit_log.entity_table is '[class: operational] Table of the row concerned.';
comment on column public.security_audit_log.entity_id is '[class: operational] Id of the row concerned.';
comment on column public.security_audit_log.changed_columns is '[class: operational] Names of the columns an update changed.';
comment on column public.security_audit_log.outcome is '[class: operational] success, refused or failed.';
comment on column public.security_audit_log.reason is '[class: operational] Registered code, such as why the service role was used.';
comment on column public.security_audit_log.request_id is '[class: operational] Joins the row to log lines; a caller can choose it, so it proves nothing.';
comment on column public.security_audit_log.occurred_at is '[class: operational] Start of the transaction that did it.';
comment on column public.security_audit_log.severity is '[class: operational] info, or critical where somebody should look at once.';
create index security_audit_log_org_id_occurred_at_idx on public.security_audit_log (org_id, occurred_at desc);

create function private.clean_request_id(p_request_id text)
returns text
language plpgsql immutable set search_path = ''
as $$
begin
  return nullif(left(regexp_replace(p_request_id, '[^A-Za-z0-9_.:-]', '', 'g'), 100), '');
end;
$$;
comment on function private.clean_request_id(text) is 'A request id in the shape that the log accepts; a caller chooses it, so anything may come.';

create function private.request_id()
returns text
language plpgsql stable set search_path = ''
as $$
declare
  v_request_id text := nullif(current_setting('request.headers', true), '')::jsonb ->> 'x-request-id';
begin
  if v_request_id is null or v_request_id = '' then
    v_request_id := nullif(current_setting('sixty.request_id', true), '');
  end if;
  return private.clean_request_id(v_request_id);
end;
$$;
comment on function private.request_id() is 'Request id of this transaction: the x-request-id header, or what set_actor was given.';

create function private.set_actor(p_kind text, p_name text, p_request_id text default null)
returns void
language plpgsql set search_path = ''
as $$
begin
  if p_kind not in ('job', 'webhook', 'system') then
    raise sqlstate 'PT400' using message = 'invalid_actor';
  end if;
  perform set_config('sixty.actor_kind', p_kind, true);
  perform set_config('sixty.actor_name', coalesce(p_name, ''), true);
  perform set_config('sixty.request_id', coalesce(p_request_id, ''), true);
end;
$$;
comment on function private.set_actor(text, text, text) is
  'Names the job, webhook or system behind the rest of this transaction, for its audit rows. A signed-in person always comes first.';

create function private.write_audit(
  p_org_id uuid,
  p_action text,
  p_entity_table text default null,
  p_entity_id uuid default null,
  p_changed_columns text[] default null,
  p_outcome text default 'success',
  p_reason text default null
)
returns uuid
language plpgsql security definer set search_path = ''
as $$
declare
  v_user_id uuid := private.current_user_id();
  v_id uuid;
begin
  insert into public.security_audit_log (
    org_id, actor_kind, actor_id, actor_name, action, entity_table, entity_id, changed_columns,
    outcome, reason, request_id
  )
  values (
    p_org_id,
    case when v_user_id is null then coalesce(nullif(current_setting('sixty.actor_kind', true), ''), 'system') else 'user' end,
    v_user_id,
    case when v_user_id is null then nullif(current_setting('sixty.actor_name', true), '') end,
    p_action, p_entity_table, p_entity_id, p_changed_columns, p_outcome, p_reason, private.request_id()
  )
  returning id into v_id;
  return v_id;
end;
$$;
comment on function private.write_audit(uuid, text, text, uuid, text[], text, text) is
  'Appends one audit row for whoever is behind this transaction. Definer: nobody has the privilege to insert.';

create function private.write_alarm(p_org_id uuid, p_action text, p_reason text)
returns uuid
language plpgsql security definer set search_path = ''
as $$
declare
  v_user_id uuid := private.current_user_id();
  v_id uuid;
begin
  insert into public.security_audit_log (org_id, actor_kind, actor_id, actor_name, action, reason, request_id, severity)
  values (
    p_org_id,
    case when v_user_id is null then coalesce(nullif(current_setting('sixty.actor_kind', true), ''), 'system') else 'user' end,
    v_user_id,
    case when v_user_id is null then nullif(current_setting('sixty.actor_name', true), '') end,
    p_action, p_reason, private.request_id(), 'critical'
  )
  returning id into v_id;
  return v_id;
end;
$$;
comment on function private.write_alarm(uuid, text, text) is
  'Appends a critical audit row: whoever is behind this transaction did what somebody should look at. Definer: nobody has the privilege to insert.';

create function private.audit_row_change()
returns trigger
language plpgsql security definer set search_path = ''
as $$
declare
  v_org_key constant text := coalesce(tg_argv[0], 'org_id');
  v_id_key constant text := coalesce(tg_argv[1], 'id');
  v_row jsonb := to_jsonb(case when tg_op = 'DELETE' then old else new end);
  v_old jsonb;
  v_changed text[];
begin
  if tg_op = 'UPDATE' then
    v_old := to_jsonb(old);
    select array_agg(n.key order by n.key) into v_changed
    from jsonb_each(v_row) as n
    where n.value is distinct from v_old -> n.key and n.key <> 'updated_at';
    if v_changed is null then
      return null;
    end if;
  end if;
  perform private.write_audit(
    (v_row ->> v_org_key)::uuid,
    tg_table_name || '.' || lower(tg_op),
    tg_table_name,
    (v_row ->> v_id_key)::uuid,
    v_changed
  );
  return null;
end;
$$;
comment on function private.audit_row_change() is
  'Trigger: one audit row for a changed row. Arguments: column of the organization, column of the id. Definer, to append.';

create function private.audit_rows()
returns trigger
language plpgsql security definer set search_path = ''
as $$
declare
  v_action constant text := tg_table_name || '.' || lower(tg_op);
  v_actor_kind text := 'user';
  v_actor_id uuid;
  v_actor_name text;
  v_request_id text;
begin
  -- A statement trigger runs for a statement that touched nothing, too.
  if exists (select from changed_rows) then
    v_actor_id := private.current_user_id();
    v_request_id := private.request_id();
    if v_actor_id is null then
      v_actor_kind := coalesce(nullif(current_setting('sixty.actor_kind', true), ''), 'system');
      v_actor_name := nullif(current_setting('sixty.actor_name', true), '');
    end if;
    insert into public.security_audit_log (
      org_id, actor_kind, actor_id, actor_name, action, entity_table, entity_id, request_id
    )
    select c.org_id, v_actor_kind, v_actor_id, v_actor_name, v_action, tg_table_name, c.id, v_request_id
    from changed_rows as c;
  end if;
  return null;
end;
$$;
comment on function private.audit_rows() is
  'Trigger: one audit row for each row that a statement inserted or deleted, all in one insert, for tables with org_id and id. Definer, to append.';

create function private.audit_table(p_table regclass)
returns void
language plpgsql set search_path = ''
as $$
begin
  -- A statement trigger of a partitioned table sleeps while one of its parts is written to by name.
  if (select c.relkind <> 'r' or c.relispartition from pg_catalog.pg_class as c where c.oid = p_table) then
    raise sqlstate '0A000' using message = 'audited_tables_are_ordinary';
  end if;
  execute format(
    'create or replace trigger audit_insert after insert on %s referencing new table as changed_rows
     for each statement execute function private.audit_rows()',
    p_table
  );
  execute format(
    'create or replace trigger audit_delete after delete on %s referencing old table as changed_rows
     for each statement execute function private.audit_rows()',
    p_table
  );
  -- Which old row a new one was is known only row by row: the primary key may have changed, too.
  execute format(
    'create or replace trigger audit after update on %s for each row execute function private.audit_row_change()',
    p_table
  );
end;
$$;
comment on function private.audit_table(regclass) is
  'Makes a table with org_id and id write the audit of its inserts and deletes per statement, of its updates per row. For migrations; safe to run again. Where columns are called otherwise, audit_row_change is given their names and writes all three.';

create function private.refuse_audit_change()
returns trigger
language plpgsql set search_path = ''
as $$
begin
  raise sqlstate '42501' using
    message = 'audit_log_is_append_only',
    hint = 'Rows of the audit log are never changed or removed, by no role.';
end;
$$;
comment on function private.refuse_audit_change() is 'Trigger: the audit log is append-only, for its owner too.';

create trigger refuse_change before update or delete on public.security_audit_log
for each row execute function private.refuse_audit_change();
create trigger refuse_truncate before truncate on public.security_audit_log
for each statement execute function private.refuse_audit_change();
-- An ordinary trigger sleeps while session_replication_role is replica; these do not.
alter table public.security_audit_log enable always trigger refuse_change;
alter table public.security_audit_log enable always trigger refuse_truncate;

create trigger audit after insert or update or delete on public.organizations
for each row execute function private.audit_row_change('id', 'id');
create trigger audit after insert or update or delete on public.organization_members
for each row execute function private.audit_row_change('org_id', 'user_id');
create trigger audit after insert or update or delete on public.org_settings
for each row execute function private.audit_row_change('org_id', 'org_id');
create trigger audit after insert or update or delete on private.superadmins
for each row execute function private.audit_row_change('', 'user_id');
create trigger audit after insert or update or delete on private.user_identities
for each row execute function private.audit_row_change('', 'user_id');

create function private.record_service_use(
  p_function text, p_reason text, p_org_id uuid, p_request_id text
)
returns uuid
language plpgsql security definer set search_path = ''
as $$
begin
  perform private.set_actor('system', p_function, p_request_id);
  return private.write_audit(p_org_id, 'service_role.used', null, null, null, 'success', p_reason);
end;
$$;
comment on function private.record_service_use(text, text, uuid, text) is
  'Records that a function used the service role, and for which registered reason. Definer, to append.';

create function public.record_service_use(
  p_function text, p_reason text, p_org_id uuid default null, p_request_id text default null
)
returns uuid
language plpgsql security invoker set search_path = ''
as $$
begin
  return private.record_service_use(p_function, p_reason, p_org_id, p_request_id);
end;
$$;
comment on function public.record_service_use(text, text, uuid, text) is
  'Writes the audit row that each use of the service role owes. Service only.';
grant execute on function private.record_service_use(text, text, uuid, text) to service_role;
grant execute on function public.record_service_use(text, text, uuid, text) to service_role;

alter table public.security_audit_log enable row level security;
alter table public.security_audit_log force row level security;
revoke all on table public.security_audit_log from anon, authenticated, service_role;
grant select on table public.security_audit_log to authenticated;

create policy "admins read their organization's audit log"
on public.security_audit_log for select to authenticated
using (org_id = any((select private.my_orgs_with('logs.read'))::uuid[]));

create policy "reading the audit log needs the second factor it demands"
on public.security_audit_log as restrictive for select to authenticated
using (org_id = any((select private.my_second_factor_orgs())::uuid[]));
