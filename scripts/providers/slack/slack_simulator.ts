// The simulated Slack Web API: chat.postMessage, conversations.history, conversations.list, auth.test.
// A token sim-slack knows is xoxb-sim-<team id>; each team is a workspace of its own.
import { createHash } from "node:crypto";
import type { Simulator } from "../simulator.ts";
import type { VirtualClock } from "../virtual_clock.ts";
import { WireFaults } from "../wire_faults.ts";
import { checkMessage } from "./check_message.ts";
import { SlackLimits } from "./rate_limits.ts";
import {
  describeChannel,
  describeMessage,
  type Input,
  isTrue,
  listChannels,
  PAGE_SIZE,
  PAGE_SIZE_MAX,
  readCursor,
  requireScope,
  writeCursor,
} from "./list_channels.ts";
import { controlSlack } from "./slack_control.ts";
import { renderSlackError, SlackError, tooFast } from "./slack_error.ts";
import { type Channel, Workspace } from "./workspace.ts";

const BOT_TOKEN = /^xoxb-sim-([TE][A-Z0-9]+)$/;
const BOT_USER = "U0SIXTYBOT";
const LIMITED_PAGE_SIZE = 15;

/** A message that was posted through the API, as the ledger keeps it. */
export interface PostEntry {
  readonly team: string;
  readonly channel: string;
  readonly ts: string;
  readonly effect_id: string | null;
  /** SHA-256 of the text as UTF-8, in hex. */
  readonly sha256: string;
  readonly at: string;
}

/** Slack, as far as posting needs it. */
export class SlackSimulator implements Simulator {
  readonly name = "slack";
  readonly prefix = "slack";
  readonly faults = new WireFaults();
  readonly limits: SlackLimits;
  readonly posts: PostEntry[] = [];
  readonly #workspaces = new Map<string, Workspace>();
  readonly #calls: { method: string; status: number; error: string | null; at: string }[] = [];

  /** @param clock The simulators' time. */
  constructor(readonly clock: VirtualClock) {
    this.limits = new SlackLimits(clock);
  }

  /** Gives a workspace. */
  workspace(teamId: string): Workspace {
    const found = this.#workspaces.get(teamId) ?? new Workspace(teamId);
    this.#workspaces.set(teamId, found);
    return found;
  }

  async answer(request: Request, path: string): Promise<Response> {
    const method = path.replace(/^\/api\//, "");
    const response = await this.faults.answer({
      request,
      route: method,
      serve: () => this.#serve(request, method),
      refuse: ({ status, reason, retryAfterSeconds }) => {
        if (status === 429) return tooFast(retryAfterSeconds ?? 1);
        if (reason !== undefined) return renderSlackError(new SlackError(reason));
        return new Response("<html>upstream connect error</html>", {
          status,
          headers: { "content-type": "text/html" },
        });
      },
    });
    this.#calls.push({
      method,
      status: response.status,
      error: response.headers.get("x-sim-error"),
      at: this.clock.now().toISOString(),
    });
    return response;
  }

  async control(input: unknown): Promise<unknown> {
    return await Promise.resolve(controlSlack(this, input));
  }

  state(): unknown {
    const counts: Record<string, number> = {};
    for (const { effect_id: id } of this.posts) {
      if (id !== null) counts[id] = (counts[id] ?? 0) + 1;
    }
    return {
      workspaces: [...this.#workspaces.values()].map((workspace) => ({
        team_id: workspace.teamId,
        name: workspace.name,
        is_revoked: workspace.isRevoked,
        channels: [...workspace.channels.values()].map(describeChannel),
        messages: workspace.messages.length,
      })),
      posts: this.posts,
      posts_per_effect: counts,
      calls: this.#calls,
      faults: this.faults.list(),
    };
  }

  reset(): void {
    this.#workspaces.clear();
    this.faults.reset();
    this.limits.reset();
    this.posts.length = 0;
    this.#calls.length = 0;
  }

  close(): Promise<void> {
    this.faults.reset();
    return Promise.resolve();
  }

  async #serve(request: Request, method: string): Promise<Response> {
    try {
      if (request.method !== "POST" && request.method !== "GET") {
        throw new SlackError("invalid_post_type");
      }
      const input = await readInput(request);
      const workspace = this.#authenticate(request, input);
      const wait = this.limits.count(workspace.teamId, method);
      if (wait !== null) return tooFast(wait);
      const response = this.#dispatch(method, workspace, input);
      response.headers.set("x-oauth-scopes", workspace.scopes.join(","));
      return response;
    } catch (cause) {
      if (!(cause instanceof SlackError)) throw cause;
      const refusal = renderSlackError(cause);
      refusal.headers.set("x-sim-error", cause.code);
      return refusal;
    }
  }

  #authenticate(request: Request, input: Input): Workspace {
    const bearer = /^Bearer (.+)$/i.exec(request.headers.get("authorization") ?? "")?.[1];
    const token = bearer ?? input["token"];
    if (typeof token !== "string" || token === "") throw new SlackError("not_authed");
    const teamId = BOT_TOKEN.exec(token)?.[1];
    if (teamId === undefined) throw new SlackError("invalid_auth");
    const workspace = this.workspace(teamId);
    if (workspace.isRevoked) throw new SlackError("token_revoked");
    return workspace;
  }

  #dispatch(method: string, workspace: Workspace, input: Input): Response {
    switch (method) {
      case "auth.test":
        return Response.json({
          ok: true,
          url: `https://${workspace.name.toLowerCase()}.slack.example/`,
          team: workspace.name,
          user: "sixty",
          team_id: workspace.teamId,
          user_id: BOT_USER,
          bot_id: "B0SIXTYBOT",
          is_enterprise_install: false,
        });
      case "chat.postMessage":
        return this.#post(workspace, input);
      case "conversations.history":
        return this.#history(workspace, input);
      case "conversations.list":
        return listChannels(workspace, input);
      default:
        throw new SlackError("unknown_method", { req_method: method });
    }
  }

  #post(workspace: Workspace, input: Input): Response {
    requireScope(workspace, "chat:write");
    const channel = findChannel(workspace, input["channel"]);
    if (channel.isArchived) throw new SlackError("is_archived");
    if (!channel.isMember) throw new SlackError("not_in_channel");
    const message = checkMessage(input);
    const wait = this.limits.waitForPost(workspace.teamId, channel.id);
    if (wait !== null) return tooFast(wait);
    this.limits.notePost(workspace.teamId, channel.id);
    const threadTs = typeof input["thread_ts"] === "string" ? input["thread_ts"] : null;
    const kept = workspace.post(
      { ...message, channel: channel.id, isBot: true, threadTs },
      this.clock.now(),
    );
    const effectId = message.metadata?.event_payload["effect_id"];
    this.posts.push({
      team: workspace.teamId,
      channel: channel.id,
      ts: kept.ts,
      effect_id: typeof effectId === "string" ? effectId : null,
      sha256: createHash("sha256").update(message.text).digest("hex"),
      at: this.clock.now().toISOString(),
    });
    return Response.json({
      ok: true,
      channel: channel.id,
      ts: kept.ts,
      message: describeMessage(kept, true),
    });
  }

  #history(workspace: Workspace, input: Input): Response {
    const channel = findChannel(workspace, input["channel"]);
    requireScope(workspace, channel.isPrivate ? "groups:history" : "channels:history");
    if (!channel.isMember) throw new SlackError("not_in_channel");
    const oldest = Number(input["oldest"] ?? 0);
    const latest = Number(input["latest"] ?? Infinity);
    const most = this.limits.isHistoryLimited ? LIMITED_PAGE_SIZE : PAGE_SIZE_MAX;
    const size = Math.min(Number(input["limit"] ?? PAGE_SIZE) || PAGE_SIZE, most);
    const from = readCursor(input["cursor"]);
    const found = workspace.history(channel.id).filter(({ ts }) =>
      Number(ts) > oldest && Number(ts) < latest
    );
    const hasMore = from + size < found.length;
    return Response.json({
      ok: true,
      messages: found.slice(from, from + size).map((message) =>
        describeMessage(message, isTrue(input["include_all_metadata"]))
      ),
      has_more: hasMore,
      pin_count: 0,
      ...(hasMore && { response_metadata: { next_cursor: writeCursor(from + size) } }),
    });
  }
}

function findChannel(workspace: Workspace, id: unknown): Channel {
  const channel = workspace.channels.get(String(id ?? ""));
  if (channel === undefined) throw new SlackError("channel_not_found");
  return channel;
}

async function readInput(request: Request): Promise<Input> {
  const url = new URL(request.url);
  const text = request.method === "GET" ? "" : await request.text();
  const query = Object.fromEntries(url.searchParams);
  if (!(request.headers.get("content-type") ?? "").startsWith("application/json")) {
    return { ...query, ...Object.fromEntries(new URLSearchParams(text)) };
  }
  try {
    const body: unknown = JSON.parse(text);
    return typeof body === "object" && body !== null ? { ...query, ...body } : query;
  } catch {
    throw new SlackError("invalid_json");
  }
}
