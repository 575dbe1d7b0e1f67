// One workspace: its channels and what was posted into them.

/** A channel. */
export interface Channel {
  readonly id: string;
  readonly name: string;
  readonly isPrivate: boolean;
  readonly isArchived: boolean;
  /** Whether our bot is in it. */
  readonly isMember: boolean;
}

/** A message as it is kept. */
export interface Message {
  readonly channel: string;
  /** The message's id; a text. */
  readonly ts: string;
  readonly text: string;
  readonly blocks: readonly unknown[];
  readonly metadata:
    | { readonly event_type: string; readonly event_payload: Readonly<Record<string, unknown>> }
    | null;
  readonly isBot: boolean;
  readonly threadTs: string | null;
}

const DEFAULT_CHANNELS: readonly Channel[] = [
  channel("C01GENERAL", "general"),
  channel("C02SALES", "sales"),
  channel("C03DEALS", "deals"),
  { ...channel("C04LEADERS", "leadership"), isPrivate: true, isMember: false },
  { ...channel("C05OLDDEALS", "old-deals"), isArchived: true },
  { ...channel("C06RANDOM", "random"), isMember: false },
];
const DEFAULT_SCOPES = ["chat:write", "channels:read", "channels:history"];

function channel(id: string, name: string): Channel {
  return { id, name, isPrivate: false, isArchived: false, isMember: true };
}

/** A workspace. */
export class Workspace {
  readonly channels = new Map(DEFAULT_CHANNELS.map((one) => [one.id, one]));
  readonly messages: Message[] = [];
  scopes: readonly string[] = DEFAULT_SCOPES;
  isRevoked = false;
  #lastMicroseconds = 0;

  /** @param teamId Its id. */
  constructor(readonly teamId: string) {}

  /** Its name: that of its id, for people. */
  get name(): string {
    const word = this.teamId.replace(/^[TE]0*/, "").toLowerCase();
    return word.charAt(0).toUpperCase() + word.slice(1);
  }

  /** Keeps a message; its ts is later than every one before. */
  post(message: Omit<Message, "ts">, now: Date): Message {
    this.#lastMicroseconds = Math.max(this.#lastMicroseconds + 1, now.getTime() * 1_000);
    const digits = String(this.#lastMicroseconds);
    const kept = { ...message, ts: `${digits.slice(0, -6)}.${digits.slice(-6)}` };
    this.messages.push(kept);
    return kept;
  }

  /** The messages of a channel, the latest first. */
  history(channelId: string): Message[] {
    return this.messages.filter(({ channel }) => channel === channelId).reverse();
  }
}
