-- The only way a record changes its owner. Owner columns are in no update grant.

create function private.transfer_records(p_org_id uuid, p_table text, p_from uuid, p_to uuid, p_ids uuid[])
returns integer
language plpgsql security definer set search_path = ''
as $$
declare
  v_count integer;
begin
  perform private.require_permission(p_org_id, 'records.transfer');
  if not exists (
    select from public.organization_members as m
    where m.org_id = p_org_id and m.user_id = p_to and m.status = 'active'
  ) then
    raise sqlstate 'PT404' using message = 'member_not_found';
  end if;
  -- Not calendars and emails: those are a person's, not a position's.
  case p_table
    when 'companies' then
      update public.companies as t set user_id = p_to
      where t.org_id = p_org_id and t.user_id = p_from and (p_ids is null or t.id = any(p_ids));
    when 'contacts' then
      update public.contacts as t set user_id = p_to
      where t.org_id = p_org_id and t.user_id = p_from and (p_ids is null or t.id = any(p_ids));
    when 'deals' then
      update public.deals as t set user_id = p_to
      where t.org_id = p_org_id and t.user_id = p_from and (p_ids is null or t.id = any(p_ids));
    when 'activities' then
      update public.activities as t set user_id = p_to
      where t.org_id = p_org_id and t.user_id = p_from and (p_ids is null or t.id = any(p_ids));
    when 'tasks' then
      update public.tasks as t set user_id = p_to
      where t.org_id = p_org_id and t.user_id = p_from and (p_ids is null or t.id = any(p_ids));
    when 'meetings' then
      update public.meetings as t set owner_user_id = p_to
      where t.org_id = p_org_id and t.owner_user_id = p_from and (p_ids is null or t.id = any(p_ids));
    else
      raise sqlstate 'PT400' using message = 'not_transferable';
  end case;
  get diagnostics v_count = row_count;
  perform private.write_audit(p_org_id, 'records.transferred', p_table, null, array['user_id']);
  return v_count;
end;
$$;
comment on function private.transfer_records(uuid, text, uuid, uuid, uuid[]) is
  'Gives records of one member to another; all of them when no ids are named. Definer: checks records.transfer first.';

create function public.transfer_records(
  p_org_id uuid, p_table text, p_from uuid, p_to uuid, p_ids uuid[] default null
)
returns integer
language plpgsql security invoker set search_path = ''
as $$
begin
  return private.transfer_records(p_org_id, p_table, p_from, p_to, p_ids);
end;
$$;
comment on function public.transfer_records(uuid, text, uuid, uuid, uuid[]) is
  'Gives a member''s records to another; returns how many. Raises forbidden, member_not_found or not_transferable.';
grant execute on function private.transfer_records(uuid, text, uuid, uuid, uuid[]) to authenticated;
grant execute on function public.transfer_records(uuid, text, uuid, uuid, uuid[]) to authenticated;
