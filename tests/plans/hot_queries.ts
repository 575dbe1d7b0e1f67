// The queries that an application sends all day, as the data API would run them. `$1` is always the
// organization; the application sends it although policies would find it, because only then is the
// ordered index of the organization used. Workers ask for what is due in all organizations.

/** Who asks: somebody of the first organization, an operator, a worker, or the database's own clock. */
export type Asker = "clock" | "member" | "operator" | "worker";

/** One hot query; further parameters are named by what they are in the measured world. */
export interface HotQuery {
  readonly name: string;
  readonly asker: Asker;
  readonly sql: string;
  readonly parameters: ReadonlyArray<
    | "org"
    | "person"
    | "contact"
    | "company"
    | "deal"
    | "meeting"
    | "recording"
    | "stage"
    | "conversation"
    | "turn"
  >;
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
  query("brief of the next meeting", "select public.get_meeting_brief_data($1)", "org"),
  query("a contact's card", "select public.get_contact($2, $1)", "org", "contact"),
  query("a company's card", "select public.get_company($2, $1)", "org", "company"),
  query("a deal's card", "select public.get_deal($2, $1)", "org", "deal"),
  query("who is meant", "select public.resolve_entity($1, '1000')", "org"),
  query("who is meant by nobody's name", "select public.resolve_entity($1, 'zz zz')", "org"),
  query("contacts by a word", "select public.search_contacts($1, '1000')", "org"),
  query("deals by close date", "select public.list_deals($1, p_owner => 'all')", "org"),
  query(
    "deals by amount",
    "select public.list_deals($1, p_owner => 'all', p_sort => 'amount')",
    "org",
  ),
  query(
    "deals, the newest",
    "select public.list_deals($1, p_owner => 'all', p_sort => 'newest')",
    "org",
  ),
  query("my deals", "select public.list_deals($1)", "org"),
  query("my pipeline", "select public.get_pipeline_summary($1)", "org"),
  query("my deals at risk", "select public.list_at_risk_deals($1)", "org"),
  query("a relationship", "select public.get_relationship_signals($2, $1)", "org", "contact"),
  query("my tasks", "select public.list_my_tasks($1)", "org"),
  query("my tasks of a deal", "select public.list_my_tasks($1, p_deal_id => $2)", "org", "deal"),
  query("latest activities", "select public.list_activities($1)", "org"),
  query(
    "timeline of a deal",
    "select public.list_activities($1, p_deal_id => $2)",
    "org",
    "deal",
  ),
  query("free times", "select public.get_calendar_availability($1)", "org"),
  query("my latest recordings", "select public.find_recordings($1)", "org"),
  query(
    "thread from an address",
    "select public.get_email_thread($1, p_from_email => 'somebody@customer.test')",
    "org",
  ),
  query(
    "draft about a deal",
    "select public.get_email_draft_context($1, p_deal_id => $2)",
    "org",
    "deal",
  ),
  ...list("recordings", "scheduled_start_at desc", "id, title, status, outcome", "owner_user_id"),
  query("recordings", "select public.list_recordings($1)", "org"),
  query(
    "recordings, second page",
    `select public.list_recordings($1, p_after_start => now() - interval '60 days',
      p_after_id => '00000000-0000-0000-0000-000000000000')`,
    "org",
  ),
  // None of either: the whole organization would be read to find that out
  query(
    "recordings that came to less",
    "select public.list_recordings($1, p_outcome => 'partial')",
    "org",
  ),
  query(
    "recordings under way",
    "select public.list_recordings($1, p_bot_status => 'waiting_room')",
    "org",
  ),
  query(
    "recording of a meeting",
    "select id, outcome from public.recordings where org_id = $1 and meeting_id = $2",
    "org",
    "meeting",
  ),
  query("timeline", "select public.get_recording_timeline($2, $1)", "org", "recording"),
  query(
    "events of a recording",
    `select kind, code, occurred_at from public.recording_events
    where org_id = $1 and recording_id = $2 order by occurred_at`,
    "org",
    "recording",
  ),
  query(
    "insights of a meeting",
    "select kind, text from public.meeting_insights where org_id = $1 and meeting_id = $2",
    "org",
    "meeting",
  ),
  query("conversations", "select public.list_copilot_conversations($1)", "org"),
  query(
    "conversations, second page, archived",
    "select public.list_copilot_conversations($1, now() - interval '60 days', 20, true)",
    "org",
  ),
  query("a conversation", "select public.read_copilot_conversation($1)", "conversation"),
  query(
    "a conversation, second page",
    "select public.read_copilot_conversation($1, 1000)",
    "conversation",
  ),
  query(
    "a message",
    `select public.begin_copilot_turn($1, gen_random_uuid(), gen_random_uuid(), 'Hello', 'w')`,
    "org",
  ),
  query(
    "a message again, with what was said before it",
    "select public.begin_copilot_turn($1, $2, $3, 'What was said', 'w')",
    "org",
    "conversation",
    "turn",
  ),
  query("a turn", "select public.read_copilot_turn($1)", "turn"),
  query("an export", "select public.export_copilot_conversations($1)", "org"),
  query("stuck recordings", "select public.list_stuck_recordings($1)", "org"),
  asked("operator", "stuck recordings", "select public.list_stuck_recordings_of_platform()"),
  asked("worker", "due meetings", "select public.claim_due_meetings()"),
  asked("worker", "jobs", "select public.claim_jobs('recording.transcribe', 20, 60, 'worker')"),
  asked("worker", "no jobs", "select public.claim_jobs('recording.erase', 20, 60, 'worker')"),
  asked("worker", "due uploads", "select public.dispatch_recording_uploads(8)"),
  asked("worker", "an upload", "select public.claim_recording_upload('worker', 60)"),
  asked("worker", "transcriptions", "select public.claim_due_transcriptions('worker', 10, 60)"),
  asked("worker", "silent bots", "select public.claim_recordings_to_check(20, 300)"),
  asked("clock", "old conversations", "select private.archive_old_conversations()"),
  asked("clock", "traces of turns", "select private.prune_copilot_traces()"),
  asked("clock", "effects nobody comes for", "select private.give_up_lost_effects()"),
];

function list(table: string, order: string, columns: string, owner = "user_id"): HotQuery[] {
  const from = `select ${columns} from public.${table} where org_id = $1`;
  return [
    query(`${table}, first page`, `${from} order by ${order} ${PAGE}`, "org"),
    query(`${table}, own`, `${from} and ${owner} = $2 order by ${order} ${PAGE}`, "org", "person"),
  ];
}

function query(name: string, sql: string, ...parameters: HotQuery["parameters"]): HotQuery {
  return { name, asker: "member", sql, parameters };
}

function asked(asker: Asker, name: string, sql: string): HotQuery {
  return { name: `${name} for the ${asker}`, asker, sql, parameters: [] };
}
