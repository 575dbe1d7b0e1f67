// The queries that an application sends all day, as the data API would run them. `$1` is always the
// organization; the application sends it although policies would find it, because only then is the
// ordered index of the organization used.

/** One hot query; further parameters are named by what they are in the measured world. */
export interface HotQuery {
  readonly name: string;
  readonly sql: string;
  readonly parameters: ReadonlyArray<"org" | "person" | "deal" | "meeting" | "stage">;
}

const PAGE = "limit 50";

/** Every hot query. */
export const HOT_QUERIES: readonly HotQuery[] = [
  ...list("companies", "created_at desc", "id, name, domain, created_at"),
  ...list("contacts", "created_at desc", "id, first_name, email, created_at"),
  ...list("deals", "created_at desc", "id, name, amount, status, created_at"),
  ...list("tasks", "due_at", "id, title, due_at, status"),
  ...list("activities", "occurred_at desc", "id, subject, occurred_at"),
  ...list("meetings", "started_at desc", "id, title, started_at", "owner_user_id"),
  // A calendar is its owner's alone, so nobody asks for an organization's.
  ...list("calendar_events", "start_time", "id, title, start_time").slice(1),
  query(
    "deals of a stage",
    `select id, name from public.deals where org_id = $1 and stage_id = $2
    order by created_at desc ${PAGE}`,
    "org",
    "stage",
  ),
  query(
    "open deals",
    `select id, name from public.deals where org_id = $1 and status = 'open'
    order by created_at desc ${PAGE}`,
    "org",
  ),
  query(
    "tasks of a deal",
    `select id, title from public.tasks where org_id = $1 and deal_id = $2`,
    "org",
    "deal",
  ),
  query(
    "activities of a deal",
    `select id, subject from public.activities where org_id = $1 and deal_id = $2
    order by occurred_at desc ${PAGE}`,
    "org",
    "deal",
  ),
  query(
    "transcript of a meeting",
    `select seq, speaker_name, text from public.transcript_segments
    where org_id = $1 and meeting_id = $2 order by seq`,
    "org",
    "meeting",
  ),
  query(
    "attendees of a meeting",
    `select name, email from public.meeting_attendees
    where org_id = $1 and meeting_id = $2`,
    "org",
    "meeting",
  ),
  query(
    "members",
    `select user_id, role from public.organization_members where org_id = $1`,
    "org",
  ),
  query("settings", `select enable_crm_sharing from public.org_settings where org_id = $1`, "org"),
  query("meetings today", `select public.get_meetings_for_period($1, 'today')`, "org"),
  query("meetings this week", `select public.get_meetings_for_period($1, 'this_week')`, "org"),
];

function list(table: string, order: string, columns: string, owner = "user_id"): HotQuery[] {
  const from = `select ${columns} from public.${table} where org_id = $1`;
  return [
    query(`${table}, first page`, `${from} order by ${order} ${PAGE}`, "org"),
    query(`${table}, own`, `${from} and ${owner} = $2 order by ${order} ${PAGE}`, "org", "person"),
  ];
}

function query(name: string, sql: string, ...parameters: HotQuery["parameters"]): HotQuery {
  return { name, sql, parameters };
}
