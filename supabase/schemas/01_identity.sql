-- People, and how a token becomes one of them (C-11): Supabase Auth users and subjects of a
-- third-party issuer (Clerk) resolve to the same internal user id. Policies ask
-- private.current_user_id(), never auth.uid().

create table public.profiles (
  id uuid primary key,
  first_name text,
  last_name text,
  email text,
  time_zone text not null default 'UTC',
  active_org_id uuid,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  deleted_at timestamptz,
  constraint profiles_first_name_length check (char_length(first_name) between 1 and 100),
  constraint profiles_last_name_length check (char_length(last_name) between 1 and 100),
  constraint profiles_email_is_lower_case check (email = lower(email)),
  constraint profiles_time_zone_exists check (private.is_time_zone(time_zone))
);
comment on table public.profiles is 'A person who can sign in, whichever identity provider they come from.';
comment on column public.profiles.id is '[class: operational] The user id that every owner column refers to.';
comment on column public.profiles.first_name is '[class: identity] Given name; the copilot addresses the person by it.';
comment on column public.profiles.last_name is '[class: identity] Family name.';
comment on column public.profiles.email is '[class: identity] Address as the identity provider verified it, lower case.';
comment on column public.profiles.time_zone is '[class: identity] IANA zone in which the person''s days begin and end.';
comment on column public.profiles.active_org_id is '[class: operational] Organization the person is working in. A preference: whoever uses it checks the membership, and its end clears it. No key, so that the API finds one way only between profiles and memberships.';
comment on column public.profiles.created_at is '[class: operational] When the person was first seen.';
comment on column public.profiles.updated_at is '[class: operational] Last change of this row.';
comment on column public.profiles.deleted_at is '[class: operational] When the login was deleted; names and address are gone since.';
create index profiles_email_idx on public.profiles (email);

create table private.identity_providers (
  issuer text primary key,
  provider text not null,
  created_at timestamptz not null default now(),
  constraint identity_providers_issuer_is_a_url check (issuer ~ '^https?://[^\s]+$'),
  constraint identity_providers_are_third_parties check (provider in ('clerk'))
);
comment on table private.identity_providers is
  'Third-party issuers whose tokens the platform verifies. The platform''s own issuer needs no row.';
comment on column private.identity_providers.issuer is '[class: operational] The iss claim, exactly.';
comment on column private.identity_providers.provider is '[class: operational] Name under which user_identities lists its subjects.';
comment on column private.identity_providers.created_at is '[class: operational] When the issuer was trusted.';

create table private.user_identities (
  provider text not null,
  subject text not null,
  user_id uuid not null references public.profiles (id) on delete cascade,
  created_at timestamptz not null default now(),
  primary key (provider, subject),
  constraint user_identities_provider_is_known check (provider in ('supabase', 'clerk')),
  constraint user_identities_subject_length check (char_length(subject) between 1 and 255)
);
comment on table private.user_identities is 'Which person a subject of an identity provider is. One person may have several.';
comment on column private.user_identities.provider is '[class: identity] supabase or clerk.';
comment on column private.user_identities.subject is '[class: identity] The sub claim.';
comment on column private.user_identities.user_id is '[class: operational] The person.';
comment on column private.user_identities.created_at is '[class: operational] When the identity was linked.';
create index user_identities_user_id_idx on private.user_identities (user_id);

create table private.superadmins (
  user_id uuid primary key references public.profiles (id) on delete cascade,
  granted_by text not null,
  granted_at timestamptz not null default now()
);
comment on table private.superadmins is
  'Operators of the platform. A row here is the only way to be one: no claim, metadata or role in an organization counts.';
comment on column private.superadmins.user_id is '[class: operational] The operator.';
comment on column private.superadmins.granted_by is '[class: operational] Who decided it, for the record.';
comment on column private.superadmins.granted_at is '[class: operational] When.';

create function private.current_claims()
returns jsonb
language plpgsql stable set search_path = ''
as $$
begin
  return nullif(current_setting('request.jwt.claims', true), '')::jsonb;
end;
$$;
comment on function private.current_claims() is 'Claims of the verified token of this request; null outside of one.';

create function private.current_user_id()
returns uuid
language plpgsql stable security definer set search_path = ''
as $$
declare
  v_claims jsonb := nullif(current_setting('request.jwt.claims', true), '')::jsonb;
  v_user_id uuid;
begin
  if v_claims ->> 'role' is distinct from 'authenticated' or v_claims ->> 'is_anonymous' = 'true' then
    return null;
  end if;

  if right(v_claims ->> 'iss', 8) = '/auth/v1' then
    -- The session must still exist: a signed-out, banned or deleted login is nobody at once,
    -- however long its token would last.
    select s.user_id into v_user_id
    from auth.sessions as s
    join auth.users as u on u.id = s.user_id
    where s.id = (v_claims ->> 'session_id')::uuid
      and s.user_id = (v_claims ->> 'sub')::uuid
      and (s.not_after is null or s.not_after > now())
      and (u.banned_until is null or u.banned_until <= now())
      and u.deleted_at is null;
  else
    select i.user_id into v_user_id
    from private.identity_providers as p
    join private.user_identities as i on i.provider = p.provider
    where p.issuer = v_claims ->> 'iss' and i.subject = v_claims ->> 'sub';
  end if;
  return v_user_id;
end;
$$;
comment on function private.current_user_id() is
  'The person behind this request, or null. Definer, because sessions and identities are nobody else''s to read.';
grant execute on function private.current_user_id() to authenticated;

create function private.has_second_factor()
returns boolean
language plpgsql stable set search_path = ''
as $$
begin
  return coalesce(private.current_claims() ->> 'aal', 'aal1') = 'aal2';
end;
$$;
comment on function private.has_second_factor() is 'Whether this session passed a second factor (aal2).';

create function private.is_superadmin()
returns boolean
language plpgsql stable security definer set search_path = ''
as $$
begin
  return private.has_second_factor() and exists (
    select from private.superadmins as a where a.user_id = (select private.current_user_id())
  );
end;
$$;
comment on function private.is_superadmin() is
  'Whether the caller is an operator of the platform, with a second factor. Definer: the table is readable to nobody.';

create function private.on_auth_user_created()
returns trigger
language plpgsql security definer set search_path = ''
as $$
begin
  -- Names are what the person typed at sign-up: shown, never trusted for anything.
  insert into public.profiles (id, first_name, last_name, email)
  values (
    new.id,
    nullif(left(trim(new.raw_user_meta_data ->> 'first_name'), 100), ''),
    nullif(left(trim(new.raw_user_meta_data ->> 'last_name'), 100), ''),
    lower(new.email)
  )
  on conflict (id) do nothing;
  insert into private.user_identities (provider, subject, user_id)
  values ('supabase', new.id::text, new.id)
  on conflict (provider, subject) do nothing;
  return new;
end;
$$;
comment on function private.on_auth_user_created() is
  'Trigger: a new login gets its profile and identity. Definer: the auth service has no rights on either.';

create function private.on_auth_user_email_changed()
returns trigger
language plpgsql security definer set search_path = ''
as $$
begin
  update public.profiles as p set email = lower(new.email) where p.id = new.id;
  return new;
end;
$$;
comment on function private.on_auth_user_email_changed() is
  'Trigger: the profile follows the verified address. Definer: the auth service has no rights on profiles.';

create trigger create_profile after insert on auth.users
for each row execute function private.on_auth_user_created();

create trigger follow_email after update of email on auth.users
for each row when (old.email is distinct from new.email)
execute function private.on_auth_user_email_changed();

create trigger touch_updated_at before update on public.profiles
for each row execute function private.touch_updated_at();

create function private.link_identity(p_provider text, p_subject text, p_user_id uuid)
returns boolean
language plpgsql security definer set search_path = ''
as $$
declare
  v_user_id uuid;
begin
  insert into private.user_identities (provider, subject, user_id)
  values (p_provider, p_subject, p_user_id)
  on conflict (provider, subject) do nothing;
  select i.user_id into v_user_id
  from private.user_identities as i
  where i.provider = p_provider and i.subject = p_subject;
  if v_user_id is distinct from p_user_id then
    raise sqlstate 'PT409' using message = 'identity_already_linked';
  end if;
  return true;
end;
$$;
comment on function private.link_identity(text, text, uuid) is
  'Says that a subject of a provider is this person. Raises identity_already_linked when it is somebody else. Definer: identities are nobody''s to write.';

create function public.link_identity(p_provider text, p_subject text, p_user_id uuid)
returns boolean
language plpgsql security invoker set search_path = ''
as $$
begin
  return private.link_identity(p_provider, p_subject, p_user_id);
end;
$$;
comment on function public.link_identity(text, text, uuid) is
  'Links a third-party subject to a person. Service only. Raises identity_already_linked.';
grant execute on function private.link_identity(text, text, uuid) to service_role;
grant execute on function public.link_identity(text, text, uuid) to service_role;

alter table public.profiles enable row level security;
alter table public.profiles force row level security;
alter table private.identity_providers enable row level security;
alter table private.identity_providers force row level security;
alter table private.user_identities enable row level security;
alter table private.user_identities force row level security;
alter table private.superadmins enable row level security;
alter table private.superadmins force row level security;

revoke all on table public.profiles from anon, authenticated, service_role;
revoke all on table private.identity_providers, private.user_identities, private.superadmins
from anon, authenticated, service_role;
-- Where a person is working is their own business: a colleague would learn which other organizations
-- they belong to.
grant select (id, first_name, last_name, email, time_zone, created_at, updated_at, deleted_at)
on table public.profiles to authenticated;
-- Not the address (the identity provider's), not the active organization (switch_active_org).
grant update (first_name, last_name, time_zone) on table public.profiles to authenticated;

create policy "people change their own profile"
on public.profiles for update to authenticated
using (id = (select private.current_user_id()))
with check (id = (select private.current_user_id()));
