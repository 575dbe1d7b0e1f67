// conversations.list, and how channels, messages and pages look in answers.
import { SlackError } from "./slack_error.ts";
import type { Channel, Message, Workspace } from "./workspace.ts";

/** The arguments of a call, whether they came as a form or as JSON. */
export type Input = Readonly<Record<string, unknown>>;

/** Items of a page unless the caller says otherwise. */
export const PAGE_SIZE = 100;
/** Items of a page at most. */
export const PAGE_SIZE_MAX = 999;

const BOT_USER = "U0SIXTYBOT";

/** Answers conversations.list. @throws {SlackError} */
export function listChannels(workspace: Workspace, input: Input): Response {
  requireScope(workspace, "channels:read");
  const types = String(input["types"] ?? "public_channel").split(",");
  const size = Math.min(Number(input["limit"] ?? PAGE_SIZE) || PAGE_SIZE, PAGE_SIZE_MAX);
  const from = readCursor(input["cursor"]);
  const found = [...workspace.channels.values()].filter((channel) =>
    types.includes(channel.isPrivate ? "private_channel" : "public_channel") &&
    // A private channel is nobody's who is not in it
    (!channel.isPrivate || channel.isMember) &&
    !(isTrue(input["exclude_archived"]) && channel.isArchived)
  );
  return Response.json({
    ok: true,
    channels: found.slice(from, from + size).map(describeChannel),
    response_metadata: { next_cursor: from + size < found.length ? writeCursor(from + size) : "" },
  });
}

/** A channel as answers show it. */
export function describeChannel(channel: Channel): Record<string, unknown> {
  return {
    id: channel.id,
    name: channel.name,
    is_channel: true,
    is_private: channel.isPrivate,
    is_archived: channel.isArchived,
    is_member: channel.isMember,
  };
}

/** A message as answers show it. */
export function describeMessage(message: Message, hasMetadata: boolean): Record<string, unknown> {
  return {
    type: "message",
    ts: message.ts,
    text: message.text,
    ...(message.isBot ? { user: BOT_USER, bot_id: "B0SIXTYBOT" } : { user: "U0SOMEBODY" }),
    ...(message.blocks.length > 0 && { blocks: message.blocks }),
    ...(message.threadTs !== null && { thread_ts: message.threadTs }),
    ...(hasMetadata && message.metadata !== null && { metadata: message.metadata }),
  };
}

/** Insists on a scope. @throws {SlackError} `missing_scope` */
export function requireScope(workspace: Workspace, scope: string): void {
  if (workspace.scopes.includes(scope)) return;
  throw new SlackError("missing_scope", { needed: scope, provided: workspace.scopes.join(",") });
}

/** Reads a flag. */
export function isTrue(value: unknown): boolean {
  return value === true || value === "true" || value === "1";
}

/** Where a page begins. @throws {SlackError} `invalid_cursor` */
export function readCursor(value: unknown): number {
  const text = typeof value === "string" ? value : "";
  if (text === "") return 0;
  const from = Number(/^next:(\d+)$/.exec(atob(text))?.[1] ?? Number.NaN);
  if (!Number.isInteger(from)) throw new SlackError("invalid_cursor");
  return from;
}

/** Names the place where the next page begins. */
export function writeCursor(from: number): string {
  return btoa(`next:${from}`);
}
