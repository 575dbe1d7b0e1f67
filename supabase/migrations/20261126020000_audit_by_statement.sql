-- Audit rows of inserts and deletes are written per statement, all in one insert, where they were written
-- one by one: planning ten thousand meetings spent a third of its time on them. What they say is the same.
-- Triggers are replaced under a lock that readers do not notice; a writer that takes long makes this
-- fail instead of everybody else wait, and it can be run again.

set local lock_timeout = '5s';

create or replace function private.audit_row_change()
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

do $$
declare
  v_table regclass;
begin
  for v_table in
    select t.tgrelid::regclass
    from pg_catalog.pg_trigger as t
    where t.tgfoid = 'private.audit_row_change()'::regprocedure and t.tgnargs = 0
    order by 1
  loop
    perform private.audit_table(v_table);
  end loop;
end;
$$;
