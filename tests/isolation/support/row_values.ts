// What the row builder cannot guess: which tables are the cast itself, which column owns a row where
// the name does not say so, and values that a table's own constraints ask for.
import { idOf, type OrgName } from "./principals.ts";
import type { RowKey } from "./world.ts";

/** Tables that the cast fills; a row is found, not made. */
export const CAST_TABLES: Readonly<
  Record<string, ((org: OrgName, owner: string) => RowKey) | undefined>
> = {
  "public.organizations": (org) => ({ id: idOf(org) }),
  "public.org_settings": (org) => ({ org_id: idOf(org) }),
  "public.org_knowledge": (org) => ({ org_id: idOf(org) }),
  "private.slack_connections": (org) => ({ org_id: idOf(org) }),
  "public.profiles": (_org, owner) => ({ id: idOf(owner) }),
  "public.organization_members": (org, owner) => ({ org_id: idOf(org), user_id: idOf(owner) }),
  // Every plan has its row already
  "private.plan_limits": () => ({ plan: "free" }),
};

/** Owner columns with another name; an empty one says that the table has no owner. */
export const OWNER_COLUMNS: Readonly<Record<string, string | undefined>> = {};

/** Columns that may be empty, but whose rows tell more when they are not. */
export const PARENTS_ALL_THE_SAME: Readonly<Record<string, readonly string[] | undefined>> = {
  // Before there is a meeting a recording is its owner's alone; there would be nothing to share
  "public.recordings": ["meeting_id"],
};

/**
 * Values with which a foreign key is the first to refuse: a constraint that is looked at before would
 * refuse as well, and prove nothing of the key.
 */
export const GRAFT_VALUES: Readonly<Record<string, Readonly<Record<string, string>> | undefined>> =
  {
    // What is said in answer, which nothing was yet
    copilot_messages_org_id_conversation_id_fkey: { role: "'assistant'" },
    // A conversation has one turn that runs
    copilot_turns_org_id_user_id_fkey: { status: "'done'", finished_at: "now()" },
    workflow_executions_org_id_simulation_id_fkey: { is_simulation: "false" },
    // The meeting's owner is the recording's, and its key would refuse too
    recordings_org_id_owner_user_id_fkey: { meeting_id: "null" },
  };

/** A part of the first step that the table of transitions does not have. */
function freeStep(column: string): string {
  return `(select free.${column} from (
    select f.from_status, u.to_status
    from unnest(array['scheduled', 'deploying', 'joining', 'waiting_room', 'joined', 'recording', 'ended', 'failed']) as f (from_status)
    cross join unnest(array['joining', 'waiting_room', 'joined', 'recording', 'ended', 'completed', 'failed']) as u (to_status)
    except select t.from_status, t.to_status from private.bot_transitions as t
    order by 1, 2 limit 1) as free)`;
}

/** SQL expressions that replace or add to the guessed values. */
export const ROW_VALUES: Readonly<
  Record<
    string,
    ((row: { slot: string; owner: string }) => Readonly<Record<string, string>>) | undefined
  >
> = {
  "private.identity_providers": () => ({
    issuer: "'https://issuer.test/' || md5(random()::text)",
    provider: "'clerk'",
  }),
  "private.fathom_connections": () => ({
    key_hash: "md5(random()::text) || md5(random()::text)",
    recorder_email: "md5(random()::text) || '@people.test'",
  }),
  "private.permissions": () => ({
    permission: "'test.p' || translate(md5(random()::text), '0123456789', 'ghijklmnop')",
  }),
  "private.role_permissions": () => ({ role: "'superadmin'" }),
  "private.user_identities": ({ owner }) => ({ provider: "'clerk'", user_id: `'${owner}'` }),
  "private.superadmins": ({ owner }) => ({ user_id: `'${owner}'` }),
  "public.security_audit_log": () => ({ actor_kind: "'system'", action: "'test.row'" }),
  "public.organization_invitations": ({ owner }) => ({
    role: "'viewer'",
    invited_by: `'${owner}'`,
  }),
  "public.contacts": () => ({ first_name: "'Ada'" }),
  "public.meeting_attendees": () => ({ name: "md5(random()::text)" }),
  "public.meetings": () => ({ source_type: "'manual'" }),
  "public.activities": () => ({ kind: "'note'" }),
  "public.transcript_segments": () => ({ seq: "(random() * 1000000000)::integer" }),
  "public.emails": () => ({ direction: "'inbound'" }),
  "private.model_prices": () => ({
    model: "'m' || md5(random()::text)",
    input_per_million: "1",
    output_per_million: "1",
  }),
  "private.model_plan_budgets": () => ({
    plan: "translate(md5(random()::text), '0123456789', 'ghijklmnop')",
    monthly_limit: "1",
  }),
  "private.model_budgets": () => ({
    // One row a day: each slot takes another
    valid_from: "current_date - (random() * 100000)::integer",
    monthly_limit: "1",
  }),
  "private.model_usage": () => ({ purpose: "'copilot'", outcome: "'answered'", cost: "1" }),
  "private.model_spend": () => ({
    // One row a month: each slot takes another
    month: "(date_trunc('month', now()) - (random() * 10000)::integer * interval '1 month')::date",
    cost: "1",
  }),
  "public.meeting_analyses": () => ({
    transcript_hash: "repeat('0', 64)",
    is_rule_based: "true",
  }),
  "public.meeting_insights": () => ({
    seq: "(random() * 1000000000)::integer",
    kind: "'objection'",
    evidence: "array[gen_random_uuid()]",
    evidence_seqs: "array[1]",
  }),
  "private.s3_prices": () => ({
    valid_from: "date '2001-01-01' + (random() * 1000000)::integer",
    storage_usd_per_gb_month: "0.023",
    downloaded_share: "0.5",
    daily_download_rate: "0.017",
  }),
  "private.s3_usage_days": () => ({ day: "date '2001-01-01' + (random() * 1000000)::integer" }),
  "private.s3_metered_downloads": () => ({
    day: "date '2001-01-01' + (random() * 1000000)::integer",
  }),
  "public.s3_usage_metrics": () => ({
    day: "date '2001-01-01' + (random() * 1000000)::integer",
    metric_type: "'storage_gb'",
  }),
  "private.recording_transcriptions": () => ({
    provider: "'gladia'",
    status: "'waiting'",
    next_poll_at: "now()",
  }),
  "private.recording_uploads": () => ({ kind: "'video'" }),
  "private.recording_upload_parts": () => ({ kind: "'video'" }),
  "private.bot_status_codes": () => ({ status: "'joining'", code: "'t' || md5(random()::text)" }),
  "private.bot_transitions": () => ({
    // Each slot takes the next step that leads nowhere yet
    from_status: freeStep("from_status"),
    to_status: freeStep("to_status"),
  }),
  "public.recordings": () => ({
    platform: "'meet'",
    // Long ago, so that today's bots are not used up
    scheduled_start_at: "now() - interval '40 days'",
    scheduled_end_at: "now() - interval '40 days'",
    s3_video_url: "'s3://test/video.mp4'",
  }),
  "public.recording_events": () => ({ kind: "'bot'", code: "'test'" }),
  "public.copilot_turns": () => ({ worker: "'w'", lease_until: "now()" }),
  "public.copilot_messages": () => ({
    role: "'user'",
    seq: "1 + (random() * 1000000000)::integer",
  }),
  "public.tool_executions": () => ({
    tool: "'execute_action'",
    status: "'running'",
    started_at: "now()",
  }),
  "private.copilot_turn_events": () => ({
    seq: "1 + (random() * 4999)::integer",
    event: "'text'",
  }),
  "private.copilot_model_turns": () => ({
    position: "(random() * 63)::integer",
  }),
  "private.copilot_accesses": () => ({ kind: "'read'", at: "now()" }),
  "private.copilot_spend": () => ({
    // One row a day: each slot takes another
    day: "current_date - (random() * 100000)::integer",
    cost: "1",
  }),
  "private.recording_sources": () => ({ kind: "'video'" }),
  "private.recording_checks": () => ({ checks: "0", misses: "0" }),
  "public.org_skills": () => ({ key: "'k' || md5(random()::text)" }),
  "public.workflow_executions": () => ({
    skill_key: "'seq-test'",
    skill_version: "1",
    document_sha256: "repeat('0', 64)",
    inputs_sha256: "md5(random()::text) || md5(random()::text)",
  }),
  "public.workflow_steps": () => ({
    position: "1 + (random() * 19)::integer",
    step_id: "'s' || md5(random()::text)",
    kind: "'read'",
    status: "'succeeded'",
  }),
  "private.pending_actions": () => ({
    key: "md5(random()::text)",
    payload_sha256: "repeat('0', 64)",
  }),
  "private.inside_effects": () => ({
    position: "(random() * 1000000000)::integer",
    kind: "'create_task'",
  }),
  "private.slack_channels": () => ({
    channel_id: "upper(left(md5(random()::text), 12))",
    name: "'sales'",
  }),
  "private.outbound_effects": () => ({
    position: "(random() * 1000000000)::integer",
    kind: "'send_email'",
  }),
};
