-- Organizations, who belongs to them in which role, what a role may do, and what members share
-- (C-12, C-13, C-15, U60-152…160). Every helper works on the row's organization: an admin of one
-- is nobody in another, and a person in two never mixes their settings (R-04).

create table public.organizations (
  id uuid primary key default gen_random_uuid(),
  name text not null,
  slug text not null unique,
  plan text not null default 'free',
  time_zone text not null default 'UTC',
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint organizations_name_length check (char_length(name) between 1 and 120),
  constraint organizations_slug_shape check (slug ~ '^[a-z0-9](-?[a-z0-9]){1,62}$'),
  constraint organizations_plan_is_known check (plan in ('free', 'team', 'enterprise')),
  constraint organizations_time_zone_exists check (private.is_time_zone(time_zone))
);
comment on table public.organizations is 'The tenant. Company, business and account are other words for it.';
comment on column public.organizations.id is '[class: operational] The org_id of every tenant row.';
comment on column public.organizations.name is '[class: customer_input] Name shown to members.';
comment on column public.organizations.slug is '[class: customer_input] Short name for links, unique on the platform.';
comment on column public.organizations.plan is '[class: operational] free, team or enterprise; gates features, never the audit trail.';
comment on column public.organizations.time_zone is '[class: customer_input] IANA zone for org-wide schedules.';
comment on column public.organizations.created_at is '[class: operational] When the organization was created.';
comment on column public.organizations.updated_at is '[class: operational] Last change of this row.';

create table private.permissions (
  permission text primary key,
  is_admin_power boolean not null,
  description text not null,
  constraint permissions_name_shape check (permission ~ '^[a-z]+\.[a-z_]+$')
);
comment on table private.permissions is 'Everything a role can be allowed to do.';
comment on column private.permissions.permission is '[class: operational] Name that policies and functions ask for.';
comment on column private.permissions.is_admin_power is '[class: operational] Whether an organization can demand a second factor for it.';
comment on column private.permissions.description is '[class: operational] What it allows.';

create table private.role_permissions (
  role text not null,
  permission text not null references private.permissions (permission),
  primary key (role, permission),
  constraint role_permissions_role_is_known
  check (role in ('owner', 'admin', 'manager', 'agent', 'viewer', 'superadmin'))
);
comment on table private.role_permissions is
  'The one matrix of who may do what. Editor of other documents is manager here, Staff is agent.';
comment on column private.role_permissions.role is '[class: operational] Role in an organization, or superadmin of the platform.';
comment on column private.role_permissions.permission is '[class: operational] What the role may do.';
create index role_permissions_permission_idx on private.role_permissions (permission);

insert into private.permissions (permission, is_admin_power, description) values
  ('org.billing', true, 'See and change the plan and its payment.'),
  ('org.delete', true, 'Delete the organization and everything in it.'),
  ('members.manage', true, 'Invite, promote, suspend and remove members of no higher role.'),
  ('settings.manage', true, 'Change settings, sharing, branding and pipeline stages.'),
  ('integrations.manage', true, 'Connect and disconnect third parties for the organization.'),
  ('credentials.write', true, 'Store and replace secrets that workflows use.'),
  ('logs.read', true, 'Read the security audit log.'),
  ('data.export', true, 'Export the organization''s data.'),
  ('records.transfer', true, 'Give a colleague''s records to another member.'),
  ('workflows.write', false, 'Create and change workflows.'),
  ('executions.read', false, 'Read execution logs and dashboards.'),
  ('crm.write', false, 'Create records, change own and assigned ones.'),
  ('crm.write_shared', false, 'Change records that colleagues share.'),
  ('crm.read_assigned', false, 'Read own and assigned records.'),
  ('crm.read_shared', false, 'Read records that colleagues share.'),
  ('platform.manage', true, 'Operate the platform: plans, replays. Opens no tenant''s data.');

insert into private.role_permissions (role, permission)
select g.role, p.permission
from (values
  ('owner', array['org.billing', 'org.delete', 'members.manage', 'settings.manage', 'integrations.manage',
    'credentials.write', 'logs.read', 'data.export', 'records.transfer', 'workflows.write',
    'executions.read', 'crm.write', 'crm.write_shared', 'crm.read_assigned', 'crm.read_shared']),
  ('admin', array['org.billing', 'members.manage', 'settings.manage', 'integrations.manage',
    'credentials.write', 'logs.read', 'data.export', 'records.transfer', 'workflows.write',
    'executions.read', 'crm.write', 'crm.write_shared', 'crm.read_assigned', 'crm.read_shared']),
  ('manager', array['credentials.write', 'workflows.write', 'executions.read', 'crm.write',
    'crm.write_shared', 'crm.read_assigned', 'crm.read_shared']),
  ('agent', array['executions.read', 'crm.write', 'crm.read_assigned']),
  ('viewer', array['executions.read', 'crm.read_assigned', 'crm.read_shared']),
  ('superadmin', array['platform.manage'])
) as g (role, permissions)
cross join lateral unnest(g.permissions) as p (permission);

create table public.organization_members (
  org_id uuid not null references public.organizations (id) on delete cascade,
  user_id uuid not null references public.profiles (id) on delete restrict,
  role text not null,
  status text not null default 'active',
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  primary key (org_id, user_id),
  constraint organization_members_role_is_known check (role in ('owner', 'admin', 'manager', 'agent', 'viewer')),
  constraint organization_members_status_is_known check (status in ('active', 'invited', 'suspended', 'removed'))
);
comment on table public.organization_members is
  'Who belongs to which organization. A member who left stays as removed, so that their records keep an owner.';
comment on column public.organization_members.org_id is '[class: operational] The organization.';
comment on column public.organization_members.user_id is '[class: operational] The person.';
comment on column public.organization_members.role is '[class: operational] owner, admin, manager, agent or viewer.';
comment on column public.organization_members.status is '[class: operational] Only active members have any right.';
comment on column public.organization_members.created_at is '[class: operational] When the person joined or was invited.';
comment on column public.organization_members.updated_at is '[class: operational] Last change of role or status.';
-- The one lookup that starts from the person: every policy begins with it.
create index organization_members_user_id_idx on public.organization_members (user_id)
include (org_id, role, status);

create table public.org_settings (
  org_id uuid primary key references public.organizations (id) on delete cascade,
  enable_crm_sharing boolean not null default true,
  enable_meeting_sharing boolean not null default true,
  enable_task_sharing boolean not null default false,
  enable_email_sharing boolean not null default false,
  enable_copilot_sharing boolean not null default false,
  mfa_required_for text not null default 'admins',
  confirm_copilot_tasks boolean not null default true,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint org_settings_copilot_is_never_shared check (enable_copilot_sharing = false),
  constraint org_settings_mfa_required_for_is_known check (mfa_required_for in ('none', 'admins', 'everyone'))
);
comment on table public.org_settings is
  'What the admins of an organization decided. Policies read it at run time: a change holds for the next query.';
comment on column public.org_settings.org_id is '[class: operational] The organization; one row each.';
comment on column public.org_settings.enable_crm_sharing is '[class: customer_input] Members read each other''s contacts, companies, deals and activities.';
comment on column public.org_settings.enable_meeting_sharing is '[class: customer_input] Members read each other''s meetings and transcripts.';
comment on column public.org_settings.enable_task_sharing is '[class: customer_input] Members read each other''s tasks.';
comment on column public.org_settings.enable_email_sharing is '[class: customer_input] Members read each other''s emails.';
comment on column public.org_settings.enable_copilot_sharing is '[class: customer_input] Always false: copilot conversations belong to their user alone.';
comment on column public.org_settings.mfa_required_for is '[class: customer_input] none; admins: their powers need a second factor; everyone: all access does.';
comment on column public.org_settings.confirm_copilot_tasks is '[class: customer_input] False: tasks that the copilot proposes for their owner happen at once, with undo; nothing else ever does (C-09).';
comment on column public.org_settings.created_at is '[class: operational] When the organization was created.';
comment on column public.org_settings.updated_at is '[class: operational] Last change of a setting.';

create trigger touch_updated_at before update on public.organizations
for each row execute function private.touch_updated_at();
create trigger touch_updated_at before update on public.organization_members
for each row execute function private.touch_updated_at();
create trigger touch_updated_at before update on public.org_settings
for each row execute function private.touch_updated_at();

-- The arrays that policies compare org_id with. PL/pgSQL keeps the plan of its query, and a
-- policy that writes (select private.my_orgs())::uuid[] evaluates it once per statement.

create function private.my_orgs()
returns uuid[]
language plpgsql stable security definer set search_path = ''
as $$
declare
  v_user_id uuid := private.current_user_id();
begin
  return array(
    select m.org_id
    from public.organization_members as m
    join public.org_settings as s on s.org_id = m.org_id
    where m.user_id = v_user_id
      and m.status = 'active'
      and (s.mfa_required_for <> 'everyone' or private.has_second_factor())
  );
end;
$$;
comment on function private.my_orgs() is
  'Organizations the caller is an active member of, less those that demand a second factor not given. Definer: memberships of all are read.';

create function private.my_orgs_with(p_permission text)
returns uuid[]
language plpgsql stable security definer set search_path = ''
as $$
declare
  v_user_id uuid := private.current_user_id();
begin
  return array(
    select m.org_id
    from public.organization_members as m
    join public.org_settings as s on s.org_id = m.org_id
    join private.role_permissions as rp on rp.role = m.role and rp.permission = p_permission
    where m.user_id = v_user_id
      and m.status = 'active'
      and (s.mfa_required_for <> 'everyone' or private.has_second_factor())
  );
end;
$$;
comment on function private.my_orgs_with(text) is
  'Organizations where the caller''s role has the permission. For an admin power, a restrictive policy asks for the second factor besides. Definer: as my_orgs.';

-- The case stands in both: as a function of its own it was a tenth of what the policies cost.

create function private.my_shared_orgs(p_kind text)
returns uuid[]
language plpgsql stable security definer set search_path = ''
as $$
declare
  v_user_id uuid := private.current_user_id();
begin
  return array(
    select m.org_id
    from public.organization_members as m
    join public.org_settings as s on s.org_id = m.org_id
    join private.role_permissions as rp on rp.role = m.role and rp.permission = 'crm.read_shared'
    where m.user_id = v_user_id
      and m.status = 'active'
      and case p_kind
        when 'crm' then s.enable_crm_sharing
        when 'meetings' then s.enable_meeting_sharing
        when 'tasks' then s.enable_task_sharing
        when 'emails' then s.enable_email_sharing
        else false
      end
      and (s.mfa_required_for <> 'everyone' or private.has_second_factor())
  );
end;
$$;
comment on function private.my_shared_orgs(text) is
  'Organizations whose members share this kind (crm, meetings, tasks, emails; no other is ever shared) with the caller: the switch is on and the role may read shared records (an agent''s may not). Definer: as my_orgs.';

create function private.my_editable_orgs(p_kind text)
returns uuid[]
language plpgsql stable security definer set search_path = ''
as $$
declare
  v_user_id uuid := private.current_user_id();
begin
  return array(
    select m.org_id
    from public.organization_members as m
    join public.org_settings as s on s.org_id = m.org_id
    join private.role_permissions as rp on rp.role = m.role and rp.permission = 'crm.write_shared'
    where m.user_id = v_user_id
      and m.status = 'active'
      and case p_kind
        when 'crm' then s.enable_crm_sharing
        when 'meetings' then s.enable_meeting_sharing
        when 'tasks' then s.enable_task_sharing
        when 'emails' then s.enable_email_sharing
        else false
      end
      and (s.mfa_required_for <> 'everyone' or private.has_second_factor())
  );
end;
$$;
comment on function private.my_editable_orgs(text) is
  'Organizations where the caller may also change what colleagues share of this kind. Definer: as my_orgs.';

create function private.my_second_factor_orgs()
returns uuid[]
language plpgsql stable security definer set search_path = ''
as $$
declare
  v_user_id uuid := private.current_user_id();
begin
  return array(
    select m.org_id
    from public.organization_members as m
    join public.org_settings as s on s.org_id = m.org_id
    where m.user_id = v_user_id
      and m.status = 'active'
      and (s.mfa_required_for = 'none' or private.has_second_factor())
  );
end;
$$;
comment on function private.my_second_factor_orgs() is
  'The caller''s organizations where admin powers are open to this session: no second factor is demanded, or it was given. Definer: as my_orgs.';

create function private.my_colleagues()
returns uuid[]
language plpgsql stable security definer set search_path = ''
as $$
begin
  return array(
    select private.current_user_id()
    union
    select c.user_id
    from public.organization_members as c
    where c.org_id = any(private.my_orgs())
  );
end;
$$;
comment on function private.my_colleagues() is 'The caller, and everybody who is or was a member of an organization of theirs. Definer: as my_orgs.';

create function private.has_permission(p_org_id uuid, p_permission text)
returns boolean
language plpgsql stable security definer set search_path = ''
as $$
declare
  v_user_id uuid := private.current_user_id();
begin
  return exists (
    select
    from public.organization_members as m
    join public.org_settings as s on s.org_id = m.org_id
    join private.role_permissions as rp on rp.role = m.role and rp.permission = p_permission
    join private.permissions as p on p.permission = rp.permission
    where m.org_id = p_org_id
      and m.user_id = v_user_id
      and m.status = 'active'
      and (
        s.mfa_required_for = 'none'
        or (s.mfa_required_for = 'admins' and not p.is_admin_power)
        or private.has_second_factor()
      )
  );
end;
$$;
comment on function private.has_permission(uuid, text) is
  'Whether the caller may do this in that organization, in this session: role, status and second factor. Definer: as my_orgs.';

create function private.require_permission(p_org_id uuid, p_permission text)
returns uuid
language plpgsql stable security definer set search_path = ''
as $$
declare
  v_user_id uuid := private.current_user_id();
  v_role text;
begin
  if v_user_id is null then
    raise sqlstate 'PT401' using message = 'unauthenticated';
  end if;
  select m.role into v_role
  from public.organization_members as m
  where m.org_id = p_org_id and m.user_id = v_user_id and m.status = 'active';
  if v_role is null then
    raise sqlstate 'PT404' using message = 'organization_not_found';
  end if;
  if not exists (
    select from private.role_permissions as rp where rp.role = v_role and rp.permission = p_permission
  ) then
    raise sqlstate 'PT403' using message = 'forbidden';
  end if;
  if not private.has_permission(p_org_id, p_permission) then
    raise sqlstate 'PT403' using message = 'mfa_required';
  end if;
  return v_user_id;
end;
$$;
comment on function private.require_permission(uuid, text) is
  'The caller''s id, if they may do this there. Raises unauthenticated, organization_not_found, forbidden or mfa_required. Definer: as my_orgs.';

-- The sharing questions under the names that the product's own policies use (U60-160), for one
-- organization at a time.

create function private.is_crm_sharing_enabled(p_org_id uuid)
returns boolean
language plpgsql stable security definer set search_path = ''
as $$
begin
  return coalesce((select s.enable_crm_sharing from public.org_settings as s where s.org_id = p_org_id), false);
end;
$$;
comment on function private.is_crm_sharing_enabled(uuid) is 'Whether that organization shares its CRM records among members. Definer: settings are read whoever asks.';

create function private.user_in_same_org(p_user_id uuid, p_org_id uuid)
returns boolean
language plpgsql stable security definer set search_path = ''
as $$
begin
  return p_org_id = any(private.my_orgs()) and exists (
    select from public.organization_members as m
    where m.org_id = p_org_id and m.user_id = p_user_id and m.status = 'active'
  );
end;
$$;
comment on function private.user_in_same_org(uuid, uuid) is 'Whether the caller and that person are both active members of that organization. Definer: as my_orgs.';

grant execute on function private.my_orgs() to authenticated;
grant execute on function private.my_orgs_with(text) to authenticated;
grant execute on function private.my_shared_orgs(text) to authenticated;
grant execute on function private.my_editable_orgs(text) to authenticated;
grant execute on function private.my_second_factor_orgs() to authenticated;
grant execute on function private.my_colleagues() to authenticated;
grant execute on function private.has_permission(uuid, text) to authenticated;
grant execute on function private.require_permission(uuid, text) to authenticated;
grant execute on function private.is_crm_sharing_enabled(uuid) to authenticated;
grant execute on function private.user_in_same_org(uuid, uuid) to authenticated;

alter table public.organizations enable row level security;
alter table public.organizations force row level security;
alter table public.organization_members enable row level security;
alter table public.organization_members force row level security;
alter table public.org_settings enable row level security;
alter table public.org_settings force row level security;
alter table private.permissions enable row level security;
alter table private.permissions force row level security;
alter table private.role_permissions enable row level security;
alter table private.role_permissions force row level security;

revoke all on table public.organizations, public.organization_members, public.org_settings
from anon, authenticated, service_role;
revoke all on table private.permissions, private.role_permissions from anon, authenticated, service_role;

grant select on table public.organizations, public.organization_members, public.org_settings to authenticated;
grant update (name, time_zone) on table public.organizations to authenticated;
grant update (
  enable_crm_sharing, enable_meeting_sharing, enable_task_sharing, enable_email_sharing,
  enable_copilot_sharing, mfa_required_for, confirm_copilot_tasks
) on table public.org_settings to authenticated;
-- The only column of a tenant table that the service role can touch, and only in vain: the CHECK
-- must be what refuses it (U60-157), not a missing privilege that a later grant would give back.
grant select (org_id, enable_copilot_sharing), update (enable_copilot_sharing)
on table public.org_settings to service_role;

create policy "people read themselves and their colleagues"
on public.profiles for select to authenticated
using (id = any((select private.my_colleagues())::uuid[]));

create policy "members read their organizations"
on public.organizations for select to authenticated
using (id = any((select private.my_orgs())::uuid[]));

create policy "admins change their organization"
on public.organizations for update to authenticated
using (id = any((select private.my_orgs_with('settings.manage'))::uuid[]))
with check (id = any((select private.my_orgs_with('settings.manage'))::uuid[]));

create policy "changing an organization needs the second factor it demands"
on public.organizations as restrictive for update to authenticated
using (id = any((select private.my_second_factor_orgs())::uuid[]))
with check (id = any((select private.my_second_factor_orgs())::uuid[]));

-- Own memberships also where access is suspended or waits for a second factor, so that an app can say so.
create policy "people read their own memberships and their colleagues'"
on public.organization_members for select to authenticated
using (
  case (select private.current_user_id())
    when user_id then true
    else org_id = any((select private.my_orgs())::uuid[])
  end
);

create policy "members read their organization's settings"
on public.org_settings for select to authenticated
using (org_id = any((select private.my_orgs())::uuid[]));

create policy "admins change their organization's settings"
on public.org_settings for update to authenticated
using (org_id = any((select private.my_orgs_with('settings.manage'))::uuid[]))
with check (org_id = any((select private.my_orgs_with('settings.manage'))::uuid[]));

create policy "changing settings needs the second factor it demands"
on public.org_settings as restrictive for update to authenticated
using (org_id = any((select private.my_second_factor_orgs())::uuid[]))
with check (org_id = any((select private.my_second_factor_orgs())::uuid[]));
