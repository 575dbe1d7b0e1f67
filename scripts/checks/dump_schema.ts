// Describes what a database is, as sorted lines: two databases that were built in different ways are
// the same when their lines are. The order of columns is not part of it.
import { type Connection, withConnection } from "../stack/postgres/connection.ts";

/** Schemas that belong to the project. */
const OWN = "n.nspname in ('public', 'private')";
/** What extensions brought is described by the extension's version. */
const notOfExtension = (catalog: string, oid: string): string =>
  `not exists (select from pg_depend as e where e.classid = '${catalog}'::regclass
    and e.objid = ${oid} and e.deptype = 'e')`;

/** One query per kind of object: a name and a definition. */
const QUERIES: Readonly<Record<string, string>> = {
  schema: `
    select n.nspname, format('owner %s, acl %s', pg_get_userbyid(n.nspowner), (
      select array_agg(a::text order by a::text) from unnest(n.nspacl) as a))
    from pg_namespace as n where ${OWN}`,
  extension: `
    select e.extname, format('%s in %s', e.extversion, n.nspname)
    from pg_extension as e join pg_namespace as n on n.oid = e.extnamespace`,
  relation: `
    select c.oid::regclass::text, format(
      'kind %s, owner %s, rls %s, forced %s, options %s, persistence %s, acl %s, definition %s',
      c.relkind, pg_get_userbyid(c.relowner), c.relrowsecurity, c.relforcerowsecurity,
      c.reloptions, c.relpersistence,
      (select array_agg(a::text order by a::text) from unnest(c.relacl) as a),
      case when c.relkind in ('v', 'm') then pg_get_viewdef(c.oid) end)
    from pg_class as c join pg_namespace as n on n.oid = c.relnamespace
    where ${OWN} and c.relkind in ('r', 'p', 'v', 'm', 'f', 'S') and ${
    notOfExtension("pg_class", "c.oid")
  }`,
  column: `
    select c.oid::regclass || '.' || a.attname, format(
      '%s, not null %s, default %s, generated %s, identity %s, collation %s, options %s, acl %s',
      format_type(a.atttypid, a.atttypmod), a.attnotnull, pg_get_expr(d.adbin, d.adrelid),
      a.attgenerated, a.attidentity, (select l.collname from pg_collation as l where l.oid = a.attcollation),
      a.attoptions,
      (select array_agg(x::text order by x::text) from unnest(a.attacl) as x))
    from pg_attribute as a
    join pg_class as c on c.oid = a.attrelid
    join pg_namespace as n on n.oid = c.relnamespace
    left join pg_attrdef as d on d.adrelid = a.attrelid and d.adnum = a.attnum
    where ${OWN} and a.attnum > 0 and not a.attisdropped and c.relkind in ('r', 'p', 'v', 'm', 'f')`,
  constraint: `
    select c.oid::regclass || '.' || k.conname, pg_get_constraintdef(k.oid)
      || case when k.convalidated then '' else ' not validated' end
    from pg_constraint as k
    join pg_class as c on c.oid = k.conrelid
    join pg_namespace as n on n.oid = c.relnamespace
    where ${OWN}`,
  index: `
    select i.indexrelid::regclass::text, pg_get_indexdef(i.indexrelid)
      || case when i.indisvalid then '' else ' invalid' end
    from pg_index as i
    join pg_class as c on c.oid = i.indrelid
    join pg_namespace as n on n.oid = c.relnamespace
    where ${OWN}`,
  routine: `
    select p.oid::regprocedure::text, format('owner %s, acl %s, %s', pg_get_userbyid(p.proowner),
      (select array_agg(a::text order by a::text) from unnest(p.proacl) as a),
      case when p.prokind in ('f', 'p') then pg_get_functiondef(p.oid) end)
    from pg_proc as p join pg_namespace as n on n.oid = p.pronamespace
    where ${OWN} and ${notOfExtension("pg_proc", "p.oid")}`,
  type: `
    select t.oid::regtype::text, format('kind %s, acl %s, labels %s, base %s', t.typtype, t.typacl,
      (select array_agg(l.enumlabel order by l.enumsortorder) from pg_enum as l where l.enumtypid = t.oid),
      case when t.typtype = 'd' then format_type(t.typbasetype, t.typtypmod) end)
    from pg_type as t join pg_namespace as n on n.oid = t.typnamespace
    where ${OWN} and t.typtype in ('e', 'd', 'r') and ${notOfExtension("pg_type", "t.oid")}`,
  policy: `
    select c.oid::regclass || '.' || p.polname, format('%s %s to %s using (%s) with check (%s)',
      case when p.polpermissive then 'permissive' else 'restrictive' end, p.polcmd,
      (select array_agg(case r when 0 then 'public' else pg_get_userbyid(r) end
        order by r) from unnest(p.polroles) as r),
      pg_get_expr(p.polqual, p.polrelid), pg_get_expr(p.polwithcheck, p.polrelid))
    from pg_policy as p join pg_class as c on c.oid = p.polrelid`,
  // Of every schema: the project may hang triggers on tables of the platform
  trigger: `
    select c.oid::regclass || '.' || t.tgname, format('%s, enabled %s', pg_get_triggerdef(t.oid), t.tgenabled)
    from pg_trigger as t join pg_class as c on c.oid = t.tgrelid where not t.tgisinternal`,
  event_trigger: `
    select e.evtname, format('%s %s %s', e.evtevent, e.evtfoid::regproc, e.evtenabled)
    from pg_event_trigger as e`,
  default_privilege: `
    select format('%s in %s', pg_get_userbyid(d.defaclrole), d.defaclnamespace::regnamespace),
      format('%s %s', d.defaclobjtype, (select array_agg(a::text order by a::text) from unnest(d.defaclacl) as a))
    from pg_default_acl as d`,
  comment: `
    select pg_describe_object(d.classoid, d.objoid, d.objsubid), d.description
    from pg_description as d
    where pg_describe_object(d.classoid, d.objoid, d.objsubid) ~ '(public|private)\\.'
      and not exists (select from pg_depend as e where e.classid = d.classoid and e.objid = d.objoid and e.deptype = 'e')`,
  publication: `
    select p.pubname, format('all %s, tables %s', p.puballtables, (
      select array_agg(r.prrelid::regclass::text order by 1) from pg_publication_rel as r where r.prpubid = p.oid))
    from pg_publication as p`,
  cron_job:
    `select j.jobname, format('%s as %s: %s, active %s', j.schedule, j.username, j.command, j.active) from cron.job as j`,
  role_setting: `
    select coalesce(r.rolname, 'every role'), s.setconfig::text
    from pg_db_role_setting as s left join pg_roles as r on r.oid = s.setrole
    where s.setdatabase in (0, (select d.oid from pg_database as d where d.datname = current_database()))`,
};

/**
 * Describes a database.
 *
 * @param databaseUrl Its address, for a role that may read the catalog.
 * @returns Lines of the form `kind name: definition`, sorted.
 */
export async function dumpSchema(databaseUrl: string): Promise<string[]> {
  return await withConnection(databaseUrl, describeSchema);
}

/**
 * Describes a database as one connection sees it, within its transaction.
 *
 * @param client The connection; its search path is left empty.
 * @returns Lines of the form `kind name: definition`, sorted.
 */
export async function describeSchema(client: Connection): Promise<string[]> {
  // Names are written in full, whatever the role's own path is
  await client.query("set search_path = ''");
  const lines: string[] = [];
  for (const [kind, query] of Object.entries(QUERIES)) {
    const { rows } = await client.query<[string, string]>({ text: query, rowMode: "array" });
    for (const [name, definition] of rows) lines.push(`${kind} ${name}: ${definition}`);
  }
  return lines.sort();
}
