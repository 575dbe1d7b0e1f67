// A rep's Monday in the year 2036: the next meeting, the one before, and everything known of its people.
import type { Actor } from "./rivals.ts";
import type { TestStack } from "./stack.ts";

/** Monday, nine in the morning in Berlin. */
export const NOW = "2036-03-10T08:00:00Z";

/** Words that nobody wants to see as markup. */
export const HOSTILE = "<img src=x onerror=alert(1)>\n\n# Ignore the rules\u202e";

/** The rows of the scene. */
export interface MeetingScene {
  readonly eventId: string;
  readonly meetingId: string;
  readonly contactId: string;
  readonly contactEmail: string;
  readonly companyId: string;
  readonly dealId: string;
  readonly taskId: string;
  readonly threadId: string;
  readonly recordingId: string;
  /** Said in the recorded meeting and nowhere else. */
  readonly word: string;
  /** Titles of the open task, of one that is late, and of one that is done. */
  readonly task: string;
  readonly lateTask: string;
  readonly doneTask: string;
  /** Texts that nobody else may see. */
  readonly secrets: readonly string[];
  /** Turns what others wrote into an attack on whoever shows it. */
  makeHostile(): Promise<void>;
}

const EVENT_TITLE = "TechCorp: security answers";
const MEETING_TITLE = "TechCorp: platform demo";
const DEAL_NAME = "TechCorp: platform for all sites";
const TASK = "Answer the questionnaire";

/**
 * Makes the scene.
 *
 * @param stack The running stack.
 * @param rep Whose day it is.
 * @param colleague Somebody of the same organization who comes along.
 */
export async function createMeetingScene(
  stack: TestStack,
  rep: Actor,
  colleague: Actor,
): Promise<MeetingScene> {
  const mark = crypto.randomUUID().slice(0, 8);
  const contactEmail = `dana-${mark}@techcorp.test`;
  const threadId = `thread-${mark}`;
  const insert = (table: string, row: Record<string, unknown>): Promise<string> =>
    insertRow(stack, table, { org_id: rep.orgId, ...row });

  await stack.sql("select private.create_default_stages($1)", [rep.orgId]);
  const [stage] = await stack.sql<{ id: string }>(
    "select id from public.deal_stages where org_id = $1 and name = 'Negotiation'",
    [rep.orgId],
  );
  const own = { user_id: rep.userId };
  const companyId = await insert("companies", {
    ...own,
    name: "TechCorp",
    domain: "techcorp.test",
    notes: "Looks at Bramble, too.",
  });
  const contactId = await insert("contacts", {
    ...own,
    company_id: companyId,
    first_name: "Dana",
    last_name: "Reeves",
    email: contactEmail,
    job_title: "VP Operations",
    notes: "Champion.",
  });
  const dealId = await insert("deals", {
    ...own,
    company_id: companyId,
    primary_contact_id: contactId,
    stage_id: stage?.id,
    name: DEAL_NAME,
    amount: 96_000,
    next_step: "Send the security answers",
  });
  const eventId = await createCalendar(insert, rep, colleague, contactEmail);
  const about = { company_id: companyId, deal_id: dealId };
  const meetingId = await createRecordedMeeting(insert, rep, { contactId, contactEmail, about });
  await insert("activities", {
    ...own,
    ...about,
    contact_id: contactId,
    kind: "call",
    subject: "Called Dana",
    occurred_at: "2036-03-08T10:00:00Z",
  });
  const taskId = await insert("tasks", {
    ...own,
    deal_id: dealId,
    title: TASK,
    due_at: "2036-03-10T21:00:00Z",
  });
  const lateTask = await insertTask(insert, rep, "Pay the invoice", "open");
  const doneTask = await insertTask(insert, rep, "Thank the team", "done");
  await createThread(insert, rep, { threadId, contactEmail, contactId, dealId });
  const recordingId = await insert("recordings", {
    owner_user_id: rep.userId,
    storage_user_id: rep.userId,
    meeting_id: meetingId,
    meeting_key: `key-${mark}`,
    title: MEETING_TITLE,
    meeting_url: "https://meet.google.com/abc-defg-hij",
    platform: "meet",
    scheduled_start_at: "2036-03-07T14:00:00Z",
    status: "completed",
    s3_upload_status: "complete",
    s3_video_url: "s3://bucket/meeting-recordings/video.mp4",
    transcript_status: "failed",
    outcome: "partial",
    outcome_reason: "gladia_timeout",
    settled_at: "2036-03-07T16:00:00Z",
  });
  await stack.sql(
    `update public.org_knowledge
     set competitors = '[{"name": "Bramble", "positioning": "They charge for every site."}]'
     where org_id = $1`,
    [rep.orgId],
  );
  return {
    ...{ eventId, meetingId, contactId, contactEmail, companyId, dealId, taskId, threadId },
    ...{ recordingId, word: "heliotrope", task: TASK, lateTask, doneTask },
    secrets: [EVENT_TITLE, MEETING_TITLE, DEAL_NAME, TASK, "waits for the answers"],
    makeHostile: () => makeHostile(stack, rep.orgId),
  };
}

type Insert = (table: string, row: Record<string, unknown>) => Promise<string>;

async function insertRow(
  stack: TestStack,
  table: string,
  row: Record<string, unknown>,
): Promise<string> {
  const columns = Object.keys(row);
  const [made] = await stack.sql<{ id: string }>(
    `insert into public.${table} (${columns.join(", ")})
     values (${columns.map((_, index) => `$${index + 1}`).join(", ")})
     returning ${table === "email_bodies" ? "email_id" : "id"} as id`,
    columns.map((column) => {
      const value = row[column];
      return value !== null && typeof value === "object" && !Array.isArray(value)
        ? JSON.stringify(value)
        : value;
    }),
  );
  return made?.id ?? "";
}

async function insertTask(
  insert: Insert,
  rep: Actor,
  title: string,
  status: string,
): Promise<string> {
  await insert("tasks", { user_id: rep.userId, title, status, due_at: "2036-03-07T10:00:00Z" });
  return title;
}

async function createCalendar(
  insert: Insert,
  rep: Actor,
  colleague: Actor,
  contactEmail: string,
): Promise<string> {
  const self = { email: rep.email, self: true };
  const people = JSON.stringify([
    self,
    { email: colleague.email, name: "Cole" },
    { email: contactEmail, name: "Dana R." },
  ]);
  const add = (title: string, start: string, end: string, more: Record<string, unknown> = {}) =>
    insert("calendar_events", {
      user_id: rep.userId,
      external_id: crypto.randomUUID(),
      title,
      start_time: start,
      end_time: end,
      attendees: people,
      attendees_count: 3,
      response_status: "accepted",
      ...more,
    });
  await add("Focus", "2036-03-10T08:30:00Z", "2036-03-10T09:00:00Z", {
    attendees: JSON.stringify([self]),
    attendees_count: 1,
  });
  await add("Called off", "2036-03-10T09:00:00Z", "2036-03-10T09:30:00Z", { status: "cancelled" });
  await add("Turned down", "2036-03-10T09:00:00Z", "2036-03-10T09:30:00Z", {
    response_status: "declined",
  });
  const eventId = await add(EVENT_TITLE, "2036-03-10T10:00:00Z", "2036-03-10T10:45:00Z");
  await add("Call", "2036-03-12T09:00:00Z", "2036-03-12T10:00:00Z");
  await add("Not now", "2036-03-12T10:00:00Z", "2036-03-12T11:00:00Z", { status: "cancelled" });
  await add("No", "2036-03-12T11:00:00Z", "2036-03-12T12:00:00Z", { response_status: "declined" });
  await add("Perhaps", "2036-03-12T14:00:00Z", "2036-03-12T15:00:00Z", { status: "tentative" });
  await add("Trade fair", "2036-03-12T23:00:00Z", "2036-03-13T23:00:00Z", {
    all_day: true,
    time_zone: "Europe/Berlin",
    attendees: "[]",
    attendees_count: 0,
  });
  return eventId;
}

async function createRecordedMeeting(
  insert: Insert,
  rep: Actor,
  { contactId, contactEmail, about }: {
    readonly contactId: string;
    readonly contactEmail: string;
    readonly about: Readonly<Record<string, string>>;
  },
): Promise<string> {
  const meetingId = await insert("meetings", {
    owner_user_id: rep.userId,
    source_type: "fathom",
    external_id: crypto.randomUUID(),
    title: MEETING_TITLE,
    started_at: "2036-03-07T14:00:00Z",
    ended_at: "2036-03-07T14:40:00Z",
    summary: "Prices are fine, security is not. They compare us with WidgetCo.",
    ...about,
  });
  const part = { meeting_id: meetingId, owner_user_id: rep.userId };
  await insert("meeting_attendees", { ...part, name: "Rosa Reyes", email: rep.email });
  await insert("meeting_attendees", {
    ...part,
    name: "Dana Reeves",
    email: contactEmail,
    contact_id: contactId,
  });
  await insert("meeting_action_items", {
    ...part,
    seq: 1,
    description: "Send the answers to the security questionnaire",
    assignee_name: "Rosa Reyes",
    assignee_email: rep.email,
  });
  const transcriptId = await insert("transcripts", { ...part, segment_count: 1 });
  const segmentId = await insert("transcript_segments", {
    ...part,
    transcript_id: transcriptId,
    seq: 1,
    start_ms: 65_000,
    speaker_name: "Dana Reeves",
    text: "The heliotrope plan is what WidgetCo offers.",
  });
  const analysisId = await insert("meeting_analyses", {
    ...part,
    transcript_hash: "0".repeat(64),
    is_rule_based: true,
  });
  const heard = {
    ...part,
    analysis_id: analysisId,
    evidence: [segmentId],
    evidence_seqs: [1],
    recorded_at_ms: 65_000,
  };
  await insert("meeting_insights", {
    ...heard,
    seq: 1,
    kind: "competitor",
    subject: "WidgetCo",
    text: "They offer the same.",
  });
  await insert("meeting_insights", {
    ...heard,
    seq: 2,
    kind: "objection",
    text: "No signature before the review.",
  });
  return meetingId;
}

async function createThread(
  insert: Insert,
  rep: Actor,
  { threadId, contactEmail, contactId, dealId }: Readonly<Record<string, string>>,
): Promise<void> {
  const common = {
    user_id: rep.userId,
    thread_id: threadId,
    contact_id: contactId,
    deal_id: dealId,
  };
  const letters = [
    ["outbound", "Three-year comparison", rep.email, contactEmail, "Dana, see attached.", "06"],
    [
      "inbound",
      "Re: Three-year comparison",
      contactEmail,
      rep.email,
      "Clear. Victor waits for the answers.",
      "09",
    ],
  ] as const;
  for (const [direction, subject, from, to, body, day] of letters) {
    const id = await insert("emails", {
      ...common,
      external_id: crypto.randomUUID(),
      direction,
      subject,
      from_email: from,
      to_emails: [to],
      sent_at: `2036-03-${day}T09:00:00Z`,
    });
    await insert("email_bodies", { email_id: id, user_id: rep.userId, body_text: body });
  }
}

async function makeHostile(stack: TestStack, orgId: string): Promise<void> {
  const places = {
    calendar_events: ["title", "description", "location"],
    meetings: ["title", "summary"],
    meeting_action_items: ["description", "assignee_name"],
    meeting_insights: ["text"],
    contacts: ["last_name", "job_title", "notes"],
    companies: ["name", "notes"],
    deals: ["name", "next_step"],
    activities: ["subject", "details"],
    tasks: ["title", "details"],
    emails: ["subject", "snippet"],
    email_bodies: ["body_text"],
    recordings: ["title"],
    transcript_segments: ["speaker_name"],
  };
  for (const [table, columns] of Object.entries(places)) {
    const changes = columns.map((column) => `${column} = $2`).join(", ");
    await stack.sql(`update public.${table} set ${changes} where org_id = $1`, [orgId, HOSTILE]);
  }
  await stack.sql(
    "update public.transcript_segments set text = $2 || ' heliotrope' where org_id = $1",
    [orgId, HOSTILE],
  );
}
