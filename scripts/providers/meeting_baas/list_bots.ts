// `GET /v2/bots`: newest first, a page at a time, filtered.
import { Buffer } from "node:buffer";
import { z } from "zod";
import { renderListed } from "./bot_documents.ts";
import { type Bot, statusOf } from "./bot.ts";
import { MeetingBaasError } from "./meeting_baas_error.ts";

const Query = z.object({
  limit: z.coerce.number().int().min(1).max(250).default(50),
  cursor: z.string().optional(),
  extra: z.string().optional(),
  status: z.string().optional(),
  meeting_url: z.string().optional(),
  meeting_platform: z.string().optional(),
  bot_id: z.string().optional(),
  bot_name: z.string().optional(),
  participant_name: z.string().optional(),
  created_after: z.iso.datetime().optional(),
  created_before: z.iso.datetime().optional(),
  ended_after: z.iso.datetime().optional(),
});
type Query = z.infer<typeof Query>;

/**
 * Lists bots.
 *
 * @param bots All of them, oldest first.
 * @param parameters The query.
 * @throws {MeetingBaasError} 400 when it makes no sense.
 */
export function listBots(
  bots: readonly Bot[],
  parameters: URLSearchParams,
): Record<string, unknown> {
  const parsed = Query.safeParse(Object.fromEntries(parameters));
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new MeetingBaasError(
      400,
      "VALIDATION",
      `querystring/${issue?.path.join("/")} ${issue?.message}`,
    );
  }
  const query = parsed.data;
  const matching = bots.filter((bot) => isMatch(bot, query)).toReversed();
  const from = query.cursor === undefined ? 0 : placeAfter(matching, query.cursor);
  const page = matching.slice(from, from + query.limit);
  const last = page.at(-1);
  const first = page[0];
  return {
    success: true,
    data: page.map(renderListed),
    cursor: last !== undefined && matching.length > from + page.length ? cursorOf(last) : null,
    prev_cursor: first !== undefined && from > 0 ? cursorOf(first) : null,
  };
}

function isMatch(bot: Bot, query: Query): boolean {
  const { request, platform, createdAt, conversation } = bot;
  const status = statusOf(bot);
  const created = createdAt.getTime();
  return [
    query.extra === undefined || hasExtra(request.extra, query.extra),
    query.status === undefined || query.status.split(",").includes(status.code),
    query.meeting_platform === undefined || query.meeting_platform.split(",").includes(platform),
    contains(request.meeting_url, query.meeting_url),
    contains(bot.id, query.bot_id),
    contains(request.bot_name, query.bot_name),
    conversation.participants.some(({ name }) => contains(name, query.participant_name)),
    query.created_after === undefined || created > Date.parse(query.created_after),
    query.created_before === undefined || created < Date.parse(query.created_before),
    query.ended_after === undefined ||
    (bot.exitedAt !== null && bot.exitedAt.getTime() > Date.parse(query.ended_after)),
  ].every(Boolean);
}

function contains(text: string, part: string | undefined): boolean {
  return part === undefined || text.toLowerCase().includes(part.toLowerCase());
}

/** `field:value,field:value`: all of them, exactly. */
function hasExtra(extra: Readonly<Record<string, unknown>> | null, conditions: string): boolean {
  return conditions.split(",").every((condition) => {
    const at = condition.indexOf(":");
    const value = extra?.[condition.slice(0, at)];
    return value !== undefined && String(value) === condition.slice(at + 1);
  });
}

function cursorOf(bot: Bot): string {
  return Buffer.from(`${bot.createdAt.toISOString()}::${bot.id}`).toString("base64");
}

function placeAfter(bots: readonly Bot[], cursor: string): number {
  const [createdAt, id] = Buffer.from(cursor, "base64").toString("utf8").split("::");
  if (createdAt === undefined || id === undefined || Number.isNaN(Date.parse(createdAt))) {
    throw new MeetingBaasError(400, "VALIDATION", "querystring/cursor Invalid cursor");
  }
  const found = bots.findIndex((bot) => bot.id === id);
  if (found !== -1) return found + 1;
  const older = bots.findIndex((bot) => bot.createdAt.toISOString() < createdAt);
  return older === -1 ? bots.length : older;
}
