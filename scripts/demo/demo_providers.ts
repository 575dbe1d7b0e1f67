// What happens at third parties, said to their simulators: a calendar is connected, a meeting recorded.

import { type DemoSession, GRANTED_SCOPES } from "./demo_session.ts";

const ARRIVAL_LIMIT_MS = 15_000;

/** Connects the person's simulated Google calendar and brings its events in. */
export async function bringCalendar(session: DemoSession): Promise<void> {
  const { error } = await session.service.rpc("connect_calendar", {
    p_org_id: session.orgId,
    p_user_id: session.userId,
    p_account_email: session.email,
    p_calendar_id: "primary",
    p_refresh_token: `sim-refresh-${session.email}`,
    p_scopes: GRANTED_SCOPES,
  });
  if (error) throw new Error(`Cannot connect the calendar: ${error.message}`);
  const synced = await session.call("POST", "calendar-sync", {});
  console.log(JSON.stringify(synced, null, 2));
}

/** Has Fathom's simulator record a meeting of the person and waits until it can be read. */
export async function recordMeeting(session: DemoSession, topic: string): Promise<void> {
  const key = crypto.randomUUID();
  const secret = `whsec_${crypto.getRandomValues(new Uint8Array(32)).toBase64()}`;
  const { error } = await session.service.rpc("connect_fathom", {
    p_org_id: session.orgId,
    p_user_id: session.userId,
    p_recorder_email: session.email,
    p_key_hash: await sha256Hex(key),
    p_secret: secret,
  });
  if (error) throw new Error(`Cannot connect Fathom: ${error.message}`);

  const title = `${topic} call at ${new Date().toISOString().slice(11, 19)}`;
  const order = {
    provider: "fathom",
    action: "record",
    recorded_by: session.email,
    title,
    topic,
    destination: `${session.stack.url}/functions/v1/fathom-webhook/${key}`,
    secret,
  };
  console.log(`POST ${session.stack.providersUrl}/_control ${JSON.stringify(order)}`);
  const response = await fetch(`${session.stack.providersUrl}/_control`, {
    method: "POST",
    body: JSON.stringify(order),
  });
  const answer = await response.text();
  if (!response.ok) throw new Error(answer);
  console.log(`${response.status}: the webhook was signed and sent`);
  console.log(JSON.stringify(await waitForMeeting(session, title), null, 2));
}

async function waitForMeeting(session: DemoSession, title: string): Promise<unknown> {
  const deadline = Date.now() + ARRIVAL_LIMIT_MS;
  while (Date.now() < deadline) {
    const { data, error } = await session.db.from("meetings")
      .select("title, source_type, started_at, summary, meeting_action_items(description)")
      .eq("title", title).maybeSingle();
    if (error) throw new Error(error.message);
    if (data) return data;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  throw new Error("The meeting did not arrive; see .stack/logs/fathom-webhook.log");
}

async function sha256Hex(text: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return new Uint8Array(digest).toHex();
}
