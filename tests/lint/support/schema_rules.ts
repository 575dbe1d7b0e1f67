// Rules that hold for everything in the database, each a query that lists what breaks it and a change
// that would. What has a reason to be otherwise is named in the query, with the reason.

/** A rule of the schema. */
export interface SchemaRule {
  /** Lists what breaks it, in a column `broken`. */
  readonly broken: string;
  /** A change after which something must break it. */
  readonly control: string;
}

const TABLES = `
  (select c.oid, c.oid::regclass::text as name, c.relrowsecurity, c.relforcerowsecurity
   from pg_class as c
   where c.relnamespace in ('public'::regnamespace, 'private'::regnamespace) and c.relkind in ('r', 'p'))`;

/** Tables whose every row belongs to an organization. */
const TENANT_TABLES = `
  (select t.oid, t.name, a.attnum as org_attnum
   from ${TABLES} as t
   join pg_attribute as a on a.attrelid = t.oid and a.attname = 'org_id' and a.attnotnull)`;

/** Indexes that a look-up needs which does not know the organization yet, and why. */
const CROSS_TENANT_INDEXES: Readonly<Record<string, string>> = {
  organization_members_user_id_idx: "the one look-up from a person to their organizations",
  fathom_connections_key_is_unique: "a webhook names the key of its address",
  fathom_connections_previous_key_is_unique: "or the key before, while it is being changed",
  fathom_connections_id_is_unique: "an event in the inbox names its connection",
  recordings_bot_is_unique: "a bot's report names the bot",
  recordings_id_is_unique: "or our own id, which we gave the bot along",
  calendar_events_due_idx: "the scheduler asks for what is due anywhere",
  recording_uploads_key_is_unique: "an object in the bucket belongs to one upload",
  recording_uploads_due_idx: "a worker takes what is due anywhere",
  recording_uploads_upload_id_idx: "the sweep finds an unfinished upload's row by the store's id",
  recording_transcriptions_are_found_by_id: "a callback's event in the inbox names its job's row",
  recording_transcriptions_are_found_by_token: "a callback names the token of its address",
  recording_transcriptions_due_idx: "a worker takes what is due anywhere",
  outbound_effects_are_found_by_id: "a job of the outbox names its effect",
  copilot_conversations_id_is_unique: "a client names a conversation of its own by its id alone",
  copilot_turns_id_is_unique: "and a turn",
  copilot_turn_events_created_at_idx: "the clock forgets a day's events, whosesoever they were",
  s3_usage_metrics_day_idx: "the platform's figures are a day's, all organizations together",
};

const COLUMNS = `
  (select t.name as "table", t.oid, a.attname as name, a.attnum, a.attgenerated,
     format_type(a.atttypid, a.atttypmod) as type, a.atttypid
   from ${TABLES} as t
   join pg_attribute as a on a.attrelid = t.oid and a.attnum > 0 and not a.attisdropped)`;

const FUNCTIONS = `
  (select p.oid, p.oid::regprocedure::text as name, p.pronamespace, p.prosecdef, p.prolang, p.proconfig, p.proacl, p.proowner
   from pg_proc as p
   where p.pronamespace in ('public'::regnamespace, 'private'::regnamespace))`;

const DESCRIPTIONS = {
  dataClasses: {
    broken: `select c."table" || '.' || c.name as broken from ${COLUMNS} as c
      where coalesce(col_description(c.oid, c.attnum), '') !~
        '^\\[class: (identity|service|conversation|secret|customer_input|generated|collected|operational)\\] \\S.{3,}'`,
    control: "alter table public.deals add column hole text",
  },
  secretColumns: {
    broken: `select c."table" || '.' || c.name as broken from ${COLUMNS} as c
      where c.name ~ '(secret|password|token|private_key|key_hash)'
        and c.name !~ '(_expires_at|_until|sync_token|page_token|_tokens)$'
        and coalesce(col_description(c.oid, c.attnum), '') !~ '^\\[class: secret\\]'`,
    control: `alter table public.deals add column access_token text;
      comment on column public.deals.access_token is '[class: operational] A token of something.'`,
  },
  tableComments: {
    broken: `select c.oid::regclass::text as broken from pg_class as c
      where c.relnamespace in ('public'::regnamespace, 'private'::regnamespace)
        and c.relkind in ('r', 'p', 'v', 'm')
        and coalesce(length(obj_description(c.oid, 'pg_class')), 0) < 20`,
    control: "create table private.hole (id uuid primary key)",
  },
  functionComments: {
    broken: `select f.name as broken from ${FUNCTIONS} as f
      where coalesce(length(obj_description(f.oid, 'pg_proc')), 0) < 15`,
    control: "create function private.hole() returns int language sql return 1",
  },
  definerReasons: {
    broken: `select f.name as broken from ${FUNCTIONS} as f
      where f.prosecdef and coalesce(obj_description(f.oid, 'pg_proc'), '') !~ '\\mDefiner\\M'`,
    control:
      `create function private.hole() returns int language sql security definer as 'select 1';
      comment on function private.hole() is 'Does something or other.'`,
  },
} satisfies Readonly<Record<string, SchemaRule>>;

const FUNCTION_RULES = {
  searchPaths: {
    broken: `select f.name as broken from ${FUNCTIONS} as f
      where not coalesce(f.proconfig @> array['search_path=""'], false)`,
    control: "create function private.hole() returns int language sql as 'select 1'",
  },
  keptPlans: {
    broken: `select f.name as broken from ${FUNCTIONS} as f
      where f.prolang = (select l.oid from pg_language as l where l.lanname = 'sql')`,
    control:
      "create function private.hole() returns int language sql set search_path = '' as 'select 1'",
  },
  definerSchemas: {
    broken: `select f.name as broken from ${FUNCTIONS} as f
      where f.prosecdef and f.pronamespace <> 'private'::regnamespace`,
    control:
      "create function public.hole() returns int language sql security definer as 'select 1'",
  },
  publicFunctions: {
    broken: `select f.name as broken from ${FUNCTIONS} as f
      where exists (select from aclexplode(coalesce(f.proacl, acldefault('f', f.proowner))) as a where a.grantee = 0)`,
    control: `create function private.hole() returns int language sql as 'select 1';
      grant execute on function private.hole() to public`,
  },
  definerViews: {
    broken: `select c.oid::regclass::text as broken from pg_class as c
      where c.relnamespace in ('public'::regnamespace, 'private'::regnamespace) and (
        c.relkind in ('m', 'f')
        or c.relkind = 'v' and not coalesce(c.reloptions && array['security_invoker=true', 'security_invoker=on'], false))`,
    control: "create view public.hole as select 1 as one",
  },
} satisfies Readonly<Record<string, SchemaRule>>;

const TENANT_RULES = {
  rowSecurity: {
    broken: `select t.name as broken from ${TABLES} as t
      where not (t.relrowsecurity and t.relforcerowsecurity)`,
    control: "alter table public.deals no force row level security",
  },
  policyRoles: {
    broken: `select format('%s on %s', p.policyname, p.tablename) as broken from pg_policies as p
      where p.schemaname in ('public', 'private') and p.roles <> array['authenticated']::name[]`,
    control: "create policy hole on public.deals for select to anon using (false)",
  },
  widePrivileges: {
    broken: `select t.name || ' ' || r.role || ' ' || p.privilege as broken from ${TABLES} as t
      cross join unnest(array['anon', 'authenticated', 'service_role']) as r (role)
      cross join unnest(array['truncate', 'references', 'trigger']) as p (privilege)
      where has_table_privilege(r.role, t.oid, p.privilege)`,
    control: "grant truncate on public.deals to service_role",
  },
  requiredOrganizations: {
    // An event or a job may come before its organization is known; the audit outlives organizations.
    broken: `select t.name as broken from ${TABLES} as t
      join pg_attribute as a on a.attrelid = t.oid and a.attname = 'org_id' and not a.attnotnull
      where t.name not in ('private.webhook_events', 'private.jobs', 'security_audit_log')`,
    control: "create table public.hole (id uuid primary key, org_id uuid)",
  },
  tenantKeys: {
    broken: `select t.name as broken from ${TENANT_TABLES} as t
      where not exists (
        select from pg_constraint as k
        where k.conrelid = t.oid and k.contype in ('p', 'u') and k.conkey[1] = t.org_attnum)`,
    control: "create table public.hole (id uuid primary key, org_id uuid not null)",
  },
  tenantIndexes: {
    broken: `select i.indexrelid::regclass::text as broken
      from ${TENANT_TABLES} as t join pg_index as i on i.indrelid = t.oid
      join pg_class as c on c.oid = i.indexrelid
      where i.indkey[0] <> t.org_attnum and c.relname <> all ('{${
      Object.keys(CROSS_TENANT_INDEXES).join(",")
    }}')`,
    control: "create index hole on public.deals (user_id)",
  },
  tenantForeignKeys: {
    broken: `select k.conrelid::regclass || '.' || k.conname as broken
      from pg_constraint as k
      join ${TENANT_TABLES} as source on source.oid = k.conrelid
      join ${TENANT_TABLES} as target on target.oid = k.confrelid
      where k.contype = 'f' and not exists (
        select from unnest(k.conkey, k.confkey) as pair (here, there)
        where pair.here = source.org_attnum and pair.there = target.org_attnum)`,
    control: `alter table public.calendar_connections add constraint hole_target unique (id);
      alter table public.deals add column hole_id uuid references public.calendar_connections (id)`,
  },
  existingOrganizations: {
    broken: `select t.name as broken from ${TENANT_TABLES} as t
      where not exists (
        select from pg_constraint as k where k.conrelid = t.oid and k.contype = 'f' and t.org_attnum = any (k.conkey))`,
    control: "create table public.hole (org_id uuid not null, id uuid, primary key (org_id, id))",
  },
} satisfies Readonly<Record<string, SchemaRule>>;

const COLUMN_RULES = {
  enums: {
    broken: `select t.oid::regtype::text as broken from pg_type as t
      where t.typnamespace in ('public'::regnamespace, 'private'::regnamespace) and t.typtype = 'e'`,
    control: "create type public.hole as enum ('a')",
  },
  stateChecks: {
    // response_status: whatever the calendar's provider says, shown and never acted upon. A column
    // of a foreign key is checked where the key points.
    broken: `select c."table" || '.' || c.name as broken from ${COLUMNS} as c
      where c.name ~ '^(status|state|kind|role|plan|priority|origin|direction|outcome|source_type|.*_(kind|status|state))$'
        and c.attgenerated = '' and c.name <> 'response_status'
        and not exists (
          select from pg_constraint as k
          where k.conrelid = c.oid and k.contype in ('c', 'f') and c.attnum = any (k.conkey))`,
    control: "alter table public.deals add column health_status text",
  },
  columnTypes: {
    broken: `select c."table" || '.' || c.name as broken from ${COLUMNS} as c
      where c.type ~ '^(timestamp.* without|time |json$|character|money|serial)'`,
    control: "alter table public.deals add column hole timestamp",
  },
  updatedAt: {
    broken: `select c."table" as broken from ${COLUMNS} as c
      where c.name = 'updated_at' and not exists (
        select from pg_trigger as g
        where g.tgrelid = c.oid and g.tgenabled = 'O' and g.tgfoid = 'private.touch_updated_at'::regproc
          and (g.tgtype & 2) = 2 and (g.tgtype & 16) = 16)`,
    control: "drop trigger touch_updated_at on public.deals",
  },
  auditTriggers: {
    // Segments and attendees are written by the meeting's own import, which the meeting's row records;
    // the timeline of a recording is itself such a log; of private tables those that decide about access.
    // What is said to the copilot is reached by functions that log it themselves, readings too; what
    // they count, and a persona, are copies.
    broken: `select t.name as broken from ${TABLES} as t
      where exists (
        select from pg_attribute as a
        where a.attrelid = t.oid and a.attname in ('user_id', 'owner_user_id', 'role') and not a.attisdropped)
        and t.name !~ '(^|\\.)(transcript_segments|recording_events|security_audit_log|role_permissions|tool_executions|copilot_(conversations|turns|messages|accesses|exports|personas|spend))$'
        and 28 <> (
          select coalesce(bit_or(g.tgtype & 28), 0) from pg_trigger as g
          where g.tgrelid = t.oid and g.tgenabled = 'O'
            and g.tgfoid in ('private.audit_row_change'::regproc, 'private.audit_rows'::regproc))`,
    control: "drop trigger audit_delete on public.deals",
  },
} satisfies Readonly<Record<string, SchemaRule>>;

/** Every rule, by a short name. */
export const SCHEMA_RULES = {
  ...DESCRIPTIONS,
  ...FUNCTION_RULES,
  ...TENANT_RULES,
  ...COLUMN_RULES,
} as const;
