// Puts the one statement of a request together: its source, its count, and its body in one row.
import type { ActionPlan } from "../plan/action_plan.ts";
import type { Renderer } from "../plan/negotiate.ts";
import type { MediaType } from "../request/media_type.ts";
import type { Preferences } from "../request/preferences.ts";
import { returnsScalar, returnsSetOfScalar, type Routine } from "../schema_cache/types.ts";
import { callQuerySql } from "./call_sql.ts";
import { EMPTY, type Fragment, join, literal, qualified, sql, trusted } from "./fragment.ts";
import { mutateSql } from "./mutate_sql.ts";
import { countSql, readSql } from "./read_sql.ts";

/** The name of the setting through which a statement tells how many rows it gave. */
export const ROW_COUNT_SETTING = "pgrst.page_total";

function strip(stripped: boolean, value: Fragment): Fragment {
  return stripped ? sql`json_strip_nulls(${value})` : value;
}

// The header comes from the first row, so that a column without a value is still named.
const CSV = trusted(
  "(select coalesce(string_agg(a.k, ','), '') from (" +
    "select json_object_keys(r)::text as k from (" +
    "select row_to_json(hh) as r from pgrst_source as hh limit 1) s) a) || E'\\n' || " +
    "coalesce(string_agg(substring(_postgrest_t::text, 2, length(_postgrest_t::text) - 2), " +
    "E'\\n'), '')",
);

const GEOJSON = trusted(
  "json_build_object('type', 'FeatureCollection', 'features', " +
    "coalesce(json_agg(ST_AsGeoJSON(_postgrest_t)::json), '[]'))",
);

function jsonSql(renderer: Renderer, routine: Routine | undefined): Fragment {
  const stripped = "stripped" in renderer && renderer.stripped;
  const isScalar = routine !== undefined && returnsScalar(routine);
  const isSetOfScalar = routine !== undefined && returnsSetOfScalar(routine);
  const rows = trusted(
    isScalar || (isSetOfScalar && renderer.kind === "json")
      ? "json_agg(_postgrest_t.pgrst_scalar)"
      : "json_agg(_postgrest_t)",
  );
  const isOne = renderer.kind === "singular" || (routine !== undefined && !routine.returnsSet);
  if (isOne) return sql`coalesce(${strip(stripped, sql`${rows}->0`)}, 'null')`;
  return sql`coalesce(${strip(stripped, rows)}, '[]')`;
}

function bodySql(renderer: Renderer, routine: Routine | undefined): Fragment {
  switch (renderer.kind) {
    case "none":
      return trusted("''::text");
    case "csv":
      return CSV;
    case "geojson":
      return GEOJSON;
    case "function": {
      const fn = qualified(renderer.function);
      if (routine && returnsScalar(routine)) return sql`${fn}(_postgrest_t.pgrst_scalar)`;
      return renderer.target === null
        ? sql`${fn}(_postgrest_t)`
        : sql`${fn}(_postgrest_t::${qualified(renderer.target)})`;
    }
    default:
      return jsonSql(renderer, routine);
  }
}

// The address of a new row, as its primary key says.
function locationSql(primaryKey: readonly string[]): Fragment {
  const keys = primaryKey.length > 0 ? join(primaryKey.map(literal), ", ") : trusted("''");
  return sql`case when pg_catalog.count(_postgrest_t) = 1 then coalesce((
    with data as (select row_to_json(_) as row from pgrst_source as _ limit 1)
    select json_agg(json_build_array(json_data.key, coalesce('eq.' || json_data.value, 'is.null')))
    from data cross join json_each_text(data.row) as json_data
    where json_data.key in (${keys})), '[]') else '[]' end`;
}

/** The parts of the one row that every statement gives. */
interface ResultColumns {
  readonly total?: Fragment;
  readonly rows?: Fragment;
  readonly location?: Fragment;
  readonly body: Fragment;
  readonly inserted?: Fragment;
}

function resultSql(columns: ResultColumns): Fragment {
  const rows = columns.rows ?? trusted("pg_catalog.count(_postgrest_t)");
  return join([
    sql`${columns.total ?? trusted("null::bigint")} as total`,
    // Told through a setting as well, so that a later statement can refuse it.
    sql`set_config('${trusted(ROW_COUNT_SETTING)}', (${rows})::text, true) as page_total`,
    sql`${columns.location ?? trusted("'[]'::json")} as location`,
    sql`${columns.body} as body`,
    trusted("nullif(current_setting('response.headers', true), '') as response_headers"),
    trusted("nullif(current_setting('response.status', true), '') as response_status"),
    sql`${columns.inserted ?? trusted("''::text")} as inserted`,
  ], ", ");
}

function counting(
  count: Fragment,
  { count: preference }: Preferences,
  maxRows: number | null,
): { table: Fragment; total: Fragment } {
  if (preference !== "exact" && preference !== "estimated") {
    return { table: EMPTY, total: trusted("null::bigint") };
  }
  // An estimate only has to know whether there is more than may be shown.
  const limit = preference === "estimated" && maxRows !== null
    ? trusted(` limit ${maxRows + 1}`)
    : EMPTY;
  return {
    table: sql`, pgrst_source_count as (${count}${limit})`,
    total: trusted("(select pg_catalog.count(*) from pgrst_source_count)"),
  };
}

function readStatement(
  plan: Extract<ActionPlan, { kind: "read" }>,
  preferences: Preferences,
  maxRows: number | null,
): Fragment {
  const { table, total } = counting(countSql(plan.read), preferences, maxRows);
  const result = resultSql({ total, body: bodySql(plan.rendering.renderer, undefined) });
  return sql`with pgrst_source as (${
    readSql(plan.read)
  })${table} select ${result} from (select * from pgrst_source) _postgrest_t`;
}

function mutateStatement(
  plan: Extract<ActionPlan, { kind: "mutate" }>,
  preferences: Preferences,
): Fragment {
  const { mutate, mutation, rendering, read } = plan;
  const isInsert = mutation === "insert" || mutation === "upsert-one";
  const counts = mutation === "upsert-one" ||
    (mutation === "insert" && preferences.resolution === "merge-duplicates");
  const result = resultSql({
    location: isInsert && preferences.representation === "headers-only"
      ? locationSql(mutate.primaryKey)
      : trusted("'[]'::json"),
    body: bodySql(rendering.renderer, undefined),
    inserted: trusted(
      counts ? "nullif(current_setting('pgrst.inserted', true), '')" : "''::text",
    ),
  });
  // Without a body nothing of `select` may be touched: the rows need not be readable.
  const shown = rendering.renderer.kind === "none"
    ? trusted("select * from pgrst_source")
    : readSql(read);
  return sql`with pgrst_source as (${
    mutateSql(mutate)
  }) select ${result} from (${shown}) _postgrest_t`;
}

function callStatement(
  plan: Extract<ActionPlan, { kind: "call" }>,
  preferences: Preferences,
): Fragment {
  const { routine } = plan.call;
  const { table, total } = counting(countSql(plan.read), preferences, null);
  const result = resultSql({
    total,
    ...(routine.returnsSet ? {} : { rows: trusted("1") }),
    body: bodySql(plan.rendering.renderer, routine),
  });
  return sql`with pgrst_source as (${callQuerySql(plan.call)})${table} select ${result} from (${
    readSql(plan.read)
  }) _postgrest_t`;
}

function explained(mediaType: MediaType, statement: Fragment): Fragment {
  if (mediaType.kind !== "plan") return statement;
  const options = [`format ${mediaType.format}`, ...mediaType.options];
  return sql`explain (${trusted(options.join(", "))}) ${statement}`;
}

/**
 * The statement that does all of a request.
 *
 * @param maxRows How many rows may be shown at most.
 */
export function mainStatement(
  plan: ActionPlan,
  preferences: Preferences,
  maxRows: number | null,
): Fragment {
  const { mediaType } = plan.rendering;
  switch (plan.kind) {
    case "read":
      return explained(mediaType, readStatement(plan, preferences, maxRows));
    case "mutate":
      return explained(mediaType, mutateStatement(plan, preferences));
    case "call":
      return explained(mediaType, callStatement(plan, preferences));
  }
}

/** The statement that asks the planner how many rows there are. */
export function estimateStatement(plan: ActionPlan): Fragment {
  return sql`explain (format json) ${countSql(plan.read)}`;
}
