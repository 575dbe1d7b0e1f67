// Slack's Web API, through @slack/web-api. Trust boundary: what it answers is a third party's; it is
// parsed before anything else sees it, and no answer's text and nothing of the token reaches a log.
//
// Documented: chat.postMessage with metadata {event_type, event_payload}, which stays with the message;
// conversations.history with include_all_metadata, newest first; HTTP 200 with ok: false for failures;
// 429 with Retry-After; about one message a second and channel. There is no key that makes a second post
// harmless, so ours lies in the metadata and is looked for before one.
import { z } from "zod";
import { OutboundError } from "@shared/outbound/outbound_error.ts";
import type {
  PostedMessage,
  SlackPoster,
  SlackWorkspace,
} from "@shared/outbound/outbound_ports.ts";
import { type ReadVariable, readVariables } from "../env/platform_env.ts";
import { slackFailure } from "./slack_failure.ts";

const SlackSettings = z.object({
  SLACK_API_BASE_URL: z.url({ protocol: /^https?$/ }).default("https://slack.com/api/"),
});

/** What the client needs from outside. */
export interface SlackDeps {
  readonly readVariable: ReadVariable;
  readonly fetch: typeof globalThis.fetch;
  readonly signal: AbortSignal;
  /** 20,000 unless said otherwise. */
  readonly timeoutMs?: number;
}

const TIMEOUT_MS = 20_000;
const METADATA_EVENT = "sixty_action";
/** What an app outside of Slack's directory gets at most in one page. */
const HISTORY_PAGE = 15;
const HISTORY_PAGES_MAX = 20;
const CHANNEL_PAGE = 200;
const CHANNELS_MAX = 1_000;
const SKEW_SECONDS = 600;
const NAME_MAX = 100;

const Posted = z.object({ channel: z.string().min(1), ts: z.string().min(1) });
const History = z.object({
  messages: z.array(z.object({
    ts: z.string(),
    metadata: z.object({
      event_type: z.string(),
      event_payload: z.record(z.string(), z.unknown()).nullish(),
    }).nullish(),
  })),
  response_metadata: z.object({ next_cursor: z.string().nullish() }).nullish(),
});
const Identity = z.object({
  team_id: z.string(),
  team: z.string(),
  user_id: z.string(),
  response_metadata: z.object({ scopes: z.array(z.string()).nullish() }).nullish(),
});
const Channels = z.object({
  channels: z.array(z.object({
    id: z.string(),
    name: z.string(),
    is_archived: z.boolean().nullish(),
    is_member: z.boolean().nullish(),
  })),
  response_metadata: z.object({ next_cursor: z.string().nullish() }).nullish(),
});

type Sdk = typeof import("@slack/web-api");
type SdkClient = InstanceType<Sdk["WebClient"]>;
type Connect = (botToken: string) => Promise<{ readonly sdk: Sdk; readonly client: SdkClient }>;

/**
 * Makes the client of Slack.
 *
 * @param deps Settings and network.
 * @returns The client; the library is loaded with the first call.
 * @throws {EnvironmentError} When a setting is malformed.
 *
 * @example Posting what was confirmed
 * ```ts ignore
 * const slack = createSlack({ readVariable, fetch, signal });
 * const { ts } = await slack.post(botToken, { channelId, text, effectId });
 * ```
 */
export function createSlack(deps: SlackDeps): SlackPoster {
  const { SLACK_API_BASE_URL } = readVariables(SlackSettings, deps.readVariable);
  const connect: Connect = async (botToken) => {
    const sdk = await loadSdk();
    return { sdk, client: new sdk.WebClient(botToken, clientOptions(deps, SLACK_API_BASE_URL)) };
  };
  return {
    post: (botToken, message) => post(connect, botToken, message),
    findPosted: (botToken, message) => findPosted(connect, botToken, message),
    describeWorkspace: (botToken) => describeWorkspace(connect, botToken),
  };
}

/**
 * The library expects two things of Node that the hosted runtime's Deno has not: a global Buffer, and
 * leave to ask for the release of the operating system, for its user agent, which we replace anyway.
 */
async function loadSdk(): Promise<Sdk> {
  const [{ Buffer }, { default: os }] = await Promise.all([
    import("node:buffer"),
    import("node:os"),
  ]);
  if (!("Buffer" in globalThis)) Reflect.set(globalThis, "Buffer", Buffer);
  const release = os.release;
  Reflect.set(os, "release", () => "");
  try {
    return await import("@slack/web-api");
  } finally {
    Reflect.set(os, "release", release);
  }
}

function clientOptions(
  deps: SlackDeps,
  slackApiUrl: string,
): ConstructorParameters<Sdk["WebClient"]>[1] {
  const ignore = (): void => {};
  const send = (url: string | URL, init?: Parameters<typeof globalThis.fetch>[1]) =>
    deps.fetch(url, {
      ...init,
      signal: AbortSignal.any([deps.signal, AbortSignal.timeout(deps.timeoutMs ?? TIMEOUT_MS)]),
    });
  return {
    slackApiUrl,
    fetch: send,
    allowAbsoluteUrls: false,
    // A try that is repeated unseen would post twice
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
    headers: { "User-Agent": "sixty" },
    // It would log what the network says
    logger: {
      debug: ignore,
      info: ignore,
      warn: ignore,
      error: ignore,
      setLevel: ignore,
      getLevel: () => "error" as ReturnType<SdkClient["logger"]["getLevel"]>,
      setName: ignore,
    },
  };
}

async function post(
  connect: Connect,
  botToken: string,
  message: { readonly channelId: string; readonly text: string; readonly effectId: string },
): Promise<PostedMessage> {
  const answer = await call(connect, botToken, true, (client) =>
    client.chat.postMessage({
      channel: message.channelId,
      text: message.text,
      metadata: { event_type: METADATA_EVENT, event_payload: { effect_id: message.effectId } },
      unfurl_links: false,
      unfurl_media: false,
    }));
  const { channel, ts } = parse(Posted, answer, true);
  return { channelId: channel, ts };
}

async function findPosted(
  connect: Connect,
  botToken: string,
  message: { readonly channelId: string; readonly effectId: string; readonly since: Date },
): Promise<PostedMessage | null> {
  const { channelId, effectId, since } = message;
  const oldest = String(Math.floor(since.getTime() / 1_000) - SKEW_SECONDS);
  let cursor = "";
  for (let page = 0; page < HISTORY_PAGES_MAX; page++) {
    const answer = await call(connect, botToken, false, (client) =>
      client.conversations.history({
        channel: channelId,
        oldest,
        limit: HISTORY_PAGE,
        include_all_metadata: true,
        ...(cursor !== "" && { cursor }),
      }));
    const history = parse(History, answer, false);
    const found = history.messages.find(({ metadata }) =>
      metadata?.event_type === METADATA_EVENT &&
      metadata.event_payload?.["effect_id"] === effectId
    );
    if (found !== undefined) return { channelId, ts: found.ts };
    cursor = history.response_metadata?.next_cursor ?? "";
    if (cursor === "") return null;
  }
  throw new OutboundError("look_up_unclear");
}

async function describeWorkspace(connect: Connect, botToken: string): Promise<SlackWorkspace> {
  const identity = parse(
    Identity,
    await call(connect, botToken, false, (client) => client.auth.test()),
    false,
  );
  const channels: { id: string; name: string }[] = [];
  let cursor = "";
  do {
    const answer = await call(connect, botToken, false, (client) =>
      client.conversations.list({
        exclude_archived: true,
        limit: CHANNEL_PAGE,
        types: "public_channel,private_channel",
        ...(cursor !== "" && { cursor }),
      }));
    const page = parse(Channels, answer, false);
    for (const { id, name, is_archived: isArchived, is_member: isMember } of page.channels) {
      if (isMember && !isArchived) channels.push({ id, name: name.slice(0, NAME_MAX) });
    }
    cursor = page.response_metadata?.next_cursor ?? "";
  } while (cursor !== "" && channels.length < CHANNELS_MAX);
  return {
    teamId: identity.team_id,
    teamName: identity.team,
    botUserId: identity.user_id,
    scopes: identity.response_metadata?.scopes ?? [],
    channels,
  };
}

async function call(
  connect: Connect,
  botToken: string,
  isWrite: boolean,
  work: (client: SdkClient) => Promise<unknown>,
): Promise<unknown> {
  const { sdk, client } = await connect(botToken);
  try {
    return await work(client);
  } catch (cause) {
    throw asOutboundError(sdk, cause, isWrite);
  }
}

function asOutboundError(sdk: Sdk, cause: unknown, isWrite: boolean): OutboundError {
  if (cause instanceof sdk.WebAPIRateLimitedError) {
    return new OutboundError("rate_limited", {
      status: 429,
      retryAfterSeconds: cause.retryAfter,
    });
  }
  if (cause instanceof sdk.WebAPIPlatformError) {
    const failure = slackFailure(cause.data.error);
    const mayHaveHappened = isWrite && failure === "unavailable";
    return new OutboundError(failure, { status: 200, mayHaveHappened });
  }
  if (cause instanceof sdk.WebAPIHTTPError) {
    const { statusCode: status } = cause;
    return status >= 500
      ? new OutboundError("unavailable", { status, mayHaveHappened: isWrite })
      : new OutboundError(status === 429 ? "rate_limited" : "rejected", { status });
  }
  // No answer at all, or none that the library could read
  return new OutboundError("unavailable", { mayHaveHappened: isWrite, cause });
}

function parse<T extends z.ZodType>(schema: T, answer: unknown, isWrite: boolean): z.output<T> {
  const parsed = schema.safeParse(answer);
  if (parsed.success) return parsed.data;
  throw new OutboundError("unavailable", { mayHaveHappened: isWrite });
}
