// Control of the simulated Google Calendar; the actions are listed at the head of ../control.ts.
import { z } from "zod";
import { FailCall, readFault } from "../fault_control.ts";
import { nameOf } from "../people.ts";
import { stableId } from "../seeded_random.ts";
import { ControlError } from "../simulator.ts";
import type { CalendarAccount } from "./calendar_account.ts";
import { type Attendee, type EventContent, type EventTime, renderEvent } from "./calendar_event.ts";
import type { CalendarSimulator } from "./calendar_simulator.ts";
import { parseRule } from "./recurrence.ts";

const Email = z.email().transform((email) => email.toLowerCase());
const TimeZone = z.string().refine((zone) =>
  Intl.supportedValuesOf("timeZone").includes(zone) || zone === "UTC"
);
const Moment = z.union([z.iso.datetime({ offset: true }), z.iso.date()]);
const Guest = z.union([
  Email.transform((email): Attendee => ({
    email,
    displayName: nameOf(email),
    responseStatus: "accepted",
  })),
  z.looseObject({
    email: Email,
    responseStatus: z.enum(["needsAction", "declined", "tentative", "accepted"])
      .default("accepted"),
  }),
]);

const CalendarControl = z.discriminatedUnion("action", [
  z.object({
    action: z.literal("upsert"),
    email: Email,
    event: z.object({
      id: z.string().regex(/^[a-v0-9_TZ]{5,1024}$/).optional(),
      summary: z.string().optional(),
      start: Moment.optional(),
      end: Moment.optional(),
      minutes: z.number().positive().default(30),
      attendees: z.array(Guest).optional(),
      own_response: z.enum(["needsAction", "declined", "tentative", "accepted"])
        .default("accepted"),
      recurrence: z.array(z.string()).optional(),
      raw: z.record(z.string(), z.unknown()).optional(),
    }),
  }),
  z.object({ action: z.literal("move"), email: Email, id: z.string(), start: Moment }),
  z.object({
    action: z.literal("cancel"),
    email: Email,
    id: z.string(),
    bare: z.boolean().default(true),
  }),
  z.object({ action: z.literal("clear"), email: Email }),
  z.object({ action: z.literal("set_account"), email: Email, time_zone: TimeZone }),
  z.object({ action: z.literal("events"), email: Email }),
  z.object({ action: z.literal("expire_tokens"), email: Email.optional() }),
  z.object({ action: z.literal("revoke"), email: Email }),
  z.object({ action: z.literal("restore"), email: Email }),
  z.object({ action: z.literal("expire_sync_tokens"), email: Email }),
  z.object({
    action: z.literal("fail"),
    route: z.enum(["events.list", "events.watch", "channels.stop", "token"])
      .default("events.list"),
    page: z.int().positive().optional(),
    status: z.int().min(400).max(599),
    reason: z.string().optional(),
    count: z.int().positive().default(1),
    delay_ms: z.number().nonnegative().default(0),
  }),
  z.object({
    action: z.literal("quota"),
    limit: z.int().nonnegative(),
    window_seconds: z.number().positive().default(60),
  }),
  z.object({ action: z.literal("push"), email: Email }),
  z.object({ action: z.literal("channel_lifetime"), seconds: z.number().positive() }),
  z.object({ action: z.literal("grant"), email: Email, scopes: z.array(z.string()) }),
  FailCall,
  z.object({ action: z.literal("settle") }),
]);
type CalendarControl = z.infer<typeof CalendarControl>;
type UpsertEvent = Extract<CalendarControl, { action: "upsert" }>["event"];

/**
 * Carries out a control request.
 *
 * @param simulator The simulator.
 * @param input The request.
 * @throws {ControlError} When it makes no sense.
 */
export async function controlCalendar(
  simulator: CalendarSimulator,
  input: unknown,
): Promise<unknown> {
  const parsed = CalendarControl.safeParse(input);
  if (!parsed.success) throw new ControlError(z.prettifyError(parsed.error));
  const request = parsed.data;
  switch (request.action) {
    case "upsert":
      return upsert(simulator.account(request.email), request.event, simulator.clock.now());
    case "move":
      return move(simulator.account(request.email), request.id, request.start);
    case "cancel":
      return cancel(simulator.account(request.email), request.id, request.bare);
    case "clear":
      simulator.account(request.email).clear();
      return {};
    case "set_account":
      simulator.replaceAccount(request.email, request.time_zone);
      return {};
    case "events":
      return simulator.account(request.email).all().map(renderEvent);
    case "settle":
      await simulator.channels.settle();
      return simulator.channels.sent;
    default:
      return misbehave(simulator, request);
  }
}

type Misbehaviour = Exclude<
  CalendarControl,
  { action: "upsert" | "move" | "cancel" | "clear" | "set_account" | "events" | "settle" }
>;

function misbehave(simulator: CalendarSimulator, request: Misbehaviour): unknown {
  switch (request.action) {
    case "expire_tokens":
      simulator.oauth.expireTokens(request.email);
      return {};
    case "revoke":
      simulator.oauth.revoke(request.email);
      return {};
    case "restore":
      simulator.oauth.restore(request.email);
      return {};
    case "expire_sync_tokens":
      simulator.account(request.email).expireSyncTokens();
      return {};
    case "fail":
      simulator.failures.arm({ ...request, delayMs: request.delay_ms });
      return {};
    case "quota":
      simulator.quota.configure(request.limit, request.window_seconds);
      return {};
    case "grant":
      simulator.oauth.grant(request.email, request.scopes);
      return {};
    case "fail_call":
      simulator.faults.arm(readFault(request));
      return {};
    case "push":
      simulator.channels.announce(request.email);
      return {};
    case "channel_lifetime":
      simulator.channels.maxLifetimeMs = request.seconds * 1000;
      return {};
  }
}

function upsert(account: CalendarAccount, event: UpsertEvent, now: Date): unknown {
  const id = event.id ?? stableId(crypto.randomUUID());
  const previous = account.find(id)?.content;
  for (const line of event.recurrence ?? []) checkRule(line);
  const start = event.start ?? (previous === undefined ? nextHour(now) : undefined);
  const times = start === undefined ? undefined : placeEvent(start, event, account);
  const isMovedSeries = previous?.recurrence !== undefined && times !== undefined;
  if (isMovedSeries) throw new ControlError("A series cannot be moved: cancel it and make another");
  const base: EventContent = previous ?? {
    id,
    status: "confirmed",
    start: { dateTime: now.toISOString() },
    end: { dateTime: now.toISOString() },
    organizer: { email: account.email, self: true },
    creator: { email: account.email, self: true },
  };
  const content: EventContent = Object.assign(
    { ...base, status: base.status === "cancelled" ? "confirmed" : base.status },
    times,
    event.summary !== undefined && { summary: event.summary },
    event.recurrence !== undefined && { recurrence: event.recurrence },
    event.attendees !== undefined && { attendees: withSelf(account, event) },
    event.raw,
  );
  return renderEvent(account.put(content));
}

function withSelf(account: CalendarAccount, event: UpsertEvent): Attendee[] {
  const self: Attendee = {
    email: account.email,
    displayName: account.displayName,
    self: true,
    organizer: true,
    responseStatus: event.own_response,
  };
  return [self, ...event.attendees ?? []];
}

function move(account: CalendarAccount, id: string, start: string): unknown {
  const content = account.find(id)?.content;
  if (content === undefined) throw new ControlError(`No event has the id ${id}`);
  if (content.recurrence !== undefined) {
    throw new ControlError("A series cannot be moved: move an instance, or cancel it");
  }
  const minutes = lengthMinutes(content);
  const times = placeEvent(start, { minutes, end: undefined }, account);
  return renderEvent(account.put({ ...content, ...times }));
}

function cancel(account: CalendarAccount, id: string, isBare: boolean): unknown {
  const cancelled = account.cancel(id, isBare);
  if (cancelled === undefined) throw new ControlError(`No event has the id ${id}`);
  return renderEvent(cancelled);
}

function placeEvent(
  start: string,
  event: { readonly minutes: number; readonly end?: string | undefined },
  account: CalendarAccount,
): { start: EventTime; end: EventTime } {
  if (!start.includes("T")) {
    const next = Temporal.PlainDate.from(start).add({ days: 1 }).toString();
    return { start: { date: start }, end: { date: event.end ?? next } };
  }
  const end = event.end ?? new Date(Date.parse(start) + event.minutes * 60_000).toISOString();
  return {
    start: { dateTime: start, timeZone: account.timeZone },
    end: { dateTime: end, timeZone: account.timeZone },
  };
}

function lengthMinutes({ start, end }: EventContent): number {
  if (!("dateTime" in start) || !("dateTime" in end)) return 30;
  return (Date.parse(end.dateTime) - Date.parse(start.dateTime)) / 60_000;
}

function nextHour(now: Date): string {
  const next = new Date(now);
  next.setUTCMinutes(60, 0, 0);
  return next.toISOString().replace(/\.\d{3}Z$/, "Z");
}

function checkRule(line: string): void {
  try {
    parseRule(line);
  } catch (cause) {
    if (cause instanceof RangeError) throw new ControlError(cause.message);
    throw cause;
  }
}
