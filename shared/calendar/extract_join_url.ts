// Finds the link by which a calendar event is joined.
import type { GoogleEvent } from "./google_event.ts";

/** Hosts whose links in free text are calls, not documents. */
const CONFERENCE_HOSTS: readonly string[] = [
  "meet.google.com",
  "zoom.us",
  "zoomgov.com",
  "teams.microsoft.com",
  "teams.live.com",
  "webex.com",
  "gotomeeting.com",
  "meet.goto.com",
  "whereby.com",
  "chime.aws",
  "bluejeans.com",
  "meet.jit.si",
  "ringcentral.com",
  "around.co",
];

const URL_IN_TEXT = /https?:\/\/[^\s<>"'`\\^{|}]+/gi;

/**
 * Finds the link by which an event is joined, in this order: a conference entry point of type
 * video, the hangout link, a link in the location, a link to a known conference host in the
 * description (other links in a description are usually documents).
 *
 * @param event The event as Google gave it.
 * @returns An http or https link, or null.
 */
export function extractJoinUrl(event: GoogleEvent): string | null {
  for (const entry of event.conferenceData?.entryPoints ?? []) {
    const url = entry.entryPointType === "video" ? readHttpUrl(entry.uri) : null;
    if (url) return url;
  }
  const hangout = readHttpUrl(event.hangoutLink);
  if (hangout) return hangout;

  const inLocation = linksIn(event.location);
  const inDescription = linksIn(event.description).filter(isConference);
  return inLocation.find(isConference) ?? inLocation[0] ?? inDescription[0] ?? null;
}

function linksIn(text: string | null | undefined): string[] {
  const found = (text ?? "").replaceAll("&amp;", "&").match(URL_IN_TEXT) ?? [];
  const links: string[] = [];
  for (const candidate of found) {
    const url = readHttpUrl(candidate.replace(/[).,;:!?\]]+$/, ""));
    if (url) links.push(unwrapRedirect(url));
  }
  return links;
}

/** Google wraps links of HTML descriptions in a redirect of its own. */
function unwrapRedirect(link: string): string {
  const url = new URL(link);
  if (url.hostname !== "www.google.com" || url.pathname !== "/url") return link;
  return readHttpUrl(url.searchParams.get("q")) ?? link;
}

function isConference(link: string): boolean {
  const host = new URL(link).hostname;
  return CONFERENCE_HOSTS.some((known) => host === known || host.endsWith(`.${known}`));
}

function readHttpUrl(value: string | null | undefined): string | null {
  const trimmed = value?.trim() ?? "";
  if (!URL.canParse(trimmed)) return null;
  const url = new URL(trimmed);
  return url.protocol === "https:" || url.protocol === "http:" ? url.href : null;
}
