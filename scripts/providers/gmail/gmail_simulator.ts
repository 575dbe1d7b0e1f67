// The simulated Gmail v1: sending, listing, reading, with the accounts and tokens of the simulated
// Google. Quirks that clients trip over: a Message-ID of the client's is replaced, a sent email is not
// found by a search at once, and a scope that is missing is a 403 like a quota that is used up.
import type { GoogleOAuth } from "../google_calendar/google_oauth.ts";
import {
  GoogleError,
  notFound,
  renderGoogleError,
  scopeMissing,
  scriptedError,
  unauthenticated,
} from "../google_calendar/google_error.ts";
import type { Simulator } from "../simulator.ts";
import type { VirtualClock } from "../virtual_clock.ts";
import { WireFaults } from "../wire_faults.ts";
import { headerOf, parseEmail } from "./email_message.ts";
import { controlGmail } from "./gmail_control.ts";
import { Mailbox, type MailboxRules, type StoredEmail } from "./mailbox.ts";

const SCOPE = "https://www.googleapis.com/auth/gmail.";
const SENDING = ["send", "compose", "modify"].map((name) => SCOPE + name);
const READING = ["readonly", "modify"].map((name) => SCOPE + name);
const EVERYTHING = "https://mail.google.com/";
const PAGE_SIZE = 100;
const PAGE_SIZE_MAX = 500;
const MARKER = "X-Sixty-Message-ID";

/** An email that left, as the ledger keeps it. */
export interface SentEntry {
  readonly account: string;
  readonly id: string;
  readonly thread_id: string;
  /** The client's own, from the header beside the Message-ID, or the Message-ID as it was sent. */
  readonly client_message_id: string | null;
  readonly message_id: string | null;
  readonly to: readonly string[];
  readonly subject: string | null;
  readonly bytes: number;
  /** Of the whole message, decoded. */
  readonly sha256: string;
  readonly at: string;
}

/** Gmail, as far as sending needs it. */
export class GmailSimulator implements Simulator {
  readonly name = "gmail";
  readonly prefix = "gmail";
  readonly faults = new WireFaults();
  readonly sent: SentEntry[] = [];
  readonly rules: MailboxRules & { sendLimit: number };
  readonly #mailboxes = new Map<string, Mailbox>();
  readonly #calls: { route: string; status: number; at: string }[] = [];

  /**
   * @param clock The simulators' time.
   * @param oauth Tokens and what they were granted.
   */
  constructor(readonly clock: VirtualClock, readonly oauth: GoogleOAuth) {
    this.rules = { keepsMessageIds: false, searchDelaySeconds: 0, sendLimit: Infinity };
  }

  /** Gives the mailbox of an account. */
  mailbox(email: string): Mailbox {
    const found = this.#mailboxes.get(email) ?? new Mailbox(email, this.clock, this.rules);
    this.#mailboxes.set(email, found);
    return found;
  }

  async answer(request: Request, path: string): Promise<Response> {
    const route = nameRoute(request.method, path);
    const response = await this.faults.answer({
      request,
      route,
      serve: () => this.#serve(request, path, route),
      refuse: ({ status, reason, retryAfterSeconds }) => {
        if (status === 403 && reason === "insufficientPermissions") {
          return renderGoogleError(scopeMissing());
        }
        const refusal = renderGoogleError(scriptedError(status, reason));
        if (retryAfterSeconds !== undefined) {
          refusal.headers.set("retry-after", String(retryAfterSeconds));
        }
        return refusal;
      },
    });
    this.#calls.push({ route, status: response.status, at: this.clock.now().toISOString() });
    return response;
  }

  async control(input: unknown): Promise<unknown> {
    return await Promise.resolve(controlGmail(this, input));
  }

  state(): unknown {
    const counts: Record<string, number> = {};
    for (const { client_message_id: id } of this.sent) {
      if (id !== null) counts[id] = (counts[id] ?? 0) + 1;
    }
    return {
      sent: this.sent,
      sent_per_client_message_id: counts,
      mailboxes: [...this.#mailboxes.values()].map((mailbox) => ({
        email: mailbox.email,
        emails: mailbox.all().length,
      })),
      calls: this.#calls,
      faults: this.faults.list(),
    };
  }

  reset(): void {
    this.#mailboxes.clear();
    this.faults.reset();
    this.sent.length = 0;
    this.#calls.length = 0;
    Object.assign(this.rules, {
      keepsMessageIds: false,
      searchDelaySeconds: 0,
      sendLimit: Infinity,
    });
  }

  close(): Promise<void> {
    this.faults.reset();
    return Promise.resolve();
  }

  async #serve(request: Request, path: string, route: string): Promise<Response> {
    try {
      const account = this.oauth.identify(request.headers);
      if (account === undefined) throw unauthenticated();
      const user = /^\/gmail\/v1\/users\/([^/]+)\//.exec(path)?.[1];
      if (user !== "me" && decodeURIComponent(user ?? "") !== account) {
        throw new GoogleError(403, { reason: "forbidden", message: "Delegation denied" });
      }
      return await this.#dispatch(request, path, route, this.mailbox(account));
    } catch (cause) {
      if (!request.bodyUsed) await request.body?.cancel();
      if (cause instanceof GoogleError) return renderGoogleError(cause);
      throw cause;
    }
  }

  async #dispatch(
    request: Request,
    path: string,
    route: string,
    mailbox: Mailbox,
  ): Promise<Response> {
    const url = new URL(request.url);
    switch (route) {
      case "messages.send":
        return await this.#send(request, mailbox);
      case "messages.list":
        return this.#list(url.searchParams, mailbox);
      case "messages.get": {
        const id = path.split("/").at(-1) ?? "";
        return this.#get(url.searchParams, mailbox, mailbox.find(id));
      }
      case "profile.get":
        return Response.json({
          emailAddress: mailbox.email,
          messagesTotal: mailbox.all().length,
          threadsTotal: new Set(mailbox.all().map(({ threadId }) => threadId)).size,
          historyId: "1",
        });
      default:
        throw notFound();
    }
  }

  async #send(request: Request, mailbox: Mailbox): Promise<Response> {
    this.#require(mailbox, SENDING);
    const body: { raw?: unknown; threadId?: unknown } = await readJson(request);
    if (typeof body.raw !== "string") {
      throw new GoogleError(400, {
        reason: "invalidArgument",
        message:
          "'raw' RFC822 payload message string or uploading message via /upload/* URL required",
      });
    }
    const email = parseEmail(body.raw);
    if (typeof email === "string") {
      throw new GoogleError(400, { reason: "invalidArgument", message: email });
    }
    const threadId = typeof body.threadId === "string" ? body.threadId : undefined;
    if (threadId !== undefined && !mailbox.hasThread(threadId)) throw notFound();
    if (this.sent.length >= this.rules.sendLimit) throw this.#overLimit();
    const stored = mailbox.send(email, threadId);
    this.sent.push({
      account: mailbox.email,
      id: stored.id,
      thread_id: stored.threadId,
      client_message_id: headerOf(email.headers, MARKER) ??
        headerOf(email.headers, "Message-ID") ?? null,
      message_id: headerOf(stored.headers, "Message-ID") ?? null,
      to: email.to,
      subject: headerOf(email.headers, "Subject") ?? null,
      bytes: email.bytes.byteLength,
      sha256: email.sha256,
      at: this.clock.now().toISOString(),
    });
    return Response.json({ id: stored.id, threadId: stored.threadId, labelIds: stored.labelIds });
  }

  #list(query: URLSearchParams, mailbox: Mailbox): Response {
    const q = query.get("q") ?? "";
    this.#require(mailbox, q === "" ? [...READING, `${SCOPE}metadata`] : READING);
    const size = Math.min(Number(query.get("maxResults") ?? PAGE_SIZE) || PAGE_SIZE, PAGE_SIZE_MAX);
    const from = Number(query.get("pageToken") ?? 0) || 0;
    const found = mailbox.list({
      q,
      labelIds: query.getAll("labelIds"),
      hasSpamAndTrash: query.get("includeSpamTrash") === "true",
    });
    const messages = found.slice(from, from + size)
      .map(({ id, threadId }) => ({ id, threadId }));
    return Response.json({
      // Gmail leaves an empty list out
      ...(messages.length > 0 && { messages }),
      ...(from + size < found.length && { nextPageToken: String(from + size) }),
      resultSizeEstimate: found.length,
    });
  }

  #get(query: URLSearchParams, mailbox: Mailbox, stored: StoredEmail | undefined): Response {
    const format = query.get("format") ?? "full";
    const isWhole = format === "full" || format === "raw";
    this.#require(mailbox, isWhole ? READING : [...READING, `${SCOPE}metadata`]);
    if (stored === undefined) throw notFound();
    const wanted = query.getAll("metadataHeaders").map((name) => name.toLowerCase());
    const headers = format !== "metadata" || wanted.length === 0
      ? stored.headers
      : stored.headers.filter(({ name }) => wanted.includes(name.toLowerCase()));
    return Response.json({
      id: stored.id,
      threadId: stored.threadId,
      labelIds: stored.labelIds,
      internalDate: String(stored.internalDate),
      sizeEstimate: stored.email.bytes.byteLength,
      ...(format === "raw"
        ? { raw: Buffer.from(stored.email.bytes).toString("base64url") }
        : format !== "minimal" && { payload: { headers } }),
    });
  }

  #require(mailbox: Mailbox, scopes: readonly string[]): void {
    const granted = this.oauth.scopesOf(mailbox.email);
    if (![EVERYTHING, ...scopes].some((scope) => granted.includes(scope))) throw scopeMissing();
  }

  #overLimit(): GoogleError {
    const until = new Date(this.clock.now().getTime() + 60_000).toISOString();
    return new GoogleError(429, {
      domain: "usageLimits",
      reason: "rateLimitExceeded",
      message: `User-rate limit exceeded.  Retry after ${until}`,
    });
  }
}

function nameRoute(method: string, path: string): string {
  const rest = path.replace(/^\/gmail\/v1\/users\/[^/]+\//, "");
  if (method === "POST" && rest === "messages/send") return "messages.send";
  if (method !== "GET") return `${method} ${rest}`;
  if (rest === "messages") return "messages.list";
  if (rest === "profile") return "profile.get";
  return /^messages\/[^/]+$/.test(rest) ? "messages.get" : `GET ${rest}`;
}

async function readJson(request: Request): Promise<Record<string, unknown>> {
  try {
    const body: unknown = await request.json();
    return typeof body === "object" && body !== null ? { ...body } : {};
  } catch (cause) {
    if (!(cause instanceof SyntaxError)) throw cause;
    throw new GoogleError(400, { reason: "parseError", message: "Parse Error" });
  }
}
