// For each check constraint values that it must refuse: derived from its definition where that says
// enough, given here where it does not.

/** A check constraint as the catalog has it. */
export interface CheckConstraint {
  /** `schema.table`. */
  readonly table: string;
  readonly name: string;
  readonly definition: string;
}

/** Assignments for an update of one row, each of which the constraint alone must refuse. */
const GIVEN: Readonly<Record<string, readonly string[] | undefined>> = {
  profiles_time_zone_exists: ["time_zone = 'Mars/Olympus'"],
  organizations_time_zone_exists: ["time_zone = 'CET+1'"],
  organizations_slug_shape: ["slug = 'Not A Slug'", "slug = '-a'"],
  organization_invitations_email_shape: [
    "email = 'Nina@People.test'",
    "email = 'no address'",
    "email = repeat('a', 320) || '@b'",
  ],
  contacts_have_a_name_or_address: ["first_name = null, last_name = null, email = null"],
  contacts_email_is_lower_case: ["email = 'Ada@People.test'", "email = repeat('a', 321)"],
  contacts_name_length: ["first_name = repeat('a', 101)", "last_name = repeat('a', 101)"],
  meeting_attendees_have_a_name_or_address: ["name = null, email = null"],
  deals_closed_iff_decided: [
    "status = 'open', closed_at = now()",
    "status = 'won', closed_at = null",
  ],
  tasks_completed_iff_done: [
    "status = 'open', completed_at = now()",
    "status = 'done', completed_at = null",
  ],
  calendar_events_attendees_is_a_list: ["attendees = '{}'"],
  calendar_events_end_after_they_start: ["end_time = start_time - interval '1 second'"],
  meetings_end_after_they_start: ["ended_at = started_at - interval '1 second'"],
  webhook_events_processed_iff_processed: [
    "state = 'received', processed_at = now()",
    "state = 'processed', processed_at = null",
  ],
  calendar_sync_runs_lease_has_a_holder: [
    "worker = 'w', leased_until = null",
    "worker = null, leased_until = now()",
  ],
  calendar_sync_runs_refresh_has_a_holder: [
    "refresh_worker = 'w', refresh_leased_until = null",
    "refresh_worker = null, refresh_leased_until = now()",
  ],
  recordings_failures_have_a_code: [
    "status = 'failed', failure_code = null",
    "status = 'cancelled', failure_code = null",
  ],
  recordings_are_settled_with_an_outcome: [
    "outcome = 'complete', settled_at = null",
    "outcome = null, settled_at = now()",
  ],
  recordings_outcome_is_known: ["outcome = 'nonsense', settled_at = now()"],
  recording_events_detail_is_small: [
    "detail = '[]'",
    "detail = jsonb_build_object('text', (select string_agg(md5(n::text), '') from generate_series(1, 100) as n))",
  ],
  s3_prices_are_not_negative: [
    "storage_usd_per_gb_month = -1",
    "download_usd_per_gb = -1",
    "upload_usd_per_gb = -1",
    "requests_usd_per_1000 = -1",
  ],
  s3_prices_rates_are_shares: [
    "downloaded_share = -0.1",
    "downloaded_share = 1.1",
    "daily_download_rate = -0.1",
    "daily_download_rate = 1.1",
  ],
  s3_usage_metrics_are_not_negative: ["value = -1", "cost_usd = -1"],
  security_audit_log_users_have_an_id: [
    "actor_kind = 'user', actor_id = null",
    "actor_kind = 'job', actor_id = gen_random_uuid()",
  ],
  copilot_turns_end_once: [
    "status = 'running', finished_at = now()",
    "status = 'done', finished_at = null",
  ],
  copilot_turns_status_is_known: ["status = 'nonsense', finished_at = now()"],
  copilot_messages_seq_counts_from_one: ["seq = 0"],
  copilot_turn_events_seq_counts_from_one: ["seq = 0", "seq = 5001"],
  // The row must leave its own state too, or another constraint would refuse first
  deals_status_is_known: ["status = 'nonsense', closed_at = now()"],
  tasks_status_is_known: ["status = 'nonsense', completed_at = null"],
  webhook_events_state_is_known: ["state = 'nonsense', processed_at = null"],
  security_audit_log_actor_kind_is_known: ["actor_kind = 'nonsense', actor_id = null"],
  recording_transcriptions_status_is_known: ["status = 'nonsense', next_poll_at = null"],
  recording_transcriptions_are_due_while_they_go_on: [
    "status = 'complete', next_poll_at = now()",
    "status = 'waiting', next_poll_at = null",
  ],
  recording_uploads_failures_have_a_code: [
    "state = 'waiting', last_error = null",
    "state = 'failed', last_error = null",
  ],
  recording_uploads_have_all_when_complete: [
    "state = 'complete', source_bytes = 2, bytes_done = 1",
    "state = 'complete', source_bytes = null, bytes_done = 0",
  ],
  recording_upload_parts_number_is_allowed: ["number = 0", "number = 10001"],
  transcript_segments_end_after_they_start: ["end_ms = start_ms - 1"],
  model_usage_is_not_negative: [
    "prompt_tokens = -1",
    "cached_tokens = -1",
    "answer_tokens = -1",
    "thought_tokens = -1",
    "cost = -1",
  ],
  model_spend_month_is_its_first_day: ["month = month + 1"],
  meeting_analyses_name_a_model_or_rules: [
    "is_rule_based = true, model = 'm'",
    "is_rule_based = false, model = null",
  ],
  meeting_analyses_summary_length: [
    "summary = '', summary_evidence = array[gen_random_uuid()]",
    "summary = repeat('a', 20001), summary_evidence = array[gen_random_uuid()]",
  ],
  meeting_analyses_summary_has_evidence: ["summary = 'x', summary_evidence = '{}'"],
  meeting_analyses_sentiment_is_known: [
    "sentiment = 'nonsense', sentiment_evidence = array[gen_random_uuid()]",
  ],
  meeting_analyses_sentiment_has_evidence: ["sentiment = 'mixed', sentiment_evidence = '{}'"],
  meeting_insights_competitors_are_named: [
    "kind = 'competitor', subject = null",
    "kind = 'objection', subject = 'x'",
  ],
  meeting_insights_subject_length: [
    "kind = 'competitor', subject = ''",
    "kind = 'competitor', subject = repeat('a', 201)",
  ],
  meeting_insights_due_dates_were_said: ["due_on = '2026-12-01', due_text = null"],
  meeting_insights_have_evidence: [
    "evidence = '{}', evidence_seqs = '{}'",
    "evidence_seqs = '{1,2}'",
  ],
  pending_actions_status_is_known: ["status = 'nonsense', decided_at = now()"],
  pending_actions_decided_iff_not_open: [
    "status = 'open', decided_at = now()",
    "status = 'executed', decided_at = null",
  ],
  org_knowledge_products_are_lines: [
    "products = array[' ']",
    "products = array[null]::text[]",
    "products = array[E'a\\nb']",
    "products = array[repeat('a', 301)]",
    "products = array_fill('a'::text, array[51])",
  ],
  org_knowledge_pain_points_are_lines: [
    "pain_points = array[repeat('a', 501)]",
    "pain_points = array_fill('a'::text, array[51])",
  ],
  org_knowledge_competitors_are_known: [
    "competitors = '{}'",
    "competitors = '[{}]'",
    `competitors = '[{"name": "W", "price": 1}]'`,
    `competitors = '[{"name": "W", "positioning": ""}]'`,
  ],
  org_skills_variables_are_an_object: [
    "variables = '[]'",
    "variables = jsonb_build_object('a', (select string_agg(md5(n::text), '') from generate_series(1, 2000) as n))",
  ],
  workflow_executions_end_once: [
    "status = 'running', finished_at = now()",
    "status = 'succeeded', finished_at = null",
  ],
  workflow_executions_status_is_known: ["status = 'nonsense', finished_at = now()"],
  workflow_executions_inputs_are_small: [
    "inputs = '[]'",
    "inputs = jsonb_build_object('a', (select string_agg(md5(n::text), '') from generate_series(1, 1000) as n))",
  ],
  workflow_executions_real_ones_were_simulated: [
    "is_simulation = false, simulation_id = null",
    "is_simulation = true, simulation_id = id",
  ],
  workflow_steps_args_are_small: [
    "args = '[]'",
    "args = jsonb_build_object('a', (select string_agg(md5(n::text), '') from generate_series(1, 1000) as n))",
  ],
  workflow_steps_end_after_they_begin: ["finished_at = started_at - interval '1 second'"],
  workflow_steps_position_counts_from_one: ["position = 0", "position = 21"],
  outbound_effects_running_has_a_holder: [
    "status = 'running', worker = null, leased_until = now()",
    "status = 'running', worker = 'w', leased_until = null",
    "status = 'queued', worker = 'w', leased_until = now()",
  ],
  outbound_effects_end_once: [
    "status = 'done', finished_at = null",
    "status = 'queued', finished_at = now()",
  ],
  outbound_effects_result_is_small: ["result = to_jsonb(repeat('a', 4000))"],
};

const COLUMN = `"?(\\w+)"?`;

/** Definition → assignments. Each pattern names the column first. */
const DERIVED: ReadonlyArray<readonly [RegExp, (column: string, bound: string) => string[]]> = [
  [
    new RegExp(`\\(${COLUMN} = (?:ANY \\(ARRAY\\[)?'()`),
    (column) => [`${column} = 'nonsense'`],
  ],
  [
    new RegExp(`^CHECK \\(\\(char_length\\(${COLUMN}\\) <= (\\d+)\\)\\)$`),
    (column, bound) => [`${column} = repeat('a', ${Number(bound) + 1})`],
  ],
  [
    new RegExp(`char_length\\(${COLUMN}\\) >= 1\\) AND \\(char_length\\(\\w+\\) <= (\\d+)`),
    (column, bound) => [`${column} = ''`, `${column} = repeat('a', ${Number(bound) + 1})`],
  ],
  [new RegExp(`\\(${COLUMN} = (lower)\\(`), (column) => [`${column} = 'Somebody@People.test'`]],
  [new RegExp(`\\(${COLUMN} = (false)\\)`), (column) => [`${column} = true`]],
  [new RegExp(`\\(${COLUMN} ~ '(.)`), (column) => [`${column} = '\u00e4 ?'`, `${column} = ''`]],
  [
    new RegExp(`\\(${COLUMN} >= 0\\) AND \\(\\w+ <= (\\d+)`),
    (column, bound) => [`${column} = -1`, `${column} = ${Number(bound) + 1}`],
  ],
  [new RegExp(`\\(${COLUMN} >= \\(?(0)`), (column) => [`${column} = -1`]],
  [new RegExp(`\\(${COLUMN} > (0)`), (column) => [`${column} = 0`]],
];

/** Assignments that the constraint must refuse; empty where nobody knows one. */
export function samplesOf({ name, definition }: CheckConstraint): readonly string[] {
  const given = GIVEN[name];
  if (given !== undefined) return given;
  for (const [pattern, make] of DERIVED) {
    const match = pattern.exec(definition);
    if (match?.[1] !== undefined) return make(match[1], match[2] ?? "");
  }
  return [];
}

/** Names given above, so that one without a constraint can be found. */
export const GIVEN_SAMPLES: readonly string[] = Object.keys(GIVEN);
