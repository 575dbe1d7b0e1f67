-- The whole list of what each role of the API may do. A privilege that is not here fails the test,
-- and so does one that went missing. Row level security comes on top.
begin;
select * from no_plan();

create temporary view held as
select r.rolname as role, n.nspname || '.' || c.relname as name, lower(p.privilege) as privilege
from pg_class as c
join pg_namespace as n on n.oid = c.relnamespace
cross join (values ('SELECT'), ('INSERT'), ('UPDATE'), ('DELETE'), ('TRUNCATE'), ('REFERENCES'), ('TRIGGER')) as p (privilege)
join pg_roles as r on r.rolname in ('anon', 'authenticated', 'service_role')
where n.nspname in ('public', 'private') and c.relkind in ('r', 'p', 'v', 'm', 'f')
  and has_table_privilege(r.oid, c.oid, p.privilege);

create temporary view held_columns as
select r.rolname as role, c.relname as name, lower(p.privilege) as privilege, a.attname as column_name
from pg_class as c
join pg_namespace as n on n.oid = c.relnamespace
join pg_attribute as a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
cross join (values ('INSERT'), ('UPDATE')) as p (privilege)
join pg_roles as r on r.rolname in ('anon', 'authenticated', 'service_role')
where n.nspname in ('public', 'private') and c.relkind in ('r', 'p')
  and has_column_privilege(r.oid, c.oid, a.attnum, p.privilege);

select is_empty($$ select * from held where role = 'anon' $$, 'COP-004 TEL-023 without a login there is nothing to reach');
select is_empty($$ select * from held_columns where role = 'anon' $$, 'COP-004 nor a single column');
select is_empty($$ select * from held where name like 'private.%' $$, 'nobody reaches a private table');
select is_empty(
  $$ select * from held where privilege in ('truncate', 'references', 'trigger') $$,
  'FLW-019 truncate, references and trigger are nobody''s: row level security does not hold them'
);
select is_empty($$ select * from held where role = 'service_role' $$, 'TEL-017 U60-163 the service role holds no table');
select set_eq(
  $$ select name::text, privilege::text, column_name::text from held_columns where role = 'service_role' $$,
  $$ values ('org_settings'::text, 'update'::text, 'enable_copilot_sharing'::text) $$,
  'TEL-017 U60-157 it may write one column, which its check keeps false'
);

select set_eq(
  $$ select name, privilege from held where role = 'authenticated' and privilege <> 'select' $$,
  $$ values
    ('public.companies', 'delete'), ('public.contacts', 'delete'), ('public.deal_stages', 'delete'),
    ('public.deals', 'delete'), ('public.activities', 'delete'), ('public.tasks', 'delete'),
    ('public.meetings', 'delete') $$,
  'TEL-017 a signed-in person writes by named columns only, and deletes from these tables only'
);

select is_empty(
  $$ select name, privilege, column_name from held_columns where role = 'authenticated'
     and (
       column_name in ('id', 'owner_id', 'external_id', 'source_type', 'origin', 'created_at', 'updated_at', 'plan', 'slug', 'active_org_id', 'email_id')
       or (privilege = 'update' and column_name in ('org_id', 'user_id', 'owner_user_id', 'meeting_id', 'calendar_event_id') and not (name in ('activities', 'tasks') and column_name = 'meeting_id'))
     ) $$,
  'T-mass-assignment: ids, owners, organizations and origins are made by the server and never change hands by a write'
);

select set_eq(
  $$ select name::text, string_agg(column_name, ' ' order by column_name) from held_columns
     where role = 'authenticated' and privilege = 'update' group by name $$,
  $$ values
    ('profiles', 'first_name last_name time_zone'),
    ('organizations', 'name time_zone'),
    ('org_knowledge', 'brand_voice competitors pain_points products'),
    ('org_settings', 'confirm_copilot_tasks enable_copilot_sharing enable_crm_sharing enable_email_sharing enable_meeting_sharing enable_task_sharing mfa_required_for'),
    ('companies', 'assigned_to domain employee_count industry name notes'),
    ('contacts', 'assigned_to company_id email first_name job_title last_interaction_at last_name notes phone'),
    ('deal_stages', 'name position win_probability'),
    ('deals', 'amount assigned_to company_id currency expected_close_on lost_reason name next_step primary_contact_id probability stage_id status'),
    ('activities', 'company_id contact_id deal_id details kind meeting_id occurred_at subject'),
    ('tasks', 'assigned_to company_id contact_id deal_id details due_at meeting_id priority status title'),
    ('calendar_events', 'auto_join_enabled'),
    ('meetings', 'company_id deal_id summary title'),
    ('meeting_action_items', 'is_completed') $$,
  'U60-152 TEL-017 the columns that a signed-in person may change'
);

select set_eq(
  $$ select name::text, string_agg(column_name, ' ' order by column_name) from held_columns
     where role = 'authenticated' and privilege = 'insert' group by name $$,
  $$ values
    ('companies', 'assigned_to domain employee_count industry name notes org_id user_id'),
    ('contacts', 'assigned_to company_id email first_name job_title last_interaction_at last_name notes org_id phone user_id'),
    ('deal_stages', 'kind name org_id position win_probability'),
    ('deals', 'amount assigned_to company_id currency expected_close_on lost_reason name next_step org_id primary_contact_id probability stage_id status user_id'),
    ('activities', 'company_id contact_id deal_id details kind meeting_id occurred_at org_id subject user_id'),
    ('tasks', 'assigned_to company_id contact_id deal_id details due_at meeting_id org_id priority status title user_id'),
    ('meetings', 'company_id deal_id ended_at language org_id owner_user_id scheduled_end_at scheduled_start_at started_at summary title') $$,
  'TEL-017 the columns that a signed-in person may give a new row'
);

-- Functions: a name in the list, or no right to run it.
create temporary view runnable as
select r.rolname as role, n.nspname as schema, f.proname as name
from pg_proc as f
join pg_namespace as n on n.oid = f.pronamespace
join pg_roles as r on r.rolname in ('anon', 'authenticated', 'service_role')
where n.nspname in ('public', 'private') and has_function_privilege(r.oid, f.oid, 'execute');

select set_eq(
  $$ select schema || '.' || name from runnable where role = 'anon' $$,
  array['private.check_request'],
  'TEL-023 without a login only the check that every request passes can run'
);
select is_empty(
  $$ select f.oid::regprocedure from pg_proc as f
     where f.pronamespace in ('public'::regnamespace, 'private'::regnamespace)
       and exists (select from aclexplode(coalesce(f.proacl, acldefault('f', f.proowner))) as a where a.grantee = 0) $$,
  'no function is executable by everybody'
);
select is_empty(
  $$ select name from runnable where role = 'authenticated' and name in (
       'write_audit', 'set_actor', 'audit_row_change', 'audit_rows', 'audit_table', 'accept_webhook', 'claim_webhook_events', 'complete_webhook_event',
       'fail_webhook_event', 'replay_webhook_event', 'enqueue_job', 'claim_jobs', 'complete_job', 'fail_job',
       'complete_jobs', 'renew_jobs', 'postpone_jobs', 'redrive_job', 'consume_cron_nonce', 'record_service_use', 'call_function', 'link_identity', 'prune_operational_data',
       'bury_exhausted', 'setup_housekeeping', 'create_default_stages', 'manage_member') $$,
  'TEL-017 no signed-in person runs what is for workers and the database itself'
);
select set_eq(
  $$ select name::text from runnable where role = 'service_role' and name in (
       select f.proname from pg_proc as f where f.pronamespace = 'public'::regnamespace
     ) and schema = 'public' and name in (
       'accept_webhook', 'claim_webhook_events', 'complete_webhook_event', 'fail_webhook_event', 'replay_webhook_event',
       'enqueue_job', 'claim_jobs', 'complete_job', 'fail_job', 'consume_cron_nonce', 'record_service_use', 'link_identity') $$,
  array['accept_webhook', 'claim_webhook_events', 'complete_webhook_event', 'fail_webhook_event', 'replay_webhook_event',
    'enqueue_job', 'claim_jobs', 'complete_job', 'fail_job', 'consume_cron_nonce', 'record_service_use', 'link_identity'],
  'TEL-017 control: workers can run theirs'
);
select is_empty(
  $$ select name from runnable where role = 'service_role' and schema = 'private' and name in (
       'call_function', 'write_audit', 'set_actor', 'create_organization', 'transfer_records', 'my_orgs', 'current_user_id') $$,
  'TEL-017 nor does the service role run what is for people or for cron'
);

-- What is made later is closed from the start.
create table public.made_later (id integer);
create function public.made_later_too() returns integer language sql set search_path = '' as $$ select 1 $$;
create function private.made_later_too() returns integer language sql set search_path = '' as $$ select 1 $$;
select is_empty($$ select * from held where name = 'public.made_later' $$, 'a new table is private until somebody grants it');
select is_empty($$ select * from runnable where name = 'made_later_too' $$, 'a new function is private until somebody grants it');

select is_empty(
  $$ select r.rolname, n.nspname from pg_namespace as n
     join pg_roles as r on r.rolname in ('anon', 'authenticated', 'service_role')
     where n.nspname in ('public', 'private') and has_schema_privilege(r.oid, n.oid, 'create') $$,
  'no role of the API creates anything'
);

-- U60-143: the vault.
select tests.act_as_anon();
select throws_ok('select * from vault.decrypted_secrets', '42501', null, 'U60-143 nobody reads the vault without a login');
select tests.act_as_owner();
select tests.given_member('ana', 'acme', 'owner');
select tests.act_as('ana');
select throws_ok('select * from vault.decrypted_secrets', '42501', null, 'U60-143 an owner does not read the vault');
select throws_ok($$ select private.call_function('calendar-sync') $$, '42501', null, 'U60-143 nor make it sign a call');

select * from finish();
rollback;
