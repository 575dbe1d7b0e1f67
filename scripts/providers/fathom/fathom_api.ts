// Fathom's REST API: meetings, recordings, webhooks, teams. Errors have a status and no body.
import { Buffer } from "node:buffer";
import { z } from "zod";
import type { FathomCaller, FathomStore, RegisteredWebhook } from "./fathom_store.ts";
import { TRIGGERS } from "./fathom_store.ts";
import { type Inclusion, project, type StoredMeeting } from "./meeting.ts";

/** One authenticated call. */
export interface FathomCall {
  readonly request: Request;
  readonly url: URL;
  readonly caller: FathomCaller;
  readonly store: FathomStore;
  /** Work that goes on after the answer. */
  readonly later: (work: Promise<void>) => void;
}

const PAGE_SIZE = 10;
const DOMAIN_TYPES = ["all", "only_internal", "one_or_more_external"] as const;

/** An error as Fathom gives it: nothing but a status. */
export function emptyError(status: number): Response {
  return new Response(null, { status });
}

/** `GET /meetings`. */
export function listMeetings({ url, caller, store }: FathomCall): Response {
  const query = url.searchParams;
  const inclusion = readInclusion(query);
  const isHeavy = inclusion.include_transcript || inclusion.include_summary;
  if (caller.isOAuth && isHeavy) return emptyError(400);
  const filter = readFilter(query);
  const start = readCursor(query.get("cursor"));
  if (filter === undefined || start === undefined) return emptyError(400);
  const matching = store.visibleMeetings(caller).filter(filter);
  const from = start === ""
    ? 0
    : matching.findIndex(({ meeting }) => positionOf(meeting) === start) + 1;
  if (start !== "" && from === 0) return emptyError(400);
  const page = matching.slice(from, from + PAGE_SIZE);
  const last = page.at(-1);
  const hasMore = matching.length > from + page.length && last !== undefined;
  return Response.json({
    limit: PAGE_SIZE,
    next_cursor: hasMore ? writeCursor(positionOf(last.meeting)) : null,
    items: page.map(({ meeting }) => project(meeting, inclusion)),
  });
}

function readFilter(query: URLSearchParams): ((stored: StoredMeeting) => boolean) | undefined {
  const after = readDate(query.get("created_after"));
  const before = readDate(query.get("created_before"));
  const type = query.get("calendar_invitees_domains_type") ?? query.get("meeting_type") ?? "all";
  const isKnownType = DOMAIN_TYPES.some((name) => name === type) ||
    ["internal", "external"].includes(type);
  if (Number.isNaN(after) || Number.isNaN(before) || !isKnownType) return undefined;
  const recorders = query.getAll("recorded_by[]").map((email) => email.toLowerCase());
  const teams = query.getAll("teams[]");
  const domains = query.getAll("calendar_invitees_domains[]").map((name) => name.toLowerCase());
  return ({ meeting }) => {
    const createdAt = Date.parse(meeting.created_at);
    if (after !== undefined && createdAt <= after) return false;
    if (before !== undefined && createdAt >= before) return false;
    if (recorders.length > 0 && !recorders.includes(meeting.recorded_by.email)) return false;
    if (teams.length > 0 && !teams.includes(meeting.recorded_by.team ?? "")) return false;
    const isInvited = meeting.calendar_invitees
      .some((invitee) => domains.includes(invitee.email_domain ?? ""));
    if (domains.length > 0 && !isInvited) return false;
    return type === "all" || meeting.calendar_invitees_domains_type.endsWith(type);
  };
}

function readInclusion(query: URLSearchParams): Inclusion {
  const isAsked = (name: string): boolean => query.get(name) === "true";
  return {
    include_transcript: isAsked("include_transcript"),
    include_summary: isAsked("include_summary"),
    include_action_items: isAsked("include_action_items"),
    include_crm_matches: isAsked("include_crm_matches"),
  };
}

function readDate(text: string | null): number | undefined {
  return text === null ? undefined : Date.parse(text);
}

function positionOf(meeting: { created_at: string; recording_id: number }): string {
  return `${meeting.created_at} ${meeting.recording_id}`;
}

function writeCursor(position: string): string {
  return Buffer.from(position).toString("base64url");
}

function readCursor(cursor: string | null): string | undefined {
  if (cursor === null || cursor === "") return "";
  const position = Buffer.from(cursor, "base64url").toString("utf8");
  return /^\S+ \d+$/.test(position) ? position : undefined;
}

/** `GET /recordings/{id}/summary` and `…/transcript`, at once or posted to a destination. */
export function getRecordingPart(
  { url, caller, store, later }: FathomCall,
  recordingId: number,
  part: "summary" | "transcript",
): Response {
  const stored = store.findMeeting(caller, recordingId);
  if (stored === undefined) return emptyError(404);
  const { meeting } = stored;
  const document = part === "summary"
    ? { summary: meeting.default_summary ?? { template_name: null, markdown_formatted: null } }
    : { transcript: meeting.transcript ?? [] };
  const destination = url.searchParams.get("destination_url");
  if (destination === null) return Response.json(document);
  if (!isCallable(destination)) return emptyError(400);
  later(postDocument(destination, document));
  return Response.json({ destination_url: destination });
}

/** Not signed: nothing about it is documented. */
async function postDocument(destination: string, document: unknown): Promise<void> {
  const answer = await fetch(destination, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(document),
  });
  await answer.body?.cancel();
}

const WebhookInput = z.object({
  destination_url: z.string().refine(isCallable),
  triggered_for: z.array(z.enum(TRIGGERS)).min(1),
  include_transcript: z.boolean().default(false),
  include_summary: z.boolean().default(false),
  include_action_items: z.boolean().default(false),
  include_crm_matches: z.boolean().default(false),
});

/** `POST /webhooks`: the only answer that ever holds the secret. */
export async function createWebhook({ request, caller, store }: FathomCall): Promise<Response> {
  const input = WebhookInput.safeParse(await readJson(request));
  if (!input.success) return emptyError(400);
  const { destination_url, ...rest } = input.data;
  const includesNothing = !rest.include_transcript && !rest.include_summary &&
    !rest.include_action_items && !rest.include_crm_matches;
  if (includesNothing) return emptyError(400);
  const { owner: _, ...webhook } = store.registerWebhook(caller.email, {
    url: destination_url,
    ...rest,
  });
  return Response.json(webhook satisfies Omit<RegisteredWebhook, "owner">, { status: 201 });
}

/** `DELETE /webhooks/{id}`; somebody else's does not exist. */
export function deleteWebhook({ caller, store }: FathomCall, id: string): Response {
  if (store.webhooks.get(id)?.owner !== caller.email) return emptyError(404);
  store.webhooks.delete(id);
  return new Response(null, { status: 204 });
}

/** `GET /teams`. */
export function listTeams({ caller, store }: FathomCall): Response {
  const names = new Set(store.teamMembers(caller.email).map(({ team }) => team ?? ""));
  const items = [...names].map((name) => ({ name, created_at: "2025-01-15T09:00:00Z" }));
  return Response.json({ limit: PAGE_SIZE, next_cursor: null, items });
}

/** `GET /team_members`. */
export function listTeamMembers({ url, caller, store }: FathomCall): Response {
  const team = url.searchParams.get("team");
  const items = store.teamMembers(caller.email)
    .filter((member) => team === null || member.team === team)
    .map(({ name, email }) => ({ name, email, created_at: "2025-01-15T09:00:00Z" }));
  return Response.json({ limit: PAGE_SIZE, next_cursor: null, items });
}

/** Whether a text is an address that a webhook can go to; plain HTTP only on this machine. */
function isCallable(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname } = new URL(text);
  if (protocol === "https:") return true;
  return protocol === "http:" && ["127.0.0.1", "localhost", "[::1]"].includes(hostname);
}

async function readJson(request: Request): Promise<unknown> {
  try {
    return await request.json();
  } catch (cause) {
    if (cause instanceof SyntaxError) return undefined;
    throw cause;
  }
}
