// What the services must be able to do for us through which a confirmed action leaves. The edge
// implements them. Each can be asked for what it was sent before by an id of ours, since none of them
// takes a key that would make a second call harmless.

/** An email as Gmail keeps it. */
export interface SentEmail {
  readonly id: string;
  readonly threadId: string;
}

/** Sends email from a person's own account. */
export interface EmailSender {
  /**
   * Looks for an email that may have been sent.
   *
   * @param accessToken The person's.
   * @param email Our Message-ID with its brackets, and a time before the first try.
   * @returns The sent email; null when it surely was not sent.
   * @throws {OutboundError} `look_up_unclear` when neither is sure.
   */
  findSent(
    accessToken: string,
    email: { readonly messageId: string; readonly since: Date },
  ): Promise<SentEmail | null>;
  /**
   * Sends a whole message.
   *
   * @param accessToken The person's.
   * @param email RFC 5322 in base64url, sent as it is; and Gmail's thread that it answers.
   * @throws {OutboundError} When `mayHaveHappened`, look for it before the next try.
   */
  send(
    accessToken: string,
    email: { readonly raw: string; readonly threadId: string | null },
  ): Promise<SentEmail>;
}

/** A message as Slack keeps it; `ts` is its id, a text that is never a number. */
export interface PostedMessage {
  readonly channelId: string;
  readonly ts: string;
}

/** A workspace as its bot sees it. */
export interface SlackWorkspace {
  readonly teamId: string;
  readonly teamName: string;
  readonly botUserId: string;
  readonly scopes: readonly string[];
  /** Channels that the bot can post into, the archived ones left out. */
  readonly channels: readonly { readonly id: string; readonly name: string }[];
}

/** Posts into channels of a workspace. */
export interface SlackPoster {
  /**
   * Looks for a message that may have been posted.
   *
   * @param botToken The workspace's.
   * @param message The channel, the effect's id that the message carries, a time before the first try.
   * @returns The message; null when it surely was not posted.
   * @throws {OutboundError} `look_up_unclear` when neither is sure.
   */
  findPosted(
    botToken: string,
    message: { readonly channelId: string; readonly effectId: string; readonly since: Date },
  ): Promise<PostedMessage | null>;
  /** Posts a text, with the effect's id in its metadata. @throws {OutboundError} */
  post(
    botToken: string,
    message: { readonly channelId: string; readonly text: string; readonly effectId: string },
  ): Promise<PostedMessage>;
  /** Reads who the bot is and where it may post. @throws {OutboundError} */
  describeWorkspace(botToken: string): Promise<SlackWorkspace>;
}

/** An event to be made. */
export interface NewEvent {
  /** Ours: a second event with the same id is refused. */
  readonly id: string;
  readonly title: string;
  readonly description: string | null;
  /** ISO 8601 with an offset, both. */
  readonly startsAt: string;
  readonly endsAt: string;
  /** IANA zone in which it was planned. */
  readonly timeZone: string;
  readonly attendees: readonly string[];
}

/** An event as the calendar keeps it. */
export interface WrittenEvent {
  readonly id: string;
  readonly htmlLink: string | null;
}

/** Writes into a person's own calendar. */
export interface CalendarWriter {
  /** Finds an event by our id, also one that was deleted since; null when there never was one. @throws {OutboundError} */
  findEvent(
    accessToken: string,
    event: { readonly calendarId: string; readonly eventId: string },
  ): Promise<WrittenEvent | null>;
  /**
   * Makes the event and has the calendar invite its people.
   *
   * @returns The event; null when there is one with that id already.
   * @throws {OutboundError}
   */
  insertEvent(
    accessToken: string,
    target: { readonly calendarId: string; readonly event: NewEvent },
  ): Promise<WrittenEvent | null>;
}
