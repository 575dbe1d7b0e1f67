// One account's mailbox: what was sent from it and came into it, with Gmail's ids, threads and labels.
import { stableId } from "../seeded_random.ts";
import type { VirtualClock } from "../virtual_clock.ts";
import { type Header, headerOf, type ParsedEmail, plainSubject } from "./email_message.ts";

/** An email in a mailbox. */
export interface StoredEmail {
  readonly id: string;
  readonly threadId: string;
  readonly labelIds: readonly string[];
  /** Milliseconds since the epoch. */
  readonly internalDate: number;
  /** As they are kept, which is not always as they came. */
  readonly headers: readonly Header[];
  readonly email: ParsedEmail;
}

/** How the service treats what it is given. */
export interface MailboxRules {
  /** Whether a Message-ID stays; the real interface replaces it. */
  keepsMessageIds: boolean;
  /** How long a sent email is not found by a search, in seconds of the simulators' time. */
  searchDelaySeconds: number;
}

/** What a list is asked for. */
export interface ListQuery {
  readonly q: string;
  readonly labelIds: readonly string[];
  readonly hasSpamAndTrash: boolean;
}

/** A mailbox. */
export class Mailbox {
  readonly #clock: VirtualClock;
  readonly #rules: MailboxRules;
  readonly #emails = new Map<string, StoredEmail>();

  /**
   * @param email Whose it is.
   * @param clock Dates emails.
   * @param rules Read with every use, so that they can be changed.
   */
  constructor(readonly email: string, clock: VirtualClock, rules: MailboxRules) {
    this.#clock = clock;
    this.#rules = rules;
  }

  /**
   * Keeps a sent email.
   *
   * @param email The email.
   * @param threadId The thread that it should join; it must be there.
   */
  send(email: ParsedEmail, threadId: string | undefined): StoredEmail {
    const id = newId();
    const headers = this.#rules.keepsMessageIds && headerOf(email.headers, "Message-ID")
      ? email.headers
      : [
        ...email.headers.filter(({ name }) => name.toLowerCase() !== "message-id"),
        { name: "Message-ID", value: `<CA${stableId(id, 40)}@mail.gmail.com>` },
      ];
    return this.#store({
      id,
      threadId: threadId !== undefined && this.#joins(threadId, email) ? threadId : id,
      labelIds: ["SENT"],
      internalDate: this.#clock.now().getTime(),
      headers,
      email,
    });
  }

  /** Puts an email into the inbox, as if it had come. */
  receive(email: ParsedEmail, threadId: string | undefined): StoredEmail {
    const id = newId();
    return this.#store({
      id,
      threadId: threadId ?? id,
      labelIds: ["INBOX", "UNREAD"],
      internalDate: this.#clock.now().getTime(),
      headers: email.headers,
      email,
    });
  }

  /** Moves an email to the trash, or deletes it for good. */
  remove(id: string, isForGood: boolean): boolean {
    const found = this.#emails.get(id);
    if (found === undefined) return false;
    if (isForGood) return this.#emails.delete(id);
    this.#emails.set(id, { ...found, labelIds: [...found.labelIds, "TRASH"] });
    return true;
  }

  /** Finds an email. */
  find(id: string): StoredEmail | undefined {
    return this.#emails.get(id);
  }

  /** Whether a thread is there. */
  hasThread(threadId: string): boolean {
    return this.all().some((email) => email.threadId === threadId);
  }

  /** All emails, the oldest first. */
  all(): StoredEmail[] {
    return [...this.#emails.values()];
  }

  /** The emails that a query means, the latest first. */
  list({ q, labelIds, hasSpamAndTrash }: ListQuery): StoredEmail[] {
    const terms = q.split(/\s+/).filter((term) => term !== "");
    const searchedBefore = this.#clock.now().getTime() - this.#rules.searchDelaySeconds * 1_000;
    return this.all().reverse().filter((stored) =>
      labelIds.every((label) => stored.labelIds.includes(label)) &&
      (hasSpamAndTrash || !stored.labelIds.includes("TRASH")) &&
      (terms.length === 0 || stored.internalDate <= searchedBefore) &&
      terms.every((term) => matches(stored, term))
    );
  }

  /** Gmail's own rule: the thread is named, the headers answer it, the subjects are the same. */
  #joins(threadId: string, email: ParsedEmail): boolean {
    const answered = [
      headerOf(email.headers, "In-Reply-To"),
      ...(headerOf(email.headers, "References") ?? "").split(/\s+/),
    ];
    return this.all().some((stored) =>
      stored.threadId === threadId &&
      answered.includes(headerOf(stored.headers, "Message-ID")) &&
      plainSubject(stored.headers) === plainSubject(email.headers)
    );
  }

  #store(stored: StoredEmail): StoredEmail {
    this.#emails.set(stored.id, stored);
    return stored;
  }
}

function matches({ headers, email, labelIds, internalDate }: StoredEmail, term: string): boolean {
  const [, operator = "", operand = ""] = /^(\w+):(.*)$/.exec(term) ?? [];
  switch (operator) {
    case "rfc822msgid":
      return (headerOf(headers, "Message-ID") ?? "").replace(/^<|>$/g, "") ===
        operand.replace(/^<|>$/g, "");
    case "in":
      return labelIds.includes(operand.toUpperCase()) || operand === "anywhere";
    case "to":
      return email.to.includes(operand.toLowerCase());
    case "after":
      return internalDate >= Number(operand) * 1_000;
    default:
      return plainSubject(headers).toLowerCase().includes(term.toLowerCase());
  }
}

function newId(): string {
  return stableId(crypto.randomUUID(), 16);
}
