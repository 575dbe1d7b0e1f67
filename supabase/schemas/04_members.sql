-- How people come to an organization, change rank in it and leave. Each transition is one function
-- that checks the caller first; members themselves have no write privilege on these tables.

create table public.organization_invitations (
  org_id uuid not null references public.organizations (id) on delete cascade,
  id uuid not null default gen_random_uuid(),
  email text not null,
  role text not null,
  invited_by uuid not null,
  status text not null default 'open',
  expires_at timestamptz not null default now() + interval '7 days',
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  primary key (org_id, id),
  foreign key (org_id, invited_by) references public.organization_members (org_id, user_id) on delete cascade,
  constraint organization_invitations_email_shape check (email = lower(email) and email ~ '^[^\s@]+@[^\s@]+$' and char_length(email) <= 320),
  constraint organization_invitations_role_is_known check (role in ('owner', 'admin', 'manager', 'agent', 'viewer')),
  constraint organization_invitations_status_is_known check (status in ('open', 'accepted', 'revoked'))
);
comment on table public.organization_invitations is
  'An address that may join. Whether it already has a login is not told to who invites.';
comment on column public.organization_invitations.org_id is '[class: operational] Organization that invites.';
comment on column public.organization_invitations.id is '[class: operational] Names the invitation.';
comment on column public.organization_invitations.email is '[class: identity] Verified address that can accept it.';
comment on column public.organization_invitations.role is '[class: operational] Role the person will have.';
comment on column public.organization_invitations.invited_by is '[class: operational] Member who invited.';
comment on column public.organization_invitations.status is '[class: operational] open, accepted or revoked.';
comment on column public.organization_invitations.expires_at is '[class: operational] Cannot be accepted later.';
comment on column public.organization_invitations.created_at is '[class: operational] When it was made.';
comment on column public.organization_invitations.updated_at is '[class: operational] Last change of this row.';
create unique index organization_invitations_one_open_per_address
on public.organization_invitations (org_id, email) where status = 'open';
create index organization_invitations_invited_by_idx on public.organization_invitations (org_id, invited_by);

create trigger touch_updated_at before update on public.organization_invitations
for each row execute function private.touch_updated_at();
select private.audit_table('public.organization_invitations');

create function private.role_rank(p_role text)
returns integer
language plpgsql immutable set search_path = ''
as $$
begin
  return array_position(array['viewer', 'agent', 'manager', 'admin', 'owner'], p_role);
end;
$$;
comment on function private.role_rank(text) is 'Order of the roles, 1 (viewer) to 5 (owner); null for anything else.';

create function private.assert_owner_remains(p_org_id uuid)
returns void
language plpgsql set search_path = ''
as $$
begin
  if not exists (
    select from public.organization_members as m
    where m.org_id = p_org_id and m.role = 'owner' and m.status = 'active'
  ) then
    raise sqlstate 'PT409' using message = 'last_owner';
  end if;
end;
$$;
comment on function private.assert_owner_remains(uuid) is
  'Raises last_owner when an organization would be left without one. Callers lock the organization first.';

create function private.manage_member(p_org_id uuid, p_user_id uuid)
returns public.organization_members
language plpgsql set search_path = ''
as $$
declare
  v_caller_id uuid := private.require_permission(p_org_id, 'members.manage');
  v_caller public.organization_members;
  v_member public.organization_members;
begin
  -- One membership change of an organization at a time, or two owners could demote each other.
  perform from public.organizations as o where o.id = p_org_id for update;
  select m.* into v_caller
  from public.organization_members as m where m.org_id = p_org_id and m.user_id = v_caller_id;
  select m.* into v_member
  from public.organization_members as m
  where m.org_id = p_org_id and m.user_id = p_user_id and m.status <> 'removed';
  if v_member.user_id is null then
    raise sqlstate 'PT404' using message = 'member_not_found';
  end if;
  if private.role_rank(v_member.role) > private.role_rank(v_caller.role) then
    raise sqlstate 'PT403' using message = 'role_too_high';
  end if;
  return v_member;
end;
$$;
comment on function private.manage_member(uuid, uuid) is
  'The member, once the caller is known to be allowed to change them; locks the organization. Raises member_not_found or role_too_high.';

create function private.assert_may_give_role(p_org_id uuid, p_role text)
returns void
language plpgsql set search_path = ''
as $$
declare
  v_caller_role text;
begin
  if private.role_rank(p_role) is null then
    raise sqlstate 'PT400' using message = 'unknown_role';
  end if;
  select m.role into v_caller_role
  from public.organization_members as m
  where m.org_id = p_org_id and m.user_id = private.current_user_id();
  if private.role_rank(p_role) > private.role_rank(v_caller_role) then
    raise sqlstate 'PT403' using message = 'role_too_high';
  end if;
end;
$$;
comment on function private.assert_may_give_role(uuid, text) is
  'Raises unknown_role, or role_too_high when the role is above the caller''s own.';

create function private.create_organization(p_name text, p_slug text, p_time_zone text)
returns uuid
language plpgsql security definer set search_path = ''
as $$
declare
  v_user_id uuid := private.current_user_id();
  v_org_id uuid;
  v_slug text := coalesce(
    p_slug,
    left(trim(both '-' from regexp_replace(lower(p_name), '[^a-z0-9]+', '-', 'g')), 40)
    || '-' || substr(gen_random_uuid()::text, 1, 8)
  );
begin
  if v_user_id is null then
    raise sqlstate 'PT401' using message = 'unauthenticated';
  end if;
  if (select count(*) from public.organization_members as m where m.user_id = v_user_id and m.role = 'owner') >= 20 then
    raise sqlstate 'PT429' using message = 'too_many_organizations';
  end if;
  if not private.is_time_zone(p_time_zone) then
    raise sqlstate 'PT400' using message = 'unknown_time_zone';
  end if;

  insert into public.organizations (name, slug, time_zone)
  values (trim(p_name), trim(both '-' from v_slug), p_time_zone)
  on conflict (slug) do nothing
  returning id into v_org_id;
  if v_org_id is null then
    raise sqlstate 'PT409' using message = 'slug_taken';
  end if;
  insert into public.organization_members (org_id, user_id, role) values (v_org_id, v_user_id, 'owner');
  insert into public.org_settings (org_id) values (v_org_id);
  perform private.create_default_stages(v_org_id);
  update public.profiles as p set active_org_id = v_org_id
  where p.id = v_user_id and p.active_org_id is null;
  return v_org_id;
end;
$$;
comment on function private.create_organization(text, text, text) is
  'Creates an organization whose owner is the caller. Definer: nobody may insert one directly.';

create function private.invite_member(p_org_id uuid, p_email text, p_role text)
returns uuid
language plpgsql security definer set search_path = ''
as $$
declare
  v_caller_id uuid := private.require_permission(p_org_id, 'members.manage');
  v_email text := lower(trim(p_email));
  v_id uuid;
begin
  perform private.assert_may_give_role(p_org_id, p_role);
  if exists (
    select from public.organization_members as m
    join public.profiles as p on p.id = m.user_id
    where m.org_id = p_org_id and p.email = v_email and m.status in ('active', 'suspended')
  ) then
    raise sqlstate 'PT409' using message = 'already_a_member';
  end if;
  insert into public.organization_invitations (org_id, email, role, invited_by)
  values (p_org_id, v_email, p_role, v_caller_id)
  on conflict (org_id, email) where status = 'open'
  do update set role = excluded.role, invited_by = excluded.invited_by, expires_at = excluded.expires_at
  returning id into v_id;
  return v_id;
end;
$$;
comment on function private.invite_member(uuid, text, text) is
  'Invites an address, or renews its open invitation. Definer: checks members.manage and the role first.';

create function private.revoke_invitation(p_org_id uuid, p_invitation_id uuid)
returns void
language plpgsql security definer set search_path = ''
as $$
begin
  perform private.require_permission(p_org_id, 'members.manage');
  update public.organization_invitations as i set status = 'revoked'
  where i.org_id = p_org_id and i.id = p_invitation_id and i.status = 'open';
  if not found then
    raise sqlstate 'PT404' using message = 'invitation_not_found';
  end if;
end;
$$;
comment on function private.revoke_invitation(uuid, uuid) is 'Takes an open invitation back. Definer: checks members.manage first.';

create function private.accept_invitation(p_invitation_id uuid)
returns uuid
language plpgsql security definer set search_path = ''
as $$
declare
  v_user_id uuid := private.current_user_id();
  v_org_id uuid;
  v_role text;
begin
  if v_user_id is null then
    raise sqlstate 'PT401' using message = 'unauthenticated';
  end if;
  -- Only an address the identity provider has confirmed counts: typing it at sign-up is no proof.
  update public.organization_invitations as i set status = 'accepted'
  where i.id = p_invitation_id
    and i.status = 'open'
    and i.expires_at > now()
    and i.email = (
      select lower(u.email) from auth.users as u
      where u.id = v_user_id and u.email_confirmed_at is not null
    )
  returning i.org_id, i.role into v_org_id, v_role;
  if v_org_id is null then
    raise sqlstate 'PT404' using message = 'invitation_not_found';
  end if;
  insert into public.organization_members (org_id, user_id, role, status)
  values (v_org_id, v_user_id, v_role, 'active')
  on conflict (org_id, user_id) do update set role = excluded.role, status = 'active'
  where organization_members.status in ('invited', 'removed');
  update public.profiles as p set active_org_id = v_org_id
  where p.id = v_user_id and p.active_org_id is null;
  return v_org_id;
end;
$$;
comment on function private.accept_invitation(uuid) is
  'The invited person joins. Definer: an outsider has no rights there yet; the confirmed address is the check.';

create function private.change_member_role(p_org_id uuid, p_user_id uuid, p_role text)
returns void
language plpgsql security definer set search_path = ''
as $$
begin
  perform private.manage_member(p_org_id, p_user_id);
  perform private.assert_may_give_role(p_org_id, p_role);
  update public.organization_members as m set role = p_role
  where m.org_id = p_org_id and m.user_id = p_user_id;
  perform private.assert_owner_remains(p_org_id);
end;
$$;
comment on function private.change_member_role(uuid, uuid, text) is
  'Gives a member another role, none above the caller''s. Definer: checks members.manage first.';

create function private.set_member_status(p_org_id uuid, p_user_id uuid, p_status text)
returns void
language plpgsql security definer set search_path = ''
as $$
begin
  perform private.manage_member(p_org_id, p_user_id);
  if p_status not in ('active', 'suspended', 'removed') then
    raise sqlstate 'PT400' using message = 'unknown_status';
  end if;
  update public.organization_members as m set status = p_status
  where m.org_id = p_org_id and m.user_id = p_user_id
    -- An invited person becomes active by their own hand only.
    and not (m.status = 'invited' and p_status = 'active');
  if not found then
    raise sqlstate 'PT409' using message = 'not_accepted_yet';
  end if;
  if p_status = 'active' then
    -- They go on where they were; the end of their membership had taken them out.
    update public.profiles as p set active_org_id = p_org_id
    where p.id = p_user_id and p.active_org_id is null;
  end if;
  perform private.assert_owner_remains(p_org_id);
end;
$$;
comment on function private.set_member_status(uuid, uuid, text) is
  'Suspends, reactivates or removes a member; holds from their next query. Definer: checks members.manage first.';

create function private.leave_organization(p_org_id uuid)
returns void
language plpgsql security definer set search_path = ''
as $$
declare
  v_user_id uuid := private.current_user_id();
begin
  perform from public.organizations as o where o.id = p_org_id for update;
  update public.organization_members as m set status = 'removed'
  where m.org_id = p_org_id and m.user_id = v_user_id and m.status in ('active', 'invited');
  if not found then
    raise sqlstate 'PT404' using message = 'organization_not_found';
  end if;
  perform private.assert_owner_remains(p_org_id);
end;
$$;
comment on function private.leave_organization(uuid) is 'The caller leaves, unless nobody would own the organization. Definer: members have no write privilege.';

create function private.switch_active_org(p_org_id uuid)
returns void
language plpgsql security definer set search_path = ''
as $$
declare
  v_user_id uuid := private.current_user_id();
begin
  if v_user_id is null then
    raise sqlstate 'PT401' using message = 'unauthenticated';
  end if;
  if not coalesce(p_org_id = any(private.my_orgs()), false) then
    raise sqlstate 'PT404' using message = 'organization_not_found';
  end if;
  update public.profiles as p set active_org_id = p_org_id where p.id = v_user_id;
end;
$$;
comment on function private.switch_active_org(uuid) is 'The caller works in another of their organizations. Definer: the column is not theirs to write.';

create function private.get_active_org()
returns uuid
language plpgsql stable security definer set search_path = ''
as $$
begin
  return (
    select p.active_org_id from public.profiles as p
    where p.id = (select private.current_user_id()) and p.active_org_id = any(private.my_orgs())
  );
end;
$$;
comment on function private.get_active_org() is
  'Organization the caller works in, or null. Definer: the column is nobody''s to read, a colleague''s least of all.';

create function private.on_membership_ended()
returns trigger
language plpgsql security definer set search_path = ''
as $$
begin
  update public.profiles as p set active_org_id = null
  where p.id = new.user_id and p.active_org_id = new.org_id;
  return null;
end;
$$;
comment on function private.on_membership_ended() is
  'Trigger: nobody keeps working in an organization they are no longer active in. Definer: the profile is another person''s.';
create trigger clear_active_org after update of status on public.organization_members
for each row when (old.status = 'active' and new.status <> 'active')
execute function private.on_membership_ended();

create function private.on_auth_user_deleted()
returns trigger
language plpgsql security definer set search_path = ''
as $$
begin
  delete from private.user_identities as i where i.user_id = old.id;
  delete from private.superadmins as a where a.user_id = old.id;
  update public.organization_members as m set status = 'removed'
  where m.user_id = old.id and m.status <> 'removed';
  update public.profiles as p
  set first_name = null, last_name = null, email = null, active_org_id = null, deleted_at = now()
  where p.id = old.id;
  return old;
end;
$$;
comment on function private.on_auth_user_deleted() is
  'Trigger: a deleted login leaves an empty profile behind, so that the organization''s records keep an owner. Definer: the auth service has no rights here.';
create trigger forget_person before delete on auth.users
for each row execute function private.on_auth_user_deleted();

create function private.set_organization_plan(p_org_id uuid, p_plan text)
returns void
language plpgsql security definer set search_path = ''
as $$
begin
  if not private.is_superadmin() then
    raise sqlstate 'PT403' using message = 'forbidden';
  end if;
  update public.organizations as o set plan = p_plan where o.id = p_org_id;
  if not found then
    raise sqlstate 'PT404' using message = 'organization_not_found';
  end if;
end;
$$;
comment on function private.set_organization_plan(uuid, text) is 'An operator sets the plan. Definer: checks that first.';

-- What the API offers: the same verbs, with the caller's rights.

create function public.create_organization(p_name text, p_slug text default null, p_time_zone text default 'UTC')
returns uuid
language plpgsql security invoker set search_path = ''
as $$
begin
  return private.create_organization(p_name, p_slug, p_time_zone);
end;
$$;
comment on function public.create_organization(text, text, text) is
  'Creates an organization and makes the caller its owner. Raises slug_taken, unknown_time_zone or too_many_organizations.';

create function public.invite_member(p_org_id uuid, p_email text, p_role text)
returns uuid
language plpgsql security invoker set search_path = ''
as $$
begin
  return private.invite_member(p_org_id, p_email, p_role);
end;
$$;
comment on function public.invite_member(uuid, text, text) is
  'Invites an address in a role no higher than the caller''s. Raises forbidden, role_too_high, unknown_role or already_a_member.';

create function public.revoke_invitation(p_org_id uuid, p_invitation_id uuid)
returns void
language plpgsql security invoker set search_path = ''
as $$
begin
  perform private.revoke_invitation(p_org_id, p_invitation_id);
end;
$$;
comment on function public.revoke_invitation(uuid, uuid) is 'Takes an open invitation back. Raises invitation_not_found or forbidden.';

create function public.accept_invitation(p_invitation_id uuid)
returns uuid
language plpgsql security invoker set search_path = ''
as $$
begin
  return private.accept_invitation(p_invitation_id);
end;
$$;
comment on function public.accept_invitation(uuid) is
  'Joins the organization that invited the caller''s confirmed address; returns it. Raises invitation_not_found.';

create function public.change_member_role(p_org_id uuid, p_user_id uuid, p_role text)
returns void
language plpgsql security invoker set search_path = ''
as $$
begin
  perform private.change_member_role(p_org_id, p_user_id, p_role);
end;
$$;
comment on function public.change_member_role(uuid, uuid, text) is
  'Gives a member another role. Raises forbidden, member_not_found, role_too_high, unknown_role or last_owner.';

create function public.suspend_member(p_org_id uuid, p_user_id uuid)
returns void
language plpgsql security invoker set search_path = ''
as $$
begin
  perform private.set_member_status(p_org_id, p_user_id, 'suspended');
end;
$$;
comment on function public.suspend_member(uuid, uuid) is 'Takes all rights from a member until reactivated. Raises forbidden, member_not_found, role_too_high or last_owner.';

create function public.reactivate_member(p_org_id uuid, p_user_id uuid)
returns void
language plpgsql security invoker set search_path = ''
as $$
begin
  perform private.set_member_status(p_org_id, p_user_id, 'active');
end;
$$;
comment on function public.reactivate_member(uuid, uuid) is 'Gives a suspended member their rights back. Raises forbidden, member_not_found or not_accepted_yet.';

create function public.remove_member(p_org_id uuid, p_user_id uuid)
returns void
language plpgsql security invoker set search_path = ''
as $$
begin
  perform private.set_member_status(p_org_id, p_user_id, 'removed');
end;
$$;
comment on function public.remove_member(uuid, uuid) is
  'Ends a membership; the person''s records stay theirs until transferred. Raises forbidden, member_not_found, role_too_high or last_owner.';

create function public.leave_organization(p_org_id uuid)
returns void
language plpgsql security invoker set search_path = ''
as $$
begin
  perform private.leave_organization(p_org_id);
end;
$$;
comment on function public.leave_organization(uuid) is 'Ends the caller''s own membership. Raises organization_not_found or last_owner.';

create function public.switch_active_org(p_org_id uuid)
returns void
language plpgsql security invoker set search_path = ''
as $$
begin
  perform private.switch_active_org(p_org_id);
end;
$$;
comment on function public.switch_active_org(uuid) is 'Makes another of the caller''s organizations the active one. Raises organization_not_found.';

create function public.get_active_org()
returns uuid
language plpgsql stable security invoker set search_path = ''
as $$
begin
  return private.get_active_org();
end;
$$;
comment on function public.get_active_org() is 'Organization the caller works in, or null.';

create function public.set_organization_plan(p_org_id uuid, p_plan text)
returns void
language plpgsql security invoker set search_path = ''
as $$
begin
  perform private.set_organization_plan(p_org_id, p_plan);
end;
$$;
comment on function public.set_organization_plan(uuid, text) is 'Operators only: sets the plan. Raises forbidden or organization_not_found.';

grant execute on function private.create_organization(text, text, text) to authenticated;
grant execute on function private.invite_member(uuid, text, text) to authenticated;
grant execute on function private.revoke_invitation(uuid, uuid) to authenticated;
grant execute on function private.accept_invitation(uuid) to authenticated;
grant execute on function private.change_member_role(uuid, uuid, text) to authenticated;
grant execute on function private.set_member_status(uuid, uuid, text) to authenticated;
grant execute on function private.leave_organization(uuid) to authenticated;
grant execute on function private.switch_active_org(uuid) to authenticated;
grant execute on function private.get_active_org() to authenticated;
grant execute on function private.set_organization_plan(uuid, text) to authenticated;
grant execute on function public.create_organization(text, text, text) to authenticated;
grant execute on function public.invite_member(uuid, text, text) to authenticated;
grant execute on function public.revoke_invitation(uuid, uuid) to authenticated;
grant execute on function public.accept_invitation(uuid) to authenticated;
grant execute on function public.change_member_role(uuid, uuid, text) to authenticated;
grant execute on function public.suspend_member(uuid, uuid) to authenticated;
grant execute on function public.reactivate_member(uuid, uuid) to authenticated;
grant execute on function public.remove_member(uuid, uuid) to authenticated;
grant execute on function public.leave_organization(uuid) to authenticated;
grant execute on function public.switch_active_org(uuid) to authenticated;
grant execute on function public.get_active_org() to authenticated;
grant execute on function public.set_organization_plan(uuid, text) to authenticated;

alter table public.organization_invitations enable row level security;
alter table public.organization_invitations force row level security;
revoke all on table public.organization_invitations from anon, authenticated, service_role;
grant select on table public.organization_invitations to authenticated;

create policy "admins read their organization's invitations"
on public.organization_invitations for select to authenticated
using (org_id = any((select private.my_orgs_with('members.manage'))::uuid[]));

create policy "reading invitations needs the second factor it demands"
on public.organization_invitations as restrictive for select to authenticated
using (org_id = any((select private.my_second_factor_orgs())::uuid[]));
