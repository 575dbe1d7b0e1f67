-- Most requests are of members, who needn't be looked up a second time: who asks matters only to say
-- why they are refused. The answers and refusals are the same.

create or replace function private.require_org(p_org_id uuid default null)
returns uuid
language plpgsql stable security definer set search_path = ''
as $$
declare
  v_user_id uuid;
  v_org_id uuid := p_org_id;
begin
  if v_org_id is null then
    select p.active_org_id into v_org_id
    from public.profiles as p where p.id = (select private.current_user_id());
  end if;
  -- Nobody has no organizations. Who asks is looked up again only to say why they are refused.
  if v_org_id = any(private.my_orgs()) then
    return v_org_id;
  end if;
  v_user_id := private.current_user_id();
  if v_user_id is null then
    raise sqlstate 'PT401' using message = 'invalid_token';
  end if;
  -- A member who only lacks the second factor may know what is missing.
  if exists (
    select
    from public.organization_members as m
    join public.org_settings as s on s.org_id = m.org_id
    where m.org_id = v_org_id
      and m.user_id = v_user_id
      and m.status = 'active'
      and s.mfa_required_for = 'everyone'
      and not private.has_second_factor()
  ) then
    raise sqlstate 'PT403' using message = 'mfa_required';
  elsif p_org_id is null then
    raise sqlstate 'PT409' using message = 'no_active_organization';
  end if;
  raise sqlstate 'PT404' using message = 'organization_not_found';
end;
$$;
