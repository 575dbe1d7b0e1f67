// Where the auth room's mails land in development, instead of being sent.

/** One captured mail. */
export interface Mail {
  readonly id: string;
  readonly to: string;
  readonly type:
    | "signup"
    | "magiclink"
    | "recovery"
    | "invite"
    | "email_change"
    | "reauthentication";
  readonly subject: string;
  /** The code to type in. */
  readonly otp: string;
  /** What `verifyOtp({ token_hash })` takes; absent where only a code is meant. */
  readonly token_hash: string | null;
  /** The link to click. */
  readonly action_link: string | null;
  readonly created_at: string;
}

/** The mails captured so far, newest last. */
export interface Mailbox {
  deliver(mail: Omit<Mail, "id">): void;
  list(to?: string): readonly Mail[];
  clear(): void;
}

const MOST_MAILS = 500;

/** Makes an empty mailbox that forgets its oldest mails when it grows too long. */
export function createMailbox(): Mailbox {
  let mails: Mail[] = [];
  return {
    deliver: (mail) => {
      mails = [...mails, { id: crypto.randomUUID(), ...mail }].slice(-MOST_MAILS);
    },
    list: (to) => to === undefined ? mails : mails.filter((mail) => mail.to === to.toLowerCase()),
    clear: () => {
      mails = [];
    },
  };
}
