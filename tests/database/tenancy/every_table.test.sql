-- What holds for every table, asked of the catalogue, so that a new table is asked too.
begin;
select * from no_plan();

create temporary view tenant_tables as
select c.oid, n.nspname as schema, c.relname as name, n.nspname || '.' || c.relname as full_name,
  exists (select from pg_attribute as a where a.attrelid = c.oid and a.attname = 'org_id' and not a.attisdropped) as has_org_id
from pg_class as c
join pg_namespace as n on n.oid = c.relnamespace
where n.nspname in ('public', 'private') and c.relkind in ('r', 'p');

select is_empty(
  $$ select t.full_name from tenant_tables as t join pg_class as c on c.oid = t.oid
     where not (c.relrowsecurity and c.relforcerowsecurity) $$,
  'COP-001 FLW-002 row level security is enabled and forced on every table'
);

select is_empty(
  $$ select n.nspname || '.' || c.relname from pg_class as c join pg_namespace as n on n.oid = c.relnamespace
     where n.nspname in ('public', 'private') and c.relkind in ('v', 'm', 'f')
       and not coalesce(c.reloptions @> array['security_invoker=true'], false)
       and not coalesce(c.reloptions @> array['security_invoker=on'], false) $$,
  'no view runs with its owner''s rights'
);

select is_empty(
  $$ select t.full_name || '.' || a.attname from tenant_tables as t
     join pg_attribute as a on a.attrelid = t.oid and a.attnum > 0 and not a.attisdropped
     where coalesce(col_description(t.oid, a.attnum), '')
       !~ '^\[class: (identity|service|conversation|secret|customer_input|generated|collected|operational)\] .+' $$,
  'TEL-009 TEL-010 TEL-011 TEL-013 CRE-028 CRE-029 CRE-030 CRE-031 every column says its data class and what it is'
);

select is_empty(
  $$ select t.full_name from tenant_tables as t where coalesce(obj_description(t.oid, 'pg_class'), '') = '' $$,
  'every table says what it is for'
);

select set_eq(
  $$ select t.full_name from tenant_tables as t where t.schema = 'public' and not t.has_org_id $$,
  array['public.organizations', 'public.profiles'],
  'FLW-002 CRE-035 every table of the API belongs to an organization, but for people and organizations themselves'
);

select set_eq(
  $$ select t.full_name from tenant_tables as t
     join pg_attribute as a on a.attrelid = t.oid and a.attname = 'org_id'
     where not a.attnotnull $$,
  array['public.security_audit_log', 'private.webhook_events', 'private.jobs'],
  'CRE-035 org_id is never null, but where the platform itself may be meant'
);

-- An index whose first column is not org_id answers faster when another tenant has the value. Those
-- here serve what crosses organizations: a bot's report, the schedule of bots, the platform's figures.
select set_eq(
  $$ select i.indexrelid::regclass::text from tenant_tables as t
     join pg_index as i on i.indrelid = t.oid
     join pg_attribute as a on a.attrelid = t.oid and a.attnum = i.indkey[0]
     where t.schema = 'public' and t.has_org_id and a.attname <> 'org_id' $$,
  array[
    'organization_members_user_id_idx', 'security_audit_log_pkey', 'recordings_bot_is_unique',
    'recordings_id_is_unique', 'calendar_events_due_idx', 's3_usage_metrics_day_idx',
    -- Their owner, and nobody else, asks for a conversation or a turn by its id alone.
    'copilot_conversations_id_is_unique', 'copilot_turns_id_is_unique'
  ],
  'every index of a tenant table begins with org_id; but for memberships and what the service role alone asks'
);

select is_empty(
  $$ select f.conrelid::regclass || '.' || f.conname from pg_constraint as f
     join tenant_tables as t on t.oid = f.conrelid and t.has_org_id
     join tenant_tables as r on r.oid = f.confrelid and r.has_org_id
     where f.contype = 'f'
       and not exists (
         select from unnest(f.conkey, f.confkey) as k (here, there)
         join pg_attribute as a on a.attrelid = f.conrelid and a.attnum = k.here and a.attname = 'org_id'
         join pg_attribute as b on b.attrelid = f.confrelid and b.attnum = k.there and b.attname = 'org_id'
       ) $$,
  'T-grafting: a foreign key between tenant tables carries the organization'
);

select is_empty(
  $$ select t.full_name || '.' || a.attname from tenant_tables as t
     join pg_attribute as a on a.attrelid = t.oid and a.attnum > 0 and not a.attisdropped
     join pg_type as y on y.oid = a.atttypid
     where y.typtype = 'e' or y.typname in ('timestamp', 'money', 'json', 'varchar', 'bpchar') $$,
  'states are text with a check, times have a zone, money is numeric'
);

select is_empty(
  $$ select p.schemaname || '.' || p.tablename || ': ' || p.policyname from pg_policies as p
     where p.schemaname in ('public', 'private') and (p.roles <> '{authenticated}' or p.cmd = 'ALL') $$,
  'every policy is for one command and names the role authenticated'
);

select is_empty(
  $$ select p.tablename || ': ' || p.policyname from pg_policies as p
     where p.schemaname = 'public' and 'true' in (p.qual, p.with_check) $$,
  'no policy lets everything through'
);

select is_empty(
  $$ select p.tablename || ': ' || p.policyname from pg_policies as p
     where p.schemaname = 'public' and p.cmd = 'UPDATE' and p.qual is distinct from p.with_check $$,
  'an update is checked as strictly after as before'
);

select is_empty(
  $$ select p.tablename || ': ' || p.policyname from pg_policies as p
     where p.schemaname = 'public'
       and concat(p.qual, p.with_check) ~ 'auth\.(uid|jwt|role)\(' $$,
  'C-11 identity is private.current_user_id(), never the token''s own words'
);

-- A helper outside of a sub-select runs for each row: measured a hundred thousand times slower.
select is_empty(
  $$ select p.tablename || ': ' || p.policyname from pg_policies as p
     where p.schemaname = 'public'
       and regexp_replace(
         concat(p.qual, p.with_check), '\( SELECT (\( SELECT )?private\.[a-z_]+\([^()]*\) AS [a-z_]+\)?', '', 'g'
       ) ~ 'private\.' $$,
  'every helper in a policy stands in a sub-select of its own'
);

select is_empty(
  $$ select f.oid::regprocedure from pg_proc as f
     where f.pronamespace in ('public'::regnamespace, 'private'::regnamespace)
       and not coalesce(f.proconfig @> array['search_path=""'], false) $$,
  'every function has an empty search path'
);

select is_empty(
  $$ select f.oid::regprocedure from pg_proc as f where f.pronamespace = 'public'::regnamespace and f.prosecdef $$,
  'no function of the API runs with its owner''s rights'
);

select is_empty(
  $$ select f.oid::regprocedure from pg_proc as f
     where f.pronamespace in ('public'::regnamespace, 'private'::regnamespace)
       and coalesce(obj_description(f.oid, 'pg_proc'), '') = '' $$,
  'every function says what it does'
);

select is_empty(
  $$ select f.oid::regprocedure from pg_proc as f
     where f.pronamespace = 'private'::regnamespace and f.prosecdef
       and obj_description(f.oid, 'pg_proc') !~ 'Definer' $$,
  'every definer function says why it is one'
);

-- One test per owner column, so that a migration that renames one fails before it is merged.
select has_column('public', 'meetings', 'owner_user_id', 'U60-046 U60-053 meetings.owner_user_id owns');
select hasnt_column('public', 'meetings', 'user_id', 'U60-046 meetings has no user_id');
select has_column('public', 'contacts', 'user_id', 'U60-047 U60-053 contacts.user_id owns');
select has_column('public', 'deals', 'user_id', 'U60-048 U60-053 deals.user_id owns');
select has_column('public', 'activities', 'user_id', 'U60-049 U60-053 activities.user_id owns');
select has_column('public', 'tasks', 'user_id', 'U60-050 U60-053 tasks.user_id owns');
select has_column('public', 'calendar_events', 'user_id', 'U60-051 U60-053 calendar_events.user_id owns');
select set_eq(
  $$ select a.attrelid::regclass::text || '.' || a.attname from pg_attribute as a
     join tenant_tables as t on t.oid = a.attrelid
     where a.attname in ('user_id', 'owner_user_id') and a.attnotnull and t.schema = 'public' and t.has_org_id
       and t.name in ('meetings', 'contacts', 'deals', 'activities', 'tasks', 'calendar_events') $$,
  array['meetings.owner_user_id', 'contacts.user_id', 'deals.user_id', 'activities.user_id', 'tasks.user_id', 'calendar_events.user_id'],
  'U60-046 U60-047 U60-048 U60-049 U60-050 U60-051 every record has an owner'
);
select set_eq(
  $$ select c.table_name::text from information_schema.columns as c
     where c.table_schema = 'public' and c.column_name = 'owner_id'
       and c.is_generated = 'ALWAYS' and c.generation_expression = 'user_id' $$,
  array['contacts', 'deals', 'tasks'],
  'C-02 U60-047 U60-048 U60-050 owner_id is another name for user_id, and cannot differ'
);
select col_has_check('public', 'meetings', 'source_type', 'U60-131 the source of a meeting is one of a closed set');
select throws_ok(
  $$ insert into public.meetings (org_id, owner_user_id, source_type, title, started_at)
     values (gen_random_uuid(), gen_random_uuid(), 'zoom', 'x', now()) $$,
  '23514', null, 'U60-131 another source is refused'
);
select is_empty(
  $$ select t.name from tenant_tables as t
     where t.name in ('companies', 'contacts', 'deals', 'activities', 'tasks', 'calendar_events', 'meetings',
         'meeting_attendees', 'meeting_action_items', 'transcripts', 'emails')
       and not exists (select from pg_attribute as a where a.attrelid = t.oid and a.attname = 'origin' and a.attnotnull) $$,
  'CRE-034 every stored item says whether a person, a worker or a provider brought it'
);

select * from finish();
rollback;
