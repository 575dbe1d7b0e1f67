-- A row of the audit log can say that somebody should look at once: severity, and a function that writes
-- such rows. Rows that are there are info; the default needs no rewrite of the table.

alter table public.security_audit_log add column severity text not null default 'info';
alter table public.security_audit_log
add constraint security_audit_log_severity_is_known check (severity in ('info', 'critical'));
comment on column public.security_audit_log.severity is '[class: operational] info, or critical where somebody should look at once.';

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
