// Every edge function: what kind it is, who may call it, what authority it has. The builders read it
// and refuse to start a function that it describes differently; a check compares it with the folders
// and with config.toml.

/** Where the trust boundary is: a user's token, a provider's signature, or our own schedule. */
export type FunctionKind = "api" | "webhook" | "job";

/** Providers that call us. */
export type WebhookProvider = "fathom" | "gladia" | "meetingbaas";

/** How a caller proves who it is. */
export type FunctionAuth = "user" | `webhook:${WebhookProvider}` | "cron";

/** One function. */
export interface FunctionEntry {
  readonly kind: FunctionKind;
  readonly auth: FunctionAuth;
  /** `user`: only ever the caller's authority. `service`: registered reasons for the service role. */
  readonly privilege: "user" | "service";
  readonly capability: string;
  readonly summary: string;
}

/** Name (folder and path) → the function. */
export const FUNCTION_REGISTRY = {
  "api-copilot": {
    kind: "api",
    auth: "user",
    privilege: "user",
    capability: "copilot",
    summary: "Answers a signed-in person's questions from what that person may see.",
  },
  "auto-join-scheduler": {
    kind: "job",
    auth: "cron",
    privilege: "service",
    capability: "recordings",
    summary: "Plans a recording for every meeting that begins soon.",
  },
  "calendar-sync": {
    kind: "api",
    auth: "user",
    privilege: "service",
    capability: "calendar",
    summary: "Brings the caller's own calendar up to date, on demand.",
  },
  "calendar-sync-scheduler": {
    kind: "job",
    auth: "cron",
    privilege: "service",
    capability: "calendar",
    summary: "Brings every connected calendar up to date, on schedule.",
  },
  "deploy-recording-bot": {
    kind: "job",
    auth: "cron",
    privilege: "service",
    capability: "recordings",
    summary: "Sends planned bots into their meetings, once, and has bots leave.",
  },
  "execute-confirmed-actions": {
    kind: "job",
    auth: "cron",
    privilege: "service",
    capability: "outbound",
    summary:
      "Sends outside what its owner has confirmed, once: email, Slack messages, invitations.",
  },
  "fathom-webhook": {
    kind: "webhook",
    auth: "webhook:fathom",
    privilege: "service",
    capability: "meetings",
    summary: "Accepts recorded meetings from Fathom.",
  },
  "generate-s3-video-thumbnail": {
    kind: "job",
    auth: "cron",
    privilege: "service",
    capability: "recordings",
    summary: "Has the one preview picture of a stored video made.",
  },
  "meeting-search": {
    kind: "api",
    auth: "user",
    privilege: "user",
    capability: "search",
    summary: "Searches the transcripts that the caller may read.",
  },
  "meetingbaas-webhook": {
    kind: "webhook",
    auth: "webhook:meetingbaas",
    privilege: "service",
    capability: "recordings",
    summary: "Accepts what the recording bots report.",
  },
  "poll-s3-upload-queue": {
    kind: "job",
    auth: "cron",
    privilege: "service",
    capability: "recordings",
    summary: "Wakes a worker for each upload that is due, and frees what dead ones left.",
  },
  "process-gladia-webhook": {
    kind: "webhook",
    auth: "webhook:gladia",
    privilege: "service",
    capability: "recordings",
    summary: "Accepts the transcriber's word that a recording has been transcribed.",
  },
  "process-recording": {
    kind: "job",
    auth: "cron",
    privilege: "service",
    capability: "recordings",
    summary: "Has recordings transcribed and analysed, and looks after those that nobody reports.",
  },
  "process-webhook-events": {
    kind: "job",
    auth: "cron",
    privilege: "service",
    capability: "platform",
    summary: "Drains the webhook inbox: whatever was accepted and is not yet applied.",
  },
  "reconcile-recordings": {
    kind: "job",
    auth: "cron",
    privilege: "service",
    capability: "recordings",
    summary:
      "Takes up what nobody works on any more, asks for silent bots, erases what was deleted.",
  },
  "recordings": {
    kind: "api",
    auth: "user",
    privilege: "user",
    capability: "recordings",
    summary: "Recordings: list, timeline, playback, trying again, deleting, sending a bot now.",
  },
  "s3-usage-metrics": {
    kind: "job",
    auth: "cron",
    privilege: "service",
    capability: "recordings",
    summary: "Writes down what recordings took up and cost, each day.",
  },
  "upload-recording-to-s3": {
    kind: "job",
    auth: "cron",
    privilege: "service",
    capability: "recordings",
    summary: "Copies files of recordings into our own bucket, resuming where the last run stopped.",
  },
} as const satisfies Record<string, FunctionEntry>;

/** The name of one function. */
export type FunctionName = keyof typeof FUNCTION_REGISTRY;

/** The names of one kind. */
export type FunctionNameOf<K extends FunctionKind> = {
  [N in FunctionName]: (typeof FUNCTION_REGISTRY)[N]["kind"] extends K ? N : never;
}[FunctionName];

/**
 * Reads a function's entry and insists on its kind.
 *
 * @param name The function being built.
 * @param kind The kind that its builder makes.
 * @returns The entry.
 * @throws {TypeError} When the registry says otherwise; the function must not start.
 */
export function requireFunction(name: FunctionName, kind: FunctionKind): FunctionEntry {
  const entry: FunctionEntry | undefined = FUNCTION_REGISTRY[name];
  if (entry === undefined) throw new TypeError(`${name} is not in the function registry`);
  if (entry.kind !== kind) {
    throw new TypeError(`${name} is registered as ${entry.kind}, but was built as ${kind}`);
  }
  return entry;
}
