-- The ground every capability stands on: schemas, extensions, closed defaults, and three small
-- functions that tables use. Trust boundary: nothing created later is reachable until it is granted.

create schema if not exists private;
comment on schema private is
  'Helpers, state machines and their tables. Never exposed by the API; reached through granted functions only.';

create extension if not exists pgcrypto with schema extensions;
create extension if not exists btree_gin with schema extensions;
create extension if not exists pg_trgm with schema extensions;
create extension if not exists pg_net with schema extensions;
create extension if not exists supabase_vault;
create extension if not exists pg_cron with schema pg_catalog;

-- The platform grants everything on new tables, sequences and functions of public to the API's
-- roles. Here a new object is private until a grant names who may use it.
alter default privileges in schema public revoke all on tables from anon, authenticated, service_role;
alter default privileges in schema public revoke all on sequences from anon, authenticated, service_role;
alter default privileges in schema public revoke all on functions from anon, authenticated, service_role;
-- Built-in default of PostgreSQL: everybody may execute. Only a global revoke takes it back.
alter default privileges revoke execute on functions from public;

revoke create on schema public from public, anon, authenticated, service_role;
revoke all on schema private from public, anon, authenticated, service_role;
-- Policies, column defaults and the pre-request check run with the caller's rights, so the caller
-- must be able to look a function up here; what they may execute is granted by name.
grant usage on schema private to anon, authenticated, service_role;

create function private.new_id()
returns uuid
language sql volatile parallel safe set search_path = ''
as $$
  -- Version 7: milliseconds since the epoch, then random bits, so that keys follow time.
  select encode(
    set_bit(
      set_bit(
        overlay(
          uuid_send(gen_random_uuid())
          placing substring(int8send((extract(epoch from clock_timestamp()) * 1000)::bigint) from 3)
          from 1 for 6
        ),
        52, 1
      ),
      53, 1
    ),
    'hex'
  )::uuid;
$$;
comment on function private.new_id() is 'A uuid (version 7) whose order follows time.';

create function private.touch_updated_at()
returns trigger
language plpgsql set search_path = ''
as $$
begin
  new.updated_at := now();
  return new;
end;
$$;
comment on function private.touch_updated_at() is 'Trigger: keeps updated_at true, whatever the caller sends.';

create function private.is_time_zone(p_name text)
returns boolean
language plpgsql stable set search_path = ''
as $$
begin
  -- Names only: an abbreviation or an offset would not follow daylight saving time.
  if p_name is null or p_name !~ '^(UTC|[A-Za-z_]+(/[A-Za-z0-9_+-]+){1,2})$' then
    return false;
  end if;
  perform now() at time zone p_name;
  return true;
exception
  when invalid_parameter_value then
    return false;
end;
$$;
comment on function private.is_time_zone(text) is 'Whether the text is an IANA time zone this server knows.';
grant execute on function private.is_time_zone(text) to authenticated;
