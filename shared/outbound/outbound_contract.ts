// What the database says to the worker that executes confirmed actions.
import { z } from "zod";

const instant = z.iso.datetime({ offset: true }).transform((text) => new Date(text));

/** The payload of a job `action.execute`. */
export const ExecutePayload = z.object({ effect_id: z.uuid() });

/** An effect that this worker may execute now, or why not. */
export const BegunEffect = z.discriminatedUnion("status", [
  z.object({
    status: z.literal("running"),
    effect_id: z.uuid(),
    org_id: z.uuid(),
    user_id: z.uuid(),
    kind: z.string(),
    /** The stored bytes of the confirmed effect, parsed: exactly what is executed. */
    payload: z.unknown(),
    /** 1 the first time; above that something may have been sent. */
    attempt: z.int().positive(),
    /** Nothing was sent before. */
    confirmed_at: instant.nullish(),
    /** What the last attempt wrote down; null when it did not live to write anything. */
    last_code: z.string().nullish(),
  }),
  z.object({ status: z.enum(["busy", "done", "failed", "cancelled"]) }),
]);
/** An effect that may be executed now. */
export type RunningEffect = Extract<z.output<typeof BegunEffect>, { status: "running" }>;

const account = { connection_id: z.uuid(), account_email: z.string(), calendar_id: z.string() };

/** What the database says to somebody who asks for a person's Google access. */
export const GoogleAccessAnswer = z.discriminatedUnion("status", [
  z.object({ status: z.literal("fresh"), access_token: z.string(), ...account }),
  z.object({ status: z.literal("refresh"), refresh_token: z.string(), ...account }),
  z.object({ status: z.literal("wait") }),
  z.object({ status: z.enum(["needs_reconnect", "scope_missing", "not_connected"]) }),
]);

/** What it says to somebody who asks for the workspace's bot. */
export const SlackAccessAnswer = z.discriminatedUnion("status", [
  z.object({ status: z.literal("ready"), team_id: z.string(), bot_token: z.string() }),
  z.object({ status: z.enum(["not_connected", "needs_reconnect", "channel_not_open"]) }),
]);

/** What signed-in people are told of their connections. */
export const OutboundConnections = z.object({
  org_id: z.uuid(),
  gmail: z.object({ account_email: z.string() }).nullable(),
  calendar: z.object({ account_email: z.string() }).nullable(),
  slack: z.object({
    team_name: z.string(),
    channels: z.array(z.object({ id: z.string(), name: z.string() })),
  }).nullable(),
});
/** See the schema of the same name. */
export type OutboundConnections = z.infer<typeof OutboundConnections>;
