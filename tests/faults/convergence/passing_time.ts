// Time, passing at once. The database's clock can't be moved, so everything that waits for a moment is
// moved towards it instead; the third parties have a clock of their own that goes along.
import type { House } from "./house.ts";

/** What a bot's provider says of its own clock stays: it is not what anything waits for. */
const FACTS = ["bot_code_at", "joined_at", "recording_started_at"];

const SHIFT = `
do $shift$
declare
  v_table record;
  v_by constant interval := make_interval(secs => current_setting('house.seconds')::double precision);
begin
  for v_table in
    select c.oid::regclass as name,
      string_agg(format('%1$I = %1$I - $1', a.attname), ', ') as changes,
      bool_or(o.attname is not null) as has_org
    from pg_catalog.pg_class as c
    join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
    join pg_catalog.pg_attribute as a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
      and a.atttypid = 'timestamptz'::regtype and a.attgenerated = ''
    left join pg_catalog.pg_attribute as o on o.attrelid = c.oid and o.attname = 'org_id' and not o.attisdropped
    where c.relkind = 'r' and n.nspname in ('public', 'private')
      and (c.relname ~ '^recording' or c.relname in ('jobs', 'webhook_events', 'calendar_events', 'meeting_analyses'))
      and a.attname <> all(string_to_array(current_setting('house.facts'), ','))
    group by c.oid
  loop
    execute format(
      'update %s set %s%s', v_table.name, v_table.changes,
      case when v_table.has_org then ' where org_id is null or org_id = $2' else '' end
    ) using v_by, current_setting('house.org')::uuid;
  end loop;
end;
$shift$`;

/**
 * Lets time pass.
 *
 * @param house Where.
 * @param orgId Whose rows wait; those of others are left alone.
 * @param seconds How much.
 */
export async function passTime(house: House, orgId: string, seconds: number): Promise<void> {
  await house.sql(
    `begin;
     set local session_replication_role = replica;
     set local house.seconds = '${Number(seconds)}';
     set local house.facts = '${FACTS.join(",")}';
     set local house.org = '${orgId.replaceAll("'", "")}';
     ${SHIFT};
     commit;`,
  );
  await house.control({ action: "advance", seconds });
}
