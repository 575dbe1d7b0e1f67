-- What a Supabase project holds before the first migration: roles, schemas, default privileges and
-- the platform's own functions and event triggers. Runs as supabase_admin, on PostgreSQL 15 and 17,
-- in one transaction, and may run again at any time.

-- 1. Roles ---------------------------------------------------------------------------------------

do $roles$
declare
  v_role record;
begin
  for v_role in
    select *
    from (
      values
        ('anon', 'nologin inherit'),
        ('authenticated', 'nologin inherit'),
        ('service_role', 'nologin inherit bypassrls'),
        ('authenticator', 'login noinherit'),
        ('postgres', 'login inherit createdb createrole replication bypassrls'),
        ('supabase_auth_admin', 'login noinherit'),
        ('supabase_storage_admin', 'login noinherit createrole'),
        ('supabase_functions_admin', 'login noinherit createrole'),
        ('supabase_replication_admin', 'login replication'),
        ('supabase_read_only_user', 'login bypassrls'),
        ('dashboard_user', 'nologin inherit createdb createrole replication')
    ) as wanted (name, attributes)
  loop
    if not exists (select from pg_catalog.pg_roles where rolname = v_role.name) then
      execute format('create role %I', v_role.name);
    end if;
    execute format('alter role %I with %s', v_role.name, v_role.attributes);
  end loop;
end
$roles$;

grant anon, authenticated, service_role to authenticator;
grant authenticator to supabase_storage_admin;
grant anon, authenticated, service_role to postgres;
grant pg_monitor, pg_read_all_data, pg_signal_backend to postgres;
grant pg_read_all_data to supabase_read_only_user;

-- From 16 on, creating roles no longer implies managing those that exist already. The platform lets
-- postgres change settings of the authenticator (pgrst.*) without being able to become it.
do $membership$
begin
  if current_setting('server_version_num')::int >= 160000 then
    execute 'grant anon, authenticated, service_role to postgres with admin option';
    execute 'grant authenticator to postgres with admin true, inherit false, set false';
  end if;
end
$membership$;

alter role supabase_admin set search_path to "$user", public, auth, extensions;
alter role supabase_admin set log_statement to 'none';
alter role postgres set search_path to "$user", public, extensions;
alter role supabase_auth_admin set search_path to 'auth';
alter role supabase_auth_admin set idle_in_transaction_session_timeout to 60000;
alter role supabase_auth_admin set log_statement to 'none';
alter role supabase_storage_admin set search_path to 'storage';
alter role supabase_storage_admin set log_statement to 'none';
alter role anon set statement_timeout to '3s';
alter role authenticated set statement_timeout to '8s';
alter role authenticator set statement_timeout to '8s';
alter role authenticator set lock_timeout to '8s';

-- Settings that the platform lets postgres give to roles and databases.
do $parameters$
declare
  v_name text;
begin
  foreach v_name in array array[
    'log_min_messages', 'session_replication_role', 'track_io_timing', 'log_lock_waits',
    'pg_net.batch_size', 'pg_net.ttl',
    'pgrst.app_settings', 'pgrst.db_aggregates_enabled', 'pgrst.db_anon_role',
    'pgrst.db_extra_search_path', 'pgrst.db_hoisted_tx_settings', 'pgrst.db_max_rows',
    'pgrst.db_plan_enabled', 'pgrst.db_pre_config', 'pgrst.db_pre_request',
    'pgrst.db_prepared_statements', 'pgrst.db_root_spec', 'pgrst.db_schemas',
    'pgrst.db_timezone_enabled', 'pgrst.db_tx_end', 'pgrst.db_use_legacy_gucs',
    'pgrst.jwt_aud', 'pgrst.jwt_cache_max_entries', 'pgrst.jwt_role_claim_key',
    'pgrst.jwt_secret', 'pgrst.jwt_secret_is_base64', 'pgrst.log_level', 'pgrst.log_query',
    'pgrst.openapi_mode', 'pgrst.openapi_security_active', 'pgrst.openapi_server_proxy_uri',
    'pgrst.server_cors_allowed_origins', 'pgrst.server_timing_enabled',
    'pgrst.server_trace_header'
  ]
  loop
    execute format('grant set on parameter %s to postgres', v_name);
  end loop;
end
$parameters$;

-- 2. Database and schemas ------------------------------------------------------------------------

do $database$
begin
  execute format('alter database %I owner to postgres', current_database());
  execute format(
    'grant all on database %I to postgres, dashboard_user', current_database()
  );
  execute format('grant create on database %I to supabase_auth_admin', current_database());
end
$database$;

create schema if not exists auth;
create schema if not exists extensions;
create schema if not exists storage;
create schema if not exists realtime;

grant usage on schema public to postgres, anon, authenticated, service_role;
grant usage on schema extensions to postgres, anon, authenticated, service_role;
grant all on schema extensions to postgres, dashboard_user;
grant usage on schema auth to anon, authenticated, service_role, postgres;
grant all on schema auth to supabase_auth_admin, dashboard_user;
grant usage on schema storage to anon, authenticated, service_role;
grant usage on schema storage to postgres with grant option;
grant all on schema storage to supabase_storage_admin, dashboard_user;
grant usage on schema realtime to postgres with grant option;

-- 3. Default privileges --------------------------------------------------------------------------
-- A new object in schema public is open to the API roles until a migration closes it, whoever of the
-- two makes it. A product that relies on anything else would be open in production.

do $defaults$
declare
  v_creator text;
  v_kind text;
begin
  foreach v_kind in array array['tables', 'functions', 'sequences']
  loop
    foreach v_creator in array array['postgres', 'supabase_admin']
    loop
      execute format(
        'alter default privileges for role %I in schema public grant all on %s '
        'to postgres, anon, authenticated, service_role', v_creator, v_kind
      );
      execute format(
        'alter default privileges for role %I in schema storage grant all on %s '
        'to postgres, anon, authenticated, service_role', v_creator, v_kind
      );
    end loop;
    execute format(
      'alter default privileges for role supabase_admin in schema extensions grant all on %s '
      'to postgres with grant option', v_kind
    );
    execute format(
      'alter default privileges for role supabase_auth_admin in schema auth grant all on %s '
      'to postgres, dashboard_user', v_kind
    );
  end loop;
end
$defaults$;

-- 4. Extensions ----------------------------------------------------------------------------------

create extension if not exists plpgsql;
create extension if not exists "uuid-ossp" with schema extensions;
create extension if not exists pgcrypto with schema extensions;
create extension if not exists pg_stat_statements with schema extensions;

grant all privileges on all tables in schema extensions to postgres with grant option;
grant all privileges on all routines in schema extensions to postgres with grant option;
grant all privileges on all sequences in schema extensions to postgres with grant option;

-- 5. Who is asking -------------------------------------------------------------------------------

create or replace function auth.uid()
returns uuid
language sql
stable
as $$
  select coalesce(
    nullif(current_setting('request.jwt.claim.sub', true), ''),
    (nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'sub')
  )::uuid
$$;

create or replace function auth.role()
returns text
language sql
stable
as $$
  select coalesce(
    nullif(current_setting('request.jwt.claim.role', true), ''),
    (nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'role')
  )::text
$$;

create or replace function auth.email()
returns text
language sql
stable
as $$
  select coalesce(
    nullif(current_setting('request.jwt.claim.email', true), ''),
    (nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'email')
  )::text
$$;

create or replace function auth.jwt()
returns jsonb
language sql
stable
as $$
  select coalesce(
    nullif(current_setting('request.jwt.claim', true), ''),
    nullif(current_setting('request.jwt.claims', true), '')
  )::jsonb
$$;

alter function auth.uid() owner to supabase_auth_admin;
alter function auth.role() owner to supabase_auth_admin;
alter function auth.email() owner to supabase_auth_admin;
alter function auth.jwt() owner to supabase_auth_admin;
grant all on function auth.uid(), auth.role(), auth.email(), auth.jwt() to postgres, dashboard_user;

-- 6. Storage, as far as linters and policies refer to it -----------------------------------------

create table if not exists storage.buckets (
  id text primary key,
  name text not null,
  owner uuid,
  created_at timestamptz default now(),
  updated_at timestamptz default now(),
  public boolean default false,
  avif_autodetection boolean default false,
  file_size_limit bigint,
  allowed_mime_types text[],
  owner_id text
);
create unique index if not exists bname on storage.buckets (name);

create table if not exists storage.objects (
  id uuid primary key default gen_random_uuid(),
  bucket_id text references storage.buckets (id),
  name text,
  owner uuid,
  created_at timestamptz default now(),
  updated_at timestamptz default now(),
  last_accessed_at timestamptz default now(),
  metadata jsonb,
  path_tokens text[] generated always as (string_to_array(name, '/')) stored,
  version text,
  owner_id text,
  user_metadata jsonb
);
create unique index if not exists bucketid_objname on storage.objects (bucket_id, name);

alter table storage.buckets enable row level security;
alter table storage.objects enable row level security;
alter table storage.buckets owner to supabase_storage_admin;
alter table storage.objects owner to supabase_storage_admin;
grant all on storage.buckets, storage.objects to anon, authenticated, service_role;
grant all on storage.buckets, storage.objects to postgres with grant option;

-- 7. Event triggers ------------------------------------------------------------------------------
-- The data API's schema cache follows every change that a client could notice. Names and functions
-- are the platform's; those that hand out grants run as supabase_admin, since here an extension is
-- created by the role that asks for it.

create or replace function extensions.pgrst_ddl_watch()
returns event_trigger
language plpgsql
as $$
declare
  v_command record;
begin
  for v_command in select * from pg_event_trigger_ddl_commands()
  loop
    if (
      v_command.command_tag in (
        'CREATE SCHEMA', 'ALTER SCHEMA', 'CREATE TABLE', 'CREATE TABLE AS', 'SELECT INTO',
        'ALTER TABLE', 'CREATE FOREIGN TABLE', 'ALTER FOREIGN TABLE', 'CREATE VIEW', 'ALTER VIEW',
        'CREATE MATERIALIZED VIEW', 'ALTER MATERIALIZED VIEW', 'CREATE FUNCTION',
        'ALTER FUNCTION', 'CREATE TYPE', 'ALTER TYPE', 'CREATE RULE', 'COMMENT'
      )
      and coalesce(v_command.schema_name, '')
        not in ('pg_temp', 'auth', 'realtime', '_realtime', 'storage')
    ) or (
      v_command.command_tag = 'CREATE TRIGGER'
      and v_command.object_identity not like '% pg\_temp.%'
    ) then
      notify pgrst, 'reload schema';
    end if;
  end loop;
end
$$;

create or replace function extensions.pgrst_drop_watch()
returns event_trigger
language plpgsql
as $$
declare
  v_dropped record;
begin
  for v_dropped in select * from pg_event_trigger_dropped_objects()
  loop
    if (
      v_dropped.object_type in (
        'schema', 'table', 'foreign table', 'view', 'materialized view', 'function', 'type', 'rule'
      )
      and not v_dropped.is_temporary
      and coalesce(v_dropped.schema_name, '') not in ('auth', 'realtime', '_realtime', 'storage')
    ) or (
      v_dropped.object_type = 'trigger'
      and v_dropped.object_identity not like '% pg\_temp.%'
    ) then
      notify pgrst, 'reload schema';
    end if;
  end loop;
end
$$;

create or replace function extensions.grant_pg_cron_access()
returns event_trigger
language plpgsql
security definer
set search_path = ''
as $$
begin
  if not exists (
    select
    from pg_event_trigger_ddl_commands() as command
    join pg_catalog.pg_extension as extension on command.objid = extension.oid
    where extension.extname = 'pg_cron'
  ) then
    return;
  end if;
  -- pg_cron writes its tables as the owner of the extension, who on the platform is supabase_admin
  -- whoever creates it; there is no statement that changes an extension's owner.
  delete from pg_catalog.pg_shdepend
  where classid = 'pg_catalog.pg_extension'::pg_catalog.regclass
    and objid = (select oid from pg_catalog.pg_extension where extname = 'pg_cron')
    and deptype = 'o'
    and dbid = (
      select oid from pg_catalog.pg_database where datname = pg_catalog.current_database()
    );
  update pg_catalog.pg_extension
  set extowner = 'supabase_admin'::pg_catalog.regrole
  where extname = 'pg_cron';
  grant usage on schema cron to postgres with grant option;
  grant all on all functions in schema cron to postgres with grant option;
  grant all on all tables in schema cron to postgres with grant option;
  revoke all on table cron.job from postgres;
  grant select on table cron.job to postgres with grant option;
  revoke trigger on cron.job_run_details from postgres;
end
$$;

create or replace function extensions.grant_pg_net_access()
returns event_trigger
language plpgsql
security definer
set search_path = ''
as $$
begin
  if exists (
    select
    from pg_event_trigger_ddl_commands() as command
    join pg_catalog.pg_extension as extension on command.objid = extension.oid
    where extension.extname = 'pg_net'
  ) then
    grant usage on schema net
      to supabase_functions_admin, postgres, anon, authenticated, service_role;
  end if;
end
$$;

do $triggers$
declare
  v_trigger record;
begin
  for v_trigger in
    select *
    from (
      values
        ('pgrst_ddl_watch', 'ddl_command_end', '', 'pgrst_ddl_watch'),
        ('pgrst_drop_watch', 'sql_drop', '', 'pgrst_drop_watch'),
        (
          'issue_pg_cron_access', 'ddl_command_end', 'when tag in (''CREATE EXTENSION'')',
          'grant_pg_cron_access'
        ),
        (
          'issue_pg_net_access', 'ddl_command_end', 'when tag in (''CREATE EXTENSION'')',
          'grant_pg_net_access'
        )
    ) as wanted (name, event, condition, function_name)
  loop
    if not exists (select from pg_catalog.pg_event_trigger where evtname = v_trigger.name) then
      execute format(
        'create event trigger %I on %s %s execute function extensions.%I()',
        v_trigger.name, v_trigger.event, v_trigger.condition, v_trigger.function_name
      );
    end if;
  end loop;
end
$triggers$;

do $publication$
begin
  if not exists (select from pg_catalog.pg_publication where pubname = 'supabase_realtime') then
    create publication supabase_realtime;
  end if;
  alter publication supabase_realtime owner to postgres;
end
$publication$;

-- 8. Vault ---------------------------------------------------------------------------------------

create extension if not exists supabase_vault;
grant usage on schema vault to postgres with grant option;
grant select, delete on vault.secrets, vault.decrypted_secrets to postgres with grant option;
grant execute on function vault.create_secret(text, text, text, uuid) to postgres with grant option;
grant execute on function vault.update_secret(uuid, text, text, text, uuid)
  to postgres with grant option;
grant execute on function vault._crypto_aead_det_decrypt(bytea, bytea, bigint, bytea, bytea)
  to postgres with grant option;
grant usage on schema vault to service_role;
grant execute on function vault._crypto_aead_det_decrypt(bytea, bytea, bigint, bytea, bytea)
  to service_role;
grant select, delete on vault.secrets, vault.decrypted_secrets to service_role;
grant execute on function vault.create_secret(text, text, text, uuid) to service_role;
grant execute on function vault.update_secret(uuid, text, text, text, uuid) to service_role;
