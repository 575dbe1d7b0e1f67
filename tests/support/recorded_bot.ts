// Recordings whose bots really were in a simulated meeting: what they recorded can be fetched, heard and
// read, and the provider reports about them as it does.
import { z } from "zod";
import type { Actor } from "./rivals.ts";
import type { TestStack } from "./stack.ts";

/** Something that is said in the meeting. */
export interface MeetingLine {
  readonly speaker: string;
  readonly text: string;
}

/** What a meeting is to be like; the rest is usual. */
export interface MeetingPlan {
  readonly lines?: readonly MeetingLine[];
  /** Any further field of the simulator's plan, such as `duration_seconds`. */
  readonly more?: Readonly<Record<string, unknown>>;
}

/** A recording of a test and its bot. */
export interface RecordedBot {
  readonly id: string;
  readonly orgId: string;
  readonly botId: string;
  readonly meetingUrl: string;
}

const Created = z.object({ data: z.object({ bot_id: z.string() }) });
const LETTERS = "abcdefghijklmnopqrstuvwxyz";

/**
 * Sends a bot into a meeting and makes its recording; the meeting goes on until {@link endMeeting}.
 *
 * @param stack The running stack.
 * @param actor Whose recording.
 * @param plan What is said.
 */
export async function sendBot(
  stack: TestStack,
  actor: Actor,
  plan: MeetingPlan = {},
): Promise<RecordedBot> {
  const meetingUrl = `https://meet.google.com/${letters(3)}-${letters(4)}-${letters(3)}`;
  const id = crypto.randomUUID();
  await stack.controlProviders({
    provider: "meeting_baas",
    action: "plan",
    meeting_url: meetingUrl,
    waits_at: "in_waiting_room",
    ...(plan.lines && { lines: plan.lines }),
    ...plan.more,
  });
  const response = await fetch(`${stack.description.providersUrl}/meeting-baas/v2/bots`, {
    method: "POST",
    headers: {
      "x-meeting-baas-api-key": "sim-meetingbaas-key",
      "content-type": "application/json",
    },
    body: JSON.stringify({
      bot_name: "Notetaker",
      meeting_url: meetingUrl,
      transcription_enabled: true,
      extra: { recording_id: id },
    }),
  });
  const { data } = Created.parse(await response.json());
  await stack.sql(
    `insert into public.recordings (org_id, id, owner_user_id, storage_user_id, meeting_key, title,
       meeting_url, platform, scheduled_start_at, scheduled_end_at, status, bot_id)
     values ($1, $2, $3, $3, $4, 'Kickoff', $5, 'meet', now(), now() + interval '30 minutes', 'recording', $4)`,
    [actor.orgId, id, actor.userId, data.bot_id, meetingUrl],
  );
  return { id, orgId: actor.orgId, botId: data.bot_id, meetingUrl };
}

/**
 * Ends the meeting: the bot leaves, its files are there, and the provider says so.
 *
 * @param stack The running stack.
 * @param bot Whose meeting.
 */
export async function endMeeting(stack: TestStack, { botId }: RecordedBot): Promise<void> {
  await stack.controlProviders({ provider: "meeting_baas", action: "finish", bot_id: botId });
}

/**
 * Records a meeting to its end without a word to anybody: the stack's own workers don't know of it, so
 * that a test's worker has it for itself.
 *
 * @param stack The running stack.
 * @param actor Whose recording.
 * @param lines What is said.
 */
export async function recordUnnoticed(
  stack: TestStack,
  actor: Actor,
  lines: readonly MeetingLine[],
): Promise<RecordedBot> {
  const bot = await sendBot(stack, actor, { lines });
  const configure = (delivery: string): Promise<unknown> =>
    stack.controlProviders({ provider: "meeting_baas", action: "configure", delivery });
  await configure("never");
  await endMeeting(stack, bot);
  await configure("normal");
  await stack.sql(
    `with m as (
       insert into public.meetings (org_id, owner_user_id, source_type, external_id, title, started_at)
       values ($1, $2, '60_notetaker', $3, 'Kickoff', now()) returning id)
     update public.recordings set meeting_id = m.id, status = 'completed', transcript_status = 'pending' from m
     where recordings.id = $4`,
    [actor.orgId, actor.userId, bot.id, bot.id],
  );
  return bot;
}

function letters(count: number): string {
  const bytes = crypto.getRandomValues(new Uint8Array(count));
  return [...bytes].map((byte) => LETTERS[byte % LETTERS.length]).join("");
}
