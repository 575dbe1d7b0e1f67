-- The tables and functions that a migration or a reader of pg_cron 1.6 knows, without the background
-- worker: the stack's cron worker reads cron.job and writes cron.job_run_details.

create schema cron;
create sequence cron.jobid_seq;
create sequence cron.runid_seq;

create table cron.job (
  jobid bigint primary key default nextval('cron.jobid_seq'),
  schedule text not null,
  command text not null,
  nodename text not null default 'localhost',
  nodeport integer not null default inet_server_port(),
  database text not null default current_database(),
  username text not null default current_user,
  active boolean not null default true,
  jobname text,
  constraint jobname_username_uniq unique (jobname, username)
);

create table cron.job_run_details (
  jobid bigint,
  runid bigint primary key default nextval('cron.runid_seq'),
  job_pid integer,
  database text,
  username text,
  command text,
  status text,
  return_message text,
  start_time timestamptz,
  end_time timestamptz
);

grant select on cron.job to public;
grant select, delete on cron.job_run_details to public;
grant select on sequence cron.jobid_seq, cron.runid_seq to public;
alter table cron.job enable row level security;
alter table cron.job_run_details enable row level security;
create policy cron_job_policy on cron.job using (username = current_user);
create policy cron_job_run_details_policy on cron.job_run_details using (username = current_user);

select pg_extension_config_dump('cron.job', '');
select pg_extension_config_dump('cron.jobid_seq', '');
select pg_extension_config_dump('cron.job_run_details', '');
select pg_extension_config_dump('cron.runid_seq', '');

-- Tells the worker, once the transaction commits, that jobs have changed.
create function cron.job_cache_invalidate()
returns trigger
language plpgsql
set search_path = ''
as $$
begin
  perform pg_catalog.pg_notify('stack_cron_jobs', '');
  return null;
end
$$;

create trigger cron_job_cache_invalidate
after insert or update or delete or truncate on cron.job
for each statement execute function cron.job_cache_invalidate();

-- Who calls, in a form that a definer function can trust: the check runs in the caller's context,
-- where nobody but the caller has that name.
create domain cron._caller as name check (value = current_user);

-- One field of a schedule: a list of `*`, `*/step`, number, range or range/step. Numbers out of
-- bounds and steps on a single number are refused; names stand for numbers counted from the lower
-- bound.
create function cron._is_field(p_field text, p_low integer, p_high integer, p_names text[])
returns boolean
language plpgsql
immutable
set search_path = ''
as $$
declare
  v_part text;
  v_matches text[];
  v_bound text;
  v_number integer;
begin
  foreach v_part in array pg_catalog.string_to_array(p_field, ',')
  loop
    v_matches := pg_catalog.regexp_match(
      v_part, '^(?:\*|([a-z0-9]{1,9})(?:-([a-z0-9]{1,9}))?)(?:/([0-9]{1,9}))?$', 'i'
    );
    if v_matches is null then
      return false;
    end if;
    foreach v_bound in array v_matches[1:2]
    loop
      continue when v_bound is null;
      if v_bound ~ '^[0-9]+$' then
        v_number := v_bound::integer;
      else
        v_number := pg_catalog.array_position(p_names, pg_catalog.lower(v_bound)) - 1 + p_low;
      end if;
      if v_number is null or v_number < p_low or v_number > p_high then
        return false;
      end if;
    end loop;
    if v_matches[3] is not null then
      if v_matches[1] is not null and v_matches[2] is null then
        return false;
      end if;
      if v_matches[3]::integer not between 1 and p_high then
        return false;
      end if;
    end if;
  end loop;
  return true;
end
$$;

create function cron._is_schedule(p_schedule text)
returns boolean
language plpgsql
immutable
set search_path = ''
as $$
declare
  v_fields text[];
  v_seconds text;
begin
  v_seconds := (pg_catalog.regexp_match(p_schedule, '^\s*([0-9]{1,9})\s*seconds?\s*$', 'i'))[1];
  if v_seconds is not null then
    return v_seconds::integer between 1 and 59;
  end if;
  if pg_catalog.btrim(p_schedule) ~ '^@' then
    return pg_catalog.btrim(p_schedule) in (
      '@reboot', '@restart', '@yearly', '@annually', '@monthly', '@weekly', '@daily', '@midnight',
      '@hourly'
    );
  end if;
  v_fields := pg_catalog.regexp_split_to_array(pg_catalog.btrim(p_schedule, E' \t'), '[ \t]+');
  return pg_catalog.cardinality(v_fields) >= 5
    and cron._is_field(v_fields[1], 0, 59, '{}')
    and cron._is_field(v_fields[2], 0, 23, '{}')
    and (v_fields[3] = '$' or cron._is_field(v_fields[3], 1, 31, '{}'))
    and cron._is_field(
      v_fields[4], 1, 12, '{jan,feb,mar,apr,may,jun,jul,aug,sep,oct,nov,dec}'
    )
    and cron._is_field(v_fields[5], 0, 7, '{sun,mon,tue,wed,thu,fri,sat,sun}');
end
$$;

create function cron._check_schedule(p_schedule text)
returns void
language plpgsql
immutable
set search_path = ''
as $$
begin
  if p_schedule is null then
    raise exception 'schedule can not be NULL';
  elsif not cron._is_schedule(p_schedule) then
    raise exception 'invalid schedule: %', p_schedule
      using
        errcode = 'invalid_parameter_value',
        hint = 'Use cron format (e.g. 5 4 * * *), or interval format ''[1-59] seconds''';
  end if;
end
$$;

create function cron._check_login_role(p_username text)
returns void
language plpgsql
stable
set search_path = ''
as $$
begin
  if not exists (select from pg_catalog.pg_roles where rolname = p_username) then
    raise exception 'role "%" does not exist', p_username;
  elsif not exists (
    select from pg_catalog.pg_roles where rolname = p_username and rolcanlogin
  ) then
    raise exception 'role "%" can not log in', p_username
      using detail = 'Jobs may only be run by roles that have the LOGIN attribute.';
  end if;
end
$$;

create function cron._put_job(
  p_caller cron._caller,
  p_jobname text,
  p_schedule text,
  p_command text,
  p_database text,
  p_username text,
  p_active boolean
)
returns bigint
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_jobid bigint;
  v_username text := coalesce(p_username, p_caller::text);
  v_database text := coalesce(p_database, pg_catalog.current_database());
begin
  perform cron._check_schedule(p_schedule);
  if p_command is null then
    raise exception 'command can not be NULL';
  end if;
  if p_username is not null then
    if not (select rolsuper from pg_catalog.pg_roles where rolname = p_caller) then
      raise exception 'must be superuser to create a job for another role';
    end if;
    perform cron._check_login_role(p_username);
  end if;
  if not pg_catalog.has_database_privilege(v_username, v_database, 'connect') then
    raise exception 'User % does not have CONNECT privilege on %', v_username, v_database;
  end if;
  insert into cron.job (schedule, command, database, username, active, jobname)
  values (p_schedule, p_command, v_database, v_username, coalesce(p_active, true), p_jobname)
  on conflict on constraint jobname_username_uniq do update
  set schedule = excluded.schedule, command = excluded.command, database = excluded.database
  returning jobid into v_jobid;
  return v_jobid;
end
$$;

create function cron._remove_job(p_caller cron._caller, p_jobid bigint)
returns boolean
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_username text;
begin
  select username into v_username from cron.job where jobid = p_jobid;
  if not found then
    raise exception 'could not find valid entry for job %', p_jobid;
  end if;
  if v_username <> p_caller
    and not pg_catalog.has_table_privilege(p_caller, 'cron.job', 'delete') then
    raise exception 'permission denied for table job' using errcode = 'insufficient_privilege';
  end if;
  delete from cron.job where jobid = p_jobid;
  return true;
end
$$;

create function cron._find_job(p_caller cron._caller, p_jobname text)
returns bigint
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_jobid bigint;
begin
  select jobid into v_jobid from cron.job where jobname = p_jobname and username = p_caller;
  if not found then
    raise exception 'could not find valid entry for job ''%''', p_jobname;
  end if;
  return v_jobid;
end
$$;

create function cron._change_job(
  p_caller cron._caller,
  p_jobid bigint,
  p_schedule text,
  p_command text,
  p_database text,
  p_username text,
  p_active boolean
)
returns void
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_is_superuser boolean := (select rolsuper from pg_catalog.pg_roles where rolname = p_caller);
begin
  if p_jobid is null then
    raise exception 'job_id can not be NULL';
  end if;
  if p_username is not null then
    if not v_is_superuser then
      raise exception 'must be superuser to alter username';
    end if;
    perform cron._check_login_role(p_username);
  end if;
  if p_database is not null and not pg_catalog.has_database_privilege(
    coalesce(p_username, p_caller::text), p_database, 'connect'
  ) then
    raise exception 'User % does not have CONNECT privilege on %',
      coalesce(p_username, p_caller::text), p_database;
  end if;
  if p_schedule is not null then
    perform cron._check_schedule(p_schedule);
  end if;
  if pg_catalog.num_nonnulls(p_schedule, p_command, p_database, p_username, p_active) = 0 then
    raise exception 'no updates specified'
      using
        hint = 'You must specify at least one job attribute to change when calling alter_job';
  end if;
  update cron.job
  set
    schedule = coalesce(p_schedule, schedule),
    command = coalesce(p_command, command),
    database = coalesce(p_database, database),
    username = coalesce(p_username, username),
    active = coalesce(p_active, active)
  where jobid = p_jobid and (v_is_superuser or username = p_caller);
  if not found then
    raise exception 'Job % does not exist or you don''t own it', p_jobid;
  end if;
end
$$;

create function cron.schedule(schedule text, command text)
returns bigint
language plpgsql
strict
set search_path = ''
as $$
begin
  return cron._put_job(current_user, null, schedule, command, null, null, true);
end
$$;
comment on function cron.schedule(text, text) is 'schedule a pg_cron job';

create function cron.schedule(job_name text, schedule text, command text)
returns bigint
language plpgsql
set search_path = ''
as $$
begin
  if job_name is null then
    raise exception 'job_name can not be NULL';
  end if;
  return cron._put_job(current_user, job_name, schedule, command, null, null, true);
end
$$;
comment on function cron.schedule(text, text, text) is 'schedule a pg_cron job';

create function cron.schedule_in_database(
  job_name text,
  schedule text,
  command text,
  database text,
  username text default null,
  active boolean default true
)
returns bigint
language plpgsql
set search_path = ''
as $$
begin
  if job_name is null then
    raise exception 'job_name can not be NULL';
  end if;
  return cron._put_job(current_user, job_name, schedule, command, database, username, active);
end
$$;
comment on function cron.schedule_in_database(text, text, text, text, text, boolean)
is 'schedule a pg_cron job';
revoke all on function cron.schedule_in_database(text, text, text, text, text, boolean) from public;

create function cron.unschedule(job_id bigint)
returns boolean
language plpgsql
strict
set search_path = ''
as $$
begin
  return cron._remove_job(current_user, job_id);
end
$$;
comment on function cron.unschedule(bigint) is 'unschedule a pg_cron job';

create function cron.unschedule(job_name text)
returns boolean
language plpgsql
strict
set search_path = ''
as $$
begin
  return cron._remove_job(current_user, cron._find_job(current_user, job_name));
end
$$;
comment on function cron.unschedule(text) is 'unschedule a pg_cron job';

create function cron.alter_job(
  job_id bigint,
  schedule text default null,
  command text default null,
  database text default null,
  username text default null,
  active boolean default null
)
returns void
language plpgsql
set search_path = ''
as $$
begin
  perform cron._change_job(current_user, job_id, schedule, command, database, username, active);
end
$$;
comment on function cron.alter_job(bigint, text, text, text, text, boolean)
is 'Alter the job identified by job_id. Any option left as NULL will not be modified.';
revoke all on function cron.alter_job(bigint, text, text, text, text, boolean) from public;
