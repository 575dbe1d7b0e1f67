// Functions are doors too: who may call each, and what a call into their own and into the rivals'
// organization does. Arguments are filled by parameter name; a name nobody knows must be added here.
import type pg from "pg";
import { readRoutines, type Routine } from "./catalogue.ts";
import { type Cell, runCells } from "./cells.ts";
import { claimsOf, idOf, type OrgName, PRINCIPALS } from "./principals.ts";
import type { World } from "./world.ts";

/** What one function lets whom do; the form of an entry in the expectations file. */
export interface RoutineExpectation {
  /** API roles with the privilege to execute it. */
  readonly execute: string;
  /** Principals whose call touching our organization succeeds; absent where no call can tell. */
  readonly ours?: string;
  readonly rivals?: string;
}

type Argument = (org: OrgName, world: World) => string;

/** Values by parameter name: what an attacker would know to send. */
const ARGUMENTS: Readonly<Record<string, Argument | undefined>> = {
  p_org_id: (org) => quoted(idOf(org)),
  p_user_id: (org) => quoted(bystander(org)),
  p_from: (org) => quoted(bystander(org)),
  p_to: (org) => quoted(org === "ours" ? idOf("manager") : idOf("rival")),
  p_invitation_id: (org, world) => rowId(world, "public.organization_invitations", org),
  p_ids: () => "null",
  p_table: () => "'deals'",
  p_email: () => "'newcomer@isolation.test'",
  p_role: () => "'viewer'",
  p_status: () => "'suspended'",
  p_permission: () => "'crm.write'",
  p_plan: () => "'team'",
  p_name: () => "'A new organization'",
  p_slug: () => "'a-new-organization'",
  p_time_zone: () => "'UTC'",
  p_kind: () => "'crm'",
  p_query: () => "'pricing'",
  p_order: () => "'recent'",
  p_limit: () => "20",
  p_after: () => "null",
  p_period: () => "'today'",
  p_weekday: () => "null",
  p_with: () => "null",
  p_now: () => "now()",
  p_scope: () => "'organization'",
  p_days: () => "7",
  p_recording_id: (org, world) => rowId(world, "public.recordings", org),
  p_file: () => "'video'",
  p_calendar_event_id: () => "null",
  p_meeting_url: () => "'https://meet.google.com/abc-defg-hij'",
  p_title: () => "null",
  p_bot_status: () => "null",
  p_outcome: () => "null",
  p_starts_from: () => "null",
  p_starts_before: () => "null",
  p_after_start: () => "null",
  p_after_id: () => "null",
  p_key: () => "'cold-outreach'",
  p_is_active: () => "true",
  p_version: () => "null",
  p_variables: () => "'{}'",
  p_document: () => "null",
  p_filter: () => "'open'",
  p_deal_id: (org, world) => rowId(world, "public.deals", org),
  p_contact_id: (org, world) => rowId(world, "public.contacts", org),
  p_company_id: (org, world) => rowId(world, "public.companies", org),
  p_meeting_id: () => "null",
  p_which: () => "'next'",
  p_people: () => "'[]'",
  p_event_id: () => "null",
  p_zone: () => "'UTC'",
  p_emails: () => "'{}'",
  p_contact_ids: () => "'{}'",
  p_company_ids: () => "'{}'",
  p_deal_ids: () => "'{}'",
  p_meeting_ids: () => "'{}'",
  p_before: () => "now()",
  p_but: () => "null",
  p_only_mine: () => "false",
  p_since: () => "null",
  p_starts_at: () => "now()",
  p_ends_at: () => "now() + interval '1 day'",
  p_first_day: () => "null",
  p_day_count: () => "7",
  p_minutes: () => "30",
  p_starts_hour: () => "9",
  p_ends_hour: () => "18",
  p_with_weekends: () => "false",
  p_without_all_day: () => "false",
  p_thread_id: () => "null",
  p_email_id: () => "null",
  p_from_email: () => "'someone@customer.test'",
  p_addresses: () => "'{}'",
  p_message: () => "null",
  p_effect: () =>
    `'{"kind": "create_task", "title": "A task", "activity_kind": "note", "subject": "A note"}'`,
  p_effects: () => "'[]'",
  p_previews: () => "'[]'",
  p_is_tainted: () => "true",
  p_own_words: () => "'{}'",
  p_channel_id: () => "'C0ISOLATION'",
  p_is_open: () => "true",
  p_links: () => "'{}'",
  p_id: () => quoted(idOf("nobody")),
  p_changes: () => "'{}'",
  p_done: () => "'{}'",
  p_conversation_id: () => "gen_random_uuid()",
  p_turn_id: () => "gen_random_uuid()",
  p_worker: () => "'w'",
  p_is_archived: () => "false",
  p_export_id: () => "null",
  p_after_conversation: () => "null",
  p_after_seq: () => "null",
  p_reference: () => "'Ada'",
  p_kinds: () => "null",
  p_words: () => "array['ada']",
  p_is_prefix: () => "false",
  p_label: () => "'Ada'",
  p_text: () => "'Ada'",
  p_operator: () => "' & '",
  p_owner: () => "'all'",
  p_stage: () => "null",
  p_closing: () => "null",
  p_sort: () => "'closing'",
  p_mine: () => "null",
  p_today: () => "current_date",
  p_stages: () => "null",
  p_first: () => "null",
  p_last: () => "null",
  p_quiet_days: () => "null",
  p_companies: () => "'{}'",
  p_contacts: () => "'{}'",
  p_deals: () => "'{}'",
  p_meetings: () => "'{}'",
};

/** Asks about an organization by its own arguments, so a call into either can be compared. */
const ORG_PARAMETERS = /\bp_(org_id|invitation_id)\b/;

/** Observes every function of `public` and `private`. */
export async function observeRoutines(
  client: pg.Client,
  world: World,
): Promise<Record<string, RoutineExpectation>> {
  const observed: Record<string, RoutineExpectation> = {};
  for (const routine of await readRoutines(client)) {
    const execute = routine.executableBy.join(" ");
    observed[routine.name] = isCallable(routine)
      ? {
        execute,
        ours: await callers(client, routine, "ours", world),
        rivals: await callers(client, routine, "rivals", world),
      }
      : { execute };
  }
  return observed;
}

function isCallable(routine: Routine): boolean {
  return routine.executableBy.includes("authenticated") && ORG_PARAMETERS.test(routine.name) &&
    !routine.returnsTruth;
}

async function callers(
  client: pg.Client,
  routine: Routine,
  org: OrgName,
  world: World,
): Promise<string> {
  const [name = "", parameters = ""] = routine.name.replace(/\)$/, "").split("(");
  const values = parameters.split(", ").map((parameter) => {
    const [argument = ""] = parameter.split(" ");
    const value = ARGUMENTS[argument];
    if (value === undefined) {
      throw new Error(`Cannot call "${routine.name}": say what "${argument}" is in routines.ts`);
    }
    return `${argument} => ${value(org, world)}`;
  });
  const cells = PRINCIPALS.map((principal): Cell => ({
    key: principal.name,
    role: principal.role,
    claims: JSON.stringify(claimsOf(principal)),
    statement: `select * from ${name}(${values.join(", ")})`,
  }));
  const verdicts = await runCells(client, cells);
  return verdicts
    .filter(({ verdict }) => verdict !== "deny")
    .map(({ key, verdict, code }) => key + (verdict === "error" ? `!${code}` : ""))
    .join(" ");
}

function bystander(org: OrgName): string {
  return idOf(org === "ours" ? "colleague" : "foreigner");
}

function rowId(world: World, table: string, org: OrgName): string {
  const key = world.row(table, org === "ours" ? "colleague" : "foreign", "colleague");
  return quoted(key?.id ?? idOf("nobody"));
}

function quoted(value: string): string {
  return `'${value}'`;
}
