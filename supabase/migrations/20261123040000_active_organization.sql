-- Which organization a request is about: the one it names, or the one the person works in. Either
-- way the caller must be an active member now; whoever is not learns nothing, not even that it exists.

create function private.require_org(p_org_id uuid default null)
returns uuid
language plpgsql stable security definer set search_path = ''
as $$
declare
  v_user_id uuid := private.current_user_id();
  v_org_id uuid := p_org_id;
begin
  if v_user_id is null then
    raise sqlstate 'PT401' using message = 'invalid_token';
  end if;
  if v_org_id is null then
    select p.active_org_id into v_org_id from public.profiles as p where p.id = v_user_id;
  end if;
  if v_org_id = any(private.my_orgs()) then
    return v_org_id;
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
comment on function private.require_org(uuid) is
  'The organization given, or the caller''s active one. Raises invalid_token, organization_not_found, no_active_organization or mfa_required. Definer: memberships are checked whatever the caller may read.';
grant execute on function private.require_org(uuid) to authenticated;
