// Gmail v1: sending as the person, and finding what was sent.
//
// Documented: users.messages.send {raw, threadId?} with one of gmail.send, gmail.compose, gmail.modify,
// https://mail.google.com/; users.messages.list with q=rfc822msgid:…, labelIds, includeSpamTrash, at most
// 500 a page, where q is refused to gmail.metadata; users.messages.get?format=metadata with
// metadataHeaders; the form and reasons of errors. Not documented: that send takes no key and can double
// (it can), what becomes of our Message-ID, and in which order a list comes.
//
// What becomes of the Message-ID: several projects that send through the API report that Gmail puts one
// of its own in its place (with SMTP it stays), so looking for ours alone would find nothing and send
// again. Other headers stay. So a sent email is looked for twice: by its Message-ID, and by our header
// among the latest sent ones, back to before the first try.
import { z } from "zod";
import { MARKER_HEADER } from "@shared/outbound/email_marker.ts";
import { OutboundError } from "@shared/outbound/outbound_error.ts";
import type { EmailSender, SentEmail } from "@shared/outbound/outbound_ports.ts";
import { type ReadVariable, readVariables } from "../env/platform_env.ts";
import { callGoogle, type GoogleRestDeps, parseGood } from "./google_rest.ts";

const GmailSettings = z.object({
  GMAIL_BASE_URL: z.url({ protocol: /^https?$/ }).default("https://gmail.googleapis.com")
    .transform((url) => url.replace(/\/+$/, "")),
});

/** What the client needs from outside. */
export interface GmailDeps extends GoogleRestDeps {
  readonly readVariable: ReadVariable;
}

/** Sent emails that are looked at before the search is given up as unclear. */
const LOOK_MAX = 200;
const PAGE_SIZE = 50;
/** Clocks differ; and a page is in order of arrival, more or less. */
const SKEW_MS = 2 * 60_000;
const OLDER_IN_A_ROW = 5;

const Sent = z.object({ id: z.string().min(1).max(200), threadId: z.string().min(1).max(200) });
const Page = z.object({
  messages: z.array(Sent).nullish().transform((messages) => messages ?? []),
  nextPageToken: z.string().nullish(),
});
const Metadata = z.object({
  id: z.string(),
  threadId: z.string(),
  internalDate: z.coerce.number(),
  payload: z.object({
    headers: z.array(z.object({ name: z.string(), value: z.string() })).nullish(),
  }).nullish(),
});

interface Connection {
  readonly deps: GmailDeps;
  readonly messagesUrl: string;
}

/**
 * Makes the client of Gmail.
 *
 * @param deps Settings, network, time.
 * @returns The client.
 * @throws {EnvironmentError} When a setting is malformed.
 *
 * @example Sending what was confirmed
 * ```ts ignore
 * const gmail = createGmail({ readVariable, fetch, clock, signal });
 * const { id } = await gmail.send(accessToken, { raw, threadId: null });
 * ```
 */
export function createGmail(deps: GmailDeps): EmailSender {
  const { GMAIL_BASE_URL } = readVariables(GmailSettings, deps.readVariable);
  const connection = { deps, messagesUrl: `${GMAIL_BASE_URL}/gmail/v1/users/me/messages` };
  return {
    findSent: async (accessToken, email) =>
      await findById(connection, accessToken, email.messageId) ??
        await findByMarker(connection, accessToken, email),
    send: (accessToken, email) => send(connection, accessToken, email),
  };
}

async function send(
  { deps, messagesUrl }: Connection,
  accessToken: string,
  { raw, threadId }: { readonly raw: string; readonly threadId: string | null },
): Promise<SentEmail> {
  const answer = await callGoogle(deps, {
    url: new URL(`${messagesUrl}/send`),
    accessToken,
    body: { raw, ...(threadId !== null && { threadId }) },
  });
  return parseGood(Sent, answer, true);
}

async function findById(
  connection: Connection,
  accessToken: string,
  messageId: string,
): Promise<SentEmail | null> {
  const { messages } = await list(connection, accessToken, {
    q: `rfc822msgid:${messageId.replace(/^<|>$/g, "")}`,
    maxResults: "5",
  });
  return messages[0] ?? null;
}

/** Walks the sent emails from the latest back to before the first try. */
async function findByMarker(
  connection: Connection,
  accessToken: string,
  { messageId, since }: { readonly messageId: string; readonly since: Date },
): Promise<SentEmail | null> {
  const notBefore = since.getTime() - SKEW_MS;
  let pageToken: string | undefined;
  let looked = 0;
  let older = 0;
  do {
    const page = await list(connection, accessToken, {
      labelIds: "SENT",
      maxResults: String(PAGE_SIZE),
      ...(pageToken !== undefined && { pageToken }),
    });
    for (const { id } of page.messages) {
      if (looked++ === LOOK_MAX) throw new OutboundError("look_up_unclear");
      const email = await read(connection, accessToken, id);
      if (email === null) continue;
      if (carries(email, messageId)) return { id: email.id, threadId: email.threadId };
      older = email.internalDate < notBefore ? older + 1 : 0;
      if (older === OLDER_IN_A_ROW) return null;
    }
    pageToken = page.nextPageToken ?? undefined;
  } while (pageToken !== undefined);
  return null;
}

function carries({ payload }: z.output<typeof Metadata>, messageId: string): boolean {
  return payload?.headers?.some(({ name, value }) =>
    name.toLowerCase() === MARKER_HEADER.toLowerCase() && value.trim() === messageId
  ) ?? false;
}

async function read(
  { deps, messagesUrl }: Connection,
  accessToken: string,
  id: string,
): Promise<z.output<typeof Metadata> | null> {
  const url = new URL(`${messagesUrl}/${encodeURIComponent(id)}`);
  url.searchParams.set("format", "metadata");
  url.searchParams.set("metadataHeaders", MARKER_HEADER);
  const answer = await callGoogle(deps, { url, accessToken }, [404]);
  // Deleted since it was listed
  return answer.status === 404 ? null : parseGood(Metadata, answer, false);
}

async function list(
  { deps, messagesUrl }: Connection,
  accessToken: string,
  query: Readonly<Record<string, string>>,
): Promise<z.output<typeof Page>> {
  const url = new URL(messagesUrl);
  url.search = String(new URLSearchParams({ includeSpamTrash: "true", ...query }));
  return parseGood(Page, await callGoogle(deps, { url, accessToken }), false);
}
