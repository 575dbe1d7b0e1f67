// Turns Fathom's words into ours. Pure: the same payload always gives the same meeting.
import type { FathomMeeting } from "./fathom_contract.ts";
import { parseInstant, parseOffsetMs } from "./parse_timestamp.ts";
import type {
  RecordedActionItem,
  RecordedAttendee,
  RecordedMeeting,
  RecordedSegment,
} from "./recorded_meeting.ts";

/** Longest title stored; a calendar allows about as much. */
const TITLE_MAX_CHARACTERS = 500;
const SEGMENT_MAX_CHARACTERS = 20_000;

/**
 * Normalises one Fathom meeting.
 *
 * An empty transcript counts as absent, because Fathom sends one while it still transcribes; an
 * empty list of action items is an answer.
 *
 * @param payload What Fathom sent, already of its contract's form.
 * @returns The meeting as the database ingests it.
 */
export function normalizeFathomMeeting(payload: FathomMeeting): RecordedMeeting {
  const transcript = readTranscript(payload);
  return {
    recording_id: String(payload.recording_id),
    recorder_email: readEmail(payload.recorded_by?.email),
    title: readLine(payload.meeting_title),
    fallback_title: readLine(payload.title),
    share_url: readHttpUrl(payload.share_url),
    video_url: readHttpUrl(payload.url),
    content_created_at: parseInstant(payload.created_at),
    scheduled_start: parseInstant(payload.scheduled_start_time),
    scheduled_end: parseInstant(payload.scheduled_end_time),
    started_at: parseInstant(payload.recording_start_time) ??
      parseInstant(payload.scheduled_start_time) ?? parseInstant(payload.created_at),
    ended_at: parseInstant(payload.recording_end_time) ?? parseInstant(payload.scheduled_end_time),
    language: readLine(payload.transcript_language),
    attendees: readAttendees(payload, transcript),
    transcript,
    summary: readText(payload.default_summary?.markdown_formatted),
    action_items: readActionItems(payload),
  };
}

function readTranscript(payload: FathomMeeting): RecordedSegment[] | null {
  const segments: RecordedSegment[] = [];
  for (const item of payload.transcript ?? []) {
    const text = readText(item?.text);
    if (!item || !text) continue;
    segments.push({
      seq: segments.length,
      speaker_name: readLine(item.speaker?.display_name),
      speaker_email: readEmail(item.speaker?.matched_calendar_invitee_email),
      start_ms: parseOffsetMs(item.timestamp),
      text: text.slice(0, SEGMENT_MAX_CHARACTERS),
    });
  }
  return segments.length > 0 ? segments : null;
}

/** Invitees, the recorder, and voices that match neither: the meeting's people, each once. */
function readAttendees(
  payload: FathomMeeting,
  transcript: readonly RecordedSegment[] | null,
): RecordedAttendee[] | null {
  const people = new Map<string, RecordedAttendee>();
  const knownNames = new Set<string>();
  const add = (attendee: RecordedAttendee): void => {
    const key = attendee.email ?? `name:${attendee.name?.toLowerCase() ?? ""}`;
    if (!attendee.email && (!attendee.name || knownNames.has(attendee.name.toLowerCase()))) return;
    if (attendee.name) knownNames.add(attendee.name.toLowerCase());
    if (!people.has(key)) people.set(key, attendee);
  };

  const recorderEmail = readEmail(payload.recorded_by?.email);
  for (const invitee of payload.calendar_invitees ?? []) {
    const speaks = readLine(invitee?.matched_speaker_display_name);
    if (speaks) knownNames.add(speaks.toLowerCase());
    const email = readEmail(invitee?.email);
    add({
      name: readLine(invitee?.name) ?? speaks,
      email,
      is_external: invitee?.is_external ?? null,
      is_organizer: email !== null && email === recorderEmail,
    });
  }
  add({
    name: readLine(payload.recorded_by?.name),
    email: recorderEmail,
    is_external: false,
    is_organizer: true,
  });
  for (const segment of transcript ?? []) {
    add({
      name: segment.speaker_name,
      email: segment.speaker_email,
      is_external: null,
      is_organizer: false,
    });
  }
  return payload.calendar_invitees || transcript ? [...people.values()] : null;
}

function readActionItems(payload: FathomMeeting): RecordedActionItem[] | null {
  if (!payload.action_items) return null;
  const items: RecordedActionItem[] = [];
  for (const item of payload.action_items) {
    const description = readText(item?.description);
    if (!item || !description) continue;
    items.push({
      seq: items.length,
      description,
      completed: item.completed ?? false,
      assignee_name: readLine(item.assignee?.name),
      assignee_email: readEmail(item.assignee?.email),
      start_ms: parseOffsetMs(item.recording_timestamp),
      playback_url: readHttpUrl(item.recording_playback_url),
    });
  }
  return items;
}

/** Text a database can hold: no NUL, no lone surrogate; null when nothing is left. */
function readText(value: string | null | undefined): string | null {
  const text = value?.replaceAll("\u0000", "").toWellFormed().trim();
  return text ? text : null;
}

function readLine(value: string | null | undefined): string | null {
  const line = readText(value)?.replace(/\s+/g, " ").slice(0, TITLE_MAX_CHARACTERS).toWellFormed();
  return line ? line : null;
}

function readEmail(value: string | null | undefined): string | null {
  const email = readText(value)?.toLowerCase();
  return email && /^[^\s@]{1,64}@[^\s@]{1,255}$/.test(email) ? email : null;
}

/** A link that may be shown: http or https, nothing a browser would run. */
function readHttpUrl(value: string | null | undefined): string | null {
  const text = readText(value);
  if (!text || !URL.canParse(text)) return null;
  const url = new URL(text);
  return url.protocol === "https:" || url.protocol === "http:" ? url.href : null;
}
